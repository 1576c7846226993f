//! Any sequence of joins, signals, datagrams, commands and time leaves the engine working.
#![no_main]

use std::time::{Duration, Instant};

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use livekit_proto::{
    proto::{JoinRequest, SessionDescription, signal_request},
    signal,
};
use media_core::{Command, ConnectionId, Input, Protocol, Reply};
use prost::Message as _;
use teleconsultation_fuzz::{ROOM, drain, engine, join};

/// The most steps of one sequence: longer ones find little more and run slowly.
const STEPS_MAX: usize = 64;

#[derive(Debug, Arbitrary)]
enum Step {
    Join { connection: u8, identity: u8, single: bool, request: Vec<u8> },
    /// As a browser joins, and then publishes a camera and a microphone.
    JoinAsBrowser { connection: u8, identity: u8 },
    PublishAsBrowser { connection: u8 },
    Signal { connection: u8, frame: Vec<u8> },
    SignalClosed { connection: u8 },
    Datagram { tcp: bool, port: u16, payload: Vec<u8> },
    Time { milliseconds: u16 },
    Remove { identity: u8 },
    SendData { payload: Vec<u8> },
    Metadata { text: String },
}

/// What a browser offered on joining (0) and on publishing (1).
fn browser_offer(number: usize) -> SessionDescription {
    let sdp = include_str!("../seeds/sdp/chromium").split("\n--\n").nth(number).unwrap_or_default();
    SessionDescription { r#type: "offer".to_owned(), sdp: sdp.to_owned(), id: 1, ..Default::default() }
}

fuzz_target!(|steps: Vec<Step>| {
    let mut now = Instant::now();
    let mut engine = engine(now);
    for step in steps.into_iter().take(STEPS_MAX) {
        match step {
            Step::Join { connection, identity, single, request } => {
                let request = JoinRequest::decode(&*request).unwrap_or_default();
                engine.handle(join(connection, identity % 6, single, request), now);
            }
            Step::JoinAsBrowser { connection, identity } => {
                let request = JoinRequest { publisher_offer: Some(browser_offer(0)), ..Default::default() };
                engine.handle(join(connection, identity % 6, true, request), now);
            }
            Step::PublishAsBrowser { connection } => {
                let request = Box::new(signal_request::Message::Offer(browser_offer(1)));
                engine.handle(Input::Signal { connection: ConnectionId(connection.into()), request }, now);
            }
            Step::Signal { connection, frame } => {
                if let Ok(Some(request)) = signal::decode_request(&frame) {
                    engine.handle(Input::Signal { connection: ConnectionId(connection.into()), request: Box::new(request) }, now);
                }
            }
            Step::SignalClosed { connection } => {
                engine.handle(Input::SignalClosed { connection: ConnectionId(connection.into()) }, now);
            }
            Step::Datagram { tcp, port, payload } => {
                let protocol = if tcp { Protocol::Tcp } else { Protocol::Udp };
                let source = ([192, 0, 2, 2], port).into();
                let destination = ([192, 0, 2, 1], 7882).into();
                engine.handle(Input::Datagram { protocol, source, destination, payload: &payload }, now);
            }
            Step::Time { milliseconds } => {
                now += Duration::from_millis(milliseconds.into());
                engine.handle(Input::Time, now);
            }
            // Whether there is such a person does not matter here, only that asking is harmless.
            Step::Remove { identity } => {
                drop(engine.command(Command::RemoveParticipant { room: ROOM.to_owned(), identity: format!("person-{identity}") }, now));
            }
            Step::SendData { payload } => {
                let command = Command::SendData { room: ROOM.to_owned(), topic: String::new(), payload, destinations: Vec::new() };
                drop(engine.command(command, now));
            }
            Step::Metadata { text } => {
                drop(engine.command(Command::SetRoomMetadata { room: ROOM.to_owned(), metadata: text }, now));
            }
        }
        drain(&mut engine);
    }
    let asked = engine.command(Command::Participants { room: ROOM.to_owned() }, now);
    assert!(matches!(asked, Ok(Reply::Participants(people)) if people.len() <= 4), "the room outlives what happens in it");
});
