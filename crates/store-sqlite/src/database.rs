//! One open database file: the writer, the readers, and how the file is made and set up.

use std::{
    fs::{self, DirBuilder, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use domain::{ParticipantId, ProviderUserId, RoomRef, Teleconsultation, TeleconsultationId};
use ports::{
    rooms::{RoomState, User},
    teleconsultations::{StoreError, Version},
};
use rusqlite::Connection;

use crate::{
    Fault,
    cache::Cache,
    connection::{connect, connect_to_any},
    migration,
    reader::Readers,
    writer::Writer,
};

/// Memory for pages that the writer has read or changed, in KiB. With less, a page of an index that keys are spread over is read
/// again for every other record; beyond this, the system's own cache is as good.
const WRITER_CACHE_KIB: i64 = 32 * 1024;

/// Pages of 4 KiB in the log before the writer moves them into the file. A page that was changed many times meanwhile is moved once,
/// and the disk is waited for twice; but who writes meanwhile waits too. After a crash this much, 12 MiB, is read again in a moment.
const LOG_PAGES: i64 = 3072;

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory or the file cannot be made or given its permissions.
    #[error("{path} cannot be made or its permissions set", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A newer version of the program has changed the schema.
    #[error(
        "the database was written by a newer version of this program (schema {found}, this program knows {known}): start the \
         newer version, or restore a backup"
    )]
    Newer {
        /// The schema's version.
        found: usize,
        /// The newest that this program knows.
        known: usize,
    },
    /// An SQLite database, but not ours.
    #[error("the file is a database of another program: name another file, or move it away")]
    Foreign,
    /// The file cannot be used.
    #[error("the database cannot be opened or brought up to date")]
    Sqlite(#[from] rusqlite::Error),
    /// The system gives us no thread.
    #[error("the thread that writes cannot be started")]
    Thread(#[source] io::Error),
}

/// One open database. Nobody else may write it while it is open: records are kept in memory until they are changed through it. Clones share it; the file is closed with the last of them, or by [`Self::close`].
#[derive(Clone)]
pub struct Database {
    writer: Writer,
    readers: Arc<Readers>,
    caches: Arc<Caches>,
}

/// Records that pages poll: everything that a large hospital polls at once, and 40 MB if each had 25 people.
const POLLED_MAX: usize = 4096;

/// People who are booked again and again: the staff and the patients of months, in 8 MB.
const PEOPLE_MAX: usize = 32_768;

/// The records that are asked for most. They belong to the file, so that every store over it forgets what any of them changes.
pub(crate) struct Caches {
    pub(crate) teleconsultations: Cache<TeleconsultationId, (Teleconsultation, Version)>,
    pub(crate) rooms: Cache<RoomRef, RoomState>,
    /// Whose user is whose; that never changes.
    pub(crate) provider_users: Cache<ParticipantId, ProviderUserId>,
    /// Users of the embedded video service, by an id that is unique in one company only.
    pub(crate) users: Cache<ProviderUserId, User>,
}

impl Default for Caches {
    fn default() -> Self {
        Self {
            teleconsultations: Cache::new(POLLED_MAX),
            rooms: Cache::new(POLLED_MAX),
            provider_users: Cache::new(PEOPLE_MAX),
            users: Cache::new(PEOPLE_MAX),
        }
    }
}

impl Caches {
    /// See [`Cache::settle`]. Whose user is whose is never forgotten.
    fn settle(&self) {
        self.teleconsultations.settle();
        self.rooms.settle();
        self.users.settle();
    }
}

impl Database {
    /// Opens the file, making it and its directory if need be, and brings its schema up to date.
    ///
    /// The file is readable by its owner only and so is a directory made for it: it holds health data. Blocks.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        make_private(path)?;
        // Whatever else lies under this name stays as it is: only a database of ours is changed, and only from here on.
        migration::migrate(&mut connect_to_any(path)?, migration::STEPS)?;
        close_to_others(path)?;
        let connection = connect(path)?;
        // FULL: a commit returns after its pages are on disk, so an answered write survives a loss of power.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
        connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
        let readers = Arc::new(Readers::new(path.to_owned()));
        let caches = Arc::<Caches>::default();
        let changing = Arc::clone(&caches);
        let writer = Writer::start(connection, move || changing.settle()).map_err(OpenError::Thread)?;
        Ok(Self { writer, readers, caches })
    }

    /// Looks at a file that exists: whether it is a database of ours that this program knows and can write. Changes nothing in it.
    /// Blocks.
    pub fn examine(path: &Path) -> Result<(), OpenError> {
        let connection = connect_to_any(path)?;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        migration::version(&connection, migration::STEPS)?;
        connection.execute_batch("ROLLBACK")?;
        Ok(())
    }

    /// Runs `operation` in a transaction of its own on the writer's thread, and answers once it is on disk.
    ///
    /// All or nothing: an `Err` undoes what the operation did and nothing else. Operations run one after another, in the order
    /// in which they were asked for; those that wait at the same time share one commit. An operation whose caller stops
    /// waiting still runs. `doing` completes "the store is unavailable while …".
    pub async fn write<T, F>(&self, doing: &'static str, operation: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        self.writer.write(doing, operation, |_| ()).await
    }

    /// As [`Self::write`], and forgets what was changed in the caches, whether or not the caller still waits.
    pub(crate) async fn write_and_forget<T, F, C>(
        &self,
        doing: &'static str,
        operation: F,
        forget: C,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
        C: FnOnce(&Caches, &T) + Send + 'static,
    {
        let caches = Arc::clone(&self.caches);
        self.writer.write(doing, operation, move |changed| forget(&caches, changed)).await
    }

    /// Whether both are one open database.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.caches, &other.caches)
    }

    /// The records as they were last read.
    pub(crate) fn caches(&self) -> &Caches {
        &self.caches
    }

    /// Runs `operation` on a connection that only reads, and sees everything that was answered before.
    ///
    /// It runs on the caller's thread: a read of a few rows takes microseconds, less than handing it to another thread. Bound
    /// every query with a key or a `LIMIT`. Several statements that must see the same moment need a
    /// [`Connection::unchecked_transaction`].
    #[expect(clippy::unused_async, reason = "callers must not depend on where a read runs")]
    pub async fn read<T>(
        &self,
        doing: &'static str,
        operation: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.readers.read(operation).map_err(|fault| fault.into_store_error(doing))
    }

    /// Finishes the writes that wait, moves the log into the file and closes it. Later operations are `Unavailable`.
    pub async fn close(&self) {
        self.readers.close();
        // What was being read is not kept any more, so nothing is answered from memory from here on.
        self.caches.teleconsultations.forget_all();
        self.caches.rooms.forget_all();
        self.writer.close().await;
    }
}

/// Makes the directory and the file if need be, for nobody but the owner. SQLite gives its other files the same permissions as this
/// one.
fn make_private(path: &Path) -> Result<(), OpenError> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed(directory))?;
    }
    let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).mode(0o600).open(path);
    file.map(drop).map_err(failed(path))
}

/// Lets nobody but the owner read a file that was made by somebody else.
fn close_to_others(path: &Path) -> Result<(), OpenError> {
    fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(failed(path))
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> OpenError + use<> {
    let path = path.to_owned();
    move |source| OpenError::File { path, source }
}
