//! Who is where, put together from those who know a part of it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use domain::{ProviderUserId, RoomRef};
use ports::presence::{Presence, PresenceWatcher, Stage, Whereabouts};

type People = BTreeMap<ProviderUserId, Whereabouts>;

/// What the rooms' call channels say of their people, as long as they run.
pub struct Places {
    rooms: Mutex<BTreeMap<RoomRef, People>>,
    watcher: Arc<dyn PresenceWatcher>,
}

impl Places {
    /// Nobody yet. The watcher is told of every change.
    pub fn new(watcher: Arc<dyn PresenceWatcher>) -> Self {
        Self { rooms: Mutex::default(), watcher }
    }

    /// Takes a channel's word for where a room's people are. Those who are away need not be named.
    pub fn set(&self, room: &RoomRef, mut people: People) {
        people.retain(|_, place| place.stage != Stage::Away);
        // Nothing that can panic half-way runs under the lock.
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = rooms.get(room).map_or(!people.is_empty(), |known| *known != people);
        if people.is_empty() {
            rooms.remove(room);
        } else if is_news {
            rooms.insert(room.clone(), people);
        }
        drop(rooms);
        if is_news {
            self.watcher.changed(room);
        }
    }

    fn of(&self, room: &RoomRef) -> People {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner).get(room).cloned().unwrap_or_default()
    }
}

/// What channels say, and whom the media engine has: a program that has no channel open is in the call too.
pub struct Together {
    /// What channels say.
    pub places: Arc<Places>,
    /// Whom the engine has.
    pub engine: Arc<dyn Presence>,
}

#[async_trait]
impl Presence for Together {
    async fn whereabouts(&self, room: &RoomRef) -> People {
        let mut people = self.places.of(room);
        for (user, place) in self.engine.whereabouts(room).await {
            let known = people.entry(user).or_insert_with(|| place.clone());
            if known.stage != place.stage {
                (known.stage, known.since) = (place.stage, place.since);
            }
        }
        people
    }
}

#[cfg(test)]
mod tests {
    use ports::presence::Quality;

    use super::*;

    #[derive(Default)]
    struct Told(Mutex<u32>);

    impl PresenceWatcher for Told {
        fn changed(&self, _room: &RoomRef) {
            *self.0.lock().unwrap() += 1;
        }
    }

    struct Engine(People);

    #[async_trait]
    impl Presence for Engine {
        async fn whereabouts(&self, _room: &RoomRef) -> People {
            self.0.clone()
        }
    }

    fn people(places: &[(&str, Stage)]) -> People {
        let place = |(user, stage): &(&str, Stage)| {
            let place = Whereabouts { stage: *stage, quality: Quality::Weak, ..Whereabouts::default() };
            (ProviderUserId::parse(user).unwrap(), place)
        };
        places.iter().map(place).collect()
    }

    #[tokio::test]
    async fn the_engine_knows_who_is_in_and_the_channel_the_rest() {
        let told = Arc::new(Told::default());
        let places = Arc::new(Places::new(told.clone()));
        let room = RoomRef::new("room_1");
        places.set(&room, people(&[("anna", Stage::Admitted), ("bert", Stage::Waiting), ("away", Stage::Away)]));
        let engine = people(&[("anna", Stage::In), ("carl", Stage::In)]);
        let together = Together { places: places.clone(), engine: Arc::new(Engine(engine)) };
        let found = together.whereabouts(&room).await;
        assert_eq!(found, people(&[("anna", Stage::In), ("bert", Stage::Waiting), ("carl", Stage::In)]));
        assert_eq!(*told.0.lock().unwrap(), 1);

        places.set(&room, people(&[("bert", Stage::Waiting), ("anna", Stage::Admitted)]));
        assert_eq!(*told.0.lock().unwrap(), 1, "nothing is new");
        places.set(&room, People::new());
        places.set(&room, People::new());
        assert_eq!(*told.0.lock().unwrap(), 2);
        assert!(places.rooms.lock().unwrap().is_empty());
    }
}
