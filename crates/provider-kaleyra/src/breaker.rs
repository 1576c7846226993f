//! When to stop asking a service that fails, and when to try again. Pure: time is told.

use jiff::{SignedDuration, Timestamp};

/// Failures in a row after which the service is spared. One or two happen to every service.
const FAILURES_MAX: u32 = 5;

/// How long it is spared at first; that doubles each time the trial after it fails.
const SPARED_MIN: SignedDuration = SignedDuration::from_secs(5);

/// The longest it is spared: how late at most its return is noticed.
const SPARED_MAX: SignedDuration = SignedDuration::from_mins(1);

/// How long a trial may be under way before another one may begin: longer than any call of the client lives, so it was given up.
const TRIAL_MAX: SignedDuration = SignedDuration::from_mins(1);

/// Counts failures in a row and spares the service after too many.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    failures: u32,
    /// How often it was spared without one success in between.
    times_spared: u32,
    /// Nobody may call before then.
    spared_until: Option<Timestamp>,
    /// Since when one caller is trying whether it is back.
    trial_since: Option<Timestamp>,
}

impl Breaker {
    /// Whether to call, or how long to wait before asking again. Whoever may call must report how it went.
    pub(crate) fn admit(&mut self, now: Timestamp) -> Result<(), SignedDuration> {
        let Some(until) = self.spared_until else { return Ok(()) };
        if now < until {
            return Err(now.duration_until(until));
        }
        match self.trial_since {
            Some(since) if now < later(since, TRIAL_MAX) => Err(now.duration_until(later(since, TRIAL_MAX))),
            Some(_) | None => {
                self.trial_since = Some(now);
                Ok(())
            }
        }
    }

    /// Whether nobody may call.
    pub(crate) fn is_sparing(&self, now: Timestamp) -> bool {
        self.spared_until.is_some_and(|until| now < until)
    }

    /// The service answered.
    pub(crate) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// The service failed. Returns for how long it is spared, if that begins now.
    pub(crate) fn failed(&mut self, now: Timestamp) -> Option<SignedDuration> {
        self.failures = self.failures.saturating_add(1);
        let trial_failed = self.trial_since.take().is_some();
        if !trial_failed && (self.failures < FAILURES_MAX || self.spared_until.is_some()) {
            return None;
        }
        let doubled = 2_i32.saturating_pow(self.times_spared);
        let spared = SPARED_MIN.checked_mul(doubled).map_or(SPARED_MAX, |spared| spared.min(SPARED_MAX));
        self.times_spared = self.times_spared.saturating_add(1);
        self.spared_until = Some(later(now, spared));
        Some(spared)
    }

    /// The service asked to be left alone for a while.
    pub(crate) fn asked_to_wait(&mut self, now: Timestamp, wait: SignedDuration) {
        let until = later(now, wait.min(SPARED_MAX));
        self.spared_until = Some(self.spared_until.map_or(until, |spared| spared.max(until)));
        self.trial_since = None;
    }
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn broken_at(now: Timestamp) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 1..FAILURES_MAX {
            assert_eq!(breaker.failed(now), None);
        }
        assert_eq!(breaker.failed(now), Some(SPARED_MIN));
        breaker
    }

    #[test]
    fn failures_with_a_success_among_them_are_forgiven() {
        let mut breaker = Breaker::default();
        for _ in 0..100 {
            for _ in 1..FAILURES_MAX {
                assert_eq!(breaker.failed(at(0)), None);
            }
            breaker.succeeded();
            assert_eq!(breaker.admit(at(0)), Ok(()));
        }
    }

    #[test]
    fn after_failures_in_a_row_nobody_calls_and_then_one() {
        let mut breaker = broken_at(at(0));
        assert_eq!(breaker.admit(at(0)), Err(SPARED_MIN));
        assert_eq!(breaker.admit(at(4)), Err(SignedDuration::from_secs(1)));
        assert!(breaker.is_sparing(at(4)) && !breaker.is_sparing(at(5)));
        assert_eq!(breaker.admit(at(5)), Ok(()));
        assert_eq!(breaker.admit(at(5)), Err(TRIAL_MAX), "one tries, the others wait");
        breaker.succeeded();
        assert_eq!(breaker.admit(at(6)), Ok(()));
        assert_eq!(breaker.admit(at(6)), Ok(()));
    }

    #[test]
    fn each_trial_that_fails_doubles_the_wait_up_to_a_minute() {
        let mut breaker = broken_at(at(0));
        let (mut now, mut waits) = (at(5), Vec::new());
        for _ in 0..6 {
            assert_eq!(breaker.admit(now), Ok(()));
            let spared = breaker.failed(now).unwrap();
            waits.push(spared.as_secs());
            now = later(now, spared);
        }
        assert_eq!(waits, [10, 20, 40, 60, 60, 60]);
    }

    #[test]
    fn calls_that_began_before_it_broke_do_not_lengthen_the_wait() {
        let mut breaker = broken_at(at(0));
        assert_eq!(breaker.failed(at(4)), None);
        assert_eq!(breaker.admit(at(5)), Ok(()));
    }

    #[test]
    fn a_trial_that_was_given_up_does_not_block_for_ever() {
        let mut breaker = broken_at(at(0));
        assert_eq!(breaker.admit(at(5)), Ok(()));
        assert_eq!(breaker.admit(at(64)), Err(SignedDuration::from_secs(1)));
        assert_eq!(breaker.admit(at(65)), Ok(()));
    }

    #[test]
    fn a_service_that_asks_to_be_left_alone_is_up_to_a_minute() {
        let mut breaker = Breaker::default();
        breaker.asked_to_wait(at(0), SignedDuration::from_secs(3));
        assert_eq!(breaker.admit(at(2)), Err(SignedDuration::from_secs(1)));
        assert_eq!(breaker.admit(at(3)), Ok(()));
        breaker.asked_to_wait(at(3), SignedDuration::from_hours(9));
        assert_eq!(breaker.admit(at(3)), Err(SPARED_MAX));
    }
}
