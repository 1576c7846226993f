//! Which drafts of cleanups were given out for being done, as they lay there then.
//!
//! Between a look at a teleconsultation and the end of a cleanup, somebody may record the same cleanup again, for a write that the look
//! did not see. So whoever was given a cleanup ends it only as it was given.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::RoomKey;

/// A cleanup's draft, as it was at some moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handle {
    pub(crate) id: String,
    /// How often it had been recorded.
    pub(crate) recorded: u32,
}

/// The most that are remembered, many times what one step of the worker takes on. Cleanups that keep failing gather here; before there
/// are more, all are forgotten except those being given out.
const REMEMBERED_MAX: usize = 2048;

/// What was given out and not yet ended.
#[derive(Debug, Default)]
pub(crate) struct Handed(Mutex<BTreeMap<RoomKey, Vec<Handle>>>);

impl Handed {
    /// Remembers those that are about to be given out.
    pub(crate) fn give_out(&self, due: Vec<(RoomKey, Vec<Handle>)>) {
        let mut given = self.locked();
        if given.len() + due.len() > REMEMBERED_MAX {
            given.clear();
        }
        given.extend(due);
    }

    /// Whoever was given it has recorded it again.
    pub(crate) fn is_recorded(&self, key: &RoomKey, draft: Handle) {
        if let Some(given) = self.locked().get_mut(key) {
            *given = vec![draft];
        }
    }

    /// The drafts that whoever was given it may end; `None` if nobody was.
    pub(crate) fn take(&self, key: &RoomKey) -> Option<Vec<Handle>> {
        self.locked().remove(key)
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<RoomKey, Vec<Handle>>> {
        // Each change is whole, so what a panic left is as good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(number: usize) -> (RoomKey, Vec<Handle>) {
        (RoomKey::from_stored(number.to_string()), vec![Handle { id: number.to_string(), recorded: 1 }])
    }

    #[test]
    fn only_what_was_given_out_is_remembered() {
        let (handed, (key, drafts)) = (Handed::default(), given(1));
        let again = Handle { recorded: 2, ..drafts[0].clone() };
        handed.is_recorded(&key, again.clone());
        assert_eq!(handed.take(&key), None);
        handed.give_out(vec![(key.clone(), drafts)]);
        handed.is_recorded(&key, again.clone());
        assert_eq!(handed.take(&key), Some(vec![again]));
        assert_eq!(handed.take(&key), None);
    }

    #[test]
    fn those_being_given_out_are_never_forgotten() {
        let handed = Handed::default();
        handed.give_out((0..REMEMBERED_MAX).map(given).collect());
        handed.give_out(vec![given(REMEMBERED_MAX)]);
        assert_eq!(handed.take(&given(0).0), None);
        assert!(handed.take(&given(REMEMBERED_MAX).0).is_some());
    }
}
