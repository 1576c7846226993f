//! `GET /teleconsultation/:roomId/participants/:userId/calendar`: an entry for one person's own calendar.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{ParticipantId, TeleconsultationId};
use tracing::Instrument as _;

use super::{
    super::{
        App,
        error::{self, ApiError},
        schema::ErrorBody,
    },
    AtDesk, calendar_text,
};
use crate::telemetry::spans::use_case;

/// Nobody of this teleconsultation has this id.
fn no_person() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "There is no such person in this teleconsultation")
}

/// Gives an entry for the calendar of one person, with the person's own link in it (RFC 5545). Asked for again after a change, it has the
/// same `UID` and a greater `SEQUENCE`, so that calendars replace the earlier one.
#[utoipa::path(
    get, path = "/teleconsultation/{roomId}/participants/{userId}/calendar", operation_id = "readCalendar", tag = "desk",
    params(
        ("roomId" = String, Path, description = "The teleconsultation's id"),
        ("userId" = String, Path, description = "How the calling system names the person"),
    ),
    responses(
        (status = 200, description = "The entry", body = String, content_type = "text/calendar"),
        (status = 404, description = "There is no such teleconsultation, or no such person in it", body = ErrorBody),
    ),
)]
pub async fn calendar(
    _: AtDesk,
    State(app): State<App>,
    Path((room_id, user_id)): Path<(String, String)>,
    parts: Parts,
) -> Result<Response, ApiError> {
    let id = TeleconsultationId::parse(&room_id).map_err(|_| error::not_found(&room_id))?;
    let seen = app::desk_view(&app.acting(&parts.headers), &id).instrument(use_case("desk_calendar")).await?;
    let seen = seen.ok_or_else(|| error::not_found(&room_id))?;
    let person = ParticipantId::parse(&user_id).ok();
    let person = person.as_ref().and_then(|id| seen.teleconsultation.roster.participant(id)).ok_or_else(no_person)?;
    let link = app.links.link_of(person);
    let text = calendar_text::entry(&seen, person, link.as_deref(), app.ctx.clock.now());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"consultation.ics\"")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, text).into_response())
}
