//! Calls without trouble.

use std::time::Duration;

use str0m::media::MediaKind::{Audio, Video};

use crate::{
    client::Client,
    world::{ORIGIN_MS, World},
};

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

#[test]
fn somebody_who_comes_late_gets_what_is_there() {
    let mut world = World::with_room(3);
    world.join("anna");
    world.run_secs(1);
    world.client("anna").publish(1, Audio, &[]);
    world.client("anna").publish(2, Video, &[]);
    world.run_secs(2);

    world.join("bert");
    world.run_secs(1);

    assert_eq!(world.client("bert").sees(), ["anna"]);
    world.expect_heard(Duration::from_secs(1), &[("bert", &[1, 2])]);
}

#[test]
fn clients_are_told_when_a_room_began_and_when_each_came() {
    let mut world = World::new(11);
    world.run_secs(100);
    world.open("room", 25);
    world.run_secs(20);
    world.join("anna");
    world.run_secs(3);
    world.join("bert");
    world.run_secs(1);

    let room = world.client("bert").room_info.clone();
    assert_eq!((room.creation_time, room.creation_time_ms), (1_800_000_100, ORIGIN_MS + 100_000));
    let bert = world.client("bert").own.clone();
    assert_eq!((bert.joined_at, bert.joined_at_ms), (1_800_000_123, ORIGIN_MS + 123_000));
    let anna = world.client("anna").sid.clone();
    assert_eq!(world.client("bert").others[&anna].joined_at_ms, ORIGIN_MS + 120_000);
}

#[test]
fn media_flow_soon_after_joining() {
    let mut world = World::with_room(4);
    world.join("anna");
    world.run_secs(1);
    world.client("anna").publish(1, Audio, &[]);
    world.client("anna").publish(2, Video, &[]);
    world.run_secs(2);

    world.join("bert");
    // Ten round trips and a frame: ICE, DTLS, answer, keyframe.
    world.run(Duration::from_millis(300));

    assert!(world.client("bert").ear.packets(1) > 0, "no sound yet");
    assert!(world.client("bert").ear.packets(2) > 0, "no picture yet");
}

#[test]
fn republishing_goes_on_with_advancing_packets() {
    for single in [true, false] {
        let mut world = World::with_room(5);
        world.join_as("anna", "room", single, Client::everything());
        world.join_as("bert", "room", single, Client::everything());
        world.run_secs(1);
        world.client("anna").publish(1, Audio, &[]);
        world.client("anna").publish(10, Video, &[]);
        world.run_secs(2);
        for tag in 11..16 {
            world.client("anna").unpublish(tag - 1);
            world.run(Duration::from_millis(700));
            world.client("anna").publish(tag, Video, &[]);
            world.run_secs(1);
            world.expect_heard(Duration::from_secs(1), &[("bert", &[1, tag])]);
            let sid = world.client("anna").sid_of(tag);
            let bert = world.client("bert");
            assert!(bert.ear.tracks[&tag].sids.contains(&sid), "the section is named after its new track");
        }
        let bert = world.client("bert");
        assert_eq!(bert.ear.backward(), 0, "time went back on a section");
        assert_eq!(bert.ear.holes(), 0);
    }
}

#[test]
fn a_quick_change_of_tracks_reaches_the_other() {
    let mut world = World::with_room(6);
    world.join("anna");
    world.join("bert");
    world.run_secs(1);
    world.client("anna").publish(1, Video, &[]);
    world.run_secs(2);

    world.client("anna").unpublish(1);
    world.client("anna").publish(2, Video, &[]);
    world.client("anna").publish(3, Video, &[]);
    world.run_secs(2);

    world.expect_heard(Duration::from_secs(1), &[("bert", &[2, 3])]);
}

#[test]
fn muting_is_shown_and_unmuting_too() {
    let mut world = World::with_room(7);
    world.join("anna");
    world.join("bert");
    world.run_secs(1);
    world.client("anna").publish(1, Audio, &[]);
    world.run_secs(1);

    world.client("anna").mute(1, true);
    world.run_secs(1);
    let muted = |world: &mut World| {
        world.client("bert").others.values().flat_map(|info| info.tracks.clone()).map(|track| track.muted).collect()
    };
    let shown: Vec<bool> = muted(&mut world);
    assert_eq!(shown, [true]);
    world.expect_heard(Duration::from_secs(1), &[("bert", &[])]);

    world.client("anna").mute(1, false);
    world.run_secs(1);
    let shown: Vec<bool> = muted(&mut world);
    assert_eq!(shown, [false]);
    world.expect_heard(Duration::from_secs(1), &[("bert", &[1])]);
}

#[test]
fn the_one_who_speaks_is_named_and_then_not() {
    let mut world = World::with_room(8);
    world.join("anna");
    world.join("bert");
    world.run_secs(1);
    world.client("anna").publish(1, Audio, &[]);
    world.client("bert").publish(2, Audio, &[]);
    world.run_secs(1);
    world.client("bert").sources[0].level = -90;
    let (anna, bert) = (world.client("anna").sid.clone(), world.client("bert").sid.clone());
    world.run_secs(2);
    assert_eq!(world.client("bert").speaking.get(&anna), Some(&true));
    assert_ne!(world.client("anna").speaking.get(&bert), Some(&true));

    world.client("anna").sources[0].level = -127;
    world.run_secs(4);
    assert_eq!(world.client("bert").speaking.get(&anna), Some(&false));
}

#[test]
fn rooms_hear_nothing_of_each_other() {
    let mut world = World::with_room(9);
    world.open("other", 25);
    world.join("anna");
    world.join("bert");
    world.join_as("carl", "other", true, Client::everything());
    world.join_as("dora", "other", true, Client::everything());
    world.run_secs(1);
    for (tag, key) in [(1, "anna"), (2, "bert"), (3, "carl"), (4, "dora")] {
        world.client(key).publish(tag, Audio, &[]);
    }
    world.run_secs(2);
    world.client("anna").send_data("for this room", true, &[]);

    world.expect_heard(Duration::from_secs(1), &[("anna", &[2]), ("bert", &[1]), ("carl", &[4]), ("dora", &[3])]);
    assert_eq!(world.client("carl").sees(), ["dora"]);
    assert_eq!(world.client("bert").texts().len(), 1);
    assert!(world.client("dora").texts().is_empty());
}

#[test]
fn a_leave_is_seen_and_leaves_nothing_behind() {
    use livekit_proto::proto::{LeaveRequest, signal_request::Message};

    let mut world = World::with_room(10);
    world.join("anna");
    world.join("bert");
    world.run_secs(1);
    world.client("anna").publish(1, Audio, &[]);
    world.run_secs(1);
    world.client("anna").say(Message::Leave(LeaveRequest::default()));
    world.run_secs(1);

    assert!(world.client("bert").sees().is_empty());
    assert!(world.client("anna").signal_closed);
    world.client("bert").say(Message::Leave(LeaveRequest::default()));
    world.run_secs(1);
    assert_eq!(world.engine.deadline(), None, "an empty room has nothing to do");
}

#[test]
fn a_publisher_is_told_once_that_somebody_receives_a_track() {
    for single in [true, false] {
        let mut world = World::with_room(19);
        world.join_as("anna", "room", single, Client::everything());
        world.run_secs(1);
        world.client("anna").publish(1, Audio, &[]);
        world.run_secs(2);
        assert!(world.client("anna").received.is_empty(), "nobody is there");
        world.break_signal("anna");
        world.join_as("bert", "room", single, Client::everything());
        world.run_secs(2);
        world.resume("anna");
        world.join_as("carl", "room", single, Client::everything());
        world.run_secs(2);
        let track = world.client("anna").sid_of(1);
        assert_eq!(world.client("anna").received, [track]);
    }
}
