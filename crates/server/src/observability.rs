//! What the program tells of itself in figures, for Prometheus to collect at `/-/metrics`. Log lines and traces are
//! [`crate::telemetry`].
//!
//! No label has a value that a caller chooses or that names a person: labels are operations, outcomes, routes and statuses, of which
//! there are few.

pub mod calls;
mod cleanups;
pub mod exposition;
pub mod histogram;
mod parts;
mod provider;
mod state;
mod store;

use std::sync::Arc;

use ports::{provider::VideoProvider, teleconsultations::TeleconsultationStore};

use calls::Calls;
pub use exposition::Source;
use provider::ObservedProvider;
use store::ObservedStore;

pub use cleanups::CleanupFigures;
pub use parts::{channel, connections, files, media, sessions};
pub use state::write as write_state;

/// What one program counts of its calls to its store and its video provider, and of the rooms that it deletes. Clones share it.
#[derive(Clone)]
pub struct Observed {
    store_calls: Calls,
    provider_calls: Calls,
    /// The rooms that were to be deleted.
    pub cleanups: CleanupFigures,
}

impl Default for Observed {
    fn default() -> Self {
        Self {
            store_calls: Calls::new(&store::PART),
            provider_calls: Calls::new(&provider::PART),
            cleanups: CleanupFigures::default(),
        }
    }
}

/// The names of the methods in a block of Rust, such as a trait, that begins so.
#[cfg(test)]
fn methods<'a>(source: &'a str, block: &str) -> std::collections::BTreeSet<&'a str> {
    let (_, block) = source.split_once(block).expect("the block is there");
    let (block, _) = block.split_once("\n}").expect("the block ends");
    let declared = block.lines().filter_map(|line| {
        let line = line.strip_prefix("    ")?;
        line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "))?.split(['(', '<']).next()
    });
    declared.collect()
}

impl Observed {
    /// The store, with its calls counted and traced.
    pub fn store(&self, store: Arc<dyn TeleconsultationStore>) -> Arc<dyn TeleconsultationStore> {
        Arc::new(ObservedStore::new(store, self.store_calls.clone()))
    }

    /// The provider, with its calls counted and traced.
    pub fn provider(&self, provider: Arc<dyn VideoProvider>) -> Arc<dyn VideoProvider> {
        Arc::new(ObservedProvider::new(provider, self.provider_calls.clone()))
    }

    /// All that is counted here.
    pub fn source(&self) -> Source {
        let Self { store_calls, provider_calls, cleanups } = self.clone();
        Box::new(move |text| {
            provider_calls.write(text);
            store_calls.write(text);
            cleanups.write(text);
        })
    }
}
