//! The one thread that writes, and its group commits.
//!
//! A durable commit waits for the disk, hundreds of times longer than an insert takes. So the thread takes every operation that
//! waits, runs each in a savepoint of its own inside one transaction, commits once, and only then answers them all.

use std::{io, panic::AssertUnwindSafe, thread, time::Duration};

use ports::teleconsultations::StoreError;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::Fault;

/// Operations that may wait for the writer. More would only wait longer: at the slowest disk worth the name (10 ms for a commit of
/// [`GROUP_MAX`]) the last of them waits 80 ms.
const QUEUE_MAX: usize = 4096;

/// Operations in one commit. Larger groups gain nothing once the wait for the disk is shared by hundreds.
const GROUP_MAX: usize = 512;

/// How long an operation waits for a place in the queue before the store counts as unavailable.
const QUEUE_WAIT_MAX: Duration = Duration::from_secs(5);

/// Why an operation has no answer.
#[derive(Debug, Clone, thiserror::Error)]
enum NotWritten {
    #[error("the database is closed")]
    Closed,
    #[error("too many operations wait")]
    QueueFull,
    #[error("the operation did not come to an end")]
    Panicked,
    #[error("the transaction failed: {0}")]
    Transaction(String),
}

impl NotWritten {
    fn while_doing(self, doing: &'static str) -> StoreError {
        StoreError::Unavailable { doing, source: Box::new(self) }
    }
}

enum Message {
    Operation(Box<dyn Pending>),
    Close(oneshot::Sender<()>),
}

/// Hands operations to the thread that writes.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Message>,
}

impl Writer {
    /// Starts the thread. It ends with the last clone of this value or with [`Self::close`]. `settled` runs on it after each commit,
    /// or once a commit has failed, and before the answers.
    pub(crate) fn start(connection: Connection, settled: impl Fn() + Send + 'static) -> io::Result<Self> {
        let (queue, messages) = mpsc::channel(QUEUE_MAX);
        thread::Builder::new().name("store-writer".to_owned()).spawn(move || run(connection, messages, settled))?;
        Ok(Self { queue })
    }

    /// See [`crate::Database::write`]. `committing` runs on the thread before the commit.
    pub(crate) async fn write<T, F, C>(&self, doing: &'static str, operation: F, committing: C) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
        C: FnOnce(&T) + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let pending = Operation { doing, body: Some(operation), outcome: None, committing: Some(committing), answer };
        self.enqueue(Message::Operation(Box::new(pending))).await.map_err(|error| error.while_doing(doing))?;
        answered.await.unwrap_or_else(|_| Err(NotWritten::Panicked.while_doing(doing)))
    }

    /// Waits until everything asked for so far is written and the thread has closed its connection.
    pub(crate) async fn close(&self) {
        let (closed, wait) = oneshot::channel();
        // However long the queue is. An error on either way means that the thread is gone already.
        if self.queue.send(Message::Close(closed)).await.is_ok() {
            let _ = wait.await;
        }
    }

    async fn enqueue(&self, message: Message) -> Result<(), NotWritten> {
        match self.queue.try_send(message) {
            Ok(()) => Ok(()),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(NotWritten::Closed),
            Err(mpsc::error::TrySendError::Full(message)) => {
                match self.queue.send_timeout(message, QUEUE_WAIT_MAX).await {
                    Ok(()) => Ok(()),
                    Err(mpsc::error::SendTimeoutError::Closed(_)) => Err(NotWritten::Closed),
                    Err(mpsc::error::SendTimeoutError::Timeout(_)) => Err(NotWritten::QueueFull),
                }
            }
        }
    }
}

/// An operation whose result type is hidden from the thread.
trait Pending: Send {
    /// Runs the operation and keeps its outcome. Returns whether what it did shall stay.
    fn run(&mut self, connection: &Connection) -> bool;

    /// Says what is about to be committed, if the operation did anything.
    fn commit(&mut self);

    /// Answers with the outcome, or with why the whole group was not written.
    fn answer(self: Box<Self>, group: Result<(), NotWritten>);
}

struct Operation<T, F, C> {
    doing: &'static str,
    body: Option<F>,
    /// `None` until it ran, and if it panicked.
    outcome: Option<Result<T, Fault>>,
    committing: Option<C>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F, C> Pending for Operation<T, F, C>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T, Fault> + Send,
    C: FnOnce(&T) + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        let Some(body) = self.body.take() else { return false };
        // Unwind safe: what a panic leaves half done in the database is rolled back, and the closure is gone.
        self.outcome = std::panic::catch_unwind(AssertUnwindSafe(|| body(connection))).ok();
        matches!(self.outcome, Some(Ok(_)))
    }

    fn commit(&mut self) {
        if let (Some(Ok(done)), Some(committing)) = (&self.outcome, self.committing.take()) {
            committing(done);
        }
    }

    fn answer(self: Box<Self>, group: Result<(), NotWritten>) {
        let outcome = match (group, self.outcome) {
            (Ok(()), Some(outcome)) => outcome.map_err(|fault| fault.into_store_error(self.doing)),
            (Ok(()), None) => Err(NotWritten::Panicked.while_doing(self.doing)),
            (Err(error), _) => Err(error.while_doing(self.doing)),
        };
        // Nobody listens if the caller stopped waiting.
        let _ = self.answer.send(outcome);
    }
}

fn run(connection: Connection, mut messages: mpsc::Receiver<Message>, settled: impl Fn()) {
    let mut received = Vec::with_capacity(GROUP_MAX);
    let mut group = Vec::with_capacity(GROUP_MAX);
    let mut closers = Vec::new();
    while messages.blocking_recv_many(&mut received, GROUP_MAX) > 0 {
        for message in received.drain(..) {
            match message {
                Message::Operation(operation) => group.push(operation),
                Message::Close(closed) => {
                    // What was sent before is still received; what is sent later is refused.
                    messages.close();
                    closers.push(closed);
                }
            }
        }
        if group.is_empty() {
            continue;
        }
        let written = write_group(&connection, &mut group);
        settled();
        if let Err(error) = &written {
            tracing::error!(error = %error, operations = group.len(), "A group of writes failed.");
        }
        for operation in group.drain(..) {
            operation.answer(written.clone());
        }
    }
    // With the last connection, SQLite moves the log into the file and removes it. If that fails nothing is lost: the log is
    // read at the next start.
    if let Err((_, error)) = connection.close() {
        tracing::warn!(error = %error, "The database could not be closed in order.");
    }
    for closed in closers {
        let _ = closed.send(());
    }
}

/// Runs the operations in one transaction and commits it. After an error nothing of the group is written.
fn write_group(connection: &Connection, group: &mut [Box<dyn Pending>]) -> Result<(), NotWritten> {
    let written = try_write_group(connection, group);
    if written.is_err() && !connection.is_autocommit() {
        // If even this fails, the next group cannot begin, and says so.
        if let Err(error) = connection.execute_batch("ROLLBACK") {
            tracing::error!(error = %error, "A failed group of writes could not be rolled back.");
        }
    }
    written.map_err(|error| NotWritten::Transaction(error.to_string()))
}

fn try_write_group(connection: &Connection, group: &mut [Box<dyn Pending>]) -> rusqlite::Result<()> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    for operation in group.iter_mut() {
        connection.prepare_cached("SAVEPOINT operation")?.execute([])?;
        if !operation.run(connection) {
            // Fails if SQLite has rolled back the whole transaction by itself, as it does when the disk is full: then the
            // whole group fails, because what its earlier operations did is gone.
            connection.prepare_cached("ROLLBACK TO operation")?.execute([])?;
        }
        connection.prepare_cached("RELEASE operation")?.execute([])?;
    }
    for operation in group {
        operation.commit();
    }
    connection.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}
