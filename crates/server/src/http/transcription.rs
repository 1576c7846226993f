//! `/transcription` (contract §6.10).

use axum::{
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use ports::provider::{SessionRef, TranscriptionFormat};
use tracing::Instrument as _;
use utoipa::IntoParams;

use super::{
    App, answer, body,
    error::{self, ApiError},
    input::Input,
    schema::{ErrorBody, ExactErrorBody, TranscriptionView},
};
use crate::telemetry::spans::use_case;

/// The longest name of a room or session, in characters; the provider's have at most 30.
const NAME_MAX: usize = 128;

/// The two names in the path, as the caller wrote them.
pub struct Names {
    room: String,
    session: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Names {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::<(String, String)>::from_request_parts(parts, state).await {
            Ok(Path((room, session))) => Ok(Self { room, session }),
            Err(_) => Err(ApiError::bad_request(format!("'{}' is not a valid url component", parts.uri.path()))),
        }
    }
}

/// The query of [`read`], for the API document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; `format` reads it")]
pub struct TranscriptionQuery {
    /// `txt` for the words alone, `srt` for subtitles.
    #[param(pattern = "^(txt|srt)$", default = "txt")]
    format: Option<String>,
}

/// Shows what was said in a session of a teleconsultation, as text. It can take up to 24 hours until it is there.
#[utoipa::path(
    get, path = "/transcription/{roomId}/{sessionId}", operation_id = "readTranscription", tag = "teleconsultation",
    params(
        ("roomId" = String, Path, description = "The teleconsultation's id, or the video provider's name for its room"),
        ("sessionId" = String, Path, description = "The video provider's name for the session"),
        TranscriptionQuery,
    ),
    responses(
        (status = 200, description = "The whole text", body = TranscriptionView),
        (status = 400, description = "The query is wrong", body = ErrorBody),
        (status = 401, description = "The caller is named and none of the teleconsultation's people", body = ExactErrorBody),
        (status = 404, description = "Calls are not recorded here, there was no such session, or the text is not ready", body = ErrorBody),
        (status = 413, description = "The text is longer than `TRANSCRIPTION_MAX_FILE_SIZE`", body = ErrorBody),
    ),
)]
pub async fn read(State(app): State<App>, names: Names, parts: Parts) -> Result<Response, ApiError> {
    let format = format(&parts)?;
    let Names { room, session } = names;
    // Nothing has a name of another shape, so nobody needs to be asked about one.
    if !is_name(&room) {
        return Err(error::not_found(&room));
    }
    if !is_name(&session) {
        return Err(error::no_transcription(&session));
    }
    let claim = app.identity.claim(&parts, &[("roomId", &room), ("sessionId", &session)]);
    let ctx = app.acting(&parts.headers);
    let read = app::transcription(&ctx, &claim, &room, &SessionRef::new(session.as_str()), format)
        .instrument(use_case("transcription"))
        .await;
    let transcription = read.map_err(|error| error::transcription_failed(&room, &session, error))?;
    Ok(answer::json(StatusCode::OK, &TranscriptionView { transcription }))
}

fn format(parts: &Parts) -> Result<TranscriptionFormat, ApiError> {
    let query = body::form(parts.uri.query().unwrap_or_default().as_bytes())?;
    let Some(field) = Input::new("querystring", &query).object()?.optional("format") else {
        return Ok(TranscriptionFormat::Text);
    };
    match &*field.text()? {
        "txt" => Ok(TranscriptionFormat::Text),
        "srt" => Ok(TranscriptionFormat::Srt),
        _ => Err(field.refused("must be equal to one of the allowed values").into()),
    }
}

/// Whether a room or a session of a provider can have this name (`kaleyra-video-api.md` §3.2).
fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=NAME_MAX).contains(&text.len()) && text.bytes().all(plain)
}
