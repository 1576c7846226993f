//! Creating a room (contract §6.2, §7.3).

use serde::Serialize;

use crate::{CallType, Client, Error, NewParticipant, PersonalText, Recording, Room, UserId, Version, operation as op};

/// The shortest duration of a room, in seconds (contract §4).
pub const ROOM_DURATION_S_MIN: u64 = 60;

/// A room to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRoom {
    /// Its people: 2 to 25, at least one of them with the role plus.
    pub participants: Vec<NewParticipant>,
    /// Whether it is recorded.
    pub recording: Recording,
    /// How long it can be used, in seconds, at least [`ROOM_DURATION_S_MIN`], counted while two or more are connected; `None`: without
    /// end.
    pub duration_s: Option<u64>,
    /// What media a call starts with; the service's default is audio and video.
    pub call_type: Option<CallType>,
    /// Whether opening a link makes the others' applications ring, and the call ends when fewer than two remain (contract §4).
    pub live: bool,
    /// Free text.
    pub description: Option<PersonalText>,
    /// Whether recordings are transcribed. Refused unless the room is recorded and the company has the feature. v2 only.
    pub offline_transcription: bool,
    /// Whether links skip the landing page. v1 only: the links of v2 always do.
    pub direct_call: bool,
    /// The user who counts as the room's creator. v1 only.
    pub initiator: Option<UserId>,
}

impl NewRoom {
    /// A room for these people with the service's defaults, and direct links.
    pub fn new(participants: Vec<NewParticipant>) -> NewRoom {
        NewRoom {
            participants,
            recording: Recording::None,
            duration_s: None,
            call_type: None,
            live: false,
            description: None,
            offline_transcription: false,
            direct_call: true,
            initiator: None,
        }
    }
}

#[derive(Serialize)]
struct BodyV1<'a> {
    participants: &'a [NewParticipant],
    recording: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    recording_type: Option<&'a Recording>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_type: Option<&'a CallType>,
    live: bool,
    #[serde(rename = "directCall")]
    direct_call: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a PersonalText>,
    #[serde(rename = "initiatorAlias", skip_serializing_if = "Option::is_none")]
    initiator: Option<&'a UserId>,
}

#[derive(Serialize)]
struct BodyV2<'a> {
    participants: &'a [NewParticipant],
    recording: &'a Recording,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_type: Option<&'a CallType>,
    live: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a PersonalText>,
    #[serde(skip_serializing_if = "is_false")]
    offline_transcription: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Client {
    /// Creates a room and everyone's personal link to it (contract §6.2, §7.3). Doing it twice makes two rooms: after an error that
    /// [may have taken effect](Error::may_have_taken_effect), look for the room before trying again.
    pub async fn create_room(&self, room: &NewRoom) -> Result<Room, Error> {
        let call = self.call(op::CREATE_ROOM, &[])?;
        if room.duration_s.is_some_and(|duration_s| duration_s < ROOM_DURATION_S_MIN) {
            return Err(call.invalid("a room lasts at least 60 s"));
        }
        match self.version() {
            Version::V1 if room.offline_transcription => Err(call.invalid("v1 does not transcribe")),
            Version::V1 => call.json(&v1(room))?.answer().await,
            Version::V2 => call.json(&v2(room))?.answer().await,
        }
    }
}

fn v1(room: &NewRoom) -> BodyV1<'_> {
    let recording = room.recording != Recording::None;
    BodyV1 {
        participants: &room.participants,
        recording,
        recording_type: recording.then_some(&room.recording),
        duration: room.duration_s,
        call_type: room.call_type.as_ref(),
        live: room.live,
        direct_call: room.direct_call,
        description: room.description.as_ref(),
        initiator: room.initiator.as_ref(),
    }
}

fn v2(room: &NewRoom) -> BodyV2<'_> {
    BodyV2 {
        participants: &room.participants,
        recording: &room.recording,
        duration: room.duration_s,
        call_type: room.call_type.as_ref(),
        live: room.live,
        description: room.description.as_ref(),
        offline_transcription: room.offline_transcription,
    }
}
