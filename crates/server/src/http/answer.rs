//! JSON answers as the platform writes them.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;

/// The content type of every JSON answer (`mia-platform.md` §3.1).
pub const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// An answer with a JSON body.
#[expect(clippy::missing_panics_doc, reason = "it never panics")]
pub fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    // The bodies of this crate have string keys and no hand-written `Serialize`, so they always have a JSON form.
    let text = serde_json::to_vec(body).expect("a body of plain values has a JSON form");
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}
