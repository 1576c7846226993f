//! Access tokens for people's applications.

use std::fmt;

use jiff::Timestamp;

/// Lets an application talk to the provider in one user's name for a while. Secret: no `Debug` that shows the token.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    token: String,
    /// Until when.
    pub expires: Timestamp,
}

impl Credentials {
    /// A token, valid until `expires`.
    pub fn new(token: impl Into<String>, expires: Timestamp) -> Self {
        Self { token: token.into(), expires }
    }

    /// The token, for the user's application only.
    pub fn expose_token(&self) -> &str {
        &self.token
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("expires", &self.expires).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_never_shows_itself_in_debug_output() {
        let credentials = Credentials::new("secret", Timestamp::UNIX_EPOCH);
        assert_eq!(format!("{credentials:?}"), "Credentials { expires: 1970-01-01T00:00:00Z, .. }");
    }
}
