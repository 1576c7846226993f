//! How much of something somebody may do.

use std::time::Instant;

/// How much of something may happen in a time: a token bucket.
#[derive(Debug)]
pub struct Allowance {
    per_second: u32,
    burst: u32,
    left: f64,
    at: Instant,
}

impl Allowance {
    /// Starts full.
    pub fn new(per_second: u32, burst: u32, now: Instant) -> Self {
        Self { per_second, burst, left: f64::from(burst), at: now }
    }

    /// Uses some of it, or answers `false` and uses nothing.
    pub fn take(&mut self, amount: usize, now: Instant) -> bool {
        self.refill(now);
        let Ok(amount) = u32::try_from(amount) else { return false };
        if self.left < f64::from(amount) {
            return false;
        }
        self.left -= f64::from(amount);
        true
    }

    /// Whether nothing of it is used up any more.
    pub fn is_full(&mut self, now: Instant) -> bool {
        self.refill(now);
        self.left >= f64::from(self.burst)
    }

    fn refill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = self.at.max(now);
        self.left = (self.left + passed * f64::from(self.per_second)).min(f64::from(self.burst));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_allowance_fills_again_up_to_its_burst() {
        let start = Instant::now();
        let mut allowance = Allowance::new(10, 20, start);
        assert!(allowance.take(20, start));
        assert!(!allowance.take(1, start));
        assert!(allowance.take(10, start + Duration::from_secs(1)));
        assert!(!allowance.take(21, start + Duration::from_secs(100)));
        assert!(allowance.take(20, start + Duration::from_secs(100)));
    }
}
