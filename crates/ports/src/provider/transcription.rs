//! What was said in a session, as text.

use super::ProviderError;

/// A session as its provider names it. Opaque.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionRef(String);

impl SessionRef {
    /// Takes the provider's or a caller's word for it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The reference as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How a transcription is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TranscriptionFormat {
    /// The words alone.
    Text,
    /// `SubRip`: numbered pieces, each with its time.
    Srt,
}

/// Why a transcription is not there although one was made.
#[derive(Debug, thiserror::Error)]
pub enum TranscriptionError {
    /// It has more bytes than may be read.
    #[error("the transcription is too long")]
    TooLong,
    /// The provider did not tell.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}
