//! What the engine targets share: an engine with one open room, and somebody who joins it.

use std::time::Instant;

use livekit_proto::proto;
use media_core::{Command, ConnectionId, Engine, EngineConfig, Input, Join, Permissions, RoomConfig};

/// The room that is open from the start.
pub const ROOM: &str = "room";

/// An engine with [`ROOM`] open.
pub fn engine(now: Instant) -> Engine {
    let address = "192.0.2.1:7882".parse().expect("an address");
    let config = EngineConfig {
        ice_ufrag_prefix: "0".to_owned(),
        udp_candidates: vec![address],
        tcp_candidates: vec![address],
        origin_ms: 1_800_000_000_000,
        seed: 1,
    };
    let mut engine = Engine::new(config, now);
    let room = RoomConfig { name: ROOM.to_owned(), participants_max: 4, metadata: String::new() };
    engine.command(Command::OpenRoom(room), now).expect("a room can be opened");
    engine
}

/// Somebody who may do everything.
pub fn join(connection: u8, identity: u8, single_peer_connection: bool, request: proto::JoinRequest) -> Input<'static> {
    Input::Join(Box::new(Join {
        connection: ConnectionId(connection.into()),
        room: ROOM.to_owned(),
        identity: format!("person-{identity}"),
        name: String::new(),
        metadata: String::new(),
        attributes: Vec::new(),
        permissions: Permissions {
            can_publish: true,
            can_publish_sources: Vec::new(),
            can_subscribe: true,
            can_publish_data: true,
            can_update_metadata: true,
            hidden: false,
        },
        request,
        single_peer_connection,
    }))
}

/// Carries out nothing, but looks at everything, as the shell does after each input.
pub fn drain(engine: &mut Engine) {
    while engine.poll().is_some() {}
}
