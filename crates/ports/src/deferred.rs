//! Writes that are left to the write that needs them.

use std::{any::Any, fmt};

use async_trait::async_trait;

use crate::teleconsultations::StoreError;

/// One write that a store has prepared and not begun.
#[async_trait]
pub trait DeferredWrite: Any + Send {
    /// Does it now, by itself. Success is durable.
    async fn carry_out(self: Box<Self>) -> Result<(), StoreError>;
}

/// Writes, in their order, of which each must be on disk no later than the next, and all of them no later than the write that they
/// are given to.
///
/// A store that can do several writes in one may hand a write out instead of doing it. Whoever is given it takes it along in a write
/// of their own, all or nothing, or carries it out first. So a chain of writes waits for the disk once, where they all go to one
/// database, and as often as it must where they do not. What is dropped is never done, as if whoever asked for it had been killed
/// before.
#[derive(Default)]
#[must_use = "what is dropped is never done"]
pub struct Deferred(Vec<Box<dyn DeferredWrite>>);

impl Deferred {
    /// Nothing to be done.
    pub fn none() -> Self {
        Self::default()
    }

    /// One write.
    pub fn one(write: impl DeferredWrite) -> Self {
        Self(vec![Box::new(write)])
    }

    /// These, then `later`.
    pub fn then(mut self, later: Self) -> Self {
        self.0.extend(later.0);
        self
    }

    /// Does all of them now, one after the other, up to the first that fails. Success is durable.
    pub async fn carry_out(self) -> Result<(), StoreError> {
        for write in self.0 {
            write.carry_out().await?;
        }
        Ok(())
    }

    /// All of them, for the store that prepared them; or all of them as they were, if one is not a `T` that `ours` knows.
    pub fn into_writes<T: DeferredWrite>(self, ours: impl Fn(&T) -> bool) -> Result<Vec<T>, Self> {
        let is_ours = |write: &dyn Any| write.downcast_ref::<T>().is_some_and(&ours);
        if !self.0.iter().all(|write| is_ours(&**write)) {
            return Err(self);
        }
        let taken = self.0.into_iter().filter_map(|write| {
            let write: Box<dyn Any> = write;
            write.downcast::<T>().ok().map(|write| *write)
        });
        Ok(taken.collect())
    }
}

impl fmt::Debug for Deferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Deferred").field(&self.0.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    struct Note(u8, Arc<Mutex<Vec<u8>>>);

    #[async_trait]
    impl DeferredWrite for Note {
        async fn carry_out(self: Box<Self>) -> Result<(), StoreError> {
            self.1.lock().unwrap().push(self.0);
            if self.0 == 0 { Err(StoreError::Conflict) } else { Ok(()) }
        }
    }

    struct Foreign;

    #[async_trait]
    impl DeferredWrite for Foreign {
        async fn carry_out(self: Box<Self>) -> Result<(), StoreError> {
            Ok(())
        }
    }

    fn notes(numbers: &[u8], done: &Arc<Mutex<Vec<u8>>>) -> Deferred {
        let note = |number: &u8| Deferred::one(Note(*number, Arc::clone(done)));
        numbers.iter().map(note).fold(Deferred::none(), Deferred::then)
    }

    #[tokio::test]
    async fn writes_are_carried_out_in_order_up_to_the_first_that_fails() {
        let done = Arc::default();
        notes(&[1, 2], &done).carry_out().await.unwrap();
        assert!(matches!(notes(&[3, 0, 4], &done).carry_out().await, Err(StoreError::Conflict)));
        assert_eq!(*done.lock().unwrap(), [1, 2, 3, 0]);
    }

    #[test]
    fn a_store_takes_back_its_own_writes_in_order_and_only_if_all_are_its_own() {
        let done = Arc::default();
        let taken = notes(&[1, 2], &done).into_writes::<Note>(|_| true).unwrap();
        assert_eq!(taken.iter().map(|note| note.0).collect::<Vec<_>>(), [1, 2]);
        assert!(notes(&[1, 2], &done).into_writes::<Note>(|note| note.0 == 1).is_err());
        assert!(notes(&[1], &done).then(Deferred::one(Foreign)).into_writes::<Note>(|_| true).is_err());
        assert!(done.lock().unwrap().is_empty(), "taking a write back does not do it");
    }
}
