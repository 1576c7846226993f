//! Errors as the API answers them (`kaleyra-video-api.md` §3.4, §13).

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ports::{provider::ProviderError, teleconsultations::StoreError};
use serde_json::json;
use video::{OrderError, RoomRefused, files::FileError};

/// How long callers are told to wait when the service is busy, in seconds: the clients of the vendor wait a minute in any case.
const RETRY_AFTER_S: u16 = 5;

/// A request that is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    name: &'static str,
    code: &'static str,
    message: String,
}

impl Refusal {
    const fn new(status: StatusCode, name: &'static str, code: &'static str, message: String) -> Self {
        Self { status, name, code, message }
    }

    /// 422: a value that cannot be one.
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "validation_error", code, message.into())
    }

    /// 400: a request that cannot be carried out.
    pub fn request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", code, message.into())
    }

    /// 404: something that is not there.
    pub fn missing(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "invalid_request_error", code, message.into())
    }

    /// 401: the key is missing or wrong.
    pub fn key() -> Self {
        let message = "The api key is missing or wrong.".to_owned();
        Self::new(StatusCode::UNAUTHORIZED, "invalid_api_key", "invalid_api_key", message)
    }

    /// 413: a body that is too long.
    pub fn too_long(bytes_max: usize) -> Self {
        let message = format!("The body is longer than {bytes_max} bytes.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request_error", "body_too_long", message)
    }

    /// 503: try again later.
    pub fn busy(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "internal_server_error", "unavailable", message.into())
    }

    /// 500: someone must look.
    pub fn internal() -> Self {
        let message = "The request could not be carried out.".to_owned();
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_server_error", "internal_server_error", message)
    }

    /// A user who does not exist (§13: 400, also where something is looked up).
    pub fn user() -> Self {
        Self::request("invalid_user_id", "There is no such user.")
    }

    /// A room that does not exist.
    pub fn room() -> Self {
        Self::missing("room_not_found", "There is no such room.")
    }

    /// The same with another code.
    pub fn with_code(self, code: &'static str) -> Self {
        Self { code, ..self }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({
            "status": self.status.as_u16(),
            "name": self.name,
            "code": self.code,
            "message": self.message,
        });
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
        }
        response
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::busy("Somebody else changed it at the same time."),
            StoreError::Unavailable { .. } => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a request of the video API was not served");
                Self::busy("The store is unavailable.")
            }
            StoreError::Corrupt { .. } => {
                tracing::error!(error = &error as &dyn std::error::Error, "a request of the video API was not served");
                Self::internal()
            }
        }
    }
}

impl From<ProviderError> for Refusal {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Refused { message } => Self::request("invalid_request_error", message),
            ProviderError::Busy { .. } | ProviderError::KeyUsedUp => {
                Self::busy("Somebody else changed it at the same time.")
            }
            ProviderError::Unavailable { .. } => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a request of the video API was not served");
                Self::busy("The video service is unavailable.")
            }
            ProviderError::Unexpected { .. } => {
                tracing::error!(error = &error as &dyn std::error::Error, "a request of the video API was not served");
                Self::internal()
            }
        }
    }
}

impl From<FileError> for Refusal {
    fn from(error: FileError) -> Self {
        tracing::warn!(error = &error as &dyn std::error::Error, "a request of the video API was not served");
        Self::busy("Files are unavailable.")
    }
}

impl From<RoomRefused> for Refusal {
    fn from(refused: RoomRefused) -> Self {
        let message = format!("The room is refused: {refused}.");
        match refused {
            RoomRefused::TooFew | RoomRefused::TooMany => Self::invalid("invalid_participants_length", message),
            RoomRefused::Twice => Self::invalid("duplicated_participant", message),
            RoomRefused::UnknownUser | RoomRefused::InactiveUser => Self::request("invalid_user_id", message),
            RoomRefused::NoPlusUser => Self::request("no_plus_user", message),
            RoomRefused::Duration => Self::invalid("invalid_duration", message),
        }
    }
}

impl From<OrderError> for Refusal {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Refused(refused) => refused.into(),
            OrderError::NoRoom => Self::room(),
            OrderError::NoParticipant => {
                Self::missing("participant_not_found", "There is no such participant in the room.")
            }
            OrderError::Closed => Self::request("room_closed", "The room is closed."),
            OrderError::Failed(error) => error.into(),
        }
    }
}
