//! The chat of a room.

use async_trait::async_trait;
use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;

use crate::teleconsultations::StoreError;

/// A message as it is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Who wrote it.
    pub from: ProviderUserId,
    /// The one person in the waiting room whom it is to or from; `None`: it is for everybody in the call.
    pub waiting: Option<ProviderUserId>,
    /// What it says; personal.
    pub text: String,
    /// Made by the page that sends it: a message that is sent again is the same one.
    pub key: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A message as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Its place in the room, from 1; no number is used twice.
    pub number: u64,
    /// What was sent.
    pub sent: NewMessage,
}

/// Keeps messages, in the order in which they were written.
#[async_trait]
pub trait MessageStore: Send + Sync {
    /// Adds a message and gives it the room's next number. If its sender's key is there already, returns that message, unchanged.
    async fn add_message(&self, room: &RoomRef, message: &NewMessage) -> Result<Message, StoreError>;

    /// Returns the `limit` newest messages with numbers below `before` (`None`: all), the oldest of them first. With `waiting`, only
    /// those of that person's wait; without, only those for everybody.
    async fn messages(
        &self,
        room: &RoomRef,
        waiting: Option<&ProviderUserId>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError>;
}
