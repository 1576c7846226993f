//! How many requests run at once, and how long each may take.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use super::{
    App,
    body::{self, LONG_BODIES_MAX},
    error::ApiError,
    files::UploadPlaces,
};

/// The most API requests under way at once. Beyond it the store's queue would only make everyone wait longer than a caller does.
pub const IN_FLIGHT_MAX: usize = 1024;

/// The longest a body may take to arrive: 256 kB at the pace of a bad mobile connection.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest an API request may take once it is there: with [`BODY_TIMEOUT`], the 30 s after which platform callers give up.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// The longest a request with an image may take: 10 MB at the pace of a usual line, and to be passed on to the video provider.
pub const IMAGE_TIMEOUT: Duration = Duration::from_mins(1);

/// The most images that arrive at once. Backgrounds are added a few times a year, and each is held in memory.
pub const ARRIVING_IMAGES_MAX: usize = 2;

/// The most images that are sent at once, each held in memory meanwhile; browsers keep them, so each person asks once.
pub const IMAGES_MAX: usize = 4;

/// The most files that are fetched at once, each with a part of 1 MB in memory.
pub const DOWNLOADS_MAX: usize = 64;

/// Requests under way.
#[derive(Clone)]
pub struct InFlight {
    requests: Arc<Semaphore>,
    long_bodies: Arc<Semaphore>,
    arriving_images: Arc<Semaphore>,
    /// Places for images that are being sent.
    pub images: Arc<Semaphore>,
    /// Places for files that arrive.
    pub uploads: Arc<UploadPlaces>,
    /// Places for files that are fetched.
    pub downloads: Arc<Semaphore>,
}

impl Default for InFlight {
    fn default() -> Self {
        Self {
            requests: Arc::new(Semaphore::new(IN_FLIGHT_MAX)),
            long_bodies: Arc::new(Semaphore::new(LONG_BODIES_MAX)),
            arriving_images: Arc::new(Semaphore::new(ARRIVING_IMAGES_MAX)),
            images: Arc::new(Semaphore::new(IMAGES_MAX)),
            uploads: Arc::default(),
            downloads: Arc::new(Semaphore::new(DOWNLOADS_MAX)),
        }
    }
}

/// Runs the request within all limits. It counts as under way only once it has arrived, so that those who send slowly take nobody's
/// place. A request that is given up leaves nothing half done: what it began is on disk and a worker finishes it.
pub async fn apply(State(app): State<App>, request: Request, next: Next) -> Response {
    let (request, _long) = match arrived(request, &app.in_flight.long_bodies, BODY_TIMEOUT).await {
        Ok(arrived) => arrived,
        Err(error) => return error.into_response(),
    };
    let Ok(_permit) = app.in_flight.requests.try_acquire() else {
        return ApiError::busy("There are too many requests at once: try again later").into_response();
    };
    timeout(REQUEST_TIMEOUT, next.run(request)).await.unwrap_or_else(|_| {
        tracing::error!(timeout_ms = REQUEST_TIMEOUT.as_millis(), "a request took too long and was given up");
        ApiError::busy("The request took too long: try again later").into_response()
    })
}

/// Runs a request whose body is an image, which its handler reads as it arrives.
pub async fn apply_to_image(State(app): State<App>, request: Request, next: Next) -> Response {
    let Ok(_place) = app.in_flight.arriving_images.try_acquire() else {
        return ApiError::busy("There are too many images at once: try again later").into_response();
    };
    timeout(IMAGE_TIMEOUT, next.run(request)).await.unwrap_or_else(|_| {
        tracing::warn!(timeout_ms = IMAGE_TIMEOUT.as_millis(), "an image took too long and was given up");
        ApiError::new(StatusCode::REQUEST_TIMEOUT, "Request body did not arrive in time").into_response()
    })
}

/// The request with its whole body, if its method has one; other bodies mean nothing and are left unread.
async fn arrived(
    request: Request,
    places: &Semaphore,
    patience: Duration,
) -> Result<(Request, Option<SemaphorePermit<'_>>), ApiError> {
    if !matches!(*request.method(), Method::POST | Method::PATCH) {
        return Ok((request, None));
    }
    let (parts, body) = request.into_parts();
    let read = timeout(patience, body::read(body, places)).await;
    let late = |_| ApiError::new(StatusCode::REQUEST_TIMEOUT, "Request body did not arrive in time");
    let (bytes, place) = read.map_err(late)??;
    Ok((Request::from_parts(parts, Body::from(bytes)), place))
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for_long() {
        let body = Body::from_stream(stream::pending::<Result<axum::body::Bytes, std::io::Error>>());
        let request = Request::post("/").body(body).unwrap();
        let error = arrived(request, &Semaphore::new(0), Duration::ZERO).await.err().unwrap();
        assert_eq!(error.status(), StatusCode::REQUEST_TIMEOUT);
    }

    #[tokio::test]
    async fn a_body_that_means_nothing_is_not_waited_for() {
        let body = Body::from_stream(stream::pending::<Result<axum::body::Bytes, std::io::Error>>());
        let request = Request::delete("/").body(body).unwrap();
        assert!(arrived(request, &Semaphore::new(0), Duration::ZERO).await.is_ok());
    }
}
