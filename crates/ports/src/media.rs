//! The media engine as the embedded video service sees it: the one in this process, or a `LiveKit` cluster.

use std::time::Duration;

use async_trait::async_trait;

/// Names a media room.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomName(pub String);

/// Names a person in a media room: the `sub` of their access token.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(pub String);

/// Why the engine did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// No such room, or no such participant in it.
    #[error("there is no such room or participant")]
    NotFound,
    /// Stopping, overloaded, or out of reach.
    #[error("the media engine is unavailable: {reason}")]
    Unavailable {
        /// Why.
        reason: String,
    },
}

/// A source that a participant may publish (`LiveKit`'s `TrackSource`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TrackSource {
    /// The camera.
    Camera,
    /// The microphone.
    Microphone,
    /// The screen.
    ScreenShare,
    /// The sound of the screen.
    ScreenShareAudio,
}

/// What an access token lets its bearer do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Where.
    pub room: RoomName,
    /// As whom.
    pub identity: Identity,
    /// Shown to the others.
    pub name: Option<String>,
    /// Free text for the pages, JSON by convention.
    pub metadata: String,
    /// What they may publish; none: they only watch.
    pub sources: Vec<TrackSource>,
    /// Whether they may send data packets.
    pub publish_data: bool,
    /// How long the token can be used to enter.
    pub valid_for: Duration,
}

/// A media room to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaRoom {
    /// Its name.
    pub name: RoomName,
    /// The most participants at once.
    pub participants_max: u32,
    /// Free text for the pages, JSON by convention.
    pub metadata: String,
}

/// What the engine tells of a room, in the order in which it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaEvent {
    /// Media or data can flow to and from this participant.
    Joined {
        /// Where.
        room: RoomName,
        /// Who.
        identity: Identity,
    },
    /// The participant is gone, after any time allowed for coming back.
    Left {
        /// Where.
        room: RoomName,
        /// Who.
        identity: Identity,
        /// Whether the connection broke, or a newer one of the same person took its place, rather than being ended by somebody. The
        /// newer one's `Joined` comes after this.
        crashed: bool,
    },
    /// The room is gone, and everyone in it.
    Closed {
        /// Which.
        room: RoomName,
    },
}

/// Carries the calls.
#[async_trait]
pub trait MediaEngine: Send + Sync {
    /// Makes the room exist. A room that exists keeps its people and takes the metadata.
    async fn open_room(&self, room: &MediaRoom) -> Result<(), MediaError>;

    /// Ends the room: everyone is told so and disconnected. A room that does not exist is closed already.
    async fn close_room(&self, room: &RoomName) -> Result<(), MediaError>;

    /// Disconnects one person. Someone who is not there is removed already.
    async fn remove_participant(&self, room: &RoomName, identity: &Identity) -> Result<(), MediaError>;

    /// Lets nobody hear or see what one person sends from this source, until that person turns it on again. Does nothing where they are
    /// not there or send nothing from it.
    async fn mute(&self, room: &RoomName, identity: &Identity, source: TrackSource) -> Result<(), MediaError>;

    /// Changes what the pages read as the room's metadata.
    async fn set_room_metadata(&self, room: &RoomName, metadata: &str) -> Result<(), MediaError>;

    /// Those in the room at this moment.
    async fn participants(&self, room: &RoomName) -> Result<Vec<Identity>, MediaError>;

    /// A signed access token for one person.
    fn access_token(&self, grant: &Grant) -> Result<String, MediaError>;
}

/// Asked by the engine before it lets somebody in, also when they come back with a token from before a restart.
#[async_trait]
pub trait Admission: Send + Sync {
    /// The room that this person may enter, to be opened if need be; `None`: they may not.
    async fn admit(&self, room: &RoomName, identity: &Identity) -> Option<MediaRoom>;
}
