//! Sending files by tus 1.0.0: its core, and the extensions creation, termination and expiration.

use axum::{
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use jiff::{Timestamp, fmt::rfc2822};
use ports::content::{File, FileId};
use video::files::{FILES_PATH, Files};

use super::{
    caller::{guest, visitor},
    fetch, files, metadata, receive,
    refusal::{FileRefusalBody, Refusal},
};
use crate::http::{App, error::ApiError};

/// The version of the protocol that is spoken.
pub const VERSION: &str = "1.0.0";
/// Says it.
pub const RESUMABLE: &str = "tus-resumable";
/// Says which there are.
pub const SUPPORTED: &str = "tus-version";
const OFFSET: &str = "upload-offset";
const LENGTH: &str = "upload-length";

/// Begins an upload.
#[utoipa::path(
    post, path = "/call/files", operation_id = "beginUpload", tag = "files",
    params(
        ("Authorization" = String, Header, description = "`Bearer` and the last segment of the personal link's path"),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
        ("Upload-Length" = u64, Header, description = "The file's size in bytes", minimum = 1),
        ("Upload-Metadata" = String, Header, description = "`filename`, `kind` (`file`, `snapshot` or `board_image`), and for snapshots `request` or `of`, each with its value in base64"),
    ),
    responses(
        (status = 201, description = "Begun: send it to `Location`"),
        (status = 400, description = "A header is wrong", body = FileRefusalBody),
        (status = 401, description = "Nobody's link", body = FileRefusalBody),
        (status = 403, description = "Not let in yet, or without the tool", body = FileRefusalBody),
        (status = 410, description = "The room is closed for good", body = FileRefusalBody),
        (status = 412, description = "Another version of the protocol", body = FileRefusalBody),
        (status = 413, description = "The file is too large", body = FileRefusalBody),
        (status = 429, description = "The room holds as many files as it may, too many uploads are not finished, or too many tries from one address", body = FileRefusalBody),
    ),
)]
pub async fn create(State(app): State<App>, parts: Parts) -> Result<Response, Refusal> {
    let files = files(&app)?;
    let visitor = visitor(&app, &parts).await?;
    require_version(&parts.headers)?;
    let new = metadata::read(&parts.headers)?;
    let file = files.begin(guest(&visitor), new).await?;
    let mut response = answer(StatusCode::CREATED);
    set(&mut response, header::LOCATION.as_str(), &format!("{FILES_PATH}/{}", file.id.0))?;
    expires(&mut response, &file)?;
    Ok(response)
}

/// Says how far an upload has come.
#[utoipa::path(
    head, path = "/call/files/{fileId}", operation_id = "readUpload", tag = "files",
    params(
        ("fileId" = String, Path, description = "The file's id"),
        ("Authorization" = String, Header, description = "`Bearer` and the last segment of the personal link's path"),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
    ),
    responses(
        (status = 200, description = "`Upload-Offset` says how much has arrived"),
        (status = 401, description = "Nobody's link"),
        (status = 403, description = "Without `Tus-Resumable`, as for a download: the link is not valid"),
        (status = 404, description = "No such file, or another's"),
        (status = 410, description = "Not finished in time, or the room is closed for good"),
        (status = 412, description = "Another version of the protocol"),
        (status = 429, description = "Too many tries from one address"),
    ),
)]
pub async fn look(State(app): State<App>, Path(id): Path<String>, parts: Parts) -> Result<Response, Refusal> {
    if !parts.headers.contains_key(RESUMABLE) {
        return fetch::fetch(State(app), Path(id), parts).await;
    }
    let files = files(&app)?;
    let visitor = visitor(&app, &parts).await?;
    require_version(&parts.headers)?;
    let file = files.look(guest(&visitor), &file_id(id)?).await?;
    let mut response = answer(StatusCode::OK);
    set(&mut response, OFFSET, &file.received.to_string())?;
    set(&mut response, LENGTH, &file.size.to_string())?;
    set(&mut response, "upload-metadata", &metadata::write(&file))?;
    set(&mut response, header::CACHE_CONTROL.as_str(), "no-store")?;
    expires(&mut response, &file)?;
    Ok(response)
}

/// Sends a part of a file.
#[utoipa::path(
    patch, path = "/call/files/{fileId}", operation_id = "sendPart", tag = "files",
    params(
        ("fileId" = String, Path, description = "The file's id"),
        ("Authorization" = String, Header, description = "`Bearer` and the last segment of the personal link's path"),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
        ("Upload-Offset" = u64, Header, description = "Where the part begins: where the file ends so far"),
    ),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream", description = "At least 64 kB, unless it is the last"),
    responses(
        (status = 204, description = "`Upload-Offset` says how much has arrived"),
        (status = 400, description = "A header is wrong, or the part is too short", body = FileRefusalBody),
        (status = 401, description = "Nobody's link", body = FileRefusalBody),
        (status = 403, description = "Not let in any more", body = FileRefusalBody),
        (status = 404, description = "No such file, or another's", body = FileRefusalBody),
        (status = 408, description = "Too little arrived for too long"),
        (status = 409, description = "The file does not end there", body = FileRefusalBody),
        (status = 410, description = "Not finished in time, or the room is closed for good", body = FileRefusalBody),
        (status = 412, description = "Another version of the protocol", body = FileRefusalBody),
        (status = 413, description = "More than the file's size", body = FileRefusalBody),
        (status = 415, description = "A kind of file that is not taken: the upload is over", body = FileRefusalBody),
        (status = 423, description = "Somebody else is sending the file", body = FileRefusalBody),
        (status = 507, description = "There is no space for files", body = FileRefusalBody),
        (status = 429, description = "Too many tries from one address", body = FileRefusalBody),
    ),
)]
pub async fn append(State(app): State<App>, Path(id): Path<String>, request: Request) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let files = files(&app)?;
    let visitor = visitor(&app, &parts).await?;
    require_version(&parts.headers)?;
    let content_type = parts.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if content_type != Some(b"application/offset+octet-stream") {
        let message = "Content-Type must be application/offset+octet-stream";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid", message));
    }
    let offset = parts.headers.get(OFFSET).and_then(|value| value.to_str().ok()?.parse().ok());
    let offset = offset.ok_or_else(|| Refusal::invalid("Upload-Offset", "must be a whole number"))?;
    let id = file_id(id)?;
    let place = app.in_flight.uploads.take(&visitor.state.room.id, &visitor.member.user);
    let _place = place.ok_or_else(Refusal::too_many_at_once)?;
    let upload = files.resume(guest(&visitor), &id, offset).await?;
    let file = receive::receive(upload, body).await?;
    let mut response = answer(StatusCode::NO_CONTENT);
    set(&mut response, OFFSET, &file.received.to_string())?;
    expires(&mut response, &file)?;
    Ok(response)
}

/// Ends an upload, or deletes a file.
#[utoipa::path(
    delete, path = "/call/files/{fileId}", operation_id = "deleteFile", tag = "files",
    params(
        ("fileId" = String, Path, description = "The file's id"),
        ("Authorization" = String, Header, description = "`Bearer` and the last segment of the personal link's path"),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
    ),
    responses(
        (status = 204, description = "Deleted"),
        (status = 401, description = "Nobody's link", body = FileRefusalBody),
        (status = 403, description = "Not let in yet, or another's file and no admin", body = FileRefusalBody),
        (status = 404, description = "No such file", body = FileRefusalBody),
        (status = 410, description = "The room is closed for good", body = FileRefusalBody),
        (status = 412, description = "Another version of the protocol", body = FileRefusalBody),
        (status = 429, description = "Too many tries from one address", body = FileRefusalBody),
    ),
)]
pub async fn remove(State(app): State<App>, Path(id): Path<String>, parts: Parts) -> Result<Response, Refusal> {
    let files = files(&app)?;
    let visitor = visitor(&app, &parts).await?;
    require_version(&parts.headers)?;
    files.delete_for(guest(&visitor), &file_id(id)?).await?;
    Ok(answer(StatusCode::NO_CONTENT))
}

/// Does what `X-HTTP-Method-Override` says, for clients that cannot say it otherwise (tus, "Core Protocol").
pub async fn overridden(state: State<App>, path: Path<String>, request: Request) -> Result<Response, Refusal> {
    const OVERRIDE: &str = "X-HTTP-Method-Override";
    let method = request.headers().get(OVERRIDE).map(|method| Method::from_bytes(method.as_bytes()));
    match method {
        Some(Ok(Method::PATCH)) => append(state, path, request).await,
        Some(Ok(Method::DELETE)) => remove(state, path, request.into_parts().0).await,
        Some(Ok(Method::HEAD)) => look(state, path, request.into_parts().0).await,
        _ => Err(Refusal::invalid(OVERRIDE, "must be PATCH, DELETE or HEAD")),
    }
}

/// Says what is spoken.
pub async fn options(State(app): State<App>) -> Result<Response, Refusal> {
    let size_max = files(&app)?.size_max();
    let mut response = answer(StatusCode::NO_CONTENT);
    set(&mut response, SUPPORTED, VERSION)?;
    set(&mut response, "tus-extension", "creation,termination,expiration")?;
    set(&mut response, "tus-max-size", &size_max.to_string())?;
    Ok(response)
}

fn require_version(headers: &HeaderMap) -> Result<(), Refusal> {
    if headers.get(RESUMABLE).is_some_and(|version| version == VERSION) {
        return Ok(());
    }
    let message = format!("Tus-Resumable must be {VERSION}");
    Err(Refusal::new(StatusCode::PRECONDITION_FAILED, "unsupported_version", message))
}

/// An id as we make them; what can be none is answered as what is none.
pub fn file_id(text: String) -> Result<FileId, Refusal> {
    let digits = text.strip_prefix("file_").unwrap_or_default();
    let is_id = digits.len() == 24 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_id { Ok(FileId(text)) } else { Err(Refusal::new(StatusCode::NOT_FOUND, "unknown", "There is no such file")) }
}

fn answer(status: StatusCode) -> Response {
    let mut response = (status, Body::empty()).into_response();
    response.headers_mut().insert(RESUMABLE, HeaderValue::from_static(VERSION));
    response
}

/// Until when an upload has to be finished (tus, "Expiration"); RFC 9110 §5.6.7.
fn expires(response: &mut Response, file: &File) -> Result<(), Refusal> {
    if file.completed.is_some() {
        return Ok(());
    }
    let moment = Files::expires(file);
    let moment = Timestamp::from_second(moment.as_second()).unwrap_or(moment);
    let date = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&moment);
    set(response, "upload-expires", &date.map_err(|_| ApiError::internal())?)
}

fn set(response: &mut Response, name: &'static str, value: &str) -> Result<(), Refusal> {
    // All of them are ours, or in base64.
    let value = HeaderValue::from_str(value).map_err(|_| ApiError::internal())?;
    response.headers_mut().insert(name, value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_no_id_is_no_file() {
        assert!(file_id("file_0123456789abcdef01234567".to_owned()).is_ok());
        for wrong in
            ["", "file_", "file_0123456789ABCDEF01234567", "../../../etc/passwd", "file_../../../../etc/passwd."]
        {
            assert!(file_id(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
