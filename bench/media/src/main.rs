//! Measures the media engine through real sockets, with clients that are real str0m peers and send full RTCP feedback.
//!
//! The server is a process of its own with one media thread, whose processor time the kernel counts. Rooms have one publisher
//! and several receivers. Rooms are added step by step until the media thread or the generator has no time left, or receivers
//! miss packets; then the highest load at which none of this happens is looked for between the last two steps. The generator
//! needs more processor time for a packet than the server does: on a machine with few cores it is the first to be saturated, and
//! what is said of the media thread is said of the time that it was really at work.

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

use crowd::Crowd;
use process::Server;

/// Measures the media engine through real sockets.
#[derive(Parser)]
struct Arguments {
    /// Rooms in the first step; every step adds half as many again.
    #[arg(long, default_value_t = 8)]
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
const RISE: Duration = Duration::from_secs(4);
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
    let server = Server::start()?;
    let empty_kb = server.resident_kb()?;
    let mut crowd = Crowd::new(runtime.handle().clone(), &server.address)?;
    println!(
        "rooms with 1 publisher of {} packets of 1100 bytes a second and {} receivers; 1 media thread",
        arguments.packets_per_second, arguments.receivers
    );
    println!("rooms  forwards/s  arrived   busy  generator  forwards/core-s   delay p50         p99");
    let (mut best, mut too_much): (Option<Step>, Option<Step>) = (None, None);
    let mut rooms = arguments.rooms;
    let mut per_person_kb = 0;
    while rooms <= arguments.rooms_max && too_much.is_none() {
        fill(arguments, &mut crowd, rooms)?;
        let step = measure_step(arguments, &server, &mut crowd, rooms)?;
        let people = rooms * (arguments.receivers + 1);
        per_person_kb = (server.resident_kb()? - empty_kb) / people as u64;
        rooms = (rooms * 3).div_ceil(2);
        let place = if step.is_carried() { &mut best } else { &mut too_much };
        *place = Some(step);
    }
    for _ in 0..HALVINGS {
        let Some(too_many) = too_much.as_ref().map(|step| step.rooms) else { break };
        let enough = best.as_ref().map_or(0, |step| step.rooms);
        let rooms = usize::midpoint(enough, too_many);
        if rooms == enough {
            break;
        }
        let step = measure_step(arguments, &server, &mut crowd, rooms)?;
        let place = if step.is_carried() { &mut best } else { &mut too_much };
        *place = Some(step);
    }
    match &best {
        Some(_) => println!("\nthe highest load of which {:.1} % arrived, nobody saturated:", ARRIVED_MIN * 100.0),
        None => println!("\nno load arrived whole, so this machine has other work; the smallest that was tried:"),
    }
    let best = best.or(too_much).ok_or("there are fewer rooms than in the first step")?;
    show(&best);
    println!("at 70 % of that:");
    measure_step(arguments, &server, &mut crowd, (best.rooms * 7 / 10).max(1))?;
    println!("\nresident memory: {empty_kb} kB empty, {per_person_kb} kB more for each participant");
    Ok(())
}

/// Lets people join until there are so many rooms, and waits until everybody receives.
fn fill(arguments: &Arguments, crowd: &mut Crowd, rooms: usize) -> Result<(), Box<dyn Error>> {
    let present = crowd.clients.len() / (arguments.receivers + 1);
    for room in present..rooms {
        for member in 0..=arguments.receivers {
            crowd.join(&format!("room-{room}"), member == 0)?;
            crowd.run(JOIN_INTERVAL, |_| false)?;
        }
    }
    crowd.film(arguments.packets_per_second, rooms);
    let waits = |crowd: &Crowd| {
        crowd.clients.iter().filter(|client| client.publishing.is_none() && client.first_packet.is_none()).count()
    };
    crowd.run(SETTLING_MAX, |crowd| waits(crowd) == 0)?;
    match waits(crowd) {
        0 => Ok(()),
        waiting => Err(format!("{waiting} receivers got nothing").into()),
    }
}

/// Measures a load and shows it.
fn measure_step(
    arguments: &Arguments,
    server: &Server,
    crowd: &mut Crowd,
    rooms: usize,
) -> Result<Step, Box<dyn Error>> {
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
    let step = Step {
        rooms,
        forwards_per_second: packets as f64 / time,
        arrived: packets as f64 / sent,
        busy: cpu / time,
        generator_busy: own / time,
        forwards_per_core_second: packets as f64 / cpu,
        delays_us,
    };
    show(&step);
    Ok(step)
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
