//! How many sessions there are, for whoever watches over the service.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// What the [`crate::SessionWorker`] counts. Clones show the same.
#[derive(Debug, Clone, Default)]
pub struct SessionFigures {
    running: Arc<AtomicU64>,
}

impl SessionFigures {
    /// Sessions in which two or more are connected at this moment.
    pub fn running(&self) -> u64 {
        self.running.load(Ordering::Relaxed)
    }

    pub(crate) fn set_running(&self, sessions: usize) {
        self.running.store(sessions as u64, Ordering::Relaxed);
    }
}
