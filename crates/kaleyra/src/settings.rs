//! How the client behaves: limits, timeouts, retries and trust.

use std::time::Duration;

/// How the client behaves. [`Settings::default`] suits a server that calls the hosted service.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long connecting may take, name resolution and TLS included. Default 5 s: a healthy host answers in well under one.
    pub connect_timeout: Duration,
    /// How long the service may be silent in the middle of an answer. Default 10 s.
    pub read_timeout: Duration,
    /// How long one attempt may take, from connecting to the last byte. Default 20 s: uploads are at most 16 MB (contract §12.3).
    pub total_timeout: Duration,
    /// How many bytes of an answer are read. Default 4 MiB: the only list that is not paginated, v1's user ids, holds 100 000 of
    /// them in that.
    pub answer_bytes_max: usize,
    /// How many idle connections are kept. Default 8; more are opened under load and closed after it.
    pub idle_connections_max: usize,
    /// How long an idle connection is kept. Default 30 s: less than the 60 s that load balancers commonly allow, so that a request
    /// does not meet a connection which is just being closed.
    pub idle_timeout: Duration,
    /// When and how often to try again.
    pub retry: Retry,
    /// Whose certificates are trusted.
    pub trust: Trust,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            connect_timeout: Duration::from_secs(5),
            read_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(20),
            answer_bytes_max: 4 * 1024 * 1024,
            idle_connections_max: 8,
            idle_timeout: Duration::from_secs(30),
            retry: Retry::default(),
            trust: Trust::System,
        }
    }
}

/// When and how often to try again (contract §14.5).
///
/// A call is repeated after a failure only if that cannot do it twice: `GET`, `PUT` and `DELETE`, and any call that never reached the
/// service. A call that was refused for coming too fast (429) did nothing, so it is repeated whatever it is.
#[derive(Debug, Clone)]
pub struct Retry {
    /// How often a call is tried at most, the first time included. Default 3; 1 means never again, and 0 counts as 1.
    pub attempts_max: u32,
    /// The longest wait before the second attempt; it doubles from there. Default 250 ms. Each wait is cut by up to half, by chance.
    pub wait_first: Duration,
    /// The longest wait between two attempts after a failure. Default 4 s.
    pub wait_max: Duration,
    /// How long to wait after a 429 that does not say. Default 60 s, as the vendor's own applications do (contract §3.5).
    pub rate_limit_wait: Duration,
    /// The longest wait after a 429, or after a 503 that says how long. Default 60 s. If more is asked, the call ends with
    /// [`Error::RateLimited`](crate::Error::RateLimited) at once. A caller with a person waiting sets this low.
    pub rate_limit_wait_max: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Retry {
            attempts_max: 3,
            wait_first: Duration::from_millis(250),
            wait_max: Duration::from_secs(4),
            rate_limit_wait: Duration::from_mins(1),
            rate_limit_wait_max: Duration::from_mins(1),
        }
    }
}

/// Whose certificates are trusted.
#[derive(Debug, Clone)]
pub enum Trust {
    /// The certificate authorities that the system trusts. A container image may have none: then no client can be made for `https`.
    System,
    /// The certificate authorities that Mozilla trusts, as they were when this library was built.
    Bundled,
    /// Those, and the certificates in this PEM text, which may be empty: for a network whose own authority vouches for what leaves it.
    BundledAndPem(Vec<u8>),
    /// Only the certificates in this PEM text: for a service of one's own with a private authority.
    OnlyPem(Vec<u8>),
}
