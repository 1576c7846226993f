//! A store in memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use async_trait::async_trait;
use domain::{ParticipantId, ProviderUserId, RoomKey, RoomRef, Stage, Teleconsultation, TeleconsultationId};
use jiff::Timestamp;

use super::locked;
use crate::teleconsultations::{
    CleanupChange, CleanupsWaiting, ListPlace, Listed, RoomCleanup, StartingBetween, StoreError, TeleconsultationStore,
    Version,
};

type Interference = Box<dyn FnOnce(Teleconsultation) -> Teleconsultation + Send>;

#[derive(Default)]
struct State {
    teleconsultations: BTreeMap<TeleconsultationId, (Teleconsultation, Version)>,
    users: BTreeMap<ParticipantId, ProviderUserId>,
    cleanups: BTreeMap<RoomKey, RoomCleanup>,
    /// Writes still to come before one fails.
    unavailable_after: Option<u32>,
    interference: Option<Interference>,
    /// Those that cannot be read.
    damaged: BTreeSet<TeleconsultationId>,
}

/// Keeps teleconsultations as long as it lives.
#[derive(Default)]
pub struct FakeTeleconsultationStore(Mutex<State>);

impl FakeTeleconsultationStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets `writes` more writes (and looks at its state as a whole) succeed, then answers one with `Unavailable` without doing anything.
    pub fn fail_after(&self, writes: u32) {
        locked(&self.0).unavailable_after = Some(writes);
    }

    /// Lets somebody else change the teleconsultation just before the next `replace`, which then meets a `Conflict`.
    pub fn interfere(&self, change: impl FnOnce(Teleconsultation) -> Teleconsultation + Send + 'static) {
        locked(&self.0).interference = Some(Box::new(change));
    }

    /// Makes a teleconsultation unreadable: from now on, reading it is `Corrupt`.
    pub fn damage(&self, id: &TeleconsultationId) {
        locked(&self.0).damaged.insert(id.clone());
    }

    /// Every teleconsultation, trashed ones included, in the order of their ids.
    pub fn teleconsultations(&self) -> Vec<Teleconsultation> {
        locked(&self.0).teleconsultations.values().map(|(teleconsultation, _)| teleconsultation.clone()).collect()
    }

    /// Every cleanup, due or not, in the order of their keys.
    pub fn cleanups(&self) -> Vec<RoomCleanup> {
        locked(&self.0).cleanups.values().cloned().collect()
    }
}

impl State {
    fn admit_write(&mut self, doing: &'static str) -> Result<(), StoreError> {
        match self.unavailable_after {
            Some(0) => {
                self.unavailable_after = None;
                Err(StoreError::Unavailable { doing, source: "the fake was told to fail".into() })
            }
            Some(writes) => {
                self.unavailable_after = Some(writes - 1);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// All or nothing.
    fn change_cleanups(&mut self, changes: &[CleanupChange]) -> Result<(), StoreError> {
        let mut cleanups = self.cleanups.clone();
        for change in changes {
            match change {
                CleanupChange::Record(cleanup) => drop(cleanups.insert(cleanup.key.clone(), cleanup.clone())),
                CleanupChange::KeepRoom(key) => {
                    let cleanup = cleanups.remove(key).filter(|cleanup| !cleanup.begun);
                    drop(cleanup.ok_or(StoreError::Conflict)?);
                }
                CleanupChange::Settle(key) => drop(cleanups.remove(key)),
            }
        }
        self.cleanups = cleanups;
        Ok(())
    }

    fn known<'a>(&self, ids: impl IntoIterator<Item = &'a ParticipantId>) -> BTreeMap<ParticipantId, ProviderUserId> {
        ids.into_iter().filter_map(|id| Some((id.clone(), self.users.get(id)?.clone()))).collect()
    }
}

#[async_trait]
impl TeleconsultationStore for FakeTeleconsultationStore {
    async fn teleconsultation(
        &self,
        id: &TeleconsultationId,
    ) -> Result<Option<(Teleconsultation, Version)>, StoreError> {
        let found = self.teleconsultation_or_trashed(id).await?;
        Ok(found.filter(|(teleconsultation, _)| teleconsultation.stage != Stage::Trashed))
    }

    async fn teleconsultation_or_trashed(
        &self,
        id: &TeleconsultationId,
    ) -> Result<Option<(Teleconsultation, Version)>, StoreError> {
        let state = locked(&self.0);
        if state.damaged.contains(id) {
            return Err(StoreError::Corrupt { what: format!("teleconsultation {id}") });
        }
        Ok(state.teleconsultations.get(id).cloned())
    }

    async fn teleconsultation_of_room(&self, room: &RoomRef) -> Result<Option<Teleconsultation>, StoreError> {
        let has_it = |one: &&Teleconsultation| one.room().is_some_and(|open| open.room == *room);
        Ok(locked(&self.0).teleconsultations.values().map(|(one, _)| one).find(has_it).cloned())
    }

    async fn starting_between(&self, wanted: &StartingBetween) -> Result<Listed, StoreError> {
        let state = locked(&self.0);
        let mut found: Vec<_> = state.teleconsultations.values().filter(|(one, _)| wanted.has(one)).cloned().collect();
        found.retain(|(one, _)| one.stage != Stage::Trashed);
        found.sort_by_key(|(one, _)| ListPlace::of(one));
        let page = usize::try_from(wanted.page()).unwrap_or(usize::MAX);
        let next = found.get(page).and_then(|_| found.get(page - 1)).map(|(last, _)| ListPlace::of(last));
        found.truncate(page);
        let (unreadable, teleconsultations): (Vec<_>, _) =
            found.into_iter().partition(|(one, _)| state.damaged.contains(&one.id));
        Ok(Listed { teleconsultations, next, unreadable: u32::try_from(unreadable.len()).unwrap_or(u32::MAX) })
    }

    async fn insert(
        &self,
        teleconsultation: &Teleconsultation,
        cleanups: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        let mut state = locked(&self.0);
        state.admit_write("inserting a teleconsultation")?;
        if state.teleconsultations.contains_key(&teleconsultation.id) {
            return Err(StoreError::Conflict);
        }
        state.change_cleanups(cleanups)?;
        let first = Version(1);
        state.teleconsultations.insert(teleconsultation.id.clone(), (teleconsultation.clone(), first));
        Ok(first)
    }

    async fn replace(
        &self,
        teleconsultation: &Teleconsultation,
        read: Version,
        cleanups: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        let mut state = locked(&self.0);
        state.admit_write("replacing a teleconsultation")?;
        let interference = state.interference.take();
        let Some(stored) = state.teleconsultations.get_mut(&teleconsultation.id) else {
            return Err(StoreError::Conflict);
        };
        if let Some(change) = interference {
            *stored = (change(stored.0.clone()), Version(stored.1.0 + 1));
        }
        if stored.1 != read {
            return Err(StoreError::Conflict);
        }
        state.change_cleanups(cleanups)?;
        let next = Version(read.0 + 1);
        state.teleconsultations.insert(teleconsultation.id.clone(), (teleconsultation.clone(), next));
        Ok(next)
    }

    async fn provider_users(
        &self,
        ids: &[ParticipantId],
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError> {
        Ok(locked(&self.0).known(ids))
    }

    async fn remember_users(
        &self,
        users: &BTreeMap<ParticipantId, ProviderUserId>,
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError> {
        let mut state = locked(&self.0);
        state.admit_write("remembering provider users")?;
        for (participant, user) in users {
            state.users.entry(participant.clone()).or_insert_with(|| user.clone());
        }
        Ok(state.known(users.keys()))
    }

    async fn change_cleanups(&self, cleanups: &[CleanupChange]) -> Result<(), StoreError> {
        let mut state = locked(&self.0);
        state.admit_write("changing room cleanups")?;
        state.change_cleanups(cleanups)
    }

    async fn due_cleanups(&self, now: Timestamp, limit: u32) -> Result<Vec<RoomCleanup>, StoreError> {
        let state = locked(&self.0);
        let mut due: Vec<_> = state.cleanups.values().filter(|cleanup| cleanup.due <= now).cloned().collect();
        due.sort_by_key(|cleanup| cleanup.due);
        due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(due)
    }

    async fn cleanups_waiting(&self) -> Result<CleanupsWaiting, StoreError> {
        let mut state = locked(&self.0);
        state.admit_write("counting room cleanups")?;
        Ok(CleanupsWaiting::of(&state.cleanups.values().cloned().collect::<Vec<_>>()))
    }

    async fn health(&self) -> Result<(), StoreError> {
        locked(&self.0).admit_write("checking its health")
    }
}
