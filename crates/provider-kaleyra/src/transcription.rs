//! What was said in a session, as Kaleyra wrote it down (`kaleyra-video-api.md` §6.6).

use domain::RoomRef;
use kaleyra_video::{DownloadUrl, Error, Oddity, SessionId, Version};
use ports::provider::{ProviderError, SessionRef, TranscriptionError, TranscriptionFormat};

use crate::{KaleyraProvider, failure, transcript};

/// How many transcriptions are fetched at once: each is held in memory, 50 MB of it unless configured otherwise.
pub(crate) const AT_ONCE_MAX: usize = 2;

impl KaleyraProvider {
    pub(crate) async fn transcription_of(
        &self,
        room: &RoomRef,
        session: &SessionRef,
        format: TranscriptionFormat,
        bytes_max: usize,
    ) -> Result<Option<String>, TranscriptionError> {
        if self.client.version() == Version::V1 {
            return Ok(None);
        }
        let session = SessionId::from(session.as_str());
        if !self.took_place_in(&session, room).await? {
            return Ok(None);
        }
        let Some(link) = self.transcription_link(&session).await? else { return Ok(None) };
        // It is closed by nobody.
        let _place = self.downloads.acquire().await.map_err(|_| unexpected("downloads have ended"))?;
        let file = match self.gate.pass_raw(self.client.download(&link, bytes_max)).await? {
            Ok(file) => file,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(Error::Unexpected { source: Oddity::TooLong(_), .. }) => return Err(TranscriptionError::TooLong),
            Err(error) => return Err(failure::sorted(error).into()),
        };
        let file = String::from_utf8(file.into()).map_err(|_| unexpected("a transcription that is no text"))?;
        Ok(transcript::written(&file, format))
    }

    /// Whether the session was one in this room: whoever may read about one room may not read about others.
    async fn took_place_in(&self, session: &SessionId, room: &RoomRef) -> Result<bool, ProviderError> {
        match self.gate.pass_raw(self.client.session(session)).await? {
            Ok(session) => Ok(session.room_id.is_some_and(|id| id.as_str() == room.as_str())),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(failure::sorted(error)),
        }
    }

    /// `None` if the session was not transcribed, or not yet. How Kaleyra says so is not documented; the session is there, so every
    /// refusal means that.
    async fn transcription_link(&self, session: &SessionId) -> Result<Option<DownloadUrl>, ProviderError> {
        match self.gate.pass_raw(self.client.transcription_link(session)).await? {
            Ok(link) => Ok(Some(link)),
            Err(Error::NotFound { .. } | Error::Refused { .. }) => Ok(None),
            Err(error) => Err(failure::sorted(error)),
        }
    }
}

fn unexpected(message: &str) -> ProviderError {
    ProviderError::Unexpected { message: message.to_owned() }
}
