//! The provider of rooms: the embedded video service, or Kaleyra Video.

mod company;
mod credentials;
mod transcription;
mod uploads;

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use domain::{AccessLink, FullName, Language, ProviderUserId, Role, RoomKey, RoomRef, Tools};
use jiff::Timestamp;

pub use company::{AddBackgroundError, Background, BackgroundImage, Company, ImageType};
pub use credentials::Credentials;
pub use transcription::{SessionRef, TranscriptionError, TranscriptionFormat};
pub use uploads::UploadsDeleted;

use crate::Deferred;

/// Why a provider did not do what it was asked, by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The request is wrong and stays so; nothing was done.
    #[error("the video provider refused: {message}")]
    Refused {
        /// The provider's reason, without personal data.
        message: String,
    },
    /// Not now, and nothing was done: try again after a while.
    #[error("the video provider is busy")]
    Busy {
        /// How long to wait, if the provider says so.
        retry_after: Option<Duration>,
    },
    /// The key's room was deleted, and nothing was done: ask for a room under another key.
    #[error("the room of this key was deleted")]
    KeyUsedUp,
    /// Not reachable, or failing: the request may or may not have taken effect.
    #[error("the video provider is unavailable while {doing}")]
    Unavailable {
        /// What was being done.
        doing: &'static str,
        /// What went wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An answer that makes no sense: someone must look. The request may or may not have taken effect.
    #[error("the video provider gave an unexpected answer: {message}")]
    Unexpected {
        /// What was unexpected, without personal data.
        message: String,
    },
}

impl ProviderError {
    /// Whether the call changed nothing, for certain.
    pub fn nothing_was_done(&self) -> bool {
        match self {
            Self::Refused { .. } | Self::Busy { .. } | Self::KeyUsedUp => true,
            Self::Unavailable { .. } | Self::Unexpected { .. } => false,
        }
    }
}

/// A person as the provider must know them before they can be in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSpec {
    /// The id to give the user.
    pub id: ProviderUserId,
    /// What the user may do. A user who exists with a lower role is raised, never lowered.
    pub role: Role,
    /// Preferred language; `None`: a user who exists keeps theirs.
    pub language: Option<Language>,
}

/// A person in a room to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomParticipant {
    /// The user.
    pub user: ProviderUserId,
    /// Whether they may act on others: mute, remove, record.
    pub admin: bool,
    /// What they may use.
    pub tools: Tools,
    /// Shown to the others.
    pub display_name: Option<FullName>,
    /// Preferred language.
    pub language: Option<Language>,
}

/// Whether and how the room's sessions are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recording {
    /// Not recorded.
    None,
    /// An administrator starts and stops the recording.
    Manual,
    /// Recorded from the first moment.
    Automatic,
}

/// A room to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomSpec {
    /// Our name for it.
    pub key: RoomKey,
    /// Its people: 2 to 25, at least one of them plus.
    pub participants: Vec<RoomParticipant>,
    /// How long it can be used, in whole seconds, 60 s to 24 h, counted while two or more are connected; `None`: without end.
    pub duration: Option<Duration>,
    /// Whether a session ends when fewer than two remain.
    pub live: bool,
    /// Whether it is recorded.
    pub recording: Recording,
}

/// A room that exists, with everyone's personal link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomOpened {
    /// The provider's name for it.
    pub room: RoomRef,
    /// One link for each participant.
    pub links: BTreeMap<ProviderUserId, AccessLink>,
}

/// What happens in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoomStatus {
    /// Fewer than two people are connected.
    NotRunning,
    /// A session is under way.
    Running,
    /// Deleted, disabled or its duration is used up: nobody can enter any more.
    Closed,
}

/// What media a call starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallType {
    /// Never any video.
    AudioOnly,
    /// Video can be turned on later.
    AudioUpgradable,
    /// Video from the start.
    AudioVideo,
}

/// The provider's record of a room (`kaleyra-video-api.md` §6.2; `details` of the contract's §6.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomDetails {
    /// Whether it is recorded.
    pub recording: Recording,
    /// Whether a recording runs: `started` or `stopped`; `None` where the provider does not say.
    pub recording_status: Option<String>,
    /// What media a call starts with.
    pub call_type: CallType,
    /// Free text.
    pub description: Option<String>,
    /// What happens in it.
    pub status: RoomStatus,
    /// Its links were taken back for good.
    pub disabled: bool,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// How long it can be used; `None`: without end.
    pub duration: Option<Duration>,
    /// How much of that has been used.
    pub duration_used: Duration,
    /// Whether a session ends when fewer than two remain.
    pub live: bool,
}

/// A room of ours as a sweep meets it at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkedRoom {
    /// Our name for it.
    pub key: RoomKey,
    /// The provider's name for it.
    pub room: RoomRef,
    /// Whether people are in it at this moment.
    pub running: bool,
}

/// Some of the rooms at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MarkedRooms {
    /// Those of them that are ours.
    pub rooms: Vec<MarkedRoom>,
    /// Where to go on; `None`: these were the last.
    pub next: Option<u64>,
}

/// Makes rooms and lets people in. Every call can be repeated without harm. `server` counts the calls in a decorator, which has to pass
/// on every method.
#[async_trait]
pub trait VideoProvider: Send + Sync {
    /// Makes the users exist as described.
    async fn ensure_users(&self, users: &[UserSpec]) -> Result<(), ProviderError>;

    /// Makes the room exist as described: the same key gives the same room and the same links.
    async fn ensure_room(&self, spec: &RoomSpec) -> Result<RoomOpened, ProviderError>;

    /// As [`Self::ensure_room`], with writes that must be on disk before there can be a room. May leave making the room to the
    /// write that is given what is returned: until that is done there is none, and if that fails there need not be one.
    async fn ensure_room_after(
        &self,
        before: Deferred,
        spec: &RoomSpec,
    ) -> Result<(RoomOpened, Deferred), ProviderError> {
        let doing = "writing what comes before a room";
        before.carry_out().await.map_err(|error| ProviderError::Unavailable { doing, source: Box::new(error) })?;
        Ok((self.ensure_room(spec).await?, Deferred::none()))
    }

    /// Returns `None` if there is no such room.
    async fn room(&self, room: &RoomRef) -> Result<Option<RoomDetails>, ProviderError>;

    /// Deletes the room and its links, and ends its session. A room that does not exist is deleted already. `room` is `None` if we
    /// never learned the provider's name for it.
    async fn delete_room(&self, key: &RoomKey, room: Option<&RoomRef>) -> Result<(), ProviderError>;

    /// Makes an access token for an application of the user, valid for `valid_for` or, where the provider makes none so short or so long,
    /// as near to it as can be. `None` if there is no such user, or none who may use the service.
    async fn credentials(
        &self,
        user: &ProviderUserId,
        valid_for: Duration,
    ) -> Result<Option<Credentials>, ProviderError>;

    /// Adds an image that people can have behind them in calls once it is the default one. Adding it twice makes two.
    async fn add_background(&self, image: BackgroundImage) -> Result<Background, AddBackgroundError>;

    /// Makes a background the one that people can use, and returns what the company has set then. `None` if there is no such background.
    async fn set_default_background(&self, alias: &str) -> Result<Option<Company>, ProviderError>;

    /// What was said in a session held in this room. `None` if there was no such session in it, if it was not transcribed or not yet, or
    /// not so that it could be written in this format.
    async fn transcription(
        &self,
        room: &RoomRef,
        session: &SessionRef,
        format: TranscriptionFormat,
        bytes_max: usize,
    ) -> Result<Option<String>, TranscriptionError>;

    /// Deletes the files that were shared in the room, as many as it can in the time of a request. A room that does not exist has none.
    async fn delete_uploads(&self, room: &RoomRef) -> Result<UploadsDeleted, ProviderError>;

    /// How long after a room was asked for it may still come to be, although deleting its key found none: a request may lie somewhere
    /// after we gave it up, and a list be behind. Zero where no room can come under a key that was deleted.
    fn late_by(&self) -> Duration {
        Duration::ZERO
    }

    /// Tells of some rooms, from a place in the provider's order that an earlier answer named; the first is at 0. Rooms come and go
    /// meanwhile, so one may be told of twice or not at all, and is then in a later round. Nothing is told where nothing can be
    /// left behind, because rooms and teleconsultations are kept and restored together.
    async fn marked_rooms(&self, _from: u64) -> Result<MarkedRooms, ProviderError> {
        Ok(MarkedRooms::default())
    }

    /// Deletes one room that [`Self::marked_rooms`] told of, and no other of its key.
    async fn delete_marked(&self, room: &MarkedRoom) -> Result<(), ProviderError> {
        self.delete_room(&room.key, Some(&room.room)).await
    }

    /// Whether the provider is not asked at this moment, because it failed again and again or asked to be left alone.
    fn is_spared(&self) -> bool {
        false
    }

    /// Answers if the provider can be reached at this moment.
    async fn health(&self) -> Result<(), ProviderError>;
}
