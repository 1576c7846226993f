//! The present moment.

use jiff::Timestamp;

/// Tells the time. The one right place that reads the system's clock is `server`; everything else is told.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}
