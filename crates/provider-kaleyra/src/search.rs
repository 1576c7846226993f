//! Finding a room by our name for it.

use domain::RoomKey;
use kaleyra_video::{PageRequest, Room, RoomId};
use ports::provider::ProviderError;

use crate::{KaleyraProvider, mark};

/// How many of the newest rooms are looked through for one that was asked for a moment ago: two pages.
pub(crate) const JUST_MADE: usize = 2;

/// How many pages are looked through for one that was asked for up to some hours ago: 10 000 rooms.
pub(crate) const LONG_AGO: usize = 100;

impl KaleyraProvider {
    /// The rooms with this key, by their ids: none, one, or more if Kaleyra carried out a request twice. Lists begin with the newest
    /// room (`kaleyra-video-api.md` §3.3).
    pub(crate) async fn rooms_of(&self, key: &RoomKey, pages_max: usize) -> Result<Vec<RoomId>, ProviderError> {
        let wanted = mark::description(key);
        let is_wanted = |room: &Room| room.description.as_ref().is_some_and(|text| text.as_str() == wanted);
        let mut found = Vec::new();
        let mut request = PageRequest::FIRST;
        for _ in 0..pages_max {
            let page = self.gate.pass(self.client.rooms(request)).await?;
            let next = page.next(request);
            found.extend(page.items.into_iter().filter(is_wanted).map(|room| room.id));
            // Rooms of one key are made within moments of each other, so they stand together.
            match next {
                Some(next) if found.is_empty() => request = next,
                Some(_) | None => break,
            }
        }
        Ok(found)
    }
}
