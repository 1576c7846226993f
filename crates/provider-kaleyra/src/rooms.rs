//! Making, finding and deleting rooms at Kaleyra (`kaleyra-video-api.md` §6.2).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::Ordering,
};

use domain::{AccessLink, ProviderUserId, RoomKey, RoomRef};
use kaleyra_video::{Error, NewRoom, Room, RoomId, Version};
use ports::provider::{ProviderError, RoomOpened, RoomSpec};

use crate::{
    KaleyraProvider, failure,
    search::{JUST_MADE, LONG_AGO},
    spec,
};

/// Kaleyra's word for a participant whom it does not know, or no longer (§13).
const NO_SUCH_USER: &str = "invalid_user_id";

impl KaleyraProvider {
    pub(crate) async fn make_or_find(&self, spec: &RoomSpec) -> Result<RoomOpened, ProviderError> {
        let asked_before = self.asked.note(spec.key.clone(), ()).is_some();
        if asked_before && let Some(room) = self.find(spec).await.map_err(may_exist)? {
            return Ok(room);
        }
        let mut made = self.create(spec).await?;
        if made.as_ref().is_err_and(|error| error.code() == Some(NO_SUCH_USER)) {
            // Somebody whom we know was deleted at Kaleyra.
            self.make_anew(&spec.participants).await?;
            made = self.create(spec).await?;
        }
        match made {
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
        let plain = spec::new_room(spec, &self.mark);
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

    /// The room that was made at an earlier request, if there is one. Of several, which nobody has seen yet, one is kept.
    async fn find(&self, spec: &RoomSpec) -> Result<Option<RoomOpened>, ProviderError> {
        let found = self.rooms_of(&spec.key, JUST_MADE).await?;
        let Some((id, doubles)) = found.split_first() else { return Ok(None) };
        let room = self.gate.pass(self.client.room(id)).await?;
        let opened = self.opened(spec, room).await?;
        for double in doubles {
            self.discard(double, "a room that was made twice").await;
        }
        Ok(Some(opened))
    }

    /// The room with everyone's link. A room in which not everyone has one of their own is of no use and is deleted.
    async fn opened(&self, spec: &RoomSpec, room: Room) -> Result<RoomOpened, ProviderError> {
        let mut links = BTreeMap::new();
        for participant in &room.participants {
            let link =
                participant.link.as_ref().map(kaleyra_video::AccessLink::as_str).filter(|link| is_web_address(link));
            if let (Ok(user), Some(link)) = (ProviderUserId::parse(participant.user_id.as_str()), link) {
                links.insert(user, AccessLink::new(link));
            }
        }
        links.retain(|user, _| spec.participants.iter().any(|participant| participant.user == *user));
        let everyone = spec.participants.iter().all(|participant| links.contains_key(&participant.user));
        let own = links.values().map(AccessLink::expose).collect::<BTreeSet<_>>().len() == links.len();
        if everyone && own {
            return Ok(RoomOpened { room: RoomRef::new(room.id.as_str()), links });
        }
        // The room may still be there, so whatever becomes of this, it must not be taken for one that was never made.
        self.discard(&room.id, "a room without a link for everyone").await;
        Err(ProviderError::Unexpected {
            message: "Kaleyra made a room without a link of their own for everyone".to_owned(),
        })
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

    /// Deletes a room that nobody has seen, if that can be done now. Else its guard or a sweep comes to it.
    async fn discard(&self, room: &RoomId, what: &'static str) {
        if let Err(error) = self.delete(room).await {
            tracing::warn!(error = &error as &dyn std::error::Error, what, "a room cannot be deleted at once");
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

/// People open it, and pages frame it: nothing but the web will do.
fn is_web_address(link: &str) -> bool {
    link.starts_with("https://") || link.starts_with("http://")
}

/// An earlier request may have made the room, so no failure to look says that nothing was done.
fn may_exist(error: ProviderError) -> ProviderError {
    if error.nothing_was_done() {
        let doing = "looking for a room that was asked for before";
        return ProviderError::Unavailable { doing, source: Box::new(error) };
    }
    error
}
