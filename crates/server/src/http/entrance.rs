//! From a personal link into the call: `POST /call/enter`, asked by the call page.

use axum::{
    extract::State,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{Tools, WhiteboardTools};
use serde::Serialize;
use serde_json::Value;
use tracing::Instrument as _;
use utoipa::ToSchema;
use video::{EnterError, Entry};

use super::{App, answer, body::RequestBody, error::ApiError, input::Input, schema::ErrorBody};
use crate::telemetry::spans::use_case;

/// Who wants to enter.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a request")]
pub struct EnterRequest {
    /// The last segment of the personal link's path.
    #[schema(min_length = 1, max_length = 1024)]
    access_token: String,
}

/// The longest token looked at, in bytes; ours are far shorter.
const TOKEN_BYTES_MAX: usize = 1024;

/// All that the call page needs to join, or to wait.
#[derive(Serialize, ToSchema)]
pub struct EnterView {
    /// `required`: a host has to let the person in first, over the call channel; `given`: they may enter.
    admission: &'static str,
    /// How to reach the media engine; `null` until the person is let in.
    #[schema(required = true)]
    livekit: Option<LiveKitView>,
    room: EnterRoomView,
    participant: EnterParticipantView,
}

/// How to reach the media engine.
#[derive(Serialize, ToSchema)]
#[schema(title = "LiveKitView")]
pub struct LiveKitView {
    /// The engine's address, for a `LiveKit` client.
    pub(super) url: String,
    /// The access token for it.
    pub(super) token: String,
}

/// The room that is entered.
#[derive(Serialize, ToSchema)]
pub struct EnterRoomView {
    /// Its id, which is also the name of the media room.
    id: String,
    /// `NOT_RUNNING`, `RUNNING` or `CLOSED`.
    status: &'static str,
    /// `audio_only`, `audio_upgradable` or `audio_video`.
    call_type: &'static str,
    /// Whether the call ends when fewer than two remain.
    live: bool,
    /// How long the room can be used; `null`: without end.
    #[schema(required = true)]
    duration_seconds: Option<u64>,
    /// How much of that is used.
    duration_used_seconds: u64,
    /// The path of the company's image that people can have behind them; `null`: there is none.
    #[schema(required = true)]
    background: Option<String>,
    /// Where the company wants people to go after the call: an address of HTTP without a password.
    #[schema(required = true)]
    end_call_redirect_url: Option<String>,
    /// How long after it, at most 60 000.
    end_call_redirect_timeout_ms: u64,
}

/// The person who enters.
#[derive(Serialize, ToSchema)]
pub struct EnterParticipantView {
    /// The person's id, with which the identity in the media room begins.
    user_id: String,
    /// Shown to the others.
    #[schema(required = true)]
    display_name: Option<String>,
    /// Whether the person may act on others.
    is_admin: bool,
    /// Whether the person may send video.
    camera: bool,
    /// The person's language, if one was asked for.
    #[schema(required = true)]
    language: Option<String>,
    /// What the person may use.
    tools: ToolsView,
}

/// What a person may use in a call.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of its own, named so on the wire")]
pub struct ToolsView {
    chat: bool,
    screen_sharing: bool,
    file_upload: bool,
    whiteboard: WhiteboardView,
    snapshot: bool,
    live_edit: bool,
    live_pointer: bool,
    present_to_everyone: bool,
}

/// `false`, or what the person may do on the whiteboard.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum WhiteboardView {
    /// No whiteboard.
    Off(bool),
    /// Each part by itself.
    On(WhiteboardToolsView),
}

/// What a person may do on the whiteboard.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of its own, named so on the wire")]
pub struct WhiteboardToolsView {
    wb_add_file: bool,
    wb_cursor: bool,
    wb_text: bool,
    wb_shape: bool,
    wb_pen: bool,
    wb_eraser: bool,
}

/// A refusal that a page tells apart by its code.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefusalBody {
    status_code: u16,
    /// `invalid_access_link`, `room_closed` or `too_many_tries`.
    code: &'static str,
    error: &'static str,
    message: &'static str,
}

/// Lets the bearer of a personal link into the call.
#[utoipa::path(
    post, path = "/call/enter", operation_id = "enterCall", tag = "call",
    request_body(content((EnterRequest = "application/json"))),
    responses(
        (status = 200, description = "Welcome", body = EnterView),
        (status = 400, description = "A field is wrong", body = ErrorBody),
        (status = 404, description = "Nobody's link: never given out, taken back, or of a room that was replaced", body = RefusalBody),
        (status = 410, description = "The room is closed for good", body = RefusalBody),
        (status = 429, description = "Too many tries from one address", body = RefusalBody),
    ),
)]
pub async fn enter(State(app): State<App>, parts: Parts, RequestBody(body): RequestBody) -> Result<Response, ApiError> {
    if !app.entrance_rate.take(app.trusted_proxies.client(&parts), app.ctx.clock.now()) {
        return Ok(refusal(StatusCode::TOO_MANY_REQUESTS, "too_many_tries", "Too many tries: wait a few seconds"));
    }
    let token = access_token(&body)?;
    // Without an entrance there is no such route.
    let entrance = app.entrance.as_ref().ok_or_else(ApiError::internal)?;
    match entrance.enter(&token).instrument(use_case("enter")).await {
        Ok(entry) => Ok(answer::json(StatusCode::OK, &view(entry, &app.pages.engine_url))),
        Err(error) => refused(&error),
    }
}

/// Why a link's bearer is not let in.
pub(super) fn refused(error: &EnterError) -> Result<Response, ApiError> {
    match error {
        EnterError::InvalidLink => {
            Ok(refusal(StatusCode::NOT_FOUND, "invalid_access_link", "The link is not valid any more"))
        }
        EnterError::RoomClosed => Ok(refusal(StatusCode::GONE, "room_closed", "The call is over")),
        EnterError::Unavailable(_) => {
            tracing::error!(error = error as &dyn std::error::Error, "nobody can enter a call");
            Err(ApiError::busy("The video service is unavailable: try again"))
        }
    }
}

/// The link's token in a body.
pub(super) fn access_token(body: &Value) -> Result<String, ApiError> {
    let input = Input::new("body", body).object()?.required("access_token")?;
    let token = input.text()?;
    if token.len() > TOKEN_BYTES_MAX {
        return Err(input.refused(format_args!("must NOT have more than {TOKEN_BYTES_MAX} characters")).into());
    }
    Ok(token.into_owned())
}

pub(super) fn refusal(status: StatusCode, code: &'static str, message: &'static str) -> Response {
    let error = status.canonical_reason().unwrap_or("Error");
    answer::json(status, &RefusalBody { status_code: status.as_u16(), code, error, message }).into_response()
}

fn view(entry: Entry, engine_url: &str) -> EnterView {
    let Entry { media, room, participant, company } = entry;
    EnterView {
        admission: if media.is_some() { "given" } else { "required" },
        livekit: media.map(|media| LiveKitView { url: engine_url.to_owned(), token: media.token }),
        room: EnterRoomView {
            id: room.id.as_str().to_owned(),
            status: video::status_on_wire(room.status),
            call_type: super::view::call_type(room.call_type),
            live: room.live,
            duration_seconds: room.duration.map(|duration| duration.as_secs()),
            duration_used_seconds: room.duration_used.as_secs(),
            background: company.background,
            end_call_redirect_url: company.end_call_redirect_url,
            end_call_redirect_timeout_ms: u64::try_from(company.end_call_redirect_timeout.as_millis())
                .unwrap_or(u64::MAX),
        },
        participant: EnterParticipantView {
            user_id: participant.user.to_string(),
            display_name: participant.display_name.map(|name| name.as_str().to_owned()),
            is_admin: participant.admin,
            camera: participant.camera,
            language: participant.language.map(|language| language.as_str().to_owned()),
            tools: tools(&participant.tools),
        },
    }
}

fn tools(tools: &Tools) -> ToolsView {
    ToolsView {
        chat: tools.chat,
        screen_sharing: tools.screen_sharing,
        file_upload: tools.file_upload,
        whiteboard: tools.whiteboard.map_or(WhiteboardView::Off(false), |it| WhiteboardView::On(whiteboard(it))),
        snapshot: tools.snapshot,
        live_edit: tools.live_edit,
        live_pointer: tools.live_pointer,
        present_to_everyone: tools.present_to_everyone,
    }
}

fn whiteboard(tools: WhiteboardTools) -> WhiteboardToolsView {
    WhiteboardToolsView {
        wb_add_file: tools.add_file,
        wb_cursor: tools.cursor,
        wb_text: tools.text,
        wb_shape: tools.shape,
        wb_pen: tools.pen,
        wb_eraser: tools.eraser,
    }
}
