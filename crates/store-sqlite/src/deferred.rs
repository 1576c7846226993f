//! Writes that are left to another write on the same database, so that all of them are one operation and wait for one commit.

use async_trait::async_trait;
use ports::{Deferred, DeferredWrite, teleconsultations::StoreError};
use rusqlite::Connection;

use crate::{Database, Fault};

type Body = Box<dyn FnOnce(&Connection) -> Result<(), Fault> + Send>;

/// An operation that was not asked for yet.
struct DeferredOperation {
    database: Database,
    doing: &'static str,
    body: Body,
}

#[async_trait]
impl DeferredWrite for DeferredOperation {
    async fn carry_out(self: Box<Self>) -> Result<(), StoreError> {
        let Self { database, doing, body } = *self;
        database.write(doing, body).await
    }
}

impl Database {
    /// Leaves `operation` to whoever is given what is returned.
    pub(crate) fn defer<F>(&self, doing: &'static str, operation: F) -> Deferred
    where
        F: FnOnce(&Connection) -> Result<(), Fault> + Send + 'static,
    {
        Deferred::one(DeferredOperation { database: self.clone(), doing, body: Box::new(operation) })
    }

    /// As [`Self::write`], together with the writes `before` if all of them are this database's, else after them.
    pub(crate) async fn write_after<T, F>(
        &self,
        before: Deferred,
        doing: &'static str,
        operation: F,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        match before.into_writes::<DeferredOperation>(|write| write.database.is(self)) {
            Ok(writes) => {
                let together = move |connection: &Connection| {
                    writes.into_iter().try_for_each(|write| (write.body)(connection))?;
                    operation(connection)
                };
                self.write(doing, together).await
            }
            Err(others) => {
                others.carry_out().await?;
                self.write(doing, operation).await
            }
        }
    }
}
