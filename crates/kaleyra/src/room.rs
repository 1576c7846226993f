//! Rooms (contract §6.2, §7.3).

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{
    Client, DialInfo, Error, Malformed, Page, PageRequest, Participant, PersonalText, Recording, RoomId, UserId,
    answer::{FromAnswer, Object, unwrap},
    open_enum::open_enum,
    operation as op,
};

open_enum!(
    /// What media a call starts with (contract §4).
    CallType {
        /// Never any video.
        AudioOnly = "audio_only",
        /// Video can be turned on later.
        AudioUpgradable = "audio_upgradable",
        /// Video from the start.
        AudioVideo = "audio_video",
    }
);

open_enum!(
    /// What happens in a room (contract §4).
    RoomStatus {
        /// Nobody is talking.
        NotRunning = "NOT_RUNNING",
        /// A session is under way.
        Running = "RUNNING",
        /// Deleted, ended, or its time is used up.
        Closed = "CLOSED",
    }
);

/// A room (contract §6.2, §7.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// The id.
    pub id: RoomId,
    /// Whether it is recorded, if the service says.
    pub recording: Option<Recording>,
    /// Whether a recording runs, such as `stopped`, if the service says.
    pub recording_status: Option<String>,
    /// How long it can be used, in seconds; `None`: without end, or not said.
    pub duration_s: Option<u64>,
    /// How much of that has been used, in seconds.
    pub duration_used_s: Option<u64>,
    /// What media a call starts with.
    pub call_type: Option<CallType>,
    /// Whether opening a link rings.
    pub live: Option<bool>,
    /// Free text.
    pub description: Option<PersonalText>,
    /// Whether recordings are transcribed.
    pub offline_transcription: Option<bool>,
    /// What happens in it.
    pub status: Option<RoomStatus>,
    /// Whether its links were withdrawn.
    pub disabled: bool,
    /// When it was created.
    pub creation_date: Option<Timestamp>,
    /// Its people and their links. Lists of rooms have none, and neither has a disabled room of v1.
    pub participants: Vec<Participant>,
    /// What happened in it so far. v1 only.
    pub dial_info: Option<DialInfo>,
}

impl FromAnswer for Room {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let room = Object::of(unwrap(answer, "room"), "room")?;
        Ok(Room {
            id: room.id(&["id", "room_id"])?,
            recording: Recording::read(room)?,
            recording_status: room.text(&["recording_status", "recordingStatus"])?,
            duration_s: room.positive(&["duration"])?,
            duration_used_s: room.number(&["duration_used", "durationUsed"])?,
            call_type: room.text(&["call_type"])?,
            live: room.flag(&["live"])?,
            description: room.text(&["description"])?,
            offline_transcription: room.flag(&["offline_transcription"])?,
            status: room.text(&["status"])?,
            disabled: room.flag(&["disabled"])?.unwrap_or(false),
            creation_date: room.moment(&["creation_date", "creationDate"])?,
            participants: room.list(&["participants", "user_urls"])?,
            dial_info: room.value(&["dialInfo"])?,
        })
    }
}

/// Whom to ring (contract Q8). Without anyone named, all are rung.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Ring {
    /// Who is calling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiator: Option<UserId>,
    /// Whose applications ring.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<UserId>,
}

impl Client {
    /// Lists rooms, the newest first (contract §6.2, §7.3).
    pub async fn rooms(&self, page: PageRequest) -> Result<Page<Room>, Error> {
        self.call(op::LIST_ROOMS, &[])?.page(page).read(|answer| Page::read(answer, &["rooms"])).await
    }

    /// Returns a room (contract §6.2, §7.3).
    pub async fn room(&self, room: &RoomId) -> Result<Room, Error> {
        self.call(op::GET_ROOM, &[room.as_str()])?.answer().await
    }

    /// Deletes a room and its links (contract §6.2, §7.3).
    pub async fn delete_room(&self, room: &RoomId) -> Result<(), Error> {
        self.call(op::DELETE_ROOM, &[room.as_str()])?.done().await
    }

    /// Withdraws a room's links for good and keeps its statistics (contract §4, §6.2, §7.3).
    pub async fn disable_room(&self, room: &RoomId) -> Result<(), Error> {
        self.call(op::DISABLE_ROOM, &[room.as_str()])?.done().await
    }

    /// Starts the recording of a running room that is recorded manually (contract §6.2). v2 only.
    pub async fn start_recording(&self, room: &RoomId) -> Result<(), Error> {
        self.call(op::START_RECORDING, &[room.as_str()])?.done().await
    }

    /// Stops the recording (contract §6.2). v2 only.
    pub async fn stop_recording(&self, room: &RoomId) -> Result<(), Error> {
        self.call(op::STOP_RECORDING, &[room.as_str()])?.done().await
    }

    /// Makes the applications of a room's people ring (contract §6.2). v2 only; the names of its fields are assumed (contract Q8).
    pub async fn ring_room(&self, room: &RoomId, ring: &Ring) -> Result<(), Error> {
        self.call(op::RING_ROOM, &[room.as_str()])?.json(ring)?.done().await
    }
}
