//! Why an operation on the database failed, and what that means to the caller of a store.

use deadpool_postgres::PoolError;
use ports::teleconsultations::StoreError;
use tokio_postgres::error::SqlState;

/// Why an operation failed. It becomes a [`StoreError`] when it leaves this crate.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The record is not at the version that the change was decided on, or exists already.
    #[error("a conflict")]
    Conflict,
    /// A record cannot be read back.
    #[error("cannot read {what}")]
    Corrupt {
        /// Which, without personal data.
        what: String,
    },
    /// No connection could be had.
    #[error("no connection")]
    Pool(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A connection of the pool had ended before anything was done with it.
    #[error("the connection had ended")]
    Stale(#[source] tokio_postgres::Error),
    /// PostgreSQL's own word.
    #[error(transparent)]
    Postgres(#[from] tokio_postgres::Error),
}

impl From<store_document::Corrupt> for Fault {
    fn from(store_document::Corrupt { what }: store_document::Corrupt) -> Self {
        Self::Corrupt { what }
    }
}

impl From<PoolError> for Fault {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => Self::Postgres(error),
            error @ (PoolError::Timeout(_)
            | PoolError::Closed
            | PoolError::NoRuntimeSpecified
            | PoolError::PostCreateHook(_)) => Self::Pool(Box::new(error)),
        }
    }
}

impl Fault {
    /// Whether nothing was done and it can be done again at once: PostgreSQL undid the transaction for the sake of another one, or
    /// the connection was an old one.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Stale(_) => true,
            Self::Postgres(error) => {
                matches!(error.code(), Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED))
            }
            Self::Conflict | Self::Corrupt { .. } | Self::Pool(_) => false,
        }
    }

    /// As itself, or as [`Self::Stale`] if the connection had ended: for the first statement on a connection.
    pub(crate) fn of_first(error: tokio_postgres::Error) -> Self {
        let ended = [&SqlState::ADMIN_SHUTDOWN, &SqlState::CRASH_SHUTDOWN];
        if error.is_closed() || error.code().is_some_and(|code| ended.contains(&code)) {
            Self::Stale(error)
        } else {
            Self::Postgres(error)
        }
    }

    /// As itself, or as [`Self::Stale`] if the connection ended: a read can always be done again.
    pub(crate) fn of_read(self) -> Self {
        match self {
            Self::Postgres(error) => Self::of_first(error),
            Self::Conflict | Self::Corrupt { .. } | Self::Pool(_) | Self::Stale(_) => self,
        }
    }

    /// Says it to the caller of a store, who was `doing` something.
    pub(crate) fn into_store_error(self, doing: &'static str) -> StoreError {
        match self {
            Self::Conflict => StoreError::Conflict,
            Self::Corrupt { what } => StoreError::Corrupt { what },
            Self::Pool(source) => StoreError::Unavailable { doing, source },
            Self::Stale(error) => StoreError::Unavailable { doing, source: Box::new(error) },
            Self::Postgres(error) => from_postgres(error, doing),
        }
    }
}

fn from_postgres(error: tokio_postgres::Error, doing: &'static str) -> StoreError {
    match error.code() {
        // "A record with this key exists already" is what a caller can decide again on.
        Some(&SqlState::UNIQUE_VIOLATION) => StoreError::Conflict,
        Some(code) if code.code().starts_with("23") || code.code().starts_with("XX") => {
            StoreError::Corrupt { what: format!("something met while {doing}") }
        }
        // Its messages may quote values, so only the code is told: 53100 is a full disk, 53300 too many connections.
        Some(code) => StoreError::Unavailable { doing, source: format!("PostgreSQL error {}", code.code()).into() },
        None => StoreError::Unavailable { doing, source: Box::new(error) },
    }
}
