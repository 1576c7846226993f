//! Whether a bucket can be used at all, found out before anybody needs it.

use futures_util::TryStreamExt as _;
use object_store::{Error, ObjectStoreExt as _};

use crate::ObjectFiles;

/// Why a bucket cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// It is not there.
    #[error("there is no such bucket")]
    Missing(#[source] Error),
    /// It is not for whoever asks.
    #[error("the bucket is refused to this key")]
    Refused(#[source] Error),
    /// Nobody answered, or with something else: it may be better later.
    #[error("the bucket cannot be reached")]
    Unreachable(#[source] Error),
}

impl ObjectFiles {
    /// Asks for the name of one object below the prefix, which changes nothing. An empty bucket is as good as a full one.
    pub async fn look(&self) -> Result<(), BucketError> {
        let Err(listing) = self.store.list(Some(&self.prefix)).try_next().await else { return Ok(()) };
        // Why is not told of a list, but it is of an object; of one that is not there, too.
        Err(match self.store.head(&self.prefix.clone().join("heartbeat")).await {
            Err(error @ Error::NotFound { .. }) => BucketError::Missing(error),
            Err(error @ (Error::PermissionDenied { .. } | Error::Unauthenticated { .. })) => {
                BucketError::Refused(error)
            }
            Ok(_) | Err(_) => BucketError::Unreachable(listing),
        })
    }
}
