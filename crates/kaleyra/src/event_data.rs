//! What events say, apart from their envelope (contract §10.6).

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    AccessLink, BroadcastId, ChannelId, EventName, Malformed, PersonalText, Room, RoomId, SessionId, Tag, UploadKey,
    UserId,
    answer::{FromAnswer, Object},
};

/// What an event says, by its name.
#[derive(Debug, Clone, PartialEq)]
pub enum EventData {
    /// `on_call_incoming`.
    Call(CallData),
    /// `on_call_ended`.
    CallEnded {
        /// The room.
        room_id: Option<RoomId>,
    },
    /// `on_room_created`.
    Room(Box<Room>),
    /// `on_room_disabled`, `on_room_deleted`.
    Withdrawn(WithdrawnData),
    /// `on_room_new_feedback`, `on_broadcast_new_feedback`.
    Feedback(FeedbackData),
    /// `on_session_started`, `…_resumed`, `…_paused`, `…_ended`.
    Session(SessionData),
    /// `on_user_connected`, `on_user_disconnected`.
    Presence(PresenceData),
    /// `on_recording_available`, `on_broadcast_recording_available`, `on_transcription_available`.
    File(FileData),
    /// The other events of broadcasts.
    Broadcast(BroadcastData),
    /// `on_message_sent`.
    Message(Box<MessageData>),
    /// `on_upload_tag_added`, `on_upload_tag_removed`.
    UploadTag(UploadTagData),
    /// An event whose fields are not known.
    Other(Value),
}

/// Someone calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallData {
    /// The room.
    pub room_id: Option<RoomId>,
    /// Who calls.
    pub initiator: Option<UserId>,
    /// Who is called.
    pub users: Vec<UserId>,
}

/// Links were withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawnData {
    /// The room.
    pub room_id: RoomId,
    /// The links. The older envelope does not say.
    pub links: Vec<WithdrawnLink>,
}

/// A link that was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawnLink {
    /// Whose it was.
    pub user_id: UserId,
    /// The link.
    pub link: Option<AccessLink>,
}

/// Someone rated a call or a broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedbackData {
    /// The room.
    pub room_id: Option<RoomId>,
    /// The broadcast.
    pub broadcast_id: Option<BroadcastId>,
    /// The session.
    pub session_id: Option<SessionId>,
    /// Who.
    pub user_id: Option<UserId>,
    /// 1 to 5.
    pub rating: Option<u64>,
    /// In words.
    pub message: Option<PersonalText>,
}

/// A session started, paused, resumed or ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionData {
    /// The room.
    pub room_id: RoomId,
    /// The session. The older envelope does not say.
    pub session_id: Option<SessionId>,
    /// How many are connected. The older envelope only.
    pub connected_users: Option<u64>,
    /// Who is connected. The newer envelope only.
    pub connected_participants: Vec<UserId>,
    /// When.
    pub timestamp: Option<Timestamp>,
    /// How long the room can be used, in seconds; `None`: without end.
    pub total_duration_s: Option<u64>,
    /// How much of that is used, in seconds. The newer envelope only.
    pub elapsed_s: Option<u64>,
    /// How much of that remains, in seconds. The older envelope only.
    pub remaining_s: Option<u64>,
}

/// Someone came or went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresenceData {
    /// The room.
    pub room_id: Option<RoomId>,
    /// The session.
    pub session_id: Option<SessionId>,
    /// Who.
    pub user_id: UserId,
    /// How many are connected then.
    pub connected_users: Option<u64>,
}

/// A file can be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileData {
    /// The room; in the older envelope, a broadcast's id is here.
    pub room_id: Option<RoomId>,
    /// The broadcast.
    pub broadcast_id: Option<BroadcastId>,
    /// The session.
    pub session_id: Option<SessionId>,
    /// When the file was made.
    pub creation_date: Option<Timestamp>,
}

/// Something happened in a broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroadcastData {
    /// The broadcast.
    pub broadcast_id: BroadcastId,
    /// The session.
    pub session_id: Option<SessionId>,
    /// Who.
    pub user_id: Option<UserId>,
}

/// Someone wrote in a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageData {
    /// The message.
    pub id: Option<String>,
    /// The chat.
    pub channel_id: Option<ChannelId>,
    /// The chat's people.
    pub participants: Vec<UserId>,
    /// What was written.
    pub body: Option<PersonalText>,
    /// The kind of message: `text` is known.
    pub message_type: Option<String>,
    /// When.
    pub creation_date: Option<Timestamp>,
    /// By whom.
    pub sender: Option<UserId>,
    /// The message's place in the chat.
    pub index: Option<u64>,
    /// JSON as a text.
    pub attributes: Option<PersonalText>,
}

/// An upload was tagged, or its tag removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadTagData {
    /// The tag.
    pub tag: Tag,
    /// The upload.
    pub upload_key: Option<UploadKey>,
    /// When.
    pub timestamp: Option<Timestamp>,
    /// The session.
    pub session_id: Option<SessionId>,
    /// The room.
    pub room_id: Option<RoomId>,
}

impl EventData {
    /// Reads what an event of this name says.
    pub(crate) fn read(name: &EventName, data: &Value) -> Result<EventData, Malformed> {
        let object = || Object::of(data, "data");
        Ok(match name {
            EventName::CallIncoming => EventData::Call(call(object()?)?),
            EventName::CallEnded => EventData::CallEnded { room_id: object()?.text(ROOM)? },
            EventName::RoomCreated => EventData::Room(Box::new(Room::from_answer(data)?)),
            EventName::RoomDisabled | EventName::RoomDeleted => EventData::Withdrawn(withdrawn(object()?)?),
            EventName::RoomNewFeedback | EventName::BroadcastNewFeedback => EventData::Feedback(feedback(object()?)?),
            EventName::SessionStarted
            | EventName::SessionResumed
            | EventName::SessionPaused
            | EventName::SessionEnded => EventData::Session(session(object()?)?),
            EventName::UserConnected | EventName::UserDisconnected => EventData::Presence(presence(object()?)?),
            EventName::RecordingAvailable
            | EventName::BroadcastRecordingAvailable
            | EventName::TranscriptionAvailable => EventData::File(file(object()?)?),
            EventName::BroadcastStart
            | EventName::BroadcastStop
            | EventName::BroadcastPublisherConnected
            | EventName::BroadcastPublisherDisconnected
            | EventName::BroadcastSubscriberConnected
            | EventName::BroadcastSubscriberDisconnected => EventData::Broadcast(broadcast(object()?)?),
            EventName::MessageSent => EventData::Message(Box::new(message(object()?)?)),
            EventName::UploadTagAdded | EventName::UploadTagRemoved => EventData::UploadTag(upload_tag(object()?)?),
            EventName::SignatureEnvelopeInserted | EventName::Other(_) => EventData::Other(data.clone()),
        })
    }
}

const ROOM: &[&str] = &["room_id", "roomAlias"];

fn call(data: Object<'_>) -> Result<CallData, Malformed> {
    let called: Vec<Called> = data.list(&["users"])?;
    Ok(CallData {
        room_id: data.text(ROOM)?,
        initiator: data.text(&["initiator"])?,
        users: called.into_iter().map(|Called(user)| user).collect(),
    })
}

/// Someone who is called: `{"user": {"userAlias": ...}}`.
struct Called(UserId);

impl FromAnswer for Called {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let malformed = Malformed { field: "user", expected: "an object" };
        let user = Object::of(answer, "users")?.find(&["user"]).ok_or(malformed)?;
        Object::of(user, "user")?.id(&["userAlias", "user_id"]).map(Called)
    }
}

fn withdrawn(data: Object<'_>) -> Result<WithdrawnData, Malformed> {
    Ok(WithdrawnData { room_id: data.id(ROOM)?, links: data.list(&["disabled_links", "deleted_links"])? })
}

impl FromAnswer for WithdrawnLink {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let link = Object::of(answer, "links")?;
        Ok(WithdrawnLink { user_id: link.id(&["user_id"])?, link: link.text(&["link"])? })
    }
}

fn feedback(data: Object<'_>) -> Result<FeedbackData, Malformed> {
    Ok(FeedbackData {
        room_id: data.text(ROOM)?,
        broadcast_id: data.text(&["broadcast_id"])?,
        session_id: data.text(&["session_id"])?,
        user_id: data.text(&["user_id"])?,
        rating: data.number(&["rating"])?,
        message: data.text(&["message"])?,
    })
}

fn session(data: Object<'_>) -> Result<SessionData, Malformed> {
    let duration = data.find(&["duration"]).map(|duration| Object::of(duration, "duration")).transpose()?;
    let part = |name| duration.map_or(Ok(None), |duration| duration.number(&[name]));
    Ok(SessionData {
        room_id: data.id(ROOM)?,
        session_id: data.text(&["session_id"])?,
        connected_users: data.number(&["connected_users"])?,
        connected_participants: data.texts(&["connected_participants"])?,
        timestamp: data.moment(&["timestamp"])?,
        total_duration_s: part("total_duration")?.filter(|seconds| *seconds > 0),
        elapsed_s: part("elapsed_time")?,
        remaining_s: part("duration_remained")?,
    })
}

fn presence(data: Object<'_>) -> Result<PresenceData, Malformed> {
    let room = data.find(&["room"]).map(|room| Object::of(room, "room")).transpose()?;
    Ok(PresenceData {
        room_id: room.unwrap_or(data).text(ROOM)?,
        session_id: data.text(&["session_id"])?,
        user_id: data.id(&["user_id"])?,
        connected_users: room.unwrap_or(data).number(&["connected_users_count", "connected_users"])?,
    })
}

fn file(data: Object<'_>) -> Result<FileData, Malformed> {
    Ok(FileData {
        room_id: data.text(ROOM)?,
        broadcast_id: data.text(&["broadcast_id"])?,
        session_id: data.text(&["session_id"])?,
        creation_date: data.moment(&["creationDate", "creation_date"])?,
    })
}

fn broadcast(data: Object<'_>) -> Result<BroadcastData, Malformed> {
    Ok(BroadcastData {
        broadcast_id: data.id(&["broadcast_id"])?,
        session_id: data.text(&["session_id"])?,
        user_id: data.text(&["user_id"])?,
    })
}

fn message(data: Object<'_>) -> Result<MessageData, Malformed> {
    Ok(MessageData {
        id: data.text(&["id"])?,
        channel_id: data.text(&["channel_id"])?,
        participants: data.texts(&["participants"])?,
        body: data.text(&["body"])?,
        message_type: data.text(&["type"])?,
        creation_date: data.moment(&["creation_date"])?,
        sender: data.text(&["sender"])?,
        index: data.number(&["index"])?,
        attributes: data.text(&["attributes"])?,
    })
}

fn upload_tag(data: Object<'_>) -> Result<UploadTagData, Malformed> {
    Ok(UploadTagData {
        tag: data.id(&["tag"])?,
        upload_key: data.text(&["upload_key"])?,
        timestamp: data.moment(&["timestamp"])?,
        session_id: data.text(&["session_id"])?,
        room_id: data.text(ROOM)?,
    })
}
