//! What was said in a teleconsultation, as text (contract §6.10).

use domain::{RoomRef, Teleconsultation, TeleconsultationId};
use ports::{
    provider::{ProviderError, Recording, SessionRef, TranscriptionError, TranscriptionFormat},
    teleconsultations::StoreError,
};

use crate::{Claim, Ctx};

/// Why no transcription was shown.
#[derive(Debug, thiserror::Error)]
pub enum ReadTranscriptionError {
    /// Calls are not recorded, so nothing is transcribed.
    #[error("calls are not recorded")]
    Off,
    /// There is no such teleconsultation.
    #[error("there is no such teleconsultation")]
    UnknownRoom,
    /// The caller is named and none of its people.
    #[error("the caller is not a participant")]
    NotParticipant,
    /// There was no such session, or its transcription is not ready, or not to be had in this format.
    #[error("there is no such transcription")]
    NotThere,
    /// It has more bytes than the operator allows.
    #[error("the transcription is too long")]
    TooLong,
    /// The store did not answer.
    #[error("reading the teleconsultation failed")]
    Store(#[from] StoreError),
    /// The provider did not answer.
    #[error("reading the transcription failed")]
    Provider(#[from] ProviderError),
}

/// Shows the transcription of a session. `room` is the teleconsultation's id, or the provider's name for its room.
pub async fn transcription(
    ctx: &Ctx,
    caller: &Claim,
    room: &str,
    session: &SessionRef,
    format: TranscriptionFormat,
) -> Result<String, ReadTranscriptionError> {
    if ctx.policy.recording == Recording::None {
        return Err(ReadTranscriptionError::Off);
    }
    let teleconsultation = teleconsultation(ctx, room).await?.ok_or(ReadTranscriptionError::UnknownRoom)?;
    if !caller.may_act_on(&teleconsultation) {
        return Err(ReadTranscriptionError::NotParticipant);
    }
    let open = teleconsultation.room().ok_or(ReadTranscriptionError::NotThere)?;
    match ctx.provider.transcription(&open.room, session, format, ctx.policy.transcription_bytes_max).await {
        Ok(text) => text.ok_or(ReadTranscriptionError::NotThere),
        Err(TranscriptionError::TooLong) => Err(ReadTranscriptionError::TooLong),
        Err(TranscriptionError::Provider(error)) => Err(error.into()),
    }
}

async fn teleconsultation(ctx: &Ctx, room: &str) -> Result<Option<Teleconsultation>, StoreError> {
    if let Ok(id) = TeleconsultationId::parse(room)
        && let Some((found, _)) = ctx.store.teleconsultation(&id).await?
    {
        return Ok(Some(found));
    }
    ctx.store.teleconsultation_of_room(&RoomRef::new(room)).await
}
