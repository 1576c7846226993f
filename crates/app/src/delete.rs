//! Deleting a teleconsultation (contract §6.5).

use domain::{Stage, TeleconsultationId};
use ports::teleconsultations::{CleanupChange, StoreError};

use crate::{
    Ctx, DECISIONS_MAX,
    cleanup::{finish_at_once, of_replaced},
};

/// Why a teleconsultation was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// There never was one.
    #[error("there is no such teleconsultation")]
    NotFound,
    /// Others changed it each time between our reading and our writing.
    #[error("the teleconsultation was changed by others at the same time, {DECISIONS_MAX} times in a row")]
    Contended,
    /// The store did not keep the deletion.
    #[error("deleting the teleconsultation failed")]
    Store(#[from] StoreError),
}

/// Moves a teleconsultation to the trash and deletes its room, at any time of its life. Deleting a deleted one is no error.
pub async fn delete(ctx: &Ctx, id: &TeleconsultationId) -> Result<(), DeleteError> {
    for _ in 0..DECISIONS_MAX {
        let (current, version) = match ctx.store.teleconsultation(id).await? {
            Some(found) => found,
            None => match ctx.store.teleconsultation_or_trashed(id).await? {
                None => return Err(DeleteError::NotFound),
                Some((trashed, _)) if trashed.stage == Stage::Trashed => return Ok(()),
                // Hidden for now, which is not deleted.
                Some(hidden) => hidden,
            },
        };
        let cleanup = current.room().map(|room| of_replaced(ctx, id, room));
        let changes: Vec<_> = cleanup.iter().cloned().map(CleanupChange::Record).collect();
        // Links to a deleted room are of no use, so they are not kept.
        match ctx.store.replace(&current.without_room().trashed(), version, &changes).await {
            Ok(_) => {
                if let Some(cleanup) = &cleanup {
                    finish_at_once(ctx, cleanup).await;
                }
                return Ok(());
            }
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(DeleteError::Contended)
}
