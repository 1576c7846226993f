//! A router on fakes, and requests to it.

use std::sync::Arc;

use app::{Ctx, Directories, Policy, UserIdKey};
use axum::{Router, body::Body};
use domain::{GroupName, Privileges, RolePrivileges, Tools};
use http_body_util::BodyExt;
use hyper::{HeaderMap, Request, StatusCode};
use jiff::{SignedDuration, Timestamp};
use ports::{
    Caller,
    directory::UserDirectory,
    fake::{FakeChance, FakeClock, FakeTeleconsultationStore, FakeVideoProvider},
    provider::Recording,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use teleconsultation_server::{
    desk::{Changes, DeskKey},
    http::{
        self, App, AppParts, brand::Brand, desk::Desk, forward::PlatformHeaders, identity::IdentityPath,
        live_brand::LiveBrand, pages::PagePolicy, view::LinkRules,
    },
};
use tower::ServiceExt;
use video::{VideoService, files::Files};

use crate::logs;

/// When every test begins.
pub const NOW: &str = "2026-01-01T10:00:00Z";

/// The reception desk's key.
pub const DESK_KEY: &str = "0123456789abcdef0123456789abcdef";

/// Ten minutes before its start a teleconsultation is final.
pub const IMMUTABLE_PERIOD: SignedDuration = SignedDuration::from_mins(10);

pub struct Api {
    pub router: Router,
    pub app: App,
    pub store: Arc<FakeTeleconsultationStore>,
    pub provider: Arc<FakeVideoProvider>,
    pub clock: Arc<FakeClock>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Status and body in one value, to compare with what is documented.
    pub fn is(&self, status: u16, body: &str) {
        assert_eq!((self.status.as_u16(), self.body.as_str()), (status, body));
    }
}

pub fn desk_key() -> DeskKey {
    DeskKey::new(SecretString::from(DESK_KEY)).unwrap()
}

fn role(groups: &[&str]) -> RolePrivileges {
    RolePrivileges { groups: groups.iter().map(|name| GroupName::parse(name).unwrap()).collect(), tools: Tools::all() }
}

pub fn policy() -> Policy {
    Policy {
        privileges: Privileges { basic: role(&["patient"]), plus: role(&["doctor"]) },
        immutable_period: IMMUTABLE_PERIOD,
        unlimited: true,
        live: true,
        recording: Recording::None,
        delete_uploads: false,
        transcription_bytes_max: 1024,
    }
}

/// What an API under test is made of.
struct Parts {
    policy: Policy,
    identity: IdentityPath,
    directories: Option<Directories>,
    entrance: Option<Arc<VideoService>>,
    files: Option<Arc<Files>>,
    brand: LiveBrand,
    desk: Option<Desk>,
}

impl Parts {
    /// Without anything that has to be asked for.
    fn usual() -> Self {
        Self {
            policy: policy(),
            identity: IdentityPath::header("miauserid"),
            directories: None,
            entrance: None,
            files: None,
            brand: LiveBrand::configured(Brand::default()),
            desk: None,
        }
    }

    fn made(self) -> Api {
        let Self { policy, identity, directories, entrance, files, brand, desk } = self;
        // Before the first request: what is not logged when a line is first come across, is never logged.
        logs::keep();
        let store = Arc::new(FakeTeleconsultationStore::new());
        let provider = Arc::new(FakeVideoProvider::new());
        let clock = Arc::new(FakeClock::new(NOW.parse().unwrap()));
        let app = App::from(AppParts {
            ctx: Ctx {
                store: store.clone(),
                provider: provider.clone(),
                clock: clock.clone(),
                chance: Arc::new(FakeChance::default()),
                policy: Arc::new(policy),
                user_id_key: UserIdKey::new(b"ak_live_0123456789abcdef01234567"),
                directories,
                caller: Caller::nobody(),
            },
            identity,
            headers: PlatformHeaders::default(),
            forwards: false,
            links: LinkRules::default(),
            entrance,
            channel: None,
            files,
            pages: PagePolicy::new(&"http://localhost:3000".parse().unwrap(), &Brand::default()),
            brand,
            trusted_proxies: http::TrustedProxies::default(),
            expose_metrics: true,
            desk,
            changes: Changes::new(&FakeChance::seeded(7)),
        });
        let router = http::router(app.clone(), Some("/consultations"), Router::new());
        Api { router, app, store, provider, clock }
    }
}

impl Api {
    pub fn new() -> Self {
        Self::with(policy(), IdentityPath::header("miauserid"))
    }

    pub fn with(policy: Policy, identity: IdentityPath) -> Self {
        Parts { policy, identity, desk: Some(Desk::new(desk_key(), None, None)), ..Parts::usual() }.made()
    }

    /// People's groups and names are known to this directory.
    pub fn with_directory(users: Arc<dyn UserDirectory>) -> Self {
        let directories = Directories { users, custom_ids: None };
        let desk = Desk::new(desk_key(), None, None);
        Parts { directories: Some(directories), desk: Some(desk), ..Parts::usual() }.made()
    }

    /// People come into calls through this service.
    pub fn with_entrance(video: Arc<VideoService>) -> Self {
        Parts { entrance: Some(video), ..Parts::usual() }.made()
    }

    /// And send each other files there.
    pub fn with_files(video: Arc<VideoService>, files: Arc<Files>) -> Self {
        Parts { entrance: Some(video), files: Some(files), ..Parts::usual() }.made()
    }

    /// Pages look so.
    pub fn with_brand(brand: LiveBrand) -> Self {
        Parts { brand, ..Parts::usual() }.made()
    }

    /// With this desk, or with none.
    pub fn with_desk(desk: Option<Desk>) -> Self {
        Parts { desk, ..Parts::usual() }.made()
    }

    pub fn at(&self, moment: &str) {
        self.clock.set(moment.parse::<Timestamp>().unwrap());
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    /// Sends JSON as platform clients do.
    pub async fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        let request =
            Request::builder().method(method).uri(path).header("content-type", "application/json;charset=utf-8");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Sends no body, as platform clients do.
    pub async fn call_bare(&self, method: &str, path: &str) -> Answer {
        let request = Request::builder().method(method).uri(path).header("content-type", "text/html");
        self.send(request.header("content-length", "0").body(Body::empty()).unwrap()).await
    }

    pub async fn read_as(&self, user: &str, path: &str) -> Answer {
        self.call_as(user, "GET", path).await
    }

    /// Sends no body, for a user whom the gateway knows.
    pub async fn call_as(&self, user: &str, method: &str, path: &str) -> Answer {
        let request = Request::builder().method(method).uri(path).header("miauserid", user);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Asks as the desk does.
    pub async fn at_desk(&self, path: &str) -> Answer {
        self.with_key(DESK_KEY, path).await
    }

    /// Asks as the desk does, with this key.
    pub async fn with_key(&self, key: &str, path: &str) -> Answer {
        let request = Request::get(path).header("authorization", format!("Bearer {key}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Schedules the booking and returns the id.
    pub async fn schedule(&self, booking: &Value) -> String {
        let answer = self.call("POST", "/teleconsultation", booking).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.json()["roomId"].as_str().unwrap().to_owned()
    }

    /// The person's link at this moment.
    pub async fn link_of(&self, user: &str, id: &str) -> Value {
        self.read_as(user, &format!("/teleconsultation/{id}")).await.json()["accessLinkURL"].clone()
    }
}

pub fn doctor() -> Value {
    json!({"userId": "doctor-1", "groups": ["doctor"], "fullName": "Ada Marino", "language": "it"})
}

pub fn patient() -> Value {
    json!({"userId": "patient-1", "group": "patient", "fullName": "Luca Conti"})
}

/// A complete booking from 11:00 to 11:30.
pub fn booking() -> Value {
    json!({
        "start_date": "2026-01-01T11:00:00.000Z",
        "end_date": "2026-01-01T11:30:00.000Z",
        "participants": {"number": 2, "data": [doctor(), patient()]},
    })
}

/// The same with one field another; a `null` takes the field away.
pub fn booking_with(field: &str, value: Value) -> Value {
    let mut booking = booking();
    let fields = booking.as_object_mut().unwrap();
    if value.is_null() {
        fields.remove(field);
    } else {
        fields.insert(field.to_owned(), value);
    }
    booking
}

/// The booking of these people, expecting `number`.
pub fn booking_of(number: u64, people: &[Value]) -> Value {
    booking_with("participants", json!({"number": number, "data": people}))
}
