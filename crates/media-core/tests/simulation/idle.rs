//! What is sent to those to whom nothing, or nothing but a voice, has to be sent.

use std::time::Duration;

use str0m::media::MediaKind::{Audio, Video};

use crate::{client::Client, network::Path, world::World};

/// Voices in a second, at 20 ms each.
const VOICES_PER_SECOND: u64 = 50;

fn two(seed: u64, single: bool) -> World {
    let mut world = World::with_room(seed);
    for key in ["anna", "bert"] {
        world.join_as(key, "room", single, Client::everything());
    }
    world.run_secs(1);
    world
}

/// Datagrams to Bert in the next ten seconds.
fn sent_in_ten_seconds(world: &mut World) -> u64 {
    let before = world.sent_to("bert");
    world.run_secs(10);
    world.sent_to("bert") - before
}

/// Packets of Anna's best layer to Bert in the next second.
fn sharp(world: &mut World) -> u64 {
    let before = world.client("bert").ear.layers(2);
    world.run_secs(1);
    world.client("bert").ear.layers(2)[2] - before[2]
}

#[test]
fn nearly_nothing_is_sent_where_nothing_flows() {
    for single in [true, false] {
        let mut world = two(120, single);
        world.run_secs(6);
        let sent = sent_in_ten_seconds(&mut world);
        assert!(sent < 30, "{sent} datagrams in 10 s");
    }
}

#[test]
fn a_voice_alone_costs_what_it_takes_also_on_a_bad_path() {
    for (single, loss_percent) in [(true, 0), (false, 0), (true, 8)] {
        let mut world = two(121, single);
        world.set_path("bert", Path { loss_percent, jitter: Duration::from_millis(5), ..Path::default() });
        world.client("anna").publish(1, Audio, &[]);
        world.run_secs(8);
        let sent = sent_in_ten_seconds(&mut world);
        let voices = 10 * VOICES_PER_SECOND;
        assert!((voices - 5..voices + 40).contains(&sent), "{sent} datagrams in 10 s");
    }
}

#[test]
fn a_picture_that_comes_back_is_soon_sharp_again() {
    for single in [true, false] {
        let mut world = two(122, single);
        world.client("anna").publish(1, Audio, &[]);
        world.client("anna").publish(2, Video, &["q", "h", "f"]);
        world.run_secs(8);
        assert!(sharp(&mut world) > 100);

        world.client("anna").mute(2, true);
        world.run_secs(8);
        let sent = sent_in_ten_seconds(&mut world);
        assert!(sent < 10 * VOICES_PER_SECOND + 40, "{sent} datagrams in 10 s");

        world.client("anna").mute(2, false);
        world.run_secs(1);
        assert!(sharp(&mut world) > 100);
        assert_eq!(world.client("bert").ear.holes(), 0);
    }
}

#[test]
fn a_path_that_became_narrow_in_the_meantime_is_noticed() {
    let mut world = two(123, true);
    world.client("anna").publish(1, Audio, &[]);
    world.client("anna").publish(2, Video, &["q", "h", "f"]);
    world.run_secs(8);
    world.client("anna").mute(2, true);
    world.run_secs(10);
    world.set_path("bert", Path { downlink_bps: Some(450_000), ..Path::default() });
    world.client("anna").mute(2, false);
    world.run_secs(10);
    let voice_before = world.client("bert").ear.frames(1);
    assert_eq!(sharp(&mut world), 0);
    world.run_secs(9);
    let voice = world.client("bert").ear.frames(1) - voice_before;
    assert!(voice >= 450, "{voice} of 500 sounds");

    world.set_path("bert", Path::default());
    world.run_secs(30);
    assert!(sharp(&mut world) > 100, "what could be sent is looked for");
}
