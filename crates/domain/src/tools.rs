//! What a participant may use in a call (`kaleyra-video-api.md` §6.3).

/// The parts of the whiteboard, each by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of its own, named so by the provider")]
pub struct WhiteboardTools {
    /// Place files on the board.
    pub add_file: bool,
    /// Show one's cursor to others.
    pub cursor: bool,
    /// Write text.
    pub text: bool,
    /// Draw shapes.
    pub shape: bool,
    /// Draw freely.
    pub pen: bool,
    /// Erase.
    pub eraser: bool,
}

impl WhiteboardTools {
    /// Every part of the whiteboard.
    pub const ALL: Self = Self { add_file: true, cursor: true, text: true, shape: true, pen: true, eraser: true };
}

/// What a participant may use in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of its own, named so by the provider")]
pub struct Tools {
    /// Write in the chat.
    pub chat: bool,
    /// Share one's screen.
    pub screen_sharing: bool,
    /// Send files.
    pub file_upload: bool,
    /// Open the whiteboard, and with which of its parts.
    pub whiteboard: Option<WhiteboardTools>,
    /// Take stills of a video.
    pub snapshot: bool,
    /// Annotate stills together.
    pub live_edit: bool,
    /// Point at a video; seeing others' pointers is always on.
    pub live_pointer: bool,
    /// Put one's own video in front of everyone.
    pub present_to_everyone: bool,
}

impl Tools {
    /// Every tool: what a participant has whose tools were not listed at all.
    pub const fn all() -> Self {
        Self {
            chat: true,
            screen_sharing: true,
            file_upload: true,
            whiteboard: Some(WhiteboardTools::ALL),
            snapshot: true,
            live_edit: true,
            live_pointer: true,
            present_to_everyone: true,
        }
    }

    /// No tool: what a participant has whose list of tools is empty.
    pub const fn none() -> Self {
        Self {
            chat: false,
            screen_sharing: false,
            file_upload: false,
            whiteboard: None,
            snapshot: false,
            live_edit: false,
            live_pointer: false,
            present_to_everyone: false,
        }
    }
}
