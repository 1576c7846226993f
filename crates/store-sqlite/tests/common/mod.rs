//! What several tests of the database make.

#![allow(dead_code, reason = "each test takes what it needs of this file")]

use std::path::PathBuf;

use domain::{Length, OpenRoom, RoomKey, RoomRef, Roster, Schedule, Stage, Teleconsultation, TeleconsultationId};
use jiff::{SignedDuration, Timestamp};
use ports::teleconsultations::{CleanupChange, RoomCleanup};
use store_document::LinkSeal;
use teleconsultation_store_sqlite::Database;
use tempfile::TempDir;

/// A database in a directory of its own, which must outlive it.
pub fn database() -> (Database, PathBuf, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data").join("teleconsultation.db");
    (Database::open(&path).unwrap(), path, directory)
}

pub fn id(number: u64) -> TeleconsultationId {
    TeleconsultationId::new(Timestamp::UNIX_EPOCH, number.to_be_bytes())
}

/// Without people: none of these tests looks at them.
pub fn pending(number: u64) -> Teleconsultation {
    Teleconsultation {
        id: id(number),
        schedule: Schedule::from_stored(Timestamp::UNIX_EPOCH, Length::For(SignedDuration::from_mins(30))),
        roster: Roster::from_stored(2, vec![]),
        stage: Stage::Pending,
    }
}

pub fn link_seal() -> LinkSeal {
    LinkSeal::new(&[7; 32])
}

pub fn ready(number: u64) -> Teleconsultation {
    let room = OpenRoom { key: key(number, "b"), room: RoomRef::new("room") };
    Teleconsultation { stage: Stage::Ready(room), ..pending(number) }
}

pub fn key(number: u64, which: &str) -> RoomKey {
    RoomKey::from_stored(format!("{number:020}{which}"))
}

pub fn record(number: u64, which: &str) -> CleanupChange {
    CleanupChange::Record(RoomCleanup {
        key: key(number, which),
        room: None,
        teleconsultation: id(number),
        due: Timestamp::UNIX_EPOCH,
        attempts: 0,
        begun: false,
    })
}
