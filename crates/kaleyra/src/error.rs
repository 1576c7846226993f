//! What can go wrong, by what the caller can do about it.

use std::{fmt, time::Duration};

use crate::{Malformed, Version};

/// Why a call did not give its result.
///
/// Its texts name the operation and the provider's code, and never a value that was sent or received.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request cannot be right, and was not sent: mend the call.
    #[error("{operation}: {reason}")]
    Invalid {
        /// What was being done.
        operation: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// This generation of the API has no such operation, and nothing was sent: use the other, or do without.
    #[error("{operation}: not offered by {version} of the API")]
    Unsupported {
        /// What was being done.
        operation: &'static str,
        /// The generation at the base URL.
        version: Version,
    },
    /// The provider does not accept the api key: mend the configuration.
    #[error("{operation}: the provider refused the api key")]
    KeyRefused {
        /// What was being done.
        operation: &'static str,
    },
    /// What the call is about does not exist.
    #[error("{operation}: not found ({refusal})")]
    NotFound {
        /// What was being done.
        operation: &'static str,
        /// The provider's words.
        refusal: Box<Refusal>,
    },
    /// The provider will not do it, now or later: mend the request.
    #[error("{operation}: refused ({refusal})")]
    Refused {
        /// What was being done.
        operation: &'static str,
        /// The provider's words.
        refusal: Box<Refusal>,
    },
    /// Too much at once. Nothing was done: call again after a while.
    #[error("{operation}: too many requests")]
    RateLimited {
        /// What was being done.
        operation: &'static str,
        /// How long to wait, if the provider says so.
        retry_after: Option<Duration>,
    },
    /// Not reachable, or failing.
    #[error("{operation}: the provider is unavailable; the request {effect}")]
    Unavailable {
        /// What was being done.
        operation: &'static str,
        /// Whether the request may have done something nevertheless.
        effect: Effect,
        /// What went wrong.
        #[source]
        source: Failure,
    },
    /// An answer that makes no sense: someone must look.
    #[error("{operation}: unexpected answer; the request {effect}")]
    Unexpected {
        /// What was being done.
        operation: &'static str,
        /// Whether the request may have done something nevertheless.
        effect: Effect,
        /// What is wrong with the answer.
        #[source]
        source: Oddity,
    },
}

impl Error {
    /// Returns whether the call may have changed something at the provider although it failed.
    pub fn may_have_taken_effect(&self) -> bool {
        match self {
            Error::Unavailable { effect, .. } | Error::Unexpected { effect, .. } => *effect == Effect::Possible,
            Error::Invalid { .. }
            | Error::Unsupported { .. }
            | Error::KeyRefused { .. }
            | Error::NotFound { .. }
            | Error::Refused { .. }
            | Error::RateLimited { .. } => false,
        }
    }

    /// Returns the provider's code, if it gave one, such as `user_id_already_exists` (contract §13).
    pub fn code(&self) -> Option<&str> {
        match self {
            Error::NotFound { refusal, .. } | Error::Refused { refusal, .. } => refusal.code.as_deref(),
            Error::Invalid { .. }
            | Error::Unsupported { .. }
            | Error::KeyRefused { .. }
            | Error::RateLimited { .. }
            | Error::Unavailable { .. }
            | Error::Unexpected { .. } => None,
        }
    }
}

/// Whether a request that failed may have done something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It cannot have: it only reads, or it never arrived.
    None,
    /// It may have: look before doing it again.
    Possible,
}

impl fmt::Display for Effect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Effect::None => "had no effect",
            Effect::Possible => "may have taken effect",
        })
    }
}

/// The provider's words about a request that it refused (contract §3.4).
///
/// Its `Debug` and `Display` show the status and the code alone: the rest may repeat personal data that was sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The stable name of the reason, such as `invalid_language`.
    pub code: Option<String>,
    /// The kind of reason, such as `validation_error`.
    pub name: Option<String>,
    /// A sentence for people.
    pub message: Option<String>,
    /// The answer's beginning as it came, up to [`RAW_BYTES_MAX`] bytes: the layout of error bodies is not documented.
    pub raw: String,
}

/// How many bytes of a refusal are kept: the words are short, and an error is not a place for a page of HTML.
pub const RAW_BYTES_MAX: usize = 4096;

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "status {}", self.status)?;
        match self.code.as_deref().filter(|code| is_plain_code(code)) {
            Some(code) => write!(formatter, ", code {code}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Refusal({self})")
    }
}

/// A code has the shape of a name. Anything else could be a sentence about a person.
fn is_plain_code(code: &str) -> bool {
    code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// What lies behind a failure. It names no address.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What kept a request from being answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// No connection: wrong address, nothing listening, or no trust in the certificate.
    #[error("could not connect")]
    Connect(#[source] Cause),
    /// Too slow.
    #[error("took too long")]
    Timeout(#[source] Cause),
    /// The connection broke.
    #[error("the connection broke")]
    Broken(#[source] Cause),
    /// An answer that says that the service fails: 408 or 5xx.
    #[error("the service answered with status {0}")]
    Status(u16),
}

/// What is odd about an answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Oddity {
    /// A status that is neither a success, a refusal nor a failure: a redirection, say. None is followed.
    #[error("status {0}")]
    Status(u16),
    /// More than [`Settings::answer_bytes_max`](crate::Settings::answer_bytes_max).
    #[error("more than {0} bytes")]
    TooLong(usize),
    /// A link to where nothing is fetched from: not over HTTPS, or into a private network.
    #[error("a link to an address that is not asked")]
    Address,
    /// Empty where a value is needed.
    #[error("empty")]
    Empty,
    /// Not JSON.
    #[error("not JSON, at line {line}, column {column}")]
    NotJson {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// JSON of another shape.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}
