//! Two at once, in many orders of their calls: nothing is lost, and no room is left or missing.

use std::sync::Arc;

use app::{Change, ChangeError, Ctx, Expected, People, add_participant, change, delete, finish_due_cleanups, schedule};
use domain::{OpenRoom, RoomKey, Stage, Teleconsultation, TeleconsultationId};
use jiff::SignedDuration;
use platform::Outbound;
use ports::{
    fake::FakeClock,
    provider::{RoomSpec, VideoProvider},
    teleconsultations::{CleanupChange, RoomCleanup, StoreError, TeleconsultationStore, Version},
};

use crate::{
    interleaving::{Turns, interleaved},
    world::{World, booking, outbound, person},
};

/// How many orders of two use cases are tried: enough to meet every kind of conflict, and seconds altogether.
const ORDERS: u64 = 30;

/// How many orders are tried of the pairs of store calls on which rooms depend, of the hundreds and more that there are.
const CRITICAL_ORDERS: u64 = 150;

/// The worker of a process whose clock is ahead, so that every guard is due for it.
fn worker_ahead(world: &World, name: &str) -> Ctx {
    let ahead = FakeClock::new(world.ctx.clock.now() + SignedDuration::from_mins(2));
    Ctx { clock: Arc::new(ahead), ..world.named(name) }
}

fn people(expected: u64, known: &[&str]) -> Change {
    let people = People { expected: Expected::Number(expected), known: known.iter().copied().map(person).collect() };
    Change { people: Some(people), ..Change::default() }
}

fn of(key: &RoomKey, id: &TeleconsultationId, world: &World, begun: bool) -> RoomCleanup {
    let (room, due) = (None, world.ctx.clock.now());
    RoomCleanup { key: key.clone(), room, teleconsultation: id.clone(), due, attempts: 0, begun }
}

/// A room as that of a teleconsultation, with a guard that is due at once.
async fn guarded_room(world: &World, key: u8, like: &Teleconsultation) -> OpenRoom {
    let key = RoomKey::new([key; 16]);
    let spec = world.provider.rooms()[&like.room().unwrap().key].spec.clone();
    world.store.change_cleanups(&[CleanupChange::Record(of(&key, &like.id, world, false))]).await.unwrap();
    let opened = world.provider.ensure_room(&RoomSpec { key: key.clone(), ..spec }).await.unwrap();
    OpenRoom { key, room: opened.room }
}

async fn stored(world: &World, id: &TeleconsultationId) -> (Teleconsultation, Version) {
    world.store.teleconsultation(id).await.unwrap().unwrap()
}

/// One that exists, to be like, and the world without its traces in what is due.
async fn world_with_one(outbound: &Outbound) -> (World, Teleconsultation) {
    let world = World::start(outbound).await;
    let id = world.schedule(&booking(2, &["doctor 1", "anna"])).await;
    finish_due_cleanups(&world.ctx).await.unwrap();
    let (one, _) = stored(&world, &id).await;
    (world, one)
}

#[tokio::test]
async fn a_room_is_taken_or_deleted_whatever_the_order() {
    let (outbound, mut turns, mut outcomes) = (outbound(), Turns::some(CRITICAL_ORDERS), [0, 0]);
    while turns.next() {
        let (world, like) = world_with_one(&outbound).await;
        let id = world.store.reserve(like.id.clone()).await.unwrap();
        let room = guarded_room(&world, 7, &Teleconsultation { id: id.clone(), ..like.clone() }).await;
        let keep = [CleanupChange::KeepRoom(room.key.clone())];
        let ready = Teleconsultation { id: id.clone(), stage: Stage::Ready(room), ..like.clone() };
        let (writer, worker) = (world.named("a writer"), world.named("the worker"));
        let inserting = writer.store.insert(&ready, &keep);
        let (inserted, progress) = interleaved(&world.fake, &mut turns, inserting, finish_due_cleanups(&worker)).await;
        progress.unwrap();
        let is_seen = world.store.teleconsultation(&id).await.unwrap();
        match inserted {
            Ok(version) => {
                outcomes[0] += 1;
                // The worker may have fenced it off since.
                let (seen, at) = is_seen.unwrap();
                assert!(seen == ready && at >= version, "{turns:?}");
            }
            Err(StoreError::Conflict) => {
                outcomes[1] += 1;
                assert_eq!(is_seen, None, "{turns:?}");
            }
            Err(error) => panic!("{turns:?}: {error}"),
        }
        world.mend().await;
        world.assert_tidy(&format!("{turns:?}")).await;
    }
    assert!(outcomes.iter().all(|count| *count > 10), "{outcomes:?}");
}

/// The worker finishes what a writer left who lost, while another writer replaces the same room and is then killed.
#[tokio::test]
async fn a_room_that_is_replaced_is_deleted_with_a_leftover_of_its_cleanup_whatever_the_order() {
    let (outbound, mut turns, mut outcomes) = (outbound(), Turns::some(CRITICAL_ORDERS), [0, 0]);
    while turns.next() {
        let (world, one) = world_with_one(&outbound).await;
        let first = one.room().unwrap().clone();
        let leftover = of(&first.key, &one.id, &world, true);
        world.store.change_cleanups(&[CleanupChange::Record(leftover.clone())]).await.unwrap();
        let second = guarded_room(&world, 7, &one).await;
        // For the worker it is not due yet.
        let guard =
            RoomCleanup { due: leftover.due + SignedDuration::from_mins(1), ..of(&second.key, &one.id, &world, false) };
        world.store.change_cleanups(&[CleanupChange::Record(guard)]).await.unwrap();

        let changes = [CleanupChange::KeepRoom(second.key.clone()), CleanupChange::Record(leftover)];
        let revised = Teleconsultation { stage: Stage::Ready(second), ..one.clone() };
        let (writer, worker) = (world.named("a writer"), world.named("the worker"));
        // What is read after the fence can be written, though the worker has not looked yet.
        let replacing = async {
            let (_, version) = writer.store.teleconsultation(&one.id).await.unwrap().unwrap();
            writer.store.replace(&revised, version, &changes).await
        };
        let (replaced, progress) = interleaved(&world.fake, &mut turns, replacing, finish_due_cleanups(&worker)).await;
        progress.unwrap();
        match replaced {
            Ok(_) => outcomes[0] += 1,
            Err(StoreError::Conflict) => outcomes[1] += 1,
            Err(error) => panic!("{turns:?}: {error}"),
        }
        world.mend().await;
        world.assert_tidy(&format!("{turns:?}")).await;
    }
    assert!(outcomes.iter().all(|count| *count > 10), "{outcomes:?}");
}

/// Somebody keeps a room and is about to take its guard away, while somebody else replaces that room already and is then killed.
#[tokio::test]
async fn a_room_that_is_replaced_as_soon_as_it_is_kept_is_deleted_whatever_the_order() {
    // Whoever waits for the room to be kept may look any number of times, so the orders have no end.
    let (outbound, mut turns) = (outbound(), Turns::seeds(CRITICAL_ORDERS));
    while turns.next() {
        let (world, one) = world_with_one(&outbound).await;
        let (first, second) = (guarded_room(&world, 7, &one).await, guarded_room(&world, 8, &one).await);
        let (one, version) = stored(&world, &one.id).await;
        let with = |room: &OpenRoom| Teleconsultation { stage: Stage::Ready(room.clone()), ..one.clone() };
        let replacing_with = |room: &OpenRoom, lost: &OpenRoom| {
            let lost = of(&lost.key, &one.id, &world, true);
            [CleanupChange::KeepRoom(room.key.clone()), CleanupChange::Record(lost)]
        };
        let (keeper, replacer) = (world.named("a keeper"), world.named("a replacer"));
        let (given, changes) = (with(&first), replacing_with(&first, one.room().unwrap()));
        let keeping = keeper.store.replace(&given, version, &changes);
        let replacing = async {
            loop {
                let (seen, version) = replacer.store.teleconsultation(&one.id).await.unwrap().unwrap();
                if seen.room().unwrap().key == first.key {
                    let changes = replacing_with(&second, &first);
                    return replacer.store.replace(&with(&second), version, &changes).await;
                }
            }
        };
        let (kept, then_replaced) = interleaved(&world.fake, &mut turns, keeping, replacing).await;
        kept.unwrap();
        then_replaced.unwrap();
        world.mend().await;
        world.assert_tidy(&format!("{turns:?}")).await;
    }
}

#[tokio::test]
async fn scheduling_beside_a_worker_for_whom_every_guard_is_due() {
    let outbound = outbound();
    let mut turns = Turns::seeds(ORDERS);
    while turns.next() {
        let (world, _) = world_with_one(&outbound).await;
        let (caller, worker) = (world.named("a caller"), worker_ahead(&world, "the worker"));
        let booking = booking(2, &["doctor 1", "anna"]);
        let working = async {
            for _ in 0..4 {
                finish_due_cleanups(&worker).await.unwrap();
            }
        };
        let (scheduled, ()) = interleaved(&world.fake, &mut turns, schedule(&caller, &booking), working).await;
        let id = scheduled.unwrap();
        assert!(stored(&world, &id).await.0.room().is_some(), "{turns:?}");
        world.mend().await;
        world.assert_tidy(&format!("{turns:?}")).await;
        assert_eq!(world.seen().await.len(), 2, "{turns:?}");
    }
}

#[tokio::test]
async fn two_who_add_people_both_succeed() {
    let outbound = outbound();
    let mut turns = Turns::seeds(ORDERS);
    while turns.next() {
        let (world, _) = world_with_one(&outbound).await;
        let id = world.schedule(&booking(3, &["doctor 1"])).await;
        let (first, second) = (world.named("one"), world.named("two"));
        let (anna, bert) = (person("anna"), person("bert"));
        let adding = (add_participant(&first, &id, &anna), add_participant(&second, &id, &bert));
        let (one, two) = interleaved(&world.fake, &mut turns, adding.0, adding.1).await;
        one.unwrap();
        two.unwrap();
        let (all, _) = stored(&world, &id).await;
        assert!(all.roster.is_complete() && all.room().is_some(), "{turns:?}");
        world.mend().await;
        world.assert_tidy(&format!("{turns:?}")).await;
    }
}

#[tokio::test]
async fn two_who_replace_the_list_leave_one_room() {
    let outbound = outbound();
    let mut turns = Turns::seeds(ORDERS);
    while turns.next() {
        let (world, one) = world_with_one(&outbound).await;
        let (first, second) = (world.named("one"), world.named("two"));
        let (bert, carl) = (people(2, &["doctor 1", "bert"]), people(2, &["doctor 1", "carl"]));
        let changing = (change(&first, &one.id, &bert), change(&second, &one.id, &carl));
        let (one, two) = interleaved(&world.fake, &mut turns, changing.0, changing.1).await;
        one.unwrap();
        two.unwrap();
        world.mend().await;
        world.assert_tidy(&format!("{turns:?}")).await;
    }
}

#[tokio::test]
async fn what_is_deleted_stays_deleted_whatever_is_changed_meanwhile() {
    let outbound = outbound();
    let mut turns = Turns::seeds(ORDERS);
    while turns.next() {
        let (world, one) = world_with_one(&outbound).await;
        let (first, second) = (world.named("one"), world.named("two"));
        let bert = people(2, &["doctor 1", "bert"]);
        let both = (change(&first, &one.id, &bert), delete(&second, &one.id));
        let (changed, deleted) = interleaved(&world.fake, &mut turns, both.0, both.1).await;
        assert!(matches!(changed, Ok(()) | Err(ChangeError::NotFound)), "{turns:?}: {changed:?}");
        deleted.unwrap();
        assert_eq!(world.store.teleconsultation(&one.id).await.unwrap(), None);
        world.mend().await;
        world.assert_tidy(&format!("{turns:?}")).await;
        assert_eq!(world.provider.rooms().len(), 0, "{turns:?}");
    }
}
