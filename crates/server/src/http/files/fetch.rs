//! Fetching a file by a link that ends.

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ports::content::File;
use video::files::download_name;

use super::{
    files,
    range::{self, Wanted},
    refusal::{FileRefusalBody, Refusal},
    tus::file_id,
};
use crate::http::{App, error::ApiError};

/// RFC 8187 §3.2.1: what may stand as it is in a parameter.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');

/// Fetches a file.
#[utoipa::path(
    get, path = "/call/files/{fileId}", operation_id = "fetchFile", tag = "files",
    params(
        ("fileId" = String, Path, description = "The file's id"),
        ("expires" = i64, Query, description = "From the link"),
        ("signature" = String, Query, description = "From the link"),
    ),
    responses(
        (status = 200, description = "The file", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 206, description = "The range that was asked for", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 403, description = "The link is not valid", body = FileRefusalBody),
        (status = 404, description = "The file is not there any more", body = FileRefusalBody),
        (status = 410, description = "The link has expired", body = FileRefusalBody),
        (status = 416, description = "The file has no such range"),
    ),
)]
pub async fn fetch(State(app): State<App>, Path(id): Path<String>, parts: Parts) -> Result<Response, Refusal> {
    let files = files(&app)?;
    let (mut expires, mut signature) = (None, None);
    for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
        match &*name {
            "expires" => expires = value.parse().ok(),
            "signature" => signature = Some(value),
            _ => {}
        }
    }
    let invalid = || Refusal::new(StatusCode::FORBIDDEN, "invalid_link", "The link is not valid");
    let (expires, signature) = (expires.ok_or_else(invalid)?, signature.ok_or_else(invalid)?);
    let file = files.open(&file_id(id)?, expires, &signature).await?;

    let tag = format!("\"{}\"", file.id.0);
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    // A file never changes, so whoever has a part of it goes on with the same one.
    let is_same = text(header::IF_RANGE).is_none_or(|known| known == tag);
    let wanted = range::read(text(header::RANGE).filter(|_| is_same), file.size);
    let (status, from, len) = match wanted {
        Wanted::Whole => (StatusCode::OK, 0, file.size),
        Wanted::Part { from, len } => (StatusCode::PARTIAL_CONTENT, from, len),
        Wanted::Nothing => (StatusCode::RANGE_NOT_SATISFIABLE, 0, 0),
    };
    let body = if parts.method == Method::HEAD || len == 0 {
        Body::empty()
    } else {
        let place = app.in_flight.downloads.clone().try_acquire_owned().map_err(|_| Refusal::too_many_at_once())?;
        let bytes = files.read(&file, from, len).await?;
        Body::from_stream(bytes.map(move |piece| {
            // It is given back with the body.
            let _ = &place;
            piece
        }))
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    for (name, value) in headers_of(&file, &tag) {
        // What stands in them was checked or encoded.
        headers.insert(name, HeaderValue::from_str(&value).map_err(|_| ApiError::internal())?);
    }
    let range = match status {
        StatusCode::PARTIAL_CONTENT => Some(format!("bytes {from}-{}/{}", from + len - 1, file.size)),
        StatusCode::RANGE_NOT_SATISFIABLE => Some(format!("bytes */{}", file.size)),
        _ => None,
    };
    if let Some(range) = range {
        headers.insert(header::CONTENT_RANGE, HeaderValue::from_str(&range).map_err(|_| ApiError::internal())?);
    }
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(len));
    Ok(response)
}

/// What keeps a file from being anything but a file, whatever is in it: no page, no script, nothing that another site may load.
fn headers_of(file: &File, tag: &str) -> Vec<(header::HeaderName, String)> {
    let shown = if file.media_type.starts_with("image/") { "inline" } else { "attachment" };
    let name = download_name(&file.name, &file.media_type);
    let ascii: String = name.chars().map(|character| if character.is_ascii() { character } else { '_' }).collect();
    let encoded = utf8_percent_encode(&name, PLAIN);
    vec![
        (header::CONTENT_TYPE, file.media_type.clone()),
        // RFC 6266 §5: for older clients, and for all others.
        (header::CONTENT_DISPOSITION, format!("{shown}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin".to_owned()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::ETAG, tag.to_owned()),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ]
}
