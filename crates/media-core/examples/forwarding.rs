//! Measures the engine by itself, in memory: one sends, many receive with full RTCP feedback. Only the time inside the engine
//! counts.
//!
//! `cargo run --release -p teleconsultation-media-core --example forwarding -- [receivers] [seconds]`
#![allow(
    dead_code,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    deprecated,
    reason = "it shares the simulation of the tests, of which it needs a part"
)]

#[path = "../tests/simulation/client/mod.rs"]
mod client;
#[path = "../tests/simulation/media.rs"]
mod media;
#[path = "../tests/simulation/network.rs"]
mod network;
#[path = "../tests/simulation/world.rs"]
mod world;

use std::time::Duration;

use str0m::media::MediaKind::{Audio, Video};

fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>().expect("a number"));
    let receivers = arguments.next().unwrap_or(10);
    let seconds = arguments.next().unwrap_or(10);
    let mut world = world::World::with_room(1);
    world.join("sender");
    world.run_secs(1);
    world.client("sender").publish(1, Audio, &[]);
    world.client("sender").publish(2, Video, &["q", "h", "f"]);
    world.run_secs(1);
    let before_kb = resident_kb();
    for receiver in 0..receivers {
        world.join(&format!("receiver {receiver}"));
        world.run(Duration::from_millis(100));
    }
    world.run_secs(10);
    let joined_kb = resident_kb();
    let received = |world: &world::World| -> u64 {
        let tracks = world.clients.values().flat_map(|client| client.ear.tracks.values());
        tracks.map(|track| track.packets).sum()
    };
    let (packets, spent) = (received(&world), world.engine_spent);
    world.run_secs(seconds);
    let packets = received(&world) - packets;
    let spent = world.engine_spent.saturating_sub(spent).as_secs_f64();
    println!("{packets} packets forwarded in {spent:.3} s of the engine: {:.0} per second", packets as f64 / spent);
    println!("{} kB more for each receiver, its own side included", (joined_kb - before_kb) / receivers.max(1));
}

/// Resident memory of this process.
fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}
