//! The files that people send in calls that this program carries.

use std::sync::Arc;

use platform::Authorities;
use ports::{Chance, Clock, rooms::CompanyId};
use store_files::{ObjectFiles, OpenError};
use tokio_util::sync::CancellationToken;
use video::{
    LinkSecret,
    files::{FileStores, Files, SWEEP_EVERY},
};

use super::{provider::COMPANY, stores::RoomStores};
use crate::config::FilesSettings;

/// Opens the place for files. One that is elsewhere is called when it is first needed.
pub fn open(
    settings: &FilesSettings,
    stores: &RoomStores,
    authorities: &Authorities,
    link_secret: [u8; 32],
    outside: (Arc<dyn Clock>, Arc<dyn Chance>),
) -> Result<Files, OpenError> {
    let bytes = ObjectFiles::open(&settings.place, authorities.pem())?;
    let stores = FileStores { content: Arc::clone(&stores.content), bytes: Arc::new(bytes) };
    let company = CompanyId(COMPANY.to_owned());
    Ok(Files::new(company, stores, outside, &LinkSecret::new(link_secret), settings.size_max))
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
