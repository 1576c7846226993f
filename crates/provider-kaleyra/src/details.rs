//! Kaleyra's record of a room, in our terms.

use std::time::Duration;

use kaleyra_video::Room;
use ports::provider::{CallType, Recording, RoomDetails, RoomStatus};

use crate::mark;

/// The record as the port tells it. What Kaleyra leaves out has its documented default (`kaleyra-video-api.md` §6.2).
pub(crate) fn details(room: Room) -> RoomDetails {
    let description = room.description.map(|text| text.as_str().to_owned());
    RoomDetails {
        recording: match room.recording {
            Some(kaleyra_video::Recording::Automatic) => Recording::Automatic,
            Some(kaleyra_video::Recording::Manual) => Recording::Manual,
            Some(kaleyra_video::Recording::None | kaleyra_video::Recording::Other(_)) | None => Recording::None,
        },
        recording_status: room.recording_status,
        call_type: match room.call_type {
            Some(kaleyra_video::CallType::AudioOnly) => CallType::AudioOnly,
            Some(kaleyra_video::CallType::AudioUpgradable) => CallType::AudioUpgradable,
            Some(kaleyra_video::CallType::AudioVideo | kaleyra_video::CallType::Other(_)) | None => {
                CallType::AudioVideo
            }
        },
        description: description.filter(|text| !mark::is_mark(text)),
        status: match room.status {
            Some(kaleyra_video::RoomStatus::Running) => RoomStatus::Running,
            Some(kaleyra_video::RoomStatus::Closed) => RoomStatus::Closed,
            Some(kaleyra_video::RoomStatus::NotRunning | kaleyra_video::RoomStatus::Other(_)) | None => {
                RoomStatus::NotRunning
            }
        },
        disabled: room.disabled,
        created: room.creation_date,
        duration: room.duration_s.map(Duration::from_secs),
        duration_used: Duration::from_secs(room.duration_used_s.unwrap_or(0)),
        live: room.live.unwrap_or(false),
    }
}
