//! What a shard tells the program, without losing any of it and without waiting.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, atomic::Ordering},
};

use media_core::{Event, LeaveCause};
use ports::media::{Identity, MediaEvent, RoomName};
use tokio::sync::mpsc::{self, error::TrySendError};

use crate::counters::{self, Counters};

/// Events on their way to the program.
///
/// What the program does not take is kept here, and as long as something is kept the shard lets nobody in. Everyone inside can
/// then add one `Joined` and one `Left`, and each room one `Closed`: that is the bound.
pub(crate) struct Events {
    program: mpsc::Sender<MediaEvent>,
    kept: VecDeque<MediaEvent>,
    /// Who has joined and not left, in each room, so that a failure of the shard can be told.
    present: BTreeMap<String, BTreeSet<String>>,
    counters: Arc<Counters>,
}

impl Events {
    pub(crate) fn new(program: mpsc::Sender<MediaEvent>, counters: Arc<Counters>) -> Self {
        Self { program, kept: VecDeque::new(), present: BTreeMap::new(), counters }
    }

    /// Tells what the engine says.
    pub(crate) fn tell(&mut self, event: Event) {
        match event {
            Event::Joined { room, identity } => {
                if self.present.entry(room.clone()).or_default().insert(identity.clone()) {
                    self.counters.participants.fetch_add(1, Ordering::Relaxed);
                }
                self.send(MediaEvent::Joined { room: RoomName(room), identity: Identity(identity) });
            }
            Event::Left { room, identity, cause } => {
                if let Some(present) = self.present.get_mut(&room)
                    && present.remove(&identity)
                {
                    self.counters.participants.fetch_sub(1, Ordering::Relaxed);
                }
                self.send(left(room, identity, is_crash(cause)));
            }
            Event::Closed { room } => {
                let present = self.present.remove(&room).unwrap_or_default();
                self.counters.participants.fetch_sub(present.len() as u64, Ordering::Relaxed);
                self.send(MediaEvent::Closed { room: RoomName(room) });
            }
        }
    }

    /// Tells that the shard has failed, with all its `rooms` and everyone inside.
    pub(crate) fn fail(&mut self, rooms: Vec<String>) {
        for (room, present) in std::mem::take(&mut self.present) {
            self.counters.participants.fetch_sub(present.len() as u64, Ordering::Relaxed);
            for identity in present {
                self.send(left(room.clone(), identity, true));
            }
        }
        for room in rooms {
            self.send(MediaEvent::Closed { room: RoomName(room) });
        }
    }

    /// Tries again to tell what was kept. Whether anything is kept still.
    pub(crate) fn flush(&mut self) -> bool {
        while let Some(event) = self.kept.pop_front() {
            match self.program.try_send(event) {
                Ok(()) => {}
                Err(TrySendError::Full(event)) => {
                    self.kept.push_front(event);
                    return true;
                }
                // Nobody wants to know.
                Err(TrySendError::Closed(_)) => self.kept.clear(),
            }
        }
        false
    }

    fn send(&mut self, event: MediaEvent) {
        self.kept.push_back(event);
        if self.flush() {
            counters::count(&self.counters.events_delayed);
        }
    }
}

fn left(room: String, identity: String, crashed: bool) -> MediaEvent {
    MediaEvent::Left { room: RoomName(room), identity: Identity(identity), crashed }
}

fn is_crash(cause: LeaveCause) -> bool {
    match cause {
        LeaveCause::Lost | LeaveCause::Fault | LeaveCause::Replaced => true,
        LeaveCause::Left | LeaveCause::Removed | LeaveCause::RoomClosed => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(identity: &str) -> Event {
        Event::Joined { room: "r".to_owned(), identity: identity.to_owned() }
    }

    fn told(identity: &str) -> MediaEvent {
        MediaEvent::Joined { room: RoomName("r".to_owned()), identity: Identity(identity.to_owned()) }
    }

    #[test]
    fn nothing_is_lost_and_nothing_overtakes_when_the_program_is_slow() {
        let (program, mut events) = mpsc::channel(1);
        let mut outlet = Events::new(program, Arc::default());
        for identity in ["a", "b", "c"] {
            outlet.tell(joined(identity));
        }
        for (identity, kept_after) in [("a", true), ("b", false), ("c", false)] {
            assert_eq!(events.try_recv().ok(), Some(told(identity)));
            assert_eq!(outlet.flush(), kept_after);
        }
    }

    #[test]
    fn a_failure_is_told_for_everyone_who_was_inside() {
        let (program, mut events) = mpsc::channel(10);
        let mut outlet = Events::new(program, Arc::default());
        outlet.tell(joined("a"));
        outlet.tell(joined("b"));
        outlet.tell(Event::Left { room: "r".to_owned(), identity: "a".to_owned(), cause: LeaveCause::Left });
        outlet.fail(vec!["r".to_owned()]);
        let mut seen = Vec::new();
        while let Ok(event) = events.try_recv() {
            seen.push(event);
        }
        assert_eq!(
            seen[2..],
            [
                left("r".to_owned(), "a".to_owned(), false),
                left("r".to_owned(), "b".to_owned(), true),
                MediaEvent::Closed { room: RoomName("r".to_owned()) },
            ]
        );
    }
}
