//! Measures creations and reads over HTTP, beside a Fastify server that does the same with the same durability.
//!
//! Both servers run throughout; one is asked while the other waits, in turns, so that a machine that slows down slows both. The
//! table gives the median of the rounds, and the latencies and the processor time a request of all of them together.

#![expect(clippy::print_stdout, reason = "it prints its measurements")]

use std::{io::Result, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use clap::Parser;
use teleconsultation_bench_http::{
    load::{Kind, Load},
    results::Results,
    servers::Server,
};

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
        .flat_map(|kind| loads.clone().map(|(load, server)| Results::new(kind, &server, load)))
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
                Kind::Read | Kind::Again => "read (`GET`)",
            };
            println!(
                "| {request} | {} | {:.0} | {} | {:.2} | {:.2} | {} | {ratio} |",
                result.name,
                result.median(),
                result.first_and_last(),
                result.milliseconds(0.5),
                result.milliseconds(0.99),
                result.processor_microseconds().map_or_else(|| "?".to_owned(), |time| format!("{time:.0}")),
            );
        }
    }
}
