//! Promises about the rooms that must not outlive their use.

use std::{collections::BTreeSet, slice};

use domain::RoomRef;
use futures_util::future::join;
use jiff::{SignedDuration, Timestamp};
use ports::teleconsultations::{CleanupChange, CleanupsWaiting, RoomCleanup, StoreError, TeleconsultationStore};

use super::sample::{at, cleanup, cleanups, id, key, pending, ready, record};

/// What is recorded with it is due, what is settled with it is gone, the rest stays.
pub async fn cleanups_are_recorded_and_settled_in_the_write_of_an_insert(store: &dyn TeleconsultationStore) {
    let [settled, kept, new] = [cleanup(1, at(1)), cleanup(2, at(2)), cleanup(3, at(3))];
    store.change_cleanups(&[record(&settled), record(&kept)]).await.unwrap();
    store.insert(&ready(1), &[CleanupChange::Settle(key(1)), record(&new)]).await.unwrap();
    assert_eq!(cleanups(store).await, [kept, new]);
}

/// As with an insert.
pub async fn cleanups_are_recorded_and_settled_in_the_write_of_a_replace(store: &dyn TeleconsultationStore) {
    let [settled, kept, new] = [cleanup(1, at(1)), cleanup(2, at(2)), cleanup(3, at(3))];
    let version = store.insert(&pending(1), &[record(&settled), record(&kept)]).await.unwrap();
    store.replace(&ready(1), version, &[CleanupChange::Settle(key(1)), record(&new)]).await.unwrap();
    assert_eq!(cleanups(store).await, [kept, new]);
}

/// The write that gives a teleconsultation its room ends the room's cleanup.
pub async fn a_room_that_is_kept_is_not_cleaned_up(store: &dyn TeleconsultationStore) {
    let other = cleanup(3, at(3));
    store.change_cleanups(&[record(&cleanup(1, at(1))), record(&cleanup(2, at(2))), record(&other)]).await.unwrap();
    store.insert(&ready(1), &[CleanupChange::KeepRoom(key(1))]).await.unwrap();
    let version = store.insert(&pending(2), &[]).await.unwrap();
    store.replace(&ready(2), version, &[CleanupChange::KeepRoom(key(2))]).await.unwrap();
    assert_eq!(cleanups(store).await, [other]);
}

/// Nothing of such a write is there, neither what comes before the room in it nor what comes after: the room may be gone.
pub async fn a_room_whose_cleanup_has_begun_or_is_over_cannot_be_kept(store: &dyn TeleconsultationStore) {
    // Of another one: an id that was reserved need not outlast the beginning of a cleanup.
    let begun = RoomCleanup { teleconsultation: id(9), begun: true, ..cleanup(1, at(1)) };
    store.change_cleanups(&[record(&cleanup(1, at(1))), record(&begun)]).await.unwrap();
    let version = store.insert(&pending(1), &[]).await.unwrap();
    for gone in [key(1), key(2)] {
        let changes = [record(&cleanup(3, at(3))), CleanupChange::KeepRoom(gone), record(&cleanup(4, at(4)))];
        let replaced = store.replace(&ready(1), version, &changes).await;
        assert!(matches!(replaced, Err(StoreError::Conflict)), "{replaced:?}");
        let inserted = store.insert(&ready(2), &changes).await;
        assert!(matches!(inserted, Err(StoreError::Conflict)), "{inserted:?}");
    }
    assert_eq!(store.teleconsultation(&id(1)).await.unwrap(), Some((pending(1), version)));
    assert_eq!(store.teleconsultation(&id(2)).await.unwrap(), None);
    assert_eq!(cleanups(store).await, [begun]);
}

/// Whoever keeps the room and whoever begins to delete it at the same moment: if the room was kept, that is read after the beginning.
pub async fn of_keeping_a_room_and_beginning_to_delete_it_the_first_wins(store: &dyn TeleconsultationStore) {
    for number in 1..=20 {
        let begun = RoomCleanup { begun: true, teleconsultation: id(u64::from(number)), ..cleanup(number, at(1)) };
        store.change_cleanups(&[record(&RoomCleanup { begun: false, ..begun.clone() })]).await.unwrap();
        let (deletion, keep) = ([record(&begun)], [CleanupChange::KeepRoom(begun.key.clone())]);
        let given = ready(u64::from(number));
        let beginning = async {
            store.change_cleanups(&deletion).await.unwrap();
            store.teleconsultation(&begun.teleconsultation).await.unwrap().is_some()
        };
        let (kept, seen) = if number % 2 == 0 {
            join(store.insert(&given, &keep), beginning).await
        } else {
            let (seen, kept) = join(beginning, store.insert(&given, &keep)).await;
            (kept, seen)
        };
        assert_eq!(kept.is_ok(), seen, "{number}");
    }
}

/// Of those who begin a cleanup at the same moment, and of who takes the room then, one wins.
pub async fn a_cleanup_is_begun_by_one_only(store: &dyn TeleconsultationStore) {
    for number in 1..=20 {
        let begun = RoomCleanup { begun: true, ..cleanup(number, at(1)) };
        store.change_cleanups(&[record(&RoomCleanup { begun: false, ..begun.clone() })]).await.unwrap();
        let keep = CleanupChange::KeepRoom(begun.key.clone());
        let taking_on = [keep.clone(), record(&begun)];
        let (one, other) = join(store.change_cleanups(&taking_on), store.change_cleanups(&taking_on)).await;
        assert!(one.is_ok() != other.is_ok(), "{number}: {one:?}, {other:?}");
        let lost = one.and(other);
        assert!(matches!(lost, Err(StoreError::Conflict)), "{number}: {lost:?}");
        let taken = store.insert(&ready(u64::from(number)), &[keep]).await;
        assert!(matches!(taken, Err(StoreError::Conflict)), "{number}: {taken:?}");
        assert_eq!(cleanups(store).await, slice::from_ref(&begun));
        store.change_cleanups(&[CleanupChange::Settle(begun.key)]).await.unwrap();
    }
}

/// Whole: the moment, the room's name, the attempts and whether it has begun.
pub async fn a_cleanup_recorded_again_is_replaced(store: &dyn TeleconsultationStore) {
    let first = RoomCleanup { room: None, ..cleanup(1, at(1)) };
    let again = RoomCleanup { teleconsultation: id(2), attempts: 3, begun: true, ..cleanup(1, at(50)) };
    store.change_cleanups(&[record(&first)]).await.unwrap();
    store.change_cleanups(&[record(&again)]).await.unwrap();
    assert_eq!(cleanups(store).await, [again]);
    assert_eq!(store.due_cleanups(at(49), 10).await.unwrap(), []);
}

/// Because whoever settles may be the second to do so.
pub async fn settling_what_does_not_exist_is_no_error(store: &dyn TeleconsultationStore) {
    let kept = cleanup(1, at(1));
    store.change_cleanups(&[record(&kept), CleanupChange::Settle(key(2))]).await.unwrap();
    store.change_cleanups(&[CleanupChange::Settle(key(2))]).await.unwrap();
    assert_eq!(cleanups(store).await, [kept]);
}

/// The last word on a key counts.
pub async fn changes_of_cleanups_happen_in_their_order(store: &dyn TeleconsultationStore) {
    let last = cleanup(2, at(9));
    let changes = [
        record(&cleanup(1, at(1))),
        CleanupChange::Settle(key(1)),
        record(&cleanup(2, at(1))),
        CleanupChange::Settle(key(2)),
        record(&last),
    ];
    store.change_cleanups(&changes).await.unwrap();
    assert_eq!(cleanups(store).await, [last]);
}

/// In either case they come before what the insert itself changes.
pub async fn deferred_changes_are_made_by_themselves_or_with_the_insert_that_is_given_them(
    store: &dyn TeleconsultationStore,
) {
    let [alone, kept, together] = [cleanup(1, at(1)), cleanup(2, at(2)), cleanup(3, at(3))];
    store.defer_cleanups(&[record(&alone)]).await.unwrap().carry_out().await.unwrap();
    assert_eq!(cleanups(store).await, slice::from_ref(&alone));
    let before = store.defer_cleanups(&[record(&kept)]).await.unwrap();
    let before = before.then(store.defer_cleanups(&[record(&together)]).await.unwrap());
    store.insert_after(before, &ready(2), &[CleanupChange::KeepRoom(key(2))]).await.unwrap();
    assert_eq!(cleanups(store).await, [alone, together]);
    assert!(store.teleconsultation(&id(2)).await.unwrap().is_some());
}

/// And adds nothing.
pub async fn an_insert_that_conflicts_does_not_undo_what_was_answered(store: &dyn TeleconsultationStore) {
    let kept = cleanup(1, at(1));
    store.defer_cleanups(&[record(&kept)]).await.unwrap().carry_out().await.unwrap();
    let begun = RoomCleanup { begun: true, ..cleanup(2, at(2)) };
    let before = store.defer_cleanups(&[record(&begun)]).await.unwrap();
    let inserted = store.insert_after(before, &ready(2), &[CleanupChange::KeepRoom(key(2))]).await;
    assert!(matches!(inserted, Err(StoreError::Conflict)), "{inserted:?}");
    assert!(cleanups(store).await.contains(&kept));
    assert_eq!(store.teleconsultation(&id(2)).await.unwrap(), None);
}

/// To the nanosecond, from the first to the last moment there is, with and without the provider's name.
pub async fn everything_of_a_cleanup_reads_back_equal(store: &dyn TeleconsultationStore) {
    let moments =
        ["-000100-01-01T00:00:00.000000001Z", "1969-12-31T23:59:59.999999999Z", "2026-03-01T09:00:00.123456789Z"];
    let moments = moments.map(|text| text.parse::<Timestamp>().unwrap());
    let mut dues = vec![Timestamp::MIN];
    dues.extend(moments);
    dues.push(Timestamp::MAX);
    let written: Vec<_> = (1..)
        .zip(dues)
        .map(|(number, due)| RoomCleanup {
            room: (number % 2 == 0).then(|| RoomRef::new("stanza «è» 🩺")),
            attempts: if number == 1 { u32::MAX } else { u32::from(number) },
            teleconsultation: id(u64::from(number)),
            begun: number % 3 == 0,
            ..cleanup(number, due)
        })
        .collect();
    for one in &written {
        store.change_cleanups(&[record(one)]).await.unwrap();
    }
    assert_eq!(cleanups(store).await, written);
}

/// One that is due at this very moment is due; one that is due a nanosecond later is not.
pub async fn only_due_cleanups_are_given_the_longest_overdue_first(store: &dyn TeleconsultationStore) {
    let nanosecond = SignedDuration::from_nanos(1);
    let [early, exact, late] = [cleanup(3, at(0)), cleanup(1, at(10)), cleanup(2, at(10) + nanosecond)];
    store.change_cleanups(&[record(&exact), record(&late), record(&early)]).await.unwrap();
    assert_eq!(store.due_cleanups(at(0) - nanosecond, 10).await.unwrap(), []);
    assert_eq!(store.due_cleanups(at(10), 10).await.unwrap(), [early.clone(), exact.clone()]);
    assert_eq!(store.due_cleanups(at(11), 10).await.unwrap(), [early, exact, late]);
}

/// And those given are the longest overdue.
pub async fn no_more_cleanups_are_given_than_asked_for(store: &dyn TeleconsultationStore) {
    let changes: Vec<_> = (0..30).rev().map(|number| record(&cleanup(number, at(i64::from(number))))).collect();
    store.change_cleanups(&changes).await.unwrap();
    let first: Vec<_> = (0..7).map(|number| cleanup(number, at(i64::from(number)))).collect();
    assert_eq!(store.due_cleanups(at(100), 7).await.unwrap(), first);
    assert_eq!(store.due_cleanups(at(100), 0).await.unwrap(), []);
    assert_eq!(store.due_cleanups(at(100), 1000).await.unwrap().len(), 30);
}

/// Due or not, however often they were tried, and of a store without any that there is none.
pub async fn what_is_still_to_be_done_is_counted(store: &dyn TeleconsultationStore) {
    assert_eq!(store.cleanups_waiting().await.unwrap(), CleanupsWaiting::default());
    let first = at(3) + SignedDuration::from_millis(7);
    let not_due = Timestamp::from_second(4_000_000_000).unwrap();
    let [tried, not_due] = [RoomCleanup { attempts: 5, ..cleanup(1, first) }, cleanup(2, not_due)];
    store.change_cleanups(&[record(&not_due), record(&cleanup(3, at(4))), record(&tried)]).await.unwrap();
    let all = CleanupsWaiting { count: 3, first_due: Some(first), attempts_max: 5 };
    assert_eq!(store.cleanups_waiting().await.unwrap(), all);
    store.change_cleanups(&[CleanupChange::Settle(key(1)), CleanupChange::Settle(key(3))]).await.unwrap();
    let left = CleanupsWaiting { count: 1, first_due: Some(not_due.due), attempts_max: not_due.attempts };
    assert_eq!(store.cleanups_waiting().await.unwrap(), left);
}

/// The keys of all cleanups are told, more than any page holds, unless there are more than were asked for.
pub async fn the_keys_of_all_cleanups_are_told(store: &dyn TeleconsultationStore) {
    assert_eq!(store.cleanup_keys(0).await.unwrap(), Some(BTreeSet::new()));
    let not_due = Timestamp::from_second(4_000_000_000).unwrap();
    let recorded: Vec<_> = (1..=205).map(|number| cleanup(number, not_due)).collect();
    store.change_cleanups(&recorded.iter().map(record).collect::<Vec<_>>()).await.unwrap();
    let keys: BTreeSet<_> = recorded.into_iter().map(|cleanup| cleanup.key).collect();
    assert_eq!(store.cleanup_keys(205).await.unwrap(), Some(keys));
    assert_eq!(store.cleanup_keys(2).await.unwrap(), None);
}
