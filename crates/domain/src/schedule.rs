//! When a teleconsultation takes place (contract §4.2).

use jiff::{SignedDuration, Timestamp};

/// The shortest teleconsultation: five minutes, whether or not its length is enforced.
pub const DURATION_MIN: SignedDuration = SignedDuration::from_mins(5);

/// The longest teleconsultation whose length is enforced: the provider's limit of 24 hours for a finite room.
pub const DURATION_FINITE_MAX: SignedDuration = SignedDuration::from_hours(24);

/// How a caller says when a teleconsultation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// At this moment (`end_date`): moving the start alone changes the duration.
    Until(Timestamp),
    /// After this long (`duration_in_seconds`): moving the start alone moves the end.
    For(SignedDuration),
}

/// Dates that no teleconsultation can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Shorter than [`DURATION_MIN`], or over before it begins.
    #[error("the duration must be at least 5 minutes")]
    TooShort,
    /// Longer than [`DURATION_FINITE_MAX`] although the length is enforced.
    #[error("the duration must be at most 24 hours")]
    TooLong,
    /// The end lies beyond the last moment that can be written.
    #[error("the end must be before the year 10000")]
    OutOfRange,
}

/// When a teleconsultation takes place: at least five minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    start: Timestamp,
    length: Length,
    end: Timestamp,
}

impl Schedule {
    /// Checks the dates. `finite` says whether the length is enforced, and therefore limited to 24 hours.
    pub fn new(start: Timestamp, length: Length, finite: bool) -> Result<Self, ScheduleError> {
        let end = match length {
            Length::Until(end) => end,
            Length::For(duration) => start.checked_add(duration).map_err(|_| ScheduleError::OutOfRange)?,
        };
        let duration = end.duration_since(start);
        if duration < DURATION_MIN {
            return Err(ScheduleError::TooShort);
        }
        if finite && duration > DURATION_FINITE_MAX {
            return Err(ScheduleError::TooLong);
        }
        Ok(Self { start, length, end })
    }

    /// Takes back a schedule that was checked when it was stored, under rules that may have been others.
    pub fn from_stored(start: Timestamp, length: Length) -> Self {
        let end = match length {
            Length::Until(end) => end,
            Length::For(duration) => start.checked_add(duration).unwrap_or(Timestamp::MAX),
        };
        Self { start, length, end }
    }

    /// Applies what a change names and keeps the rest, then checks the whole again.
    pub fn changed(
        self,
        start: Option<Timestamp>,
        length: Option<Length>,
        finite: bool,
    ) -> Result<Self, ScheduleError> {
        Self::new(start.unwrap_or(self.start), length.unwrap_or(self.length), finite)
    }

    /// When it begins.
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// When it ends, by its dates.
    pub fn end(&self) -> Timestamp {
        self.end
    }

    /// How the caller said when it ends.
    pub fn length(&self) -> Length {
        self.length
    }

    /// How long it lasts, by its dates.
    pub fn duration(&self) -> SignedDuration {
        self.end.duration_since(self.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn five_minutes_are_enough_and_a_second_less_is_not() {
        let start = at("2026-01-01T10:00:00Z");
        let seconds = |n| Length::For(SignedDuration::from_secs(n));
        assert!(Schedule::new(start, seconds(300), false).is_ok());
        assert_eq!(Schedule::new(start, seconds(299), false), Err(ScheduleError::TooShort));
        assert_eq!(Schedule::new(start, Length::Until(start), false), Err(ScheduleError::TooShort));
        assert_eq!(Schedule::new(start, Length::Until(at("2025-01-01T00:00:00Z")), true), Err(ScheduleError::TooShort));
    }

    #[test]
    fn more_than_a_day_is_refused_only_where_the_length_is_enforced() {
        let start = at("2026-01-01T10:00:00Z");
        let length = Length::For(DURATION_FINITE_MAX + SignedDuration::from_secs(1));
        assert!(Schedule::new(start, length, false).is_ok());
        assert_eq!(Schedule::new(start, length, true), Err(ScheduleError::TooLong));
        assert!(Schedule::new(start, Length::For(DURATION_FINITE_MAX), true).is_ok());
    }

    #[test]
    fn moving_the_start_keeps_a_duration_and_keeps_an_end() {
        let (start, moved) = (at("2026-01-01T10:00:00Z"), at("2026-01-01T10:30:00Z"));
        let by_duration = Schedule::new(start, Length::For(SignedDuration::from_mins(60)), false).unwrap();
        assert_eq!(by_duration.changed(Some(moved), None, false).unwrap().end(), at("2026-01-01T11:30:00Z"));
        let by_end = Schedule::new(start, Length::Until(at("2026-01-01T11:00:00Z")), false).unwrap();
        assert_eq!(by_end.changed(Some(moved), None, false).unwrap().end(), at("2026-01-01T11:00:00Z"));
        assert_eq!(by_end.changed(Some(at("2026-01-01T10:56:00Z")), None, false), Err(ScheduleError::TooShort));
    }

    #[test]
    fn an_end_beyond_time_is_an_error_not_a_panic() {
        let length = Length::For(SignedDuration::MAX);
        assert_eq!(Schedule::new(Timestamp::MAX, length, false), Err(ScheduleError::OutOfRange));
    }
}
