//! How each connection to the file is opened and set up.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

/// How long a connection waits for another that holds a lock it needs. Ours never wait for each other, so this is for a
/// backup or a person with a shell.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Prepared statements that a connection keeps: more than all stores of this crate have together.
const STATEMENTS_MAX: usize = 128;

/// Opens one connection to whatever lies there, and changes nothing.
pub(crate) fn connect_to_any(path: &Path) -> rusqlite::Result<Connection> {
    // No mutex: each connection is used by one thread at a time.
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Opens one connection, set up the same for writing and for reading.
pub(crate) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect_to_any(path)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    // A plan does not depend on the values bound, else SQLite prepares some statements anew for every value: a fifth of a read.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    // What an operation may have to undo is kept in memory rather than in a temporary file.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}
