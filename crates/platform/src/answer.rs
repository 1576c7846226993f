//! An answer, read whole and within bounds.

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::PlatformError;

/// The longest answer that is read: 200 documents, the most of one page (`mia-platform.md` §9.2), of 40 kB each.
pub const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A success.
#[derive(Debug)]
pub struct Answer {
    pub(crate) service: &'static str,
    pub(crate) doing: &'static str,
    pub(crate) body: Bytes,
}

impl Answer {
    /// Reads its JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, PlatformError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            // The error's own text may quote what was received.
            self.odd(format!("{:?} error at line {}, column {}", error.classify(), error.line(), error.column()))
        })
    }

    /// An error about this answer. `oddity` must not quote it.
    pub fn odd(&self, oddity: impl Into<String>) -> PlatformError {
        PlatformError::Unexpected { service: self.service, doing: self.doing, oddity: oddity.into() }
    }
}
