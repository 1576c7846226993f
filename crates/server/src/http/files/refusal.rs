//! What is answered to a request about files that cannot be done.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use video::{
    EnterError,
    files::{Denied, FileError, LinkRefused},
};

use super::tus;
use crate::http::{answer, error::ApiError};

/// A refusal that a page tells apart by its code.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileRefusalBody {
    status_code: u16,
    /// `invalid`, `invalid_access_link`, `room_closed`, `wrong_stage`, `not_allowed`, `unknown`, `expired`, `too_large`,
    /// `unsupported_type`, `wrong_offset`, `too_many`, `busy`, `no_space`, `unavailable`, `invalid_link` or `unsupported_version`.
    code: &'static str,
    error: &'static str,
    message: String,
    /// The header, or the member of `Upload-Metadata`, that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
}

/// An answer that is not a success.
#[derive(Debug)]
pub enum Refusal {
    /// With a code.
    Coded { status: StatusCode, code: &'static str, message: String, field: Option<&'static str> },
    /// As anywhere else.
    Usual(ApiError),
}

impl Refusal {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self::Coded { status, code, message: message.into(), field: None }
    }

    /// A header or a member of `Upload-Metadata` is wrong.
    pub fn invalid(field: &'static str, message: &str) -> Self {
        let message = format!("{field} {message}");
        Self::Coded { status: StatusCode::BAD_REQUEST, code: "invalid", message, field: Some(field) }
    }

    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_access_link", "The link is not valid any more")
    }

    /// As many files as can be are moving.
    pub fn too_many_at_once() -> Self {
        Self::Usual(ApiError::busy("There are too many files on their way at once: try again later"))
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self::Usual(error)
    }
}

impl From<EnterError> for Refusal {
    fn from(error: EnterError) -> Self {
        match error {
            EnterError::InvalidLink => Self::unauthorized(),
            EnterError::RoomClosed => Self::new(StatusCode::GONE, "room_closed", "The call is over"),
            error @ EnterError::Unavailable(_) => unavailable(&error),
        }
    }
}

impl From<FileError> for Refusal {
    fn from(error: FileError) -> Self {
        let told = error.to_string();
        match error {
            FileError::Denied(Denied::WrongStage) => {
                Self::new(StatusCode::FORBIDDEN, "wrong_stage", "A host has to let you in first")
            }
            FileError::Denied(Denied::NotAllowed(why)) => Self::new(StatusCode::FORBIDDEN, "not_allowed", why),
            FileError::Denied(Denied::UnknownSubject) => Self::invalid("of", "must be somebody in the room"),
            FileError::Unknown => Self::new(StatusCode::NOT_FOUND, "unknown", "There is no such file"),
            FileError::Expired => Self::new(StatusCode::GONE, "expired", "The upload was not finished in time"),
            FileError::TooLarge(_) => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", told),
            FileError::UnsupportedType => Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_type", told),
            FileError::WrongOffset { .. } => Self::new(StatusCode::CONFLICT, "wrong_offset", told),
            FileError::TooShort => {
                let (status, field) = (StatusCode::BAD_REQUEST, Some("Content-Length"));
                Self::Coded { status, code: "invalid", message: told, field }
            }
            FileError::RoomFull | FileError::TooManyIncomplete => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many", told)
            }
            FileError::Busy => Self::new(StatusCode::LOCKED, "busy", told),
            FileError::NoSpace => {
                tracing::error!("a file is refused: there is no space for files");
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "no_space", told)
            }
            error @ FileError::Unavailable(_) => unavailable(&error),
        }
    }
}

impl From<LinkRefused> for Refusal {
    fn from(error: LinkRefused) -> Self {
        match error {
            LinkRefused::Invalid => Self::new(StatusCode::FORBIDDEN, "invalid_link", "The link is not valid"),
            LinkRefused::Expired => Self::new(StatusCode::GONE, "expired", "The link has expired: get another one"),
            LinkRefused::Gone => Self::new(StatusCode::NOT_FOUND, "unknown", "The file is not there any more"),
            LinkRefused::Failed(error) => error.into(),
        }
    }
}

fn unavailable(error: &(dyn std::error::Error + 'static)) -> Refusal {
    tracing::error!(error, "files are unavailable");
    Refusal::Usual(ApiError::busy("Files are unavailable: try again"))
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = match self {
            Self::Usual(error) => error.into_response(),
            Self::Coded { status, code, message, field } => {
                let error = status.canonical_reason().unwrap_or("Error");
                let body = FileRefusalBody { status_code: status.as_u16(), code, error, message, field };
                answer::json(status, &body).into_response()
            }
        };
        let (status, headers) = (response.status(), response.headers_mut());
        headers.insert(tus::RESUMABLE, HeaderValue::from_static(tus::VERSION));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::PRECONDITION_FAILED {
            headers.insert(tus::SUPPORTED, HeaderValue::from_static(tus::VERSION));
        }
        response
    }
}
