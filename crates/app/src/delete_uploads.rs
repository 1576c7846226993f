//! Deleting the files that were shared in a teleconsultation (contract §6.6).

use domain::TeleconsultationId;
use ports::{
    provider::{ProviderError, UploadsDeleted},
    teleconsultations::StoreError,
};

use crate::{Claim, Ctx};

/// Why no file was deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteUploadsError {
    /// There is no such teleconsultation.
    #[error("there is no such teleconsultation")]
    NotFound,
    /// The caller is named and none of its people.
    #[error("the caller is not a participant")]
    NotParticipant,
    /// The store did not answer.
    #[error("reading the teleconsultation failed")]
    Store(#[from] StoreError),
    /// The provider did not answer.
    #[error("deleting files failed")]
    Provider(#[from] ProviderError),
}

/// Deletes the files that were shared, and says how many there were and how many are gone. `None` where the operator does not have
/// files deleted: then nothing is looked at.
pub async fn delete_uploads(
    ctx: &Ctx,
    caller: &Claim,
    id: &TeleconsultationId,
) -> Result<Option<UploadsDeleted>, DeleteUploadsError> {
    if !ctx.policy.delete_uploads {
        return Ok(None);
    }
    let (teleconsultation, _) = ctx.store.teleconsultation(id).await?.ok_or(DeleteUploadsError::NotFound)?;
    if !caller.may_act_on(&teleconsultation) {
        return Err(DeleteUploadsError::NotParticipant);
    }
    match teleconsultation.room() {
        Some(room) => Ok(Some(ctx.provider.delete_uploads(&room.room).await?)),
        None => Ok(Some(UploadsDeleted::default())),
    }
}
