//! Promises about lists.

use std::collections::BTreeSet;

use domain::TeleconsultationId;
use jiff::{SignedDuration, Timestamp};
use ports::teleconsultations::{LISTED_MAX, ListPlace, StartingBetween, TeleconsultationStore};

use super::sample::{at, id, pending, ready, starting};

fn between(from: Timestamp, to: Timestamp) -> StartingBetween {
    StartingBetween { from, to, after: None, limit: LISTED_MAX }
}

async fn ids(store: &dyn TeleconsultationStore, wanted: &StartingBetween) -> Vec<TeleconsultationId> {
    let listed = store.starting_between(wanted).await.unwrap();
    assert_eq!(listed.unreadable, 0);
    listed.teleconsultations.into_iter().map(|(one, _)| one.id).collect()
}

/// With everything in them and the version to change them at: the first moment is in, the last is not.
pub async fn those_that_begin_in_a_span_are_listed_in_their_order(store: &dyn TeleconsultationStore) {
    let mut versions = Vec::new();
    for (number, seconds) in [(1, 50), (2, 10), (3, 20), (4, 19), (5, 49)] {
        versions.push(store.insert(&starting(&ready(number), at(seconds)), &[]).await.unwrap());
    }
    let listed = store.starting_between(&between(at(20), at(50))).await.unwrap();
    let expected = vec![(starting(&ready(3), at(20)), versions[2]), (starting(&ready(5), at(49)), versions[4])];
    assert_eq!((listed.teleconsultations, listed.next, listed.unreadable), (expected, None, 0));
    assert_eq!(ids(store, &between(at(0), at(100))).await, [2, 4, 3, 5, 1].map(id));
    for nothing in [between(at(51), at(100)), between(at(50), at(20)), between(at(20), at(20))] {
        assert_eq!(ids(store, &nothing).await, []);
    }
}

/// A list goes on where it was, whatever happened to the one that it was at.
pub async fn pages_of_a_list_give_each_exactly_once(store: &dyn TeleconsultationStore) {
    // Some begin in one millisecond, over the ends of pages too.
    for number in 0..23_u64 {
        let start = at(i64::try_from(number / 6).unwrap());
        store.insert(&starting(&pending(number), start), &[]).await.unwrap();
    }
    let mut wanted = StartingBetween { limit: 5, ..between(at(0), at(100)) };
    let mut seen = Vec::new();
    loop {
        let listed = store.starting_between(&wanted).await.unwrap();
        assert!(listed.teleconsultations.len() <= 5);
        seen.extend(listed.teleconsultations.iter().map(|(one, _)| (one.schedule.start(), one.id.clone())));
        let Some(next) = listed.next else { break };
        let (last, version) = listed.teleconsultations.last().unwrap().clone();
        assert_eq!(next, ListPlace::of(&last));
        store.replace(&last.trashed(), version, &[]).await.unwrap();
        wanted.after = Some(next);
    }
    assert!(seen.is_sorted_by_key(|(start, _)| *start));
    let distinct: BTreeSet<_> = seen.iter().map(|(_, id)| id.clone()).collect();
    assert_eq!((seen.len(), distinct), (23, (0..23).map(id).collect()));
}

/// No more than what every store can give at once, however many are wanted.
pub async fn no_page_is_longer_than_every_store_can_give(store: &dyn TeleconsultationStore) {
    for number in 0..=u64::from(LISTED_MAX) {
        store.insert(&pending(number), &[]).await.unwrap();
    }
    let mut wanted = StartingBetween { limit: u32::MAX, ..between(at(0), at(10_000)) };
    let first = store.starting_between(&wanted).await.unwrap();
    assert_eq!(first.teleconsultations.len(), LISTED_MAX as usize);
    wanted.after = first.next;
    assert!(wanted.after.is_some());
    assert_eq!(ids(store, &wanted).await.len(), 1);
    wanted.limit = 0;
    assert_eq!(ids(store, &wanted).await.len(), 1);
}

/// It is listed where it begins now, and not at all once it is in the trash.
pub async fn what_is_moved_is_listed_where_it_is_and_what_is_trashed_is_not(store: &dyn TeleconsultationStore) {
    let first = store.insert(&starting(&pending(1), at(1)), &[]).await.unwrap();
    store.insert(&starting(&pending(2), at(2)), &[]).await.unwrap();
    let moved = starting(&pending(1), at(3));
    let second = store.replace(&moved, first, &[]).await.unwrap();
    assert_eq!(ids(store, &between(at(0), at(10))).await, [2, 1].map(id));
    let third = store.replace(&moved.clone().trashed(), second, &[]).await.unwrap();
    assert_eq!(ids(store, &between(at(0), at(10))).await, [id(2)]);
    let sequences = [first, second, third].map(|version| store.sequence(version));
    assert!(sequences.is_sorted() && sequences[0] >= 0, "{sequences:?}");
}

/// Parts of a millisecond do not count, before 1970 neither.
pub async fn lists_go_by_the_millisecond(store: &dyn TeleconsultationStore) {
    let part = SignedDuration::from_micros(700);
    for (number, second) in [(1_u64, "1969-12-31T23:59:58Z"), (2, "2026-03-01T09:00:00Z")] {
        let second: Timestamp = second.parse().unwrap();
        store.insert(&starting(&pending(number), second), &[]).await.unwrap();
        let found = ids(store, &between(second, second + SignedDuration::from_millis(1))).await;
        assert_eq!(found, [id(number)]);
        assert_eq!(ids(store, &between(second - SignedDuration::from_secs(1), second)).await, []);
        if second > Timestamp::UNIX_EPOCH {
            assert_eq!(
                ids(store, &between(second + part, second + SignedDuration::from_millis(1))).await,
                [id(number)]
            );
        }
    }
}
