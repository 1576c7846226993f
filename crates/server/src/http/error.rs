//! Every error answer, and which error of a use case gives which (contract §5, `mia-platform.md` §3.5).

use std::fmt;

use app::{
    ChangeError, CredentialsError, DeleteError, DeleteUploadsError, PeopleError, ReadError, ReadTranscriptionError,
    ScheduleTeleconsultationError,
};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::RosterError;
use ports::{
    directory::DirectoryError,
    provider::{AddBackgroundError, ProviderError},
    teleconsultations::StoreError,
};
use serde::Serialize;

use super::answer;

/// When to come back after an answer that says "not now": long enough for a queue to drain, short enough for a person to wait.
const RETRY_AFTER_S: u64 = 2;

/// An answer that is not a success.
#[derive(Debug, PartialEq, Eq)]
pub enum ApiError {
    /// A documented body: one key, whose text is part of the contract.
    Exact {
        /// The status.
        status: StatusCode,
        /// The documented text.
        error: String,
    },
    /// The platform's three keys.
    Usual {
        /// The status.
        status: StatusCode,
        /// For a person.
        message: String,
        /// When to come back, in seconds.
        retry_after_s: Option<u64>,
    },
}

impl ApiError {
    /// The platform's three keys with this text.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self::Usual { status, message: message.into(), retry_after_s: None }
    }

    /// A field is wrong; the text names it.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// Not now; it makes sense to come back.
    pub fn busy(message: impl Into<String>) -> Self {
        Self::Usual {
            status: StatusCode::SERVICE_UNAVAILABLE,
            message: message.into(),
            retry_after_s: Some(RETRY_AFTER_S),
        }
    }

    /// Something that someone must look at; the log has the reason.
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong")
    }

    fn exact(status: StatusCode, error: impl Into<String>) -> Self {
        Self::Exact { status, error: error.into() }
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Exact { status, .. } | Self::Usual { status, .. } => *status,
        }
    }
}

/// The body of [`ApiError::Exact`].
#[derive(Serialize)]
struct ExactBody<'a> {
    error: &'a str,
}

/// The body of [`ApiError::Usual`], keys in the order of the contract.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UsualBody<'a> {
    status_code: u16,
    error: &'a str,
    message: &'a str,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Exact { status, error } => answer::json(status, &ExactBody { error: &error }),
            Self::Usual { status, message, retry_after_s } => {
                let error = status.canonical_reason().unwrap_or("Error");
                let body = UsualBody { status_code: status.as_u16(), error, message: &message };
                let mut response = answer::json(status, &body);
                if let Some(seconds) = retry_after_s {
                    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                }
                response
            }
        }
    }
}

/// What the caller asked for, as error texts name it. Two of the three name no id; that is how they are documented.
#[derive(Debug, Clone, Copy)]
pub enum Operation<'a> {
    /// `POST /teleconsultation`
    Schedule,
    /// `PATCH /teleconsultation/:roomId`
    Change,
    /// `POST /teleconsultation/:roomId/participants/data`
    AddParticipant {
        /// The id in the path.
        room_id: &'a str,
    },
    /// `POST /credentials`
    Credentials,
    /// `POST /settings/background-image`
    AddBackground,
}

impl fmt::Display for Operation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Schedule => f.write_str("POST /teleconsultation"),
            Self::Change => f.write_str("PATCH /teleconsultation"),
            Self::AddParticipant { room_id } => write!(f, "POST /teleconsultation/{room_id}/participants/data"),
            Self::Credentials => f.write_str("POST /credentials"),
            Self::AddBackground => f.write_str("POST /settings/background-image"),
        }
    }
}

fn not_found_text(room_id: &str) -> String {
    format!("Room with id {room_id} not found on CRUD")
}

/// An id under which there is no teleconsultation, on a change or deletion.
pub fn not_found(room_id: &str) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, not_found_text(room_id))
}

/// An id under which there is no teleconsultation, on reading.
pub fn not_found_on_read(room_id: &str) -> ApiError {
    ApiError::exact(StatusCode::NOT_FOUND, not_found_text(room_id))
}

/// Says why nothing was scheduled.
pub fn schedule_failed(error: ScheduleTeleconsultationError) -> ApiError {
    let operation = Operation::Schedule;
    match error {
        ScheduleTeleconsultationError::Dates(error) => failed(operation, error),
        ScheduleTeleconsultationError::People(error) => people_refused(operation, error),
        ScheduleTeleconsultationError::Directory(error) => not_recognized(operation, error),
        ScheduleTeleconsultationError::Provider(error) => error.into(),
        ScheduleTeleconsultationError::Store(error) => error.into(),
    }
}

/// Says why nothing was changed.
pub fn change_failed(operation: Operation<'_>, room_id: &str, error: ChangeError) -> ApiError {
    match error {
        ChangeError::NotFound => not_found(room_id),
        ChangeError::Frozen => failed(operation, "teleconsultation can no longer be modified"),
        ChangeError::Dates(error) => failed(operation, error),
        ChangeError::People(error) => people_refused(operation, error),
        ChangeError::Directory(error) => not_recognized(operation, error),
        ChangeError::Contended => contended(),
        ChangeError::Provider(error) => error.into(),
        ChangeError::Store(error) => error.into(),
    }
}

/// Says why nothing was shown.
pub fn read_failed(room_id: &str, error: ReadError) -> ApiError {
    match error {
        ReadError::NotFound => not_found_on_read(room_id),
        ReadError::NotParticipant => unauthorized(),
        ReadError::Store(error) => error.into(),
    }
}

/// Says why nothing was deleted.
pub fn delete_failed(room_id: &str, error: DeleteError) -> ApiError {
    match error {
        DeleteError::NotFound => not_found(room_id),
        DeleteError::Contended => contended(),
        DeleteError::Store(error) => error.into(),
    }
}

/// Says why no file was deleted.
pub fn delete_uploads_failed(room_id: &str, error: DeleteUploadsError) -> ApiError {
    match error {
        DeleteUploadsError::NotFound => not_found(room_id),
        DeleteUploadsError::NotParticipant => unauthorized(),
        DeleteUploadsError::Store(error) => error.into(),
        DeleteUploadsError::Provider(error) => error.into(),
    }
}

/// Says why nobody got credentials.
pub fn credentials_failed(error: CredentialsError) -> ApiError {
    match error {
        CredentialsError::Unauthorized => unauthorized(),
        CredentialsError::Directory(error) => not_recognized(Operation::Credentials, error),
        CredentialsError::Provider(error) => error.into(),
        CredentialsError::Store(error) => error.into(),
    }
}

/// Says why no transcription was shown.
pub fn transcription_failed(room_id: &str, session_id: &str, error: ReadTranscriptionError) -> ApiError {
    match error {
        ReadTranscriptionError::Off => {
            ApiError::new(StatusCode::NOT_FOUND, "Calls are not recorded, so there are no transcriptions")
        }
        ReadTranscriptionError::UnknownRoom => not_found(room_id),
        ReadTranscriptionError::NotParticipant => unauthorized(),
        ReadTranscriptionError::NotThere => no_transcription(session_id),
        ReadTranscriptionError::TooLong => {
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "The transcription is too large")
        }
        ReadTranscriptionError::Store(error) => error.into(),
        ReadTranscriptionError::Provider(error) => error.into(),
    }
}

/// A session that was not transcribed, or not yet.
pub fn no_transcription(session_id: &str) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, format!("Transcription of session {session_id} not found"))
}

/// Says why no background was added.
pub fn background_refused(error: AddBackgroundError) -> ApiError {
    match error {
        AddBackgroundError::Full => failed(Operation::AddBackground, "there are as many backgrounds as there may be"),
        AddBackgroundError::Unfit => failed(Operation::AddBackground, "the video provider does not take this image"),
        AddBackgroundError::Provider(error) => error.into(),
    }
}

/// An alias that no background has.
pub fn no_background(alias: &str) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, format!("There is no background {alias}"))
}

/// Nobody whom the operation is for.
pub fn unauthorized() -> ApiError {
    ApiError::exact(StatusCode::UNAUTHORIZED, "Unauthorized user")
}

fn failed(operation: Operation<'_>, reason: impl fmt::Display) -> ApiError {
    ApiError::bad_request(format!("Failed {operation}: {reason}"))
}

fn people_refused(operation: Operation<'_>, error: PeopleError) -> ApiError {
    match error {
        PeopleError::UnknownGroup { id } => {
            failed(operation, format_args!("user {} does not belong to any configured group", id.as_str()))
        }
        PeopleError::Roster(RosterError::NoPlusUser) => {
            ApiError::exact(StatusCode::BAD_REQUEST, format!("Failed {operation}: no plus user in room"))
        }
        PeopleError::Roster(
            error
            @ (RosterError::TooFew | RosterError::TooMany | RosterError::MoreThanExpected | RosterError::Complete),
        ) => failed(operation, error),
    }
}

/// The directory's refusal of this caller is passed on (contract §5): whoever may not ask who people are, may not book them.
fn not_recognized(operation: Operation<'_>, error: DirectoryError) -> ApiError {
    match error {
        DirectoryError::Unknown { ids } => {
            let id = ids.first().map_or("", |id| id.as_str());
            failed(operation, format_args!("user {id} is not known to the identity provider"))
        }
        DirectoryError::Forbidden { status } => ApiError::new(
            StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN),
            "The identity provider does not answer to this caller",
        ),
        DirectoryError::Unavailable(_) => {
            log(&error, "the identity provider is unavailable");
            ApiError::busy("The identity provider is unavailable: try again later")
        }
        DirectoryError::Unexpected(_) => {
            log(&error, "the identity provider gave an unexpected answer");
            ApiError::new(StatusCode::BAD_GATEWAY, "The identity provider did not answer as it should")
        }
    }
}

fn contended() -> ApiError {
    ApiError::new(StatusCode::CONFLICT, "The teleconsultation is being changed by others at the same time: try again")
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => contended(),
            StoreError::Unavailable { .. } => {
                log(&error, "the store is unavailable");
                Self::busy("The store is unavailable: try again later")
            }
            StoreError::Corrupt { .. } => {
                log(&error, "the store holds something unreadable");
                Self::internal()
            }
        }
    }
}

impl From<ProviderError> for ApiError {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Busy { retry_after } => Self::Usual {
                status: StatusCode::SERVICE_UNAVAILABLE,
                message: "The video provider is busy: try again later".to_owned(),
                retry_after_s: Some(retry_after.map_or(RETRY_AFTER_S, |wait| wait.as_secs().max(1))),
            },
            ProviderError::KeyUsedUp => {
                log(&error, "rooms took longer to be made than their guards wait");
                Self::busy("The video provider is too slow: try again later")
            }
            ProviderError::Unavailable { .. } => {
                log(&error, "the video provider is unavailable");
                Self::busy("The video provider is unavailable: try again later")
            }
            ProviderError::Refused { .. } | ProviderError::Unexpected { .. } => {
                log(&error, "the video provider did not do what it was asked");
                Self::new(StatusCode::BAD_GATEWAY, "The video provider did not do what it was asked")
            }
        }
    }
}

fn log(error: &(dyn std::error::Error + 'static), message: &'static str) {
    tracing::error!(error, "{message}");
}
