//! Calls without trouble.

use std::time::Duration;

use str0m::media::MediaKind::{Audio, Video};

use crate::{client::Client, world::World};

#[test]
fn two_people_hear_and_see_each_other() {
    let mut world = World::with_room(1);
    world.join("anna");
    world.join("bert");
    world.run_secs(1);
    world.client("anna").publish(1, Audio, &[]);
    world.client("anna").publish(2, Video, &[]);
    world.client("bert").publish(3, Audio, &[]);
    world.client("bert").publish(4, Video, &[]);
    world.run_secs(2);

    world.expect_heard(Duration::from_secs(2), &[("anna", &[3, 4]), ("bert", &[1, 2])]);
    let frames = world.client("anna").ear.frames(4);
    assert!(frames >= 70, "{frames} frames");
    assert_eq!(world.client("anna").ear.holes(), 0);
}

#[test]
fn two_people_with_two_connections_each_hear_and_see_each_other() {
    let mut world = World::with_room(2);
    world.join_as("anna", "room", false, Client::everything());
    world.join_as("bert", "room", false, Client::everything());
    world.run_secs(1);
    world.client("anna").publish(1, Audio, &[]);
    world.client("anna").publish(2, Video, &[]);
    world.client("bert").publish(3, Audio, &[]);
    world.run_secs(2);

    world.expect_heard(Duration::from_secs(2), &[("anna", &[3]), ("bert", &[1, 2])]);
    assert_eq!(world.client("bert").ear.holes(), 0);
}
