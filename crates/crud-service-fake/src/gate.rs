//! Requests that wait until somebody says what becomes of them: for tests about the order of calls, and about being killed between them.

use std::convert::Infallible;

use tokio::sync::{mpsc, oneshot};

use crate::{Fault, Seen};

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Answer,
    Swallow,
    Fail(Fault),
}

type Told = (Verdict, oneshot::Sender<()>);

/// Where requests wait.
#[derive(Clone)]
pub(crate) struct Gate(mpsc::UnboundedSender<Waiting>);

/// The requests that come, each as soon as it waits.
pub struct Calls(mpsc::UnboundedReceiver<Waiting>);

/// A request that waits. One that is dropped is lost: neither carried out nor answered.
#[derive(Debug)]
pub struct Waiting {
    /// The request.
    pub seen: Seen,
    told: oneshot::Sender<Told>,
}

pub(crate) fn open() -> (Gate, Calls) {
    let (waiting, calls) = mpsc::unbounded_channel();
    (Gate(waiting), Calls(calls))
}

/// The answer to whoever gets none.
pub(crate) async fn never<T>() -> T {
    match std::future::pending::<Infallible>().await {}
}

/// There will be no verdict.
#[derive(Debug)]
pub(crate) struct Lost;

impl Gate {
    /// Waits for the verdict; `None` if nobody holds requests any more.
    pub(crate) async fn pass(self, seen: Seen) -> Result<Option<Told>, Lost> {
        let (told, verdict) = oneshot::channel();
        if self.0.send(Waiting { seen, told }).is_err() {
            return Ok(None);
        }
        verdict.await.map(Some).map_err(|_| Lost)
    }
}

impl Calls {
    /// The next request that waits, in the order in which they come.
    pub async fn next(&mut self) -> Waiting {
        match self.0.recv().await {
            Some(waiting) => waiting,
            // The fake that they come to is gone.
            None => never().await,
        }
    }
}

impl Waiting {
    /// Carries it out and answers it. Returns once it is carried out.
    pub async fn answer(self) {
        self.tell(Verdict::Answer).await;
    }

    /// Carries it out and never answers it. Returns once it is carried out.
    pub async fn swallow(self) {
        self.tell(Verdict::Swallow).await;
    }

    /// Lets it fail. Returns once that is done.
    pub async fn fail(self, fault: Fault) {
        self.tell(Verdict::Fail(fault)).await;
    }

    async fn tell(self, verdict: Verdict) {
        let (done, carried_out) = oneshot::channel();
        // Whoever asked may be gone, and then there is nothing to wait for.
        if self.told.send((verdict, done)).is_ok() {
            let _ = carried_out.await;
        }
    }
}
