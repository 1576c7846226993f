//! How plain values are written and read (`kaleyra-video-api.md` §3.1, §4, §12.4).

use axum::{Json, http::StatusCode};
use domain::{Language, ProviderUserId, Role};
use jiff::Timestamp;
use ports::provider::{CallType, Recording};
use serde_json::Value;

use crate::{Version, refusal::Refusal};

/// The languages that the service knows: all that its documentation names (§12.4).
pub const LANGUAGES: [&str; 6] = ["en", "it", "es", "de", "fr", "pl"];

/// What a handler answers.
pub type Answer = Result<(StatusCode, Json<Value>), Refusal>;

/// 200.
#[expect(clippy::unnecessary_wraps, reason = "what a handler ends with")]
pub const fn done(answer: Value) -> Answer {
    Ok((StatusCode::OK, Json(answer)))
}

/// What was made: 201, in v1 200 (§15.7).
#[expect(clippy::unnecessary_wraps, reason = "what a handler ends with")]
pub const fn made(version: Version, answer: Value) -> Answer {
    let status = match version {
        Version::V1 => StatusCode::OK,
        Version::V2 => StatusCode::CREATED,
    };
    Ok((status, Json(answer)))
}

/// ISO 8601 in UTC with milliseconds.
pub fn date(moment: Timestamp) -> String {
    format!("{moment:.3}")
}

/// A role by its name.
pub const fn role(role: Role) -> &'static str {
    match role {
        Role::Basic => "basic",
        Role::Plus => "plus",
    }
}

/// A call type by its name.
pub const fn call_type(call_type: CallType) -> &'static str {
    match call_type {
        CallType::AudioOnly => "audio_only",
        CallType::AudioUpgradable => "audio_upgradable",
        CallType::AudioVideo => "audio_video",
    }
}

/// How a room is recorded, by v2's name.
pub const fn recording(recording: Recording) -> &'static str {
    match recording {
        Recording::None => "none",
        Recording::Manual => "manual",
        Recording::Automatic => "automatic",
    }
}

/// Reads a language that the service knows.
pub fn language(text: &str) -> Result<Language, Refusal> {
    let known = LANGUAGES.contains(&text).then(|| Language::parse(text).ok()).flatten();
    known.ok_or_else(|| Refusal::invalid("invalid_language", format!("The languages are {}.", LANGUAGES.join(", "))))
}

/// Reads the id of a user in a path or a filter. What can be none is nobody's.
pub fn user_id(text: &str) -> Result<ProviderUserId, Refusal> {
    ProviderUserId::parse(text).map_err(|_| Refusal::user())
}
