//! Clients and strangers that mean harm: they end themselves and nobody else.

use std::{net::SocketAddr, time::Duration};

use livekit_proto::proto::{self, signal_request::Message};
use str0m::media::MediaKind::{Audio, Video};
use teleconsultation_media_core::ConnectionId;

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
        client.join(ConnectionId(1_000_000), Client::everything()).request.publisher_offer
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

/// An offer as a browser makes it on joining.
fn good_offer(world: &World) -> String {
    let mut client =
        Client::new("x", "room", ["10.9.0.1:1".parse().unwrap(), "10.9.0.1:2".parse().unwrap()], true, world.now);
    let join = client.join(ConnectionId(1_000_000), Client::everything());
    join.request.publisher_offer.expect("an offer").sdp
}

#[test]
fn offers_that_would_cost_much_are_refused() {
    let mut world = call(96);
    let good = good_offer(&world);
    let section = &good[good.rfind("m=").expect("sections")..];
    let streams: String = (1..3_000).map(|ssrc| format!("a=ssrc:{ssrc} cname:x\r\n")).collect();
    let costly = [
        (
            "sections",
            format!(
                "{good}{}",
                (0..1_000)
                    .map(|mid| format!("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:x{mid}\r\n"))
                    .collect::<String>()
            ),
        ),
        ("one name", format!("{good}{section}{section}")),
        ("lines", format!("{good}{}", "a=rtpmap:111 opus/48000/2\r\n".repeat(10_000))),
        ("streams", format!("{good}{streams}")),
        ("a long line", format!("{good}a=fmtp:111 {}\r\n", "x=1;".repeat(2_000))),
    ];
    for (what, sdp) in &costly {
        world.join(what);
        world.run_secs(1);
        world.client(what).say(Message::Offer(description(sdp)));
        world.run_secs(1);
        assert!(world.client(what).signal_closed, "{what}");
        world.vanish(what);
    }
    expect_unharmed(&mut world);
}

#[test]
fn of_very_many_candidates_a_few_are_taken_and_the_call_works() {
    let mut world = call(97);
    let candidates: String =
        (0..5_000).map(|port| format!("a=candidate:{port} 1 udp 1 10.77.0.1 {} typ host\r\n", 1_000 + port)).collect();
    world.join("mallory");
    for _ in 0..3 {
        let (good, own) = (good_offer(&world), world.clients["mallory"].identity.clone());
        world.client(&own).say(Message::Offer(description(&format!("{good}{candidates}"))));
    }
    for port in 0..100 {
        let candidate_init = format!(r#"{{"candidate":"candidate:1 1 udp 1 10.78.0.1 {} typ host"}}"#, 1_000 + port);
        world.client("mallory").say(Message::Trickle(proto::TrickleRequest { candidate_init, ..Default::default() }));
    }
    // One offer that is not its own ends Mallory's own connection; the others do not notice.
    world.vanish("mallory");
    world.run_secs(1);
    expect_unharmed(&mut world);
}

#[test]
fn layers_that_were_not_offered_reach_nobody() {
    let mut world = call(98);
    world.join("mallory");
    world.run_secs(1);
    world.client("mallory").publish(5, Video, &["q", "h"]);
    world.run_secs(2);
    world.expect_heard(Duration::from_secs(1), &[("anna", &[2, 5]), ("bert", &[1, 5])]);
    // A layer under another name than the description gave it.
    for encoding in &mut world.client("mallory").sources[0].encodings {
        encoding.rid = Some("z".into());
    }
    world.run_secs(1);
    world.expect_heard(Duration::from_secs(1), &[("anna", &[2]), ("bert", &[1])]);
}

#[test]
fn signals_of_connections_that_never_joined_or_have_left_are_ignored() {
    let mut world = call(99);
    let offer = description(&good_offer(&world));
    let connection = world.client("bert").connection.expect("a connection").0;
    for stranger in [0, connection + 1_000, u64::MAX] {
        world.say_as_stranger(stranger, Message::Offer(offer.clone()));
        world.say_as_stranger(stranger, Message::AddTrack(proto::AddTrackRequest::default()));
        world.say_as_stranger(stranger, Message::Leave(proto::LeaveRequest::default()));
    }
    expect_unharmed(&mut world);
    world.client("bert").say(Message::Leave(proto::LeaveRequest::default()));
    world.run_secs(1);
    world.say_as_stranger(connection, Message::Offer(offer));
    world.run_secs(1);
    assert!(world.client("anna").sees().is_empty());
}

#[test]
fn a_million_wishes_are_a_few_and_harm_nobody() {
    let mut world = call(110);
    world.join("mallory");
    world.run_secs(1);
    let mine = world.client("anna").sid_of(1);
    let sids: Vec<String> = std::iter::once(mine).chain((0..1_000_000).map(|number| format!("TR_{number}"))).collect();
    let wish = proto::UpdateSubscription { track_sids: sids.clone(), subscribe: false, ..Default::default() };
    world.say("mallory", Message::Subscription(wish));
    let permissions = proto::SubscriptionPermission {
        track_permissions: vec![proto::TrackPermission {
            participant_identity: "anna".to_owned(),
            track_sids: sids,
            ..Default::default()
        }],
        ..Default::default()
    };
    world.say("mallory", Message::SubscriptionPermission(permissions));
    world.run_secs(1);
    world.expect_heard(Duration::from_secs(1), &[("anna", &[2]), ("bert", &[1]), ("mallory", &[2])]);
}

#[test]
fn a_flood_of_datagrams_is_cut_off_and_harms_nobody() {
    let mut world = call(111);
    world.join("mallory");
    world.run_secs(1);
    world.client("mallory").publish(5, Audio, &[]);
    world.run_secs(2);
    let address = world.clients["mallory"].publisher.address;
    for _ in 0..60_000 {
        world.throw(address, &[0x80; 200]);
    }
    world.expect_heard(Duration::from_secs(1), &[("anna", &[2, 5]), ("bert", &[1, 5])]);
}

#[test]
fn changes_faster_than_anybody_reads_are_told_now_and_then_and_the_last_one_at_last() {
    let mut world = call(112);
    world.join("mallory");
    world.run_secs(1);
    world.client("mallory").publish(5, Audio, &[]);
    world.run_secs(1);
    let (mallory, sid) = (world.client("mallory").sid.clone(), world.client("mallory").sid_of(5));
    let before = world.client("bert").updates;
    for round in 0..351 {
        world.say("mallory", Message::Mute(proto::MuteTrackRequest { sid: sid.clone(), muted: round % 2 == 0 }));
    }
    world.run_secs(2);
    let updates = world.client("bert").updates - before;
    assert!(updates <= 40, "{updates} updates");
    assert!(world.client("bert").others[&mallory].tracks[0].muted);
    world.expect_heard(Duration::from_secs(1), &[("anna", &[2, 5]), ("bert", &[1, 5])]);
}

#[test]
fn a_track_that_was_announced_and_never_offered_makes_room_for_others() {
    let mut world = call(113);
    for number in 0..16 {
        let cid = format!("given up {number}");
        world.client("anna").say(Message::AddTrack(proto::AddTrackRequest { cid, ..Default::default() }));
    }
    world.run_secs(70);
    world.client("anna").publish(7, Video, &[]);
    world.run_secs(2);
    world.expect_heard(Duration::from_secs(1), &[("bert", &[1, 7])]);
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

#[test]
fn of_a_flood_of_large_offers_few_are_answered_and_the_last_one_at_last() {
    let mut world = call(114);
    let good = good_offer(&world);
    let section = &good[good.rfind("m=").expect("sections")..];
    let name = section.lines().find(|line| line.starts_with("a=mid:")).expect("a name");
    let more: String =
        (0..140).map(|number| section.replace(&format!("{name}\r\n"), &format!("a=mid:n{number}\r\n"))).collect();
    let names: String = (0..140).map(|number| format!(" n{number}")).collect();
    let group = good.lines().find(|line| line.starts_with("a=group:BUNDLE")).expect("a group");
    let large = format!("{}{more}", good.replace(group, &format!("{group}{names}")));
    // With two connections, so that it made no other offer before.
    world.join_as("mallory", "room", false, Client::everything());
    world.run_secs(1);
    let before = world.answers;
    for _ in 0..40 {
        world.say("mallory", Message::Offer(description(&large)));
    }
    assert_eq!(world.answers - before, 2, "at once");
    // It does not listen to answers to what it did not offer.
    world.client("mallory").connection = None;
    world.run_secs(5);
    assert_eq!(world.answers - before, 3, "and the last one when its turn comes");
    world.vanish("mallory");
    expect_unharmed(&mut world);
}

#[test]
fn whoever_comes_again_and_again_is_turned_away_for_a_while() {
    let mut world = call(115);
    let before = world.client("bert").updates;
    for _ in 0..200 {
        world.join("mallory");
    }
    world.run_secs(1);
    let updates = world.client("bert").updates - before;
    assert!((20..100).contains(&updates), "{updates} updates");
    assert!(world.client("mallory").signal_closed, "the last one came too soon");
    assert!(world.engine.take_counts().joins_refused >= 170);
    world.vanish("mallory");
    world.run_secs(30);
    world.join("mallory");
    world.run_secs(2);
    assert!(!world.client("mallory").signal_closed);
    expect_unharmed(&mut world);
}
