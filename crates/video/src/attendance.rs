//! Who is in which call, as the media engine tells it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;
use ports::{
    Clock,
    media::{MediaEvent, RoomName},
    presence::{Presence, PresenceWatcher, Stage, Whereabouts},
};

use crate::identity;

/// Keeps who is in which call, as long as they are. The engine's rooms end with the process, so nothing of this needs to outlive it.
pub struct Attendance {
    /// Those in each room, and since when.
    rooms: Mutex<BTreeMap<RoomName, BTreeMap<ProviderUserId, Timestamp>>>,
    watcher: Arc<dyn PresenceWatcher>,
    clock: Arc<dyn Clock>,
}

impl Attendance {
    /// Nobody yet. The watcher is told of everyone who comes or goes.
    pub fn new(watcher: Arc<dyn PresenceWatcher>, clock: Arc<dyn Clock>) -> Self {
        Self { rooms: Mutex::default(), watcher, clock }
    }

    /// Takes note of what the engine tells. Events come in the order in which things happened.
    pub fn note(&self, event: &MediaEvent) {
        let room = match event {
            MediaEvent::Joined { room, .. } | MediaEvent::Left { room, .. } | MediaEvent::Closed { room } => room,
        };
        self.change(room, event);
        self.watcher.changed(&RoomRef::new(room.0.clone()));
    }

    fn change(&self, room: &RoomName, event: &MediaEvent) {
        // Nothing that can panic half-way runs under the lock.
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            MediaEvent::Joined { identity, .. } => {
                if let Some(user) = identity::user(identity) {
                    let people = rooms.entry(room.clone()).or_default();
                    people.entry(user).or_insert_with(|| self.clock.now());
                }
            }
            MediaEvent::Left { identity, .. } => {
                if let (Some(user), Some(people)) = (identity::user(identity), rooms.get_mut(room)) {
                    people.remove(&user);
                    if people.is_empty() {
                        rooms.remove(room);
                    }
                }
            }
            MediaEvent::Closed { .. } => drop(rooms.remove(room)),
        }
    }
}

#[async_trait]
impl Presence for Attendance {
    async fn whereabouts(&self, room: &RoomRef) -> BTreeMap<ProviderUserId, Whereabouts> {
        let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        let people = rooms.get(&RoomName(room.as_str().to_owned())).into_iter().flatten();
        let is_in = |since: Timestamp| Whereabouts { stage: Stage::In, since: Some(since), ..Whereabouts::default() };
        people.map(|(user, since)| (user.clone(), is_in(*since))).collect()
    }
}

#[cfg(test)]
mod tests {
    use ports::{fake::FakeClock, media::Identity};

    use super::*;
    use crate::testing::id;

    #[derive(Default)]
    struct Told(Mutex<Vec<String>>);

    impl PresenceWatcher for Told {
        fn changed(&self, room: &RoomRef) {
            self.0.lock().unwrap().push(room.as_str().to_owned());
        }
    }

    fn room(name: &str) -> RoomName {
        RoomName(name.to_owned())
    }

    fn joined(name: &str, identity: &str) -> MediaEvent {
        MediaEvent::Joined { room: room(name), identity: Identity(identity.to_owned()) }
    }

    fn left(name: &str, identity: &str) -> MediaEvent {
        MediaEvent::Left { room: room(name), identity: Identity(identity.to_owned()), crashed: false }
    }

    #[tokio::test]
    async fn those_in_a_call_are_known_with_the_moment_at_which_they_came_and_others_are_not() {
        let told = Arc::new(Told::default());
        let start: Timestamp = "2026-01-01T10:00:00Z".parse().unwrap();
        let clock = Arc::new(FakeClock::new(start));
        let attendance = Attendance::new(told.clone(), clock.clone());
        attendance.note(&joined("room_a", "anna"));
        let later = start + jiff::SignedDuration::from_secs(5);
        clock.set(later);
        // With another link, and once more.
        attendance.note(&joined("room_a", "bert:1"));
        attendance.note(&joined("room_a", "anna"));
        attendance.note(&joined("room_a", "of nobody's"));
        attendance.note(&joined("room_b", "carl"));

        let places = attendance.whereabouts(&RoomRef::new("room_a")).await;
        let since = |user: &str| places.get(&id(user)).map(|place| (place.stage, place.since));
        assert_eq!(since("anna"), Some((Stage::In, Some(start))));
        assert_eq!(since("bert"), Some((Stage::In, Some(later))));
        assert_eq!(places.len(), 2);
        assert!(attendance.whereabouts(&RoomRef::new("room_c")).await.is_empty());

        attendance.note(&left("room_a", "anna"));
        attendance.note(&left("room_a", "anna"));
        attendance.note(&MediaEvent::Closed { room: room("room_b") });
        assert_eq!(attendance.whereabouts(&RoomRef::new("room_a")).await.len(), 1);
        assert!(attendance.whereabouts(&RoomRef::new("room_b")).await.is_empty());
        attendance.note(&left("room_a", "bert:1"));
        assert!(attendance.rooms.lock().unwrap().is_empty());
        let rooms = told.0.lock().unwrap().clone();
        assert_eq!(rooms, ["a", "a", "a", "a", "b", "a", "a", "b", "a"].map(|name| format!("room_{name}")));
    }
}
