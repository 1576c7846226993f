//! Measures creations and reads through each store, one program for each, in turns; then what a read through the CRUD Service costs
//! beside the very request that it makes there, which anything in front of the CRUD Service has to make, and beside that request through
//! a relay that only passes bytes on; then how soon the program is ready, and how much memory it has while nothing happens.
//!
//! The CRUD Service is the fake of our tests, in memory: it answers much faster than the real one, which asks a MongoDB, so the ratio
//! is worse than it would be there. The relay tells how much of it is the way between processes.

#![expect(clippy::print_stdout, reason = "it prints its measurements")]

mod relay;

use std::{
    io::{Error, Result},
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, mpsc},
    time::Duration,
};

use clap::Parser;
use crud_service_fake::{Collection, CrudServiceFake};
use jiff::Timestamp;
use ports::Clock;
use teleconsultation_bench_http::{
    load::{Kind, Load},
    results::Results,
    servers::Server,
};

/// Starts of which the median is taken.
const STARTS: usize = 11;

/// The collection that is read.
const TELECONSULTATIONS: &str = "/bk-ts-teleconsultations";

/// How long nothing happens before the memory is looked at.
const IDLE: Duration = Duration::from_secs(10);

/// Measures creations and reads through each store.
#[derive(Parser)]
struct Arguments {
    /// Our program.
    #[arg(long, env = "TELECONSULTATION_PROGRAM", default_value = "target/release/teleconsultation")]
    program: PathBuf,
    /// Where SQLite's database is made: this disk is measured.
    #[arg(long, default_value = "target")]
    data: PathBuf,
    /// An empty PostgreSQL.
    #[arg(long, env = "TEST_POSTGRES_URL")]
    postgres: String,
    /// The port of a real CRUD Service on this machine, with the two collections, empty: reads are measured beside it too.
    #[arg(long)]
    crud_service: Option<u16>,
    /// Keep-alive connections.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Rounds; each asks all programs for creations and for reads.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each phase of a round.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
}

struct Now;

impl Clock for Now {
    #[expect(clippy::disallowed_methods, reason = "the fake has no other clock here")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

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
    let crud = crud_service()?;
    let (program, data) = (&arguments.program, &arguments.data);
    let crud_url = crud.url();
    let at_crud = at_crud_service(&crud_url);
    let servers = [
        Server::with("SQLite", program, data, &[]).await?,
        Server::with("PostgreSQL", program, data, &[("DATABASE_URL", &arguments.postgres)]).await?,
        Server::with("CRUD Service", program, data, &at_crud).await?,
    ];
    let loads = servers.map(|server| (Load::new(server.port), Arc::new(server)));
    let mut results: Vec<_> = [Kind::Create, Kind::Read]
        .into_iter()
        .flat_map(|kind| loads.clone().map(|(load, server)| Results::new(kind, &server, load)))
        .collect();
    rounds(arguments, arguments.connections, &mut results).await?;
    print_stores(arguments, &results);

    let [.., (load, server)] = loads;
    let path = asked_for_a_read(&crud, &load).await?;
    let port = crud_url.rsplit(':').next().and_then(|port| port.parse().ok());
    let port = port.ok_or_else(|| Error::other("the CRUD Service has no port"))?;
    print_overhead("the CRUD fake", &overhead(arguments, &server, load, port, &path).await?);
    if let Some(port) = arguments.crud_service {
        print_overhead("a real CRUD Service", &overhead_of_real(arguments, port).await?);
    }
    print_idle(arguments).await
}

fn at_crud_service(url: &str) -> [(&str, &str); 3] {
    [
        ("CRUD_SERVICE_URL", url),
        ("TELECONSULTATIONS_CRUD_NAME", TELECONSULTATIONS),
        ("USER_ID_MAP_CRUD_NAME", "/bk-ts-userid-maps"),
    ]
}

/// Reads of what is there, through the server and beside it.
async fn overhead(
    arguments: &Arguments,
    server: &Arc<Server>,
    load: Arc<Load>,
    port: u16,
    path: &str,
) -> Result<[Results; 3]> {
    let (bare, relayed) = (Load::again(port, path), Load::again(relay::start(port)?, path));
    let mut beside = [
        Results::new(Kind::Read, server, load),
        Results::of_no_process(Kind::Again, "the same request through a relay of bytes", relayed),
        Results::of_no_process(Kind::Again, "the same request to the CRUD Service itself", bare),
    ];
    rounds(arguments, 1, &mut beside).await?;
    Ok(beside)
}

/// Of one teleconsultation: a database without MongoDB's indexes takes longer for each further one.
async fn overhead_of_real(arguments: &Arguments, port: u16) -> Result<[Results; 3]> {
    let url = format!("http://127.0.0.1:{port}");
    let server = Server::with("CRUD Service", &arguments.program, &arguments.data, &at_crud_service(&url)).await?;
    let load = Load::new(server.port);
    let id = load.make_one().await?;
    overhead(arguments, &Arc::new(server), load, port, &format!("{TELECONSULTATIONS}/{id}?_st=PUBLIC")).await
}

/// The fake on a thread of its own, so that it does not wait for the load.
fn crud_service() -> Result<CrudServiceFake> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let collections = vec![Collection::teleconsultations(), Collection::user_id_map()];
            let started = CrudServiceFake::start(collections, Arc::new(Now)).await;
            let failed = started.is_err();
            if sender.send(started).is_ok() && !failed {
                std::future::pending::<()>().await;
            }
        });
        Ok::<(), Error>(())
    });
    receiver.recv().map_err(Error::other)?
}

async fn rounds(arguments: &Arguments, connections: usize, results: &mut [Results]) -> Result<()> {
    let duration = Duration::from_secs_f64(arguments.seconds);
    for result in &mut *results {
        result.load.run(result.kind, connections, duration).await?;
    }
    for _ in 0..arguments.rounds {
        for result in &mut *results {
            result.measure(connections, duration).await?;
        }
    }
    Ok(())
}

/// The path of what the program asks the CRUD Service for one read.
async fn asked_for_a_read(crud: &CrudServiceFake, load: &Arc<Load>) -> Result<String> {
    crud.seen();
    load.run(Kind::Read, 1, Duration::from_millis(1)).await?;
    let seen = crud.seen();
    let path = seen.first().and_then(|seen| seen.line.strip_prefix("GET "));
    path.map(str::to_owned).ok_or_else(|| Error::other("a read asks the CRUD Service for nothing"))
}

fn print_stores(arguments: &Arguments, results: &[Results]) {
    let Arguments { connections, rounds, seconds, .. } = arguments;
    println!("{connections} keep-alive connections, median of {rounds} rounds of {seconds} s");
    println!();
    println!("| request | store | per second | first to last round | p50 ms | p99 ms | processor µs | ratio |");
    println!("|---|---|---:|---:|---:|---:|---:|---:|");
    let stores = results.len() / 2;
    for (index, result) in results.iter().enumerate() {
        let request = if result.kind == Kind::Create { "create (`POST`)" } else { "read (`GET`)" };
        println!(
            "| {request} | {} | {:.0} | {} | {:.2} | {:.2} | {} | {:.2} x |",
            result.name,
            result.median(),
            result.first_and_last(),
            result.milliseconds(0.5),
            result.milliseconds(0.99),
            result.processor_microseconds().map_or_else(|| "?".to_owned(), |time| format!("{time:.0}")),
            result.median() / results[index / stores * stores].median(),
        );
    }
}

fn print_overhead(of: &str, beside: &[Results; 3]) {
    let [ours, relayed, bare] = beside.each_ref().map(|result| result.milliseconds(0.5));
    println!("\n| one read at a time, on {of} | p50 ms | p99 ms | ratio |\n|---|---:|---:|---:|");
    for result in beside {
        let (p50, p99) = (result.milliseconds(0.5), result.milliseconds(0.99));
        println!("| {} | {p50:.3} | {p99:.3} | {:.2} x |", result.name, p50 / bare);
    }
    println!("\nA read through us takes {:.3} ms longer, through the relay {:.3} ms.", ours - bare, relayed - bare);
}

async fn print_idle(arguments: &Arguments) -> Result<()> {
    let mut ready = Vec::new();
    let mut last = None;
    for _ in 0..STARTS {
        drop(last.take());
        let server = Server::teleconsultation(&arguments.program, &arguments.data).await?;
        ready.push(server.ready_after);
        last = Some(server);
    }
    ready.sort();
    tokio::time::sleep(IDLE).await;
    let resident = last.and_then(|server| server.resident_kib());
    println!(
        "\nReady {:.0} ms after the start with an empty folder (median of {STARTS}); {} resident after {} s without a request",
        ready[STARTS / 2].as_secs_f64() * 1000.0,
        resident.map_or_else(|| "?".to_owned(), |kib| format!("{} MiB", kib.div_ceil(1024))),
        IDLE.as_secs(),
    );
    Ok(())
}
