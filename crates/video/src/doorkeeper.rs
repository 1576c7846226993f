//! Who may enter which media room.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{PARTICIPANTS_MAX, ProviderUserId, RoomRef};
use ports::{
    Clock,
    media::{Admission, Identity, MediaRoom, RoomName},
    rooms::{Member, RoomState, RoomStore},
};

use crate::{
    checks::{self, Checks},
    identity,
    metadata::RoomMetadata,
    rules,
    waiting_room::WaitingRooms,
};

/// Answers the engine when somebody is at the door. It needs nothing of the engine, so it can be made first and given to it.
pub struct Doorkeeper {
    store: Arc<dyn RoomStore>,
    clock: Arc<dyn Clock>,
    waiting_rooms: Option<WaitingRooms>,
    checks: Option<Arc<Checks>>,
}

impl Doorkeeper {
    /// Looks rooms up in `store`.
    pub fn new(store: Arc<dyn RoomStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, waiting_rooms: None, checks: None }
    }

    /// Lets people into the rooms of these checks too.
    #[must_use]
    pub fn with_checks(self, checks: Arc<Checks>) -> Self {
        Self { checks: Some(checks), ..self }
    }

    /// Lets nobody in who has not been let out of the waiting room.
    #[must_use]
    pub fn with_waiting_rooms(self, waiting_rooms: WaitingRooms) -> Self {
        Self { waiting_rooms: Some(waiting_rooms), ..self }
    }
}

#[async_trait]
impl Admission for Doorkeeper {
    /// Lets a member in, with what was given for the link that they have at this moment, while the room exists, is open and has time
    /// left. A store that cannot be read lets nobody in; clients try again.
    async fn admit(&self, room: &RoomName, identity: &Identity) -> Option<MediaRoom> {
        if checks::is_check(room) {
            return self.checks.as_ref()?.admit(room, identity, self.clock.now());
        }
        let (user, links_replaced) = identity::read(identity)?;
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
        // A media token outlives the link that it was given for by some minutes; it must not outlive it in use.
        let member = open_to(&state, &user).filter(|member| member.links_replaced == links_replaced)?;
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
        if let Some(waiting_rooms) = &self.waiting_rooms {
            match waiting_rooms.lets_in(&state, member, self.clock.now()).await {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "nobody can be admitted: no admission can be read"
                    );
                    return None;
                }
            }
        }
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

/// Whether somebody came by the link that they have at this moment, into a room that nobody has closed.
pub fn has_link(state: &RoomState, identity: &Identity) -> bool {
    identity::read(identity).is_some_and(|(user, links_replaced)| {
        let member = state.room.member(&user).filter(|_| state.room.closure.is_none());
        member.is_some_and(|member| member.links_replaced == links_replaced)
    })
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

#[cfg(test)]
mod tests {
    use domain::Role;
    use ports::{
        fake::{FakeChance, FakeClock, FakeMediaEngine, rooms::FakeRooms},
        media::MediaEngine,
        provider::{UserSpec, VideoProvider},
    };

    use super::*;
    use crate::{
        LinkSecret, Reissue, VideoConfig, VideoService,
        testing::{at, company, id, room_spec},
    };

    #[tokio::test]
    async fn what_was_given_for_a_link_admits_nobody_once_it_was_taken_back() {
        let (store, engine) = (Arc::new(FakeRooms::new()), Arc::new(FakeMediaEngine::new()));
        let clock = Arc::new(FakeClock::new(at(0)));
        let config = VideoConfig {
            company: company(),
            public_url: "https://visits.example.org".to_owned(),
            region: "eu".to_owned(),
            link_secret: LinkSecret::new([7; 32]),
        };
        let chance = Arc::new(FakeChance::seeded(1));
        let service = VideoService::new(config, store.clone(), engine.clone(), clock.clone(), chance);
        let doorkeeper = Doorkeeper::new(store, clock);
        let user = |name, role| UserSpec { id: id(name), role, language: None };
        service.ensure_users(&[user("anna", Role::Plus), user("bert", Role::Basic)]).await.unwrap();
        let opened = service.ensure_room(&room_spec(&["anna", "bert"])).await.unwrap();
        let name = RoomName(opened.room.as_str().to_owned());
        let identity_of = async |link: &domain::AccessLink| {
            service.enter(link.expose().rsplit('/').next().unwrap()).await.ok().unwrap();
            engine.grants().pop().unwrap().identity
        };
        let berts = identity_of(&opened.links[&id("bert")]).await;
        let mut annas = identity_of(&opened.links[&id("anna")]).await;
        let room = doorkeeper.admit(&name, &berts).await.unwrap();
        engine.open_room(&room).await.unwrap();
        engine.join(&name, &berts).unwrap();

        for _ in 0..3 {
            assert!(doorkeeper.admit(&name, &annas).await.is_some());
            engine.join(&name, &annas).unwrap();
            let link = service.revoke_link(&opened.room, &id("anna"), Reissue::New).await.unwrap().unwrap();
            let present = engine.participants(&name).await.unwrap();
            assert_eq!(present, std::slice::from_ref(&berts), "she alone is disconnected");
            let after = identity_of(&link).await;
            assert_eq!(doorkeeper.admit(&name, &annas).await, None);
            annas = after;
        }
        assert!(doorkeeper.admit(&name, &berts).await.is_some());
        service.revoke_link(&opened.room, &id("anna"), Reissue::None).await.unwrap();
        assert_eq!(doorkeeper.admit(&name, &annas).await, None);
    }
}
