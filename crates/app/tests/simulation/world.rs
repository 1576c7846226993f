//! A store and a provider behind which everything waits for its turn, and now and then fails.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use app::{Ctx, Person, Policy, UserIdKey};
use async_trait::async_trait;
use domain::{
    FullName, GroupName, ParticipantId, Privileges, ProviderUserId, RolePrivileges, RoomKey, RoomRef, Teleconsultation,
    TeleconsultationId, Tools,
};
use jiff::{SignedDuration, Timestamp};
use ports::{
    Caller,
    fake::{FakeChance, FakeClock, FakeTeleconsultationStore, FakeVideoProvider},
    provider::{
        AddBackgroundError, Background, BackgroundImage, Company, Credentials, ProviderError, Recording, RoomDetails,
        RoomOpened, RoomSpec, SessionRef, TranscriptionError, TranscriptionFormat, UploadsDeleted, UserSpec,
        VideoProvider,
    },
    teleconsultations::{
        CleanupChange, CleanupsWaiting, Listed, RoomCleanup, StartingBetween, StoreError, TeleconsultationStore,
        Version,
    },
};

use crate::schedule::{Random, Task, run_in_random_order, step};

/// One call in so many fails, where faults are on.
const FAULT_EVERY: usize = 8;

pub struct World {
    store: Arc<FakeTeleconsultationStore>,
    provider: Arc<FakeVideoProvider>,
    clock: Arc<FakeClock>,
    chance: Arc<FakeChance>,
    faults: Option<Arc<Mutex<Random>>>,
    ids: Arc<Mutex<BTreeSet<TeleconsultationId>>>,
}

/// A patient, unless the name says otherwise.
pub fn person(name: &str) -> Person {
    let group = if name == "doctor" { "doctor" } else { "patient" };
    Person {
        id: ParticipantId::parse(name).unwrap(),
        groups: vec![GroupName::parse(group).unwrap()],
        full_name: Some(FullName::parse(name).unwrap()),
        language: None,
    }
}

fn policy() -> Policy {
    let role = |group: &str| RolePrivileges { groups: vec![GroupName::parse(group).unwrap()], tools: Tools::all() };
    Policy {
        privileges: Privileges { basic: role("patient"), plus: role("doctor") },
        immutable_period: SignedDuration::ZERO,
        unlimited: true,
        live: true,
        recording: Recording::None,
        delete_uploads: true,
        transcription_bytes_max: 1024,
    }
}

impl World {
    pub fn new(seed: u64) -> Self {
        Self {
            store: Arc::new(FakeTeleconsultationStore::new()),
            provider: Arc::new(FakeVideoProvider::new()),
            clock: Arc::new(FakeClock::new("2026-01-01T10:00:00Z".parse().unwrap())),
            chance: Arc::new(FakeChance::seeded(seed)),
            faults: None,
            ids: Arc::default(),
        }
    }

    pub fn with_faults(seed: u64) -> Self {
        Self { faults: Some(Arc::new(Mutex::new(Random::new(seed ^ 0xfa17)))), ..Self::new(seed) }
    }

    /// Everything waits for its turn, and fails if this world has faults.
    pub fn ctx(&self) -> Ctx {
        self.ctx_of(self.faults.clone(), SignedDuration::ZERO)
    }

    /// Nothing fails.
    pub fn calm_ctx(&self) -> Ctx {
        self.ctx_of(None, SignedDuration::ZERO)
    }

    /// Each room takes so long to be made.
    pub fn ctx_with_slow_rooms(&self, by: SignedDuration) -> Ctx {
        self.ctx_of(None, by)
    }

    fn ctx_of(&self, faults: Option<Arc<Mutex<Random>>>, room_takes: SignedDuration) -> Ctx {
        let faults = Faults(faults);
        Ctx {
            store: Arc::new(Store { inner: self.store.clone(), faults: faults.clone(), ids: self.ids.clone() }),
            provider: Arc::new(Provider {
                inner: self.provider.clone(),
                faults,
                clock: self.clock.clone(),
                room_takes,
            }),
            clock: self.clock.clone(),
            chance: self.chance.clone(),
            policy: Arc::new(policy()),
            user_id_key: UserIdKey::new(b"key"),
            directories: None,
            caller: Caller::nobody(),
        }
    }

    /// Sets the clock forth at some moment.
    pub fn jump(&self, by: SignedDuration) -> impl Future<Output = ()> + use<> {
        let clock = self.clock.clone();
        async move {
            step().await;
            clock.advance(by);
        }
    }

    /// What is stored, trashed ones included.
    pub fn kept(&self, id: &TeleconsultationId) -> Teleconsultation {
        let (store, id) = (self.store.clone(), id.clone());
        let read = Task::new(async move { store.teleconsultation_or_trashed(&id).await });
        run_in_random_order(0, vec![read]).remove(0).unwrap().unwrap().unwrap().0
    }

    /// Lets time pass and the worker work, without faults, until nothing is left to do.
    pub fn settle(&self) {
        let ctx = self.calm_ctx();
        for _ in 0..10 {
            self.clock.advance(SignedDuration::from_mins(10));
            let ctx = ctx.clone();
            let work = Task::new(async move { app::finish_due_cleanups(&ctx).await });
            run_in_random_order(0, vec![work]).remove(0).unwrap().unwrap();
        }
        let (store, now) = (self.store.clone(), Timestamp::MAX);
        let left = Task::new(async move { store.due_cleanups(now, 1000).await });
        assert_eq!(run_in_random_order(0, vec![left]).remove(0).unwrap().unwrap(), [], "cleanups are left");
    }

    pub fn assert_one_room_for_each_complete_teleconsultation(&self, seed: u64) {
        let mut wanted = BTreeMap::new();
        for id in &*self.ids.lock().unwrap() {
            let kept = self.kept(id);
            match kept.room() {
                Some(room) => {
                    assert!(kept.roster.is_complete(), "seed {seed}: an incomplete one has a room");
                    let links: BTreeMap<_, _> = kept
                        .roster
                        .known()
                        .iter()
                        .map(|it| (it.provider_user.clone(), it.access_link.clone()))
                        .collect();
                    wanted.insert(room.key.clone(), (room.room.clone(), links));
                }
                None => assert!(
                    !kept.roster.is_complete() || matches!(kept.stage, domain::Stage::Trashed),
                    "seed {seed}: a complete one has no room"
                ),
            }
        }
        let existing: BTreeMap<_, _> = self
            .provider
            .rooms()
            .into_iter()
            .map(|(key, room)| {
                let links = room.opened.links.into_iter().map(|(user, link)| (user, Some(link))).collect();
                (key, (room.opened.room, links))
            })
            .collect();
        assert_eq!(existing, wanted, "seed {seed}");
    }
}

#[derive(Clone)]
struct Faults(Option<Arc<Mutex<Random>>>);

/// What happens to one call.
enum Fate {
    Succeeds,
    FailsBefore,
    FailsAfter,
}

impl Faults {
    fn fate(&self) -> Fate {
        let Some(random) = &self.0 else { return Fate::Succeeds };
        match random.lock().unwrap().below(FAULT_EVERY * 2) {
            0 => Fate::FailsBefore,
            1 => Fate::FailsAfter,
            _ => Fate::Succeeds,
        }
    }

    /// Waits, calls, waits; and fails before or after the call if that is its fate.
    async fn call<T, E>(&self, call: impl Future<Output = Result<T, E>>, fault: impl Fn() -> E) -> Result<T, E> {
        step().await;
        let fate = self.fate();
        if matches!(fate, Fate::FailsBefore) {
            return Err(fault());
        }
        let answer = call.await;
        step().await;
        if matches!(fate, Fate::FailsAfter) { Err(fault()) } else { answer }
    }
}

struct Store {
    inner: Arc<FakeTeleconsultationStore>,
    faults: Faults,
    ids: Arc<Mutex<BTreeSet<TeleconsultationId>>>,
}

fn store_fault() -> StoreError {
    StoreError::Unavailable { doing: "simulating", source: "a fault".into() }
}

#[async_trait]
impl TeleconsultationStore for Store {
    async fn teleconsultation(
        &self,
        id: &TeleconsultationId,
    ) -> Result<Option<(Teleconsultation, Version)>, StoreError> {
        self.faults.call(self.inner.teleconsultation(id), store_fault).await
    }

    async fn teleconsultation_or_trashed(
        &self,
        id: &TeleconsultationId,
    ) -> Result<Option<(Teleconsultation, Version)>, StoreError> {
        self.faults.call(self.inner.teleconsultation_or_trashed(id), store_fault).await
    }

    async fn teleconsultation_of_room(&self, room: &RoomRef) -> Result<Option<Teleconsultation>, StoreError> {
        self.faults.call(self.inner.teleconsultation_of_room(room), store_fault).await
    }

    async fn starting_between(&self, wanted: &StartingBetween) -> Result<Listed, StoreError> {
        self.faults.call(self.inner.starting_between(wanted), store_fault).await
    }

    async fn insert(&self, it: &Teleconsultation, cleanups: &[CleanupChange]) -> Result<Version, StoreError> {
        let insert = async {
            let version = self.inner.insert(it, cleanups).await?;
            self.ids.lock().unwrap().insert(it.id.clone());
            Ok(version)
        };
        self.faults.call(insert, store_fault).await
    }

    async fn replace(
        &self,
        it: &Teleconsultation,
        read: Version,
        cleanups: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        self.faults.call(self.inner.replace(it, read, cleanups), store_fault).await
    }

    async fn provider_users(
        &self,
        ids: &[ParticipantId],
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError> {
        self.faults.call(self.inner.provider_users(ids), store_fault).await
    }

    async fn remember_users(
        &self,
        users: &BTreeMap<ParticipantId, ProviderUserId>,
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError> {
        self.faults.call(self.inner.remember_users(users), store_fault).await
    }

    async fn change_cleanups(&self, cleanups: &[CleanupChange]) -> Result<(), StoreError> {
        self.faults.call(self.inner.change_cleanups(cleanups), store_fault).await
    }

    async fn due_cleanups(&self, now: Timestamp, limit: u32) -> Result<Vec<RoomCleanup>, StoreError> {
        self.faults.call(self.inner.due_cleanups(now, limit), store_fault).await
    }

    async fn cleanups_waiting(&self) -> Result<CleanupsWaiting, StoreError> {
        self.inner.cleanups_waiting().await
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.inner.health().await
    }
}

struct Provider {
    inner: Arc<FakeVideoProvider>,
    faults: Faults,
    clock: Arc<FakeClock>,
    room_takes: SignedDuration,
}

fn provider_fault() -> ProviderError {
    ProviderError::Unavailable { doing: "simulating", source: "a fault".into() }
}

#[async_trait]
impl VideoProvider for Provider {
    async fn ensure_users(&self, users: &[UserSpec]) -> Result<(), ProviderError> {
        self.faults.call(self.inner.ensure_users(users), provider_fault).await
    }

    async fn ensure_room(&self, spec: &RoomSpec) -> Result<RoomOpened, ProviderError> {
        self.clock.advance(self.room_takes);
        self.faults.call(self.inner.ensure_room(spec), provider_fault).await
    }

    async fn room(&self, room: &RoomRef) -> Result<Option<RoomDetails>, ProviderError> {
        self.faults.call(self.inner.room(room), provider_fault).await
    }

    async fn delete_room(&self, key: &RoomKey, room: Option<&RoomRef>) -> Result<(), ProviderError> {
        self.faults.call(self.inner.delete_room(key, room), provider_fault).await
    }

    async fn credentials(
        &self,
        user: &ProviderUserId,
        valid_for: Duration,
    ) -> Result<Option<Credentials>, ProviderError> {
        self.faults.call(self.inner.credentials(user, valid_for), provider_fault).await
    }

    async fn add_background(&self, image: BackgroundImage) -> Result<Background, AddBackgroundError> {
        self.faults.call(self.inner.add_background(image), || provider_fault().into()).await
    }

    async fn set_default_background(&self, alias: &str) -> Result<Option<Company>, ProviderError> {
        self.faults.call(self.inner.set_default_background(alias), provider_fault).await
    }

    async fn transcription(
        &self,
        room: &RoomRef,
        session: &SessionRef,
        format: TranscriptionFormat,
        bytes_max: usize,
    ) -> Result<Option<String>, TranscriptionError> {
        self.faults.call(self.inner.transcription(room, session, format, bytes_max), || provider_fault().into()).await
    }

    async fn delete_uploads(&self, room: &RoomRef) -> Result<UploadsDeleted, ProviderError> {
        self.faults.call(self.inner.delete_uploads(room), provider_fault).await
    }

    async fn health(&self) -> Result<(), ProviderError> {
        self.inner.health().await
    }
}
