//! `GET /teleconsultations/events`: what changes, as it changes (server-sent events, WHATWG HTML §9.2).

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, header, request::Parts},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{App, body, error::ApiError, input::Input, schema::ErrorBody},
    AtDesk,
};
use crate::desk::{Listener, Told, What};

/// How long one answer goes on at most. Clients come back, perhaps to another instance; the key is asked for again.
const WAIT_MAX_S: u32 = 3600;

/// How often something is sent although nothing happened: proxies close what is silent for a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// When a client comes back whose connection broke.
const RETRY: Duration = Duration::from_secs(2);

/// A proxy that collects answers before it passes them on would pass on nothing.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The query of [`events`], for the API document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; `wait` reads it")]
pub struct EventsQuery {
    /// How long to go on, in seconds; 0: only what there is at this moment.
    #[param(minimum = 0, maximum = 3600, default = 3600, example = 0)]
    wait: Option<i64>,
}

/// The data of a `teleconsultation` event.
#[derive(Serialize, ToSchema)]
pub struct ChangeEvent {
    /// Which teleconsultation.
    #[serde(rename = "roomId")]
    room_id: String,
    /// `booked`, `changed`, `cancelled` or `presence`.
    what: &'static str,
}

/// Tells what changes, as server-sent events. First comes `ready`: what changes from now on is told; or `reload`: what changed since
/// `last-event-id` is not known, so read everything anew. Then come `teleconsultation` events, each with a `ChangeEvent` as its data, and
/// `reload` again where some were missed. Every event has an id for `last-event-id`. What other instances of the program or other
/// programs change is not told.
#[utoipa::path(
    get, path = "/teleconsultations/events", operation_id = "watchTeleconsultations", tag = "desk",
    params(
        EventsQuery,
        ("last-event-id" = Option<String>, Header, description = "The id of the last event that was received, to go on after it"),
    ),
    responses(
        (status = 200, description = "What changes", body = String, content_type = "text/event-stream"),
        (status = 400, description = "The query is wrong", body = ErrorBody),
        (status = 503, description = "Too many listen", body = ErrorBody),
    ),
)]
pub async fn events(_: AtDesk, State(app): State<App>, parts: Parts) -> Result<Response, ApiError> {
    let wait = Duration::from_secs(u64::from(wait(&parts)?));
    let since = parts.headers.get("last-event-id").map(|id| id.to_str().unwrap_or_default());
    let listener = app.changes.listen(since).ok_or_else(|| ApiError::busy("Too many listen: try again later"))?;
    let events = told(listener, Instant::now() + wait);
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(ACCEL_BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

fn wait(parts: &Parts) -> Result<u32, ApiError> {
    let query = body::form(parts.uri.query().unwrap_or_default().as_bytes())?;
    let Some(input) = Input::new("querystring", &query).object()?.optional("wait") else { return Ok(WAIT_MAX_S) };
    match u32::try_from(input.integer()?) {
        Ok(wait) if wait <= WAIT_MAX_S => Ok(wait),
        Ok(_) | Err(_) => Err(input.refused(format_args!("must be from 0 to {WAIT_MAX_S}")).into()),
    }
}

/// What the listener is told until then: at least what there is already.
fn told(listener: Listener, until: Instant) -> impl Stream<Item = Result<Event, Infallible>> {
    let steps = stream::unfold(listener, move |mut listener| async move {
        let told = timeout_at(until, listener.next()).await.ok()??;
        Some((stream::iter(told), listener))
    });
    steps.flatten().map(|told| Ok(event(told)))
}

fn event(told: Told) -> Event {
    let (name, place, data) = match told {
        Told::Ready(place) => ("ready", place, "{}".to_owned()),
        Told::Reload(place) => ("reload", place, "{}".to_owned()),
        Told::Changed(place, change) => {
            let what = match change.what {
                What::Booked => "booked",
                What::Changed => "changed",
                What::Cancelled => "cancelled",
                What::Presence => "presence",
            };
            let event = ChangeEvent { room_id: change.id.to_string(), what };
            // Two texts have a JSON form.
            ("teleconsultation", place, serde_json::to_string(&event).expect("two texts have a JSON form"))
        }
    };
    Event::default().event(name).id(place.to_string()).retry(RETRY).data(data)
}
