//! Connections that break, and people who come back.

use std::time::Duration;

use livekit_proto::proto::{DisconnectReason, leave_request::Action};
use str0m::media::MediaKind::{Audio, Video};
use teleconsultation_media_core::{Command, Event, LeaveCause};

use crate::{client::Client, world::World};

/// Anna and Bert in a call, each with sound and picture: 1 and 2, 3 and 4.
fn call(seed: u64, single: bool) -> World {
    let mut world = World::with_room(seed);
    world.join_as("anna", "room", single, Client::everything());
    world.join_as("bert", "room", single, Client::everything());
    world.run_secs(1);
    world.client("anna").publish(1, Audio, &[]);
    world.client("anna").publish(2, Video, &[]);
    world.client("bert").publish(3, Audio, &[]);
    world.client("bert").publish(4, Video, &[]);
    world.run_secs(3);
    world
}

fn left(identity: &str, cause: LeaveCause) -> Event {
    Event::Left { room: "room".to_owned(), identity: identity.to_owned(), cause }
}

#[test]
fn media_go_on_while_the_signalling_is_away_and_after_a_resume() {
    for single in [true, false] {
        let mut world = call(60, single);
        world.break_signal("bert");
        world.expect_heard(Duration::from_secs(3), &[("anna", &[3, 4]), ("bert", &[1, 2])]);

        world.resume("bert");
        world.run_secs(3);
        assert_eq!(world.client("bert").resumed, 1);
        world.expect_heard(Duration::from_secs(1), &[("anna", &[3, 4]), ("bert", &[1, 2])]);
        assert!(!world.events.iter().any(|event| matches!(event, Event::Left { .. })));
        assert_eq!(world.client("bert").ear.backward(), 0);
    }
}

#[test]
fn what_happened_while_somebody_was_away_is_told_after_the_resume() {
    for single in [true, false] {
        let mut world = call(61, single);
        world.break_signal("bert");
        world.join_as("carl", "room", single, Client::everything());
        world.run_secs(1);
        world.client("carl").publish(5, Audio, &[]);
        world.client("anna").unpublish(2);
        world.run_secs(2);
        world.resume("bert");
        world.run_secs(4);

        assert_eq!(world.client("bert").sees(), ["anna", "carl"]);
        world.expect_heard(Duration::from_secs(1), &[("bert", &[1, 5])]);
    }
}

#[test]
fn an_offer_that_was_lost_on_the_way_is_made_again_after_the_resume() {
    let mut world = call(71, false);
    world.break_signal("bert");
    world.join_as("carl", "room", false, Client::everything());
    world.run_secs(1);
    world.client("carl").publish(5, Audio, &[]);
    world.client("carl").publish(6, Video, &[]);
    world.run_secs(2);
    world.resume("bert");
    world.run_secs(4);

    world.expect_heard(Duration::from_secs(1), &[("bert", &[1, 2, 5, 6])]);
}

#[test]
fn who_loses_the_connection_while_coming_in_gets_everything_after_the_resume() {
    for single in [true, false] {
        let mut world = World::with_room(72);
        world.join_as("anna", "room", single, Client::everything());
        world.run_secs(1);
        world.client("anna").publish(1, Audio, &[]);
        world.client("anna").publish(2, Video, &[]);
        world.run_secs(2);
        world.join_as("bert", "room", single, Client::everything());
        // The first answers are lost on the way.
        world.run(Duration::from_millis(11));
        world.break_signal("bert");
        world.run_secs(1);
        world.resume("bert");
        world.run_secs(4);
        world.client("anna").send_data("hello", true, &[]);

        world.expect_heard(Duration::from_secs(1), &[("bert", &[1, 2])]);
        assert_eq!(world.client("bert").texts().len(), 1);
    }
}

#[test]
fn what_is_said_only_when_it_changes_is_said_again_after_the_resume() {
    use livekit_proto::proto::{UpdateTrackSettings, signal_request::Message};

    let mut world = World::with_room(73);
    for key in ["anna", "bert"] {
        world.join(key);
    }
    world.run_secs(1);
    world.client("anna").publish(1, Audio, &[]);
    world.client("anna").publish(2, Video, &["q", "h", "f"]);
    world.run_secs(2);
    let (anna, track) = (world.client("anna").sid.clone(), world.client("anna").sid_of(2));
    let settings = |width, height| {
        Message::TrackSetting(UpdateTrackSettings {
            track_sids: vec![track.clone()],
            width,
            height,
            ..UpdateTrackSettings::default()
        })
    };
    world.client("bert").say(settings(320, 180));
    world.run_secs(8);
    assert_eq!(world.client("anna").wanted_qualities[&track], [true, false, false]);

    // While neither listens, Anna falls silent and Bert wants the large picture.
    world.client("bert").say(settings(1280, 720));
    world.run(Duration::from_millis(15));
    for key in ["anna", "bert"] {
        world.break_signal(key);
    }
    world.client("anna").sources[0].level = -127;
    world.run_secs(5);
    assert_eq!(world.client("anna").wanted_qualities[&track], [true, false, false], "nothing was heard");
    assert_eq!(world.client("bert").speaking.get(&anna), Some(&true), "nothing was heard");
    for key in ["anna", "bert"] {
        world.resume(key);
    }
    world.run_secs(2);

    assert_eq!(world.client("anna").wanted_qualities[&track], [true, true, true]);
    assert_eq!(world.client("bert").speaking.get(&anna), Some(&false));
    assert_eq!(world.client("bert").paused.get(&track), Some(&false));
}

#[test]
fn media_go_on_at_another_address_of_the_same_client() {
    let mut world = call(74, true);
    world.rebind("bert", "198.51.100.9:4242".parse().unwrap());
    world.run_secs(15);
    world.expect_heard(Duration::from_secs(1), &[("anna", &[3, 4]), ("bert", &[1, 2])]);
    assert!(!world.events.iter().any(|event| matches!(event, Event::Left { .. })));
}

#[test]
fn who_does_not_come_back_in_time_is_gone() {
    let mut world = call(62, true);
    world.vanish("bert");
    world.run_secs(10);
    assert_eq!(world.client("anna").sees(), ["bert"]);
    world.run_secs(10);
    assert!(world.client("anna").sees().is_empty());
    assert!(world.events.contains(&left("bert", LeaveCause::Lost)));
}

#[test]
fn resuming_a_stay_that_is_over_asks_for_a_new_one() {
    let mut world = call(63, true);
    world.break_signal("bert");
    world.run_secs(20);
    world.resume("bert");
    world.run_secs(1);
    let leave = world.client("bert").left.clone().expect("a leave");
    assert_eq!(leave.action(), Action::Reconnect);
    assert_eq!(world.client("bert").resumed, 0);

    world.join_under("bert again", "bert", "room", true, Client::everything());
    world.run_secs(2);
    world.expect_heard(Duration::from_secs(1), &[("bert again", &[1, 2])]);
}

#[test]
fn the_same_identity_replaces_the_older_one() {
    let mut world = call(64, true);
    world.join_under("bert again", "bert", "room", true, Client::everything());
    world.run_secs(2);
    let leave = world.client("bert").left.clone().expect("a leave");
    assert_eq!(leave.reason(), DisconnectReason::DuplicateIdentity);
    assert_eq!(leave.action(), Action::Disconnect);
    assert_eq!(world.client("anna").sees(), ["bert"]);
    assert!(world.events.contains(&left("bert", LeaveCause::Replaced)));

    world.client("bert again").publish(5, Audio, &[]);
    world.run_secs(1);
    world.expect_heard(Duration::from_secs(1), &[("anna", &[5]), ("bert again", &[1, 2]), ("bert", &[])]);
}

#[test]
fn who_is_removed_is_told_and_heard_no_more() {
    let mut world = call(65, true);
    let command = Command::RemoveParticipant { room: "room".to_owned(), identity: "bert".to_owned() };
    world.command(command.clone()).expect("removed");
    world.run_secs(1);
    assert_eq!(world.client("bert").left.clone().expect("a leave").reason(), DisconnectReason::ParticipantRemoved);
    assert!(world.client("bert").signal_closed);
    assert!(world.client("anna").sees().is_empty());
    world.expect_heard(Duration::from_secs(1), &[("anna", &[]), ("bert", &[])]);
    assert!(world.command(command).is_err(), "nobody is removed twice");
}

#[test]
fn a_closed_room_is_empty_and_gone() {
    let mut world = call(66, true);
    world.command(Command::CloseRoom { room: "room".to_owned() }).expect("closed");
    world.run_secs(1);
    for key in ["anna", "bert"] {
        assert_eq!(world.client(key).left.clone().expect("a leave").reason(), DisconnectReason::RoomDeleted);
    }
    assert!(world.events.contains(&left("anna", LeaveCause::RoomClosed)));
    assert_eq!(world.events.last(), Some(&Event::Closed { room: "room".to_owned() }));
    assert_eq!(world.engine.deadline(), None);
}

#[test]
fn a_jump_of_the_clock_ends_nobodys_stay() {
    let mut world = call(67, true);
    world.sleep(Duration::from_hours(1));
    world.run_secs(5);
    assert!(!world.events.iter().any(|event| matches!(event, Event::Left { .. })), "somebody was put out");
    assert_eq!(world.client("anna").sees(), ["bert"]);
}

#[test]
fn a_stay_without_media_ends() {
    let mut world = World::with_room(68);
    world.join("anna");
    world.network.set_path(
        world.clients["anna"].publisher.address,
        crate::network::Path { loss_percent: 100, ..crate::network::Path::default() },
    );
    world.run_secs(40);
    assert_eq!(world.client("anna").left.clone().expect("a leave").action(), Action::Reconnect);
}

#[test]
fn a_connection_that_says_nothing_is_closed_and_the_stay_ends() {
    let mut world = call(69, true);
    world.client("bert").silent = true;
    world.run_secs(35);
    assert!(world.client("bert").signal_closed);
    assert_eq!(world.client("anna").sees(), ["bert"]);
    world.run_secs(20);
    assert!(world.client("anna").sees().is_empty());
}
