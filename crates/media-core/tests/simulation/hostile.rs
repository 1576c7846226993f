//! Clients and strangers that mean harm: they end themselves and nobody else.

use std::{net::SocketAddr, time::Duration};

use livekit_proto::proto::{self, signal_request::Message};
use str0m::media::MediaKind::{Audio, Video};

use crate::{client::Client, network::Chance, world::World};

fn call(seed: u64) -> World {
    let mut world = World::with_room(seed);
    world.join("anna");
    world.join("bert");
    world.run_secs(1);
    world.client("anna").publish(1, Audio, &[]);
    world.client("bert").publish(2, Video, &[]);
    world.run_secs(2);
    world
}

fn expect_unharmed(world: &mut World) {
    world.expect_heard(Duration::from_secs(1), &[("anna", &[2]), ("bert", &[1])]);
}

#[test]
fn noise_from_strangers_and_from_a_known_address_changes_nothing() {
    let mut world = call(90);
    let mut chance = Chance::new(90);
    let stranger: SocketAddr = "198.51.100.7:1000".parse().expect("an address");
    let anna = world.clients["anna"].publisher.address;
    for round in 0..3_000_u64 {
        let length = chance.below(1_400) as usize;
        let mut payload: Vec<u8> = (0..length).map(|_| chance.next() as u8).collect();
        // STUN, DTLS, RTP, RTCP and nothing at all.
        let firsts = [0x00, 0x01, 0x14, 0x16, 0x17, 0x80, 0x90, 0xff];
        if let Some(first) = payload.first_mut() {
            *first = firsts[chance.below(8) as usize];
        }
        if let (0, Some(cookie)) = (chance.below(2), payload.get_mut(4..8)) {
            cookie.copy_from_slice(&0x2112_A442_u32.to_be_bytes());
        }
        world.throw(if round % 2 == 0 { stranger } else { anna }, &payload);
    }
    expect_unharmed(&mut world);
}

fn description(sdp: &str) -> proto::SessionDescription {
    proto::SessionDescription {
        r#type: "offer".to_owned(),
        sdp: sdp.to_owned(),
        id: 9,
        ..proto::SessionDescription::default()
    }
}

#[test]
fn broken_offers_end_only_the_one_who_makes_them() {
    let mut world = call(91);
    let good = {
        let mut client =
            Client::new("x", "room", ["10.9.0.1:1".parse().unwrap(), "10.9.0.1:2".parse().unwrap()], true, world.now);
        client.join(teleconsultation_media_core::ConnectionId(1_000_000), Client::everything()).request.publisher_offer
    };
    let good = good.expect("an offer").sdp;
    let mut chance = Chance::new(91);
    let mut broken: Vec<String> = vec![
        String::new(),
        "v=0".to_owned(),
        "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n".repeat(1_000),
        "a".repeat(2_000_000),
        good.replace("a=fingerprint", "a=fingerprants"),
        good.replace("a=ice-ufrag", "a=ice-frag"),
        good.replace("a=mid:", "a=mod:"),
        good.replace("recvonly", "sendonly"),
        good.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
        good.replace("a=setup:actpass", "a=setup:active"),
        good.replace("111", "0"),
        good.replace("\r\n", "\n"),
    ];
    for _ in 0..120 {
        let mut bytes = good.clone().into_bytes();
        for _ in 0..=chance.below(6) {
            let at = chance.below(bytes.len() as u64) as usize;
            match chance.below(3) {
                0 => bytes[at] = chance.next() as u8 & 0x7f,
                1 => {
                    bytes.truncate(at.max(1));
                }
                _ => {
                    let end = (at + chance.below(200) as usize).min(bytes.len());
                    let copied = bytes[at..end].to_vec();
                    bytes.splice(at..at, copied);
                }
            }
        }
        broken.push(String::from_utf8_lossy(&bytes).into_owned());
    }
    for (number, sdp) in broken.iter().enumerate() {
        let key = format!("mallory {number}");
        world.join_as(&key, "room", number % 2 == 0, Client::everything());
        world.run(Duration::from_millis(50));
        world.say(&key, Message::Offer(description(sdp)));
        if world.clients[&key].left.is_none() {
            world.say(&key, Message::Answer(description(sdp)));
        }
        world.vanish(&key);
        world.run(Duration::from_millis(300));
    }
    world.run_secs(20);
    assert_eq!(world.client("anna").sees(), ["bert"], "all the others are gone");
    expect_unharmed(&mut world);
}

#[test]
fn nonsense_in_signals_is_survived() {
    let mut world = call(92);
    world.join("mallory");
    world.run_secs(1);
    let long = "y".repeat(100_000);
    let sids = vec![long.clone(); 2_000];
    let messages = [
        Message::Trickle(proto::TrickleRequest { candidate_init: long.clone(), target: 17, ..Default::default() }),
        Message::Trickle(proto::TrickleRequest {
            candidate_init: r#"{"candidate":"candidate:1 1 udp 1 999.1.1.1 99999 typ host"}"#.to_owned(),
            ..Default::default()
        }),
        Message::AddTrack(proto::AddTrackRequest { cid: long.clone(), ..Default::default() }),
        Message::AddTrack(proto::AddTrackRequest { cid: "a".to_owned(), r#type: 99, source: 99, ..Default::default() }),
        Message::Mute(proto::MuteTrackRequest { sid: long.clone(), muted: true }),
        Message::Subscription(proto::UpdateSubscription {
            track_sids: sids.clone(),
            subscribe: false,
            ..Default::default()
        }),
        Message::TrackSetting(proto::UpdateTrackSettings {
            track_sids: sids,
            quality: -5,
            width: u32::MAX,
            height: u32::MAX,
            ..Default::default()
        }),
        Message::UpdateMetadata(proto::UpdateParticipantMetadata { metadata: long, ..Default::default() }),
        Message::SyncState(proto::SyncState::default()),
        Message::Simulate(proto::SimulateScenario::default()),
        Message::Ping(i64::MIN),
        Message::PingReq(proto::Ping { timestamp: i64::MAX, rtt: i64::MIN }),
        Message::UpdateLayers(proto::UpdateVideoLayers::default()),
        Message::SubscriptionPermission(proto::SubscriptionPermission::default()),
    ];
    for message in messages {
        world.say("mallory", message);
    }
    world.run_secs(1);
    expect_unharmed(&mut world);
}

#[test]
fn a_flood_of_signals_ends_the_one_who_floods() {
    let mut world = call(93);
    world.join("mallory");
    world.run_secs(1);
    for _ in 0..2_000 {
        world.say("mallory", Message::Ping(1));
    }
    world.run_secs(1);
    assert!(world.client("mallory").signal_closed);
    assert_eq!(world.client("anna").sees(), ["bert"]);
    expect_unharmed(&mut world);
}

#[test]
fn tracks_beyond_the_limit_are_refused() {
    let mut world = call(94);
    for number in 0..40 {
        world.say(
            "anna",
            Message::AddTrack(proto::AddTrackRequest { cid: format!("extra {number}"), ..Default::default() }),
        );
    }
    world.run_secs(1);
    assert!(world.client("anna").refusals.len() >= 20);
    expect_unharmed(&mut world);
}

#[test]
fn one_who_knows_a_password_of_their_own_cannot_take_over_an_address() {
    let mut world = call(95);
    world.join("mallory");
    world.run_secs(1);
    // Mallory's checks, as if they came from Bert's address.
    let bert = world.clients["bert"].publisher.address;
    world.spoof("mallory", bert);
    world.run_secs(5);
    world.expect_heard(Duration::from_secs(1), &[("bert", &[1])]);
}
