//! Cleanups that meet others at work on the same room.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use app::{CleanupProgress, ROOM_GUARD, finish_due_cleanups, schedule};
use async_trait::async_trait;
use domain::{ParticipantId, ProviderUserId, RoomKey, RoomRef, Stage, Teleconsultation, TeleconsultationId};
use jiff::{SignedDuration, Timestamp};
use ports::{
    fake::{FakeClock, FakeTeleconsultationStore, ProviderFailure},
    provider::VideoProvider as _,
    teleconsultations::{
        CleanupChange, CleanupsWaiting, Listed, RoomCleanup, StartingBetween, StoreError, TeleconsultationStore,
        Version,
    },
};

use crate::{begin, booking, ctx, ctx_by, moody::MoodyProvider};

/// A store whose reader gets an old list of cleanups, and behind whose next look at a teleconsultation another process changes it.
struct Outdated {
    inner: Arc<FakeTeleconsultationStore>,
    due: Vec<RoomCleanup>,
    other: Mutex<Option<(Teleconsultation, Vec<CleanupChange>)>>,
}

impl Outdated {
    /// Lets the other process change the teleconsultation, once.
    async fn other_acts(&self, id: &TeleconsultationId) -> Result<(), StoreError> {
        let other = self.other.lock().unwrap().take();
        let stored = self.inner.teleconsultation_or_trashed(id).await?;
        if let (Some((changed, cleanups)), Some((_, version))) = (other, stored) {
            self.inner.replace(&changed, version, &cleanups).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl TeleconsultationStore for Outdated {
    async fn teleconsultation(
        &self,
        id: &TeleconsultationId,
    ) -> Result<Option<(Teleconsultation, Version)>, StoreError> {
        self.inner.teleconsultation(id).await
    }

    async fn teleconsultation_or_trashed(
        &self,
        id: &TeleconsultationId,
    ) -> Result<Option<(Teleconsultation, Version)>, StoreError> {
        let read = self.inner.teleconsultation_or_trashed(id).await?;
        self.other_acts(id).await?;
        Ok(read)
    }

    async fn teleconsultation_of_room(&self, room: &RoomRef) -> Result<Option<Teleconsultation>, StoreError> {
        self.inner.teleconsultation_of_room(room).await
    }

    async fn starting_between(&self, wanted: &StartingBetween) -> Result<Listed, StoreError> {
        self.inner.starting_between(wanted).await
    }

    async fn insert(&self, it: &Teleconsultation, cleanups: &[CleanupChange]) -> Result<Version, StoreError> {
        self.inner.insert(it, cleanups).await
    }

    async fn replace(
        &self,
        it: &Teleconsultation,
        read: Version,
        cleanups: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        self.inner.replace(it, read, cleanups).await
    }

    async fn provider_users(
        &self,
        ids: &[ParticipantId],
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError> {
        self.inner.provider_users(ids).await
    }

    async fn remember_users(
        &self,
        users: &BTreeMap<ParticipantId, ProviderUserId>,
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError> {
        self.inner.remember_users(users).await
    }

    async fn change_cleanups(&self, cleanups: &[CleanupChange]) -> Result<(), StoreError> {
        self.inner.change_cleanups(cleanups).await
    }

    async fn due_cleanups(&self, _: Timestamp, _: u32) -> Result<Vec<RoomCleanup>, StoreError> {
        Ok(self.due.clone())
    }

    async fn cleanups_waiting(&self) -> Result<CleanupsWaiting, StoreError> {
        self.inner.cleanups_waiting().await
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.inner.health().await
    }
}

fn guard(key: RoomKey, teleconsultation: &TeleconsultationId) -> RoomCleanup {
    RoomCleanup { key, room: None, teleconsultation: teleconsultation.clone(), due: begin(), attempts: 0, begun: false }
}

#[tokio::test]
async fn what_was_recorded_when_a_room_was_lost_does_not_go_with_the_rooms_old_guard() {
    let (store, provider) = (Arc::new(FakeTeleconsultationStore::new()), Arc::new(MoodyProvider::default()));
    let calm = ctx(store.clone(), provider.clone(), begin());
    let id = schedule(&calm, &booking(&["doctor", "patient"], 2)).await.unwrap();
    let (it, _) = store.teleconsultation(&id).await.unwrap().unwrap();
    let room = it.room().unwrap().clone();

    // A worker has read the guard before the room was taken. While it works, another process takes the room away, and is killed
    // before it has deleted it.
    let lost = RoomCleanup { room: Some(room.room.clone()), begun: true, ..guard(room.key.clone(), &id) };
    let outdated = Arc::new(Outdated {
        inner: store.clone(),
        due: vec![guard(room.key.clone(), &id)],
        other: Mutex::new(Some((it.without_room().trashed(), vec![CleanupChange::Record(lost.clone())]))),
    });
    finish_due_cleanups(&ctx(outdated.clone(), provider.clone(), begin())).await.unwrap();
    outdated.other_acts(&id).await.unwrap();
    assert_eq!(store.cleanups(), [lost]);
    finish_due_cleanups(&calm).await.unwrap();
    assert!(provider.inner.rooms().is_empty());
}

#[tokio::test]
async fn a_guard_that_is_gone_is_not_brought_back() {
    let (store, provider) = (Arc::new(FakeTeleconsultationStore::new()), Arc::new(MoodyProvider::default()));
    let calm = ctx(store.clone(), provider.clone(), begin());
    let id = schedule(&calm, &booking(&["doctor", "patient"], 2)).await.unwrap();
    let key = store.teleconsultation(&id).await.unwrap().unwrap().0.room().unwrap().key.clone();
    let due = vec![guard(key, &id), guard(RoomKey::new([1; 16]), &TeleconsultationId::new(begin(), [1; 8]))];
    let outdated = Outdated { inner: store.clone(), due, other: Mutex::default() };
    let progress = finish_due_cleanups(&ctx(Arc::new(outdated), provider.clone(), begin())).await.unwrap();
    assert_eq!(progress, CleanupProgress { finished: 2, postponed: 0 });
    assert_eq!((store.cleanups(), provider.inner.rooms().len()), (vec![], 1));
}

#[tokio::test]
async fn a_room_that_could_not_be_deleted_can_be_taken_by_nobody_any_more() {
    let (store, provider) = (Arc::new(FakeTeleconsultationStore::new()), Arc::new(MoodyProvider::default()));
    let ctx = ctx(store.clone(), provider.clone(), begin());
    let id = TeleconsultationId::new(begin(), [1; 8]);
    let guard = guard(RoomKey::of(&id, begin(), [0; 4]), &id);
    store.change_cleanups(&[CleanupChange::Record(guard.clone())]).await.unwrap();
    provider.inner.fail_next(ProviderFailure::UnavailableAfter);
    let progress = finish_due_cleanups(&ctx).await.unwrap();
    assert_eq!(progress, CleanupProgress { finished: 0, postponed: 1 });

    let half = schedule(&ctx, &booking(&["doctor"], 2)).await.unwrap();
    let (pending, version) = store.teleconsultation(&half).await.unwrap().unwrap();
    assert_eq!(pending.stage, Stage::Pending);
    let taken = store.replace(&pending, version, &[CleanupChange::KeepRoom(guard.key)]).await;
    assert!(matches!(taken, Err(StoreError::Conflict)), "{taken:?}");
}

#[tokio::test]
async fn a_room_that_may_come_late_is_looked_for_once_more() {
    let hour = SignedDuration::from_hours(1);
    let (store, clock) = (Arc::new(FakeTeleconsultationStore::new()), Arc::new(FakeClock::new(begin())));
    let provider = Arc::new(MoodyProvider { late_by: Duration::from_hours(1), ..MoodyProvider::default() });
    let ctx = ctx_by(store.clone(), provider.clone(), clock.clone());
    let whole = schedule(&ctx, &booking(&["doctor", "patient"], 2)).await.unwrap();
    let wanted = provider.inner.rooms().into_values().next().unwrap().spec;

    // A request for a room was given up, and its guard has come due.
    let id = TeleconsultationId::new(begin(), [1; 8]);
    let key = RoomKey::of(&id, begin(), [0; 4]);
    store.change_cleanups(&[CleanupChange::Record(guard(key.clone(), &id))]).await.unwrap();
    clock.advance(ROOM_GUARD);
    let progress = finish_due_cleanups(&ctx).await.unwrap();
    assert_eq!(progress, CleanupProgress { finished: 0, postponed: 1 });
    assert_eq!(finish_due_cleanups(&ctx).await.unwrap(), CleanupProgress::default());
    assert_eq!(store.cleanups()[0].due, begin() + hour);

    // Now it takes effect.
    let late = ports::provider::RoomSpec { key, ..wanted };
    provider.inner.ensure_room(&late).await.unwrap();
    clock.set(begin() + hour);
    let progress = finish_due_cleanups(&ctx).await.unwrap();
    assert_eq!(progress, CleanupProgress { finished: 1, postponed: 0 });
    let key = store.teleconsultation(&whole).await.unwrap().unwrap().0.room().unwrap().key.clone();
    assert!(provider.inner.rooms().keys().eq([&key]));
    assert_eq!(store.cleanups(), []);
}
