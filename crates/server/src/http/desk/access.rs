//! Who is the desk: whoever has its key.

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

use super::super::{App, error::ApiError};

/// How the key is sent (RFC 6750 §2.1); the scheme is the same in every case (RFC 9110 §11.1).
const SCHEME: &[u8] = b"bearer ";

/// The request has the desk's key.
pub struct AtDesk;

impl FromRequestParts<App> for AtDesk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        // Without a desk there are no such routes.
        let desk = app.desk.as_ref().ok_or_else(|| ApiError::internal().into_response())?;
        let (client, now) = (app.trusted_proxies.client(parts), app.ctx.clock.now());
        if !desk.tries.has_one(client, now) {
            return Err(
                ApiError::new(StatusCode::TOO_MANY_REQUESTS, "Too many tries: wait a few seconds").into_response()
            );
        }
        let mut given = parts.headers.get_all(header::AUTHORIZATION).iter();
        match (given.next().and_then(token), given.next()) {
            (Some(token), None) if desk.key.is(token) => return Ok(Self),
            // Nothing was tried.
            (None, _) => {}
            (Some(_), _) => drop(desk.tries.take(client, now)),
        }
        let message = "The desk's key is missing or wrong: `teleconsultation desk-link` prints it";
        let mut refused = ApiError::new(StatusCode::UNAUTHORIZED, message).into_response();
        refused.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"desk\""));
        Err(refused)
    }
}

fn token(value: &HeaderValue) -> Option<&[u8]> {
    let (scheme, token) = value.as_bytes().split_at_checked(SCHEME.len())?;
    scheme.eq_ignore_ascii_case(SCHEME).then(|| token.trim_ascii())
}
