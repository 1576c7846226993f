//! Promises about the teleconsultations themselves.

use domain::{OpenRoom, RoomRef, Stage, Teleconsultation};
use futures_util::future::join_all;
use ports::teleconsultations::{StoreError, TeleconsultationStore};

use super::{
    arbitrary,
    sample::{at, cleanup, cleanups, id, key, pending, ready, record, starting, stored},
};
use ports::teleconsultations::CleanupChange;

/// Whatever the texts, dates, roles, links and options, after an insert as after a replace.
pub async fn everything_of_a_teleconsultation_reads_back_equal(store: &dyn TeleconsultationStore) {
    let teleconsultations = || {
        let is_exact = store.abilities().exact;
        arbitrary::teleconsultations(100).map(move |one| if is_exact { one } else { arbitrary::plainer(one) })
    };
    for written in teleconsultations() {
        let inserted = store.insert(&written, &[]).await.unwrap();
        assert_eq!(stored(store, &written.id).await, (written, inserted));
    }
    let mut current = (pending(1), store.insert(&pending(1), &[]).await.unwrap());
    for mut next in teleconsultations() {
        next.id = id(1);
        let replaced = store.replace(&next, current.1, &[]).await.unwrap();
        current = (next, replaced);
        assert_eq!(stored(store, &id(1)).await, current);
    }
}

/// Both readers say `None`.
pub async fn an_unknown_id_is_an_answer_and_no_error(store: &dyn TeleconsultationStore) {
    store.insert(&pending(1), &[]).await.unwrap();
    assert_eq!(store.teleconsultation(&id(2)).await.unwrap(), None);
    assert_eq!(store.teleconsultation_or_trashed(&id(2)).await.unwrap(), None);
}

/// Also if the first was trashed. No cleanup of the second is recorded or settled.
pub async fn inserting_an_id_twice_conflicts_and_keeps_the_first(store: &dyn TeleconsultationStore) {
    let first_cleanup = cleanup(1, at(1));
    let first = store.insert(&pending(1), &[record(&first_cleanup)]).await.unwrap();
    let changes = [CleanupChange::Settle(key(1)), record(&cleanup(2, at(2)))];
    let second = store.insert(&starting(&pending(1), at(9)), &changes).await;
    assert!(matches!(second, Err(StoreError::Conflict)));
    assert_eq!(stored(store, &id(1)).await, (pending(1), first));
    assert_eq!(cleanups(store).await, [first_cleanup]);

    store.replace(&pending(1).trashed(), first, &[]).await.unwrap();
    assert!(matches!(store.insert(&pending(1), &[]).await, Err(StoreError::Conflict)));
}

/// And never one that was there before.
pub async fn replacing_gives_the_version_that_is_read_next(store: &dyn TeleconsultationStore) {
    let first = store.insert(&pending(1), &[]).await.unwrap();
    let second = store.replace(&ready(1), first, &[]).await.unwrap();
    assert_eq!(stored(store, &id(1)).await, (ready(1), second));
    // Also if nothing changes.
    let third = store.replace(&ready(1), second, &[]).await.unwrap();
    assert_eq!(stored(store, &id(1)).await, (ready(1), third));
    assert!(first < second && second < third);
}

/// Neither the teleconsultation nor any cleanup.
pub async fn replacing_at_an_old_version_conflicts_and_changes_nothing(store: &dyn TeleconsultationStore) {
    let kept = cleanup(1, at(1));
    let first = store.insert(&pending(1), &[record(&kept)]).await.unwrap();
    let second = store.replace(&ready(1), first, &[]).await.unwrap();
    let changes = [CleanupChange::Settle(key(1)), record(&cleanup(2, at(2)))];
    let late = store.replace(&starting(&pending(1), at(9)), first, &changes).await;
    assert!(matches!(late, Err(StoreError::Conflict)));
    assert_eq!(stored(store, &id(1)).await, (ready(1), second));
    assert_eq!(cleanups(store).await, [kept]);
}

/// A replace is not an insert.
pub async fn replacing_what_does_not_exist_conflicts_and_makes_nothing(store: &dyn TeleconsultationStore) {
    let elsewhere = store.insert(&pending(1), &[]).await.unwrap();
    let replaced = store.replace(&pending(2), elsewhere, &[record(&cleanup(1, at(1)))]).await;
    assert!(matches!(replaced, Err(StoreError::Conflict)));
    assert_eq!(store.teleconsultation_or_trashed(&id(2)).await.unwrap(), None);
    assert_eq!(cleanups(store).await, []);
}

/// Their versions too.
pub async fn replacing_one_leaves_the_others_alone(store: &dyn TeleconsultationStore) {
    let first = store.insert(&pending(1), &[]).await.unwrap();
    let other = store.insert(&pending(2), &[]).await.unwrap();
    store.replace(&ready(1), first, &[]).await.unwrap();
    assert_eq!(stored(store, &id(2)).await, (pending(2), other));
}

/// And by no other room.
pub async fn one_is_found_by_its_room_as_long_as_it_has_it(store: &dyn TeleconsultationStore) {
    let in_room = |number: u64, room: &str| Teleconsultation {
        stage: Stage::Ready(OpenRoom { key: key(1), room: RoomRef::new(room) }),
        ..pending(number)
    };
    let found = async |room: &str| store.teleconsultation_of_room(&RoomRef::new(room)).await.unwrap();
    assert_eq!(found("room_a").await, None);
    let version = store.insert(&in_room(1, "room_a"), &[]).await.unwrap();
    store.insert(&in_room(2, "room_b"), &[]).await.unwrap();
    store.insert(&pending(3), &[]).await.unwrap();
    assert_eq!(found("room_a").await, Some(in_room(1, "room_a")));
    assert_eq!(found("room_b").await, Some(in_room(2, "room_b")));
    for none in ["", "room_", "room_c", "ROOM_A", "room_%", "null"] {
        assert_eq!(found(none).await, None, "{none}");
    }
    let version = store.replace(&in_room(1, "room_c"), version, &[]).await.unwrap();
    assert_eq!((found("room_a").await, found("room_c").await), (None, Some(in_room(1, "room_c"))));
    store.replace(&pending(1).trashed(), version, &[]).await.unwrap();
    assert_eq!(found("room_c").await, None);
}

/// With everything it had, so that it could be brought back.
pub async fn a_trashed_one_is_seen_only_by_those_who_ask_for_it(store: &dyn TeleconsultationStore) {
    let version = store.insert(&ready(1), &[]).await.unwrap();
    assert_eq!(store.teleconsultation(&id(1)).await.unwrap(), Some((ready(1), version)));
    let trashed = store.replace(&ready(1).trashed(), version, &[]).await.unwrap();
    assert_eq!(store.teleconsultation(&id(1)).await.unwrap(), None);
    let found = store.teleconsultation_or_trashed(&id(1)).await.unwrap();
    assert_eq!(found, Some((ready(1).trashed(), trashed)));
    let back = store.replace(&ready(1), trashed, &[]).await.unwrap();
    assert_eq!(store.teleconsultation(&id(1)).await.unwrap(), Some((ready(1), back)));
}

/// The others conflict, and what is kept is whole: the winner's record with the winner's cleanup, and no other's if the store's writes
/// are atomic.
pub async fn of_concurrent_inserts_of_one_id_exactly_one_wins(store: &dyn TeleconsultationStore) {
    let outcomes = join_all((0..20_u8).map(async |number| {
        let start = at(i64::from(number));
        store.insert(&starting(&pending(1), start), &[record(&cleanup(number, start))]).await
    }))
    .await;
    let winners = winners(&outcomes);
    assert_eq!(winners.len(), 1);
    assert_the_record_and_cleanup_of(winners[0], store).await;
}

/// Version after version.
pub async fn of_concurrent_replaces_of_one_version_exactly_one_wins(store: &dyn TeleconsultationStore) {
    let mut version = store.insert(&pending(1), &[]).await.unwrap();
    for _ in 0..5 {
        let outcomes = join_all((0..20_u8).map(async |number| {
            let start = at(i64::from(number));
            store.replace(&starting(&pending(1), start), version, &[record(&cleanup(number, start))]).await
        }))
        .await;
        let winners = winners(&outcomes);
        assert_eq!(winners.len(), 1);
        assert_the_record_and_cleanup_of(winners[0], store).await;
        let settled: Vec<_> = cleanups(store).await.into_iter().map(|left| CleanupChange::Settle(left.key)).collect();
        store.change_cleanups(&settled).await.unwrap();
        version = stored(store, &id(1)).await.1;
    }
}

fn winners(outcomes: &[Result<ports::teleconsultations::Version, StoreError>]) -> Vec<u8> {
    let mut winners = Vec::new();
    for (number, outcome) in (0_u8..).zip(outcomes) {
        match outcome {
            Ok(_) => winners.push(number),
            Err(StoreError::Conflict) => {}
            Err(error) => panic!("a lost race is a conflict, not: {error}"),
        }
    }
    winners
}

async fn assert_the_record_and_cleanup_of(winner: u8, store: &dyn TeleconsultationStore) {
    let start = at(i64::from(winner));
    assert_eq!(stored(store, &id(1)).await.0, starting(&pending(1), start));
    let cleanups = cleanups(store).await;
    if store.abilities().atomic {
        assert_eq!(cleanups, [cleanup(winner, start)]);
    } else {
        assert!(cleanups.contains(&cleanup(winner, start)), "{cleanups:?}");
    }
}

/// Read, decide, write, and on a conflict again: no change is lost.
pub async fn concurrent_changes_that_retry_all_take_effect(store: &dyn TeleconsultationStore) {
    store.insert(&starting(&pending(1), at(0)), &[]).await.unwrap();
    let a_second_later = async || {
        loop {
            let (read, version) = stored(store, &id(1)).await;
            let later = starting(&read, read.schedule.start() + jiff::SignedDuration::from_secs(1));
            match store.replace(&later, version, &[]).await {
                Ok(_) => return,
                Err(StoreError::Conflict) => {}
                Err(error) => panic!("a lost race is a conflict, not: {error}"),
            }
        }
    };
    join_all((0..16).map(|_| a_second_later())).await;
    assert_eq!(stored(store, &id(1)).await.0.schedule.start(), at(16));
}

/// More than any store takes in one go.
pub async fn many_inserts_at_once_are_all_kept(store: &dyn TeleconsultationStore) {
    let teleconsultations: Vec<_> = (0..1500).map(pending).collect();
    let outcomes = join_all(teleconsultations.iter().map(async |one| store.insert(one, &[]).await)).await;
    for (written, outcome) in teleconsultations.iter().zip(outcomes) {
        assert_eq!(stored(store, &written.id).await, (written.clone(), outcome.unwrap()));
    }
}

/// And asking does no harm.
pub async fn a_healthy_store_says_so(store: &dyn TeleconsultationStore) {
    store.health().await.unwrap();
    store.insert(&pending(1), &[]).await.unwrap();
    store.health().await.unwrap();
    assert_eq!(stored(store, &id(1)).await.0, pending(1));
}
