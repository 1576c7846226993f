//! How much anybody may send, and how often.

use std::time::Duration;

/// The longest frame from a client, in bytes: two of the largest elements fit.
pub const FRAME_BYTES_MAX: usize = 512 * 1024;

/// The longest message, in characters.
pub const MESSAGE_CHARS_MAX: usize = 4000;

/// The most messages of a room. At the pace that is allowed, one person would need hours.
pub const MESSAGES_MAX: u64 = 20_000;

/// Messages that are shown at once.
pub const MESSAGES_PAGE: u32 = 50;

/// The longest key that a page gives a message, in characters.
pub const KEY_CHARS_MAX: usize = 64;

/// The longest word to somebody who is turned away, in characters.
pub const TURN_AWAY_CHARS_MAX: usize = 500;

/// The longest caption, in characters.
pub const CAPTION_CHARS_MAX: usize = 500;

/// The longest name of a language (BCP 47), in characters.
pub const LANGUAGE_CHARS_MAX: usize = 35;

/// The longest comment with a rating, in characters.
pub const COMMENT_CHARS_MAX: usize = 1000;

/// The longest name of a browser, in characters.
pub const BROWSER_CHARS_MAX: usize = 60;

/// The longest id of anything, in characters.
pub const ID_CHARS_MAX: usize = 128;

/// The longest token of a link that is looked at, in characters; ours have 48.
pub const TOKEN_CHARS_MAX: usize = 1024;

/// Elements drawn with one command.
pub const ELEMENTS_AT_ONCE_MAX: usize = 200;

/// The largest element, in bytes: a stroke of some thousand points.
pub const ELEMENT_BYTES_MAX: usize = 256 * 1024;

/// The longest id of an element, in characters.
pub const ELEMENT_ID_CHARS_MAX: usize = 64;

/// The most that the version of an element grows at once. A page counts each point of a stroke and each step of a movement, a hundred a
/// second at most, and sends them within seconds, or once it is connected again: hours fit. What begins at one takes millennia to grow
/// to [`INTEGER_MAX`], where nobody could change it any more.
pub const VERSION_STEP_MAX: u64 = 1_000_000;

/// Elements on a board, deleted ones too.
pub const BOARD_ELEMENTS_MAX: usize = 5000;

/// Bytes of all elements of a board.
pub const BOARD_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Boards of a room with something on them.
pub const BOARDS_MAX: usize = 50;

/// Boards that are held in memory; the one used longest ago makes room for another.
pub const BOARDS_IN_MEMORY_MAX: usize = 3;

/// How long a wish for a snapshot can be fulfilled.
pub const SNAPSHOT_WITHIN: Duration = Duration::from_mins(1);

/// Open wishes for snapshots in a room.
pub const SNAPSHOT_REQUESTS_MAX: usize = 100;

/// How long somebody's raised hand is remembered after their connection is gone: a reload, or a short loss of the network.
pub const AWAY_MAX: Duration = Duration::from_secs(90);

/// How long somebody's knock is remembered after their connection is gone, if nobody answers it and no session ends: a phone that was
/// locked, a page that was closed. As long as an admission lasts, which answers it.
pub const KNOCK_MAX: Duration = Duration::from_hours(24);

/// How long after a change of an admission failed admissions are read again: it may still take effect. Longer than whoever drives the
/// machine waits for a store.
pub const ADMISSIONS_AGAIN: Duration = Duration::from_secs(30);

/// How often admissions are read that have lasted for their time: they hold as long as a session is under way.
pub const ADMISSIONS_EVERY: Duration = Duration::from_mins(10);

/// How long to wait before the media engine is asked again to disconnect somebody who may not be there.
pub const REMOVE_AGAIN: Duration = Duration::from_secs(5);

/// Messages of which it is not known whether they were kept, and that are told once they are sent again. The oldest makes room.
pub const UNTOLD_MAX: usize = 256;

/// The greatest integer that every JSON reader keeps exactly (RFC 8259 §6).
pub const INTEGER_MAX: u64 = (1 << 53) - 1;
