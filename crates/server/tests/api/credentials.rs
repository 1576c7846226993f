//! `POST /credentials` (contract §6.7).

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use axum::body::Body;
use domain::{GroupName, ParticipantId};
use hyper::Request;
use ports::{
    Caller,
    directory::{DirectoryError, Profile, UserDirectory},
    fake::ProviderFailure,
};

use crate::support::{Answer, Api, booking};

const UNAUTHORIZED: &str = r#"{"error":"Unauthorized user"}"#;

async fn ask(api: &Api, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = Request::post(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if !body.is_empty() {
        request = request.header("content-type", "application/json");
    }
    api.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

#[tokio::test]
async fn somebody_new_becomes_a_user_by_the_groups_that_the_gateway_states() {
    let api = Api::new();
    let headers = [("miauserid", "patient-1"), ("miausergroups", "somebody, patient")];
    for path in ["/credentials", "/api/v1/telecons-be/credentials"] {
        ask(&api, path, &headers, "").await.is(
            201,
            "{\"accessToken\":\"token-of-usr_427bcd21b01e3998dcbcf8a5\",\"expiresAt\":\"2026-01-01T01:00:00.000Z\",\
             \"bandyerUserId\":\"usr_427bcd21b01e3998dcbcf8a5\"}",
        );
    }
    assert_eq!(api.provider.users().len(), 1);
    let bare = [&headers[..], &[("content-type", "text/html"), ("content-length", "0")]].concat();
    assert_eq!(ask(&api, "/credentials", &bare, "").await.status, 201, "platform clients send no body as text/html");
}

#[tokio::test]
async fn somebody_known_needs_no_groups_and_says_how_long() {
    let api = Api::new();
    api.schedule(&booking()).await;
    let known = [("miauserid", "doctor-1")];
    let expires = async |body: &str| {
        let answer = ask(&api, "/credentials", &known, body).await;
        assert_eq!(answer.json()["bandyerUserId"], "usr_c4710909c37b79976481e8a8");
        answer.json()["expiresAt"].as_str().unwrap().to_owned()
    };
    assert_eq!(expires("{}").await, "2026-01-01T01:00:00.000Z");
    assert_eq!(expires(r#"{"expiresIn":90}"#).await, "2026-01-01T00:01:30.000Z");
    assert_eq!(expires(r#"{"expiresIn":999999}"#).await, "2026-01-02T00:00:00.000Z");
    ask(&api, "/credentials", &known, r#"{"expiresIn":0}"#)
        .await
        .is(400, r#"{"statusCode":400,"error":"Bad Request","message":"body.expiresIn must be >= 1"}"#);
    ask(&api, "/credentials", &known, r#"{"expiresIn":"long"}"#)
        .await
        .is(400, r#"{"statusCode":400,"error":"Bad Request","message":"body.expiresIn must be integer"}"#);
}

#[tokio::test]
async fn nobody_strangers_and_barred_users_get_none() {
    let api = Api::new();
    ask(&api, "/credentials", &[], "").await.is(401, UNAUTHORIZED);
    ask(&api, "/credentials", &[("miauserid", "stranger")], "").await.is(401, UNAUTHORIZED);
    let other = [("miauserid", "stranger"), ("miausergroups", "nurse")];
    ask(&api, "/credentials", &other, "").await.is(401, UNAUTHORIZED);
    assert_eq!(api.provider.users().len(), 0);

    let patient = [("miauserid", "patient-1"), ("miausergroups", "patient")];
    assert_eq!(ask(&api, "/credentials", &patient, "").await.status, 201);
    api.provider.bar(&api.provider.users().into_keys().next().unwrap());
    ask(&api, "/credentials", &patient, "").await.is(401, UNAUTHORIZED);
}

#[tokio::test]
async fn a_user_who_was_remembered_and_never_made_is_made() {
    let api = Api::new();
    let patient = [("miauserid", "patient-1"), ("miausergroups", "patient")];
    api.provider.fail_next(ProviderFailure::UnavailableBefore);
    assert_eq!(ask(&api, "/credentials", &patient, "").await.status, 503);
    assert_eq!(api.provider.users().len(), 0);
    assert_eq!(ask(&api, "/credentials", &patient, "").await.status, 201);
    assert_eq!(api.provider.users().len(), 1);
}

/// Knows one doctor.
struct Doctors;

#[async_trait]
impl UserDirectory for Doctors {
    async fn profiles(
        &self,
        ids: &[ParticipantId],
        _: &Caller,
    ) -> Result<BTreeMap<ParticipantId, Profile>, DirectoryError> {
        let profile = Profile { groups: vec![GroupName::parse("doctor").unwrap()], full_name: None };
        match ids {
            [id] if id.as_str() == "auth0|doctor" => Ok(BTreeMap::from([(id.clone(), profile)])),
            [id] if id.as_str() == "auth0|out" => Err(DirectoryError::Unavailable("told to fail".into())),
            _ => Err(DirectoryError::Unknown { ids: ids.to_vec() }),
        }
    }
}

#[tokio::test]
async fn where_a_directory_knows_people_its_word_counts_and_not_the_gateways() {
    let api = Api::with_directory(Arc::new(Doctors));
    let as_patient = |id| [("miauserid", id), ("miausergroups", "patient")];
    assert_eq!(ask(&api, "/credentials", &as_patient("auth0|doctor"), "").await.status, 201);
    let made = api.provider.users().into_values().next().unwrap();
    assert_eq!(made.role, domain::Role::Plus);
    ask(&api, "/credentials", &as_patient("auth0|stranger"), "").await.is(401, UNAUTHORIZED);
    ask(&api, "/credentials", &as_patient("auth0|out"), "").await.is(
        503,
        r#"{"statusCode":503,"error":"Service Unavailable","message":"The identity provider is unavailable: try again later"}"#,
    );
}
