//! The stored form of teleconsultations, rooms, sessions, settings and notices, for every store that keeps them as JSON: what one wrote,
//! another can read.
//!
//! Access links are sealed before they are stored ([`LinkSeal`]).

mod company;
mod link_seal;
mod listing;
mod notice;
mod room;
mod teleconsultation;

pub use company::{decode_settings, encode_settings};
pub use link_seal::LinkSeal;
pub use listing::{ListedRow, listed};
pub use notice::{decode_notice, encode_happening};
pub use room::{corrupt, decode_room, decode_session, encode_room, encode_session, milliseconds, moment};
pub use teleconsultation::{decode_teleconsultation, encode_teleconsultation};

/// A record that cannot be read, or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Corrupt {
    /// Which, and what about it, without personal data.
    pub what: String,
}
