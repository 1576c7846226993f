//! How a call was, by what its people say and by what their browsers measured.

use async_trait::async_trait;
use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;

use crate::{rooms::SessionId, teleconsultations::StoreError};

/// What somebody thinks of a call.
#[derive(Clone, PartialEq, Eq)]
pub struct Rating {
    /// Of which session, if one was held.
    pub session: Option<SessionId>,
    /// Who says so.
    pub user: ProviderUserId,
    /// From 1, bad, to 5, good.
    pub stars: u8,
    /// In their words; personal.
    pub comment: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What one person's connection was like in one minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QualityMinute {
    /// The minute's beginning.
    pub minute: Timestamp,
    /// The worst in that minute: 0 lost, 1 weak, 2 good.
    pub worst: u8,
    /// Round trip in milliseconds, the greatest.
    pub round_trip_ms: Option<u32>,
    /// Loss in hundredths of a percent, the greatest.
    pub loss: Option<u32>,
    /// What was sent, in kbit/s, the least.
    pub uplink_kbps: Option<u32>,
    /// What was received, in kbit/s, the least.
    pub downlink_kbps: Option<u32>,
}

/// Keeps ratings and measurements.
#[async_trait]
pub trait RatingStore: Send + Sync {
    /// Keeps a rating; a second one by the same person of the same session replaces the first.
    async fn rate(&self, room: &RoomRef, rating: &Rating) -> Result<(), StoreError>;

    /// The newest ratings of a room, at most `limit`, the newest first.
    async fn ratings(&self, room: &RoomRef, limit: u32) -> Result<Vec<Rating>, StoreError>;

    /// Keeps what one person's connection was like; the same minute again is replaced.
    async fn add_quality(
        &self,
        room: &RoomRef,
        user: &ProviderUserId,
        minutes: &[QualityMinute],
    ) -> Result<(), StoreError>;

    /// What everyone's connection was like in minutes that began at `from` or later, ordered by minute and person.
    async fn quality(
        &self,
        room: &RoomRef,
        from: Timestamp,
    ) -> Result<Vec<(ProviderUserId, QualityMinute)>, StoreError>;
}
