//! Removing what is deleted, and what was not finished in time.

use std::time::Duration;

use jiff::Timestamp;
use ports::{content::FileId, teleconsultations::StoreError};

use super::{FileError, Files, UNFINISHED_FOR};

/// How often files to remove are looked for, if nobody says that there are some.
pub const SWEEP_EVERY: Duration = Duration::from_secs(10);

/// Files looked up at once.
const PAGE: u32 = 100;

/// After how many failures in a sweep the rest is left for later: the place for files is probably away.
const FAILURES_MAX: u32 = 5;

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Files that are gone for good.
    pub removed: u32,
    /// Files that could not be removed and wait for the next sweep.
    pub failed: u32,
}

impl Files {
    /// Waits until a file was deleted, since it was last waited for.
    pub async fn deleted(&self) {
        self.deleted.notified().await;
    }

    /// Removes all files that are to go. One that fails stays on the list, and does not keep others from going.
    pub async fn sweep(&self) -> Result<Swept, StoreError> {
        let begun_before = self.now().saturating_sub(UNFINISHED_FOR).unwrap_or(Timestamp::MIN);
        let (mut swept, mut after) = (Swept::default(), None);
        loop {
            let page = self.stores.content.files_to_remove(begun_before, after.as_ref(), PAGE).await?;
            for id in &page {
                match self.remove(id).await {
                    Ok(true) => swept.removed += 1,
                    Ok(false) => {}
                    Err(error) => {
                        swept.failed += 1;
                        tracing::warn!(
                            file.id = id.0,
                            error = &error as &dyn std::error::Error,
                            "a deleted file waits to be removed"
                        );
                    }
                }
                if swept.failed >= FAILURES_MAX {
                    return Ok(swept);
                }
            }
            let Some(last) = page.into_iter().next_back() else { return Ok(swept) };
            after = Some(last);
        }
    }

    /// Removes one, unless it is whole: marked, then its bytes, then what is known of it, so that it is on the list until all of it is gone.
    async fn remove(&self, id: &FileId) -> Result<bool, FileError> {
        // Nobody adds a part meanwhile, which would be left behind.
        let _turn = self.turns.take(id).await.ok_or(FileError::Busy)?;
        // Its last part may have come since the list was read.
        if self.stores.content.file(id).await?.is_some_and(|file| file.completed.is_some()) {
            return Ok(false);
        }
        self.stores.content.delete_file(id).await?;
        self.stores.bytes.remove(id).await?;
        self.stores.content.forget_file(id).await?;
        Ok(true)
    }
}
