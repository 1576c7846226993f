//! Records as they were last read, so that what is asked for often is not read and decoded from the same row again and again.
//!
//! This process alone writes the file, so a record is right until the writer changes it. The writer forgets it before the commit, and
//! nothing is kept in its place until the commit is over: from the first reader that sees the new record on, nobody sees the old one.

use std::{
    borrow::Borrow,
    collections::{HashMap, HashSet},
    hash::{BuildHasher, Hash, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Parts with a lock each, so that threads rarely wait for each other and a change stops few reads from being kept.
const SHARDS: usize = 16;

/// Keeps the records that were used last.
pub(crate) struct Cache<K, V> {
    shards: Vec<Mutex<Shard<K, V>>>,
    /// Records of a shard's newer half; the older half has as many.
    half_max: usize,
    hasher: RandomState,
}

struct Shard<K, V> {
    /// Counts what was forgotten and settled. A record that was being read meanwhile may be the old one and is not kept.
    changes: u64,
    /// Forgotten, while their change is not known to be committed: a reader may still see the old one.
    unsettled: HashSet<K>,
    newer: HashMap<K, V>,
    /// Dropped when the newer half is full, except for what was used again.
    older: HashMap<K, V>,
}

/// Taken before a record is read, to keep it afterwards.
#[derive(Clone, Copy)]
pub(crate) struct Ticket(u64);

impl<K: Eq + Hash + Clone, V: Clone> Cache<K, V> {
    /// Keeps at most `records_max` records, and at least some.
    pub(crate) fn new(records_max: usize) -> Self {
        let shard = || Mutex::new(Shard::default());
        let half_max = records_max.div_ceil(2 * SHARDS);
        Self { shards: (0..SHARDS).map(|_| shard()).collect(), half_max, hasher: RandomState::new() }
    }

    /// The record, or a ticket to keep it with once it is read.
    pub(crate) fn record<Q>(&self, key: &Q) -> Result<V, Ticket>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let mut shard = self.shard(key);
        if let Some(record) = shard.newer.get(key) {
            return Ok(record.clone());
        }
        let Some((key, record)) = shard.older.remove_entry(key) else { return Err(Ticket(shard.changes)) };
        shard.insert(key, record.clone(), self.half_max);
        Ok(record)
    }

    /// Keeps a record that was read since the ticket was taken, unless something was forgotten meanwhile or the record is changing.
    pub(crate) fn keep(&self, key: K, record: V, ticket: Ticket) {
        let mut shard = self.shard(&key);
        if shard.changes == ticket.0 && !shard.unsettled.contains(&key) {
            shard.insert(key, record, self.half_max);
        }
    }

    /// Forgets a record whose change is about to be committed. Nothing is kept in its place before [`Self::settle`].
    pub(crate) fn forget(&self, key: &K) {
        let mut shard = self.shard(key);
        shard.changes += 1;
        shard.newer.remove(key);
        shard.older.remove(key);
        shard.unsettled.insert(key.clone());
    }

    /// Lets what was forgotten be kept again: its change is committed, or will never be.
    pub(crate) fn settle(&self) {
        for shard in &self.shards {
            // Nothing that can panic half-way runs under the lock.
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            if !shard.unsettled.is_empty() {
                // Whoever began to read meanwhile may have the old record.
                shard.changes += 1;
                shard.unsettled.clear();
            }
        }
    }

    /// Forgets everything, and what is being read at this moment.
    pub(crate) fn forget_all(&self) {
        for shard in &self.shards {
            // Nothing that can panic half-way runs under the lock.
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.changes += 1;
            shard.newer.clear();
            shard.older.clear();
        }
    }

    fn shard<Q: Hash + ?Sized>(&self, key: &Q) -> MutexGuard<'_, Shard<K, V>> {
        let hash = self.hasher.hash_one(key);
        // The remainder is below SHARDS, so it loses nothing.
        let index = usize::try_from(hash % SHARDS as u64).unwrap_or(0);
        // Nothing that can panic half-way runs under the lock.
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> Default for Shard<K, V> {
    fn default() -> Self {
        Self { changes: 0, unsettled: HashSet::new(), newer: HashMap::new(), older: HashMap::new() }
    }
}

impl<K: Eq + Hash, V> Shard<K, V> {
    fn insert(&mut self, key: K, record: V, half_max: usize) {
        if self.newer.len() >= half_max {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(key, record);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(cache: &Cache<u64, u64>, key: u64, record: u64) {
        if let Err(ticket) = cache.record(&key) {
            cache.keep(key, record, ticket);
        }
    }

    #[test]
    fn a_record_is_kept_until_it_is_forgotten() {
        let cache = Cache::new(4096);
        keep(&cache, 1, 10);
        assert_eq!(cache.record(&1).ok(), Some(10));
        cache.forget(&1);
        assert_eq!(cache.record(&1).ok(), None);
        cache.settle();
        keep(&cache, 1, 11);
        assert_eq!(cache.record(&1).ok(), Some(11));
    }

    #[test]
    fn a_record_that_changed_while_it_was_read_is_not_kept() {
        let cache: Cache<u64, u64> = Cache::new(4096);
        let Err(ticket) = cache.record(&1) else { panic!("there is nothing yet") };
        cache.forget(&1);
        cache.keep(1, 10, ticket);
        assert_eq!(cache.record(&1).ok(), None);
    }

    #[test]
    fn a_record_that_was_read_before_its_change_was_committed_is_not_kept() {
        let cache: Cache<u64, u64> = Cache::new(4096);
        cache.forget(&1);
        let Err(during) = cache.record(&1) else { panic!("it was forgotten") };
        cache.keep(1, 10, during);
        assert_eq!(cache.record(&1).ok(), None, "the change is not committed yet");
        cache.settle();
        cache.keep(1, 10, during);
        assert_eq!(cache.record(&1).ok(), None, "it was read before the commit");
        keep(&cache, 1, 11);
        assert_eq!(cache.record(&1).ok(), Some(11));
    }

    #[test]
    fn it_stays_small_and_keeps_what_is_used() {
        let cache = Cache::new(4096);
        keep(&cache, 0, 7);
        for key in 1..100_000 {
            keep(&cache, key, key);
            assert_eq!(cache.record(&0).ok(), Some(7), "used all the time");
        }
        let kept = (0..100_000).filter(|key| cache.record(key).is_ok()).count();
        assert!((2..=4096).contains(&kept), "{kept}");
    }
}
