//! How much a client may say.

use std::time::Instant;

/// Lets through an amount at a rate, with a reserve for bursts: a token bucket.
#[derive(Debug)]
pub(crate) struct Pace {
    per_second: f64,
    reserve_max: f64,
    reserve: f64,
    at: Instant,
}

impl Pace {
    /// Starts with a full reserve.
    pub(crate) fn new(per_second: u32, reserve_max: u32, now: Instant) -> Self {
        let reserve_max = f64::from(reserve_max);
        Self { per_second: f64::from(per_second), reserve_max, reserve: reserve_max, at: now }
    }

    /// Takes `amount` if it is there.
    pub(crate) fn take(&mut self, amount: u32, now: Instant) -> bool {
        let gained = now.saturating_duration_since(self.at).as_secs_f64() * self.per_second;
        self.at = now;
        self.reserve = (self.reserve + gained).min(self.reserve_max);
        let amount = f64::from(amount);
        if amount > self.reserve {
            return false;
        }
        self.reserve -= amount;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let start = Instant::now();
        let mut pace = Pace::new(2, 3, start);
        assert!((0..3).all(|_| pace.take(1, start)));
        assert!(!pace.take(1, start));
        assert!(pace.take(1, start + Duration::from_millis(500)));
        assert!(!pace.take(1, start + Duration::from_millis(501)));
        let later = start + Duration::from_secs(100);
        assert!((0..3).all(|_| pace.take(1, later)) && !pace.take(1, later));
    }
}
