//! Reading an image from a multipart form (RFC 7578), piece by piece and never more of it than allowed.

use axum::{
    extract::{
        FromRequest, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::{StatusCode, header},
};
use http_body::Body as _;
use ports::provider::BackgroundImage;

use super::error::ApiError;

/// The part with the image (contract §6.8).
const PART: &str = "virtual_background";

/// The longest image, in bytes (contract §6.8).
pub const IMAGE_BYTES_MAX: usize = 10 * 1024 * 1024;

/// The longest form: the image, what frames it, and room for texts that some clients send beside it.
pub const FORM_BYTES_MAX: usize = IMAGE_BYTES_MAX + 64 * 1024;

/// The most parts of a form.
const PARTS_MAX: usize = 16;

/// Reads the form's image. Texts beside it mean nothing; a second file is refused.
pub async fn background(request: Request) -> Result<BackgroundImage, ApiError> {
    let body = request.body();
    if body.is_end_stream() {
        // Also with another content type: platform clients send no body as `text/html` (`mia-platform.md` §4).
        return Err(missing());
    }
    if body.size_hint().lower() > FORM_BYTES_MAX as u64 {
        return Err(too_large());
    }
    let content_type = request.headers().get(header::CONTENT_TYPE).map(|value| value.as_bytes().to_ascii_lowercase());
    if !content_type.unwrap_or_default().starts_with(b"multipart/form-data") {
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type"));
    }
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|_| ApiError::bad_request("The content type has no boundary"))?;
    let mut image = None;
    let mut parts = 0;
    while let Some(part) = form.next_field().await.map_err(|error| unreadable(&error))? {
        parts += 1;
        if parts > PARTS_MAX {
            return Err(ApiError::bad_request(format!("body must NOT have more than {PARTS_MAX} parts")));
        }
        if part.name() == Some(PART) {
            if image.is_some() {
                return Err(ApiError::bad_request(format!("body must NOT have more than one '{PART}'")));
            }
            image = Some(bytes(part).await?);
        } else if part.file_name().is_some() {
            return Err(ApiError::bad_request(format!("body must have no file but '{PART}'")));
        }
    }
    let image = BackgroundImage::new(image.ok_or_else(missing)?);
    image.ok_or_else(|| ApiError::bad_request(format!("body.{PART} must be a JPEG, PNG or WebP image")))
}

async fn bytes(mut part: Field<'_>) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(|error| unreadable(&error))? {
        if bytes.len() + piece.len() > IMAGE_BYTES_MAX {
            return Err(too_large());
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

fn missing() -> ApiError {
    ApiError::bad_request(format!("body must have required property '{PART}'"))
}

fn too_large() -> ApiError {
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "Request body is too large")
}

/// The form's own text about what is wrong may repeat what was sent.
fn unreadable(error: &MultipartError) -> ApiError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        too_large()
    } else {
        ApiError::bad_request("Body is not a valid multipart form")
    }
}
