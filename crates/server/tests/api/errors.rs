//! Requests that are wrong as such, and faults below (`mia-platform.md` §3.5, contract §5).

use axum::body::Body;
use domain::TeleconsultationId;
use hyper::{Request, StatusCode};
use ports::fake::ProviderFailure;
use serde_json::json;

use crate::support::{Answer, Api, booking};

async fn post(api: &Api, content_type: Option<&str>, body: impl Into<Body>) -> Answer {
    let mut request = Request::post("/teleconsultation");
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    api.send(request.body(body.into()).unwrap()).await
}

#[tokio::test]
async fn unknown_routes_and_methods_are_answered_alike() {
    let api = Api::new();
    for (method, path) in [
        ("GET", "/x"),
        ("GET", "/teleconsultation"),
        ("PUT", "/teleconsultation/65f0c0ffee0123456789abcd"),
        ("POST", "/teleconsultation/"),
        ("POST", "/Teleconsultation"),
        ("GET", "/teleconsultation/65f0c0ffee0123456789abcd/"),
        ("GET", "/api/v1/telecons-be/x?a=b"),
        ("DELETE", "/-/healthz"),
        ("OPTIONS", "/teleconsultation"),
    ] {
        let answer = api.call_bare(method, path).await;
        answer.is(
            404,
            &format!("{{\"message\":\"Route {method}:{path} not found\",\"error\":\"Not Found\",\"statusCode\":404}}"),
        );
        assert_eq!(answer.headers["content-type"], "application/json; charset=utf-8");
    }
}

#[tokio::test]
async fn a_body_that_is_none_or_no_json_is_a_bad_request_and_never_unsupported() {
    let api = Api::new();
    for content_type in [None, Some("text/html"), Some("application/json"), Some("multipart/form-data")] {
        let answer = post(&api, content_type, Body::empty()).await;
        answer.is(400, r#"{"statusCode":400,"error":"Bad Request","message":"body must be object"}"#);
    }
    for body in ["{", "{\"a\":\u{1}}", "\u{feff}{}", &"[".repeat(100_000)] {
        let answer = post(&api, Some("application/json; charset=utf-8"), body.to_owned()).await;
        answer.is(
            400,
            r#"{"statusCode":400,"error":"Bad Request","message":"Body is not valid JSON but content-type is set to 'application/json'"}"#,
        );
    }
    assert_eq!(post(&api, Some("application/json"), &b"\"\xff\""[..]).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn other_media_types_and_encodings_are_unsupported() {
    let api = Api::new();
    let unsupported = r#"{"statusCode":415,"error":"Unsupported Media Type","message":"Unsupported Media Type"}"#;
    post(&api, Some("text/xml"), "<a/>").await.is(415, unsupported);
    post(&api, None, "{}").await.is(415, unsupported);
    let request = Request::post("/teleconsultation")
        .header("content-type", "application/json")
        .header("content-encoding", "gzip");
    assert_eq!(api.send(request.body(Body::from("{}")).unwrap()).await.status, 415);
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused() {
    let api = Api::new();
    let answer = post(&api, Some("application/json"), " ".repeat(256 * 1024 + 1)).await;
    answer.is(413, r#"{"statusCode":413,"error":"Payload Too Large","message":"Request body is too large"}"#);
    assert_eq!(post(&api, Some("application/json"), " ".repeat(256 * 1024)).await.status, 400);
}

#[tokio::test]
async fn a_path_that_is_no_text_is_a_bad_request() {
    let api = Api::new();
    let answer = api.call_bare("GET", "/teleconsultation/%ff").await;
    answer.is(
        400,
        r#"{"statusCode":400,"error":"Bad Request","message":"'/teleconsultation/%ff' is not a valid url component"}"#,
    );
}

#[tokio::test]
async fn a_provider_or_store_that_is_out_is_said_so_and_nothing_remains_half_made() {
    let api = Api::new();
    for (failure, status) in [
        (ProviderFailure::Busy, 503),
        (ProviderFailure::UnavailableBefore, 503),
        (ProviderFailure::Refused, 502),
        (ProviderFailure::UnexpectedAfter, 502),
    ] {
        api.provider.fail_next(failure);
        let answer = api.call("POST", "/teleconsultation", &booking()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["statusCode"]), (status, &json!(status)));
    }
    api.store.fail_after(0);
    let answer = api.call("POST", "/teleconsultation", &booking()).await;
    answer.is(
        503,
        r#"{"statusCode":503,"error":"Service Unavailable","message":"The store is unavailable: try again later"}"#,
    );
    assert_eq!(answer.headers["retry-after"], "2");
    assert_eq!(api.provider.rooms_made(), 0);
}

#[tokio::test]
async fn every_answer_carries_the_request_id_and_is_kept_by_nobody() {
    let api = Api::new();
    let request = Request::get("/x").header("x-request-id", "from the caller");
    let answer = api.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.headers["x-request-id"], "from the caller");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    let made = api.call_bare("GET", "/x").await.headers["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!((made.len(), made.as_bytes()[14]), (36, b'4'), "{made}");
}

#[tokio::test]
async fn what_cannot_be_read_is_our_fault_and_nobody_is_told_more() {
    let api = Api::new();
    let id = api.schedule(&booking()).await;
    api.store.damage(&TeleconsultationId::parse(&id).unwrap());
    let answer = api.read_as("doctor-1", &format!("/teleconsultation/{id}")).await;
    answer.is(500, r#"{"statusCode":500,"error":"Internal Server Error","message":"Something went wrong"}"#);
}
