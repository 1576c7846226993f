//! How a call was: `POST /call/rating`, also once the room is closed and its call channel with it.

use axum::{
    extract::State,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use call_channel::limits::COMMENT_CHARS_MAX;
use ports::teleconsultations::StoreError;
use serde_json::Value;
use tracing::Instrument as _;
use utoipa::ToSchema;
use video::EnterError;

use super::{
    App,
    body::RequestBody,
    entrance::{RefusalBody, access_token, refusal, refused},
    error::ApiError,
    input::Input,
    schema::ErrorBody,
};
use crate::telemetry::spans::use_case;

/// What somebody thinks of a call.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a request")]
pub struct RatingRequest {
    /// The last segment of the personal link's path.
    #[schema(min_length = 1, max_length = 1024)]
    access_token: String,
    /// From 1, bad, to 5, good.
    #[schema(minimum = 1, maximum = 5)]
    stars: u8,
    /// In their words.
    #[schema(max_length = 1000)]
    comment: Option<String>,
}

/// Keeps what the bearer of a personal link thinks of the call: while the room is open, and for 24 hours after its time was up. Each
/// person has one rating of each session; a second one replaces the first.
#[utoipa::path(
    post, path = "/call/rating", operation_id = "rateCall", tag = "call",
    request_body(content((RatingRequest = "application/json"))),
    responses(
        (status = 204, description = "Thank you"),
        (status = 400, description = "A field is wrong", body = ErrorBody),
        (status = 404, description = "Nobody's link: never given out, taken back, or of a room that was deleted", body = RefusalBody),
        (status = 410, description = "The time was up too long ago", body = RefusalBody),
        (status = 429, description = "Too many tries from one address", body = RefusalBody),
    ),
)]
pub async fn rate(State(app): State<App>, parts: Parts, RequestBody(body): RequestBody) -> Result<Response, ApiError> {
    if !app.entrance_rate.take(app.trusted_proxies.client(&parts), app.ctx.clock.now()) {
        return Ok(refusal(StatusCode::TOO_MANY_REQUESTS, "too_many_tries", "Too many tries: wait a few seconds"));
    }
    let token = access_token(&body)?;
    let (stars, comment) = (stars(&body)?, comment(&body)?);
    // Without an entrance and its channel there is no such route.
    let (entrance, hub) = app.entrance.as_ref().zip(app.channel.as_ref()).ok_or_else(ApiError::internal)?;
    let kept = async {
        let (room, user) = entrance.rater(&token).await?;
        match hub.rate(&room, user, stars, comment).await {
            Ok(()) => Ok(()),
            Err(StoreError::Conflict) => Err(EnterError::InvalidLink),
            Err(error) => Err(EnterError::Unavailable(Box::new(error))),
        }
    };
    match kept.instrument(use_case("rate")).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(error) => refused(&error),
    }
}

fn stars(body: &Value) -> Result<u8, ApiError> {
    let input = Input::new("body", body).object()?.required("stars")?;
    let stars = u8::try_from(input.integer()?).ok().filter(|stars| (1..=5).contains(stars));
    Ok(stars.ok_or_else(|| input.refused("must be 1 to 5"))?)
}

fn comment(body: &Value) -> Result<Option<String>, ApiError> {
    let Some(input) = Input::new("body", body).object()?.optional("comment") else { return Ok(None) };
    let comment = input.text()?;
    if comment.chars().count() > COMMENT_CHARS_MAX {
        return Err(input.refused(format_args!("must NOT have more than {COMMENT_CHARS_MAX} characters")).into());
    }
    if comment.contains('\0') {
        return Err(input.refused("must NOT contain the character NUL").into());
    }
    Ok(Some(comment.into_owned()).filter(|comment| !comment.is_empty()))
}
