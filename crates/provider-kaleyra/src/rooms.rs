//! Making, finding and deleting rooms at Kaleyra (`kaleyra-video-api.md` §6.2).

use std::{collections::BTreeMap, sync::atomic::Ordering};

use domain::{AccessLink, ProviderUserId, RoomKey, RoomRef};
use kaleyra_video::{Error, NewRoom, Room, RoomId, Version};
use ports::provider::{ProviderError, RoomOpened, RoomSpec};

use crate::{
    KaleyraProvider, failure,
    search::{JUST_MADE, LONG_AGO},
    spec,
};

impl KaleyraProvider {
    pub(crate) async fn make_or_find(&self, spec: &RoomSpec) -> Result<RoomOpened, ProviderError> {
        let asked_before = self.asked.note(spec.key.clone(), ()).is_some();
        if asked_before && let Some(room) = self.find(spec).await? {
            return Ok(room);
        }
        match self.create(spec).await? {
            Ok(room) => self.opened(spec, room).await,
            Err(error) if error.may_have_taken_effect() => match self.find(spec).await {
                Ok(Some(room)) => Ok(room),
                // What went wrong first says more. If there is a room after all, whoever asked deletes it by its key.
                Ok(None) | Err(_) => Err(failure::sorted(error)),
            },
            Err(error) => Err(failure::sorted(error)),
        }
    }

    /// Asks for the room; if it is recorded, with its recordings transcribed. The only way to learn whether the company has that feature
    /// is to ask: without it the whole room is refused (`kaleyra-video-api.md` §6.2), and then asked for without.
    async fn create(&self, spec: &RoomSpec) -> Result<Result<Room, Error>, ProviderError> {
        let plain = spec::new_room(spec);
        let is_recorded = plain.recording != kaleyra_video::Recording::None;
        let transcribes = self.client.version() == Version::V2 && !self.never_transcribes.load(Ordering::Relaxed);
        if is_recorded && transcribes {
            let with_text = NewRoom { offline_transcription: true, ..plain.clone() };
            match self.gate.pass_raw(self.client.create_room(&with_text)).await? {
                Err(Error::Refused { .. }) => {}
                outcome => return Ok(outcome),
            }
        }
        let outcome = self.gate.pass_raw(self.client.create_room(&plain)).await?;
        if is_recorded && transcribes && outcome.is_ok() {
            self.never_transcribes.store(true, Ordering::Relaxed);
            tracing::warn!("Kaleyra makes rooms only without transcription: this company does not have it");
        }
        Ok(outcome)
    }

    /// The room that was made at an earlier request, if there is one.
    async fn find(&self, spec: &RoomSpec) -> Result<Option<RoomOpened>, ProviderError> {
        let found = self.rooms_of(&spec.key, JUST_MADE).await?;
        let Some(id) = found.first() else { return Ok(None) };
        let room = self.gate.pass(self.client.room(id)).await?;
        self.opened(spec, room).await.map(Some)
    }

    /// The room with everyone's link. A room in which somebody has none is of no use and is deleted.
    async fn opened(&self, spec: &RoomSpec, room: Room) -> Result<RoomOpened, ProviderError> {
        let mut links = BTreeMap::new();
        for participant in &room.participants {
            if let (Ok(user), Some(link)) = (ProviderUserId::parse(participant.user_id.as_str()), &participant.link) {
                links.insert(user, AccessLink::new(link.as_str()));
            }
        }
        if spec.participants.iter().all(|participant| links.contains_key(&participant.user)) {
            return Ok(RoomOpened { room: RoomRef::new(room.id.as_str()), links });
        }
        self.delete(&room.id).await?;
        Err(ProviderError::Unexpected { message: "Kaleyra made a room without a link for everyone".to_owned() })
    }

    /// Kaleyra's record of a room; `None` if there is no such room.
    pub(crate) async fn known_room(&self, room: &RoomRef) -> Result<Option<Room>, ProviderError> {
        match self.gate.pass_raw(self.client.room(&room.as_str().into())).await? {
            Ok(room) => Ok(Some(room)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failure::sorted(error)),
        }
    }

    /// Deletes a room. One that does not exist is deleted already.
    pub(crate) async fn delete(&self, room: &RoomId) -> Result<(), ProviderError> {
        match self.gate.pass_raw(self.client.delete_room(room)).await? {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failure::sorted(error)),
        }
    }

    /// Deletes whatever was made under a key, by us or by a process before us.
    pub(crate) async fn delete_all_of(&self, key: &RoomKey) -> Result<(), ProviderError> {
        for room in self.rooms_of(key, LONG_AGO).await? {
            self.delete(&room).await?;
        }
        Ok(())
    }
}
