//! Why an operation on the database failed, and what that means to the caller of a store.

use ports::teleconsultations::StoreError;
use rusqlite::{ErrorCode, ffi};

/// Why an operation failed. It becomes a [`StoreError`] when it leaves this crate.
#[derive(Debug)]
pub enum Fault {
    /// The record is not at the version that the change was decided on, or exists already.
    Conflict,
    /// A record cannot be read back.
    Corrupt {
        /// Which, without personal data.
        what: String,
    },
    /// The database was closed.
    Closed,
    /// SQLite's own word.
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<store_document::Corrupt> for Fault {
    fn from(store_document::Corrupt { what }: store_document::Corrupt) -> Self {
        Self::Corrupt { what }
    }
}

impl Fault {
    /// Says it to the caller of a store, who was `doing` something.
    pub(crate) fn into_store_error(self, doing: &'static str) -> StoreError {
        match self {
            Self::Conflict => StoreError::Conflict,
            Self::Corrupt { what } => StoreError::Corrupt { what },
            Self::Closed => StoreError::Unavailable { doing, source: "the database is closed".into() },
            Self::Sqlite(error) => from_sqlite(error, doing),
        }
    }
}

fn from_sqlite(error: rusqlite::Error, doing: &'static str) -> StoreError {
    let unreadable = || StoreError::Corrupt { what: format!("something met while {doing}") };
    let Some(code) = error.sqlite_error() else {
        // Everything that is not SQLite's own is a column of another type, count or encoding than the schema has.
        return unreadable();
    };
    match (code.code, code.extended_code) {
        // "A record with this key exists already" is what a caller can decide again on. The schema's other constraints cannot
        // be broken by a lost race.
        (
            ErrorCode::ConstraintViolation,
            ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_FOREIGNKEY,
        ) => StoreError::Conflict,
        (
            ErrorCode::ConstraintViolation
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::TypeMismatch,
            _,
        ) => unreadable(),
        _ => StoreError::Unavailable { doing, source: Box::new(error) },
    }
}
