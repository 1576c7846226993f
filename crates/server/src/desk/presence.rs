//! From "somebody in this room is somewhere else" to a change of the room's teleconsultation.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use domain::RoomRef;
use ports::{presence::PresenceWatcher, teleconsultations::TeleconsultationStore};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Changes, What};

/// The most rooms that wait to be looked up. Beyond that, listeners read everything anew.
const ROOMS_MAX: usize = 1024;

/// Collects rooms in which something changed. However often one changes before it is looked up, it is told once.
#[derive(Clone, Default)]
pub struct PresenceFeed(Arc<Shared>);

#[derive(Default)]
struct Shared {
    rooms: Mutex<BTreeSet<RoomRef>>,
    more: Notify,
}

impl PresenceWatcher for PresenceFeed {
    fn changed(&self, room: &RoomRef) {
        // Nothing that can panic half-way runs under the lock.
        let mut rooms = self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        // One too many says that there were too many.
        if rooms.len() <= ROOMS_MAX {
            rooms.insert(room.clone());
        }
        drop(rooms);
        self.0.more.notify_one();
    }
}

impl PresenceFeed {
    /// Tells of each room's teleconsultation until it is stopped. Nobody is asked while nobody listens.
    pub async fn run(self, store: Arc<dyn TeleconsultationStore>, changes: Changes, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = self.0.more.notified() => {}
                () = stop.cancelled() => return,
            }
            let rooms = std::mem::take(&mut *self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner));
            if !changes.has_listeners() || rooms.len() > ROOMS_MAX {
                changes.lose_track();
                continue;
            }
            for room in rooms {
                match store.teleconsultation_of_room(&room).await {
                    Ok(Some(found)) => changes.tell(&found.id, What::Presence),
                    // A room that somebody made by the provider's own API.
                    Ok(None) => {}
                    Err(error) => {
                        tracing::warn!(error = &error as &dyn std::error::Error, "the desk is told to read anew");
                        changes.lose_track();
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Length, OpenRoom, RoomKey, Roster, Schedule, Stage, Teleconsultation, TeleconsultationId};
    use jiff::{SignedDuration, Timestamp};
    use ports::fake::{FakeChance, FakeTeleconsultationStore};

    use super::*;
    use crate::desk::Told;

    #[tokio::test]
    async fn a_room_that_changes_often_is_told_once_as_its_teleconsultation() {
        let start: Timestamp = "2026-01-01T10:00:00Z".parse().unwrap();
        let one = Teleconsultation {
            id: TeleconsultationId::new(start, [1; 8]),
            schedule: Schedule::from_stored(start, Length::For(SignedDuration::from_mins(30))),
            roster: Roster::from_stored(2, vec![]),
            stage: Stage::Ready(OpenRoom { key: RoomKey::new([1; 16]), room: RoomRef::new("room_1") }),
        };
        let store = Arc::new(FakeTeleconsultationStore::new());
        store.insert(&one, &[]).await.unwrap();
        let changes = Changes::new(&FakeChance::default());
        let (feed, stop) = (PresenceFeed::default(), CancellationToken::new());
        let mut listener = changes.listen(None).unwrap();
        listener.pending();
        for room in ["room_1", "room_of_another_program", "room_1"] {
            feed.changed(&RoomRef::new(room));
        }
        let running = tokio::spawn(feed.clone().run(store, changes.clone(), stop.clone()));
        let told = listener.next().await.unwrap();
        assert!(matches!(&told[..], [Told::Changed(_, change)] if change.id == one.id), "{told:?}");

        stop.cancel();
        running.await.unwrap();
    }
}
