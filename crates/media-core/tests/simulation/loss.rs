//! Networks that lose and reorder.

use std::time::Duration;

use str0m::media::MediaKind::{Audio, Video};

use crate::{network::Path, world::World};

/// Two people whose paths are like this; what Bert got of Anna's 20 seconds of video and sound.
fn received_over(path: Path, seed: u64) -> (usize, usize, u64) {
    let mut world = World::with_room(seed);
    world.join("anna");
    world.join("bert");
    world.set_path("anna", path);
    world.set_path("bert", path);
    // Handshakes are repeated after seconds, so loss may delay the start.
    while !world.clients.values().all(|client| client.publisher.connected) {
        world.run_secs(1);
    }
    world.client("anna").publish(1, Audio, &[]);
    world.client("anna").publish(2, Video, &[]);
    world.run_secs(3);
    let (audio, video) = (world.client("bert").ear.frames(1), world.client("bert").ear.frames(2));
    world.run_secs(20);
    let ear = &world.client("bert").ear;
    (ear.frames(1) - audio, ear.frames(2) - video, ear.holes())
}

#[test]
fn two_percent_of_loss_are_repaired() {
    for seed in 20..23 {
        let path = Path { loss_percent: 2, ..Path::default() };
        let (audio, video, _) = received_over(path, seed);
        assert!(video >= 396, "{video} of 400 pictures, seed {seed}");
        assert!(audio >= 930, "{audio} of 1000 sounds, seed {seed}");
    }
}

#[test]
fn eight_percent_of_loss_are_repaired() {
    for seed in 30..33 {
        let path = Path { loss_percent: 8, ..Path::default() };
        let (audio, video, _) = received_over(path, seed);
        assert!(video >= 385, "{video} of 400 pictures, seed {seed}");
        assert!(audio >= 800, "{audio} of 1000 sounds, seed {seed}");
    }
}

#[test]
fn packets_that_overtake_each_other_all_arrive() {
    let path = Path { jitter: Duration::from_millis(10), ..Path::default() };
    let (audio, video, holes) = received_over(path, 40);
    assert!(audio >= 995 && video >= 398, "{audio} sounds and {video} pictures");
    assert!(holes <= 10, "{holes} packets never came");
}

#[test]
fn voice_gets_over_a_bad_network() {
    let path = Path {
        loss_percent: 15,
        jitter: Duration::from_millis(60),
        delay: Duration::from_millis(100),
        ..Path::default()
    };
    // 72 % of the packets survive both ways, and sound is not repaired.
    let (audio, ..) = received_over(path, 41);
    assert!(audio >= 650, "{audio} sounds");
}
