//! One at a time for each file, and the latest comes first: somebody whose network was cut comes back before anybody has noticed that
//! their connection is dead, and must not wait for it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ports::content::FileId;
use tokio::{
    sync::{Mutex as AsyncMutex, OwnedMutexGuard, watch},
    time::timeout,
};

/// How long to wait for whoever has the turn to stop: they are writing a part at most.
const PATIENCE: Duration = Duration::from_secs(10);

/// The files that somebody works on.
#[derive(Clone, Default)]
pub struct Turns(Arc<Mutex<BTreeMap<FileId, Place>>>);

#[derive(Default)]
struct Place {
    lock: Arc<AsyncMutex<()>>,
    /// The number of whoever came last.
    latest: watch::Sender<u64>,
    /// How many have the turn or wait for it.
    takers: u32,
}

/// The turn for one file, until it is dropped.
pub struct Turn {
    number: u64,
    latest: watch::Receiver<u64>,
    _lock: OwnedMutexGuard<()>,
    _taker: Taker,
}

/// Counted as long as it is there.
struct Taker {
    turns: Turns,
    id: FileId,
}

impl Drop for Taker {
    fn drop(&mut self) {
        let mut places = self.turns.places();
        if let Some(place) = places.get_mut(&self.id) {
            place.takers -= 1;
            if place.takers == 0 {
                places.remove(&self.id);
            }
        }
    }
}

impl Turns {
    /// Takes the turn from whoever has it. `None`: they did not stop in time.
    pub async fn take(&self, id: &FileId) -> Option<Turn> {
        let (lock, latest, number) = {
            let mut places = self.places();
            let place = places.entry(id.clone()).or_default();
            place.takers += 1;
            place.latest.send_modify(|latest| *latest += 1);
            (Arc::clone(&place.lock), place.latest.subscribe(), *place.latest.borrow())
        };
        let taker = Taker { turns: self.clone(), id: id.clone() };
        let lock = timeout(PATIENCE, lock.lock_owned()).await.ok()?;
        Some(Turn { number, latest, _lock: lock, _taker: taker })
    }

    fn places(&self) -> MutexGuard<'_, BTreeMap<FileId, Place>> {
        // Nothing that can panic half-way runs under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Waits until somebody else wants the turn.
    pub async fn wanted(&mut self) {
        let number = self.number;
        // The sender is there as long as the taker is.
        drop(self.latest.wait_for(|latest| *latest != number).await);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn id(name: &str) -> FileId {
        FileId(name.to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_comes_later_is_waited_for_by_the_earlier_and_waits_for_it() {
        let turns = Turns::default();
        let mut first = turns.take(&id("a")).await.unwrap();
        assert!(first.wanted().now_or_never().is_none());
        let other = turns.take(&id("b")).await.unwrap();
        assert!(first.wanted().now_or_never().is_none(), "another file is another turn");
        let second = turns.clone();
        let second = tokio::spawn(async move { second.take(&id("a")).await.is_some() });
        first.wanted().await;
        drop(first);
        assert!(second.await.unwrap());
        drop(other);
        assert!(turns.places().is_empty(), "nothing is left");
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_stop_is_not_waited_for_long() {
        let turns = Turns::default();
        let first = turns.take(&id("a")).await.unwrap();
        assert!(turns.take(&id("a")).await.is_none());
        drop(first);
        assert!(turns.places().is_empty());
        assert!(turns.take(&id("a")).await.is_some());
    }
}
