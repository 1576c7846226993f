//! Who sends a file: the bearer of a personal link.

use axum::http::{StatusCode, header, request::Parts};
use tracing::Instrument as _;
use video::{EnterError, Visitor, files::Guest};

use super::refusal::Refusal;
use crate::{
    http::{App, error::ApiError},
    telemetry::spans::use_case,
};

/// The longest token looked at, in bytes; ours are far shorter.
const TOKEN_BYTES_MAX: usize = 1024;

/// Finds out who sends a request. Tries with links that nobody has are counted, as at the entrance.
pub async fn visitor(app: &App, parts: &Parts) -> Result<Visitor, Refusal> {
    let token = bearer(parts).ok_or_else(Refusal::unauthorized)?;
    // Without an entrance there is no such route.
    let entrance = app.entrance.as_ref().ok_or_else(ApiError::internal)?;
    match entrance.visitor(token).instrument(use_case("files")).await {
        Err(EnterError::InvalidLink)
            if !app.entrance_rate.take(app.trusted_proxies.client(parts), app.ctx.clock.now()) =>
        {
            Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many", "Too many tries: wait a few seconds"))
        }
        outcome => Ok(outcome?),
    }
}

/// The visitor as a guest of their room.
pub fn guest(visitor: &Visitor) -> Guest<'_> {
    Guest { state: &visitor.state, member: &visitor.member }
}

/// RFC 6750 §2.1.
fn bearer(parts: &Parts) -> Option<&str> {
    let header = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= TOKEN_BYTES_MAX).then_some(token)
}
