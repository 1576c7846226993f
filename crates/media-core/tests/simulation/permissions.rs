//! Who may do what.

use std::time::Duration;

use livekit_proto::proto::{self, TrackSource, request_response::Reason, signal_request::Message};
use str0m::media::MediaKind::{Audio, Video};
use teleconsultation_media_core::{Command, Permissions, Reply};

use crate::{client::Client, world::World};

fn pair(seed: u64, bert: Permissions) -> World {
    let mut world = World::with_room(seed);
    world.join("anna");
    world.join_as("bert", "room", true, bert);
    world.run_secs(1);
    world.client("anna").publish(1, Audio, &[]);
    world.client("anna").publish(2, Video, &[]);
    world.run_secs(1);
    world
}

fn set(world: &mut World, permissions: Permissions) {
    let command = Command::SetPermissions { room: "room".to_owned(), identity: "bert".to_owned(), permissions };
    world.command(command).expect("set");
    world.run_secs(2);
}

#[test]
fn who_may_not_publish_is_not_heard() {
    let mut world = pair(70, Permissions { can_publish: false, ..Client::everything() });
    world.client("bert").publish(3, Audio, &[]);
    world.run_secs(2);
    assert_eq!(world.client("bert").refusals[0].reason(), Reason::NotAllowed);
    world.expect_heard(Duration::from_secs(1), &[("anna", &[]), ("bert", &[1, 2])]);

    set(&mut world, Client::everything());
    assert!(world.client("bert").own.permission.clone().expect("permissions").can_publish);
    world.client("bert").publish(4, Audio, &[]);
    world.run_secs(2);
    world.expect_heard(Duration::from_secs(1), &[("anna", &[4])]);
}

#[test]
fn only_the_allowed_sources_are_published() {
    let sources = vec![TrackSource::Microphone];
    let mut world = pair(71, Permissions { can_publish_sources: sources, ..Client::everything() });
    world.client("bert").publish(3, Audio, &[]);
    world.client("bert").publish(4, Video, &[]);
    world.run_secs(2);
    assert_eq!(world.client("bert").refusals.len(), 1);
    world.expect_heard(Duration::from_secs(1), &[("anna", &[3])]);
}

#[test]
fn a_picture_that_calls_itself_a_voice_is_refused() {
    let sources = vec![TrackSource::Microphone];
    let mut world = pair(80, Permissions { can_publish_sources: sources, ..Client::everything() });
    world.client("bert").publish_as(3, Video, &[], TrackSource::Microphone);
    world.client("bert").publish_as(4, Video, &[], TrackSource::Unknown);
    world.run_secs(2);
    let reasons: Vec<Reason> = world.client("bert").refusals.iter().map(proto::RequestResponse::reason).collect();
    assert_eq!(reasons, [Reason::NotAllowed; 2]);
    world.expect_heard(Duration::from_secs(1), &[("anna", &[])]);
}

#[test]
fn who_takes_nothing_by_default_gets_what_they_ask_for() {
    for single in [true, false] {
        let mut world = World::with_room(81);
        world.join("anna");
        world.join_choosy("bert", single);
        world.run_secs(1);
        world.client("anna").publish(1, Audio, &[]);
        world.client("anna").publish(2, Video, &[]);
        world.run_secs(2);
        world.expect_heard(Duration::from_secs(1), &[("bert", &[])]);
        assert_eq!(world.client("bert").sees(), ["anna"]);

        let (anna, track) = (world.client("anna").sid.clone(), world.client("anna").sid_of(2));
        let wish = proto::UpdateSubscription {
            subscribe: true,
            participant_tracks: vec![proto::ParticipantTracks { participant_sid: anna, track_sids: vec![track] }],
            ..proto::UpdateSubscription::default()
        };
        world.client("bert").say(Message::Subscription(wish));
        world.run_secs(2);
        world.expect_heard(Duration::from_secs(1), &[("bert", &[2])]);

        world.break_signal("bert");
        world.run_secs(2);
        world.resume("bert");
        world.run_secs(4);
        world.expect_heard(Duration::from_secs(1), &[("bert", &[2])]);
    }
}

#[test]
fn who_is_hidden_sends_data_as_nobody() {
    let mut world = pair(82, Permissions { hidden: true, ..Client::everything() });
    world.client("bert").send_data("good day", true, &[]);
    world.run_secs(1);
    assert_eq!(world.client("anna").texts(), [(String::new(), "good day".to_owned())]);
}

#[test]
fn a_right_that_is_taken_away_ends_what_it_allowed() {
    let mut world = pair(72, Client::everything());
    world.client("bert").publish(3, Audio, &[]);
    world.run_secs(2);
    world.expect_heard(Duration::from_secs(1), &[("anna", &[3]), ("bert", &[1, 2])]);

    set(&mut world, Permissions { can_publish: false, can_subscribe: false, ..Client::everything() });
    world.expect_heard(Duration::from_secs(1), &[("anna", &[]), ("bert", &[])]);
    assert_eq!(world.client("bert").unpublished.len(), 1);

    set(&mut world, Client::everything());
    world.expect_heard(Duration::from_secs(1), &[("bert", &[1, 2])]);
}

#[test]
fn who_may_not_subscribe_gets_nothing() {
    let mut world = pair(73, Permissions { can_subscribe: false, ..Client::everything() });
    let sid = world.client("anna").sid_of(1);
    let wish =
        proto::UpdateSubscription { track_sids: vec![sid], subscribe: true, ..proto::UpdateSubscription::default() };
    world.client("bert").say(Message::Subscription(wish));
    world.run_secs(1);
    world.expect_heard(Duration::from_secs(1), &[("bert", &[])]);
    assert_eq!(world.client("bert").sees(), ["anna"]);
}

#[test]
fn who_may_not_send_data_is_not_read() {
    let mut world = pair(74, Permissions { can_publish_data: false, ..Client::everything() });
    world.client("bert").send_data("hello", true, &[]);
    world.client("bert").send_data("hello", false, &[]);
    world.client("anna").send_data("good day", true, &[]);
    world.run_secs(1);
    assert!(world.client("anna").texts().is_empty());
    assert_eq!(world.client("bert").texts(), [("anna".to_owned(), "good day".to_owned())]);
}

#[test]
fn who_is_hidden_is_neither_seen_nor_heard_but_listed() {
    let mut world = pair(75, Permissions { hidden: true, ..Client::everything() });
    world.client("bert").publish(3, Audio, &[]);
    world.run_secs(2);
    assert!(world.client("anna").sees().is_empty());
    assert_eq!(world.client("anna").room_info.num_participants, 1);
    world.expect_heard(Duration::from_secs(1), &[("anna", &[]), ("bert", &[1, 2])]);
    let listed = world.command(Command::Participants { room: "room".to_owned() }).expect("a list");
    let Reply::Participants(listed) = listed else { panic!("a list was asked for") };
    assert_eq!(listed.iter().map(|info| info.identity.as_str()).collect::<Vec<_>>(), ["anna", "bert"]);
}

#[test]
fn a_publisher_chooses_who_receives() {
    let mut world = pair(76, Client::everything());
    world.join("carl");
    world.run_secs(1);
    let track = world.client("anna").sid_of(1);
    let only_bert = proto::SubscriptionPermission {
        all_participants: false,
        track_permissions: vec![proto::TrackPermission {
            participant_identity: "bert".to_owned(),
            track_sids: vec![track.clone()],
            ..proto::TrackPermission::default()
        }],
    };
    world.client("anna").say(Message::SubscriptionPermission(only_bert));
    world.run_secs(1);
    world.expect_heard(Duration::from_secs(1), &[("bert", &[1]), ("carl", &[])]);
    assert!(world.client("carl").permission_updates.contains(&(track, false)));

    let all = proto::SubscriptionPermission { all_participants: true, ..Default::default() };
    world.client("anna").say(Message::SubscriptionPermission(all));
    world.run_secs(2);
    world.expect_heard(Duration::from_secs(1), &[("bert", &[1, 2]), ("carl", &[1, 2])]);
}

#[test]
fn a_receiver_gives_up_a_track_and_takes_it_again() {
    let mut world = pair(77, Client::everything());
    let sid = world.client("anna").sid_of(1);
    for (subscribe, heard) in [(false, &[2][..]), (true, &[1, 2][..])] {
        let wish = proto::UpdateSubscription {
            track_sids: vec![sid.clone()],
            subscribe,
            ..proto::UpdateSubscription::default()
        };
        world.client("bert").say(Message::Subscription(wish));
        world.run_secs(2);
        world.expect_heard(Duration::from_secs(1), &[("bert", heard)]);
    }
}

#[test]
fn the_server_mutes_a_track_until_its_owner_unmutes() {
    let mut world = pair(78, Client::everything());
    let track = world.client("anna").sid_of(1);
    let mute =
        Command::MuteTrack { room: "room".to_owned(), identity: "anna".to_owned(), track: track.clone(), muted: true };
    world.command(mute).expect("muted");
    world.run_secs(1);
    world.expect_heard(Duration::from_secs(1), &[("bert", &[2])]);
    assert!(world.client("anna").server_mutes[0].muted);

    world.client("anna").mute(1, false);
    world.run_secs(1);
    world.expect_heard(Duration::from_secs(1), &[("bert", &[1, 2])]);
}

#[test]
fn only_who_may_changes_metadata() {
    let mut world = pair(79, Permissions { can_update_metadata: false, ..Client::everything() });
    for key in ["anna", "bert"] {
        let update = proto::UpdateParticipantMetadata {
            name: format!("{key} the great"),
            metadata: "more".to_owned(),
            request_id: 7,
            ..proto::UpdateParticipantMetadata::default()
        };
        world.client(key).say(Message::UpdateMetadata(update));
    }
    world.run_secs(1);
    let (anna, bert) = (world.client("anna").sid.clone(), world.client("bert").sid.clone());
    assert_eq!(world.client("bert").others[&anna].name, "anna the great");
    assert_eq!(world.client("anna").others[&bert].name, "Name of bert");
    assert_eq!(world.client("anna").refusals[0].reason(), Reason::Ok);
    assert_eq!(world.client("bert").refusals[0].reason(), Reason::NotAllowed);

    let command = Command::SetRoomMetadata { room: "room".to_owned(), metadata: "the room".to_owned() };
    world.command(command).expect("set");
    world.run_secs(1);
    assert_eq!(world.client("bert").room_info.metadata, "the room");
}
