//! How long calls wait, how often they write down, and how much they keep.

use std::time::Duration;

/// How long before the end everyone is warned (`kaleyra-video-api.md` §4).
pub const WARNING: Duration = Duration::from_secs(30);

/// How often use is written down while it is counted: what a crash of the process can lose at most.
pub const CHECKPOINT: Duration = Duration::from_secs(10);

/// The most that one step counts: a checkpoint, and the time that a busy machine may be late by.
pub const STEP_MAX: Duration = Duration::from_secs(15);

/// How long a session waits for its people after a restart of the process. Pages reconnect within seconds; phones that were locked
/// take longer.
pub const RETURN_MAX: Duration = Duration::from_mins(1);

/// How long a `live` room waits for somebody whose connection broke when that leaves fewer than two: a client that lost its network
/// joins anew within seconds, and the consultation must not end for it. Who hangs up is not waited for.
pub const LIVE_RETURN_MAX: Duration = Duration::from_secs(10);

/// How long after a room's time is up its people can still say how it was: the evening of the same day, wherever they are.
pub const RATING_WITHIN: Duration = Duration::from_hours(24);

/// The most connection events kept of one session: a person on the worst line reconnects a few times a minute, so 24 hours fit.
pub const CONNECTION_EVENTS_MAX: u32 = 10_000;
