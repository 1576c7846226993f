//! What files need of the rest of the call, and tell it.

use async_trait::async_trait;
use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;
use ports::{
    content::{File, FileId},
    rooms::{Member, RoomState},
    teleconsultations::StoreError,
};

use crate::WaitingRooms;

/// Says who has been let into a room.
#[async_trait]
pub trait Gate: Send + Sync {
    /// Whether this member may be in the room at this moment.
    async fn lets_in(&self, state: &RoomState, member: &Member, now: Timestamp) -> Result<bool, StoreError>;
}

/// Where there are no waiting rooms.
pub struct EverybodyIsIn;

#[async_trait]
impl Gate for EverybodyIsIn {
    async fn lets_in(&self, _: &RoomState, _: &Member, _: Timestamp) -> Result<bool, StoreError> {
        Ok(true)
    }
}

#[async_trait]
impl Gate for WaitingRooms {
    async fn lets_in(&self, state: &RoomState, member: &Member, now: Timestamp) -> Result<bool, StoreError> {
        WaitingRooms::lets_in(self, state, member, now).await
    }
}

/// Knows who was asked for a snapshot of themselves.
pub trait UploadTickets: Send + Sync {
    /// Whether the request was put to this person and is open. It stays open for its time, because somebody whose answer was lost
    /// begins the upload again.
    fn take(&self, room: &RoomRef, user: &ProviderUserId, request: &str) -> bool;
}

/// Told what becomes of files. It must not wait: what takes time is done elsewhere.
pub trait FileEvents: Send + Sync {
    /// A file is whole, and known to all from now on. May be told more than once.
    fn completed(&self, file: &File);

    /// A file that was known to all is gone. Those that go with their room are not told of.
    fn deleted(&self, room: &RoomRef, id: &FileId);
}
