//! The personal access link.

use std::fmt;

/// The URL that lets one person into one room. Whoever holds it *is* that person, so it never shows itself in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessLink(String);

impl AccessLink {
    /// Takes a link as its provider made it.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The URL, for the person's own answer and for stores only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessLink(..)")
    }
}
