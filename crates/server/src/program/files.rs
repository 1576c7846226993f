//! The files that people send in calls that this program carries.

use std::{sync::Arc, time::Duration};

use platform::Authorities;
use ports::{Chance, Clock, rooms::CompanyId};
use store_files::{BucketError, ObjectFiles, OpenError, Place};
use tokio_util::sync::CancellationToken;
use video::{
    LinkSecret,
    files::{FileStores, Files, SWEEP_EVERY},
};

use super::{provider::COMPANY, stores::RoomStores};
use crate::config::FilesSettings;

/// How long a bucket may take to answer when the program starts.
const LOOK_TIMEOUT: Duration = Duration::from_secs(10);

/// Why there is no place for files.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The settings are wrong, or the folder cannot be made.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is no such bucket, or not for this key.
    #[error("{bucket}; check FILES_URL, and the variables that begin with AWS_")]
    Bucket {
        /// Which, as the settings name it.
        bucket: String,
        /// Why.
        #[source]
        source: BucketError,
    },
}

/// Opens the place for files. A bucket that is not there, or not for this key, is an error; one that cannot be reached now is not: calls
/// go on without files until it can.
pub async fn open(
    settings: &FilesSettings,
    stores: &RoomStores,
    authorities: &Authorities,
    link_secret: [u8; 32],
    outside: &(Arc<dyn Clock>, Arc<dyn Chance>),
) -> Result<Files, PlaceError> {
    let bytes = ObjectFiles::open(&settings.place, authorities.pem())?;
    if let Place::S3 { bucket, .. } = &settings.place {
        look(&bytes, bucket).await?;
    }
    let stores = FileStores { content: Arc::clone(&stores.content), bytes: Arc::new(bytes) };
    let company = CompanyId(COMPANY.to_owned());
    Ok(Files::new(company, stores, outside.clone(), &LinkSecret::new(link_secret), settings.size_max))
}

async fn look(files: &ObjectFiles, bucket: &str) -> Result<(), PlaceError> {
    match tokio::time::timeout(LOOK_TIMEOUT, files.look()).await {
        Ok(Ok(())) => {}
        Ok(Err(error @ BucketError::Unreachable(_))) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "files cannot be kept for now");
        }
        Ok(Err(source)) => return Err(PlaceError::Bucket { bucket: bucket.to_owned(), source }),
        Err(_) => tracing::warn!("files cannot be kept for now: the bucket does not answer"),
    }
    Ok(())
}

/// Removes files that are deleted or were not finished, as long as the program runs.
pub async fn sweep(files: Arc<Files>, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = files.deleted() => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = files.sweep().await {
            tracing::error!(error = &error as &dyn std::error::Error, "files to be removed cannot be looked up");
        }
    }
}
