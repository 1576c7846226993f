//! What comes of the rounds.

use std::{
    io::{Error, Result},
    sync::Arc,
    time::Duration,
};

use hdrhistogram::Histogram;

use crate::{
    load::{Kind, Load},
    servers::Server,
};

/// One server, one kind of request, all rounds.
pub struct Results {
    /// The kind.
    pub kind: Kind,
    /// How the table names what is asked.
    pub name: &'static str,
    /// What it is asked.
    pub load: Arc<Load>,
    server: Option<Arc<Server>>,
    per_second: Vec<f64>,
    latencies: Option<Histogram<u64>>,
    processor_time: Option<Duration>,
}

impl Results {
    /// None yet.
    pub fn new(kind: Kind, server: &Arc<Server>, load: Arc<Load>) -> Self {
        Self { server: Some(Arc::clone(server)), ..Self::of_no_process(kind, server.name, load) }
    }

    /// None yet, of something that runs in this process.
    pub fn of_no_process(kind: Kind, name: &'static str, load: Arc<Load>) -> Self {
        let processor_time = Some(Duration::ZERO);
        Self { kind, name, load, server: None, per_second: Vec::new(), latencies: None, processor_time }
    }

    fn used(&self) -> Option<Duration> {
        self.server.as_ref()?.processor_time()
    }

    /// One phase of a round.
    pub async fn measure(&mut self, connections: usize, duration: Duration) -> Result<()> {
        let before = self.used();
        let measured = self.load.run(self.kind, connections, duration).await?;
        let used = self.used().zip(before).map(|(after, before)| after.saturating_sub(before));
        self.processor_time = self.processor_time.zip(used).map(|(sum, used)| sum + used);
        self.per_second.push(measured.per_second());
        match &mut self.latencies {
            Some(latencies) => latencies.add(measured.latencies).map_err(Error::other)?,
            None => self.latencies = Some(measured.latencies),
        }
        Ok(())
    }

    /// The median of the rounds.
    pub fn median(&self) -> f64 {
        let mut sorted = self.per_second.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }

    /// What one request costs the server, in microseconds of one processor. Unlike the rates, it does not depend on what else runs.
    #[expect(clippy::cast_precision_loss, reason = "a count of requests is far below 2^52")]
    pub fn processor_microseconds(&self) -> Option<f64> {
        let requests = self.latencies.as_ref().map_or(0, Histogram::len) as f64;
        self.processor_time.map(|time| time.as_secs_f64() * 1e6 / requests)
    }

    /// Whether it slows down as its tables grow.
    pub fn first_and_last(&self) -> String {
        let round = |rate: Option<&f64>| rate.map_or_else(|| "?".to_owned(), |rate| format!("{rate:.0}"));
        format!("{} to {}", round(self.per_second.first()), round(self.per_second.last()))
    }

    /// The time within which this share of the requests was answered.
    pub fn milliseconds(&self, quantile: f64) -> f64 {
        let microseconds = self.latencies.as_ref().map_or(0, |latencies| latencies.value_at_quantile(quantile));
        Duration::from_micros(microseconds).as_secs_f64() * 1000.0
    }
}
