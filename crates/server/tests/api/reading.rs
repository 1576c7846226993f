//! `GET /teleconsultation/:roomId` (contract §6.4).

use app::Policy;
use axum::body::Body;
use hyper::Request;
use serde_json::json;
use teleconsultation_server::http::identity::{IdentityPath, Step};

use crate::support::{Api, booking, booking_of, doctor, policy};

#[tokio::test]
async fn before_the_window_the_link_is_null_and_from_then_on_it_is_there() {
    let api = Api::new();
    let id = api.schedule(&booking()).await;
    let path = format!("/teleconsultation/{id}");
    api.at("2026-01-01T10:49:59.999Z");
    api.read_as("doctor-1", &path).await.is(
        200,
        "{\"bandyerUserId\":\"usr_c4710909c37b79976481e8a8\",\"accessLinkURL\":null,\
         \"participantsBandyerCall\":[{\"bandyerUserId\":\"usr_427bcd21b01e3998dcbcf8a5\",\"fullName\":\"Luca Conti\"}],\
         \"details\":{\"recording\":\"none\",\"callType\":\"audio_video\",\"status\":\"NOT_RUNNING\",\"disabled\":false,\
         \"durationUsedInSeconds\":0,\"live\":true}}",
    );
    api.at("2026-01-01T10:50:00Z");
    let link = api.link_of("doctor-1", &id).await;
    assert!(link.as_str().unwrap().starts_with("https://video.example/"), "{link}");
    assert_ne!(api.link_of("patient-1", &id).await, link);
}

#[tokio::test]
async fn the_query_goes_into_the_link() {
    let api = Api::new();
    let id = api.schedule(&booking()).await;
    api.at("2026-01-01T11:00:00Z");
    let link = |query: &'static str| {
        let path = format!("/teleconsultation/{id}?{query}");
        let api = &api;
        async move { api.read_as("doctor-1", &path).await.json()["accessLinkURL"].as_str().unwrap().to_owned() }
    };
    assert!(link("language=it&useBackground=true").await.ends_with("?language=it&virtual_background=image"));
    for (language, query) in [
        ("en", "language=en"),
        ("it", "language=it"),
        ("es", "language=es"),
        ("de", "language=de"),
        ("fr", "language=fr"),
    ] {
        assert!(link(query).await.ends_with(&format!("?language={language}")), "{query}");
    }
    for other in ["language=pl&useBackground=false", "language=de-AT", "language=DE", "language="] {
        assert!(!link(other).await.contains('?'), "{other}");
    }
    let wrong = api.read_as("doctor-1", &format!("/teleconsultation/{id}?useBackground=maybe")).await;
    wrong.is(400, r#"{"statusCode":400,"error":"Bad Request","message":"querystring.useBackground must be boolean"}"#);
    let twice = api.read_as("doctor-1", &format!("/teleconsultation/{id}?language=it&language=en")).await;
    twice.is(400, r#"{"statusCode":400,"error":"Bad Request","message":"querystring.language must be string"}"#);
}

#[tokio::test]
async fn strangers_and_nobody_are_refused_in_the_documented_words_once_the_room_is_known() {
    let api = Api::new();
    let id = api.schedule(&booking()).await;
    let path = format!("/teleconsultation/{id}");
    api.read_as("stranger", &path).await.is(401, r#"{"error":"Unauthorized user"}"#);
    api.call_bare("GET", &path).await.is(401, r#"{"error":"Unauthorized user"}"#);
    for unknown in ["65f0c0ffee0123456789abcd", "nonsense", "%22%3Cscript%3E"] {
        let answer = api.call_bare("GET", &format!("/teleconsultation/{unknown}")).await;
        let name = unknown.replace("%22", "\\\"").replace("%3C", "<").replace("%3E", ">");
        answer.is(404, &format!("{{\"error\":\"Room with id {name} not found on CRUD\"}}"));
    }
}

#[tokio::test]
async fn a_pending_one_has_no_details_and_makes_nothing() {
    let api = Api::new();
    let id = api.schedule(&booking_of(2, &[doctor()])).await;
    api.at("2026-01-01T12:00:00Z");
    let seen = api.read_as("doctor-1", &format!("/teleconsultation/{id}")).await.json();
    assert_eq!(seen["participantsBandyerCall"], json!([]));
    assert_eq!((&seen["accessLinkURL"], seen.get("details")), (&json!(null), None));
    assert_eq!(api.provider.rooms_made(), 0);
}

#[tokio::test]
async fn a_provider_that_does_not_tell_withholds_no_link() {
    let api = Api::new();
    let id = api.schedule(&booking()).await;
    api.at("2026-01-01T11:00:00Z");
    api.provider.fail_next(ports::fake::ProviderFailure::UnavailableBefore);
    let seen = api.read_as("doctor-1", &format!("/teleconsultation/{id}")).await;
    assert_eq!(seen.status, 200);
    assert!(seen.json()["accessLinkURL"].is_string() && seen.json().get("details").is_none());
}

#[tokio::test]
async fn the_caller_can_be_in_the_users_properties() {
    let step = |name: &str| Step::Object(name.to_owned());
    let path = vec![step("headers"), step("miauserproperties"), Step::Json("customUserId".to_owned())];
    let api = Api::with(policy(), IdentityPath::new(path).unwrap());
    let id = api.schedule(&booking()).await;
    let read = |properties: &'static str| {
        let request = Request::get(format!("/teleconsultation/{id}")).header("MiaUserProperties", properties);
        api.send(request.body(Body::empty()).unwrap())
    };
    assert_eq!(read(r#"{"customUserId":"patient-1"}"#).await.status, 200);
    assert_eq!(read("{").await.status, 401);
}

#[tokio::test]
async fn head_is_answered_like_get_without_a_body() {
    let api = Api::new();
    let id = api.schedule(&booking()).await;
    let request = Request::head(format!("/teleconsultation/{id}")).header("miauserid", "doctor-1");
    let answer = api.send(request.body(Body::empty()).unwrap()).await;
    answer.is(200, "");
}

#[tokio::test]
async fn a_room_whose_time_is_up_still_has_its_link() {
    let api = Api::with(Policy { unlimited: false, ..policy() }, IdentityPath::header("miauserid"));
    let id = api.schedule(&booking()).await;
    api.at("2026-01-01T11:00:00Z");
    let link = api.link_of("doctor-1", &id).await;
    assert!(link.is_string(), "{link}");
    api.at("2026-01-03T11:00:00Z");
    assert_eq!(api.link_of("doctor-1", &id).await, link);
}
