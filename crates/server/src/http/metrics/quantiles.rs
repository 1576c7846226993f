//! Quantiles of times, from counts of fixed size.

/// The shortest time told apart, in seconds: below it all are alike.
const SHORTEST_S: f64 = 10e-6;

/// Steps in each doubling: neighbours are 9 % apart, which is how exact a quantile is.
const STEPS_PER_DOUBLING: u8 = 8;

/// Steps in all: up to 42 s, longer than a request may take.
const STEPS: usize = 22 * STEPS_PER_DOUBLING as usize;

/// How many times there were in each step.
pub struct Quantiles {
    counts: Box<[u64; STEPS]>,
}

impl Default for Quantiles {
    fn default() -> Self {
        Self { counts: Box::new([0; STEPS]) }
    }
}

impl Quantiles {
    /// Counts one time.
    pub fn observe(&mut self, seconds: f64) {
        self.counts[step(seconds)] += 1;
    }

    /// The time that the part `quantile` of all did not exceed, from 0 to 1; `None` if there was none.
    pub fn at(&self, quantile: f64) -> Option<f64> {
        let count: u64 = self.counts.iter().sum();
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a part of a count, both below 2^53"
        )]
        let rank = ((count as f64 * quantile).ceil() as u64).max(1);
        let mut below = 0;
        let found = self.counts.iter().position(|in_step| {
            below += in_step;
            below >= rank
        });
        found.map(end)
    }
}

/// The step of a time. One that is no number is in the first.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` goes to the nearest end of the type, and the steps end before that"
)]
fn step(seconds: f64) -> usize {
    let steps = (seconds / SHORTEST_S).log2() * f64::from(STEPS_PER_DOUBLING);
    (steps.ceil() as usize).min(STEPS - 1)
}

/// The longest time of a step, in seconds.
fn end(step: usize) -> f64 {
    // There are few steps.
    let step = u32::try_from(step).map_or(f64::MAX, f64::from);
    SHORTEST_S * (step / f64::from(STEPS_PER_DOUBLING)).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_exact_to_a_tenth() {
        let mut quantiles = Quantiles::default();
        assert_eq!(quantiles.at(0.5), None);
        for milliseconds in 1..=1000 {
            quantiles.observe(f64::from(milliseconds) / 1000.0);
        }
        for quantile in [0.001, 0.5, 0.9, 0.99, 1.0] {
            let found = quantiles.at(quantile).unwrap();
            assert!((quantile..quantile * 1.1).contains(&found), "{quantile}: {found}");
        }
    }

    #[test]
    fn times_of_every_kind_have_a_step() {
        let mut quantiles = Quantiles::default();
        for seconds in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::MAX, 1e-9] {
            quantiles.observe(seconds);
        }
        assert_eq!(quantiles.at(0.5), Some(SHORTEST_S));
        assert!(quantiles.at(1.0).unwrap() > 38.0);
    }
}
