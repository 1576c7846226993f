//! What the embedded video service's own API needs of the store of rooms beyond calls: to list, and to change one by one.

use async_trait::async_trait;
use domain::{Language, ProviderUserId, Role, RoomRef};
use jiff::Timestamp;

use crate::{
    rooms::{CompanyId, ConnectionEvent, Member, RoomState, Session, SessionId, User},
    teleconsultations::StoreError,
};

/// What to change about a user; `None` keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChange {
    /// What the user may do.
    pub role: Option<Role>,
    /// Whether the user may publish video.
    pub allow_camera: Option<bool>,
    /// Preferred language.
    pub language: Option<Language>,
    /// Whether the user may use the service at all.
    pub active: Option<bool>,
}

/// Which sessions to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionFilter {
    /// Those in this room.
    pub room: Option<RoomRef>,
    /// Those in which this person was.
    pub user: Option<ProviderUserId>,
    /// Those opened later than this.
    pub after: Option<Timestamp>,
    /// Those opened earlier than this.
    pub before: Option<Timestamp>,
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// How many come before it.
    pub offset: u32,
    /// How many are in it at most.
    pub limit: u32,
}

/// Lists and changes what the store of rooms keeps. Implemented by what implements [`crate::rooms::RoomStore`], on the same records.
/// What a method answers with success is durable.
#[async_trait]
pub trait RoomRegister: Send + Sync {
    /// Adds a user. Returns whether there was none of this id.
    async fn add_user(&self, user: &User) -> Result<bool, StoreError>;

    /// Changes a user. Returns the user as they are then; `None` if there is no such user.
    async fn change_user(
        &self,
        company: &CompanyId,
        id: &ProviderUserId,
        change: &UserChange,
    ) -> Result<Option<User>, StoreError>;

    /// Allows or forbids every user of the company to publish video. Returns how many there are.
    async fn change_all_cameras(&self, company: &CompanyId, allow: bool) -> Result<u64, StoreError>;

    /// Removes a user, who can enter no room any more. Returns whether there was such a user.
    async fn remove_user(&self, company: &CompanyId, id: &ProviderUserId) -> Result<bool, StoreError>;

    /// Returns users in the order of their ids.
    async fn list_users(&self, company: &CompanyId, part: Part) -> Result<Vec<User>, StoreError>;

    /// Returns rooms that are not deleted, those of `member` if one is given, in the reverse order of their ids: the newest first.
    async fn list_rooms(
        &self,
        company: &CompanyId,
        member: Option<&ProviderUserId>,
        part: Part,
    ) -> Result<Vec<RoomState>, StoreError>;

    /// Puts `new` in the place of the members that were `read`: links that are missing from it end, and those that it adds work.
    /// `Conflict` if they are others meanwhile, if there is no such room, or if a new link exists already.
    async fn replace_members(&self, room: &RoomRef, read: &[Member], new: &[Member]) -> Result<(), StoreError>;

    /// Returns `None` if there is no such session in a room of the company's, deleted rooms included.
    async fn session(&self, company: &CompanyId, id: &SessionId) -> Result<Option<Session>, StoreError>;

    /// Returns sessions, deleted rooms' included, the latest first, and those of one moment in the reverse order of their ids.
    async fn list_sessions(
        &self,
        company: &CompanyId,
        filter: &SessionFilter,
        part: Part,
    ) -> Result<Vec<Session>, StoreError>;

    /// Returns the connection events of a session, the latest first.
    async fn list_connection_events(&self, session: &SessionId, part: Part)
    -> Result<Vec<ConnectionEvent>, StoreError>;
}
