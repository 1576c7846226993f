//! `GET /teleconsultation/:roomId/ratings`: what people thought of their calls.

use axum::{
    extract::State,
    http::{StatusCode, request::Parts},
    response::Response,
};
use call_channel::limits::COMMENT_CHARS_MAX;
use domain::Participant;
use ports::content::Rating;
use serde::Serialize;
use tracing::Instrument as _;
use utoipa::ToSchema;

use super::{
    super::{
        App, answer, date_time,
        error::{self, ApiError},
        schema::ErrorBody,
        teleconsultations::RoomId,
    },
    AtDesk,
};
use crate::telemetry::spans::use_case;

/// The most ratings that are shown: those of some tens of calls, each with a comment of at most a thousand characters.
const RATINGS_MAX: u32 = 200;

/// What people thought of the calls of a teleconsultation.
#[derive(Serialize, ToSchema)]
pub struct RatingsView {
    /// Whether people are asked here: not where another provider carries the calls.
    asked: bool,
    /// The newest first, at most 200. Each person has one of each session.
    #[schema(max_items = 200)]
    ratings: Vec<RatingView>,
    /// Whether there are older ones, which are not shown.
    more: bool,
}

/// What one person thought of one call.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RatingView {
    /// How the calling system names the person; `null`: they are no longer one of the teleconsultation's people.
    #[schema(required = true)]
    user_id: Option<String>,
    /// The person's name.
    #[schema(required = true)]
    full_name: Option<String>,
    /// From 1, bad, to 5, good.
    #[schema(minimum = 1, maximum = 5)]
    stars: u8,
    /// In their words, as they wrote them: to be shown as text and as nothing else.
    #[schema(required = true, max_length = 1000)]
    comment: Option<String>,
    /// When they said so.
    #[schema(format = DateTime)]
    at: String,
}

/// Shows what people thought of the calls of a teleconsultation.
#[utoipa::path(
    get, path = "/teleconsultation/{roomId}/ratings", operation_id = "readRatings", tag = "desk",
    params(("roomId" = String, Path, description = "The teleconsultation's id")),
    responses(
        (status = 200, description = "What is known", body = RatingsView),
        (status = 404, description = "There is no such teleconsultation", body = ErrorBody),
    ),
)]
pub async fn ratings(_: AtDesk, State(app): State<App>, room_id: RoomId, parts: Parts) -> Result<Response, ApiError> {
    let id = room_id.known().ok_or_else(|| error::not_found(&room_id.0))?;
    let seen = app::desk_view(&app.acting(&parts.headers), &id).instrument(use_case("desk_ratings")).await?;
    let one = seen.ok_or_else(|| error::not_found(&room_id.0))?.teleconsultation;
    let store = app.desk.as_ref().and_then(|desk| desk.ratings.as_ref());
    let mut kept = match (store, one.room()) {
        // One more than are shown tells whether there are more.
        (Some(store), Some(room)) => store.ratings(&room.room, RATINGS_MAX + 1).await?,
        (Some(_) | None, _) => Vec::new(),
    };
    let more = kept.len() > RATINGS_MAX as usize;
    kept.truncate(RATINGS_MAX as usize);
    let people = one.roster.known();
    let ratings = kept.into_iter().map(|rating| {
        let person = people.iter().find(|person| person.provider_user == rating.user);
        shown(rating, person)
    });
    let view = RatingsView { asked: store.is_some(), ratings: ratings.collect(), more };
    Ok(answer::json(StatusCode::OK, &view))
}

fn shown(rating: Rating, person: Option<&Participant>) -> RatingView {
    RatingView {
        user_id: person.map(|person| person.id.as_str().to_owned()),
        full_name: person.and_then(|person| person.full_name.as_ref()).map(|name| name.as_str().to_owned()),
        stars: rating.stars,
        comment: rating.comment.map(|comment| comment.chars().take(COMMENT_CHARS_MAX).collect()),
        at: date_time::format(rating.at),
    }
}
