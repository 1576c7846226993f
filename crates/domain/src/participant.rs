//! The people in a teleconsultation.

use std::fmt;

use crate::{AccessLink, ParticipantId, ProviderUserId};

/// What a person may do at the provider: `plus` organises and takes part, `basic` takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Takes part.
    Basic,
    /// Organises and takes part; administers the room.
    Plus,
}

/// A text that is empty, too long, or has control characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to {max} characters and no control characters")]
pub struct InvalidText {
    max: usize,
}

fn checked(text: &str, max: usize) -> Result<String, InvalidText> {
    let text = text.trim();
    let length_ok = !text.is_empty() && text.chars().count() <= max;
    if length_ok && !text.chars().any(char::is_control) { Ok(text.to_owned()) } else { Err(InvalidText { max }) }
}

/// The name of a group of users, as in the configuration's `privileges`; trimmed, at most 128 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupName(String);

impl GroupName {
    /// Reads a group name; surrounding white space does not count.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        checked(text, 128).map(Self)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A person's name as others see it in the call; trimmed, at most 128 characters. Personal data: no `Debug` that shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct FullName(String);

impl FullName {
    /// Reads a name; surrounding white space does not count.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        checked(text, 128).map(Self)
    }

    /// The name, for the people in the room only.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for FullName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FullName(..)")
    }
}

/// The language that a person wants the pages in, such as `it`. Any tag is accepted: pages fall back to their default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language(String);

impl Language {
    /// Reads a language tag of at most 35 characters (RFC 5646 §4.4.1).
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        checked(text, 35).map(Self)
    }

    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One known person of a teleconsultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// How the calling system names the person.
    pub id: ParticipantId,
    /// How the video provider names the person.
    pub provider_user: ProviderUserId,
    /// Derived from `groups` when the person was added.
    pub role: Role,
    /// As the caller gave them.
    pub groups: Vec<GroupName>,
    /// Shown to the other people.
    pub full_name: Option<FullName>,
    /// Preferred language of the pages.
    pub language: Option<Language>,
    /// Present from the moment the room exists; shown only once the room can no longer change.
    pub access_link: Option<AccessLink>,
}
