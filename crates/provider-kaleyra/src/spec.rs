//! A room as we ask for it, in Kaleyra's terms.

use domain::Tools;
use kaleyra_video::{NewParticipant, NewRoom};
use ports::provider::{Recording, RoomParticipant, RoomSpec};

use crate::mark::Mark;

/// The request for the room (`kaleyra-video-api.md` §6.2).
pub(crate) fn new_room(spec: &RoomSpec, mark: &Mark) -> NewRoom {
    NewRoom {
        recording: recording(spec.recording),
        duration_s: spec.duration.map(|duration| duration.as_secs()),
        live: spec.live,
        description: Some(mark.description(&spec.key).into()),
        ..NewRoom::new(spec.participants.iter().map(participant).collect())
    }
}

fn participant(participant: &RoomParticipant) -> NewParticipant {
    NewParticipant {
        user_id: participant.user.as_str().into(),
        is_admin: participant.admin,
        tools: Some(tools(&participant.tools)),
    }
}

fn recording(recording: Recording) -> kaleyra_video::Recording {
    match recording {
        Recording::None => kaleyra_video::Recording::None,
        Recording::Manual => kaleyra_video::Recording::Manual,
        Recording::Automatic => kaleyra_video::Recording::Automatic,
    }
}

fn tools(tools: &Tools) -> kaleyra_video::Tools {
    kaleyra_video::Tools {
        chat: tools.chat,
        screen_sharing: tools.screen_sharing,
        file_upload: tools.file_upload,
        whiteboard: whiteboard(tools),
        snapshot: tools.snapshot,
        live_edit: tools.live_edit,
        live_pointer: tools.live_pointer,
        present_to_everyone: tools.present_to_everyone,
        // Not one of the tools that a teleconsultation grants (`teleconsultation-service.md` §8.2).
        sign: false,
    }
}

fn whiteboard(tools: &Tools) -> kaleyra_video::Whiteboard {
    match tools.whiteboard {
        None => kaleyra_video::Whiteboard::Off,
        Some(domain::WhiteboardTools::ALL) => kaleyra_video::Whiteboard::Whole,
        Some(parts) => kaleyra_video::Whiteboard::Parts(kaleyra_video::WhiteboardTools {
            add_file: parts.add_file,
            cursor: parts.cursor,
            text: parts.text,
            shape: parts.shape,
            pen: parts.pen,
            eraser: parts.eraser,
        }),
    }
}
