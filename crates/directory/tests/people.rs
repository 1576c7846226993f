//! The directories against a real HTTP server.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use domain::{FullName, GroupName, ParticipantId};
use jiff::{SignedDuration, Timestamp};
use platform::{Address, Authorities, Outbound, Service};
use ports::{
    Caller,
    directory::{CustomIds as _, DirectoryError, UserDirectory as _},
    fake::FakeClock,
};
use serde_json::{Value, json};
use teleconsultation_directory::{AuthConfig, AuthDirectory, ProjectIds, ProjectIdsConfig};
use url::form_urlencoded;

/// What a service understands of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Understands {
    /// A filter in `_q`, whatever it is.
    Filters,
    /// The filter in `acl_rows`; `_q` is refused.
    AclRows,
    /// A filter for one user, or a field; several users are nobody.
    OneByOne,
    /// Nothing: it answers with whoever comes first.
    Nothing,
    /// Nobody without a session.
    NoStranger,
    /// It is broken.
    Broken,
}

#[derive(Clone)]
struct Users {
    understands: Understands,
    records: Arc<Vec<Value>>,
    seen: Arc<Mutex<Vec<(String, HeaderMap)>>>,
}

async fn start(understands: Understands, records: Value) -> (Service, Users) {
    let Value::Array(records) = records else { panic!("records are a list") };
    let users = Users { understands, records: Arc::new(records), seen: Arc::default() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::parse(&listener.local_addr().unwrap().to_string()).unwrap();
    let router = Router::new().fallback(answer).with_state(users.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (Service::new("users", address, Outbound::new(&Authorities::default()).unwrap()), users)
}

async fn answer(State(users): State<Users>, uri: Uri, headers: HeaderMap) -> Response {
    users.seen.lock().unwrap().push((uri.path().to_owned(), headers.clone()));
    let query: BTreeMap<String, String> =
        form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let parsed = |text: &String| serde_json::from_str::<Value>(text).unwrap();
    let filter = query.get("_q").map(parsed);
    let rows = headers.get("acl_rows").map(|value| parsed(&value.to_str().unwrap().to_owned())[0].clone());
    let field = query
        .iter()
        .find(|(name, _)| !["_q", "_p", "_l"].contains(&name.as_str()))
        .map(|(name, value)| json!({name: value}));
    let chosen = match users.understands {
        Understands::NoStranger if !headers.contains_key("cookie") => return status(401),
        Understands::Broken => return status(503),
        Understands::AclRows if filter.is_some() => return status(400),
        Understands::AclRows => rows,
        Understands::OneByOne => filter.filter(|filter| !filter.to_string().contains("$in")).or(field),
        Understands::Nothing => None,
        Understands::Filters | Understands::NoStranger => filter.or(field),
    };
    let matches = |record: &&Value| match (&chosen, users.understands) {
        (Some(filter), _) => filter.as_object().unwrap().iter().all(|(name, wanted)| match wanted.get("$in") {
            Some(several) => several.as_array().unwrap().contains(&record[name]),
            None => record[name] == *wanted,
        }),
        (None, Understands::Nothing) => true,
        (None, _) => false,
    };
    let limit = query.get("_l").map_or(25, |limit| limit.parse().unwrap());
    let found: Vec<_> = users.records.iter().filter(matches).take(limit).collect();
    Response::new(Body::from(json!(found).to_string()))
}

fn status(status: u16) -> Response {
    Response::builder().status(status).body(Body::from(r#"{"message":"no"}"#)).unwrap()
}

fn id(text: &str) -> ParticipantId {
    ParticipantId::parse(text).unwrap()
}

fn people() -> Value {
    json!([
        {"user_id": "auth0|1", "name": "Ada Marino", "app_metadata": {"groups": ["doctor"]}},
        {"user_id": "auth0|2", "nickname": "luca", "app_metadata": {"groups": ["patient"]}},
    ])
}

fn directory(service: Service) -> (AuthDirectory, Arc<FakeClock>) {
    let config =
        AuthConfig { client_type_header: "client-type".to_owned(), default_client_type: Some("backoffice".to_owned()) };
    let clock = Arc::new(FakeClock::new(Timestamp::UNIX_EPOCH));
    (AuthDirectory::new(service, config, clock.clone()), clock)
}

#[tokio::test]
async fn groups_and_names_come_from_the_directory_however_it_wants_to_be_asked() {
    for understands in [Understands::Filters, Understands::AclRows, Understands::OneByOne] {
        let (service, users) = start(understands, people()).await;
        let (directory, _) = directory(service);
        let ids = [id("auth0|2"), id("auth0|1"), id("auth0|1")];
        let profiles = directory.profiles(&ids, &Caller::nobody()).await.unwrap();
        assert_eq!(profiles.len(), 2, "{understands:?}");
        assert_eq!(profiles[&ids[1]].groups, [GroupName::parse("doctor").unwrap()]);
        assert_eq!(profiles[&ids[1]].full_name, Some(FullName::parse("Ada Marino").unwrap()));
        assert_eq!(profiles[&ids[0]].full_name, Some(FullName::parse("luca").unwrap()));
        let seen = users.seen.lock().unwrap();
        assert!(seen.iter().all(|(path, headers)| path == "/users" && headers["client-type"] == "backoffice"));
    }
}

#[tokio::test]
async fn a_directory_that_answers_with_anybody_is_not_believed() {
    let (service, _) = start(Understands::Nothing, people()).await;
    let error = directory(service).0.profiles(&[id("auth0|2"), id("auth0|9")], &Caller::nobody()).await.unwrap_err();
    let DirectoryError::Unknown { ids } = error else { panic!("{error:?}") };
    assert_eq!(ids, [id("auth0|9")]);
}

#[tokio::test]
async fn an_answer_is_good_for_a_minute_and_for_one_client_type() {
    let (service, users) = start(Understands::Filters, people()).await;
    let (directory, clock) = directory(service);
    let ids = [id("auth0|1")];
    let asked = || users.seen.lock().unwrap().len();
    directory.profiles(&ids, &Caller::nobody()).await.unwrap();
    directory.profiles(&ids, &Caller::nobody()).await.unwrap();
    assert_eq!(asked(), 1);
    let mobile = Caller::new(vec![("client-type".to_owned(), "mobile".to_owned())]);
    directory.profiles(&ids, &mobile).await.unwrap();
    assert_eq!(asked(), 2);
    assert_eq!(users.seen.lock().unwrap()[1].1["client-type"], "mobile");
    clock.advance(SignedDuration::from_mins(1));
    directory.profiles(&ids, &mobile).await.unwrap();
    assert_eq!(asked(), 3);
}

#[tokio::test]
async fn whoever_has_no_session_is_told_so_and_a_failure_is_one() {
    let (service, _) = start(Understands::NoStranger, people()).await;
    let (directory, _) = directory(service);
    let error = directory.profiles(&[id("auth0|1")], &Caller::nobody()).await.unwrap_err();
    assert!(matches!(error, DirectoryError::Forbidden { status: 401 }), "{error:?}");
    let caller = Caller::new(vec![("cookie".to_owned(), "sid=1".to_owned())]);
    assert_eq!(directory.profiles(&[id("auth0|1")], &caller).await.unwrap().len(), 1);

    let (service, users) = start(Understands::Broken, people()).await;
    let error = self::directory(service).0.profiles(&[id("auth0|1")], &Caller::nobody()).await.unwrap_err();
    assert!(matches!(error, DirectoryError::Unavailable(_)), "{error:?}");
    assert_eq!(users.seen.lock().unwrap().len(), 3, "tried again, and in no other way");
}

fn project() -> Value {
    json!([
        {"_id": "65f0c0ffee0123456789abcd", "authUserId": "auth0|1", "email": "ada@h.test"},
        {"_id": "65f0c0ffee0123456789abce", "authUserId": "auth0|2", "email": "luca@h.test"},
        {"_id": "65f0c0ffee0123456789abcf", "email": "new@h.test"},
    ])
}

fn project_ids(service: Service, source: &str) -> ProjectIds {
    let config = ProjectIdsConfig { source: source.to_owned(), target: "authUserId".to_owned() };
    ProjectIds::new(service, config, Arc::new(FakeClock::new(Timestamp::UNIX_EPOCH)))
}

#[tokio::test]
async fn a_projects_ids_become_those_of_the_identity_provider() {
    for understands in [Understands::Filters, Understands::OneByOne] {
        let (service, users) = start(understands, project()).await;
        let project = project_ids(service, "_id");
        let ids = [id("65f0c0ffee0123456789abcd"), id("auth0|7"), id("65f0c0ffee0123456789abce")];
        let identities = project.identities(&ids, &Caller::nobody()).await.unwrap();
        let expected = ["auth0|1", "auth0|7", "auth0|2"].map(id);
        assert_eq!(ids.each_ref().map(|id| identities[id].clone()), expected, "{understands:?}");
        assert!(users.seen.lock().unwrap().iter().all(|(path, _)| path == "/"));
        let asked = users.seen.lock().unwrap().len();
        project.identities(&ids, &Caller::nobody()).await.unwrap();
        assert_eq!(users.seen.lock().unwrap().len(), asked);
    }
}

#[tokio::test]
async fn whoever_has_no_id_at_the_identity_provider_is_unknown() {
    let (service, _) = start(Understands::Filters, project()).await;
    let project = project_ids(service, "email");
    let ids = [id("ada@h.test"), id("new@h.test"), id("nobody@h.test")];
    let error = project.identities(&ids, &Caller::nobody()).await.unwrap_err();
    let DirectoryError::Unknown { ids } = error else { panic!("{error:?}") };
    assert_eq!(ids, [id("new@h.test"), id("nobody@h.test")]);
    let known = project.identities(&[id("ada@h.test")], &Caller::nobody()).await.unwrap();
    assert_eq!(known[&id("ada@h.test")], id("auth0|1"));
}
