//! How many requests run at once, and how long each may take.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::sync::Semaphore;

use super::{App, error::ApiError};

/// The most API requests under way at once. Beyond it the store's queue would only make everyone wait longer than a caller does.
pub const IN_FLIGHT_MAX: usize = 1024;

/// The longest an API request may take: below the 30 s after which platform callers give up.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// Requests under way.
#[derive(Clone)]
pub struct InFlight(Arc<Semaphore>);

impl Default for InFlight {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(IN_FLIGHT_MAX)))
    }
}

/// Runs the request within both limits. A request that is given up leaves nothing half done: what it began is on disk and a worker
/// finishes it.
pub async fn apply(State(app): State<App>, request: Request, next: Next) -> Response {
    let Ok(_permit) = app.in_flight.0.try_acquire() else {
        return ApiError::busy("There are too many requests at once: try again later").into_response();
    };
    tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await.unwrap_or_else(|_| {
        tracing::error!(timeout_ms = REQUEST_TIMEOUT.as_millis(), "a request took too long and was given up");
        ApiError::busy("The request took too long: try again later").into_response()
    })
}
