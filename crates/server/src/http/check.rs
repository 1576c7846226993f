//! A check whose answer is shared by those who ask for it at the same time.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    Well,
    /// It is not.
    Unwell,
    /// The answer takes longer than whoever asked wants to wait. The check goes on, and the next one who asks may have its answer.
    Late,
}

/// One kind of check. However many ask, one is under way at a time, and its answer is theirs.
///
/// A check runs to its end even if nobody waits for it any more: so a service that hangs is asked once and not by each probe, and
/// whatever counts failures on the way (a breaker, say) sees every one.
pub struct SharedCheck {
    /// For how long an answer is good after it came.
    fresh_for: Duration,
    latest: Mutex<Option<Answer>>,
}

/// The answer of the latest check, once it has come: whether all is well, and since when that is known.
type Answer = watch::Receiver<Option<(bool, Instant)>>;

impl SharedCheck {
    /// A check whose answer is good for so long; zero: for those who ask while it is under way.
    pub fn new(fresh_for: Duration) -> Self {
        Self { fresh_for, latest: Mutex::default() }
    }

    /// Waits up to `patience` for an answer, of `check` if none is under way or fresh. Must be called within a Tokio runtime.
    pub async fn verdict<F>(&self, patience: Duration, check: impl FnOnce() -> F) -> Verdict
    where
        F: Future<Output = bool> + Send + 'static,
    {
        let mut answer = self.answer(check);
        match timeout(patience, answer.wait_for(Option::is_some)).await {
            Ok(Ok(known)) if known.is_some_and(|(well, _)| well) => Verdict::Well,
            // A check that ended without an answer panicked.
            Ok(Ok(_) | Err(_)) => Verdict::Unwell,
            Err(_) => Verdict::Late,
        }
    }

    fn answer<F>(&self, check: impl FnOnce() -> F) -> Answer
    where
        F: Future<Output = bool> + Send + 'static,
    {
        // Nothing panics while it is held.
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = latest.as_ref().filter(|answer| self.is_usable(answer)) {
            return answer.clone();
        }
        let (sender, answer) = watch::channel(None);
        let running = check();
        tokio::spawn(async move {
            let well = running.await;
            sender.send_replace(Some((well, Instant::now())));
        });
        latest.insert(answer).clone()
    }

    fn is_usable(&self, answer: &Answer) -> bool {
        match *answer.borrow() {
            Some((_, since)) => since.elapsed() < self.fresh_for,
            // Without a sender there never will be one.
            None => answer.has_changed().is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::pending,
        sync::{
            Arc,
            atomic::{AtomicU32, Ordering},
        },
    };

    use futures_util::future::join_all;
    use tokio::sync::Notify;

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(800);

    fn counted(count: &Arc<AtomicU32>, well: bool) -> impl Future<Output = bool> + Send + use<> {
        count.fetch_add(1, Ordering::Relaxed);
        std::future::ready(well)
    }

    async fn defective() -> bool {
        panic!("a defect")
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_ask_at_the_same_time_share_one_check() {
        let (check, count, go) =
            (SharedCheck::new(Duration::ZERO), Arc::new(AtomicU32::new(0)), Arc::new(Notify::new()));
        let one = || {
            let go = Arc::clone(&go);
            let counted = counted(&count, true);
            async move {
                go.notified().await;
                counted.await
            }
        };
        let asking = join_all((0..10).map(|_| check.verdict(PATIENCE, one)));
        let ((), verdicts) = tokio::join!(async { go.notify_one() }, asking);
        assert_eq!(verdicts, [Verdict::Well; 10]);
        assert_eq!(count.load(Ordering::Relaxed), 1);
        assert_eq!(check.verdict(PATIENCE, || counted(&count, false)).await, Verdict::Unwell);
        assert_eq!(count.load(Ordering::Relaxed), 2, "who comes later has a check of their own");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_good_for_as_long_as_it_is_fresh() {
        let (check, count) = (SharedCheck::new(Duration::from_secs(1)), Arc::new(AtomicU32::new(0)));
        assert_eq!(check.verdict(PATIENCE, || counted(&count, false)).await, Verdict::Unwell);
        tokio::time::advance(Duration::from_millis(999)).await;
        assert_eq!(check.verdict(PATIENCE, || counted(&count, true)).await, Verdict::Unwell);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(check.verdict(PATIENCE, || counted(&count, true)).await, Verdict::Well);
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn what_hangs_is_asked_once_and_nobody_waits_for_long() {
        let (check, asked) = (SharedCheck::new(Duration::ZERO), Instant::now());
        assert_eq!(check.verdict(PATIENCE, pending).await, Verdict::Late);
        let unasked = || -> std::future::Ready<bool> { panic!("one is under way") };
        assert_eq!(check.verdict(PATIENCE, unasked).await, Verdict::Late);
        assert_eq!(asked.elapsed(), 2 * PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_check_goes_on_without_those_who_asked_and_one_that_panics_is_asked_again() {
        let (check, count) = (SharedCheck::new(Duration::from_secs(1)), Arc::new(AtomicU32::new(0)));
        let slow = {
            let counted = counted(&count, true);
            async move {
                tokio::time::sleep(2 * PATIENCE).await;
                counted.await
            }
        };
        assert_eq!(check.verdict(PATIENCE, || slow).await, Verdict::Late);
        assert_eq!(check.verdict(2 * PATIENCE, || counted(&count, false)).await, Verdict::Well);
        assert_eq!(count.load(Ordering::Relaxed), 1);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(check.verdict(PATIENCE, defective).await, Verdict::Unwell);
        assert_eq!(check.verdict(PATIENCE, || counted(&count, true)).await, Verdict::Well);
    }
}
