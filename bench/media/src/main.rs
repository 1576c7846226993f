//! Measures the media engine through real sockets, with clients that are real str0m peers and send full RTCP feedback.
//!
//! The server is a process of its own with one media thread, whose processor time the kernel counts. Rooms have one publisher
//! and several receivers. Each step has more rooms, on a server of its own, until the media thread or the generator has no time
//! left, or receivers miss packets; then the highest load at which none of this happens is looked for between the last two steps.
//! On a machine with few cores generator, kernel and server share them, so the generator may be saturated first: what is said of
//! the media thread is said of the time that it was really at work.

#![expect(clippy::print_stdout, reason = "it prints its measurements")]
#![expect(clippy::cast_precision_loss, reason = "no count comes near 2 to the power of 52")]
#![expect(clippy::disallowed_methods, reason = "it is a program, so it has the real clock and chance")]

mod client;
mod crowd;
mod process;
mod server;
mod signalling;

use std::{
    error::Error,
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;
use hdrhistogram::Histogram;
use tokio::runtime::{Builder, Runtime};

use crowd::{Crowd, PICTURES_PER_SECOND};
use mimalloc::MiMalloc;
use process::Server;

// As in the program that is measured.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Measures the media engine through real sockets.
#[derive(Parser)]
struct Arguments {
    /// Rooms in the first step; every step adds a third.
    #[arg(long, default_value_t = 24)]
    rooms: usize,
    /// The most rooms.
    #[arg(long, default_value_t = 120)]
    rooms_max: usize,
    /// Receivers in each room; it has one publisher besides.
    #[arg(long, default_value_t = 10)]
    receivers: usize,
    /// Packets a second of each publisher: 150 are a picture of 1.3 Mbit/s.
    #[arg(long, default_value_t = 150)]
    packets_per_second: u32,
    /// Seconds of each step that are measured.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Joins that are measured.
    #[arg(long, default_value_t = 100)]
    joins: usize,
    /// Be the server that is measured.
    #[arg(long, hide = true)]
    serve: bool,
}

/// How long after one person the next one joins.
const JOIN_INTERVAL: Duration = Duration::from_millis(5);
/// How long everybody may take to be connected and receive.
const SETTLING_MAX: Duration = Duration::from_mins(1);
/// How long the bandwidth estimate may take to rise before a step is measured.
const RISE: Duration = Duration::from_secs(10);
/// The share of the sent packets that must arrive for a step to count.
const ARRIVED_MIN: f64 = 0.999;
/// The share of time from which on a thread counts as saturated.
const BUSY_MAX: f64 = 0.95;
/// How often the distance between a load that is carried and one that is not is halved.
const HALVINGS: usize = 3;

/// What one step measured.
struct Step {
    rooms: usize,
    forwards_per_second: f64,
    arrived: f64,
    busy: f64,
    generator_busy: f64,
    forwards_per_core_second: f64,
    delays_us: Histogram<u64>,
    empty_kb: u64,
    per_participant_kb: u64,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    if arguments.serve {
        return runtime.block_on(server::serve());
    }
    measure_load(arguments, &runtime)?;
    measure_joins(arguments, &runtime)
}

fn measure_load(arguments: &Arguments, runtime: &Runtime) -> Result<(), Box<dyn Error>> {
    println!(
        "rooms with 1 publisher of {} packets of 1100 bytes a second and {} receivers; 1 media thread",
        arguments.packets_per_second, arguments.receivers
    );
    println!("rooms  forwards/s  arrived   busy  generator  forwards/core-s   delay p50         p99");
    let (mut best, mut too_many): (Option<Step>, Option<usize>) = (None, None);
    let mut rooms = arguments.rooms;
    while rooms <= arguments.rooms_max && too_many.is_none() {
        (best, too_many) = narrowed(measure_step(arguments, runtime, rooms)?, rooms, best, too_many);
        rooms = (rooms * 4).div_ceil(3);
    }
    for _ in 0..HALVINGS {
        let enough = best.as_ref().map_or(0, |step| step.rooms);
        let rooms = too_many.map_or(enough, |too_many| usize::midpoint(enough, too_many));
        if rooms == enough {
            break;
        }
        (best, too_many) = narrowed(measure_step(arguments, runtime, rooms)?, rooms, best, too_many);
    }
    let best =
        best.ok_or("no load arrived whole: this machine has other work, or too little time for the first step")?;
    println!("\nthe highest load of which {:.1} % arrived, nobody saturated:", ARRIVED_MIN * 100.0);
    show(&best);
    println!("at 70 % of that:");
    measure_step(arguments, runtime, (best.rooms * 7 / 10).max(1))?;
    println!(
        "\nresident memory: {} kB empty, {} kB more for each of {} participants",
        best.empty_kb,
        best.per_participant_kb,
        best.rooms * (arguments.receivers + 1)
    );
    Ok(())
}

/// What is known after one more step: the best that was carried, and the fewest rooms that were not.
fn narrowed(
    step: Option<Step>,
    rooms: usize,
    best: Option<Step>,
    too_many: Option<usize>,
) -> (Option<Step>, Option<usize>) {
    match step {
        Some(step) if step.is_carried() => (Some(step), too_many),
        Some(_) | None => (best, Some(rooms)),
    }
}

/// Lets people join until there are so many rooms, and waits until everybody receives. Whether everybody does.
fn fill(arguments: &Arguments, crowd: &mut Crowd, rooms: usize) -> Result<bool, Box<dyn Error>> {
    for room in 0..rooms {
        for member in 0..=arguments.receivers {
            crowd.join(&format!("room-{room}"), member == 0)?;
            crowd.run(JOIN_INTERVAL, |_| false)?;
        }
        // A little to see, as in real rooms, so that what can be sent is known when the load comes.
        crowd.film(PICTURES_PER_SECOND, room + 1);
    }
    let waits =
        |crowd: &Crowd| crowd.clients.iter().any(|client| client.publishing.is_none() && client.first_packet.is_none());
    crowd.run(SETTLING_MAX, |crowd| !waits(crowd))?;
    Ok(!waits(crowd))
}

/// Measures a load on a server of its own and shows it. `None` if not even the joining could be carried.
fn measure_step(arguments: &Arguments, runtime: &Runtime, rooms: usize) -> Result<Option<Step>, Box<dyn Error>> {
    let server = Server::start()?;
    let empty_kb = server.resident_kb()?;
    let mut crowd = Crowd::new(runtime.handle().clone(), &server.address)?;
    if !fill(arguments, &mut crowd, rooms).unwrap_or_else(|error| {
        println!("{rooms:5}  not everybody could join: {error}");
        false
    }) {
        return Ok(None);
    }
    crowd.film(arguments.packets_per_second, rooms);
    crowd.run(RISE, |_| false)?;
    crowd.take_counts();
    let (start, cpu, own) = (Instant::now(), server.media_cpu()?, process::own_cpu()?);
    crowd.run(Duration::from_secs_f64(arguments.seconds), |_| false)?;
    let (time, cpu) = (start.elapsed().as_secs_f64(), server.media_cpu()?.saturating_sub(cpu).as_secs_f64());
    let own = process::own_cpu()?.saturating_sub(own).as_secs_f64();
    let (filmed, packets, raw_delays) = crowd.take_counts();
    // What is under way at the end makes up for what was under way at the start.
    let sent = filmed as f64 * arguments.receivers as f64;
    let mut delays_us = Histogram::new(3)?;
    for delay_ns in raw_delays {
        delays_us.record(delay_ns / 1000)?;
    }
    let people = rooms * (arguments.receivers + 1);
    let step = Step {
        rooms,
        forwards_per_second: packets as f64 / time,
        arrived: packets as f64 / sent,
        busy: cpu / time,
        generator_busy: own / time,
        forwards_per_core_second: packets as f64 / cpu,
        delays_us,
        empty_kb,
        per_participant_kb: server.resident_kb()?.saturating_sub(empty_kb) / people as u64,
    };
    show(&step);
    Ok(Some(step))
}

impl Step {
    /// Whether all was forwarded and received, with time to spare.
    fn is_carried(&self) -> bool {
        self.arrived >= ARRIVED_MIN && self.busy <= BUSY_MAX && self.generator_busy <= BUSY_MAX
    }
}

fn show(step: &Step) {
    println!(
        "{:5}  {:10.0}  {:6.2}%  {:4.0}%  {:8.0}%  {:15.0}  {:8.2} ms  {:7.2} ms",
        step.rooms,
        step.forwards_per_second,
        step.arrived * 100.0,
        step.busy * 100.0,
        step.generator_busy * 100.0,
        step.forwards_per_core_second,
        milliseconds(step.delays_us.value_at_quantile(0.5)),
        milliseconds(step.delays_us.value_at_quantile(0.99)),
    );
}

fn milliseconds(us: u64) -> f64 {
    Duration::from_micros(us).as_secs_f64() * 1000.0
}

/// Times joins into a room in which somebody publishes, one after the other.
fn measure_joins(arguments: &Arguments, runtime: &Runtime) -> Result<(), Box<dyn Error>> {
    let server = Server::start()?;
    let mut crowd = Crowd::new(runtime.handle().clone(), &server.address)?;
    let mut joins_us = Histogram::<u64>::new(3)?;
    for join in 0..arguments.joins {
        // A room for two, as most are.
        let room = format!("room-{join}");
        let publisher = crowd.join(&room, true)?;
        crowd.run(SETTLING_MAX, |crowd| crowd.clients[publisher].connected)?;
        crowd.film(arguments.packets_per_second, 1);
        crowd.run(Duration::from_millis(100), |_| false)?;
        let start = Instant::now();
        let receiver = crowd.join(&room, false)?;
        crowd.run(SETTLING_MAX, |crowd| crowd.clients[receiver].first_packet.is_some())?;
        let first = crowd.clients[receiver].first_packet.ok_or("a receiver got nothing")?;
        joins_us.record(u64::try_from(first.duration_since(start).as_micros())?)?;
        crowd = Crowd::new(runtime.handle().clone(), &server.address)?;
    }
    println!(
        "\njoin, from the WebSocket request to the first forwarded packet: p50 {:.0} ms, p95 {:.0} ms ({} joins)",
        milliseconds(joins_us.value_at_quantile(0.5)),
        milliseconds(joins_us.value_at_quantile(0.95)),
        arguments.joins,
    );
    Ok(())
}
