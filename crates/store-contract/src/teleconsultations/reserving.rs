//! The store as the use cases use it: an id is reserved before anything is written about it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use domain::{ParticipantId, ProviderUserId, RoomKey, RoomRef, Teleconsultation, TeleconsultationId};
use futures_util::lock::Mutex;
use jiff::Timestamp;
use ports::{
    Caller, Deferred,
    teleconsultations::{
        Abilities, CleanupChange, CleanupsWaiting, ListPlace, Listed, RoomCleanup, StartingBetween, StoreError,
        TeleconsultationStore, Version,
    },
};

/// A store whose ids are those that a test proposes, whatever the ids are that the store makes of them.
pub struct Reserving<S> {
    store: S,
    /// What was reserved, by what was proposed.
    reserved: Mutex<BTreeMap<TeleconsultationId, TeleconsultationId>>,
}

impl<S: TeleconsultationStore> Reserving<S> {
    /// The same store, in which nothing is reserved yet.
    pub fn new(store: S) -> Self {
        Self { store, reserved: Mutex::default() }
    }

    /// The id that stands for this one, reserved now if it was not.
    async fn reserved(&self, proposed: &TeleconsultationId) -> Result<TeleconsultationId, StoreError> {
        let mut all = self.reserved.lock().await;
        if let Some(reserved) = all.get(proposed) {
            return Ok(reserved.clone());
        }
        let reserved = self.store.reserve(proposed.clone()).await?;
        all.insert(proposed.clone(), reserved.clone());
        Ok(reserved)
    }

    /// The id that stands for this one, or this one if none does.
    async fn known(&self, proposed: &TeleconsultationId) -> TeleconsultationId {
        self.reserved.lock().await.get(proposed).unwrap_or(proposed).clone()
    }

    /// What was proposed for this id, or this one if nothing was.
    async fn proposed(&self, reserved: TeleconsultationId) -> TeleconsultationId {
        let all = self.reserved.lock().await;
        let found = all.iter().find(|(_, known)| **known == reserved).map(|(proposed, _)| proposed.clone());
        found.unwrap_or(reserved)
    }

    async fn with_known_ids(&self, changes: &[CleanupChange]) -> Result<Vec<CleanupChange>, StoreError> {
        let mut known = Vec::with_capacity(changes.len());
        for change in changes {
            known.push(match change {
                CleanupChange::Record(cleanup) => {
                    let teleconsultation = self.reserved(&cleanup.teleconsultation).await?;
                    CleanupChange::Record(RoomCleanup { teleconsultation, ..cleanup.clone() })
                }
                CleanupChange::KeepRoom(_) | CleanupChange::Settle(_) => change.clone(),
            });
        }
        Ok(known)
    }
}

/// What was found, under the id that was asked for.
fn under(id: &TeleconsultationId, found: Option<(Teleconsultation, Version)>) -> Option<(Teleconsultation, Version)> {
    found.map(|(found, version)| (Teleconsultation { id: id.clone(), ..found }, version))
}

#[async_trait]
impl<S: TeleconsultationStore> TeleconsultationStore for Reserving<S> {
    fn abilities(&self) -> Abilities {
        self.store.abilities()
    }

    fn for_caller(&self, caller: &Caller) -> Option<Arc<dyn TeleconsultationStore>> {
        self.store.for_caller(caller)
    }

    async fn teleconsultation(
        &self,
        id: &TeleconsultationId,
    ) -> Result<Option<(Teleconsultation, Version)>, StoreError> {
        Ok(under(id, self.store.teleconsultation(&self.known(id).await).await?))
    }

    async fn teleconsultation_or_trashed(
        &self,
        id: &TeleconsultationId,
    ) -> Result<Option<(Teleconsultation, Version)>, StoreError> {
        Ok(under(id, self.store.teleconsultation_or_trashed(&self.known(id).await).await?))
    }

    async fn teleconsultation_of_room(&self, room: &RoomRef) -> Result<Option<Teleconsultation>, StoreError> {
        match self.store.teleconsultation_of_room(room).await? {
            Some(found) => Ok(Some(Teleconsultation { id: self.proposed(found.id.clone()).await, ..found })),
            None => Ok(None),
        }
    }

    async fn starting_between(&self, wanted: &StartingBetween) -> Result<Listed, StoreError> {
        let after = match &wanted.after {
            Some(place) => Some(ListPlace { id: self.known(&place.id).await, ..place.clone() }),
            None => None,
        };
        let mut listed = self.store.starting_between(&StartingBetween { after, ..wanted.clone() }).await?;
        for (one, _) in &mut listed.teleconsultations {
            one.id = self.proposed(one.id.clone()).await;
        }
        if let Some(next) = &mut listed.next {
            next.id = self.proposed(next.id.clone()).await;
        }
        Ok(listed)
    }

    fn sequence(&self, version: Version) -> i32 {
        self.store.sequence(version)
    }

    async fn insert(
        &self,
        teleconsultation: &Teleconsultation,
        cleanups: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        let id = self.reserved(&teleconsultation.id).await?;
        let reserved = Teleconsultation { id, ..teleconsultation.clone() };
        self.store.insert(&reserved, &self.with_known_ids(cleanups).await?).await
    }

    async fn insert_after(
        &self,
        before: Deferred,
        teleconsultation: &Teleconsultation,
        cleanups: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        let id = self.reserved(&teleconsultation.id).await?;
        let reserved = Teleconsultation { id, ..teleconsultation.clone() };
        self.store.insert_after(before, &reserved, &self.with_known_ids(cleanups).await?).await
    }

    async fn replace(
        &self,
        teleconsultation: &Teleconsultation,
        read: Version,
        cleanups: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        let known = Teleconsultation { id: self.known(&teleconsultation.id).await, ..teleconsultation.clone() };
        self.store.replace(&known, read, &self.with_known_ids(cleanups).await?).await
    }

    async fn provider_users(
        &self,
        ids: &[ParticipantId],
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError> {
        self.store.provider_users(ids).await
    }

    async fn remember_users(
        &self,
        users: &BTreeMap<ParticipantId, ProviderUserId>,
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError> {
        self.store.remember_users(users).await
    }

    async fn change_cleanups(&self, cleanups: &[CleanupChange]) -> Result<(), StoreError> {
        self.store.change_cleanups(&self.with_known_ids(cleanups).await?).await
    }

    async fn defer_cleanups(&self, cleanups: &[CleanupChange]) -> Result<Deferred, StoreError> {
        self.store.defer_cleanups(&self.with_known_ids(cleanups).await?).await
    }

    async fn cleanup_keys(&self, max: u32) -> Result<Option<BTreeSet<RoomKey>>, StoreError> {
        self.store.cleanup_keys(max).await
    }

    async fn cleanups_waiting(&self) -> Result<CleanupsWaiting, StoreError> {
        self.store.cleanups_waiting().await
    }

    async fn due_cleanups(&self, now: Timestamp, limit: u32) -> Result<Vec<RoomCleanup>, StoreError> {
        let mut due = self.store.due_cleanups(now, limit).await?;
        for cleanup in &mut due {
            cleanup.teleconsultation = self.proposed(cleanup.teleconsultation.clone()).await;
        }
        Ok(due)
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.store.health().await
    }
}
