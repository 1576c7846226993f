//! `GET /call/channel`: the WebSocket of the call page (`docs/call-channel.md`).

use axum::{
    extract::{
        State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use call_channel::limits::FRAME_BYTES_MAX;

use super::{App, entrance::refusal, error::ApiError};
use crate::channel;

/// What a WebSocket reads ahead, and gathers before writing. Most frames are smaller.
const BUFFER_BYTES: usize = 4 * 1024;

/// What may wait in a WebSocket that the client does not read: a full board, and something more.
const WRITE_BUFFER_BYTES_MAX: usize = 12 * 1024 * 1024;

/// Opens the call channel. Who somebody is they say in their first frame, with the token of their link; no cookie is involved, so pages
/// of any origin may ask, as at the media engine.
#[utoipa::path(
    get, path = "/call/channel", operation_id = "openCallChannel", tag = "call",
    responses(
        (status = 101, description = "The channel is open: see docs/call-channel.md"),
        (status = 400, description = "Not a WebSocket request", body = super::schema::ErrorBody),
        (status = 429, description = "Too many tries from one address", body = super::entrance::RefusalBody),
        (status = 503, description = "There are too many connections, or the service stops", body = super::schema::ErrorBody),
    ),
)]
pub async fn open(
    State(app): State<App>,
    parts: Parts,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else {
        return ApiError::bad_request("The request must open a WebSocket").into_response();
    };
    if !app.channel_rate.take(app.trusted_proxies.client(&parts), app.ctx.clock.now()) {
        return refusal(StatusCode::TOO_MANY_REQUESTS, "too_many_tries", "Too many tries: wait a few seconds");
    }
    // Without a hub there is no such route.
    let Some(hub) = app.channel.clone() else { return ApiError::internal().into_response() };
    let Some(place) = hub.place() else {
        return ApiError::busy("There are too many connections at once: try again later").into_response();
    };
    upgrade
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
        .max_message_size(FRAME_BYTES_MAX)
        .max_frame_size(FRAME_BYTES_MAX)
        .on_upgrade(move |socket| {
            hub.clone().track(async move {
                channel::serve(socket, hub).await;
                drop(place);
            })
        })
}
