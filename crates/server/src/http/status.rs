//! Whether the program is alive, ready, and well (`mia-platform.md` §3.2).

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};
use serde::Serialize;

use super::{
    App, SERVICE_NAME, SERVICE_VERSION, answer,
    check::{SharedCheck, Verdict},
};

/// How long a check may take: probes give up after a second.
const CHECK_TIMEOUT: Duration = Duration::from_millis(800);

/// For how long the provider's answer is good: it may be another company's service, and probes are many.
const PROVIDER_FRESH_FOR: Duration = Duration::from_secs(1);

/// The checks of the status routes. Anybody may call these, so however many do, the store makes one durable write at a time for them
/// and the provider is asked once a second.
pub struct Checks {
    store: SharedCheck,
    provider: SharedCheck,
}

impl Default for Checks {
    fn default() -> Self {
        Self { store: SharedCheck::new(Duration::ZERO), provider: SharedCheck::new(PROVIDER_FRESH_FOR) }
    }
}

/// Whether the program takes traffic; it stops to before it ends, and when a part of it has failed.
#[derive(Clone, Default)]
pub struct Readiness {
    stopping: Arc<AtomicBool>,
}

impl Readiness {
    /// From here on the program is about to end: balancers should send traffic elsewhere.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether it is about to end.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

/// Every status route, each with and without a trailing slash.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/-/healthz", get(healthz))
        .route("/-/healthz/", get(healthz))
        .route("/-/ready", get(ready))
        .route("/-/ready/", get(ready))
        .route("/-/check-up", get(check_up))
        .route("/-/check-up/", get(check_up))
        .route("/-/checkup", get(check_up))
        .route("/-/checkup/", get(check_up))
}

#[derive(Serialize)]
struct StatusBody<'a> {
    status: &'a str,
    name: &'a str,
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

fn answer(outcome: Result<(), &str>) -> Response {
    let (code, status) = if outcome.is_ok() { (StatusCode::OK, "OK") } else { (StatusCode::SERVICE_UNAVAILABLE, "KO") };
    answer::json(code, &StatusBody { status, name: SERVICE_NAME, version: SERVICE_VERSION, message: outcome.err() })
}

async fn healthz() -> Response {
    answer(Ok(()))
}

async fn ready(State(app): State<App>) -> Response {
    answer(is_ready(&app).await)
}

async fn check_up(State(app): State<App>) -> Response {
    answer(is_well(&app).await)
}

/// The provider does not count: when it is out, restarting or unplugging this program helps nobody.
async fn is_ready(app: &App) -> Result<(), &'static str> {
    if app.readiness.is_stopping() {
        return Err("The service is stopping");
    }
    let store = app.ctx.store.clone();
    let check = || async move {
        let health = store.health().await;
        if let Err(error) = &health {
            tracing::error!(error = error as &dyn std::error::Error, "the store is not healthy");
        }
        health.is_ok()
    };
    match app.checks.store.verdict(CHECK_TIMEOUT, check).await {
        Verdict::Well => Ok(()),
        Verdict::Unwell => Err("The store is unavailable"),
        Verdict::Late => Err("The store does not answer in time"),
    }
}

async fn is_well(app: &App) -> Result<(), &'static str> {
    is_ready(app).await?;
    let provider = app.ctx.provider.clone();
    let check = || async move {
        let health = provider.health().await;
        if let Err(error) = &health {
            tracing::error!(error = error as &dyn std::error::Error, "the video provider is not healthy");
        }
        health.is_ok()
    };
    match app.checks.provider.verdict(CHECK_TIMEOUT, check).await {
        Verdict::Well => Ok(()),
        Verdict::Unwell => Err("The video provider is unavailable"),
        Verdict::Late => Err("The video provider does not answer in time"),
    }
}
