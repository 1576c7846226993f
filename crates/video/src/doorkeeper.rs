//! Who may enter which media room.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{PARTICIPANTS_MAX, ProviderUserId, RoomRef};
use ports::{
    Clock,
    media::{Admission, Identity, MediaRoom, RoomName},
    rooms::{Member, RoomState, RoomStore},
};

use crate::{metadata::RoomMetadata, rules};

/// Answers the engine when somebody is at the door. It needs nothing of the engine, so it can be made first and given to it.
pub struct Doorkeeper {
    store: Arc<dyn RoomStore>,
    clock: Arc<dyn Clock>,
}

impl Doorkeeper {
    /// Looks rooms up in `store`.
    pub fn new(store: Arc<dyn RoomStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }
}

#[async_trait]
impl Admission for Doorkeeper {
    /// Lets a member in whose link was not taken back while the room exists, is open and has time left. A store that cannot be read
    /// lets nobody in; clients try again.
    async fn admit(&self, room: &RoomName, identity: &Identity) -> Option<MediaRoom> {
        let user = ProviderUserId::parse(&identity.0).ok()?;
        let state = match self.store.room(&RoomRef::new(room.0.clone())).await {
            Ok(state) => state?,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "nobody can be admitted: no room can be read"
                );
                return None;
            }
        };
        open_to(&state, &user)?;
        match self.store.users(&state.room.company, std::slice::from_ref(&user)).await {
            Ok(users) => users.first().filter(|user| user.active)?,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "nobody can be admitted: no user can be read"
                );
                return None;
            }
        };
        Some(media_room(&state, self.clock.as_ref()))
    }
}

/// The member, if the room is open to them.
pub fn open_to<'a>(state: &'a RoomState, user: &ProviderUserId) -> Option<&'a Member> {
    if !rules::is_open(&state.room) {
        return None;
    }
    state.room.member(user).filter(|member| member.link.is_some())
}

/// The room as the engine opens it.
///
/// Only members are admitted and each has one place, so the provider's limit is enough. The number of members would turn away
/// somebody who comes back before the engine has noticed that they were gone.
fn media_room(state: &RoomState, clock: &dyn Clock) -> MediaRoom {
    MediaRoom {
        name: RoomName(state.room.id.as_str().to_owned()),
        participants_max: u32::from(PARTICIPANTS_MAX),
        metadata: RoomMetadata::of(&state.room, state.session.as_ref(), clock.now()).to_json(),
    }
}
