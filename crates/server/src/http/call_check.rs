//! Trying the way to the media engine before the call: `POST /call/check` and what can be downloaded for it.

use std::sync::OnceLock;

use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use ports::Chance;
use serde::Serialize;
use tracing::Instrument as _;
use utoipa::ToSchema;
use video::{CHECK_VALID_FOR, Check};

use super::{
    App, answer,
    body::RequestBody,
    entrance::{EnterRequest, LiveKitView, RefusalBody, access_token, refusal, refused},
    error::ApiError,
    rate_limit::RateLimit,
    schema::ErrorBody,
};
use crate::telemetry::spans::use_case;

/// The path below which a check downloads: one more segment, its key.
pub const BYTES_PATH: &str = "/call/check/bytes";

/// What one download sends. A page reads from it for some seconds and gives the rest up where the line is slow.
const DOWNLOAD_BYTES: usize = 1 << 20;

/// What a download is made of: more than a compressing proxy on the way looks back, and chance, so that it arrives as long as it was sent.
const BLOCK_BYTES: usize = 1 << 16;

/// Checks that one client has at once: a ward behind one address opens its links at the full hour.
const CHECKS_AT_ONCE: f64 = 30.0;

/// Checks that come back in each second.
const CHECKS_PER_S: f64 = 0.5;

/// How often one client may check.
pub fn rate() -> RateLimit {
    RateLimit::new(CHECKS_AT_ONCE, CHECKS_PER_S)
}

/// All that the page needs to check.
#[derive(Serialize, ToSchema)]
pub struct CallCheckView {
    livekit: LiveKitView,
    /// Where there is something to download, to measure with, on this origin.
    bytes_url: String,
    /// How long token and download are of use.
    valid_for_seconds: u64,
}

/// Lets the bearer of a personal link try the way to the media engine, in a room where nobody else is.
#[utoipa::path(
    post, path = "/call/check", operation_id = "checkCall", tag = "call",
    request_body(content((EnterRequest = "application/json"))),
    responses(
        (status = 200, description = "Go ahead", body = CallCheckView),
        (status = 400, description = "A field is wrong", body = ErrorBody),
        (status = 404, description = "Nobody's link", body = RefusalBody),
        (status = 410, description = "The room is closed for good", body = RefusalBody),
        (status = 429, description = "Too many checks, from one address or at once", body = RefusalBody),
    ),
)]
pub async fn begin(State(app): State<App>, parts: Parts, RequestBody(body): RequestBody) -> Result<Response, ApiError> {
    let client = app.trusted_proxies.client(&parts);
    let now = app.ctx.clock.now();
    let too_many = || refusal(StatusCode::TOO_MANY_REQUESTS, "too_many_tries", "Too many checks: go on without");
    // A check tells whether a link is somebody's, so it counts as a try to enter too.
    if !app.check_rate.take(client, now) || !app.entrance_rate.take(client, now) {
        return Ok(too_many());
    }
    let token = access_token(&body)?;
    // Without an entrance there is no such route.
    let entrance = app.entrance.clone().ok_or_else(ApiError::internal)?;
    let check = match entrance.begin_check(&token).instrument(use_case("begin_check")).await {
        Ok(Some(check)) => check,
        Ok(None) => return Ok(too_many()),
        Err(error) => return refused(&error),
    };
    let Check { key, media_token } = check;
    let view = CallCheckView {
        livekit: LiveKitView { url: app.pages.engine_url.clone(), token: media_token },
        bytes_url: format!("{BYTES_PATH}/{key}"),
        valid_for_seconds: CHECK_VALID_FOR.as_secs(),
    };
    tokio::spawn(async move {
        tokio::time::sleep(CHECK_VALID_FOR).await;
        if let Err(error) = entrance.end_check(&key).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the room of a check was not closed");
        }
    });
    Ok(answer::json(StatusCode::OK, &view))
}

/// Sends something to measure with, to a check that is under way.
#[utoipa::path(
    get, path = "/call/check/bytes/{key}", operation_id = "downloadForCheck", tag = "call",
    params(("key" = String, Path, description = "The end of `bytes_url`")),
    responses(
        (status = 200, description = "A megabyte of chance", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 404, description = "There is no such check, or it has had its downloads", body = ErrorBody),
    ),
)]
pub async fn bytes(State(app): State<App>, Path(key): Path<String>) -> Result<Response, ApiError> {
    let entrance = app.entrance.as_ref().ok_or_else(ApiError::internal)?;
    if !entrance.take_check_download(&key) {
        return Err(ApiError::new(StatusCode::NOT_FOUND, "There is no such check"));
    }
    let mut response = Response::new(Body::from(download(&*app.ctx.chance)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    Ok(response)
}

/// One for the whole program, made when it is first asked for.
fn download(chance: &dyn Chance) -> Bytes {
    static DOWNLOAD: OnceLock<Bytes> = OnceLock::new();
    DOWNLOAD
        .get_or_init(|| {
            let mut block = vec![0; BLOCK_BYTES];
            chance.fill(&mut block);
            block.repeat(DOWNLOAD_BYTES / BLOCK_BYTES).into()
        })
        .clone()
}
