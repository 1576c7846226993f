//! The signalling side of the shell, over real sockets.

mod house;
mod mute;
mod peer;

use std::time::Duration;

use house::{House, NOW_S, api_key, claims, request, token};
use livekit_proto::{
    join_request,
    proto::{self, leave_request, signal_request, signal_response},
};
use ports::media::{Identity, MediaEngine as _, MediaRoom, RoomName};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

fn join(message: signal_response::Message) -> Option<proto::JoinResponse> {
    if let signal_response::Message::Join(join) = message { Some(join) } else { None }
}

fn leave(message: signal_response::Message) -> Option<proto::LeaveRequest> {
    if let signal_response::Message::Leave(leave) = message { Some(leave) } else { None }
}

fn refreshed(message: signal_response::Message) -> Option<String> {
    if let signal_response::Message::RefreshToken(token) = message { Some(token) } else { None }
}

#[tokio::test]
async fn whoever_may_not_enter_is_told_why_and_pages_of_other_origins_can_read_it() {
    let house = House::open().await;
    let mut cannot_join = claims("open", "ada");
    cannot_join.video.room_join = false;
    let cannot_join = api_key().sign(&cannot_join).expect("signs");
    for (token, status) in [
        (String::new(), "401"),
        ("made.up.token".to_owned(), "401"),
        (cannot_join, "401"),
        (token("", "ada"), "400"),
        (token(&"r".repeat(257), "ada"), "400"),
        (token("none", "ada"), "404"),
        (token("open", "eve"), "404"),
    ] {
        for path in ["/rtc", "/rtc/validate"] {
            let answer = house.ask(&format!("{path}?access_token={token}")).await;
            assert!(answer.starts_with(&format!("http/1.1 {status}")), "{path}: {answer}");
            assert!(answer.contains("access-control-allow-origin: *"), "{path}: {answer}");
        }
    }
    let counters = house.service.counters();
    assert_eq!((counters.joins_unauthorized, counters.joins_malformed, counters.joins_not_admitted), (6, 4, 4));
}

#[tokio::test]
async fn validation_says_success_to_whoever_could_enter() {
    let house = House::open().await;
    let token = token("open", "ada");
    let request = join_request::encode(&request());
    assert!(house.ask(&format!("/rtc/validate?access_token={token}")).await.ends_with("success"));
    let one = house.ask(&format!("/rtc/v1/validate?access_token={token}&join_request={request}")).await;
    assert!(one.ends_with("success"), "{one}");
    let none = house.ask(&format!("/rtc/v1/validate?access_token={token}")).await;
    assert!(none.starts_with("http/1.1 400"), "{none}");
    let broken = house.ask(&format!("/rtc/v1/validate?access_token={token}&join_request=AAAA")).await;
    assert!(broken.starts_with("http/1.1 400"), "{broken}");
}

#[tokio::test]
async fn whoever_enters_is_welcomed_and_gets_a_token_to_come_back_with() {
    let house = House::open().await;
    let mut ada = house.join("ada").await;
    let welcome = ada.hear(join).await;
    assert_eq!(welcome.room.map(|room| room.metadata).as_deref(), Some("the room's"));
    let claims = api_key().verify(&ada.hear(refreshed).await, NOW_S).expect("our own");
    assert!(claims.expires_s >= NOW_S + 600, "long enough to come back");
    assert_eq!((claims.identity.as_str(), claims.video.room.as_str()), ("ada", "open"));
    let room = RoomName("open".to_owned());
    assert_eq!(house.service.participants(&room).await.expect("open"), [Identity("ada".to_owned())]);
}

#[tokio::test]
async fn after_a_resume_a_new_token_says_what_has_changed() {
    let house = House::open().await;
    let mut claims = claims("open", "ada");
    claims.video.can_update_own_metadata = Some(true);
    let mut ada = house.join_with(&claims, &request()).await;
    let sid = ada.hear(join).await.participant.expect("oneself").sid;
    drop(ada);
    let resume = proto::JoinRequest { reconnect: true, participant_sid: sid, ..request() };
    let mut ada = house.join_with(&claims, &resume).await;
    let update = proto::UpdateParticipantMetadata { name: "Ada".to_owned(), ..Default::default() };
    ada.say(signal_request::Message::UpdateMetadata(update)).await;
    let named = |message| {
        let claims = api_key().verify(&refreshed(message)?, NOW_S).expect("our own");
        (!claims.name.is_empty()).then_some(claims.name)
    };
    assert_eq!(ada.hear(named).await, "Ada");
}

#[tokio::test]
async fn a_ping_is_answered_with_the_time() {
    let house = House::open().await;
    let mut ada = house.join("ada").await;
    ada.say(signal_request::Message::PingReq(proto::Ping { timestamp: 42, rtt: 0 })).await;
    let pong = ada
        .hear(|message| if let signal_response::Message::PongResp(pong) = message { Some(pong) } else { None })
        .await;
    assert_eq!((pong.last_ping_timestamp, pong.timestamp), (42, NOW_S * 1000));
}

#[tokio::test]
async fn whoever_leaves_gets_the_connection_closed_properly() {
    let house = House::open().await;
    let mut ada = house.join("ada").await;
    ada.hear(join).await;
    ada.say(signal_request::Message::Leave(proto::LeaveRequest::default())).await;
    assert_eq!(ada.end().await.expect("a close frame").code, CloseCode::Normal);
}

#[tokio::test]
async fn what_is_no_signal_ends_the_connection_and_no_other() {
    let house = House::open().await;
    let mut bruno = house.join("bruno").await;
    bruno.hear(join).await;
    for (wrong, code) in
        [(Message::text("{}"), CloseCode::Unsupported), (Message::binary(vec![0xff; 40]), CloseCode::Invalid)]
    {
        let mut ada = house.join("ada").await;
        ada.hear(join).await;
        ada.send(wrong).await;
        assert_eq!(ada.end().await.expect("a close frame").code, code);
    }
    assert_eq!(house.service.counters().signal_faults, 2);
    bruno.say(signal_request::Message::Ping(1)).await;
    bruno.hear(|message| matches!(message, signal_response::Message::Pong(_)).then_some(())).await;
}

#[tokio::test]
async fn a_flood_of_signals_ends_the_connection() {
    let house = House::open().await;
    let mut ada = house.join("ada").await;
    ada.hear(join).await;
    // An unknown kind, which the engine never sees.
    while ada.try_send(Message::binary(vec![0xc0, 0x3e, 0x01])).await {}
    assert_eq!(house.service.counters().signal_floods, 1);
}

#[tokio::test]
async fn the_program_opens_changes_and_closes_rooms_and_removes_people() {
    let house = House::open().await;
    let (room, nobody) = (RoomName("open".to_owned()), Identity("nobody".to_owned()));
    house.service.close_room(&room).await.expect("closed already");
    house.service.remove_participant(&room, &nobody).await.expect("removed already");
    assert!(house.service.participants(&room).await.is_err());
    let described = MediaRoom { name: room.clone(), participants_max: 2, metadata: String::new() };
    house.service.open_room(&described).await.expect("opens");
    assert_eq!(house.service.counters().rooms, 1);

    let (mut ada, mut bruno) = (house.join("ada").await, house.join("bruno").await);
    ada.hear(join).await;
    bruno.hear(join).await;
    house.service.set_room_metadata(&room, "new").await.expect("changes");
    let update = bruno
        .hear(|message| if let signal_response::Message::RoomUpdate(update) = message { update.room } else { None })
        .await;
    assert_eq!(update.metadata, "new");

    house.service.remove_participant(&room, &Identity("ada".to_owned())).await.expect("removes");
    assert_eq!(ada.hear(leave).await.action(), leave_request::Action::Disconnect);
    ada.end().await.expect("a close frame");
    house.service.close_room(&room).await.expect("closes");
    assert_eq!(bruno.hear(leave).await.action(), leave_request::Action::Disconnect);
    bruno.end().await.expect("a close frame");
    assert_eq!(house.service.counters().rooms, 0);
}

#[tokio::test]
async fn stopping_tells_everybody_to_come_back_and_ends_in_time() {
    let house = House::open().await;
    let mut ada = house.join("ada").await;
    ada.hear(join).await;
    let service = house.service.clone();
    let stopping = tokio::spawn(async move { service.stop(Duration::from_secs(20)).await });
    assert_eq!(ada.hear(leave).await.action(), leave_request::Action::Reconnect);
    ada.end().await.expect("a close frame");
    assert!(stopping.await.expect("no panic"), "all ended in time");
    let answer = house.ask(&format!("/rtc/validate?access_token={}", token("open", "ada"))).await;
    assert!(answer.starts_with("http/1.1 503"), "{answer}");
}

#[tokio::test]
async fn an_ice_tcp_connection_that_is_for_nobody_is_closed() {
    let house = House::open().await;
    let port = house.service.bound_ports().tcp.expect("on");
    for frame in [&[0, 0][..], &[0xff, 0xff, 1], &[0, 3, 1, 2, 3]] {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("connects");
        stream.write_all(frame).await.expect("writes");
        assert_eq!(stream.read(&mut [0; 10]).await.unwrap_or(0), 0, "closed");
    }
    assert_eq!(house.service.counters().tcp_faults, 3);
}
