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

/// Three calls over a path that loses so much. Of most of them nearly all pictures come, and of each everything is repaired.
fn expect_repaired(loss_percent: u64, seeds: [u64; 3], holes_max: u64, pictures_usual: usize, sounds_min: usize) {
    let calls = seeds.map(|seed| received_over(Path { loss_percent, ..Path::default() }, seed));
    for (received, seed) in calls.iter().zip(seeds) {
        assert!(received.picture_holes <= holes_max, "{} packets never came, seed {seed}", received.picture_holes);
        assert!(received.pictures >= PICTURES_MIN, "{} of 400 pictures, seed {seed}", received.pictures);
        assert!(received.sounds >= sounds_min, "{} of 1000 sounds, seed {seed}", received.sounds);
    }
    let mut pictures = calls.map(|received| received.pictures);
    pictures.sort_unstable();
    assert!(pictures[1] >= pictures_usual, "{pictures:?} of 400 pictures");
}

#[test]
fn two_percent_of_loss_are_repaired() {
    expect_repaired(2, [20, 21, 22], 2, 396, 930);
}

#[test]
fn eight_percent_of_loss_are_repaired() {
    expect_repaired(8, [30, 31, 32], 12, 385, 800);
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
