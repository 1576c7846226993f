//! Writes that wait for the transaction of another.

use async_trait::async_trait;
use deadpool_postgres::Transaction;
use ports::{
    Deferred, DeferredWrite,
    rooms::{Room, RoomCreation},
    teleconsultations::{CleanupChange, StoreError},
};

use crate::{Database, Fault, cleanups, database::write, rooms};

/// One write that was prepared for a database.
pub(crate) struct Prepared {
    database: Database,
    write: Write,
}

/// What it writes.
pub(crate) enum Write {
    Cleanups(Vec<CleanupChange>),
    /// The room and its document.
    Room(Box<Room>, String),
}

impl Write {
    /// To be done with a later write to this database.
    pub(crate) fn deferred(self, database: &Database) -> Deferred {
        Deferred::one(Prepared { database: database.clone(), write: self })
    }

    pub(crate) async fn carry_out(&self, transaction: &Transaction<'_>) -> Result<(), Fault> {
        match self {
            Self::Cleanups(changes) => cleanups::change(transaction, changes).await,
            Self::Room(room, document) => match rooms::create(transaction, room, document).await? {
                RoomCreation::Created => Ok(()),
                RoomCreation::Exists(_) | RoomCreation::KeyUsedUp => Err(Fault::Conflict),
            },
        }
    }
}

#[async_trait]
impl DeferredWrite for Prepared {
    async fn carry_out(self: Box<Self>) -> Result<(), StoreError> {
        let Self { database, write } = *self;
        write!(database, "writing what was left to a later write", |transaction| write.carry_out(transaction).await)
    }
}

/// Those of `before` that can be part of a transaction on this database. Others are done now.
pub(crate) async fn ours(database: &Database, before: Deferred) -> Result<Vec<Write>, StoreError> {
    match before.into_writes::<Prepared>(|prepared| prepared.database.is(database)) {
        Ok(prepared) => Ok(prepared.into_iter().map(|prepared| prepared.write).collect()),
        Err(others) => {
            others.carry_out().await?;
            Ok(Vec::new())
        }
    }
}
