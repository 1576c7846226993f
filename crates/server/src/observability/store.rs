//! A store of teleconsultations whose calls are counted and traced.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use domain::{ParticipantId, ProviderUserId, RoomKey, RoomRef, Teleconsultation, TeleconsultationId};
use jiff::Timestamp;
use ports::{
    Caller, Deferred,
    teleconsultations::{
        Abilities, CleanupChange, CleanupsWaiting, Listed, RoomCleanup, StartingBetween, StoreError,
        TeleconsultationStore, Version,
    },
};

use super::calls::{Calls, Outcome, Part};

/// What is counted.
pub static PART: Part = Part {
    name: "store",
    what: "the store of teleconsultations",
    operations: &[
        "reserve",
        "teleconsultation",
        "teleconsultation_or_trashed",
        "teleconsultation_of_room",
        "starting_between",
        "insert",
        "insert_after",
        "replace",
        "provider_users",
        "remember_users",
        "change_cleanups",
        "defer_cleanups",
        "due_cleanups",
        "cleanup_keys",
        "cleanups_waiting",
        "health",
    ],
    outcomes: &[Outcome::Ok, Outcome::Conflict, Outcome::Unavailable, Outcome::Corrupt, Outcome::Abandoned],
};

/// Passes every call on, also those for which the trait has an answer of its own: only the store knows whether that is the best.
pub struct ObservedStore {
    inner: Arc<dyn TeleconsultationStore>,
    calls: Calls,
}

impl ObservedStore {
    /// Counts the calls to `inner`.
    pub fn new(inner: Arc<dyn TeleconsultationStore>, calls: Calls) -> Self {
        Self { inner, calls }
    }
}

fn outcome(error: &StoreError) -> Outcome {
    match error {
        StoreError::Conflict => Outcome::Conflict,
        StoreError::Unavailable { .. } => Outcome::Unavailable,
        StoreError::Corrupt { .. } => Outcome::Corrupt,
    }
}

#[async_trait]
impl TeleconsultationStore for ObservedStore {
    fn abilities(&self) -> Abilities {
        self.inner.abilities()
    }

    fn for_caller(&self, caller: &Caller) -> Option<Arc<dyn TeleconsultationStore>> {
        let inner = self.inner.for_caller(caller)?;
        Some(Arc::new(Self::new(inner, self.calls.clone())))
    }

    async fn reserve(&self, proposed: TeleconsultationId) -> Result<TeleconsultationId, StoreError> {
        self.calls.trace("reserve", self.inner.reserve(proposed), outcome).await
    }

    async fn teleconsultation(
        &self,
        id: &TeleconsultationId,
    ) -> Result<Option<(Teleconsultation, Version)>, StoreError> {
        self.calls.trace("teleconsultation", self.inner.teleconsultation(id), outcome).await
    }

    async fn teleconsultation_or_trashed(
        &self,
        id: &TeleconsultationId,
    ) -> Result<Option<(Teleconsultation, Version)>, StoreError> {
        self.calls.trace("teleconsultation_or_trashed", self.inner.teleconsultation_or_trashed(id), outcome).await
    }

    async fn teleconsultation_of_room(&self, room: &RoomRef) -> Result<Option<Teleconsultation>, StoreError> {
        self.calls.trace("teleconsultation_of_room", self.inner.teleconsultation_of_room(room), outcome).await
    }

    async fn starting_between(&self, wanted: &StartingBetween) -> Result<Listed, StoreError> {
        self.calls.trace("starting_between", self.inner.starting_between(wanted), outcome).await
    }

    fn sequence(&self, version: Version) -> i32 {
        self.inner.sequence(version)
    }

    async fn insert(
        &self,
        teleconsultation: &Teleconsultation,
        cleanups: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        self.calls.trace("insert", self.inner.insert(teleconsultation, cleanups), outcome).await
    }

    async fn insert_after(
        &self,
        before: Deferred,
        teleconsultation: &Teleconsultation,
        cleanups: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        let call = self.inner.insert_after(before, teleconsultation, cleanups);
        self.calls.trace("insert_after", call, outcome).await
    }

    async fn replace(
        &self,
        teleconsultation: &Teleconsultation,
        read: Version,
        cleanups: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        self.calls.trace("replace", self.inner.replace(teleconsultation, read, cleanups), outcome).await
    }

    async fn provider_users(
        &self,
        ids: &[ParticipantId],
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError> {
        self.calls.trace("provider_users", self.inner.provider_users(ids), outcome).await
    }

    async fn remember_users(
        &self,
        users: &BTreeMap<ParticipantId, ProviderUserId>,
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError> {
        self.calls.trace("remember_users", self.inner.remember_users(users), outcome).await
    }

    async fn change_cleanups(&self, cleanups: &[CleanupChange]) -> Result<(), StoreError> {
        self.calls.trace("change_cleanups", self.inner.change_cleanups(cleanups), outcome).await
    }

    async fn defer_cleanups(&self, cleanups: &[CleanupChange]) -> Result<Deferred, StoreError> {
        self.calls.trace("defer_cleanups", self.inner.defer_cleanups(cleanups), outcome).await
    }

    async fn due_cleanups(&self, now: Timestamp, limit: u32) -> Result<Vec<RoomCleanup>, StoreError> {
        self.calls.count("due_cleanups", self.inner.due_cleanups(now, limit), outcome).await
    }

    async fn cleanup_keys(&self, max: u32) -> Result<Option<BTreeSet<RoomKey>>, StoreError> {
        self.calls.count("cleanup_keys", self.inner.cleanup_keys(max), outcome).await
    }

    async fn cleanups_waiting(&self) -> Result<CleanupsWaiting, StoreError> {
        self.calls.count("cleanups_waiting", self.inner.cleanups_waiting(), outcome).await
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.calls.count("health", self.inner.health(), outcome).await
    }
}

#[cfg(test)]
mod tests {
    use ports::fake::FakeTeleconsultationStore;

    use super::*;

    store_contract::teleconsultation_store_promises!((
        ObservedStore::new(Arc::new(FakeTeleconsultationStore::new()), Calls::new(&PART)),
        ()
    ));

    #[test]
    fn every_method_is_passed_on() {
        let port = include_str!("../../../ports/src/teleconsultations.rs");
        let asked = crate::observability::methods(port, "pub trait TeleconsultationStore:");
        let passed_on =
            crate::observability::methods(include_str!("store.rs"), "impl TeleconsultationStore for ObservedStore {");
        assert!(asked.contains("health") && asked == passed_on, "{asked:?}\n{passed_on:?}");
    }
}
