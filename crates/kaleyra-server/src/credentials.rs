//! Access tokens for people's applications (`kaleyra-video-api.md` §9).

use std::time::Duration;

use axum::extract::State;
use ports::provider::VideoProvider as _;
use serde_json::json;

use crate::{
    Api,
    input::Input,
    refusal::Refusal,
    wire::{self, Answer, done},
};

/// How long a token can be valid, in seconds.
const VALID_S: std::ops::RangeInclusive<u64> = 360..=86_400;

/// How long it is valid if nobody says (§16, Q14).
const VALID_S_DEFAULT: u64 = 3_600;

/// `POST /v2/sdk/credentials`, `POST /rest/sdk/credentials`; form-encoded too (§2.2).
pub async fn create(State(api): State<Api>, input: Input) -> Answer {
    let missing = || Refusal::invalid("invalid_user_id", "user_id is missing.");
    let user = wire::user_id(input.text("user_id")?.ok_or_else(missing)?)?;
    let wrong = || {
        let message = format!("expires_in must be {} to {} seconds.", VALID_S.start(), VALID_S.end());
        Refusal::invalid("invalid_expires_in", message)
    };
    let seconds = input.number("expires_in").map_err(|_| wrong())?.unwrap_or(VALID_S_DEFAULT);
    if !VALID_S.contains(&seconds) {
        return Err(wrong());
    }
    let issued = api.video.credentials(&user, Duration::from_secs(seconds)).await?.ok_or_else(Refusal::user)?;
    done(json!({
        "access_token": issued.expose_token(),
        "expires_at": wire::date(issued.expires),
        "user_id": user.as_str(),
    }))
}
