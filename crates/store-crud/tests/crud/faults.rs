//! The CRUD Service's faults are input: each gives an answer in bounded time, a clear error, and a state that is tidied up.

use std::cell::Cell;

use app::{Change, Ctx, Expected, People, change, delete, finish_due_cleanups, read, schedule};
use crud_service_fake::{Collection, Fault};
use domain::{ParticipantId, TeleconsultationId};
use platform::{ATTEMPT_TIMEOUT, ATTEMPTS_MAX};
use ports::teleconsultations::{CleanupChange, RoomCleanup, StoreError, TeleconsultationStore};
use teleconsultation_store_crud::{CrudConfig, CrudConfigError, CrudTeleconsultations};

use crate::world::{ROOMS, World, booking, outbound, person, privileges};

/// What somebody asks for, and may ask for again.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Schedule,
    Replace,
    Delete,
    Read,
    Work,
}

impl Deed {
    async fn is_done(self, ctx: &Ctx, id: &TeleconsultationId) -> bool {
        match self {
            Self::Schedule => schedule(ctx, &booking(2, &["doctor 1", "anna"])).await.is_ok(),
            Self::Replace => {
                let people = People { expected: Expected::Number(2), known: ["doctor 1", "bert"].map(person).into() };
                change(ctx, id, &Change { people: Some(people), ..Change::default() }).await.is_ok()
            }
            Self::Delete => delete(ctx, id).await.is_ok(),
            Self::Read => read(ctx, Some(&ParticipantId::parse("anna").unwrap()), id).await.is_ok(),
            Self::Work => finish_due_cleanups(ctx).await.is_ok(),
        }
    }
}

/// One teleconsultation with a room, and a cleanup of that room that a lost race has left.
async fn world_with_one(outbound: &platform::Outbound) -> (World, TeleconsultationId) {
    let world = World::start(outbound).await;
    let id = world.schedule(&booking(2, &["doctor 1", "anna"])).await;
    let (one, _) = world.store.teleconsultation(&id).await.unwrap().unwrap();
    let leftover = RoomCleanup {
        key: one.room().unwrap().key.clone(),
        room: None,
        teleconsultation: id.clone(),
        due: world.ctx.clock.now(),
        attempts: 0,
        begun: true,
    };
    world.store.change_cleanups(&[CleanupChange::Record(leftover)]).await.unwrap();
    (world, id)
}

/// Lets one call after the other fail so, and sees everything tidied up each time.
async fn fails_at_each_call(deed: Deed, fault: Fault) -> usize {
    let outbound = outbound();
    for number in 0.. {
        let told = format!("{deed:?}, {fault:?} at call {number}");
        let (mut world, id) = world_with_one(&outbound).await;
        let mut calls = world.fake.hold();
        let has_failed = Cell::new(false);
        let failing = async {
            for _ in 0..number {
                calls.next().await.answer().await;
            }
            calls.next().await.fail(fault).await;
            has_failed.set(true);
            loop {
                calls.next().await.answer().await;
            }
        };
        tokio::select! {
            _ = deed.is_done(&world.ctx, &id) => {}
            () = failing => unreachable!("it goes on for ever"),
        }
        drop(calls);
        if !has_failed.get() {
            return number;
        }
        world.restart(&outbound);
        world.mend().await;
        world.assert_tidy(&told).await;
        assert!(deed.is_done(&world.ctx, &id).await, "{told}: not even again");
        world.mend().await;
        world.assert_tidy(&told).await;
    }
    unreachable!("every deed comes to an end")
}

const DEEDS: [Deed; 5] = [Deed::Schedule, Deed::Replace, Deed::Delete, Deed::Read, Deed::Work];

#[tokio::test]
async fn a_refusal_at_any_call_is_tidied_up() {
    for deed in DEEDS {
        assert!(fails_at_each_call(deed, Fault::Before(400)).await >= 1);
    }
}

#[tokio::test]
async fn an_absence_that_is_none_is_tidied_up_at_any_call() {
    for deed in DEEDS {
        assert!(fails_at_each_call(deed, Fault::Before(404)).await >= 1);
    }
}

#[tokio::test]
async fn a_failure_after_the_fact_is_tidied_up_at_any_call() {
    for deed in DEEDS {
        assert!(fails_at_each_call(deed, Fault::After(500)).await >= 1);
    }
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_tidied_up_at_any_call() {
    for deed in DEEDS {
        assert!(fails_at_each_call(deed, Fault::Garbage).await >= 1);
    }
}

#[tokio::test]
async fn each_fault_of_a_read_has_its_meaning() {
    let (world, id) = world_with_one(&outbound()).await;
    let read = async |faults: &[Fault]| {
        for fault in faults {
            world.fake.fail("GET ", *fault);
        }
        world.store.teleconsultation(&id).await
    };
    for fault in [Fault::Before(500), Fault::Before(503), Fault::Before(429), Fault::Before(408)] {
        assert!(read(&[fault]).await.unwrap().is_some(), "{fault:?} is tried again");
        let error = read(&[fault; 3]).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{fault:?}: {error}");
    }
    assert_eq!(read(&[Fault::Before(404)]).await.unwrap(), None);
    for fault in [
        Fault::Before(400),
        Fault::Before(401),
        Fault::Before(403),
        Fault::Before(409),
        Fault::Before(302),
        Fault::Garbage,
        Fault::Half,
        Fault::Enormous,
    ] {
        let error = read(&[fault]).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { .. }), "{fault:?}: {error}");
        assert!(!format!("{error:?}").contains("anna"), "{fault:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_waited_for_no_longer_than_it_may_take() {
    let (world, id) = world_with_one(&outbound()).await;
    let _calls = world.fake.hold();
    tokio::time::pause();
    let asked = tokio::time::Instant::now();
    let error = world.store.teleconsultation(&id).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    assert!(asked.elapsed() < ATTEMPT_TIMEOUT * (ATTEMPTS_MAX + 1), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_collection_that_is_not_there_is_found_out() {
    let world = World::with(vec![Collection::user_id_map()], &outbound()).await;
    let error = world.store.health().await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    assert!(error.to_string().contains("status 404"), "{error}");
    assert!(schedule(&world.ctx, &booking(2, &["doctor 1"])).await.is_err());
}

#[tokio::test]
async fn columns_that_cannot_be_asked_for_are_asked_for_again() {
    let world = World::start(&outbound()).await;
    world.fake.fail(format!("GET {ROOMS}/schema"), Fault::Before(404));
    world.schedule(&booking(2, &[])).await;
    world.schedule(&booking(2, &[])).await;
    let has_state: Vec<_> =
        world.documents("PUBLIC").iter().map(|document| document.get("teleconsultationState").is_some()).collect();
    assert_eq!(has_state, [false, true]);
}

#[test]
fn names_that_no_collection_has_are_refused() {
    let config = CrudConfig {
        service: platform::Address::parse("crud-service").unwrap(),
        teleconsultations: "/bk-ts-teleconsultations".to_owned(),
        user_id_map: "bk-ts-userid-maps/".to_owned(),
        privileges: privileges(),
    };
    let made = |config| {
        let clock = std::sync::Arc::new(ports::fake::FakeClock::new(jiff::Timestamp::UNIX_EPOCH));
        CrudTeleconsultations::new(config, outbound(), clock).map(drop)
    };
    assert_eq!(made(config.clone()), Ok(()));
    let without = CrudConfig { teleconsultations: String::new(), ..config.clone() };
    assert!(matches!(made(without), Err(CrudConfigError::Teleconsultations(_))));
    let outside = CrudConfig { user_id_map: "../users".to_owned(), ..config };
    assert!(matches!(made(outside), Err(CrudConfigError::UserIdMap(_))));
}
