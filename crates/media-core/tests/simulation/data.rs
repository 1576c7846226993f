//! Data packets.

use livekit_proto::proto;
use prost::Message as _;
use teleconsultation_media_core::Command;

use crate::{client::Client, network::Path, world::World};

fn three(seed: u64, single: bool) -> World {
    let mut world = World::with_room(seed);
    for key in ["anna", "bert", "carl"] {
        world.join_as(key, "room", single, Client::everything());
    }
    world.run_secs(2);
    if !single {
        // With two connections the one to publish on is made when there is something to publish.
        for (tag, key) in [(1, "anna"), (2, "bert"), (3, "carl")] {
            world.client(key).publish(tag, str0m::media::MediaKind::Audio, &[]);
        }
        world.run_secs(2);
    }
    world
}

#[test]
fn data_reach_all_others_under_the_true_name() {
    for single in [true, false] {
        let mut world = three(80, single);
        world.client("anna").send_data("reliable", true, &[]);
        world.client("anna").send_data("lossy", false, &[]);
        world.run_secs(1);
        for key in ["bert", "carl"] {
            let mut texts = world.client(key).texts();
            texts.sort();
            let expected = [("anna", "lossy"), ("anna", "reliable")].map(|(a, b)| (a.to_owned(), b.to_owned()));
            assert_eq!(texts, expected);
        }
        assert!(world.client("anna").texts().is_empty(), "nothing comes back");
    }
}

#[test]
fn data_reach_only_those_named() {
    let mut world = three(81, true);
    world.client("anna").send_data("for bert", true, &["bert"]);
    world.run_secs(1);
    assert_eq!(world.client("bert").texts().len(), 1);
    assert!(world.client("carl").texts().is_empty());
}

#[test]
fn data_for_a_stay_that_an_old_client_names_reach_nobody_else() {
    let mut world = three(87, true);
    let user = proto::UserPacket {
        payload: b"for bert".to_vec(),
        destination_sids: vec![world.client("bert").sid.clone()],
        ..proto::UserPacket::default()
    };
    let packet = proto::DataPacket { value: Some(proto::data_packet::Value::User(user)), ..Default::default() };
    world.client("anna").send_raw_data(&packet.encode_to_vec(), true);
    world.run_secs(1);
    assert_eq!(world.client("bert").texts().len(), 1);
    assert!(world.client("carl").texts().is_empty());
}

#[test]
fn one_who_sends_much_to_a_slow_receiver_does_not_crowd_out_the_others() {
    let mut world = three(88, true);
    world.set_path("carl", Path { downlink_bps: Some(200_000), ..Path::default() });
    let chunk = "x".repeat(15_000);
    for _ in 0..400 {
        let anna = world.client("anna");
        let channel = anna.reliable_channel();
        if anna.publisher.rtc.channel(channel).expect("a channel").buffered_amount() < 64_000 {
            anna.send_data(&chunk, true, &["carl"]);
        }
        world.run(std::time::Duration::from_millis(10));
    }
    assert!(world.engine.take_counts().data_dropped > 0, "more than can wait");
    world.client("bert").send_data("hello", true, &["carl"]);
    world.set_path("carl", Path::default());
    world.run_secs(20);
    assert!(world.client("carl").texts().contains(&("bert".to_owned(), "hello".to_owned())));
}

#[test]
fn the_program_sends_data_too() {
    let mut world = three(82, true);
    let command = Command::SendData {
        room: "room".to_owned(),
        topic: "time".to_owned(),
        payload: b"half a minute left".to_vec(),
        destinations: vec!["carl".to_owned()],
    };
    world.command(command).expect("sent");
    world.run_secs(1);
    assert_eq!(world.client("carl").texts(), [(String::new(), "half a minute left".to_owned())]);
    assert!(world.client("bert").texts().is_empty());
}

#[test]
fn reliable_data_survive_loss_in_order() {
    let mut world = three(83, true);
    for key in ["anna", "bert"] {
        world.set_path(key, Path { loss_percent: 10, ..Path::default() });
    }
    let sent: Vec<String> = (0..50).map(|number| format!("message {number}")).collect();
    for text in &sent {
        world.client("anna").send_data(text, true, &[]);
    }
    world.run_secs(20);
    let got: Vec<String> = world.client("bert").texts().into_iter().map(|(_, text)| text).collect();
    assert_eq!(got, sent);
}

#[test]
fn data_for_somebody_who_is_just_coming_wait_for_them() {
    let mut world = three(84, true);
    world.join("dora");
    let command = Command::SendData {
        room: "room".to_owned(),
        topic: "welcome".to_owned(),
        payload: b"hello".to_vec(),
        destinations: vec!["dora".to_owned()],
    };
    world.command(command).expect("sent");
    world.run_secs(3);
    assert_eq!(world.client("dora").texts().len(), 1);
}

#[test]
fn a_flood_of_small_messages_is_cut_off() {
    let mut world = three(86, true);
    for _ in 0..200 {
        for _ in 0..60 {
            world.client("anna").send_data("x", false, &[]);
        }
        world.run(std::time::Duration::from_millis(10));
    }
    let received = world.client("bert").texts().len();
    assert!(received > 1_000 && received < 8_000, "{received} of 12000 messages in two seconds");
}

#[test]
fn a_flood_of_data_is_cut_off_and_harms_nobody() {
    let mut world = three(85, true);
    let chunk = "x".repeat(15_000);
    for _ in 0..600 {
        let client = world.client("anna");
        let buffered = client.publisher.rtc.channel(client.reliable_channel()).expect("a channel").buffered_amount();
        if buffered < 64_000 {
            world.client("anna").send_data(&chunk, true, &[]);
        }
        world.run(std::time::Duration::from_millis(10));
    }
    let received = world.client("bert").texts().len() * chunk.len();
    assert!(received > 2_000_000 && received < 4_000_000, "{received} bytes in six seconds");
}
