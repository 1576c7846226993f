//! What was learned a moment ago, so that a page that saves again and again does not ask the directory each time.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::ParticipantId;
use jiff::{SignedDuration, Timestamp};

/// How long an answer is used again (`mia-platform.md` §11): how late at most a change of groups is noticed.
pub const FRESH_FOR: SignedDuration = SignedDuration::from_mins(1);

/// How many answers are kept: more people than a clinic books in a minute. Beyond it all are forgotten.
const KEPT_MAX: usize = 4096;

pub(crate) struct Fresh<K, V>(Mutex<HashMap<K, (Timestamp, V)>>);

impl<K, V> Default for Fresh<K, V> {
    fn default() -> Self {
        Self(Mutex::new(HashMap::new()))
    }
}

impl<K: Eq + Hash, V: Clone> Fresh<K, V> {
    /// What was learned, unless that is too long ago. An answer from the future is none: the clock was set back.
    pub(crate) fn value(&self, key: &K, now: Timestamp) -> Option<V> {
        let answers = self.answers();
        let (at, value) = answers.get(key)?;
        let age = now.duration_since(*at);
        (!age.is_negative() && age < FRESH_FOR).then(|| value.clone())
    }

    pub(crate) fn keep(&self, key: K, value: V, now: Timestamp) {
        let mut answers = self.answers();
        if answers.len() >= KEPT_MAX {
            answers.clear();
        }
        answers.insert(key, (now, value));
    }

    /// What is known of `ids`, and those of whom nothing is, each once.
    pub(crate) fn split<'a>(
        &self,
        ids: &'a [ParticipantId],
        key: impl Fn(&ParticipantId) -> K,
        now: Timestamp,
    ) -> (BTreeMap<ParticipantId, V>, Vec<&'a ParticipantId>) {
        let mut known = BTreeMap::new();
        let mut unknown = BTreeSet::new();
        for id in ids {
            match self.value(&key(id), now) {
                Some(value) => drop(known.insert(id.clone(), value)),
                None => drop(unknown.insert(id)),
            }
        }
        (known, unknown.into_iter().collect())
    }

    fn answers(&self) -> MutexGuard<'_, HashMap<K, (Timestamp, V)>> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_used_for_a_minute() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let fresh = Fresh::default();
        fresh.keep("a", 1, at(100));
        assert_eq!(fresh.value(&"a", at(159)), Some(1));
        assert_eq!(fresh.value(&"a", at(160)), None);
        assert_eq!(fresh.value(&"a", at(99)), None);
        assert_eq!(fresh.value(&"b", at(100)), None);
    }
}
