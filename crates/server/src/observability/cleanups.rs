//! What became of the rooms that were to be deleted.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use app::CleanupProgress;

use super::exposition::{Exposition, Kind};

/// Counts what the worker that deletes rooms has done. Clones share the counts.
#[derive(Debug, Clone, Default)]
pub struct CleanupFigures {
    finished: Arc<AtomicU64>,
    postponed: Arc<AtomicU64>,
}

impl CleanupFigures {
    /// Counts what one step did.
    pub fn add(&self, progress: CleanupProgress) {
        self.finished.fetch_add(progress.finished.into(), Ordering::Relaxed);
        self.postponed.fetch_add(progress.postponed.into(), Ordering::Relaxed);
    }

    /// Writes the families.
    pub(super) fn write(&self, text: &mut Exposition) {
        text.single(
            "teleconsultation_cleanups_finished_total",
            Kind::Counter,
            "Rooms without a teleconsultation that the worker found deleted or in use, and has no more to do with.",
            self.finished.load(Ordering::Relaxed),
        );
        text.single(
            "teleconsultation_cleanups_postponed_total",
            Kind::Counter,
            "Times that the worker left a room for later: it could not be deleted, or may yet come to be.",
            self.postponed.load(Ordering::Relaxed),
        );
    }
}
