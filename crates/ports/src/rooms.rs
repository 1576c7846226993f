//! The store of the embedded video service: users, rooms, personal links, and the sessions held in the rooms.

use std::{collections::BTreeSet, fmt, time::Duration};

use async_trait::async_trait;
use domain::{FullName, Language, ProviderUserId, Role, RoomKey, RoomRef, Tools};
use jiff::Timestamp;

use crate::{
    Deferred,
    deliveries::Notice,
    provider::{CallType, Recording},
    teleconsultations::StoreError,
};

/// Whose users and rooms: ids of users and keys of rooms are unique in one company (`kaleyra-video-api.md` §4).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CompanyId(pub String);

/// Somebody who can be in rooms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Whose user.
    pub company: CompanyId,
    /// Unique in the company, also among users who are no longer active.
    pub id: ProviderUserId,
    /// What the user may do.
    pub role: Role,
    /// Whether the user may publish video.
    pub allow_camera: bool,
    /// Whether the user may use the service at all.
    pub active: bool,
    /// Preferred language.
    pub language: Option<Language>,
    /// When the user was made.
    pub created: Timestamp,
}

/// The chance in one person's link: 128 bits. It is not the token, and does not lead to it without the service's secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LinkNonce(pub [u8; 16]);

impl fmt::Debug for LinkNonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkNonce(..)")
    }
}

/// What a link is looked up by: a hash of its token, made so that those of one time stand together in an index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkHash(pub [u8; 32]);

impl fmt::Debug for LinkHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkHash(..)")
    }
}

/// A link as it is stored: enough to make the same URL again and to find its owner, not enough to enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Its chance.
    pub nonce: LinkNonce,
    /// What it is looked up by.
    pub hash: LinkHash,
}

/// Somebody in one room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: ProviderUserId,
    /// Whether they may act on others.
    pub admin: bool,
    /// What they may use.
    pub tools: Tools,
    /// Shown to the others.
    pub display_name: Option<FullName>,
    /// Preferred language in this room.
    pub language: Option<Language>,
    /// Their personal link; `None`: it was taken back.
    pub link: Option<Link>,
    /// How often their link was replaced or taken back; see [`RoomStore::replace_link`].
    pub links_replaced: u32,
}

/// Why nobody can enter a room any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosureReason {
    /// Its links were taken back for good; its record stays.
    Disabled,
    /// Its duration is used up.
    TimeUp,
}

/// That a room is closed, for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closure {
    /// Why.
    pub reason: ClosureReason,
    /// Since when.
    pub at: Timestamp,
}

/// A room: who may meet in it, for how long, and how much of that was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// `room_` and 24 hexadecimal digits.
    pub id: RoomRef,
    /// Whose room.
    pub company: CompanyId,
    /// The name under which it was asked for, unique in the company.
    pub key: RoomKey,
    /// Its people, each once: 2 to 25, at least one of them plus.
    pub members: Vec<Member>,
    /// How long it can be used while two or more are connected; `None`: without end.
    pub duration: Option<Duration>,
    /// Whether a session ends when a departure leaves fewer than two.
    pub live: bool,
    /// Whether it is recorded.
    pub recording: Recording,
    /// What media a call starts with.
    pub call_type: CallType,
    /// Free text.
    pub description: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// How much of its duration is used, by all its sessions; to the millisecond.
    pub used: Duration,
    /// Set once, never taken back.
    pub closure: Option<Closure>,
}

impl Room {
    /// The member with this id.
    pub fn member(&self, user: &ProviderUserId) -> Option<&Member> {
        self.members.iter().find(|member| member.user == *user)
    }
}

/// Names a session for ever: `session_` and 12 alphanumerics.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub String);

/// That two or more are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Running {
    /// Since when.
    pub since: Timestamp,
    /// How much of the room's duration was used at that moment.
    pub used_before: Duration,
}

/// One meeting in a room: from the second person's arrival until the room is empty or closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its name.
    pub id: SessionId,
    /// Where.
    pub room: RoomRef,
    /// When the second person arrived.
    pub opened: Timestamp,
    /// When it ended; `None`: it has not.
    pub ended: Option<Timestamp>,
    /// How long two or more were connected; to the millisecond.
    pub used: Duration,
    /// Set while two or more are connected.
    pub running: Option<Running>,
    /// Until when `used` was counted.
    pub counted_until: Timestamp,
    /// Those connected at that moment.
    pub connected: BTreeSet<ProviderUserId>,
    /// Everyone who was ever connected.
    pub people: BTreeSet<ProviderUserId>,
    /// How many connection events it has had.
    pub connections: u32,
}

/// How somebody's connection changed (`kaleyra-video-api.md` §4, "connection event").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionKind {
    /// `user_connect`: they came.
    Connected,
    /// `user_disconnect`: they left, or were made to.
    Disconnected,
    /// `user_crashed`: their connection broke and they did not come back in time.
    Crashed,
}

/// One change of somebody's connection in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionEvent {
    /// In which session.
    pub session: SessionId,
    /// Its place among the session's events, from 0. An event is stored once, however often it is sent.
    pub number: u32,
    /// Who.
    pub user: ProviderUserId,
    /// What.
    pub kind: ConnectionKind,
    /// When.
    pub at: Timestamp,
}

/// What has become of a session, to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionSave {
    /// The session as it is.
    pub session: Session,
    /// How much of the room's duration is used. A room's use never shrinks: the store keeps the greater.
    pub room_used: Duration,
    /// Set if the duration is used up: the room is closed in the same write.
    pub time_up: Option<Timestamp>,
    /// Connection events since the last save.
    pub events: Vec<ConnectionEvent>,
    /// What webhooks are to be told since the last save.
    pub notices: Vec<Notice>,
}

/// A room with the session under way in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomState {
    /// The room.
    pub room: Room,
    /// Its session that has not ended, if there is one.
    pub session: Option<Session>,
}

/// What became of a wish for a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomCreation {
    /// It is there as asked for.
    Created,
    /// The key has a room already: this one, unchanged.
    Exists(Box<Room>),
    /// The key's room was deleted, or the key was deleted before it had one. It cannot be used again, so a call that was delayed
    /// cannot make a room that nobody will delete.
    KeyUsedUp,
}

/// Keeps what the embedded video service knows. What a method answers with success is durable; times and durations are kept to the
/// millisecond.
#[async_trait]
pub trait RoomStore: Send + Sync {
    /// Adds those who are not there. Of those who are, raises the role where `users` has a higher one and takes the language where
    /// `users` has one; nothing else about them changes.
    async fn ensure_users(&self, users: &[User]) -> Result<(), StoreError>;

    /// Returns those of `ids` who exist, in no particular order.
    async fn users(&self, company: &CompanyId, ids: &[ProviderUserId]) -> Result<Vec<User>, StoreError>;

    /// Allows or forbids the user to use the service. Returns whether there is such a user.
    async fn set_user_active(&self, company: &CompanyId, id: &ProviderUserId, active: bool)
    -> Result<bool, StoreError>;

    /// Makes the room and its links, all or nothing, unless its key was used before. `Conflict` if the id or the hash of a link
    /// exists already: make new ones.
    async fn create_room(&self, room: &Room) -> Result<RoomCreation, StoreError>;

    /// As [`Self::create_room`], left to the write that is given what is returned; that is a `Conflict` also if the key was used
    /// before. `None` if this store cannot leave it to another write.
    async fn defer_room(&self, _room: &Room) -> Result<Option<Deferred>, StoreError> {
        Ok(None)
    }

    /// Returns `None` if there is no such room or it was deleted.
    async fn room(&self, id: &RoomRef) -> Result<Option<RoomState>, StoreError>;

    /// Returns `None` if the key has no room or it was deleted.
    async fn room_by_key(&self, company: &CompanyId, key: &RoomKey) -> Result<Option<RoomState>, StoreError>;

    /// Returns the room of a link and whose link it is; `None` if there is no such link.
    async fn room_by_link(&self, hash: &LinkHash) -> Result<Option<(RoomState, ProviderUserId)>, StoreError>;

    /// Takes the link `read` from a member, gives them `new`, if any, and counts that in their `links_replaced`. `Conflict` if they do
    /// not have `read`, or if there is no such room or member.
    async fn replace_link(
        &self,
        room: &RoomRef,
        user: &ProviderUserId,
        read: Option<&Link>,
        new: Option<&Link>,
    ) -> Result<(), StoreError>;

    /// Deletes the key's room, and the one named `room` if it is another of the same company, with their links and everything
    /// personal in them, and uses up the key. Sessions stay. Returns the rooms that are deleted, also by an earlier call.
    async fn delete_room(
        &self,
        company: &CompanyId,
        key: &RoomKey,
        room: Option<&RoomRef>,
    ) -> Result<Vec<RoomRef>, StoreError>;

    /// Closes the room for good and takes back all its links. A room that is closed already keeps its reason. Returns whether there
    /// is such a room.
    async fn disable_room(&self, id: &RoomRef, at: Timestamp) -> Result<bool, StoreError>;

    /// Writes down what has become of sessions, all or nothing. Returns those of their rooms that are closed or deleted.
    async fn save_sessions(&self, saves: &[SessionSave]) -> Result<Vec<RoomRef>, StoreError>;

    /// Returns at most `limit` sessions that have not ended, ordered by id, with ids after `after`.
    async fn open_sessions(&self, after: Option<&SessionId>, limit: u32) -> Result<Vec<Session>, StoreError>;

    /// Returns at most `limit` sessions of a room, the latest first, deleted rooms included.
    async fn sessions(&self, room: &RoomRef, limit: u32) -> Result<Vec<Session>, StoreError>;

    /// Returns at most `limit` connection events of a session, in order, with numbers from `from`.
    async fn connection_events(
        &self,
        session: &SessionId,
        from: u32,
        limit: u32,
    ) -> Result<Vec<ConnectionEvent>, StoreError>;

    /// Answers if the store can be read and written at this moment.
    async fn health(&self) -> Result<(), StoreError>;
}
