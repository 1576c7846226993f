//! Ordinary values for the promises.

use domain::{
    Length, OpenRoom, Participant, ParticipantId, ProviderUserId, Role, RoomKey, RoomRef, Roster, Schedule, Stage,
    Teleconsultation, TeleconsultationId,
};
use jiff::{SignedDuration, Timestamp};
use ports::teleconsultations::{CleanupChange, RoomCleanup, TeleconsultationStore, Version};

/// A moment `seconds` after an arbitrary one.
pub(super) fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-03-01T09:00:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

pub(super) fn id(number: u64) -> TeleconsultationId {
    TeleconsultationId::new(at(0), number.to_be_bytes())
}

pub(super) fn key(number: u8) -> RoomKey {
    RoomKey::new([number; 16])
}

pub(super) fn participant(text: &str) -> ParticipantId {
    ParticipantId::parse(text).unwrap()
}

pub(super) fn user(text: &str) -> ProviderUserId {
    ProviderUserId::parse(text).unwrap()
}

/// Nobody has a room yet, and only the doctor is known.
pub(super) fn pending(number: u64) -> Teleconsultation {
    let doctor = Participant {
        id: participant("doctor"),
        provider_user: user("usr_doctor"),
        role: Role::Plus,
        groups: vec![],
        full_name: None,
        language: None,
        access_link: None,
    };
    Teleconsultation {
        id: id(number),
        schedule: Schedule::new(at(3600), Length::For(SignedDuration::from_mins(30)), true).unwrap(),
        roster: Roster::new(2, vec![doctor]).unwrap(),
        stage: Stage::Pending,
    }
}

/// The same with a room.
pub(super) fn ready(number: u64) -> Teleconsultation {
    let room = OpenRoom { key: key(1), room: RoomRef::new("room_1") };
    Teleconsultation { stage: Stage::Ready(room), ..pending(number) }
}

/// The same beginning at another moment.
pub(super) fn starting(teleconsultation: &Teleconsultation, start: Timestamp) -> Teleconsultation {
    let length = teleconsultation.schedule.length();
    Teleconsultation { schedule: Schedule::from_stored(start, length), ..teleconsultation.clone() }
}

pub(super) fn cleanup(number: u8, due: Timestamp) -> RoomCleanup {
    RoomCleanup {
        key: key(number),
        room: Some(RoomRef::new(format!("room_{number}"))),
        teleconsultation: id(1),
        due,
        attempts: 0,
        begun: false,
    }
}

pub(super) fn record(cleanup: &RoomCleanup) -> CleanupChange {
    CleanupChange::Record(cleanup.clone())
}

/// Every cleanup, whenever it is due.
pub(super) async fn cleanups(store: &dyn TeleconsultationStore) -> Vec<RoomCleanup> {
    store.due_cleanups(Timestamp::MAX, u32::MAX).await.unwrap()
}

/// The teleconsultation and its version, trashed or not, which must exist.
pub(super) async fn stored(store: &dyn TeleconsultationStore, id: &TeleconsultationId) -> (Teleconsultation, Version) {
    store.teleconsultation_or_trashed(id).await.unwrap().expect("the teleconsultation exists")
}
