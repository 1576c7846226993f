//! Rooms that no teleconsultation has and no cleanup names, as after a backup was restored.

use std::sync::Arc;

use app::{Ctx, ORPHAN_AGE_MIN, ORPHAN_GRACE, Sweep, SweepProgress, delete, finish_due_cleanups, schedule, sweep};
use domain::{RoomKey, TeleconsultationId};
use jiff::SignedDuration;
use ports::{
    fake::{FakeClock, FakeTeleconsultationStore},
    provider::{RoomSpec, RoomStatus, VideoProvider as _},
};

use crate::{begin, booking, ctx_by, moody::MoodyProvider};

struct World {
    ctx: Ctx,
    store: Arc<FakeTeleconsultationStore>,
    provider: Arc<MoodyProvider>,
    clock: Arc<FakeClock>,
    sweep: Sweep,
}

/// A teleconsultation with its room.
async fn world() -> (World, TeleconsultationId) {
    let (store, clock) = (Arc::new(FakeTeleconsultationStore::new()), Arc::new(FakeClock::new(begin())));
    let provider = Arc::new(MoodyProvider::default());
    let ctx = ctx_by(store.clone(), provider.clone(), clock.clone());
    let id = schedule(&ctx, &booking(&["doctor", "patient"], 2)).await.unwrap();
    (World { ctx, store, provider, clock, sweep: Sweep::default() }, id)
}

impl World {
    /// A room for whose teleconsultation the store knows no room of this key.
    async fn orphan(&self, id: &TeleconsultationId, chance: u8) -> RoomKey {
        let key = RoomKey::of(id, begin(), [chance; 4]);
        let wanted = self.provider.inner.rooms().into_values().next().unwrap().spec;
        self.provider.inner.ensure_room(&RoomSpec { key: key.clone(), ..wanted }).await.unwrap();
        key
    }

    /// Looks at every room once and lets the worker work. Returns how many orphans were found.
    async fn round(&mut self) -> u32 {
        let mut orphans = 0;
        loop {
            let progress = sweep(&self.ctx, &mut self.sweep).await.unwrap();
            orphans += progress.orphans;
            if progress.round_done {
                break;
            }
        }
        finish_due_cleanups(&self.ctx).await.unwrap();
        orphans
    }

    fn has(&self, key: &RoomKey) -> bool {
        self.provider.inner.rooms().contains_key(key)
    }
}

fn forgotten(number: u8) -> TeleconsultationId {
    TeleconsultationId::new(begin(), [number; 8])
}

#[tokio::test]
async fn a_room_that_nobody_has_is_found_and_deleted_and_those_in_use_stay() {
    let (mut world, id) = world().await;
    let mut orphans = Vec::new();
    for number in 1..=8 {
        orphans.push(world.orphan(&forgotten(number), 0).await);
    }
    orphans.push(world.orphan(&id, 9).await);
    assert_eq!(world.round().await, 0, "they are too young to be judged");
    world.clock.advance(ORPHAN_AGE_MIN);
    assert_eq!(world.round().await, 9);
    assert_eq!(world.provider.inner.rooms().len(), 9, "the one whose teleconsultation has another room is gone");
    world.clock.advance(ORPHAN_GRACE - SignedDuration::from_secs(1));
    assert_eq!(world.round().await, 0, "each is found once");
    assert_eq!(world.provider.inner.rooms().len(), 9);
    world.clock.advance(SignedDuration::from_secs(1));
    finish_due_cleanups(&world.ctx).await.unwrap();
    assert!(orphans.iter().all(|key| !world.has(key)));
    assert_eq!((world.provider.inner.rooms().len(), world.store.cleanups()), (1, vec![]));
}

#[tokio::test]
async fn a_room_of_a_deleted_teleconsultation_goes_at_once() {
    let (mut world, id) = world().await;
    let left = world.orphan(&id, 1).await;
    delete(&world.ctx, &id).await.unwrap();
    assert!(world.has(&left));
    world.clock.advance(ORPHAN_AGE_MIN);
    assert_eq!(world.round().await, 1);
    assert!(world.provider.inner.rooms().is_empty());
}

#[tokio::test]
async fn rooms_with_people_in_them_and_rooms_not_of_our_making_stay() {
    let (mut world, _) = world().await;
    let running = world.orphan(&forgotten(1), 0).await;
    world.provider.inner.set_status(&running, RoomStatus::Running);
    let wanted = world.provider.inner.rooms().into_values().next().unwrap().spec;
    let foreign = RoomSpec { key: RoomKey::new([1; 16]), ..wanted };
    world.provider.inner.ensure_room(&foreign).await.unwrap();
    world.clock.advance(ORPHAN_AGE_MIN);
    assert_eq!(world.round().await, 0);
    assert_eq!(world.provider.inner.rooms().len(), 3);
}

#[tokio::test]
async fn a_teleconsultation_that_cannot_be_read_keeps_its_rooms() {
    let (mut world, id) = world().await;
    world.store.damage(&id);
    let orphan = world.orphan(&forgotten(1), 0).await;
    world.clock.advance(ORPHAN_AGE_MIN);
    assert_eq!(world.round().await, 1);
    world.clock.advance(ORPHAN_GRACE);
    finish_due_cleanups(&world.ctx).await.unwrap();
    assert!(!world.has(&orphan));
    assert_eq!(world.provider.inner.rooms().len(), 1);
}

#[tokio::test]
async fn a_provider_that_fails_ends_a_step_which_is_then_repeated() {
    let (mut world, _) = world().await;
    world.provider.set_down(true);
    assert!(sweep(&world.ctx, &mut world.sweep).await.is_err());
    assert_eq!(world.sweep, Sweep::default());
    world.provider.set_down(false);
    let done = SweepProgress { seen: 1, orphans: 0, round_done: true };
    assert_eq!(sweep(&world.ctx, &mut world.sweep).await.unwrap(), done);
}
