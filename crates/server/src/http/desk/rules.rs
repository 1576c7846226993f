//! `GET /teleconsultations/rules`: what a form for bookings needs to know.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{DURATION_FINITE_MAX, DURATION_MIN, GroupName};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    super::{App, answer},
    AtDesk,
};

/// What holds for bookings here.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RulesView {
    /// The groups whose members organise; one of them must be among the people.
    plus_groups: Vec<String>,
    /// The groups whose members take part.
    basic_groups: Vec<String>,
    /// Whether people's groups and names are looked up, so that a booking needs their ids only.
    people_are_looked_up: bool,
    /// How long before its start a complete teleconsultation stops changing.
    immutable_period_ms: i64,
    /// The shortest teleconsultation.
    duration_min_in_seconds: i64,
    /// The longest teleconsultation; `null`: there is no longest.
    #[schema(required = true)]
    duration_max_in_seconds: Option<i64>,
    /// Whether it is known who is where.
    presence_is_known: bool,
    /// Whether connections are measured.
    quality_is_known: bool,
}

/// Says what holds for bookings here.
#[utoipa::path(
    get, path = "/teleconsultations/rules", operation_id = "readRules", tag = "desk",
    responses((status = 200, description = "What holds for bookings here", body = RulesView)),
)]
pub async fn rules(_: AtDesk, State(app): State<App>) -> Response {
    let names = |groups: &[GroupName]| groups.iter().map(|group| group.as_str().to_owned()).collect();
    let policy = &app.ctx.policy;
    let rules = RulesView {
        plus_groups: names(&policy.privileges.plus.groups),
        basic_groups: names(&policy.privileges.basic.groups),
        people_are_looked_up: app.ctx.directories.is_some(),
        immutable_period_ms: i64::try_from(policy.immutable_period.as_millis()).unwrap_or(i64::MAX),
        duration_min_in_seconds: DURATION_MIN.as_secs(),
        duration_max_in_seconds: (!policy.unlimited).then_some(DURATION_FINITE_MAX.as_secs()),
        presence_is_known: app.desk.as_ref().is_some_and(|desk| desk.presence.is_some()),
        quality_is_known: app.desk.as_ref().is_some_and(|desk| desk.ratings.is_some()),
    };
    answer::json(StatusCode::OK, &rules)
}
