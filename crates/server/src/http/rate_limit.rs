//! How often one client may try: a bucket of tries for each address, refilled with time.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;

use super::client_address::network;

/// Tries that a client has at once: a whole ward behind one address opens its links at the full hour.
const TRIES_MAX: f64 = 60.0;

/// Tries that come back in each second. Guessing a link of 128 bits at this pace is hopeless; it bounds the work.
const TRIES_PER_S: f64 = 10.0;

/// The most addresses remembered. When they are full, all are forgotten, which only gives everyone their tries back.
const CLIENTS_MAX: usize = 10_000;

/// Limits tries by client.
pub struct RateLimit {
    tries_max: f64,
    tries_per_s: f64,
    buckets: Mutex<BTreeMap<Option<IpAddr>, Bucket>>,
}

struct Bucket {
    tries: f64,
    counted: Timestamp,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self::new(TRIES_MAX, TRIES_PER_S)
    }
}

impl RateLimit {
    /// Gives each client `tries_max` tries at once, and `tries_per_s` back in each second.
    pub fn new(tries_max: f64, tries_per_s: f64) -> Self {
        Self { tries_max, tries_per_s, buckets: Mutex::default() }
    }

    /// Whether the client has a try left. Takes none, and remembers nobody.
    pub fn has_one(&self, client: Option<IpAddr>, now: Timestamp) -> bool {
        let client = client.map(network);
        let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.get(&client).is_none_or(|bucket| self.tries_at(bucket, now) >= 1.0)
    }

    fn tries_at(&self, bucket: &Bucket, now: Timestamp) -> f64 {
        let passed_s = now.duration_since(bucket.counted).as_secs_f64().max(0.0);
        passed_s.mul_add(self.tries_per_s, bucket.tries).min(self.tries_max)
    }

    /// Takes a try, if the client has one left.
    pub fn take(&self, client: Option<IpAddr>, now: Timestamp) -> bool {
        let client = client.map(network);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= CLIENTS_MAX && !buckets.contains_key(&client) {
            buckets.clear();
        }
        let bucket = buckets.entry(client).or_insert(Bucket { tries: self.tries_max, counted: now });
        bucket.tries = self.tries_at(bucket, now);
        bucket.counted = now;
        if bucket.tries < 1.0 {
            return false;
        }
        bucket.tries -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_used_up_its_tries_gets_them_back_with_time_and_others_keep_theirs() {
        let limit = RateLimit::default();
        let (client, other) = (Some(IpAddr::from([192, 0, 2, 1])), Some(IpAddr::from([192, 0, 2, 2])));
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let start = at("2026-01-01T10:00:00Z");
        assert!((0..60).all(|_| limit.has_one(client, start) && limit.take(client, start)));
        assert!(!limit.has_one(client, start) && limit.has_one(other, start));
        assert!(!limit.take(client, start));
        assert!(limit.take(other, start));
        assert!(!limit.take(client, at("2026-01-01T09:00:00Z")), "a clock that is set back gives nothing");
        assert!(limit.take(client, at("2026-01-01T10:00:00.2Z")));
    }

    #[test]
    fn a_client_that_changes_its_address_within_its_network_stays_the_same() {
        let limit = RateLimit::default();
        let now = "2026-01-01T10:00:00Z".parse().unwrap();
        let taken = |address: &str| limit.take(Some(address.parse().unwrap()), now);
        assert!((0..60).all(|n| taken(&format!("2001:db8:0:1::{n:x}"))));
        assert!(!taken("2001:db8:0:1:ffff::"));
        assert!(taken("2001:db8:0:2::"));
        assert!((0..60).all(|_| taken("192.0.2.1")));
        assert!(!taken("::ffff:192.0.2.1"));
        assert!(taken("192.0.2.2"));
    }
}
