//! Measures creations and reads over HTTP, beside a Fastify server that does the same with the same durability.
//!
//! Both servers run throughout; one is asked while the other waits, in turns, so that a machine that slows down slows both. The
//! table gives the median of the rounds, and the latencies and the processor time a request of all of them together.

#![expect(clippy::print_stdout, reason = "it prints its measurements")]

mod client;
mod load;
mod servers;

use std::{io::Result, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use clap::Parser;
use hdrhistogram::Histogram;

use load::{Kind, Load};
use servers::Server;

/// Measures creations and reads over HTTP, beside a Fastify server that does the same.
#[derive(Parser)]
struct Arguments {
    /// Our program.
    #[arg(long, env = "TELECONSULTATION_PROGRAM", default_value = "target/release/teleconsultation")]
    program: PathBuf,
    /// The directory of the Fastify server, with its packages installed.
    #[arg(long, default_value = "bench/http/fastify")]
    fastify: PathBuf,
    /// Where both databases are made: this disk is measured.
    #[arg(long, default_value = "target")]
    data: PathBuf,
    /// Keep-alive connections.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Rounds; each asks both servers for creations and for reads.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each phase of a round.
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
}

/// One server, one kind of request, all rounds.
struct Results {
    kind: Kind,
    server: Arc<Server>,
    load: Arc<Load>,
    per_second: Vec<f64>,
    latencies: Option<Histogram<u64>>,
    processor_time: Option<Duration>,
}

// One thread: the fewer times this program is woken, the more of the processor the servers have.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<()> {
    let ours = Server::teleconsultation(&arguments.program, &arguments.data).await?;
    let theirs = Server::fastify(&arguments.fastify, &arguments.data).await?;
    let loads = [ours, theirs].map(|server| (Load::new(server.port), Arc::new(server)));
    let mut results: Vec<_> = [Kind::Create, Kind::Read]
        .into_iter()
        .flat_map(|kind| loads.clone().map(|(load, server)| Results::new(kind, server, load)))
        .collect();

    // Long enough to make everyone known, to fill the logs and to let Node's compiler see what is hot.
    let warm_up = Duration::from_secs_f64(arguments.seconds);
    for result in &results {
        result.load.run(result.kind, arguments.connections, warm_up).await?;
    }
    for _ in 0..arguments.rounds {
        for result in &mut results {
            result.measure(arguments.connections, Duration::from_secs_f64(arguments.seconds)).await?;
        }
    }
    print_table(arguments, &results);
    Ok(())
}

impl Results {
    fn new(kind: Kind, server: Arc<Server>, load: Arc<Load>) -> Self {
        let processor_time = Some(Duration::ZERO);
        Self { kind, server, load, per_second: Vec::new(), latencies: None, processor_time }
    }

    async fn measure(&mut self, connections: usize, duration: Duration) -> Result<()> {
        let before = self.server.processor_time();
        let measured = self.load.run(self.kind, connections, duration).await?;
        let used = self.server.processor_time().zip(before).map(|(after, before)| after.saturating_sub(before));
        self.processor_time = self.processor_time.zip(used).map(|(sum, used)| sum + used);
        self.per_second.push(measured.per_second());
        match &mut self.latencies {
            Some(latencies) => latencies.add(measured.latencies).map_err(std::io::Error::other)?,
            None => self.latencies = Some(measured.latencies),
        }
        Ok(())
    }

    /// The median of the rounds.
    fn median(&self) -> f64 {
        let mut sorted = self.per_second.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }

    /// What one request costs the server, in microseconds of one processor. Unlike the rates, it does not depend on what else runs.
    #[expect(clippy::cast_precision_loss, reason = "a count of requests is far below 2^52")]
    fn processor_microseconds(&self) -> Option<f64> {
        let requests = self.latencies.as_ref().map_or(0, Histogram::len) as f64;
        self.processor_time.map(|time| time.as_secs_f64() * 1e6 / requests)
    }

    /// Whether it slows down as its tables grow.
    fn first_and_last(&self) -> String {
        let round = |rate: Option<&f64>| rate.map_or_else(|| "?".to_owned(), |rate| format!("{rate:.0}"));
        format!("{} to {}", round(self.per_second.first()), round(self.per_second.last()))
    }

    fn milliseconds(&self, quantile: f64) -> f64 {
        let microseconds = self.latencies.as_ref().map_or(0, |latencies| latencies.value_at_quantile(quantile));
        Duration::from_micros(microseconds).as_secs_f64() * 1000.0
    }
}

fn print_table(arguments: &Arguments, results: &[Results]) {
    let Arguments { connections, rounds, seconds, .. } = arguments;
    println!(
        "{connections} keep-alive connections, median of {rounds} rounds of {seconds} s, both servers durable (WAL, synchronous=FULL)"
    );
    println!();
    println!("| request | server | per second | first to last round | p50 ms | p99 ms | processor µs | ratio |");
    println!("|---|---|---:|---:|---:|---:|---:|---:|");
    for pair in results.chunks(2) {
        let [ours, theirs] = pair else { continue };
        let ratio = ours.median() / theirs.median();
        for (result, ratio) in [(ours, format!("{ratio:.1} x")), (theirs, "1 x".to_owned())] {
            let request = match result.kind {
                Kind::Create => "create (`POST`)",
                Kind::Read => "read (`GET`)",
            };
            println!(
                "| {request} | {} | {:.0} | {} | {:.2} | {:.2} | {} | {ratio} |",
                result.server.name,
                result.median(),
                result.first_and_last(),
                result.milliseconds(0.5),
                result.milliseconds(0.99),
                result.processor_microseconds().map_or_else(|| "?".to_owned(), |time| format!("{time:.0}")),
            );
        }
    }
}
