//! What is counted of files, for whoever watches over the service. Nothing of it says whose they are.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::FileError;

/// How a request to send a file, or a part of one, ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A file was begun.
    Begun,
    /// A file is whole, and known to all.
    Completed,
    /// The sender may not.
    NotAllowed,
    /// It is larger than files may be, or than was said.
    TooLarge,
    /// It is of no kind that is taken.
    UnsupportedType,
    /// The room, or the sender, has too many.
    TooMany,
    /// No space was left.
    NoSpace,
    /// Store or bytes could not be reached.
    Unavailable,
    /// What was sent did not fit to what is there; clients go on from there by themselves.
    OutOfStep,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Begun,
        Self::Completed,
        Self::NotAllowed,
        Self::TooLarge,
        Self::UnsupportedType,
        Self::TooMany,
        Self::NoSpace,
        Self::Unavailable,
        Self::OutOfStep,
    ];

    /// Its name in figures.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Completed => "completed",
            Self::NotAllowed => "not_allowed",
            Self::TooLarge => "too_large",
            Self::UnsupportedType => "unsupported_type",
            Self::TooMany => "too_many",
            Self::NoSpace => "no_space",
            Self::Unavailable => "unavailable",
            Self::OutOfStep => "out_of_step",
        }
    }

    pub(super) const fn of(error: &FileError) -> Self {
        match error {
            FileError::Denied(_) => Self::NotAllowed,
            FileError::TooLarge(_) => Self::TooLarge,
            FileError::UnsupportedType => Self::UnsupportedType,
            FileError::RoomFull | FileError::TooManyIncomplete => Self::TooMany,
            FileError::NoSpace => Self::NoSpace,
            FileError::Unavailable(_) => Self::Unavailable,
            FileError::Unknown
            | FileError::Expired
            | FileError::WrongOffset { .. }
            | FileError::TooShort
            | FileError::Busy => Self::OutOfStep,
        }
    }
}

/// What [`super::Files`] counts. Clones show the same.
#[derive(Debug, Clone, Default)]
pub struct FileFigures(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    uploads: [AtomicU64; Outcome::ALL.len()],
    stored: AtomicU64,
}

impl FileFigures {
    /// How often each outcome was.
    pub fn uploads(&self) -> impl Iterator<Item = (Outcome, u64)> + '_ {
        Outcome::ALL.into_iter().zip(&self.0.uploads).map(|(outcome, count)| (outcome, count.load(Ordering::Relaxed)))
    }

    /// Bytes of files that were kept, of those too that are deleted since.
    pub fn bytes_stored(&self) -> u64 {
        self.0.stored.load(Ordering::Relaxed)
    }

    pub(super) fn count(&self, outcome: Outcome) {
        // In their order of declaration.
        if let Some(count) = self.0.uploads.get(outcome as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn stored(&self, bytes: u64) {
        self.0.stored.fetch_add(bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_is_counted_under_its_own_name() {
        let figures = FileFigures::default();
        for (times, outcome) in Outcome::ALL.into_iter().enumerate() {
            (0..=times).for_each(|_| figures.count(outcome));
        }
        let counted: Vec<_> = figures.uploads().map(|(outcome, count)| (outcome.name(), count)).collect();
        assert_eq!(counted[0], ("begun", 1));
        assert_eq!(counted[6], ("no_space", 7));
        assert_eq!(counted[8], ("out_of_step", 9));
    }
}
