//! What the tests of this crate share.

use std::{sync::Mutex, time::Duration};

use domain::{ProviderUserId, Role, RoomKey, RoomRef, Tools};
use jiff::Timestamp;
use ports::{
    Clock,
    provider::{CallType, Recording, RoomParticipant, RoomSpec},
    rooms::{CompanyId, Member, Room, Running, Session, SessionId, User},
};

/// A clock that goes with tokio's, which tests pause, and can be set apart from it.
pub struct TokioClock {
    start: tokio::time::Instant,
    set_by_ms: Mutex<i64>,
}

impl TokioClock {
    pub fn new() -> Self {
        Self { start: tokio::time::Instant::now(), set_by_ms: Mutex::new(0) }
    }

    /// Sets the clock forwards or backwards.
    pub fn jump_ms(&self, by: i64) {
        *self.set_by_ms.lock().unwrap() += by;
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.start.elapsed().as_millis()).unwrap();
        at(0) + Duration::from_millis(u64::try_from(86_400_000 + passed + *self.set_by_ms.lock().unwrap()).unwrap())
    }
}

/// So many seconds after the tests' beginning of time.
pub fn at(seconds: u64) -> Timestamp {
    "2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + Duration::from_secs(seconds)
}

pub fn id(name: &str) -> ProviderUserId {
    ProviderUserId::parse(name).unwrap()
}

pub fn company() -> CompanyId {
    CompanyId("default".to_owned())
}

pub fn user(name: &str, role: Role) -> User {
    User { company: company(), id: id(name), role, allow_camera: true, active: true, language: None, created: at(0) }
}

pub fn member(name: &str) -> Member {
    Member {
        user: id(name),
        admin: false,
        tools: Tools::all(),
        display_name: None,
        language: None,
        link: None,
        links_replaced: 0,
    }
}

pub fn room_spec(names: &[&str]) -> RoomSpec {
    let participant = |name: &&str| RoomParticipant {
        user: id(name),
        admin: false,
        tools: Tools::all(),
        display_name: None,
        language: None,
    };
    RoomSpec {
        key: RoomKey::new([1; 16]),
        participants: names.iter().map(participant).collect(),
        duration: None,
        live: false,
        recording: Recording::None,
    }
}

/// A room, and a session in it that has been running for 100 s.
pub fn room(name: &str, names: &[&str]) -> (Session, Room) {
    let room = Room {
        id: RoomRef::new(name),
        company: company(),
        key: RoomKey::new([1; 16]),
        members: names.iter().map(|name| member(name)).collect(),
        duration: None,
        live: false,
        recording: Recording::None,
        call_type: CallType::AudioVideo,
        description: None,
        created: at(0),
        used: Duration::ZERO,
        closure: None,
    };
    let people: std::collections::BTreeSet<_> = names.iter().map(|name| id(name)).collect();
    let session = Session {
        id: SessionId("session_aaaaaaaaaaaa".to_owned()),
        room: room.id.clone(),
        opened: at(0),
        ended: None,
        used: Duration::from_secs(100),
        running: Some(Running { since: at(0), used_before: Duration::ZERO }),
        counted_until: at(100),
        connected: people.clone(),
        people,
        connections: 2,
    };
    (session, room)
}
