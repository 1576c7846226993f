//! The connections to all services.

use std::time::Duration;

use crate::{
    Authorities, Cause,
    connection::{Connections, connections},
};

/// How long connecting may take (`mia-platform.md` §4).
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long one attempt may take, from connecting to the last byte. Services of one cluster answer in milliseconds, and somebody waits.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an idle connection is kept: shorter than the 5 s after which Node's servers close theirs, so that a request does not meet a
/// connection that is just being closed.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// Why there can be no connections.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The file of certificates cannot be read.
    #[error("the certificates in {path} cannot be read")]
    Certificates {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: Cause,
    },
    /// TLS could not be set up.
    #[error("the HTTP client could not be made")]
    Http(#[source] Cause),
}

/// Says which trace a call belongs to, as the value of `traceparent` (W3C Trace Context §3.2); `None`: to none.
pub type Traceparent = fn() -> Option<String>;

/// The connections to all services. Clones share them.
#[derive(Debug, Clone)]
pub struct Outbound {
    pub(crate) connections: Connections,
    pub(crate) attempt_timeout: Duration,
    pub(crate) traceparent: Traceparent,
}

impl Outbound {
    /// Makes a client that trusts the certificate authorities of the system and these. It follows no redirection and uses no proxy from the
    /// environment.
    pub fn new(authorities: &Authorities) -> Result<Self, OutboundError> {
        Self::with_attempt_timeout(authorities, ATTEMPT_TIMEOUT)
    }

    /// As [`Self::new`], where one attempt may take so long instead of [`ATTEMPT_TIMEOUT`].
    pub fn with_attempt_timeout(authorities: &Authorities, attempt_timeout: Duration) -> Result<Self, OutboundError> {
        let connections = connections(authorities).map_err(|error| OutboundError::Http(Box::new(error)))?;
        Ok(Self { connections, attempt_timeout, traceparent: || None })
    }

    /// The same connections, with calls that say which trace they belong to.
    #[must_use]
    pub fn in_trace(self, traceparent: Traceparent) -> Self {
        Self { traceparent, ..self }
    }
}
