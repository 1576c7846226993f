//! What runs beside the requests for as long as the program runs.
//!
//! A worker that ends before it is told to is a defect. Half a program is worse than none: calls would have no time limit, or deleted
//! rooms would stay. Everything that a worker knows is on disk, so starting the program again mends what can be mended, and people
//! come back into their calls by themselves. So it is said at once, and the program ends as failed.

use std::{future::Future, time::Duration};

use tokio::{
    task::{Id, JoinError, JoinSet},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// A worker ended before it was told to.
#[derive(Debug, thiserror::Error)]
#[error("the worker that {name} ended by itself, so the program cannot go on: start it again")]
pub struct WorkerFailed {
    /// What it does, as a part of a sentence.
    pub name: &'static str,
    /// How it ended, if it did not just return.
    #[source]
    source: Option<JoinError>,
}

/// The workers of one program.
#[derive(Default)]
pub struct Workers {
    running: JoinSet<()>,
    names: Vec<(Id, &'static str)>,
    stop: CancellationToken,
}

impl Workers {
    /// Starts a worker; `name` completes "the worker that …". Must be called within a Tokio runtime.
    pub fn start<F>(&mut self, name: &'static str, worker: impl FnOnce(CancellationToken) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let handle = self.running.spawn(worker(self.stop.clone()));
        self.names.push((handle.id(), name));
    }

    /// Waits until one of them ends although nobody told it to. Never, if there are none.
    pub async fn failure(&mut self) -> WorkerFailed {
        match self.running.join_next_with_id().await {
            Some(Ok((id, ()))) => WorkerFailed { name: self.name(id), source: None },
            Some(Err(error)) => WorkerFailed { name: self.name(error.id()), source: Some(error) },
            None => std::future::pending().await,
        }
    }

    /// Tells all of them to end, and gives each of them so long to write down what it knows.
    pub async fn stop(mut self, patience: Duration) {
        self.stop.cancel();
        loop {
            match timeout(patience, self.running.join_next()).await {
                Ok(None) => return,
                Ok(Some(Ok(()))) => {}
                Ok(Some(Err(error))) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "a worker failed");
                }
                Err(_) => {
                    tracing::warn!("a worker did not stop in time");
                    return;
                }
            }
        }
    }

    fn name(&self, id: Id) -> &'static str {
        self.names.iter().find(|(of, _)| *of == id).map_or("nobody named", |(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn until_told(stop: CancellationToken) {
        stop.cancelled().await;
    }

    #[tokio::test]
    async fn one_that_panics_is_noticed_at_once_and_named() {
        let mut workers = Workers::default();
        workers.start("idles", until_told);
        workers.start("panics", |_| async { panic!("a defect") });
        let failed = workers.failure().await;
        assert_eq!(
            failed.to_string(),
            "the worker that panics ended by itself, so the program cannot go on: start it again"
        );
        assert!(failed.source.is_some_and(|source| source.is_panic()));
        workers.stop(Duration::from_mins(1)).await;
    }

    #[tokio::test]
    async fn one_that_returns_too_early_is_noticed_and_one_that_was_told_to_end_is_no_failure() {
        let mut workers = Workers::default();
        workers.start("returns", |_| async {});
        workers.start("idles", until_told);
        assert_eq!(workers.failure().await.name, "returns");
        let waiting = timeout(Duration::from_millis(1), workers.failure()).await;
        assert!(waiting.is_err(), "the other one runs");
        workers.stop(Duration::from_mins(1)).await;
    }

    #[tokio::test]
    async fn one_that_does_not_end_is_left_behind() {
        let mut workers = Workers::default();
        workers.start("hangs", |_| std::future::pending());
        workers.stop(Duration::from_millis(1)).await;
    }
}
