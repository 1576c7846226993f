//! Which shard each room lives in.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, atomic::Ordering},
};

use crate::{counters::Counters, mailbox::Mailbox, routes::ShardIndex};

/// The most rooms at once. Each needs a little memory even when it is empty.
pub(crate) const ROOMS_MAX: usize = 10_000;

/// The rooms that are open or about to be.
#[derive(Clone)]
pub(crate) struct Rooms {
    places: Arc<Mutex<HashMap<String, Place>>>,
    shards: Arc<[Mailbox]>,
    counters: Arc<Counters>,
}

struct Place {
    shard: ShardIndex,
    /// Openings that are on their way to the shard. The room keeps its place for them even if the shard closes it meanwhile,
    /// because otherwise the next one to open it could be sent to another shard.
    openings: usize,
    /// Whether the shard has it open.
    open: bool,
}

/// A place kept for a room that is being opened. Whoever holds it must send the opening to [`Self::shard`].
pub(crate) struct Opening {
    rooms: Rooms,
    room: String,
    shard: ShardIndex,
}

impl Rooms {
    pub(crate) fn new(shards: Arc<[Mailbox]>, counters: Arc<Counters>) -> Self {
        Self { places: Arc::default(), shards, counters }
    }

    fn places(&self) -> MutexGuard<'_, HashMap<String, Place>> {
        // Nothing that is done under the lock can leave the table half changed.
        self.places.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The mailbox of a shard.
    pub(crate) fn mailbox(&self, shard: ShardIndex) -> &Mailbox {
        &self.shards[shard.place()]
    }

    /// The shard of a room that is open.
    pub(crate) fn shard_of(&self, room: &str) -> Option<ShardIndex> {
        self.places().get(room).map(|place| place.shard)
    }

    /// Keeps a place for a room: where it is, or the shard with the fewest rooms. `None`: there are too many rooms, or no shard
    /// is at work.
    pub(crate) fn opening(&self, room: &str) -> Option<Opening> {
        let mut places = self.places();
        if !places.contains_key(room) {
            if places.len() >= ROOMS_MAX {
                return None;
            }
            let at_work = (0..).zip(self.shards.iter()).filter(|(_, mailbox)| !mailbox.is_gone());
            let (shard, mailbox) = at_work.min_by_key(|(_, mailbox)| mailbox.rooms.load(Ordering::Relaxed))?;
            mailbox.rooms.fetch_add(1, Ordering::Relaxed);
            places.insert(room.to_owned(), Place { shard: ShardIndex(shard), openings: 0, open: false });
            self.counters.rooms.fetch_add(1, Ordering::Relaxed);
        }
        let place = places.get_mut(room)?;
        place.openings += 1;
        Some(Opening { rooms: self.clone(), room: room.to_owned(), shard: place.shard })
    }

    /// Takes note, in the shard, that it has opened a room.
    pub(crate) fn opened(&self, room: &str) {
        if let Some(place) = self.places().get_mut(room) {
            place.open = true;
        }
    }

    /// Takes note, in the shard, that a room is closed.
    pub(crate) fn closed(&self, room: &str) {
        let mut places = self.places();
        if let Some(place) = places.get_mut(room) {
            place.open = false;
            self.forget_if_unused(&mut places, room);
        }
    }

    /// The rooms that a failed shard had open, which are closed by that.
    pub(crate) fn fail(&self, shard: ShardIndex) -> Vec<String> {
        let mut places = self.places();
        let mut rooms: Vec<String> = places
            .iter()
            .filter(|(_, place)| place.shard == shard && place.open)
            .map(|(room, _)| room.clone())
            .collect();
        rooms.sort();
        for room in &rooms {
            if let Some(place) = places.get_mut(room) {
                place.open = false;
            }
            self.forget_if_unused(&mut places, room);
        }
        rooms
    }

    fn forget_if_unused(&self, places: &mut HashMap<String, Place>, room: &str) {
        if let Some(place) = places.get(room)
            && !place.open
            && place.openings == 0
        {
            self.shards[place.shard.place()].rooms.fetch_sub(1, Ordering::Relaxed);
            self.counters.rooms.fetch_sub(1, Ordering::Relaxed);
            places.remove(room);
        }
    }
}

impl Opening {
    pub(crate) fn shard(&self) -> ShardIndex {
        self.shard
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        let mut places = self.rooms.places();
        if let Some(place) = places.get_mut(&self.room) {
            place.openings -= 1;
            self.rooms.forget_if_unused(&mut places, &self.room);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailbox::{Letters, mailbox};

    fn rooms(shards: usize) -> (Rooms, Vec<Letters>) {
        let (mailboxes, letters): (Vec<_>, _) = (0..shards).map(|_| mailbox().expect("a bell")).unzip();
        (Rooms::new(mailboxes.into(), Arc::default()), letters)
    }

    fn open(rooms: &Rooms, room: &str) -> ShardIndex {
        let opening = rooms.opening(room).expect("there is place");
        rooms.opened(room);
        opening.shard()
    }

    #[test]
    fn rooms_spread_over_the_shards_and_stay_where_they_are() {
        let (rooms, _shards) = rooms(2);
        let (first, second) = (open(&rooms, "a"), open(&rooms, "b"));
        assert_ne!(first, second);
        assert_eq!(open(&rooms, "a"), first);
        rooms.closed("a");
        assert_eq!(rooms.shard_of("a"), None);
        assert_eq!(open(&rooms, "c"), first, "the shard with fewer rooms");
    }

    #[test]
    fn a_room_that_closes_while_somebody_opens_it_keeps_its_shard() {
        let (rooms, _shards) = rooms(2);
        let shard = open(&rooms, "a");
        let opening = rooms.opening("a").expect("there is place");
        rooms.closed("a");
        assert_eq!(rooms.shard_of("a"), Some(shard));
        drop(opening);
        assert_eq!(rooms.shard_of("a"), None);
    }

    #[test]
    fn a_failed_shard_closes_its_rooms_and_no_others() {
        let (rooms, _shards) = rooms(2);
        let shard = open(&rooms, "a");
        open(&rooms, "b");
        assert_eq!(rooms.fail(shard), ["a"]);
        assert_eq!(rooms.shard_of("a"), None);
        assert!(rooms.shard_of("b").is_some());
    }

    #[test]
    fn a_shard_that_was_given_up_gets_no_rooms() {
        let (rooms, mut shards) = rooms(2);
        shards.remove(0);
        assert_eq!((open(&rooms, "a"), open(&rooms, "b")), (ShardIndex(1), ShardIndex(1)));
    }
}
