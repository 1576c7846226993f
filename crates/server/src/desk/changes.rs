//! What changed, for whoever watches: a short memory that listeners read at their own pace.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::TeleconsultationId;
use ports::Chance;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::sync::CancellationToken;

/// The most changes remembered: some minutes of a large clinic. Who was away for longer reads everything anew.
pub const KEPT_MAX: usize = 1024;

/// The most listeners at once. Each holds a connection; a clinic has a few desks.
pub const LISTENERS_MAX: usize = 64;

/// What happened to a teleconsultation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// It is new.
    Booked,
    /// Its dates or its people are others.
    Changed,
    /// It is in the trash.
    Cancelled,
    /// Somebody of it is somewhere else.
    Presence,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Of which teleconsultation.
    pub id: TeleconsultationId,
    /// What.
    pub what: What,
}

/// Where a listener is: a change of one run of the program. As text it is what a client gives back when it returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    run: Arc<str>,
    number: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.run, self.number)
    }
}

/// What a listener is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// From here on everything is told.
    Ready(Place),
    /// Something may have been missed: read everything anew.
    Reload(Place),
    /// This changed.
    Changed(Place, Change),
}

/// Remembers changes and wakes those who wait for them. Clones are the same one.
#[derive(Clone)]
pub struct Changes(Arc<Shared>);

struct Shared {
    /// Tells one run of the program from another, whose numbers mean other changes.
    run: Arc<str>,
    kept: Mutex<Kept>,
    newest: watch::Sender<u64>,
    places: Arc<Semaphore>,
    stop: CancellationToken,
}

/// Changes have numbers from 1 on.
#[derive(Default)]
struct Kept {
    /// How many came before those that are remembered.
    forgotten: u64,
    changes: VecDeque<Change>,
}

impl Kept {
    fn newest(&self) -> u64 {
        self.forgotten + self.changes.len() as u64
    }
}

impl Changes {
    /// None yet.
    pub fn new(chance: &dyn Chance) -> Self {
        Self(Arc::new(Shared {
            run: hex::encode(chance.bytes::<8>()).into(),
            kept: Mutex::default(),
            newest: watch::Sender::new(0),
            places: Arc::new(Semaphore::new(LISTENERS_MAX)),
            stop: CancellationToken::new(),
        }))
    }

    /// Tells everyone who listens. Never waits.
    pub fn tell(&self, id: &TeleconsultationId, what: What) {
        let mut kept = self.0.kept();
        if kept.changes.len() == KEPT_MAX {
            kept.changes.pop_front();
            kept.forgotten += 1;
        }
        kept.changes.push_back(Change { id: id.clone(), what });
        let newest = kept.newest();
        drop(kept);
        self.0.newest.send_replace(newest);
    }

    /// Everyone who listens or comes back is to read everything anew: not all that changed is known.
    pub fn lose_track(&self) {
        let mut kept = self.0.kept();
        // One more than there were, so that nobody is up to date.
        kept.forgotten = kept.newest() + 1;
        kept.changes.clear();
        let newest = kept.newest();
        drop(kept);
        self.0.newest.send_replace(newest);
    }

    /// Whether anybody listens at this moment.
    pub fn has_listeners(&self) -> bool {
        self.0.places.available_permits() < LISTENERS_MAX
    }

    /// Listens from now on, or from where a client that comes back was. `None`: there are too many.
    pub fn listen(&self, since: Option<&str>) -> Option<Listener> {
        let permit = Arc::clone(&self.0.places).try_acquire_owned().ok()?;
        let newest = self.0.newest.subscribe();
        let kept = self.0.kept();
        let (seen, greeting) = match since.map(|since| self.0.known(&kept, since)) {
            Some(Some(seen)) => (seen, Greeting::Ready),
            Some(None) => (kept.newest(), Greeting::Reload),
            None => (kept.newest(), Greeting::Ready),
        };
        drop(kept);
        Some(Listener { shared: Arc::clone(&self.0), newest, seen, greeting: Some(greeting), _permit: permit })
    }

    /// Lets everyone who listens go.
    pub fn stop(&self) {
        self.0.stop.cancel();
    }
}

impl Shared {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing that can panic half-way runs under the lock.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number that a client was at, if everything since then is remembered.
    fn known(&self, kept: &Kept, since: &str) -> Option<u64> {
        let (run, number) = since.split_once('.')?;
        let number = number.parse().ok()?;
        (*run == *self.run && (kept.forgotten..=kept.newest()).contains(&number)).then_some(number)
    }

    fn place(&self, number: u64) -> Place {
        Place { run: Arc::clone(&self.run), number }
    }
}

#[derive(Clone, Copy)]
enum Greeting {
    Ready,
    Reload,
}

/// Somebody who listens. Dropping it gives up its place.
pub struct Listener {
    shared: Arc<Shared>,
    newest: watch::Receiver<u64>,
    seen: u64,
    greeting: Option<Greeting>,
    _permit: OwnedSemaphorePermit,
}

impl Listener {
    /// What there is to tell at this moment, in order.
    pub fn pending(&mut self) -> Vec<Told> {
        let mut told = Vec::new();
        let kept = self.shared.kept();
        match self.greeting.take() {
            Some(Greeting::Ready) => told.push(Told::Ready(self.shared.place(self.seen))),
            Some(Greeting::Reload) => told.push(Told::Reload(self.shared.place(self.seen))),
            None => {}
        }
        if self.seen < kept.forgotten {
            // Too slow, or track was lost.
            self.seen = kept.newest();
            told.push(Told::Reload(self.shared.place(self.seen)));
        } else {
            let skipped = usize::try_from(self.seen - kept.forgotten).unwrap_or(usize::MAX);
            for change in kept.changes.iter().skip(skipped) {
                self.seen += 1;
                told.push(Told::Changed(self.shared.place(self.seen), change.clone()));
            }
        }
        told
    }

    /// What there is to tell, as soon as there is something; `None`: nothing more will come.
    pub async fn next(&mut self) -> Option<Vec<Told>> {
        loop {
            if self.shared.stop.is_cancelled() {
                return None;
            }
            self.newest.mark_unchanged();
            let told = self.pending();
            if !told.is_empty() {
                return Some(told);
            }
            tokio::select! {
                changed = self.newest.changed() => changed.ok()?,
                () = self.shared.stop.cancelled() => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use ports::fake::FakeChance;

    use super::*;

    fn id(number: u64) -> TeleconsultationId {
        TeleconsultationId::new("2026-01-01T10:00:00Z".parse().unwrap(), number.to_be_bytes())
    }

    fn changes(seed: u64) -> Changes {
        Changes::new(&FakeChance::seeded(seed))
    }

    /// In short: `ready`, `reload`, or the number of what changed.
    fn short(told: &[Told]) -> Vec<String> {
        let word = |told: &Told| match told {
            Told::Ready(place) => format!("ready {}", place.number),
            Told::Reload(place) => format!("reload {}", place.number),
            Told::Changed(place, change) => format!("{:?} {}", change.what, place.number),
        };
        told.iter().map(word).collect()
    }

    #[tokio::test]
    async fn who_listens_is_told_what_comes_in_order_and_nothing_twice() {
        let changes = changes(1);
        changes.tell(&id(1), What::Booked);
        let mut listener = changes.listen(None).unwrap();
        assert_eq!(short(&listener.next().await.unwrap()), ["ready 1"]);
        assert!(listener.next().now_or_never().is_none());
        changes.tell(&id(1), What::Changed);
        changes.tell(&id(1), What::Cancelled);
        assert_eq!(short(&listener.next().await.unwrap()), ["Changed 2", "Cancelled 3"]);
        assert!(listener.next().now_or_never().is_none());
        changes.stop();
        assert_eq!(listener.next().await, None);
    }

    #[tokio::test]
    async fn who_comes_back_is_told_what_they_missed_or_to_read_everything_anew() {
        let changes = changes(1);
        for number in 0..5 {
            changes.tell(&id(number), What::Booked);
        }
        let place = |number: u64| changes.0.place(number).to_string();
        let pending = |since: &str| short(&changes.listen(Some(since)).unwrap().pending());
        assert_eq!(pending(&place(3)), ["ready 3", "Booked 4", "Booked 5"]);
        assert_eq!(pending(&place(5)), ["ready 5"]);
        for unknown in [place(6), "0123.3".to_owned(), "nonsense".to_owned(), String::new(), place(3) + "x"] {
            assert_eq!(pending(&unknown), ["reload 5"], "{unknown}");
        }
        let other = self::changes(2);
        assert_eq!(short(&other.listen(Some(&place(3))).unwrap().pending()), ["reload 0"]);
    }

    #[test]
    fn who_is_slower_than_changes_are_remembered_reads_everything_anew() {
        let changes = changes(1);
        let mut listener = changes.listen(None).unwrap();
        let first = changes.0.place(1).to_string();
        for number in 0..=KEPT_MAX as u64 {
            changes.tell(&id(number), What::Presence);
        }
        assert_eq!(short(&listener.pending()), ["ready 0", "reload 1025"]);
        assert_eq!(listener.pending(), []);
        assert_eq!(changes.listen(Some(&first)).unwrap().pending().len(), 1 + KEPT_MAX);
        changes.tell(&id(0), What::Presence);
        assert_eq!(short(&changes.listen(Some(&first)).unwrap().pending()), ["reload 1026"]);
    }

    #[tokio::test]
    async fn when_track_is_lost_everyone_reads_everything_anew() {
        let changes = changes(1);
        let mut listener = changes.listen(None).unwrap();
        listener.pending();
        let before = changes.0.place(0).to_string();
        changes.lose_track();
        assert_eq!(short(&listener.next().await.unwrap()), ["reload 1"]);
        assert_eq!(short(&changes.listen(Some(&before)).unwrap().pending()), ["reload 1"]);
        changes.tell(&id(1), What::Booked);
        assert_eq!(short(&listener.pending()), ["Booked 2"]);
    }

    #[test]
    fn no_more_listen_than_there_may() {
        let changes = changes(1);
        assert!(!changes.has_listeners());
        let listeners: Vec<_> = (0..LISTENERS_MAX).map_while(|_| changes.listen(None)).collect();
        assert_eq!(listeners.len(), LISTENERS_MAX);
        assert!(changes.listen(None).is_none() && changes.has_listeners());
        drop(listeners);
        assert!(changes.listen(None).is_some() && !changes.has_listeners());
    }
}
