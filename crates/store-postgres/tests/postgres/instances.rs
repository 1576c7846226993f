//! Several instances on one database.

use std::sync::Arc;

use domain::{Length, Roster, Schedule, Stage, Teleconsultation, TeleconsultationId};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use ports::teleconsultations::{StoreError, TeleconsultationStore as _};
use store_document::LinkSeal;
use teleconsultation_store_postgres::{Database, PostgresTeleconsultations};

use crate::server::{client, empty};

fn pending() -> Teleconsultation {
    Teleconsultation {
        id: TeleconsultationId::new(Timestamp::UNIX_EPOCH, [1; 8]),
        schedule: Schedule::new(Timestamp::UNIX_EPOCH, Length::For(SignedDuration::from_mins(30)), true).unwrap(),
        roster: Roster::new(2, vec![]).unwrap(),
        stage: Stage::Pending,
    }
}

fn later(teleconsultation: &Teleconsultation) -> Teleconsultation {
    let schedule = teleconsultation.schedule;
    let start = schedule.start() + SignedDuration::from_secs(1);
    Teleconsultation { schedule: Schedule::from_stored(start, schedule.length()), ..teleconsultation.clone() }
}

#[tokio::test]
async fn instances_that_start_at_once_make_one_schema() {
    let url = empty().await;
    let opened = join_all((0..8).map(|_| Database::open(&url))).await;
    assert!(opened.into_iter().all(|database| database.is_ok()));
}

#[tokio::test]
async fn no_change_is_lost_between_instances() {
    const CHANGES: i64 = 50;
    let url = empty().await;
    let mut stores = Vec::new();
    for _ in 0..4 {
        let database = Database::open(&url).await.unwrap();
        stores.push(Arc::new(PostgresTeleconsultations::new(database, LinkSeal::new(&[7; 32]))));
    }
    stores[0].insert(&pending(), &[]).await.unwrap();
    let id = pending().id;
    let tasks: Vec<_> = (0..CHANGES)
        .map(|number| {
            let store = Arc::clone(&stores[usize::try_from(number).unwrap() % stores.len()]);
            let id = id.clone();
            tokio::spawn(async move {
                loop {
                    let (read, version) = store.teleconsultation(&id).await.unwrap().unwrap();
                    match store.replace(&later(&read), version, &[]).await {
                        Ok(_) => return,
                        Err(StoreError::Conflict) => {}
                        Err(error) => panic!("a lost race is a conflict, not: {error}"),
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let (last, version) = stores[1].teleconsultation(&id).await.unwrap().unwrap();
    assert_eq!(last.schedule.start().as_second(), CHANGES);
    assert_eq!(version.0, u64::try_from(CHANGES).unwrap() + 1);
}

#[tokio::test]
async fn a_database_can_be_had_alone_by_one_instance_for_as_long_as_its_connection_lives() {
    let url = empty().await;
    let (first, second) = (Database::open(&url).await.unwrap(), Database::open(&url).await.unwrap());
    let alone = first.alone().await.unwrap().unwrap();
    assert!(second.alone().await.unwrap().is_none());
    // As when the server is restarted, or the network between is gone.
    let ended = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = \
                 (SELECT oid FROM pg_database WHERE datname = current_database())";
    client(&url).await.batch_execute(ended).await.unwrap();
    alone.lost().await;
    let again = second.alone().await.unwrap();
    assert!(again.is_some());
    drop(again);
    assert!(first.alone().await.unwrap().is_some(), "what is dropped is given back");
}
