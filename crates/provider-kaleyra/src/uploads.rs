//! Deleting the files of a room at Kaleyra: listed by room, deleted one by one (`kaleyra-video-api.md` §6.7, §7.9).

use std::time::Duration;

use domain::RoomRef;
use futures_util::{StreamExt as _, stream};
use kaleyra_video::{Error, PageRequest, Upload, UploadFilter, UploadKey, Version};
use ports::provider::{ProviderError, UploadsDeleted};
use tokio::time::{Instant, timeout_at};

use crate::{KaleyraProvider, failure};

/// How many pages of a hundred files are listed. A room with more is asked about again.
const PAGES_MAX: usize = 10;

/// How many files are deleted at the same time: quick enough, and no flood.
const AT_ONCE_MAX: usize = 4;

/// For how long files are deleted, so that there is an answer while somebody waits for it.
const PATIENCE: Duration = Duration::from_secs(12);

impl KaleyraProvider {
    /// Deletes what it can in [`PATIENCE`].
    pub(crate) async fn delete_files_of(&self, room: &RoomRef) -> Result<UploadsDeleted, ProviderError> {
        let end = Instant::now() + PATIENCE;
        let files = self.files_of(room).await?;
        let total = u64::try_from(files.len()).unwrap_or(u64::MAX);
        let mut deleted = 0;
        let mut failure = None;
        let deletions: Vec<_> = files.iter().map(|key| self.delete_file(key)).collect();
        let mut deletions = stream::iter(deletions).buffer_unordered(AT_ONCE_MAX);
        while let Ok(Some(outcome)) = timeout_at(end, deletions.next()).await {
            match outcome {
                Ok(()) => deleted += 1,
                Err(error) => failure = Some(error),
            }
        }
        if let Some(error) = failure {
            tracing::warn!(
                total,
                deleted,
                error = &error as &dyn std::error::Error,
                "not all files of a room could be deleted; the caller is told how many and can ask again"
            );
        }
        Ok(UploadsDeleted { total, deleted })
    }

    async fn files_of(&self, room: &RoomRef) -> Result<Vec<UploadKey>, ProviderError> {
        let filter = UploadFilter { room_id: Some(room.as_str().into()), ..UploadFilter::default() };
        let mut files = Vec::new();
        let mut request = PageRequest::FIRST;
        for _ in 0..PAGES_MAX {
            let page = match self.gate.pass_raw(self.client.uploads(&filter, request)).await? {
                Ok(page) => page,
                // A room that is gone has no files.
                Err(Error::NotFound { .. }) => break,
                Err(error) => return Err(failure::sorted(error)),
            };
            let next = page.next(request);
            files.extend(page.items.into_iter().filter(|upload| self.is_of(room, upload)).map(|upload| upload.key));
            match next {
                Some(next) => request = next,
                None => break,
            }
        }
        Ok(files)
    }

    /// Whether the file may go with the room's. v2 is not known for sure to heed the filter, so there the file itself must say so.
    fn is_of(&self, room: &RoomRef, upload: &Upload) -> bool {
        match &upload.room_id {
            Some(id) => id.as_str() == room.as_str(),
            None => self.client.version() == Version::V1,
        }
    }

    /// One that is gone already is deleted.
    async fn delete_file(&self, key: &UploadKey) -> Result<(), ProviderError> {
        match self.gate.pass_raw(self.client.delete_upload(key)).await? {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failure::sorted(error)),
        }
    }
}
