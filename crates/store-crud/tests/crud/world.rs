//! A CRUD Service, a video provider, and the use cases on them.

use std::sync::Arc;

use app::{Booking, Ctx, Expected, People, Person, Policy, UserIdKey, finish_due_cleanups, schedule};
use crud_service_fake::{Collection, CrudServiceFake};
use domain::{
    FullName, GroupName, Length, ParticipantId, Privileges, RolePrivileges, RoomKey, Stage, TeleconsultationId, Tools,
};
use jiff::{SignedDuration, Timestamp};
use platform::{Address, Authorities, Outbound, Request, Service};
use ports::{
    Caller,
    fake::{FakeChance, FakeClock, FakeVideoProvider},
    provider::Recording,
    teleconsultations::TeleconsultationStore,
};
use serde_json::Value;
use teleconsultation_store_crud::{CrudConfig, CrudTeleconsultations};

pub const ROOMS: &str = "/bk-ts-teleconsultations";
pub const USERS: &str = "/bk-ts-userid-maps";

/// Everything around one store.
pub struct World {
    pub fake: CrudServiceFake,
    pub clock: Arc<FakeClock>,
    pub provider: Arc<FakeVideoProvider>,
    pub store: Arc<CrudTeleconsultations>,
    /// With that store.
    pub ctx: Ctx,
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn outbound() -> Outbound {
    Outbound::new(&Authorities::default()).unwrap()
}

pub fn privileges() -> Privileges {
    let role = |group| RolePrivileges { groups: vec![GroupName::parse(group).unwrap()], tools: Tools::none() };
    Privileges { basic: role("patient"), plus: role("doctor") }
}

/// A store on a service.
pub fn store(fake: &CrudServiceFake, clock: Arc<FakeClock>, outbound: &Outbound) -> CrudTeleconsultations {
    let config = CrudConfig {
        service: Address::parse(&fake.url()).unwrap(),
        teleconsultations: ROOMS.to_owned(),
        user_id_map: "bk-ts-userid-maps".to_owned(),
        privileges: privileges(),
    };
    CrudTeleconsultations::new(config, outbound.clone(), clock).unwrap()
}

impl World {
    /// One with the Booking Module's collections.
    pub async fn start(outbound: &Outbound) -> Self {
        Self::with(vec![Collection::teleconsultations(), Collection::user_id_map()], outbound).await
    }

    pub async fn with(collections: Vec<Collection>, outbound: &Outbound) -> Self {
        // It stands still, so that all calls fall into one millisecond: the most difficult case.
        let clock = Arc::new(FakeClock::new(at("2026-01-01T10:00:00Z")));
        let fake = CrudServiceFake::start(collections, clock.clone()).await.unwrap();
        let store = Arc::new(store(&fake, clock.clone(), outbound));
        let provider = Arc::new(FakeVideoProvider::new());
        let ctx = Ctx {
            store: store.clone(),
            provider: provider.clone(),
            clock: clock.clone(),
            chance: Arc::new(FakeChance::default()),
            policy: Arc::new(Policy {
                privileges: privileges(),
                immutable_period: SignedDuration::ZERO,
                unlimited: false,
                live: true,
                recording: Recording::None,
                delete_uploads: false,
                transcription_bytes_max: 1024,
            }),
            user_id_key: UserIdKey::new(b"ak_live_0123456789abcdef01234567"),
            directories: None,
            caller: Caller::nobody(),
        };
        Self { fake, clock, provider, store, ctx }
    }

    /// The use cases, whose calls all bear this name.
    pub fn named(&self, name: &str) -> Ctx {
        self.ctx.on_behalf_of(Caller::new(vec![("x-request-id".to_owned(), name.to_owned())]))
    }

    pub async fn schedule(&self, booking: &Booking) -> TeleconsultationId {
        schedule(&self.ctx, booking).await.unwrap()
    }

    /// Another process on the same collections, that knows nothing of what this one did.
    pub fn restart(&mut self, outbound: &Outbound) {
        self.store = Arc::new(store(&self.fake, self.clock.clone(), outbound));
        self.ctx.store = self.store.clone();
    }

    /// What another program does with a document.
    pub async fn foreign(&self, request: Request) {
        let collection = Address::parse(&format!("{}{ROOMS}", self.fake.url())).unwrap();
        Service::new("the CRUD Service", collection, outbound()).call(request).await.unwrap();
    }

    /// Lets the worker do what is due, now and until an hour and more have passed.
    pub async fn mend(&self) {
        for _ in 0..3 {
            for _ in 0..10 {
                let progress = finish_due_cleanups(&self.ctx).await.unwrap();
                assert_eq!(progress.postponed, 0);
                if progress.finished == 0 {
                    break;
                }
            }
            self.clock.advance(SignedDuration::from_mins(62));
        }
    }

    /// The documents in a state.
    pub fn documents(&self, state: &str) -> Vec<Value> {
        let mut documents = self.fake.documents(ROOMS);
        documents.retain(|document| document["__STATE__"] == state);
        documents
    }

    /// What is read of every document that anybody sees.
    pub async fn seen(&self) -> Vec<domain::Teleconsultation> {
        let mut seen = Vec::new();
        for document in self.documents("PUBLIC") {
            let id = TeleconsultationId::parse(document["_id"].as_str().unwrap()).unwrap();
            seen.push(self.store.teleconsultation(&id).await.unwrap().unwrap().0);
        }
        seen
    }

    /// That there is one room for each complete teleconsultation and none for others, and no draft.
    pub async fn assert_tidy(&self, told: &str) {
        assert_eq!(self.documents("DRAFT"), [] as [Value; 0], "{told}");
        let mut expected: Vec<RoomKey> = Vec::new();
        for one in self.seen().await {
            match &one.stage {
                Stage::Ready(room) => {
                    assert!(one.roster.is_complete(), "{told}");
                    expected.push(room.key.clone());
                }
                Stage::Pending => assert!(!one.roster.is_complete(), "{told}: a complete one without a room"),
                Stage::Trashed => panic!("{told}: a trashed one is seen"),
            }
        }
        expected.sort();
        let rooms: Vec<_> = self.provider.rooms().into_keys().collect();
        assert_eq!(rooms, expected, "{told}");
    }
}

pub fn person(name: &str) -> Person {
    let group = if name.starts_with("doctor") { "doctor" } else { "patient" };
    Person {
        id: ParticipantId::parse(name).unwrap(),
        groups: vec![GroupName::parse(group).unwrap()],
        full_name: FullName::parse(name).ok(),
        language: None,
    }
}

/// Tomorrow, for so many people, of whom these are known.
pub fn booking(expected: u64, known: &[&str]) -> Booking {
    Booking {
        people: People { expected: Expected::Number(expected), known: known.iter().copied().map(person).collect() },
        start: at("2026-02-01T10:00:00Z"),
        length: Length::For(SignedDuration::from_mins(30)),
    }
}
