//! Whiteboards.

use async_trait::async_trait;
use domain::{ProviderUserId, RoomRef};

use crate::teleconsultations::StoreError;

/// Names a board in a room: `board`, or `snapshot:` and the id of the snapshot that is drawn on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BoardId(pub String);

/// Names an element on a board; made by pages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ElementId(pub String);

/// Something that was drawn.
#[derive(Clone, PartialEq, Eq)]
pub struct Element {
    /// Its name.
    pub id: ElementId,
    /// Who drew it first.
    pub author: ProviderUserId,
    /// Grows with every change.
    pub version: u64,
    /// Of two changes with one version, that with the lower nonce holds.
    pub nonce: u64,
    /// All of it, as JSON; personal. A deleted element stays, marked so in here, because pages that were away must learn of it.
    pub body: String,
}

/// Keeps what is on boards. There is one writer, so nothing is compared: what is saved last holds.
#[async_trait]
pub trait BoardStore: Send + Sync {
    /// Adds or replaces elements, all or nothing.
    async fn save_elements(&self, room: &RoomRef, board: &BoardId, elements: &[Element]) -> Result<(), StoreError>;

    /// Everything on a board, deleted elements too, ordered by id.
    async fn elements(&self, room: &RoomRef, board: &BoardId) -> Result<Vec<Element>, StoreError>;

    /// The room's boards that have anything on them, ordered by name.
    async fn boards(&self, room: &RoomRef) -> Result<Vec<BoardId>, StoreError>;

    /// Takes everything off a board.
    async fn clear_board(&self, room: &RoomRef, board: &BoardId) -> Result<(), StoreError>;
}
