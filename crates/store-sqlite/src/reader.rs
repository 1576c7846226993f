//! The connections that read.

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::Connection;

use crate::{Fault, connection::connect};

/// Connections kept for the next reader. Reads run on their caller's thread, so there are as many at once as threads that read;
/// beyond this many, connections are opened for one read and closed.
const IDLE_MAX: usize = 32;

/// Lends each reader a connection of its own.
pub(crate) struct Readers {
    path: PathBuf,
    /// `None` once closed. The lock is held for a push or a pop only.
    idle: Mutex<Option<Vec<Connection>>>,
}

impl Readers {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::new(Some(Vec::with_capacity(IDLE_MAX))) }
    }

    pub(crate) fn read<T>(&self, operation: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        let connection = self.take()?;
        let outcome = operation(&connection);
        // A connection with a transaction left open would read the past for ever.
        if connection.is_autocommit() {
            self.put_back(connection);
        }
        outcome
    }

    pub(crate) fn close(&self) {
        // Dropped after the lock is released.
        let _closed = self.idle().take();
    }

    fn take(&self) -> Result<Connection, Fault> {
        let popped = match &mut *self.idle() {
            Some(idle) => idle.pop(),
            None => return Err(Fault::Closed),
        };
        match popped {
            Some(connection) => Ok(connection),
            None => self.connect(),
        }
    }

    fn connect(&self) -> Result<Connection, Fault> {
        let connection = connect(&self.path)?;
        connection.pragma_update(None, "query_only", "ON")?;
        Ok(connection)
    }

    fn put_back(&self, connection: Connection) {
        let mut idle = self.idle();
        let leftover = match &mut *idle {
            Some(idle) if idle.len() < IDLE_MAX => {
                idle.push(connection);
                None
            }
            Some(_) | None => Some(connection),
        };
        drop(idle);
        drop(leftover);
    }

    fn idle(&self) -> MutexGuard<'_, Option<Vec<Connection>>> {
        // Nothing that can panic runs under the lock, and a list of connections is never half changed.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
