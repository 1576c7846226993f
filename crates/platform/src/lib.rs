//! Calls to the services of the platform around us: the CRUD Service and the user directories (`mia-platform.md` §2.2, §4).
//!
//! Every answer has a longest size, every attempt a longest duration, and what only reads is tried again. The caller's headers travel
//! along; nothing of them, of an address with a query, or of an answer gets into an error's text.

mod address;
mod answer;
mod authorities;
mod connection;
mod error;
mod outbound;
mod request;
mod service;

pub use address::{Address, AddressError};
pub use answer::{ANSWER_BYTES_MAX, Answer};
pub use authorities::Authorities;
pub use error::{Cause, Failure, PlatformError, Words};
pub use outbound::{ATTEMPT_TIMEOUT, CONNECT_TIMEOUT, Outbound, OutboundError, Traceparent};
pub use request::Request;
pub use service::{ATTEMPTS_MAX, Service};
