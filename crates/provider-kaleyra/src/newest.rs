//! The values that were noted last. Forgetting one costs a request, never correctness.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How many are remembered: a busy clinic's people of a day.
const REMEMBERED_MAX: usize = 4096;

pub(crate) struct Newest<K, V>(Mutex<Notes<K, V>>);

struct Notes<K, V> {
    values: HashMap<K, V>,
    order: VecDeque<K>,
}

impl<K, V> Default for Newest<K, V> {
    fn default() -> Self {
        Self(Mutex::new(Notes { values: HashMap::new(), order: VecDeque::new() }))
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Newest<K, V> {
    pub(crate) fn value(&self, key: &K) -> Option<V> {
        self.notes().values.get(key).cloned()
    }

    /// Forgets a value, which is returned.
    pub(crate) fn forget(&self, key: &K) -> Option<V> {
        let mut notes = self.notes();
        let forgotten = notes.values.remove(key)?;
        notes.order.retain(|known| known != key);
        Some(forgotten)
    }

    /// Notes a value, in place of the one that was there, which is returned.
    pub(crate) fn note(&self, key: K, value: V) -> Option<V> {
        let mut notes = self.notes();
        let before = notes.values.insert(key.clone(), value);
        if before.is_none() {
            notes.order.push_back(key);
            if notes.order.len() > REMEMBERED_MAX
                && let Some(oldest) = notes.order.pop_front()
            {
                notes.values.remove(&oldest);
            }
        }
        before
    }

    fn notes(&self) -> MutexGuard<'_, Notes<K, V>> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten() {
        let newest = Newest::default();
        for number in 0..=REMEMBERED_MAX {
            assert_eq!(newest.note(number, 'a'), None);
        }
        assert_eq!(newest.value(&0), None);
        assert_eq!(newest.note(1, 'b'), Some('a'));
        assert_eq!(newest.value(&1), Some('b'));
        assert_eq!(newest.value(&REMEMBERED_MAX), Some('a'));
        assert_eq!((newest.forget(&1), newest.forget(&1)), (Some('b'), None));
        assert_eq!(newest.note(1, 'c'), None);
        assert_eq!(newest.value(&2), Some('a'), "there is room for one more");
    }
}
