//! The embedded video service's backgrounds, for the pages and for whoever asks its API: an image for everybody who knows its alias, which nobody can guess.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ports::company::{BackgroundAlias, Item};
use tokio::sync::OwnedSemaphorePermit;

use super::{App, error::ApiError};

/// An image that is being sent, with the place that it takes meanwhile.
struct Sending {
    image: Arc<[u8]>,
    _place: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Sending {
    fn as_ref(&self) -> &[u8] {
        &self.image
    }
}

/// Shows a background. An alias never names another image, so it can be kept for ever.
pub async fn show(State(app): State<App>, Path(alias): Path<String>, headers: HeaderMap) -> Result<Response, ApiError> {
    let not_found = || ApiError::new(StatusCode::NOT_FOUND, "There is no such background");
    let alias = BackgroundAlias::parse(&alias).map_err(|_| not_found())?;
    let video = app.entrance.as_ref().ok_or_else(not_found)?;
    let tag = format!("\"{}\"", alias.as_str());
    // Images are up to 10 MB and stay in memory until the slowest client has them: so there are never more than a few. It is closed by
    // nobody.
    let place = app.in_flight.images.clone().acquire_owned().await.map_err(|_| ApiError::internal())?;
    let Item { media_type, bytes: image, .. } = video.background(&alias).await?.ok_or_else(not_found)?;
    let mut response = if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(Bytes::from_owner(Sending { image, _place: place })))
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, HeaderValue::from_str(&media_type)),
        (header::ETAG, HeaderValue::from_str(&tag)),
        (header::CACHE_CONTROL, Ok(HeaderValue::from_static("public, max-age=31536000, immutable"))),
        // Shown by pages and applications of any origin.
        (HeaderName::from_static("cross-origin-resource-policy"), Ok(HeaderValue::from_static("cross-origin"))),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, Ok(HeaderValue::from_static("*"))),
        // An image is never a page, whatever is in it.
        (header::CONTENT_SECURITY_POLICY, Ok(HeaderValue::from_static("default-src 'none'; sandbox"))),
    ] {
        // What is stored was written by us.
        headers.insert(name, value.map_err(|_| ApiError::internal())?);
    }
    Ok(response)
}
