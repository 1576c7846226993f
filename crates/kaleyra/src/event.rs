//! The events that webhooks deliver (contract §10.4, §10.6).

use jiff::Timestamp;
use serde_json::Value;

use crate::{Malformed, RoomId, answer::Object, event_data::EventData, open_enum::open_enum};

open_enum!(
    /// What happened.
    EventName {
        /// Someone calls.
        CallIncoming = "on_call_incoming",
        /// A call ended.
        CallEnded = "on_call_ended",
        /// A room was created.
        RoomCreated = "on_room_created",
        /// A room's links were withdrawn.
        RoomDisabled = "on_room_disabled",
        /// A room was deleted.
        RoomDeleted = "on_room_deleted",
        /// Someone rated a call.
        RoomNewFeedback = "on_room_new_feedback",
        /// Two people met.
        SessionStarted = "on_session_started",
        /// Two people met again.
        SessionResumed = "on_session_resumed",
        /// Fewer than two remain.
        SessionPaused = "on_session_paused",
        /// A session ended.
        SessionEnded = "on_session_ended",
        /// Someone came.
        UserConnected = "on_user_connected",
        /// Someone went.
        UserDisconnected = "on_user_disconnected",
        /// A recording can be fetched.
        RecordingAvailable = "on_recording_available",
        /// A broadcast's recording can be fetched.
        BroadcastRecordingAvailable = "on_broadcast_recording_available",
        /// A broadcast is on air.
        BroadcastStart = "on_broadcast_start",
        /// A broadcast is off air.
        BroadcastStop = "on_broadcast_stop",
        /// A publisher came.
        BroadcastPublisherConnected = "on_broadcast_pub_connected",
        /// A publisher went.
        BroadcastPublisherDisconnected = "on_broadcast_pub_disconnected",
        /// A viewer came.
        BroadcastSubscriberConnected = "on_broadcast_sub_connected",
        /// A viewer went.
        BroadcastSubscriberDisconnected = "on_broadcast_sub_disconnected",
        /// Someone rated a broadcast.
        BroadcastNewFeedback = "on_broadcast_new_feedback",
        /// Someone wrote in a chat.
        MessageSent = "on_message_sent",
        /// An upload was tagged.
        UploadTagAdded = "on_upload_tag_added",
        /// An upload's tag was removed.
        UploadTagRemoved = "on_upload_tag_removed",
        /// A transcription can be fetched.
        TranscriptionAvailable = "on_transcription_available",
        /// A sign envelope was made. Spelt as documented.
        SignatureEnvelopeInserted = "on_signature_enveloped_inserted",
    }
);

/// An event, in either of the two documented envelopes.
///
/// Whoever receives one answers 200 before working on it, and expects to receive it again: only 200 ends the repetitions (contract
/// §10.1).
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What happened.
    pub name: EventName,
    /// The envelope's version, such as `1.0`; none in the older envelope.
    pub version: Option<String>,
    /// What it happened to, such as `room`.
    pub namespace: Option<String>,
    /// When.
    pub timestamp: Option<Timestamp>,
    /// The room, in the older envelope; for broadcasts, it holds the broadcast's id.
    pub room_id: Option<RoomId>,
    /// The rest.
    pub data: EventData,
}

/// Why a body is no event.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// Not JSON.
    #[error("not JSON, at line {line}, column {column}")]
    NotJson {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// JSON of another shape.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

impl EventError {
    pub(crate) fn not_json(error: &serde_json::Error) -> EventError {
        EventError::NotJson { line: error.line(), column: error.column() }
    }
}

impl Event {
    /// Reads the body of a webhook's request. Check its [signature](crate::Signature) first.
    pub fn parse(body: &[u8]) -> Result<Event, EventError> {
        let body: Value = serde_json::from_slice(body).map_err(|error| EventError::not_json(&error))?;
        let envelope = Object::of(&body, "event")?;
        let name: EventName = envelope.id(&["event"])?;
        Ok(Event {
            version: envelope.text(&["event_version"])?,
            namespace: envelope.text(&["namespace"])?,
            timestamp: envelope.moment(&["timestamp"])?,
            room_id: envelope.text(&["room_id"])?,
            data: match envelope.find(&["data"]) {
                // The older envelope holds JSON within a text, but not for every event.
                Some(Value::String(text)) => {
                    let data = serde_json::from_str(text).map_err(|error| EventError::not_json(&error))?;
                    EventData::read(&name, &data)?
                }
                Some(data) => EventData::read(&name, data)?,
                None => EventData::Other(Value::Null),
            },
            name,
        })
    }
}
