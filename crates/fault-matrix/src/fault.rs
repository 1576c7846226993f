//! How a call fails.

use std::future::{Future, pending};

use crate::Calls;

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Nobody is there, from this call on.
    Refused,
    /// It never arrives, and there is no answer.
    TimeoutBefore,
    /// It is carried out, and there is no answer.
    TimeoutAfter,
    /// It is turned away because there were too many: 429.
    TooMany,
    /// It is carried out, and answered with a failure: 500.
    ServerError,
    /// It is carried out, and answered with something else.
    Garbage,
    /// The process is killed before it arrives.
    KilledBefore,
    /// The process is killed once it is carried out.
    KilledAfter,
    /// It is carried out, and the answer breaks off. Over HTTP only.
    Truncated,
    /// It is carried out, and the answer does not end for very long. Over HTTP only.
    Enormous,
    /// It is carried out, and the answer comes a byte at a time. Over HTTP only.
    Slow,
    /// It is carried out, and the answer is about something else. Over HTTP only.
    Contradictory,
}

/// What a faulty port answers.
pub(crate) struct Answers<E> {
    /// Cannot be reached, or gave no answer.
    pub(crate) unavailable: fn() -> E,
    /// Has too much to do.
    pub(crate) busy: fn() -> E,
    /// Answered what makes no sense.
    pub(crate) odd: fn() -> E,
}

impl Calls {
    /// Makes the call of a port in this process, or lets it fail. A call that takes too long is one that a port gave up.
    pub(crate) async fn make<T, E>(
        &self,
        operation: &str,
        call: impl Future<Output = Result<T, E>>,
        answers: &Answers<E>,
    ) -> Result<T, E> {
        let Some(fault) = self.arrive(operation) else { return call.await };
        match fault {
            Fault::Refused | Fault::TimeoutBefore => Err((answers.unavailable)()),
            Fault::TooMany => Err((answers.busy)()),
            Fault::TimeoutAfter | Fault::ServerError | Fault::Slow => {
                drop(call.await);
                Err((answers.unavailable)())
            }
            Fault::Garbage | Fault::Truncated | Fault::Enormous | Fault::Contradictory => {
                drop(call.await);
                Err((answers.odd)())
            }
            Fault::KilledBefore => {
                self.kill();
                pending().await
            }
            Fault::KilledAfter => {
                drop(call.await);
                self.kill();
                pending().await
            }
        }
    }
}
