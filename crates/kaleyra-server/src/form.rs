//! Uploads: `multipart/form-data` of limited size (`kaleyra-video-api.md` §2.2).

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Multipart, Request},
};
use tokio::sync::OwnedSemaphorePermit;

use crate::{Api, limits::UPLOAD_BYTES_MAX, refusal::Refusal};

/// The most parts of a form.
const PARTS_MAX: usize = 16;

/// The parts of a form, and the place in memory that they take.
pub struct Upload {
    parts: Vec<(String, Bytes)>,
    _place: OwnedSemaphorePermit,
}

impl FromRequest<Api> for Upload {
    type Rejection = Refusal;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Refusal> {
        let place = Arc::clone(&api.uploads).try_acquire_owned();
        let place = place.map_err(|_| Refusal::busy("There are too many uploads at once."))?;
        let (parts, body) = request.into_parts();
        let too_long = |_| Refusal::too_long(UPLOAD_BYTES_MAX);
        let bytes = axum::body::to_bytes(body, UPLOAD_BYTES_MAX).await.map_err(too_long)?;
        let request = Request::from_parts(parts, Body::from(bytes));
        let unreadable = || Refusal::request("upload_error", "The body is no multipart form that can be read.");
        let mut form = Multipart::from_request(request, &()).await.map_err(|_| unreadable())?;
        let mut parts = Vec::new();
        while let Some(part) = form.next_field().await.map_err(|_| unreadable())? {
            if parts.len() == PARTS_MAX {
                return Err(Refusal::request("upload_error", format!("The form has more than {PARTS_MAX} parts.")));
            }
            let name = part.name().unwrap_or_default().to_owned();
            parts.push((name, part.bytes().await.map_err(|_| unreadable())?));
        }
        Ok(Self { parts, _place: place })
    }
}

impl Upload {
    /// The file of this name, or of the name `file`.
    pub fn file(&self, name: &str) -> Result<Bytes, Refusal> {
        let found = self.part(name).or_else(|| self.part("file")).filter(|bytes| !bytes.is_empty());
        found.cloned().ok_or_else(|| Refusal::request("file_not_found", format!("The form has no file {name}.")))
    }

    /// The text of this name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.part(name).and_then(|bytes| std::str::from_utf8(bytes).ok()).filter(|text| !text.is_empty())
    }

    fn part(&self, name: &str) -> Option<&Bytes> {
        self.parts.iter().find(|(part, _)| part == name).map(|(_, bytes)| bytes)
    }
}
