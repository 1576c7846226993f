//! What remains of a session: recording, transcription and summary (contract §6.6, §7.3).

use serde_json::Value;

use crate::{
    Client, DownloadUrl, Error, Malformed, SessionId, Version,
    answer::{FromAnswer, Object},
    operation as op,
};

/// How long a recording's link is valid, in seconds: 30 to 3600 (contract §6.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkValidity {
    seconds: u32,
}

impl LinkValidity {
    /// The shortest, and the service's default.
    pub const SHORTEST: LinkValidity = LinkValidity { seconds: 30 };

    /// The longest.
    pub const LONGEST: LinkValidity = LinkValidity { seconds: 3600 };

    /// This many seconds, brought within the bounds.
    pub fn from_s(seconds: u32) -> LinkValidity {
        LinkValidity { seconds: seconds.clamp(LinkValidity::SHORTEST.seconds, LinkValidity::LONGEST.seconds) }
    }

    /// Writes `expire_time`: milliseconds in v1, seconds in v2 (contract Q9).
    pub(crate) fn expire_time(self, version: Version) -> String {
        match version {
            Version::V1 => (u64::from(self.seconds) * 1000).to_string(),
            Version::V2 => self.seconds.to_string(),
        }
    }
}

/// A link under which a file can be fetched for a while.
pub(crate) struct Link(pub(crate) DownloadUrl);

impl FromAnswer for Link {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        Object::of(answer, "answer")?.id(&["url"]).map(Link)
    }
}

impl Client {
    /// Returns a link to a session's recording, which may appear up to 24 h after the session (contract §6.6, §7.3).
    pub async fn recording_link(&self, session: &SessionId, validity: LinkValidity) -> Result<DownloadUrl, Error> {
        let call = self.call(op::GET_RECORDING, &[session.as_str()])?;
        let Link(url) = call.query("expire_time", &validity.expire_time(self.version())).answer().await?;
        Ok(url)
    }

    /// Deletes a session's recording (contract §6.6). v2 only.
    pub async fn delete_recording(&self, session: &SessionId) -> Result<(), Error> {
        self.call(op::DELETE_RECORDING, &[session.as_str()])?.done().await
    }

    /// Returns a link to a session's transcription (contract §6.6, Q23). v2 only.
    pub async fn transcription_link(&self, session: &SessionId) -> Result<DownloadUrl, Error> {
        let Link(url) = self.call(op::GET_TRANSCRIPTION, &[session.as_str()])?.answer().await?;
        Ok(url)
    }

    /// Deletes a session's transcription (contract §6.6). v2 only.
    pub async fn delete_transcription(&self, session: &SessionId) -> Result<(), Error> {
        self.call(op::DELETE_TRANSCRIPTION, &[session.as_str()])?.done().await
    }

    /// Returns a link to a session's summary (contract §6.6, Q23). v2 only.
    pub async fn summarization_link(&self, session: &SessionId) -> Result<DownloadUrl, Error> {
        let Link(url) = self.call(op::GET_SUMMARIZATION, &[session.as_str()])?.answer().await?;
        Ok(url)
    }

    /// Deletes a session's summary (contract §6.6). v2 only.
    pub async fn delete_summarization(&self, session: &SessionId) -> Result<(), Error> {
        self.call(op::DELETE_SUMMARIZATION, &[session.as_str()])?.done().await
    }
}
