//! Who has to be let in by a host, and who was.

use std::{sync::Arc, time::Duration};

use domain::ProviderUserId;
use jiff::Timestamp;
use ports::{
    content::AdmissionStore,
    rooms::{Member, RoomState, RoomStore, Session},
    teleconsultations::StoreError,
};

/// How long an admission lasts if no session begins.
pub const ADMISSION_MAX: Duration = Duration::from_hours(24);

/// The waiting rooms of all rooms. Clones are the same.
#[derive(Clone)]
pub struct WaitingRooms {
    admissions: Arc<dyn AdmissionStore>,
    rooms: Arc<dyn RoomStore>,
}

impl WaitingRooms {
    /// Looks up who was admitted, and whether that still holds.
    pub fn new(admissions: Arc<dyn AdmissionStore>, rooms: Arc<dyn RoomStore>) -> Self {
        Self { admissions, rooms }
    }

    /// Whether this member may enter at this moment.
    pub async fn lets_in(&self, state: &RoomState, member: &Member, now: Timestamp) -> Result<bool, StoreError> {
        if !waits(member, &state.room.members) {
            return Ok(true);
        }
        let holding = self.holding(state, now).await?;
        Ok(holding.iter().any(|(user, _)| *user == member.user))
    }

    /// Those whose admission holds, and when it was given.
    pub async fn holding(
        &self,
        state: &RoomState,
        now: Timestamp,
    ) -> Result<Vec<(ProviderUserId, Timestamp)>, StoreError> {
        let mut admissions = self.admissions.admissions(&state.room.id).await?;
        if admissions.is_empty() {
            return Ok(admissions);
        }
        let last = match &state.session {
            Some(session) => Some(session.clone()),
            None => self.rooms.sessions(&state.room.id, 1).await?.into_iter().next(),
        };
        admissions.retain(|(_, given)| holds(*given, last.as_ref(), now));
        Ok(admissions)
    }
}

/// Whether somebody has to be let in where there are waiting rooms: admins have not, and where nobody is an admin, nobody could let
/// anybody in.
pub fn waits(member: &Member, members: &[Member]) -> bool {
    !member.admin && members.iter().any(|other| other.admin)
}

/// Whether an admission still holds: it ends with the session, or after [`ADMISSION_MAX`] if none began since. `last` is the room's
/// latest session, be it under way or over. Nothing has to be written for an admission to end, so none outlives a crash.
fn holds(given: Timestamp, last: Option<&Session>, now: Timestamp) -> bool {
    match last.map(|session| session.ended) {
        // Under way.
        Some(None) => true,
        Some(Some(ended)) if ended >= given => false,
        Some(Some(_)) | None => {
            let age = now.duration_since(given);
            age.is_negative() || Duration::try_from(age).is_ok_and(|age| age < ADMISSION_MAX)
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Role;
    use ports::{
        fake::{FakeChance, FakeClock, FakeMediaEngine, rooms::FakeRooms},
        media::{Admission, Identity, RoomName},
        provider::{RoomSpec, UserSpec, VideoProvider},
        rooms::{SessionId, SessionSave},
    };

    use super::*;
    use crate::{
        Doorkeeper, LinkSecret, VideoConfig, VideoService,
        testing::{at, company, id, member, room, room_spec},
    };

    fn session(opened: u64, ended: Option<u64>) -> Session {
        let (session, _) = room("room", &["anna", "bert"]);
        Session { opened: at(opened), ended: ended.map(at), running: None, ..session }
    }

    #[test]
    fn an_admission_ends_with_the_session_or_after_a_day() {
        let day = 24 * 3600;
        assert!(holds(at(100), None, at(100 + day - 1)));
        assert!(!holds(at(100), None, at(100 + day)));
        assert!(holds(at(100), None, at(50)), "a clock that is set back ends none");
        let before = session(10, Some(50));
        assert!(holds(at(100), Some(&before), at(100 + day - 1)));
        assert!(!holds(at(100), Some(&before), at(100 + day)));
        assert!(holds(at(100), Some(&session(110, None)), at(100 + 2 * day)), "while it is under way");
        assert!(!holds(at(100), Some(&session(110, Some(120))), at(121)));
    }

    #[test]
    fn admins_wait_never_and_where_nobody_is_one_nobody_waits() {
        let host = Member { admin: true, ..member("anna") };
        let guest = member("bert");
        assert!(waits(&guest, &[host.clone(), guest.clone()]));
        assert!(!waits(&host, &[host.clone(), guest.clone()]));
        assert!(!waits(&guest, &[member("anna"), guest.clone()]));
    }

    #[tokio::test]
    async fn nobody_gets_a_media_token_or_through_the_door_before_being_let_in_or_after_the_session() {
        let (store, engine) = (Arc::new(FakeRooms::new()), Arc::new(FakeMediaEngine::new()));
        let clock = Arc::new(FakeClock::new(at(0)));
        let waiting_rooms = WaitingRooms::new(store.clone(), store.clone());
        let config = VideoConfig {
            company: company(),
            public_url: "https://visits.example.org".to_owned(),
            region: "eu".to_owned(),
            link_secret: LinkSecret::new([7; 32]),
        };
        let service = VideoService::new(config, store.clone(), engine, clock.clone(), Arc::new(FakeChance::seeded(1)))
            .with_waiting_rooms(waiting_rooms.clone());
        let doorkeeper = Doorkeeper::new(store.clone(), clock.clone()).with_waiting_rooms(waiting_rooms);
        let user = |name, role| UserSpec { id: id(name), role, language: None };
        service.ensure_users(&[user("anna", Role::Plus), user("bert", Role::Basic)]).await.unwrap();
        let mut spec: RoomSpec = room_spec(&["anna", "bert"]);
        spec.participants[0].admin = true;
        let opened = service.ensure_room(&spec).await.unwrap();
        let entered = async |name: &str| {
            let token = opened.links[&id(name)].expose().rsplit('/').next().unwrap();
            let identity = Identity(name.to_owned());
            let door = doorkeeper.admit(&RoomName(opened.room.as_str().to_owned()), &identity).await;
            let entry = service.enter(token).await.ok().unwrap();
            assert_eq!(door.is_some(), entry.media.is_some());
            door.is_some()
        };
        assert!(entered("anna").await, "an admin waits never");
        assert!(!entered("bert").await);
        store.admit(&opened.room, &id("bert"), at(10)).await.unwrap();
        assert!(entered("bert").await);

        let (session, _) = room("room", &["anna", "bert"]);
        let (id, room) = (SessionId("session_bbbbbbbbbbbb".to_owned()), opened.room.clone());
        let session = Session { id, room, opened: at(20), ended: Some(at(30)), running: None, ..session };
        let (room_used, events, notices) = (Duration::ZERO, Vec::new(), Vec::new());
        store.save_sessions(&[SessionSave { session, room_used, time_up: None, events, notices }]).await.unwrap();
        assert!(!entered("bert").await, "although nobody took the admission back");
        store.set_out_of_reach(true);
        let door = doorkeeper.admit(&RoomName(opened.room.as_str().to_owned()), &Identity("bert".to_owned())).await;
        assert_eq!(door, None);
    }
}
