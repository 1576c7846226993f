//! Use cases: who may do what with a teleconsultation, and what then happens.
//!
//! Each use case is a free function over [`Ctx`]: it reads, decides in plain values, and writes last. None of them assumes that
//! a store can hold a transaction open; see ARCHITECTURE.md, "Invariants".

mod add_participant;
mod change;
mod claim;
mod cleanup;
mod company;
mod context;
mod credentials;
mod delete;
mod delete_uploads;
mod desk;
mod error;
mod moment;
mod people;
mod read;
mod recognize;
mod revise;
mod room;
mod schedule;
mod sweep;
mod transcription;

pub use add_participant::add_participant;
pub use change::{Change, change};
pub use claim::Claim;
pub use cleanup::{CLEANUPS_AT_ONCE_MAX, CleanupProgress, DELETION_TIMEOUT, failing_for_at_least, finish_due_cleanups};
pub use company::{CompanyEditor, add_background, set_default_background};
pub use context::{Ctx, Directories, Policy, UserIdKey};
pub use credentials::{CredentialsCaller, CredentialsError, OwnCredentials, credentials};
pub use delete::{DeleteError, delete};
pub use delete_uploads::{DeleteUploadsError, delete_uploads};
pub use desk::{DeskPage, DeskView, desk_list, desk_view};
pub use error::{ChangeError, PeopleError, ScheduleTeleconsultationError};
pub use people::{Expected, KNOWN_USERS_TIMEOUT, People, Person};
pub use read::{DETAILS_TIMEOUT, NAMES_TIMEOUT, OtherParticipant, ParticipantView, ReadError, read};
pub use revise::DECISIONS_MAX;
pub use room::ROOM_GUARD;
pub use schedule::{Booking, schedule};
pub use sweep::{ORPHAN_AGE_MIN, ORPHAN_GRACE, PENDING_CLEANUPS_MAX, Sweep, SweepError, SweepProgress, sweep};
pub use transcription::{ReadTranscriptionError, transcription};
