//! A deployment: what outlives a process, and the processes on it.

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
    future::{Future, ready},
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use app::{Ctx, Policy, UserIdKey};
use crud_service_fake::{Collection, CrudServiceFake};
use domain::{
    GroupName, ParticipantId, Privileges, ProviderUserId, RolePrivileges, RoomKey, RoomRef, Teleconsultation,
    TeleconsultationId, Tools,
};
use fault_matrix::{Call, Calls, FaultyProvider, FaultyStore, Proxy};
use jiff::SignedDuration;
use kaleyra_fake::KaleyraFake;
use kaleyra_video::{BaseUrl, Client, Pause};
use platform::{Address, Authorities, Outbound};
use ports::{
    Caller,
    company::CompanyStore,
    fake::{FakeChance, FakeClock, FakeMediaEngine, FakeRoom, FakeTeleconsultationStore, FakeVideoProvider},
    provider::{Recording, VideoProvider},
    rooms::{CompanyId, RoomStore},
    teleconsultations::TeleconsultationStore,
};
use provider_kaleyra::KaleyraProvider;
use store_crud::{CrudConfig, CrudTeleconsultations};
use store_document::LinkSeal;
use store_postgres::{PostgresRooms, PostgresTeleconsultations};
use store_sqlite::{SqliteRooms, SqliteTeleconsultations};
use video::{LinkSecret, VideoConfig, VideoService};

use crate::{case::begin, postgres::Lent, run::LONG};

/// Which parts there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployment {
    /// Everything inside, rooms and teleconsultations in one SQLite file.
    Sqlite,
    /// Everything inside, rooms and teleconsultations in one PostgreSQL database.
    Postgres,
    /// Rooms at Kaleyra Video.
    Kaleyra,
    /// Teleconsultations in the CRUD Service; rooms at a provider that does not fail.
    Crud,
}

/// A session that was held in a room.
pub const SESSION: &str = "session_0123456789ab";

const COMPANY_KEY: &str = "ak_live_0123456789abcdef01234567";

/// Everybody who is named in any use case.
pub const PEOPLE: [&str; 3] = ["doctor", "patient", "relative"];

/// What outlives a process.
pub struct World {
    pub calls: Arc<Calls>,
    pub clock: Arc<FakeClock>,
    chance: Arc<FakeChance>,
    store: Store,
    provider: Provider,
    ids: Arc<Mutex<BTreeSet<TeleconsultationId>>>,
}

enum Store {
    Here(Arc<dyn TeleconsultationStore>),
    Crud { service: CrudServiceFake, proxy: Proxy },
}

enum Provider {
    Embedded(Embedded),
    Kaleyra { service: KaleyraFake, proxy: Proxy },
    Sound(Arc<FakeVideoProvider>),
}

/// The embedded video service's parts that outlive a process.
struct Embedded {
    rooms: Arc<dyn RoomStore>,
    companies: Arc<dyn CompanyStore>,
    engine: Arc<FakeMediaEngine>,
    asked: Arc<Mutex<BTreeSet<RoomKey>>>,
    /// What the records lie in.
    _place: Box<dyn Any + Send + Sync>,
}

impl Embedded {
    fn on<S: RoomStore + CompanyStore + 'static>(rooms: S, place: impl Any + Send + Sync) -> Provider {
        let rooms = Arc::new(rooms);
        let engine = Arc::new(FakeMediaEngine::new());
        Provider::Embedded(Self {
            companies: rooms.clone(),
            rooms,
            engine,
            asked: Arc::default(),
            _place: Box::new(place),
        })
    }
}

/// A room as the provider keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    pub key: RoomKey,
    pub room: RoomRef,
}

fn company() -> CompanyId {
    CompanyId("default".to_owned())
}

impl World {
    pub async fn new(deployment: Deployment) -> Self {
        let (calls, clock) = (Arc::new(Calls::default()), Arc::new(FakeClock::new(begin())));
        let (store, provider) = match deployment {
            Deployment::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let database = store_sqlite::Database::open(&folder.path().join("data.sqlite")).unwrap();
                let store = SqliteTeleconsultations::new(database.clone(), LinkSeal::new(&[7; 32]));
                (Store::Here(Arc::new(store)), Embedded::on(SqliteRooms::new(database), folder))
            }
            Deployment::Postgres => {
                let lent = Lent::new().await;
                let store = PostgresTeleconsultations::new(lent.database(), LinkSeal::new(&[7; 32]));
                (Store::Here(Arc::new(store)), Embedded::on(PostgresRooms::new(lent.database()), lent))
            }
            Deployment::Kaleyra => {
                let service = KaleyraFake::start("v2").await.unwrap();
                let proxy = Proxy::start(kaleyra_address(&service), calls.clone(), kaleyra_operation).await.unwrap();
                (Store::Here(Arc::new(FakeTeleconsultationStore::new())), Provider::Kaleyra { service, proxy })
            }
            Deployment::Crud => {
                let collections = vec![Collection::teleconsultations(), Collection::user_id_map()];
                let service = CrudServiceFake::start(collections, clock.clone()).await.unwrap();
                let proxy = Proxy::start(address(&service.url()), calls.clone(), crud_operation).await.unwrap();
                (Store::Crud { service, proxy }, Provider::Sound(Arc::new(FakeVideoProvider::new())))
            }
        };
        Self { calls, clock, chance: Arc::new(FakeChance::seeded(1)), store, provider, ids: Arc::default() }
    }

    fn store(&self, patience: Duration, disturbed: bool) -> FaultyStore {
        let store: Arc<dyn TeleconsultationStore> = match &self.store {
            Store::Here(store) => store.clone(),
            Store::Crud { service, proxy } => {
                let reached = if disturbed { proxy.address() } else { address(&service.url()) };
                let config = CrudConfig {
                    service: Address::parse(&format!("http://{reached}")).unwrap(),
                    teleconsultations: "bk-ts-teleconsultations".to_owned(),
                    user_id_map: "bk-ts-userid-maps".to_owned(),
                    privileges: privileges(),
                };
                let store = CrudTeleconsultations::new(config, outbound(patience), self.clock.clone());
                Arc::new(store.unwrap())
            }
        };
        let together = matches!(self.provider, Provider::Embedded(_));
        FaultyStore::new(store, self.calls.clone(), !together, self.ids.clone())
    }

    /// A process that was just started. Over HTTP, it waits for an answer up to `patience`.
    pub fn process(&self, patience: Duration) -> Ctx {
        self.any_process(patience, true)
    }

    /// A process that no proxy disturbs, for what is made and looked at beside the use case.
    pub fn undisturbed(&self) -> Ctx {
        self.any_process(LONG, false)
    }

    fn any_process(&self, patience: Duration, disturbed: bool) -> Ctx {
        let provider: Arc<dyn VideoProvider> = match &self.provider {
            Provider::Embedded(embedded) => {
                let service = Arc::new(self.video_service(embedded));
                Arc::new(FaultyProvider::new(service, self.calls.clone(), embedded.asked.clone()))
            }
            Provider::Kaleyra { service, proxy } => {
                let reached = if disturbed { proxy.address() } else { kaleyra_address(service) };
                let settings = kaleyra_video::Settings {
                    total_timeout: patience,
                    read_timeout: patience,
                    ..provider_kaleyra::settings()
                };
                let base = BaseUrl::parse(&format!("http://{reached}/v2")).unwrap();
                let client = Client::with_pause(base, &COMPANY_KEY.into(), settings, || 7, NoPause).unwrap();
                Arc::new(KaleyraProvider::new(client, self.clock.clone()).owned_by("matrix"))
            }
            Provider::Sound(provider) => provider.clone(),
        };
        Ctx {
            store: Arc::new(self.store(patience, disturbed)),
            provider,
            clock: self.clock.clone(),
            chance: self.chance.clone(),
            policy: Arc::new(Policy {
                privileges: privileges(),
                immutable_period: SignedDuration::ZERO,
                unlimited: true,
                live: true,
                recording: Recording::None,
                delete_uploads: false,
                transcription_bytes_max: 1024,
            }),
            user_id_key: UserIdKey::new(COMPANY_KEY.as_bytes()),
            directories: None,
            caller: Caller::nobody(),
        }
    }

    /// The embedded service over this world's database.
    fn video_service(&self, embedded: &Embedded) -> VideoService {
        let config = VideoConfig {
            company: company(),
            public_url: "https://visits.example.org".to_owned(),
            region: "eu".to_owned(),
            link_secret: LinkSecret::new([7; 32]),
        };
        let Embedded { rooms, companies, engine, .. } = embedded;
        VideoService::new(config, rooms.clone(), engine.clone(), self.clock.clone(), self.chance.clone())
            .with_companies(companies.clone())
    }

    /// What people leave at the provider after a call: files, and what they said. Nothing where the provider keeps none.
    pub async fn leave_things(&self) {
        if let Provider::Kaleyra { service, proxy } = &self.provider {
            for Room { room, .. } in self.rooms().await {
                service.share(&room.as_str().into(), &["upload_1", "upload_2"]);
                service.hold(SESSION, room.as_str());
                let link = format!("http://{}/v2/files/{SESSION}", proxy.address());
                service.transcribe_at(SESSION, &link, b"1\n00:00:00,000 --> 00:00:01,000\nBuongiorno\n\n");
            }
        }
    }

    /// Whether a room can be left behind of which the store knows nothing.
    pub fn needs_sweeping(&self) -> bool {
        match &self.provider {
            Provider::Embedded(_) => false,
            Provider::Kaleyra { .. } | Provider::Sound(_) => true,
        }
    }

    fn proxies(&self) -> impl Iterator<Item = &Proxy> {
        let store = match &self.store {
            Store::Here(_) => None,
            Store::Crud { proxy, .. } => Some(proxy),
        };
        let provider = match &self.provider {
            Provider::Embedded(_) | Provider::Sound(_) => None,
            Provider::Kaleyra { proxy, .. } => Some(proxy),
        };
        store.into_iter().chain(provider)
    }

    /// From this call on, nobody answers at the service's port.
    pub async fn refuse_from(&self, recorded: &[Call], call: &Call) {
        for proxy in self.proxies() {
            proxy.refuse_from(recorded, call).await;
        }
    }

    /// Ends all faults.
    pub async fn calm(&self) {
        self.calls.end();
        for proxy in self.proxies() {
            proxy.go_up().await;
        }
    }

    /// Every teleconsultation that is stored, trashed ones included.
    pub async fn teleconsultations(&self) -> BTreeMap<TeleconsultationId, Teleconsultation> {
        let (mut stored, store) = (BTreeMap::new(), self.store(LONG, false));
        for id in store.ids() {
            if let Some((it, _)) = store.teleconsultation_or_trashed(&id).await.unwrap() {
                stored.insert(id, it);
            }
        }
        stored
    }

    /// What is left to be done at the provider.
    pub async fn cleanups_left(&self) -> usize {
        self.store(LONG, false).due_cleanups(jiff::Timestamp::MAX, 1000).await.unwrap().len()
    }

    /// The rooms that the provider has.
    pub async fn rooms(&self) -> Vec<Room> {
        match &self.provider {
            Provider::Embedded(Embedded { rooms, asked, .. }) => {
                let asked = asked.lock().unwrap().clone();
                let mut there = Vec::new();
                for key in asked {
                    if let Some(state) = rooms.room_by_key(&company(), &key).await.unwrap() {
                        there.push(Room { key, room: state.room.id });
                    }
                }
                there
            }
            Provider::Kaleyra { service, .. } => {
                let room = |room: &serde_json::Value| {
                    let mark = room["description"].as_str().unwrap();
                    let key = RoomKey::from_stored(mark.rsplit(' ').next().unwrap());
                    Room { key, room: RoomRef::new(room["id"].as_str().unwrap()) }
                };
                service.rooms().iter().map(room).collect()
            }
            Provider::Sound(provider) => {
                let room = |(key, room): (RoomKey, FakeRoom)| Room { key, room: room.opened.room };
                provider.rooms().into_iter().map(room).collect()
            }
        }
    }

    /// The users that the provider has, where it can be asked; somebody who was made twice is there twice.
    pub fn users(&self) -> Option<Vec<ProviderUserId>> {
        match &self.provider {
            // Their id is the table's key.
            Provider::Embedded(_) | Provider::Sound(_) => None,
            Provider::Kaleyra { service, .. } => {
                let id = |user: &serde_json::Value| ProviderUserId::parse(user["id"].as_str().unwrap()).unwrap();
                Some(service.users().iter().map(id).collect())
            }
        }
    }

    /// Whether this link lets this person into this room.
    pub async fn opens(&self, link: &str, user: &ProviderUserId, room: &RoomRef) -> bool {
        match &self.provider {
            Provider::Embedded(embedded) => {
                let entry = self.video_service(embedded).enter(link.rsplit('/').next().unwrap()).await;
                entry.is_ok_and(|entry| entry.participant.user == *user && entry.room.id == *room)
            }
            Provider::Kaleyra { service, .. } => service.rooms().iter().any(|kept| {
                let people = kept["participants"].as_array().unwrap();
                let theirs = |person: &serde_json::Value| person["user_id"] == user.as_str() && person["url"] == link;
                kept["id"] == room.as_str() && people.iter().any(theirs)
            }),
            Provider::Sound(provider) => provider.rooms().values().any(|kept| {
                let theirs = kept.opened.links.get(user).is_some_and(|theirs| theirs.expose() == link);
                kept.opened.room == *room && theirs
            }),
        }
    }
}

fn privileges() -> Privileges {
    let role = |group: &str| RolePrivileges { groups: vec![GroupName::parse(group).unwrap()], tools: Tools::all() };
    Privileges { basic: role("patient"), plus: role("doctor") }
}

/// Where `http://` and an address lead.
fn address(url: &str) -> SocketAddr {
    url["http://".len()..].parse().unwrap()
}

/// Connections whose attempts take up to `patience`. Making them reads the system's certificates, so they are shared.
fn outbound(patience: Duration) -> Outbound {
    static MADE: Mutex<BTreeMap<Duration, Outbound>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap();
    made.entry(patience)
        .or_insert_with(|| Outbound::with_attempt_timeout(&Authorities::default(), patience).unwrap())
        .clone()
}

fn kaleyra_address(service: &KaleyraFake) -> SocketAddr {
    address(service.base_url().trim_end_matches("/v2"))
}

/// Names a call of Kaleyra's API. People are called together, so it says who is meant.
fn kaleyra_operation(method: &str, target: &str, body: &[u8]) -> String {
    let is_id = |segment: &str| ["room_", "session_", "upload_"].iter().any(|kind| segment.starts_with(kind));
    let named = |segment: &str| match who(segment) {
        Some(name) => Some(format!("{{{name}}}")),
        None => is_id(segment).then(|| "{id}".to_owned()),
    };
    let path = without_ids(target, 2, named);
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    match body["id"].as_str().or(body["user_id"].as_str()).and_then(who) {
        Some(name) => format!("provider: {method} /{path} {{{name}}}"),
        None => format!("provider: {method} /{path}"),
    }
}

/// Whose user this is.
fn who(user: &str) -> Option<&'static str> {
    let key = UserIdKey::new(COMPANY_KEY.as_bytes());
    PEOPLE.into_iter().find(|name| key.provider_user(&ParticipantId::parse(name).unwrap()).as_str() == user)
}

/// Names a call of the CRUD Service.
fn crud_operation(method: &str, target: &str, _: &[u8]) -> String {
    let named = |segment: &str| TeleconsultationId::parse(segment).is_ok().then(|| "{id}".to_owned());
    format!("store: {method} /{}", without_ids(target, 1, named))
}

fn without_ids(target: &str, first: usize, named: impl Fn(&str) -> Option<String>) -> String {
    let path = target.split('?').next().unwrap_or_default();
    let shown = |segment: &str| named(segment).unwrap_or_else(|| segment.to_owned());
    path.split('/').skip(first).map(shown).collect::<Vec<_>>().join("/")
}

/// Lets no time pass between attempts.
#[derive(Debug, Clone, Copy)]
struct NoPause;

impl Pause for NoPause {
    fn pause(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(ready(()))
    }
}
