//! Moments that are always there.

use jiff::{SignedDuration, Timestamp};

/// A moment after `now`, or the last moment there is.
pub(crate) fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}
