//! What can go wrong, by what the caller can do about it.

use std::time::Duration;

/// What lies behind a failure. It names no address.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a call did not give its answer. Its texts name the service and the operation, and never a value that was sent or received.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// The service will not do it, now or later.
    #[error("{service} refused to {doing} (status {status})")]
    Refused {
        /// Which service.
        service: &'static str,
        /// What was being done.
        doing: &'static str,
        /// The HTTP status, 4xx.
        status: u16,
        /// The service's own words (`mia-platform.md` §3.5), for the caller's answer only: they may repeat what was sent.
        message: Option<Words>,
    },
    /// Not reachable, or failing.
    #[error("{service} is unavailable; to {doing} {}", effect(*may_be_done))]
    Unavailable {
        /// Which service.
        service: &'static str,
        /// What was being done.
        doing: &'static str,
        /// Whether it may have been done nevertheless.
        may_be_done: bool,
        /// What went wrong.
        #[source]
        source: Failure,
    },
    /// An answer that makes no sense: someone must look.
    #[error("{service} answered oddly when asked to {doing}: {oddity}")]
    Unexpected {
        /// Which service.
        service: &'static str,
        /// What was being done.
        doing: &'static str,
        /// What is odd, without what was received.
        oddity: String,
    },
}

/// A service's words about a refusal. Their `Debug` hides them.
#[derive(Clone, PartialEq, Eq)]
pub struct Words(String);

impl Words {
    /// Takes a service's words.
    pub(crate) fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }

    /// The words, for the caller's answer only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Words(..)")
    }
}

fn effect(may_be_done: bool) -> &'static str {
    if may_be_done { "may have taken effect" } else { "had no effect" }
}

/// What kept a call from being answered.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No connection: wrong name, nothing listening, or no trust in the certificate.
    #[error("could not connect")]
    Connect(#[source] Cause),
    /// Longer than this.
    #[error("took longer than {} s", .0.as_secs())]
    Timeout(Duration),
    /// The connection broke.
    #[error("the connection broke")]
    Broken(#[source] Cause),
    /// An answer that says that the service fails.
    #[error("answered with status {0}")]
    Status(u16),
}

impl PlatformError {
    /// Whether something may have changed although the call failed.
    pub fn may_have_taken_effect(&self) -> bool {
        match self {
            Self::Unavailable { may_be_done, .. } => *may_be_done,
            // An answer that cannot be read follows what was done.
            Self::Unexpected { .. } => true,
            Self::Refused { .. } => false,
        }
    }

    /// The status of a refusal.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            Self::Unavailable { .. } | Self::Unexpected { .. } => None,
        }
    }
}
