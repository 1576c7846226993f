//! `GET /teleconsultations` and `GET /teleconsultations/:roomId`.

use axum::{
    extract::State,
    http::{StatusCode, request::Parts},
    response::Response,
};
use domain::TeleconsultationId;
use jiff::{SignedDuration, Timestamp};
use ports::teleconsultations::{LISTED_MAX, ListPlace, StartingBetween};
use serde::Serialize;
use tracing::Instrument as _;
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{
        App, answer, body,
        error::{self, ApiError},
        input::{Fields, Input},
        schema::ErrorBody,
        teleconsultations::RoomId,
    },
    AtDesk,
    views::{self, DeskTeleconsultationView},
};
use crate::telemetry::spans::use_case;

/// How many are listed if nobody says.
const LIMIT_DEFAULT: u32 = 50;

/// How far back a list goes if nobody says: what began then may still be going on.
const BACK_DEFAULT: SignedDuration = SignedDuration::from_hours(24);

/// How far ahead of its beginning a list goes if nobody says.
const AHEAD_DEFAULT: SignedDuration = SignedDuration::from_hours(31 * 24);

/// The query of [`list`], for the API document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; `wanted` reads it")]
pub struct ListQuery {
    /// Those that begin from this moment on; if absent, from a day ago.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<String>,
    /// Those that begin before this moment; if absent, 31 days after `from`.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<String>,
    /// The most to be listed.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// The `next` of the page before.
    #[param(pattern = "^-?[0-9]{1,15}-[0-9a-f]{24}$", example = "1767265200000-65f0c0ffee0123456789abcd")]
    after: Option<String>,
}

/// One page of teleconsultations.
#[derive(Serialize, ToSchema)]
pub struct DeskListView {
    /// In the order in which they begin.
    teleconsultations: Vec<DeskTeleconsultationView>,
    /// For `after` of the next page, which may turn out to be empty; `null`: there is none.
    #[schema(required = true, example = "1767265200000-65f0c0ffee0123456789abcd")]
    next: Option<String>,
    /// How many are left out because they cannot be read; the log says which.
    unreadable: u32,
}

/// Lists teleconsultations in the order in which they begin, with everyone's link, and who is where.
#[utoipa::path(
    get, path = "/teleconsultations", operation_id = "listTeleconsultations", tag = "desk",
    params(ListQuery),
    responses(
        (status = 200, description = "As the desk sees them", body = DeskListView),
        (status = 400, description = "The query is wrong", body = ErrorBody),
    ),
)]
pub async fn list(_: AtDesk, State(app): State<App>, parts: Parts) -> Result<Response, ApiError> {
    let wanted = wanted(&parts, app.ctx.clock.now())?;
    let page = app::desk_list(&app.acting(&parts.headers), &wanted).instrument(use_case("desk_list")).await?;
    let mut teleconsultations = Vec::with_capacity(page.views.len());
    for seen in page.views {
        teleconsultations.push(shown(&app, seen).await);
    }
    let next = page.next.map(|place| format!("{}-{}", place.start.as_millisecond(), place.id));
    Ok(answer::json(StatusCode::OK, &DeskListView { teleconsultations, next, unreadable: page.unreadable }))
}

/// Shows one teleconsultation as the list does.
#[utoipa::path(
    get, path = "/teleconsultations/{roomId}", operation_id = "viewTeleconsultation", tag = "desk",
    params(("roomId" = String, Path, description = "The teleconsultation's id")),
    responses(
        (status = 200, description = "As the desk sees it", body = DeskTeleconsultationView),
        (status = 404, description = "There is no such teleconsultation", body = ErrorBody),
    ),
)]
pub async fn view(_: AtDesk, State(app): State<App>, room_id: RoomId, parts: Parts) -> Result<Response, ApiError> {
    let id = room_id.known().ok_or_else(|| error::not_found(&room_id.0))?;
    let seen = app::desk_view(&app.acting(&parts.headers), &id).instrument(use_case("desk_view")).await?;
    let seen = seen.ok_or_else(|| error::not_found(&room_id.0))?;
    Ok(answer::json(StatusCode::OK, &shown(&app, seen).await))
}

async fn shown(app: &App, seen: app::DeskView) -> DeskTeleconsultationView {
    let presence = app.desk.as_ref().and_then(|desk| desk.presence.as_deref());
    views::teleconsultation(seen, presence, &app.links).await
}

fn wanted(parts: &Parts, now: Timestamp) -> Result<StartingBetween, ApiError> {
    let query = body::form(parts.uri.query().unwrap_or_default().as_bytes())?;
    let fields = Input::new("querystring", &query).object()?;
    let moment = |name: &str| fields.optional(name).map(|input| input.date_time()).transpose();
    let from = moment("from")?.unwrap_or_else(|| moved(now, -BACK_DEFAULT));
    let to = moment("to")?.unwrap_or_else(|| moved(from, AHEAD_DEFAULT));
    if to <= from {
        return Err(fields.refused("must have a 'to' that is after 'from'").into());
    }
    Ok(StartingBetween { from, to, after: after(&fields)?, limit: limit(&fields)? })
}

/// The nearest that there is.
fn moved(moment: Timestamp, by: SignedDuration) -> Timestamp {
    moment.saturating_add(by).unwrap_or(moment)
}

fn limit(fields: &Fields<'_>) -> Result<u32, ApiError> {
    let Some(input) = fields.optional("limit") else { return Ok(LIMIT_DEFAULT) };
    match input.integer()? {
        limit if limit < 1 => Err(input.refused("must be >= 1").into()),
        limit => match u32::try_from(limit) {
            Ok(limit) if limit <= LISTED_MAX => Ok(limit),
            Ok(_) | Err(_) => Err(input.refused(format_args!("must be <= {LISTED_MAX}")).into()),
        },
    }
}

fn after(fields: &Fields<'_>) -> Result<Option<ListPlace>, ApiError> {
    let Some(input) = fields.optional("after") else { return Ok(None) };
    let text = input.text()?;
    let place = text.rsplit_once('-').and_then(|(start, id)| {
        let start = Timestamp::from_millisecond(start.parse().ok()?).ok()?;
        Some(ListPlace { start, id: TeleconsultationId::parse(id).ok()? })
    });
    place.map(Some).ok_or_else(|| input.refused("must be the 'next' of another page").into())
}
