//! A store whose calls fail as planned.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use domain::{ParticipantId, ProviderUserId, RoomKey, RoomRef, Teleconsultation, TeleconsultationId};
use jiff::Timestamp;
use ports::{
    Caller, Deferred, DeferredWrite,
    teleconsultations::{
        Abilities, CleanupChange, CleanupsWaiting, Listed, RoomCleanup, StartingBetween, StoreError,
        TeleconsultationStore, Version,
    },
};

use crate::{Calls, fault::Answers};

const ANSWERS: Answers<StoreError> = Answers {
    unavailable,
    busy: unavailable,
    odd: || StoreError::Corrupt { what: "what a fault made of it".to_owned() },
};

fn unavailable() -> StoreError {
    StoreError::Unavailable { doing: "failing as planned", source: "a fault".into() }
}

/// A store whose calls fail as planned.
#[derive(Clone)]
pub struct FaultyStore {
    inner: Arc<dyn TeleconsultationStore>,
    calls: Arc<Calls>,
    /// Whether what is left to a later write is carried out by itself, because that write goes elsewhere.
    splits: bool,
    ids: Arc<Mutex<BTreeSet<TeleconsultationId>>>,
}

impl FaultyStore {
    /// Stands before a store; `splits` says that rooms are not kept in the same place as what is in it.
    /// The id of every teleconsultation that is to be added goes into `ids`, whatever comes of it.
    pub fn new(
        inner: Arc<dyn TeleconsultationStore>,
        calls: Arc<Calls>,
        splits: bool,
        ids: Arc<Mutex<BTreeSet<TeleconsultationId>>>,
    ) -> Self {
        Self { inner, calls, splits, ids }
    }

    /// Those ids.
    pub fn ids(&self) -> BTreeSet<TeleconsultationId> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn make<T>(
        &self,
        operation: &str,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.calls.make(&format!("store: {operation}"), call, &ANSWERS).await
    }
}

/// A change of cleanups that is carried out by itself.
struct Later {
    store: FaultyStore,
    changes: Vec<CleanupChange>,
}

#[async_trait]
impl DeferredWrite for Later {
    async fn carry_out(self: Box<Self>) -> Result<(), StoreError> {
        self.store.change_cleanups(&self.changes).await
    }
}

#[async_trait]
impl TeleconsultationStore for FaultyStore {
    fn abilities(&self) -> Abilities {
        self.inner.abilities()
    }

    fn for_caller(&self, caller: &Caller) -> Option<Arc<dyn TeleconsultationStore>> {
        let inner = self.inner.for_caller(caller)?;
        Some(Arc::new(Self { inner, ..self.clone() }))
    }

    async fn reserve(&self, proposed: TeleconsultationId) -> Result<TeleconsultationId, StoreError> {
        self.make("reserve an id", self.inner.reserve(proposed)).await
    }

    async fn teleconsultation(
        &self,
        id: &TeleconsultationId,
    ) -> Result<Option<(Teleconsultation, Version)>, StoreError> {
        self.make("read", self.inner.teleconsultation(id)).await
    }

    async fn teleconsultation_or_trashed(
        &self,
        id: &TeleconsultationId,
    ) -> Result<Option<(Teleconsultation, Version)>, StoreError> {
        self.make("read also from the trash", self.inner.teleconsultation_or_trashed(id)).await
    }

    async fn teleconsultation_of_room(&self, room: &RoomRef) -> Result<Option<Teleconsultation>, StoreError> {
        self.make("find by room", self.inner.teleconsultation_of_room(room)).await
    }

    async fn starting_between(&self, wanted: &StartingBetween) -> Result<Listed, StoreError> {
        self.make("list by start", self.inner.starting_between(wanted)).await
    }

    fn sequence(&self, version: Version) -> i32 {
        self.inner.sequence(version)
    }

    async fn insert(&self, it: &Teleconsultation, cleanups: &[CleanupChange]) -> Result<Version, StoreError> {
        self.insert_after(Deferred::none(), it, cleanups).await
    }

    async fn insert_after(
        &self,
        before: Deferred,
        it: &Teleconsultation,
        cleanups: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).insert(it.id.clone());
        self.make("insert", self.inner.insert_after(before, it, cleanups)).await
    }

    async fn replace(
        &self,
        it: &Teleconsultation,
        read: Version,
        cleanups: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        self.make("replace", self.inner.replace(it, read, cleanups)).await
    }

    async fn provider_users(
        &self,
        ids: &[ParticipantId],
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError> {
        self.make("look up users", self.inner.provider_users(ids)).await
    }

    async fn remember_users(
        &self,
        users: &BTreeMap<ParticipantId, ProviderUserId>,
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError> {
        self.make("remember users", self.inner.remember_users(users)).await
    }

    async fn change_cleanups(&self, cleanups: &[CleanupChange]) -> Result<(), StoreError> {
        self.make("change cleanups", self.inner.change_cleanups(cleanups)).await
    }

    async fn defer_cleanups(&self, cleanups: &[CleanupChange]) -> Result<Deferred, StoreError> {
        if self.splits {
            return Ok(Deferred::one(Later { store: self.clone(), changes: cleanups.to_vec() }));
        }
        self.inner.defer_cleanups(cleanups).await
    }

    async fn due_cleanups(&self, now: Timestamp, limit: u32) -> Result<Vec<RoomCleanup>, StoreError> {
        self.make("read due cleanups", self.inner.due_cleanups(now, limit)).await
    }

    async fn cleanup_keys(&self, max: u32) -> Result<Option<BTreeSet<RoomKey>>, StoreError> {
        self.make("read keys of cleanups", self.inner.cleanup_keys(max)).await
    }

    async fn cleanups_waiting(&self) -> Result<CleanupsWaiting, StoreError> {
        self.make("count cleanups", self.inner.cleanups_waiting()).await
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.make("check", self.inner.health()).await
    }
}
