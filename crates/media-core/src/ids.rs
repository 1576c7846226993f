//! Names of things inside one engine. They are never used twice, so a late event cannot reach the wrong one.

/// A room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RoomId(pub u64);

/// A participant of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ParticipantId(pub u64);

/// A published track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TrackId(pub u64);

/// Which of a participant's peer connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Target {
    /// The one that the client offers; for a single peer connection the only one.
    Publisher,
    /// The one that we offer, if the client has two.
    Subscriber,
}

/// A peer connection of this engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PeerId {
    /// Whose room.
    pub room: RoomId,
    /// Whose.
    pub participant: ParticipantId,
    /// Which.
    pub target: Target,
}

/// What a timer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum TimerId {
    /// A peer connection's own needs.
    Peer(PeerId),
    /// A room's regular work.
    Room(RoomId),
}
