//! Networks that lose and reorder.

use std::time::Duration;

use str0m::media::MediaKind::{Audio, Video};

use crate::{network::Path, world::World};

/// The fewest of 400 pictures. Loss can look like congestion, and then pictures wait or pause for some seconds, whatever is repaired.
const PICTURES_MIN: usize = 100;

/// What Bert got of Anna's 20 seconds of video and sound.
struct Received {
    sounds: usize,
    pictures: usize,
    /// Packets that never came.
    holes: u64,
    /// Those of pictures among them.
    picture_holes: u64,
}

/// Two people whose paths are like this. The network's chance comes from the seed; keys and ids do not, and with them change the sizes
/// of some packets, so that two runs are alike and not the same.
fn received_over(path: Path, seed: u64) -> Received {
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
    Received {
        sounds: ear.frames(1) - audio,
        pictures: ear.frames(2) - video,
        holes: ear.holes(),
        picture_holes: ear.picture_holes(),
    }
}

#[test]
fn two_percent_of_loss_are_repaired() {
    for seed in 20..23 {
        let path = Path { loss_percent: 2, ..Path::default() };
        let received = received_over(path, seed);
        assert!(received.picture_holes <= 2, "{} packets of pictures never came, seed {seed}", received.picture_holes);
        assert!(received.pictures >= PICTURES_MIN, "{} of 400 pictures, seed {seed}", received.pictures);
        assert!(received.sounds >= 930, "{} of 1000 sounds, seed {seed}", received.sounds);
    }
}

#[test]
fn eight_percent_of_loss_are_repaired() {
    for seed in 30..33 {
        let path = Path { loss_percent: 8, ..Path::default() };
        let received = received_over(path, seed);
        assert!(received.picture_holes <= 12, "{} packets of pictures never came, seed {seed}", received.picture_holes);
        assert!(received.pictures >= PICTURES_MIN, "{} of 400 pictures, seed {seed}", received.pictures);
        assert!(received.sounds >= 800, "{} of 1000 sounds, seed {seed}", received.sounds);
    }
}

#[test]
fn packets_that_overtake_each_other_all_arrive() {
    let path = Path { jitter: Duration::from_millis(10), ..Path::default() };
    let received = received_over(path, 40);
    assert!(received.sounds >= 995, "{} of 1000 sounds", received.sounds);
    assert!(received.pictures >= 398, "{} of 400 pictures", received.pictures);
    assert!(received.holes <= 10, "{} packets never came", received.holes);
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
    let received = received_over(path, 41);
    assert!(received.sounds >= 650, "{} sounds", received.sounds);
}
