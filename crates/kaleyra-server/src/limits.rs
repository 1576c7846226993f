//! How large requests may be, how many run at once, and how long each may take.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::{sync::Semaphore, time::timeout};

use crate::refusal::Refusal;

/// The longest body that is no upload, in bytes: the largest, a room of 25 people with all their tools, stays below 20 kB.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// The longest body with a file, in bytes: the largest picture (`kaleyra-video-api.md` §12.3) and what is around it.
pub const UPLOAD_BYTES_MAX: usize = 16 * 1024 * 1024 + 64 * 1024;

/// Uploads under way at once: each is held in memory, so all of them take 64 MB.
pub const PICTURES_AT_ONCE_MAX: usize = 4;

/// Requests under way at once. Callers are programs with a key, and few.
pub const REQUESTS_AT_ONCE_MAX: usize = 256;

/// The longest a request may take, its body included: 16 MB at 6 Mbit/s, and the time to store it.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Runs a request within the limits.
pub async fn apply(State(requests): State<Arc<Semaphore>>, request: Request, next: Next) -> Response {
    let Ok(_permit) = requests.try_acquire() else {
        return Refusal::busy("There are too many requests at once.").into_response();
    };
    timeout(REQUEST_TIMEOUT, next.run(request)).await.unwrap_or_else(|_| {
        tracing::error!(timeout_ms = REQUEST_TIMEOUT.as_millis(), "a request of the video API took too long");
        Refusal::busy("The request took too long.").into_response()
    })
}
