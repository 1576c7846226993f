//! How long things took, in buckets.

use std::{fmt::Display, time::Duration};

use super::exposition::{Family, Labels};

/// Upper bounds in seconds: reads take well under a millisecond, durable writes a few, a call to another service some hundreds, and
/// what is stuck up to its time limit.
pub const BUCKETS_S: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 20.0];

/// How long the things of one kind took, since the program began.
#[derive(Debug, Default)]
pub struct Histogram {
    /// How many were at most as long as each of [`BUCKETS_S`], without those of smaller buckets.
    buckets: [u64; BUCKETS_S.len()],
    count: u64,
    sum_s: f64,
}

impl Histogram {
    /// Counts one of them.
    pub fn observe(&mut self, elapsed: Duration) {
        let seconds = elapsed.as_secs_f64();
        self.count += 1;
        self.sum_s += seconds;
        if let Some(bucket) = BUCKETS_S.iter().position(|bound| seconds <= *bound) {
            self.buckets[bucket] += 1;
        }
    }

    /// Writes all samples of a histogram with these labels.
    pub fn write(&self, family: &mut Family<'_>, labels: Labels<'_>) {
        let mut below = 0;
        for (bound, count) in BUCKETS_S.iter().zip(self.buckets) {
            below += count;
            write_bucket(family, labels, bound, below);
        }
        write_bucket(family, labels, &"+Inf", self.count);
        self.write_total(family, labels);
    }

    /// Writes the sum and the count of a histogram or a summary.
    pub fn write_total(&self, family: &mut Family<'_>, labels: Labels<'_>) {
        family.sample("_sum", labels, self.sum_s);
        family.sample("_count", labels, self.count);
    }
}

fn write_bucket(family: &mut Family<'_>, labels: Labels<'_>, bound: &dyn Display, count: u64) {
    let with_bound: Vec<_> = labels.iter().copied().chain([("le", bound)]).collect();
    family.sample("_bucket", &with_bound, count);
}
