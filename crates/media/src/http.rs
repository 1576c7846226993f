//! The HTTP side: four addresses, as `LiveKit` has them.

use std::sync::{Arc, atomic::Ordering};

use axum::{
    Router,
    extract::{Query, State, WebSocketUpgrade, rejection::QueryRejection, ws::rejection::WebSocketUpgradeRejection},
    http::{
        HeaderMap, HeaderValue,
        header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use livekit_proto::signal::REQUEST_BYTES_MAX;

use crate::{
    connection,
    counters::{self, Counters},
    door::{self, Admitted, DoorQuery, Refusal, Version},
    service::Inner,
};

/// What a WebSocket reads ahead, and gathers before writing. Most signals are smaller; the default of 128 kB each way would be
/// a third of the memory that a participant may take.
const WEB_SOCKET_BUFFER_BYTES: usize = 4 * 1024;
/// What may wait in a WebSocket that the client does not read. Above the largest answer, and bounded in time as well.
const WEB_SOCKET_WRITE_BUFFER_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The routes of the signalling protocol.
pub(crate) fn router(inner: Arc<Inner>) -> Router {
    Router::new()
        .route("/rtc", get(rtc))
        .route("/rtc/validate", get(validate))
        .route("/rtc/v1", get(rtc_v1))
        .route("/rtc/v1/validate", get(validate_v1))
        .with_state(inner)
}

type DoorQueryResult = Result<Query<DoorQuery>, QueryRejection>;
type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

async fn rtc(state: State<Arc<Inner>>, query: DoorQueryResult, headers: HeaderMap, upgrade: Upgrade) -> Response {
    enter(Version::Zero, state, query, headers, upgrade).await
}

async fn rtc_v1(state: State<Arc<Inner>>, query: DoorQueryResult, headers: HeaderMap, upgrade: Upgrade) -> Response {
    enter(Version::One, state, query, headers, upgrade).await
}

async fn validate(state: State<Arc<Inner>>, query: DoorQueryResult, headers: HeaderMap) -> Response {
    say(knock(Version::Zero, &state, query, &headers).await.map(|_| "success"))
}

async fn validate_v1(state: State<Arc<Inner>>, query: DoorQueryResult, headers: HeaderMap) -> Response {
    say(knock(Version::One, &state, query, &headers).await.map(|_| "success"))
}

async fn enter(
    version: Version,
    State(inner): State<Arc<Inner>>,
    query: DoorQueryResult,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Response {
    let admitted = match knock(version, &inner, query, &headers).await {
        Ok(admitted) => admitted,
        Err(refusal) => return say(Err(refusal)),
    };
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return with_headers(rejection.into_response()),
    };
    let Some(place) = inner.connection_place() else {
        counters::count(&inner.counters.joins_overloaded);
        return say(Err(Refusal::Overloaded));
    };
    upgrade
        .read_buffer_size(WEB_SOCKET_BUFFER_BYTES)
        .write_buffer_size(WEB_SOCKET_BUFFER_BYTES)
        .max_write_buffer_size(WEB_SOCKET_WRITE_BUFFER_BYTES_MAX)
        .max_message_size(REQUEST_BYTES_MAX)
        .max_frame_size(REQUEST_BYTES_MAX)
        .on_upgrade(move |socket| async move {
            connection::serve(socket, admitted, Arc::clone(&inner)).await;
            drop(place);
        })
}

async fn knock(
    version: Version,
    inner: &Inner,
    query: DoorQueryResult,
    headers: &HeaderMap,
) -> Result<Admitted, Refusal> {
    // A query that cannot be read has no token in it.
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let now_s = inner.clock.now().as_second();
    let admission = inner.admission.as_ref();
    let result = if inner.stopping() {
        Err(Refusal::Overloaded)
    } else {
        door::admit(version, query, headers, &inner.api_key, now_s, admission, inner.auto_create).await
    };
    result.inspect_err(|refusal| count(&inner.counters, *refusal))
}

fn count(counters: &Counters, refusal: Refusal) {
    let counter = match refusal {
        Refusal::Token | Refusal::NotForJoining => &counters.joins_unauthorized,
        Refusal::Name | Refusal::NoRequest | Refusal::Request(_) => &counters.joins_malformed,
        Refusal::NotAdmitted => &counters.joins_not_admitted,
        Refusal::Overloaded => &counters.joins_overloaded,
    };
    counter.fetch_add(1, Ordering::Relaxed);
}

fn say(result: Result<&'static str, Refusal>) -> Response {
    with_headers(match result {
        Ok(text) => text.into_response(),
        Err(refusal) => (refusal.status(), refusal.to_string()).into_response(),
    })
}

/// Pages of any origin may ask: what protects the room is the token, and no cookie is involved.
fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
