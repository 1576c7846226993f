//! `GET /teleconsultation/:roomId/quality`: what everyone's connection was like, minute by minute.

use std::collections::BTreeMap;

use axum::{
    extract::State,
    http::{StatusCode, request::Parts},
    response::Response,
};
use domain::ProviderUserId;
use jiff::Timestamp;
use ports::content::QualityMinute;
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

/// The most minutes of one person that are shown, the newest of them: a day.
const MINUTES_MAX: usize = 24 * 60;

/// What everyone's connection was like.
#[derive(Serialize, ToSchema)]
pub struct QualityView {
    /// Whether connections are measured here: not where another provider carries the calls.
    measured: bool,
    /// Everybody who is known, in their order.
    participants: Vec<PersonQualityView>,
}

/// What one person's connection was like.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonQualityView {
    /// How the calling system names the person.
    user_id: String,
    /// The person's name.
    #[schema(required = true)]
    full_name: Option<String>,
    /// The minutes that were measured, in order: at most the last day's.
    minutes: Vec<QualityMinuteView>,
}

/// One minute.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QualityMinuteView {
    /// Its beginning.
    #[schema(format = DateTime)]
    minute: String,
    /// The worst in it: `good`, `weak` or `lost`.
    worst: &'static str,
    /// The longest round trip, in milliseconds.
    #[schema(required = true)]
    round_trip_ms: Option<u32>,
    /// The greatest loss, in percent.
    #[schema(required = true)]
    loss_percent: Option<f64>,
    /// The least that was sent, in kbit/s.
    #[schema(required = true)]
    uplink_kbps: Option<u32>,
    /// The least that was received, in kbit/s.
    #[schema(required = true)]
    downlink_kbps: Option<u32>,
}

/// Shows what everyone's connection in the calls of a teleconsultation was like.
#[utoipa::path(
    get, path = "/teleconsultation/{roomId}/quality", operation_id = "readQuality", tag = "desk",
    params(("roomId" = String, Path, description = "The teleconsultation's id")),
    responses(
        (status = 200, description = "What is known", body = QualityView),
        (status = 404, description = "There is no such teleconsultation", body = ErrorBody),
    ),
)]
pub async fn quality(_: AtDesk, State(app): State<App>, room_id: RoomId, parts: Parts) -> Result<Response, ApiError> {
    let id = room_id.known().ok_or_else(|| error::not_found(&room_id.0))?;
    let seen = app::desk_view(&app.acting(&parts.headers), &id).instrument(use_case("desk_quality")).await?;
    let one = seen.ok_or_else(|| error::not_found(&room_id.0))?.teleconsultation;
    let store = app.desk.as_ref().and_then(|desk| desk.ratings.as_ref());
    let measured = match (store, one.room()) {
        (Some(store), Some(room)) => store.quality(&room.room, Timestamp::UNIX_EPOCH).await?,
        (Some(_) | None, _) => Vec::new(),
    };
    let mut minutes: BTreeMap<ProviderUserId, Vec<QualityMinute>> = BTreeMap::new();
    for (user, minute) in measured {
        minutes.entry(user).or_default().push(minute);
    }
    let people = one.roster.known().iter().map(|person| PersonQualityView {
        user_id: person.id.as_str().to_owned(),
        full_name: person.full_name.as_ref().map(|name| name.as_str().to_owned()),
        minutes: newest(minutes.remove(&person.provider_user).unwrap_or_default()),
    });
    let view = QualityView { measured: store.is_some(), participants: people.collect() };
    Ok(answer::json(StatusCode::OK, &view))
}

fn newest(mut minutes: Vec<QualityMinute>) -> Vec<QualityMinuteView> {
    minutes.sort_by_key(|minute| minute.minute);
    let skipped = minutes.len().saturating_sub(MINUTES_MAX);
    minutes.into_iter().skip(skipped).map(minute).collect()
}

fn minute(minute: QualityMinute) -> QualityMinuteView {
    QualityMinuteView {
        minute: date_time::format(minute.minute),
        worst: match minute.worst {
            0 => "lost",
            1 => "weak",
            _ => "good",
        },
        round_trip_ms: minute.round_trip_ms,
        loss_percent: minute.loss.map(|hundredths| f64::from(hundredths) / 100.0),
        uplink_kbps: minute.uplink_kbps,
        downlink_kbps: minute.downlink_kbps,
    }
}
