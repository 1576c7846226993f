//! Why a use case did not do what it was asked, by what the caller can do about it.

use domain::{ParticipantId, RosterError, ScheduleError};
use ports::{directory::DirectoryError, provider::ProviderError, teleconsultations::StoreError};

/// People who cannot have a teleconsultation together.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// Somebody is in none of the groups that the configuration names.
    #[error("a user does not belong to any configured group")]
    UnknownGroup {
        /// Who, for the caller's answer only.
        id: ParticipantId,
    },
    /// Too few, too many, or nobody who may organise.
    #[error(transparent)]
    Roster(#[from] RosterError),
}

/// Why nothing was scheduled.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleTeleconsultationError {
    /// The dates cannot be.
    #[error(transparent)]
    Dates(#[from] ScheduleError),
    /// The people cannot be.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The directories do not know the people, or did not answer.
    #[error("looking people up failed")]
    Directory(#[from] DirectoryError),
    /// The provider did not make the users or the room.
    #[error("making users or a room failed")]
    Provider(#[from] ProviderError),
    /// The store did not keep it.
    #[error("storing the teleconsultation failed")]
    Store(#[from] StoreError),
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is no such teleconsultation.
    #[error("there is no such teleconsultation")]
    NotFound,
    /// Everyone is known and the start is near: people rely on their links (contract §7).
    #[error("teleconsultation can no longer be modified")]
    Frozen,
    /// The dates cannot be.
    #[error(transparent)]
    Dates(#[from] ScheduleError),
    /// The people cannot be.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// Others changed it each time between our reading and our writing.
    #[error("the teleconsultation was changed by others at the same time, {} times in a row", crate::DECISIONS_MAX)]
    Contended,
    /// The directories do not know the people, or did not answer.
    #[error("looking people up failed")]
    Directory(#[from] DirectoryError),
    /// The provider did not make the users or the room.
    #[error("making users or a room failed")]
    Provider(#[from] ProviderError),
    /// The store did not keep it.
    #[error("storing the change failed")]
    Store(#[from] StoreError),
}

impl From<RosterError> for ChangeError {
    fn from(error: RosterError) -> Self {
        Self::People(error.into())
    }
}
