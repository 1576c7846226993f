//! Status routes (`mia-platform.md` §3.2).

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::body::{Body, Bytes};
use futures_util::{FutureExt, stream};
use hyper::Request;
use teleconsultation_server::telemetry::{Lines, LogLevel};
use tower::ServiceExt;

use crate::support::Api;

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

#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_request_that_its_client_gives_up_is_logged_and_counted() {
    let (api, logged) = (Api::new(), Logged::default());
    let lines = Lines::new(logged.clone(), api.clock.clone(), LogLevel::Info).unwrap();
    let _logging = tracing::subscriber::set_default(lines.subscriber());
    let never = Body::from_stream(stream::pending::<Result<Bytes, io::Error>>());
    let request = Request::post("/teleconsultation").header("x-request-id", "given-up").body(never).unwrap();
    let answer = api.router.clone().oneshot(request).now_or_never();
    assert!(answer.is_none(), "it waits for the body and is dropped");

    assert!(lines.flush(Duration::from_mins(1)));
    let text = String::from_utf8(logged.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    for part in ["\"msg\":\"request aborted\"", "\"reqId\":\"given-up\"", "\"path\":\"/teleconsultation\""] {
        assert!(text.contains(part), "{text}");
    }
    let metrics = api.call_bare("GET", "/-/metrics").await.body;
    assert!(metrics.contains("\nhttp_requests_aborted_total 1\n"), "{metrics}");
}
