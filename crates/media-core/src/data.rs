//! Data packets between participants.

/// How a data packet travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// In order and without loss.
    Reliable,
    /// As fast as possible.
    Lossy,
}

/// How much of something may happen in a time.
#[derive(Debug)]
pub(crate) struct Allowance {
    per_second: u32,
    burst: u32,
    left: f64,
    at: std::time::Instant,
}

impl Allowance {
    /// Starts full.
    pub fn new(per_second: u32, burst: u32, now: std::time::Instant) -> Self {
        Self { per_second, burst, left: f64::from(burst), at: now }
    }

    /// Uses some of it, or answers `false` and uses nothing.
    pub fn take(&mut self, amount: usize, now: std::time::Instant) -> bool {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = self.at.max(now);
        self.left = (self.left + passed * f64::from(self.per_second)).min(f64::from(self.burst));
        let Ok(amount) = u32::try_from(amount) else { return false };
        if self.left < f64::from(amount) {
            return false;
        }
        self.left -= f64::from(amount);
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

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
