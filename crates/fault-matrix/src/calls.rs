//! Which call fails.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

use crate::Fault;

/// One call of a use case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// What is called, without ids.
    pub operation: String,
    /// Which call of this operation, from 1.
    pub number: u32,
    /// Whether it goes over HTTP.
    pub over_http: bool,
}

/// What is to happen.
#[derive(Debug, Clone)]
pub struct Plan {
    /// To which call.
    pub call: Call,
    /// What.
    pub fault: Fault,
    /// Whether to all calls of the operation after it, too.
    pub lasting: bool,
}

/// Counts calls, and lets one fail if there is a plan.
#[derive(Default)]
pub struct Calls {
    state: Mutex<State>,
    killed: Notify,
}

#[derive(Default)]
struct State {
    counts: BTreeMap<String, u32>,
    seen: Vec<Call>,
    plan: Option<Plan>,
    struck: bool,
    /// The longest that a call over HTTP took which was meant to be answered.
    slowest: Duration,
}

impl Calls {
    /// Begins to count anew. With a plan, the call that it names will fail.
    pub fn begin(&self, plan: Option<Plan>) {
        *self.state() = State { plan, ..State::default() };
    }

    /// Ends all faults. Returns the calls since the beginning, in their order.
    pub fn end(&self) -> Vec<Call> {
        let mut state = self.state();
        state.plan = None;
        std::mem::take(&mut state.seen)
    }

    /// Whether the call of the plan was made.
    pub fn has_struck(&self) -> bool {
        self.state().struck
    }

    /// The longest that a call over HTTP took, of those that were meant to be answered.
    pub fn slowest(&self) -> Duration {
        self.state().slowest
    }

    /// How long a call took that was meant to be answered.
    pub(crate) fn took(&self, elapsed: Duration) {
        let mut state = self.state();
        state.slowest = state.slowest.max(elapsed);
    }

    /// Waits until the process is to be killed.
    pub async fn killed(&self) {
        self.killed.notified().await;
    }

    /// Kills the process: who waits for [`Self::killed`] drops all that it was doing.
    pub(crate) fn kill(&self) {
        self.killed.notify_one();
    }

    pub(crate) fn strike(&self) {
        self.state().struck = true;
    }

    /// Counts a call within this process, and says how it fails, if it does.
    pub(crate) fn arrive(&self, operation: &str) -> Option<Fault> {
        self.count(operation, false)
    }

    /// Counts a call that came over HTTP.
    pub(crate) fn arrive_over_http(&self, operation: &str) -> Option<Fault> {
        self.count(operation, true)
    }

    /// How many calls have come over HTTP since the beginning.
    pub(crate) fn over_http(&self) -> usize {
        self.state().seen.iter().filter(|call| call.over_http).count()
    }

    fn count(&self, operation: &str, over_http: bool) -> Option<Fault> {
        let mut state = self.state();
        let count = state.counts.entry(operation.to_owned()).or_default();
        *count += 1;
        let number = *count;
        state.seen.push(Call { operation: operation.to_owned(), number, over_http });
        let plan = state.plan.as_ref()?;
        let hit = plan.call.operation == operation
            && (plan.call.number == number || (plan.lasting && plan.call.number < number));
        // Over HTTP, refusing is not answering at all: the proxy sees to it before the call arrives.
        if !hit || (over_http && plan.fault == Fault::Refused) {
            return None;
        }
        let fault = plan.fault;
        state.struck = true;
        Some(fault)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
