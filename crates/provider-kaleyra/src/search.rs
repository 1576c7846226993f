//! Finding rooms by our name for them.

use domain::{RoomKey, RoomRef};
use jiff::{SignedDuration, Timestamp};
use kaleyra_video::{PageRequest, Room, RoomId, RoomStatus};
use ports::provider::{MarkedRoom, MarkedRooms, ProviderError};

use crate::KaleyraProvider;

/// How many of the newest rooms are looked through for one that was asked for a moment ago: two pages.
pub(crate) const JUST_MADE: usize = 2;

/// How many pages are looked through for one that was asked for up to some hours ago: 2000 rooms. Where Kaleyra says when rooms were
/// made, only those are that are as young as the key.
pub(crate) const LONG_AGO: usize = 20;

/// How far our clock and Kaleyra's may be apart.
const CLOCKS_APART_MAX: SignedDuration = SignedDuration::from_hours(1);

impl KaleyraProvider {
    /// The rooms with this key, by their ids: none, one, or more if Kaleyra carried out a request twice. Lists begin with the newest
    /// room (`kaleyra-video-api.md` §3.3).
    pub(crate) async fn rooms_of(&self, key: &RoomKey, pages_max: usize) -> Result<Vec<RoomId>, ProviderError> {
        let wanted = self.mark.description(key);
        let is_wanted = |room: &Room| room.description.as_ref().is_some_and(|text| text.as_str() == wanted);
        let asked = key.origin().and_then(|(_, asked)| asked.checked_sub(CLOCKS_APART_MAX).ok());
        let mut found: Vec<RoomId> = Vec::new();
        let mut request = PageRequest::FIRST;
        for _ in 0..pages_max {
            let page = self.gate.pass(self.client.rooms(request)).await?;
            let next = page.next(request);
            // Rooms of one key are made within moments of each other, so they stand together, at most across two pages.
            let (ends_wanted, too_old) =
                page.items.last().map_or((false, false), |last| (is_wanted(last), is_older(last, asked)));
            for room in page.items.into_iter().filter(is_wanted) {
                // Rooms that were made meanwhile move others to the next page, where they come again.
                if !found.contains(&room.id) {
                    found.push(room.id);
                }
            }
            match next {
                Some(next) if !too_old && (found.is_empty() || ends_wanted) => request = next,
                Some(_) | None => break,
            }
        }
        Ok(found)
    }

    /// One page of the account's rooms, as far as they are this deployment's.
    pub(crate) async fn own_rooms(&self, from: u64) -> Result<MarkedRooms, ProviderError> {
        if !self.mark.has_owner() {
            return Ok(MarkedRooms::default());
        }
        let request = PageRequest::new(from, kaleyra_video::PAGE_ITEMS_MAX);
        let page = self.gate.pass(self.client.rooms(request)).await?;
        let received = u64::try_from(page.items.len()).unwrap_or(u64::MAX);
        let next = page.next(request).and_then(|_| from.checked_add(received));
        let own = |room: Room| {
            Some(MarkedRoom {
                key: self.mark.key(room.description.as_ref()?.as_str())?,
                room: RoomRef::new(room.id.as_str()),
                running: room.status == Some(RoomStatus::Running),
            })
        };
        Ok(MarkedRooms { rooms: page.items.into_iter().filter_map(own).collect(), next })
    }
}

/// Whether the room was made before `moment`, if both are known.
fn is_older(room: &Room, moment: Option<Timestamp>) -> bool {
    room.creation_date.zip(moment).is_some_and(|(made, moment)| made < moment)
}
