//! Calls to another part of the system: how they ended, and how long they took.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tracing::{Instrument as _, Span};

use super::{
    exposition::{Exposition, Kind},
    histogram::Histogram,
};
use crate::telemetry::spans;

/// How a call ended, by what can be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// As it should.
    Ok,
    /// Somebody else was first: usual.
    Conflict,
    /// What was asked for was wrong.
    Refused,
    /// Too much was asked for at once.
    Busy,
    /// Out of reach, or failing.
    Unavailable,
    /// The answer made no sense.
    Unexpected,
    /// A record cannot be read.
    Corrupt,
    /// Whoever called stopped waiting.
    Abandoned,
}

impl Outcome {
    /// Its name in labels and spans.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
            Self::Busy => "busy",
            Self::Unavailable => "unavailable",
            Self::Unexpected => "unexpected",
            Self::Corrupt => "corrupt",
            Self::Abandoned => "abandoned",
        }
    }

    /// Whether something is wrong with what was called.
    fn is_fault(self) -> bool {
        match self {
            Self::Ok | Self::Conflict | Self::Refused => false,
            Self::Busy | Self::Unavailable | Self::Unexpected | Self::Corrupt | Self::Abandoned => true,
        }
    }
}

/// What is called.
#[derive(Debug)]
pub struct Part {
    /// Its name in families and spans.
    pub name: &'static str,
    /// What it is, for people, as the end of a sentence.
    pub what: &'static str,
    /// Everything that can be asked of it. A figure that is there from the start is seen to grow when the first call fails.
    pub operations: &'static [&'static str],
    /// How a call to it can end.
    pub outcomes: &'static [Outcome],
}

/// The calls to one part. Clones share the counts.
#[derive(Debug, Clone)]
pub struct Calls {
    part: &'static Part,
    operations: Arc<Mutex<BTreeMap<&'static str, Figures>>>,
}

/// The calls of one operation.
#[derive(Debug, Default)]
struct Figures {
    outcomes: BTreeMap<Outcome, u64>,
    durations: Histogram,
}

impl Calls {
    /// No calls yet.
    pub fn new(part: &'static Part) -> Self {
        let none = || Figures {
            outcomes: part.outcomes.iter().map(|outcome| (*outcome, 0)).collect(),
            durations: Histogram::default(),
        };
        let operations = part.operations.iter().map(|operation| (*operation, none())).collect();
        Self { part, operations: Arc::new(Mutex::new(operations)) }
    }

    /// Makes a call, counts it, and shows it in the trace that it belongs to. `outcome` sorts errors.
    pub async fn trace<T, E>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T, E>>,
        outcome: impl FnOnce(&E) -> Outcome,
    ) -> Result<T, E> {
        self.make(operation, call, outcome, spans::call(self.part.name, operation)).await
    }

    /// Makes a call and counts it, without a place in any trace: for what is asked every few seconds.
    pub async fn count<T, E>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T, E>>,
        outcome: impl FnOnce(&E) -> Outcome,
    ) -> Result<T, E> {
        self.make(operation, call, outcome, Span::none()).await
    }

    async fn make<T, E>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T, E>>,
        outcome: impl FnOnce(&E) -> Outcome,
        span: Span,
    ) -> Result<T, E> {
        let mut under_way =
            UnderWay { calls: self, operation, started: Instant::now(), outcome: Outcome::Abandoned, span };
        let result = call.instrument(under_way.span.clone()).await;
        under_way.outcome = match &result {
            Ok(_) => Outcome::Ok,
            Err(error) => outcome(error),
        };
        result
    }

    /// Writes the families of these calls.
    pub fn write(&self, text: &mut Exposition) {
        let Part { name, what, .. } = self.part;
        let operations = self.operations();
        let help = format!("Calls to {what}, by how they ended.");
        let mut calls = text.family(format!("teleconsultation_{name}_calls_total"), Kind::Counter, &help);
        for (operation, figures) in &*operations {
            for (outcome, count) in &figures.outcomes {
                calls.sample("", &[("operation", operation), ("outcome", &outcome.name())], count);
            }
        }
        let help = format!("How long calls to {what} took.");
        let family = format!("teleconsultation_{name}_call_duration_seconds");
        let mut durations = text.family(family, Kind::Histogram, &help);
        for (operation, figures) in &*operations {
            figures.durations.write(&mut durations, &[("operation", operation)]);
        }
    }

    fn ended(&self, operation: &'static str, outcome: Outcome, elapsed: Duration) {
        let mut operations = self.operations();
        let figures = operations.entry(operation).or_default();
        *figures.outcomes.entry(outcome).or_default() += 1;
        figures.durations.observe(elapsed);
    }

    fn operations(&self) -> MutexGuard<'_, BTreeMap<&'static str, Figures>> {
        // Nothing panics half-way while it is held.
        self.operations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call under way. One that is dropped before it ends was abandoned.
struct UnderWay<'a> {
    calls: &'a Calls,
    operation: &'static str,
    started: Instant,
    outcome: Outcome,
    span: Span,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.calls.ended(self.operation, self.outcome, self.started.elapsed());
        spans::call_ended(&self.span, self.outcome.name(), self.outcome.is_fault());
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use futures_util::FutureExt as _;

    use super::*;

    static PART: Part = Part {
        name: "shop",
        what: "the shop",
        operations: &["buy", "sell"],
        outcomes: &[Outcome::Ok, Outcome::Busy, Outcome::Abandoned],
    };

    fn text(calls: &Calls) -> String {
        let mut text = Exposition::default();
        calls.write(&mut text);
        text.into_text()
    }

    #[test]
    fn every_way_to_end_is_there_from_the_start_and_counted() {
        let calls = Calls::new(&PART);
        assert!(text(&calls).contains("\nteleconsultation_shop_calls_total{operation=\"sell\",outcome=\"busy\"} 0\n"));
        let sorted = |(): &()| Outcome::Busy;
        let bought = calls.trace("buy", ready(Ok::<_, ()>(7)), sorted).now_or_never();
        assert_eq!(bought, Some(Ok(7)));
        assert_eq!(calls.count("buy", ready(Err::<u8, _>(())), sorted).now_or_never(), Some(Err(())));
        assert_eq!(calls.count("buy", pending::<Result<u8, ()>>(), sorted).now_or_never(), None);
        let text = text(&calls);
        for line in [
            "teleconsultation_shop_calls_total{operation=\"buy\",outcome=\"ok\"} 1",
            "teleconsultation_shop_calls_total{operation=\"buy\",outcome=\"busy\"} 1",
            "teleconsultation_shop_calls_total{operation=\"buy\",outcome=\"abandoned\"} 1",
            "teleconsultation_shop_calls_total{operation=\"sell\",outcome=\"ok\"} 0",
            "teleconsultation_shop_call_duration_seconds_bucket{operation=\"buy\",le=\"+Inf\"} 3",
            "teleconsultation_shop_call_duration_seconds_count{operation=\"sell\"} 0",
        ] {
            assert!(text.lines().any(|it| it == line), "{line}\n{text}");
        }
    }
}
