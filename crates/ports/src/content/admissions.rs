//! Who was let out of the waiting room.

use async_trait::async_trait;
use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;

use crate::teleconsultations::StoreError;

/// Keeps admissions, so that nobody waits twice because a page or the program was restarted.
#[async_trait]
pub trait AdmissionStore: Send + Sync {
    /// Lets the person in. Somebody who is in already keeps the moment of the first time.
    async fn admit(&self, room: &RoomRef, user: &ProviderUserId, at: Timestamp) -> Result<(), StoreError>;

    /// Takes an admission back. One that is not there is taken back already.
    async fn end_admission(&self, room: &RoomRef, user: &ProviderUserId) -> Result<(), StoreError>;

    /// Takes all admissions of a room back.
    async fn end_admissions(&self, room: &RoomRef) -> Result<(), StoreError>;

    /// Those who were let in, and when.
    async fn admissions(&self, room: &RoomRef) -> Result<Vec<(ProviderUserId, Timestamp)>, StoreError>;
}
