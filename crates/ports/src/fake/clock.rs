//! A clock that stands still until told otherwise.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

use super::locked;
use crate::Clock;

/// Tells the time that it was given.
#[derive(Debug)]
pub struct FakeClock(Mutex<Timestamp>);

impl FakeClock {
    /// A clock that stands at `now`.
    pub fn new(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// Moves it to `now`, forwards or backwards.
    pub fn set(&self, now: Timestamp) {
        *locked(&self.0) = now;
    }

    /// Moves it forwards, or backwards by a negative duration; not beyond the ends of time.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = locked(&self.0);
        let end = if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
        *now = now.checked_add(by).unwrap_or(end);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *locked(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_stands_still_until_it_is_moved() {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let clock = FakeClock::new(start);
        assert_eq!(clock.now(), clock.now());
        clock.advance(SignedDuration::from_secs(90));
        assert_eq!(clock.now(), "2026-01-01T00:01:30Z".parse().unwrap());
        clock.advance(SignedDuration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
        clock.set(start);
        assert_eq!(clock.now(), start);
    }
}
