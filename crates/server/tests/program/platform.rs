//! The services around a program that was swapped into a project of the platform: CRUD Service, identity provider, users of the
//! project, and Kaleyra.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::{Query, State},
    http::{HeaderMap, Uri},
    response::{IntoResponse as _, Json, Response},
};
use crud_service_fake::{Collection, CrudServiceFake};
use kaleyra_fake::KaleyraFake;
use ports::fake::FakeClock;
use serde::Deserialize;
use serde_json::{Value, json};

/// What the Booking Module publishes as its environment (contract §8.1), but for secrets, addresses and placeholders.
const BOOKING_MODULE: [(&str, &str); 14] = [
    ("LOG_LEVEL", "trace"),
    ("MICROSERVICE_GATEWAY_SERVICE_NAME", "microservice-gateway"),
    ("TRUSTED_PROXIES", "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"),
    ("HTTP_PORT", "3000"),
    ("USERID_HEADER_KEY", "miauserid"),
    ("GROUPS_HEADER_KEY", "miausergroups"),
    ("CLIENTTYPE_HEADER_KEY", "client-type"),
    ("BACKOFFICE_HEADER_KEY", "isbackoffice"),
    ("USER_PROPERTIES_HEADER_KEY", "miauserproperties"),
    ("ADDITIONAL_HEADERS_TO_PROXY", "x-forwarded-for,x-request-id,x-forwarded-host,cookie,client-type"),
    ("DEFAULT_CLIENT_TYPE", "backoffice"),
    ("TELECONSULTATIONS_CRUD_NAME", "/bk-ts-teleconsultations"),
    ("USER_ID_MAP_CRUD_NAME", "/bk-ts-userid-maps"),
    ("BANDYER_APP_ID", "app_0123456789"),
];

/// The Booking Module's configuration file (contract §8.2).
pub const CONFIG_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/program/booking_module/config.json");

/// The environment as it is published, with secrets and placeholders filled in.
pub fn published() -> Vec<(String, String)> {
    let more = [
        ("TELECONSULTATION_SERVICE_CONFIG_PATH", CONFIG_FILE),
        ("BANDYER_API_SECRET_KEY", "ak_live_0123456789abcdef01234567"),
        ("BANDYER_BASE_URL", "https://api.sandbox.eu.bandyer.com"),
        ("AUTH_SERVICE", "auth0-client"),
        ("CUSTOM_ID_USERS_API_ENDPOINT", "http://user-manager-service-proxy/users/"),
    ];
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    BOOKING_MODULE.iter().chain(&more).map(owned).collect()
}

/// The running services.
pub struct Platform {
    pub crud: CrudServiceFake,
    pub kaleyra: KaleyraFake,
    people: People,
    people_url: String,
}

/// The users of the project and of its identity provider.
#[derive(Clone, Default)]
struct People(Arc<Mutex<Vec<(String, HeaderMap)>>>);

/// By their ids in the project: at the identity provider, groups and name.
const PEOPLE: [(&str, &str, &str, &str); 4] = [
    ("64a0000000000000000000d1", "auth0|doctor-1", "doctor", "Ada Marino"),
    ("64a0000000000000000000a1", "auth0|patient-1", "patient", "Luca Conti"),
    ("64a0000000000000000000a2", "auth0|patient-2", "patient", "Mina Okafor"),
    ("64a0000000000000000000f1", "auth0|visitor-1", "visitor", "Nobody"),
];

#[derive(Deserialize)]
struct Question {
    #[serde(rename = "_q")]
    filter: String,
}

impl Platform {
    pub async fn start() -> Self {
        Self::with(vec![Collection::teleconsultations(), Collection::user_id_map()]).await
    }

    /// One whose collections name documents by UUIDs.
    pub async fn with_uuids() -> Self {
        Self::with(vec![Collection::teleconsultations().with_uuids(), Collection::user_id_map().with_uuids()]).await
    }

    async fn with(collections: Vec<Collection>) -> Self {
        let people = People::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let people_url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(people.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let clock = Arc::new(FakeClock::new("2026-01-01T00:00:00Z".parse().unwrap()));
        Self {
            crud: CrudServiceFake::start(collections, clock).await.unwrap(),
            kaleyra: KaleyraFake::start("v2").await.unwrap(),
            people,
            people_url,
        }
    }

    /// The published environment with the addresses of these services.
    pub fn environment(&self) -> Vec<(String, String)> {
        let here = [
            ("CRUD_SERVICE_URL", self.crud.url()),
            ("BANDYER_BASE_URL", self.kaleyra.base_url().to_owned()),
            ("AUTH_SERVICE", format!("{}/auth", self.people_url)),
            ("CUSTOM_ID_USERS_API_ENDPOINT", format!("{}/users/", self.people_url)),
        ];
        let mut environment = published();
        environment.retain(|(name, _)| here.iter().all(|(other, _)| other != name));
        environment.extend(here.map(|(name, value)| (name.to_owned(), value)));
        environment
    }

    /// What people's services were asked since this was last asked: paths and headers.
    pub fn asked_about_people(&self) -> Vec<(String, HeaderMap)> {
        std::mem::take(&mut self.people.0.lock().unwrap())
    }
}

/// Both services at once: the identity provider under `/auth/users`, the project's users under `/users/`.
async fn answer(
    State(people): State<People>,
    uri: Uri,
    headers: HeaderMap,
    Query(Question { filter }): Query<Question>,
) -> Response {
    people.0.lock().unwrap().push((uri.path().to_owned(), headers));
    let filter: Value = serde_json::from_str(&filter).unwrap();
    let wanted = |field: &str, id: &str| filter[field]["$in"].as_array().is_some_and(|ids| ids.contains(&json!(id)));
    let records: Vec<Value> = if uri.path().starts_with("/auth/") {
        let record = |(_, id, group, name): &(&str, &str, &str, &str)| json!({"user_id": id, "name": name, "app_metadata": {"groups": [group]}});
        PEOPLE.iter().filter(|(_, id, ..)| wanted("user_id", id)).map(record).collect()
    } else {
        let record = |(id, identity, ..): &(&str, &str, &str, &str)| json!({"_id": id, "authUserId": identity});
        PEOPLE.iter().filter(|(id, ..)| wanted("_id", id)).map(record).collect()
    };
    Json(records).into_response()
}
