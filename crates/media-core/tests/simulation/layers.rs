//! Which layer somebody gets.

use std::time::Duration;

use livekit_proto::proto::{UpdateTrackSettings, signal_request::Message};
use str0m::media::MediaKind::{Audio, Video};

use crate::{network::Path, world::World};

const RIDS: &[&str] = &["q", "h", "f"];

/// Anna sends sound (1) and a picture in three layers (2), Bert receives.
fn simulcast(seed: u64) -> World {
    let mut world = World::with_room(seed);
    world.join("anna");
    world.join("bert");
    world.run_secs(1);
    world.client("anna").publish(1, Audio, &[]);
    world.client("anna").publish(2, Video, RIDS);
    world.run_secs(8);
    world
}

fn want(world: &mut World, change: impl FnOnce(&mut UpdateTrackSettings)) {
    let sid = world.client("anna").sid_of(2);
    let mut settings = UpdateTrackSettings { track_sids: vec![sid], ..UpdateTrackSettings::default() };
    change(&mut settings);
    world.client("bert").say(Message::TrackSetting(settings));
    world.run_secs(2);
}

/// The packets per layer in the next second.
fn layers(world: &mut World) -> [u64; 3] {
    let before = world.client("bert").ear.layers(2);
    world.run_secs(1);
    let after = world.client("bert").ear.layers(2);
    std::array::from_fn(|layer| after[layer] - before[layer])
}

#[test]
fn the_best_layer_is_sent_while_nothing_else_is_said() {
    let mut world = simulcast(50);
    let [low, middle, high] = layers(&mut world);
    assert!(low == 0 && middle == 0 && high > 100, "{low} {middle} {high}");
    assert_eq!(world.client("bert").ear.backward(), 0);
}

#[test]
fn the_layer_follows_the_size_it_is_shown_in() {
    let mut world = simulcast(51);
    want(&mut world, |settings| (settings.width, settings.height) = (320, 180));
    let [low, middle, high] = layers(&mut world);
    assert!(low > 15 && middle == 0 && high == 0, "{low} {middle} {high}");

    want(&mut world, |settings| (settings.width, settings.height) = (600, 300));
    let [low, middle, high] = layers(&mut world);
    assert!(low == 0 && middle > 50 && high == 0, "{low} {middle} {high}");

    want(&mut world, |settings| settings.quality = 2);
    let [low, middle, high] = layers(&mut world);
    assert!(low == 0 && middle == 0 && high > 100, "{low} {middle} {high}");
    let ear = &world.client("bert").ear;
    assert_eq!((ear.backward(), ear.holes()), (0, 0), "a switch broke the stream");
}

#[test]
fn a_track_that_is_not_shown_is_not_sent_until_it_is_shown_again() {
    let mut world = simulcast(52);
    want(&mut world, |settings| settings.disabled = true);
    assert_eq!(layers(&mut world), [0, 0, 0]);
    world.expect_heard(Duration::from_secs(1), &[("bert", &[1])]);

    want(&mut world, |settings| settings.quality = 2);
    assert!(layers(&mut world)[2] > 100);
    assert_eq!(world.client("bert").ear.holes(), 0);
}

#[test]
fn a_publisher_is_told_which_layers_nobody_wants() {
    let mut world = simulcast(53);
    want(&mut world, |settings| (settings.width, settings.height) = (320, 180));
    world.run_secs(6);
    let sid = world.client("anna").sid_of(2);
    assert_eq!(world.client("anna").wanted_qualities[&sid], [true, false, false]);

    want(&mut world, |settings| (settings.width, settings.height) = (1280, 720));
    assert_eq!(world.client("anna").wanted_qualities[&sid], [true, true, true]);
}

#[test]
fn a_layer_that_stops_is_replaced_by_another() {
    let mut world = simulcast(54);
    world.client("anna").sources[1].encodings[2].active = false;
    world.run_secs(3);
    let [_, middle, high] = layers(&mut world);
    assert!(middle > 50 && high == 0, "{middle} {high}");
}

#[test]
fn a_narrow_path_lowers_the_picture_and_leaves_the_voice() {
    let mut world = simulcast(55);
    world.set_path("bert", Path { downlink_bps: Some(450_000), ..Path::default() });
    world.run_secs(10);
    let voice_before = world.client("bert").ear.frames(1);
    let before = world.client("bert").ear.layers(2);
    world.run_secs(10);
    let voice = world.client("bert").ear.frames(1) - voice_before;
    let after = world.client("bert").ear.layers(2);
    let [low, _, high] = std::array::from_fn(|layer| after[layer] - before[layer]);
    assert!(voice >= 450, "{voice} of 500 sounds");
    assert!(low > 100 && high < 200, "{low} low and {high} high");
}

#[test]
fn a_very_narrow_path_pauses_the_picture_and_says_so() {
    let mut world = simulcast(56);
    world.set_path("bert", Path { downlink_bps: Some(110_000), ..Path::default() });
    world.run_secs(15);
    let voice_before = world.client("bert").ear.frames(1);
    world.run_secs(10);
    let voice = world.client("bert").ear.frames(1) - voice_before;
    assert!(voice >= 430, "{voice} of 500 sounds");
    let sid = world.client("anna").sid_of(2);
    assert!(world.client("bert").paused.contains_key(&sid), "Bert was told that the picture pauses");

    world.set_path("bert", Path::default());
    world.run_secs(30);
    assert_eq!(world.client("bert").paused.get(&sid), Some(&false));
    assert!(layers(&mut world).iter().sum::<u64>() > 15, "the picture is back");
}
