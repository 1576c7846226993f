//! Runs tasks on one thread, always waking one that the seed chooses.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::LazyLock,
    task::{Context, Poll, Waker},
};

/// Use cases set timers, which need a runtime to belong to. It never runs, so none of them ever ends.
static TIMERS: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap());

/// Something that runs at the same time as others.
pub struct Task<T> {
    future: Pin<Box<dyn Future<Output = T>>>,
    steps_left: Option<u64>,
}

impl<T> Task<T> {
    pub fn new(future: impl Future<Output = T> + 'static) -> Self {
        Self { future: Box::pin(future), steps_left: None }
    }

    /// The same, dropped after so many steps if it has not finished by then.
    pub fn cut_off_at(self, steps: u64) -> Self {
        Self { steps_left: Some(steps), ..self }
    }
}

/// Runs all of them to their end, and returns what each answered; `None` for one that was cut off.
pub fn run_in_random_order<T>(seed: u64, tasks: Vec<Task<T>>) -> Vec<Option<T>> {
    let _timers = TIMERS.enter();
    let mut random = Random::new(seed);
    let mut answers: Vec<Option<T>> = tasks.iter().map(|_| None).collect();
    let mut running: Vec<_> = tasks.into_iter().enumerate().collect();
    let mut context = Context::from_waker(Waker::noop());
    while !running.is_empty() {
        let chosen = random.below(running.len());
        let (index, task) = &mut running[chosen];
        if task.steps_left == Some(0) {
            drop(running.swap_remove(chosen));
            continue;
        }
        task.steps_left = task.steps_left.map(|steps| steps - 1);
        if let Poll::Ready(answer) = task.future.as_mut().poll(&mut context) {
            answers[*index] = Some(answer);
            drop(running.swap_remove(chosen));
        }
    }
    answers
}

/// Lets others go first, once.
pub async fn step() {
    let mut waited = false;
    poll_fn(|_| if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

/// Chance of a seed (`SplitMix64`).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from(mixed >> 33).unwrap() % bound
    }
}
