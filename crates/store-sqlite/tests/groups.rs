//! Operations that share a commit share nothing else, and many at once stay right.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use common::{database, id, link_seal, pending, ready, record};
use domain::{RoomKey, RoomRef};
use futures_util::future::join_all;
use jiff::Timestamp;
use ports::{
    provider::{CallType, Recording},
    rooms::{CompanyId, Room, RoomStore},
    teleconsultations::{StoreError, TeleconsultationStore},
};
use rusqlite::Connection;
use teleconsultation_store_sqlite::{Database, Fault, SqliteRooms, SqliteTeleconsultations};

fn beat(connection: &Connection) -> Result<(), Fault> {
    connection.execute("UPDATE heartbeat SET beats = beats + 1", [])?;
    Ok(())
}

async fn beats(database: &Database) -> i64 {
    let read = |c: &Connection| Ok(c.query_row("SELECT beats FROM heartbeat", [], |row| row.get(0))?);
    database.read("reading", read).await.unwrap()
}

#[tokio::test]
async fn an_operation_that_fails_is_undone_and_its_neighbours_are_not() {
    let (database, _path, _directory) = database();
    let outcomes = join_all((0..300).map(async |number| {
        let operation = move |connection: &Connection| {
            beat(connection)?;
            if number % 3 == 0 { Err(Fault::Conflict) } else { Ok(()) }
        };
        database.write("beating", operation).await
    }));
    let conflicts = outcomes.await.into_iter().filter(|outcome| matches!(outcome, Err(StoreError::Conflict))).count();
    assert_eq!(conflicts, 100);
    assert_eq!(beats(&database).await, 200);
}

#[tokio::test]
async fn an_operation_that_panics_is_undone_and_the_writer_goes_on() {
    let (database, _path, _directory) = database();
    let panicking = database.write("panicking", |connection| -> Result<(), Fault> {
        beat(connection)?;
        panic!("on purpose, in a test");
    });
    let (panicked, beaten) = tokio::join!(panicking, database.write("beating", beat));
    assert!(matches!(panicked, Err(StoreError::Unavailable { doing: "panicking", .. })));
    beaten.unwrap();
    database.write("beating", beat).await.unwrap();
    assert_eq!(beats(&database).await, 2);
}

#[tokio::test]
async fn an_operation_whose_caller_stops_waiting_still_runs() {
    let (database, _path, _directory) = database();
    let mut abandoned = Box::pin(database.write("beating", beat));
    assert!(futures_util::poll!(&mut abandoned).is_pending());
    drop(abandoned);
    database.write("beating", beat).await.unwrap();
    assert_eq!(beats(&database).await, 2);
}

#[tokio::test]
async fn a_full_disk_is_unavailable_loses_nothing_answered_and_heals() {
    let (database, _path, _directory) = database();
    let store = SqliteTeleconsultations::new(database.clone(), link_seal());
    let limit = |pages: i64| {
        database.write("limiting", move |c: &Connection| {
            Ok(c.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get::<_, i64>(0))?)
        })
    };
    limit(60).await.unwrap();
    let insert = async |number| {
        let teleconsultation = pending(number);
        store.insert(&teleconsultation, &[record(number, "a")]).await
    };
    // Of those that come together, none may find room: a group is written whole or not at all.
    let mut outcomes = vec![insert(0).await];
    outcomes.extend(join_all((1..3000).map(insert)).await);
    assert!(outcomes.iter().any(Result::is_ok));
    assert!(outcomes.iter().any(Result::is_err));
    for (number, outcome) in (0..).zip(&outcomes) {
        match outcome {
            Ok(_) => assert!(store.teleconsultation(&id(number)).await.unwrap().is_some()),
            Err(StoreError::Unavailable { .. }) => {
                assert_eq!(store.teleconsultation(&id(number)).await.unwrap(), None);
            }
            Err(error) => panic!("{error}"),
        }
    }
    let kept = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(store.due_cleanups(Timestamp::MAX, u32::MAX).await.unwrap().len(), kept, "no half write");

    limit(1_000_000).await.unwrap();
    let refused: Vec<_> =
        (0..).zip(&outcomes).filter(|(_, outcome)| outcome.is_err()).map(|(n, _)| pending(n)).collect();
    let again = join_all(refused.iter().map(async |teleconsultation| store.insert(teleconsultation, &[]).await)).await;
    assert!(again.iter().all(Result::is_ok));
}

#[tokio::test]
async fn a_file_that_somebody_else_holds_is_unavailable_until_they_let_go() {
    let (database, path, _directory) = database();
    let store = SqliteTeleconsultations::new(database.clone(), link_seal());
    database.write("losing patience", |c| Ok(c.busy_timeout(Duration::ZERO)?)).await.unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(store.insert(&pending(1), &[]).await, Err(StoreError::Unavailable { .. })));
    assert!(matches!(store.health().await, Err(StoreError::Unavailable { .. })));
    assert_eq!(store.teleconsultation(&id(1)).await.unwrap(), None, "reading goes on");
    other.execute_batch("ROLLBACK").unwrap();
    store.insert(&pending(1), &[]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_thread_reads_what_was_answered_and_time_never_runs_backwards() {
    let (database, _path, _directory) = database();
    let store = SqliteTeleconsultations::new(database.clone(), link_seal());
    let writers: Vec<_> = (0..8)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut version = store.insert(&pending(number), &[]).await.unwrap();
                for round in 0..50 {
                    let next = if round % 2 == 0 { ready(number) } else { pending(number) };
                    version = store.replace(&next, version, &[]).await.unwrap();
                    let read = store.clone();
                    let elsewhere = tokio::spawn(async move { read.teleconsultation(&id(number)).await.unwrap() });
                    assert_eq!(elsewhere.await.unwrap(), Some((next, version)));
                }
            })
        })
        .collect();
    let readers: Vec<_> = (0..8)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut seen = None;
                while seen.is_none_or(|version: ports::teleconsultations::Version| version.0 < 51) {
                    if let Some((_, version)) = store.teleconsultation(&id(number)).await.unwrap() {
                        assert!(seen.is_none_or(|before| before <= version));
                        seen = Some(version);
                    }
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for task in writers.into_iter().chain(readers) {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn a_change_whose_caller_stops_waiting_is_read_all_the_same() {
    let (database, _path, _directory) = database();
    let store = SqliteTeleconsultations::new(database.clone(), link_seal());
    let version = store.insert(&pending(1), &[]).await.unwrap();
    assert_eq!(store.teleconsultation(&id(1)).await.unwrap(), Some((pending(1), version)));
    let next = ready(1);
    let mut abandoned = store.replace(&next, version, &[]);
    assert!(futures_util::poll!(&mut abandoned).is_pending());
    drop(abandoned);
    // Whatever is asked for later is written later.
    database.write("beating", beat).await.unwrap();
    let other = SqliteTeleconsultations::new(database, link_seal());
    assert_eq!(other.teleconsultation(&id(1)).await.unwrap().map(|(read, _)| read), Some(ready(1)));
}

#[tokio::test]
async fn a_guard_a_room_and_their_teleconsultation_are_written_together_or_not_at_all() {
    let (database, _path, _directory) = database();
    let (store, rooms) =
        (SqliteTeleconsultations::new(database.clone(), link_seal()), SqliteRooms::new(database.clone()));
    let write = async |number: u64, id: &str| {
        let guard = store.defer_cleanups(&[record(number, "guard")]).await.unwrap();
        let room = rooms.defer_room(&room(number, id)).await.unwrap().unwrap();
        store.insert_after(guard.then(room), &pending(number), &[]).await
    };
    let guards = async || store.due_cleanups(Timestamp::MAX, 10).await.unwrap().len();
    write(1, "room_1").await.unwrap();
    assert!(matches!(write(2, "room_1").await, Err(StoreError::Conflict)), "the room's id exists");
    assert!(matches!(write(1, "room_2").await, Err(StoreError::Conflict)), "the room's key exists");
    assert_eq!(guards().await, 1);
    assert_eq!(store.teleconsultation(&id(2)).await.unwrap(), None);
    assert_eq!(rooms.room(&RoomRef::new("room_2")).await.unwrap(), None);

    // With a write of another database, one after the other: that one stays.
    let (other, _other_path, _other_directory) = self::database();
    let foreign =
        SqliteTeleconsultations::new(other.clone(), link_seal()).defer_cleanups(&[record(3, "guard")]).await.unwrap();
    let room = rooms.defer_room(&room(3, "room_3")).await.unwrap().unwrap();
    assert!(matches!(store.insert_after(foreign.then(room), &pending(1), &[]).await, Err(StoreError::Conflict)));
    assert!(rooms.room(&RoomRef::new("room_3")).await.unwrap().is_some());
    assert_eq!(
        SqliteTeleconsultations::new(other, link_seal()).due_cleanups(Timestamp::MAX, 10).await.unwrap().len(),
        1
    );
}

fn room(number: u64, id: &str) -> Room {
    Room {
        id: RoomRef::new(id),
        company: CompanyId("company".to_owned()),
        key: RoomKey::from_stored(number.to_string()),
        members: vec![],
        duration: None,
        live: false,
        recording: Recording::None,
        call_type: CallType::AudioVideo,
        description: None,
        created: Timestamp::UNIX_EPOCH,
        used: Duration::ZERO,
        closure: None,
    }
}
