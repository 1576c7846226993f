//! An identity provider that answers with garbage, half an answer, far too much, too slowly or not at all: what the caller is told, what is
//! logged, and that nothing is left of what was asked for.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Json, Router, body::Body};
use directory::{AuthConfig, AuthDirectory};
use fault_matrix::{Call, Calls, Fault, Plan, Proxy};
use hyper::Request;
use platform::{Address, Authorities, Outbound, Service};
use ports::fake::FakeClock;
use serde_json::{Value, json};

use crate::{
    logs,
    support::{Answer, Api, NOW},
};

/// How long one attempt may take here. All of them together, and the waits between them, take a little more than three times as long.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);

/// By when an answer has to be there: the above, and what a machine with too much to do adds to it.
const BOUND: Duration = Duration::from_mins(1);

const UNAVAILABLE: &str = r#"{"statusCode":503,"error":"Service Unavailable","message":"The identity provider is unavailable: try again later"}"#;
const ODD: &str =
    r#"{"statusCode":502,"error":"Bad Gateway","message":"The identity provider did not answer as it should"}"#;

/// How it fails; the answer, and how often the identity provider is asked for it.
const CASES: [(Fault, u16, &str, usize); 8] = [
    (Fault::TimeoutBefore, 503, UNAVAILABLE, 3),
    (Fault::TooMany, 503, UNAVAILABLE, 3),
    (Fault::ServerError, 503, UNAVAILABLE, 3),
    (Fault::Truncated, 503, UNAVAILABLE, 3),
    (Fault::Slow, 503, UNAVAILABLE, 3),
    (Fault::Garbage, 502, ODD, 1),
    (Fault::Enormous, 502, ODD, 1),
    (Fault::Contradictory, 502, ODD, 1),
];

/// Found in no line of the log: people, and what the identity provider says instead of them.
const PERSONAL: [&str; 6] = ["auth0|", "auth0%7C", "Ada Marino", "Luca Conti", "Mina Okafor", "somebody_else"];

/// An identity provider with three people.
async fn identity_provider() -> SocketAddr {
    let person =
        |id: &str, name: &str, group: &str| json!({"user_id": id, "name": name, "app_metadata": {"groups": [group]}});
    let people = json!([
        person("auth0|d", "Ada Marino", "doctor"),
        person("auth0|p", "Luca Conti", "patient"),
        person("auth0|q", "Mina Okafor", "patient"),
    ]);
    let router = Router::new().fallback(async || Json(people));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn send(api: &Api, id: &str, method: &str, path: &str, body: &Value) -> Answer {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let request = request.header("x-request-id", id).body(Body::from(body.to_string())).unwrap();
    tokio::time::timeout(BOUND, api.send(request)).await.expect("the wait has a bound")
}

/// The lines at `error` about this request.
fn errors_about(id: &str) -> Vec<String> {
    let logged = logs::since_the_start();
    let about = logged.lines().filter(|line| line.contains(&format!("\"reqId\":\"{id}\"")));
    about.filter(|line| line.contains("\"level\":50")).map(ToOwned::to_owned).collect()
}

async fn check(fault: Fault, status: u16, body: &str, asked: usize) {
    let calls = Arc::new(Calls::default());
    let proxy = Proxy::start(identity_provider().await, calls.clone(), |_, _, _| "users".to_owned()).await.unwrap();
    let outbound = Outbound::with_attempt_timeout(&Authorities::default(), ATTEMPT_TIMEOUT).unwrap();
    let address = Address::parse(&proxy.address().to_string()).unwrap();
    let service = Service::new("the identity provider", address, outbound);
    let config = AuthConfig { client_type_header: "client-type".to_owned(), default_client_type: None };
    let clock = Arc::new(FakeClock::new(NOW.parse().unwrap()));
    let api = Api::with_directory(Arc::new(AuthDirectory::new(service, config, clock)));
    let fail = || {
        let call = Call { operation: "users".to_owned(), number: 1, over_http: true };
        calls.begin(Some(Plan { call, fault, lasting: true }));
    };
    let refused = |answer: &Answer, id: &str| {
        answer.is(status, body);
        assert_eq!(answer.headers.contains_key("retry-after"), status == 503, "{fault:?}");
        assert!(calls.has_struck());
        assert_eq!(calls.end().len(), asked, "{fault:?}");
        let lines = errors_about(id);
        assert_eq!(lines.len(), 1, "{fault:?}: {lines:#?}");
        assert!(lines[0].contains("the identity provider"), "{lines:?}");
    };

    let id = format!("book-{fault:?}");
    let booking = json!({"participants": ["auth0|d", "auth0|p"], "start_date": "2026-01-01T11:00:00Z", "duration_in_seconds": 1800});
    fail();
    let answer = send(&api, &id, "POST", "/teleconsultation", &booking).await;
    refused(&answer, &id);
    assert_eq!(api.store.teleconsultations(), [], "{fault:?}");
    assert_eq!((api.provider.rooms_made(), api.provider.users().len()), (0, 0), "{fault:?}");

    // Once it answers again, so do we; then it fails while somebody is added of whom nothing is known yet.
    let room_id = api.schedule(&booking).await;
    let before = api.store.teleconsultations();
    let id = format!("add-{fault:?}");
    fail();
    let change = json!({"participants": ["auth0|d", "auth0|q"]});
    let answer = send(&api, &id, "PATCH", &format!("/teleconsultation/{room_id}"), &change).await;
    refused(&answer, &id);
    assert_eq!(api.store.teleconsultations(), before, "{fault:?}");
    assert_eq!((api.provider.rooms_made(), api.provider.users().len()), (1, 2), "{fault:?}");
    assert_eq!(send(&api, "again", "PATCH", &format!("/teleconsultation/{room_id}"), &change).await.status, 204);
}

#[tokio::test]
async fn whatever_the_identity_provider_answers_the_caller_gets_a_clear_one_and_nothing_remains_half_made() {
    let cases = CASES.map(|(fault, status, body, asked)| check(fault, status, body, asked));
    // Beside each other, because those that wait do nothing else.
    futures_util::future::join_all(cases).await;
    let logged = logs::since_the_start();
    for line in logged.lines().filter(|line| CASES.iter().any(|(fault, ..)| line.contains(&format!("-{fault:?}\"")))) {
        for personal in PERSONAL {
            assert!(!line.contains(personal), "{line}");
        }
    }
}
