//! The messages that the engine sends, as the clients expect them.

use livekit_proto::proto::{self, signal_response::Message};

use crate::limits::{PING_INTERVAL, PING_TIMEOUT};

/// The protocol version announced. A higher one turns on data channels with fixed ids in the native clients (contract
/// `livekit-engine.md`, section 4).
const PROTOCOL: i32 = 16;

/// What is said about the server. Clients refuse one without a version.
pub(crate) fn server_info() -> proto::ServerInfo {
    proto::ServerInfo {
        edition: proto::server_info::Edition::Standard.into(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        protocol: PROTOCOL,
        ..proto::ServerInfo::default()
    }
}

/// The first message to somebody who joins.
pub(crate) fn joined(
    room: proto::Room,
    participant: proto::ParticipantInfo,
    others: Vec<proto::ParticipantInfo>,
    subscriber_primary: bool,
) -> Message {
    let seconds = |duration: std::time::Duration| i32::try_from(duration.as_secs()).unwrap_or(i32::MAX);
    let server_info = server_info();
    Message::Join(proto::JoinResponse {
        room: Some(room),
        participant: Some(participant),
        other_participants: others,
        server_version: server_info.version.clone(),
        subscriber_primary,
        ping_timeout: seconds(PING_TIMEOUT),
        ping_interval: seconds(PING_INTERVAL),
        server_info: Some(server_info),
        enabled_publish_codecs: codecs(),
        fast_publish: true,
        ..proto::JoinResponse::default()
    })
}

/// The codecs that a client may publish.
pub(crate) fn codecs() -> Vec<proto::Codec> {
    ["audio/opus", "video/VP8", "video/H264"]
        .map(|mime| proto::Codec { mime: mime.to_owned(), fmtp_line: String::new() })
        .into()
}

/// The first message to somebody who resumes.
pub(crate) fn resumed() -> Message {
    Message::Reconnect(proto::ReconnectResponse {
        server_info: Some(server_info()),
        ..proto::ReconnectResponse::default()
    })
}

/// What has changed about participants.
pub(crate) fn update(participants: Vec<proto::ParticipantInfo>) -> Message {
    Message::Update(proto::ParticipantUpdate { participants })
}

/// The stay is over.
pub(crate) fn leave(reason: proto::DisconnectReason) -> Message {
    Message::Leave(proto::LeaveRequest {
        can_reconnect: false,
        reason: reason.into(),
        action: proto::leave_request::Action::Disconnect.into(),
        regions: None,
    })
}

/// This stay is over, a new one is welcome: the client joins again from the start.
pub(crate) fn leave_for_rejoin() -> Message {
    Message::Leave(proto::LeaveRequest {
        can_reconnect: true,
        reason: proto::DisconnectReason::StateMismatch.into(),
        action: proto::leave_request::Action::Reconnect.into(),
        regions: None,
    })
}

/// The signalling connection ends, the stay does not: the client resumes.
pub(crate) fn leave_for_resume() -> Message {
    Message::Leave(proto::LeaveRequest {
        can_reconnect: true,
        reason: proto::DisconnectReason::UnknownReason.into(),
        action: proto::leave_request::Action::Resume.into(),
        regions: None,
    })
}

/// A request was refused or failed.
pub(crate) fn refused(
    reason: proto::request_response::Reason,
    request: proto::request_response::Request,
    request_id: u32,
) -> Message {
    Message::RequestResponse(proto::RequestResponse {
        request_id,
        reason: reason.into(),
        message: reason.as_str_name().to_lowercase().replace('_', " "),
        request: Some(request),
    })
}
