//! Places for files that arrive: each has a part in memory, so there are so many in the whole program, and nobody takes them all.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{ProviderUserId, RoomRef};

/// The most files that arrive at once, each with a part of 1 MB in memory.
pub const PLACES_MAX: usize = 64;

/// What one person can have of the places that are free: a page sends all the files at once that were chosen, 10 at most, and may do so
/// in a service that is not busy; in one that is, many people share what is left.
const SHARE: usize = 4;

/// What one person can have of the last places: a file, and the same again over another connection.
const SHARE_MIN: usize = 2;

/// Somebody by their link.
type Holder = (RoomRef, ProviderUserId);

/// The places of the program.
#[derive(Default)]
pub struct Places(Mutex<BTreeMap<Holder, usize>>);

/// A place for one file that arrives, until it is dropped.
pub struct Place {
    places: Arc<Places>,
    holder: Holder,
}

impl Places {
    /// A place for a file of this person; `None` if there is none, or if they have their share.
    pub fn take(self: &Arc<Self>, room: &RoomRef, user: &ProviderUserId) -> Option<Place> {
        let holder = (room.clone(), user.clone());
        let mut taken = self.taken();
        let free = PLACES_MAX - taken.values().sum::<usize>();
        let own = taken.get(&holder).copied().unwrap_or_default();
        if free == 0 || own >= (free / SHARE).max(SHARE_MIN) {
            return None;
        }
        taken.insert(holder.clone(), own + 1);
        Some(Place { places: Arc::clone(self), holder })
    }

    fn taken(&self) -> MutexGuard<'_, BTreeMap<Holder, usize>> {
        // Nothing that can panic half-way runs under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        if let Some(own) = taken.get_mut(&self.holder) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(places: &Arc<Places>, name: &str, count: usize) -> Vec<Place> {
        let (room, user) = (RoomRef::new("room_1"), ProviderUserId::parse(name).unwrap());
        (0..count).map_while(|_| places.take(&room, &user)).collect()
    }

    #[test]
    fn seven_people_with_all_the_files_that_they_may_send_leave_places_for_others() {
        let places = Arc::new(Places::default());
        let all_of_them: Vec<_> = (0..7).map(|number| take(&places, &format!("user{number}"), 10)).collect();
        assert_eq!(all_of_them[0].len(), 10, "who is alone sends all at once");
        assert!(all_of_them.iter().all(|own| own.len() >= SHARE_MIN));
        assert!(take(&places, "anna", 10).len() >= SHARE_MIN);
    }

    #[test]
    fn there_are_so_many_places_and_each_is_given_back() {
        let places = Arc::new(Places::default());
        let all: Vec<_> = (0..PLACES_MAX).flat_map(|number| take(&places, &format!("user{number}"), 1)).collect();
        assert_eq!((all.len(), take(&places, "anna", 1).len()), (PLACES_MAX, 0));
        drop(all);
        assert!(places.taken().is_empty(), "nothing is left");
        assert_eq!(take(&places, "anna", PLACES_MAX).len(), 13, "a quarter of what is free");
    }
}
