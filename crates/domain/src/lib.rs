//! Teleconsultations, the people in them and their rooms: plain values and their rules.
//!
//! Nothing here does I/O, reads a clock or knows JSON, SQL or HTTP: wire types live with the wire and are converted.
//! Rules that the public contract fixes name their section of it (`teleconsultation-service.md`).

mod access_link;
mod id;
mod participant;
mod privileges;
mod roster;
mod schedule;
mod teleconsultation;
mod tools;

pub use access_link::AccessLink;
pub use id::{InvalidId, ParticipantId, ProviderUserId, RoomKey, RoomRef, TeleconsultationId};
pub use participant::{FullName, GroupName, InvalidText, Language, Participant, Role};
pub use privileges::{Privileges, RolePrivileges};
pub use roster::{PARTICIPANTS_MAX, PARTICIPANTS_MIN, Roster, RosterError};
pub use schedule::{DURATION_FINITE_MAX, DURATION_MIN, Length, Schedule, ScheduleError};
pub use teleconsultation::{Access, OpenRoom, Stage, Teleconsultation};
pub use tools::{Tools, WhiteboardTools};
