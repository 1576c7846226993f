//! Status routes (`mia-platform.md` §3.2).

use std::io;

use axum::body::{Body, Bytes};
use futures_util::{FutureExt, stream};
use hyper::Request;
use tower::ServiceExt;

use crate::{logs, support::Api};

const OK: &str = r#"{"status":"OK","name":"teleconsultation-service-backend","version":"0.1.0"}"#;

#[tokio::test]
async fn a_healthy_program_is_alive_ready_and_well_with_and_without_a_slash() {
    let api = Api::new();
    for path in ["healthz", "ready", "check-up", "checkup"] {
        api.call_bare("GET", &format!("/-/{path}")).await.is(200, OK);
        api.call_bare("GET", &format!("/-/{path}/")).await.is(200, OK);
    }
}

#[tokio::test]
async fn a_provider_that_is_out_makes_it_unwell_but_keeps_it_ready() {
    let api = Api::new();
    api.provider.fail_next(ports::fake::ProviderFailure::UnavailableBefore);
    api.call_bare("GET", "/-/check-up").await.is(
        503,
        r#"{"status":"KO","name":"teleconsultation-service-backend","version":"0.1.0","message":"The video provider is unavailable"}"#,
    );
    api.call_bare("GET", "/-/ready").await.is(200, OK);
}

#[tokio::test]
async fn a_program_that_is_about_to_end_is_alive_but_not_ready() {
    let api = Api::new();
    api.app.readiness.stop();
    assert_eq!(api.call_bare("GET", "/-/ready").await.status, 503);
    assert_eq!(api.call_bare("GET", "/-/healthz").await.status, 200);
}

#[tokio::test]
async fn requests_are_counted_by_route_and_status() {
    let api = Api::new();
    api.call_bare("GET", "/teleconsultation/mario.rossi").await;
    let text = api.call_bare("GET", "/-/metrics").await.body;
    let labels = "method=\"GET\",route=\"/teleconsultation/{roomId}\",status_code=\"404\"";
    assert!(text.contains(&format!("http_request_duration_seconds_count{{{labels}}} 1")), "{text}");
    assert!(!text.contains("mario"));
}

#[tokio::test]
async fn a_request_that_its_client_gives_up_is_logged_and_counted() {
    let api = Api::new();
    let never = Body::from_stream(stream::pending::<Result<Bytes, io::Error>>());
    let request = Request::post("/teleconsultation").header("x-request-id", "given-up").body(never).unwrap();
    let answer = api.router.clone().oneshot(request).now_or_never();
    assert!(answer.is_none(), "it waits for the body and is dropped");

    let logged = logs::since_the_start();
    let about = logged.lines().filter(|line| line.contains("\"reqId\":\"given-up\"") && line.contains("\"level\":30"));
    let [line] = about.collect::<Vec<_>>()[..] else { panic!("one line, at level info: {logged}") };
    for part in ["\"msg\":\"request aborted\"", "\"path\":\"/teleconsultation\""] {
        assert!(line.contains(part), "{line}");
    }
    let metrics = api.call_bare("GET", "/-/metrics").await.body;
    assert!(metrics.contains("\nteleconsultation_http_requests_aborted_total 1\n"), "{metrics}");
}

#[tokio::test]
async fn status_routes_are_logged_only_when_they_fail() {
    let probe = async |api: &Api, id: &str| {
        let request = Request::get("/-/check-up").header("x-request-id", id).body(Body::empty()).unwrap();
        api.send(request).await.status
    };
    assert_eq!(probe(&Api::new(), "well").await, 200);
    let api = Api::new();
    api.provider.fail_next(ports::fake::ProviderFailure::UnavailableBefore);
    assert_eq!(probe(&api, "unwell").await, 503);

    let logged = logs::since_the_start();
    let lines_of = |id: &str| logged.lines().filter(|line| line.contains(&format!("\"reqId\":\"{id}\""))).count();
    assert_eq!(lines_of("well"), 0, "{logged}");
    assert!(lines_of("unwell") > 0, "{logged}");
}
