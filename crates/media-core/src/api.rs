//! What the shell and the engine say to each other.

use std::net::SocketAddr;

use livekit_proto::proto;

/// Names one signalling connection (a WebSocket) of this process, for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// How a datagram travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// UDP.
    Udp,
    /// ICE-TCP, one frame of RFC 4571; the shell does the framing.
    Tcp,
}

/// What an engine is told once.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Put in front of every ICE user name fragment, so that the shell finds the engine of a datagram from a new address.
    pub ice_ufrag_prefix: String,
    /// The addresses offered as UDP candidates, best first.
    pub udp_candidates: Vec<SocketAddr>,
    /// The addresses offered as passive TCP candidates, best first.
    pub tcp_candidates: Vec<SocketAddr>,
    /// The wall clock at the `now` of [`crate::Engine::new`], in milliseconds since 1970 (UTC). What clients are told in wall
    /// clock time is reckoned from it, since the engine reads no clock.
    pub origin_ms: i64,
    /// Seeds every choice the engine makes by chance that need not be secret.
    pub seed: u64,
}

/// A room to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomConfig {
    /// Its name.
    pub name: String,
    /// The most participants at once; hidden ones count too.
    pub participants_max: u32,
    /// Free text for the clients.
    pub metadata: String,
}

/// What a participant may do, from the token's `video` grant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a grant of its own, named so by the protocol")]
pub struct Permissions {
    /// Publish tracks.
    pub can_publish: bool,
    /// Only of these sources, if any is listed.
    pub can_publish_sources: Vec<proto::TrackSource>,
    /// Receive tracks.
    pub can_subscribe: bool,
    /// Send data packets.
    pub can_publish_data: bool,
    /// Change the own name, metadata and attributes.
    pub can_update_metadata: bool,
    /// Not shown to the others.
    pub hidden: bool,
}

/// Somebody at the door, with a token that was checked.
#[derive(Debug, Clone)]
pub struct Join {
    /// The connection that signals will come and go by.
    pub connection: ConnectionId,
    /// Which room; it is open.
    pub room: String,
    /// Who, the token's `sub`.
    pub identity: String,
    /// The token's `name`.
    pub name: String,
    /// The token's `metadata`.
    pub metadata: String,
    /// The token's `attributes`.
    pub attributes: Vec<(String, String)>,
    /// What they may do.
    pub permissions: Permissions,
    /// What the client asked for. `/rtc` requests are converted into the same form.
    pub request: proto::JoinRequest,
    /// Whether the client has one peer connection for both directions (`/rtc/v1`) or two (`/rtc`).
    pub single_peer_connection: bool,
}

/// What an engine is told as it happens.
#[derive(Debug)]
pub enum Input<'a> {
    /// A datagram, or a frame of an ICE-TCP connection.
    Datagram {
        /// How it came.
        protocol: Protocol,
        /// From where.
        source: SocketAddr,
        /// The local address that it came to, which is one of the candidates.
        destination: SocketAddr,
        /// What it says.
        payload: &'a [u8],
    },
    /// Somebody joins or resumes.
    Join(Box<Join>),
    /// A client's message.
    Signal {
        /// By which connection.
        connection: ConnectionId,
        /// What it says.
        request: Box<proto::signal_request::Message>,
    },
    /// A signalling connection is gone.
    SignalClosed {
        /// Which.
        connection: ConnectionId,
    },
    /// Only time has passed.
    Time,
}

/// A datagram to be sent.
#[derive(Debug)]
pub struct Transmit {
    /// How.
    pub protocol: Protocol,
    /// From which local address.
    pub source: SocketAddr,
    /// To where.
    pub destination: SocketAddr,
    /// What.
    pub payload: Vec<u8>,
}

/// Why a participant is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaveCause {
    /// They said so.
    Left,
    /// The connection broke and they did not come back in time.
    Lost,
    /// The same identity joined again.
    Replaced,
    /// Removed by a command.
    Removed,
    /// The room was closed.
    RoomClosed,
    /// They broke the protocol or a limit.
    Fault,
}

/// What an engine tells the rest of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Media can flow to and from this participant.
    Joined {
        /// Where.
        room: String,
        /// Who.
        identity: String,
    },
    /// The participant is gone.
    Left {
        /// Where.
        room: String,
        /// Who.
        identity: String,
        /// Why.
        cause: LeaveCause,
    },
    /// The room is gone.
    Closed {
        /// Which.
        room: String,
    },
}

/// What an engine wants done.
#[derive(Debug)]
pub enum Output {
    /// Send a datagram.
    Transmit(Transmit),
    /// Send a message to a client.
    Signal {
        /// By which connection.
        connection: ConnectionId,
        /// What.
        response: Box<proto::signal_response::Message>,
    },
    /// Close a signalling connection after what was sent on it before.
    CloseSignal {
        /// Which.
        connection: ConnectionId,
    },
    /// Tell the rest of the program.
    Event(Event),
}

/// What the program wants of an engine, answered at once.
#[derive(Debug, Clone)]
pub enum Command {
    /// Make a room exist; one that exists keeps its people and takes the metadata.
    OpenRoom(RoomConfig),
    /// End a room.
    CloseRoom {
        /// Which.
        room: String,
    },
    /// Disconnect somebody.
    RemoveParticipant {
        /// Where.
        room: String,
        /// Who.
        identity: String,
    },
    /// Mute or unmute somebody's track.
    MuteTrack {
        /// Where.
        room: String,
        /// Who.
        identity: String,
        /// Which track, `TR_…`.
        track: String,
        /// Which way.
        muted: bool,
    },
    /// Change what somebody may do.
    SetPermissions {
        /// Where.
        room: String,
        /// Who.
        identity: String,
        /// What they may do from this moment on.
        permissions: Permissions,
    },
    /// Change a room's metadata.
    SetRoomMetadata {
        /// Which.
        room: String,
        /// The new text.
        metadata: String,
    },
    /// Send a data packet to people in a room.
    SendData {
        /// Where.
        room: String,
        /// The topic.
        topic: String,
        /// What.
        payload: Vec<u8>,
        /// To whom; empty: to all.
        destinations: Vec<String>,
    },
    /// Ask who is in a room.
    Participants {
        /// Which.
        room: String,
    },
}

/// What a command answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// It was done.
    Done,
    /// Those in the room, hidden ones too.
    Participants(Vec<proto::ParticipantInfo>),
}

/// Why a command was not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// No such room.
    #[error("there is no such room")]
    NoRoom,
    /// No such participant in the room.
    #[error("there is no such participant")]
    NoParticipant,
    /// No such track of the participant.
    #[error("there is no such track")]
    NoTrack,
    /// The engine holds as many rooms as it can.
    #[error("there are too many rooms")]
    TooManyRooms,
}

/// What an engine counts, since it was asked last. What the network did is not an error here, but somebody should be able to see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Datagrams from nobody who is known.
    pub datagrams_unknown: u64,
    /// Datagrams dropped because their sender sent too many.
    pub datagrams_excess: u64,
    /// Datagrams at a known address that were none of its peer's.
    pub datagrams_foreign: u64,
    /// Joins turned away: the room is full, or they came too often.
    pub joins_refused: u64,
    /// Participants ended because they broke the protocol or a limit.
    pub participant_faults: u64,
    /// Participants ended because their peer connection failed or panicked, which is nobody's fault but the program's.
    pub peer_failures: u64,
    /// Rooms ended because they panicked.
    pub room_failures: u64,
    /// Data packets that were not allowed, too large, too many, or none at all.
    pub data_refused: u64,
    /// Data packets dropped because their receiver took them too slowly.
    pub data_dropped: u64,
}
