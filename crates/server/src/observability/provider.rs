//! A video provider whose calls are counted and traced.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::{ProviderUserId, RoomKey, RoomRef};
use ports::{
    Deferred,
    provider::{
        AddBackgroundError, Background, BackgroundImage, Company, Credentials, MarkedRoom, MarkedRooms, ProviderError,
        RoomDetails, RoomOpened, RoomSpec, SessionRef, TranscriptionError, TranscriptionFormat, UploadsDeleted,
        UserSpec, VideoProvider,
    },
};

use super::calls::{Calls, Outcome, Part};

/// What is counted.
pub static PART: Part = Part {
    name: "provider",
    what: "the video provider",
    operations: &[
        "ensure_users",
        "ensure_room",
        "ensure_room_after",
        "room",
        "delete_room",
        "credentials",
        "add_background",
        "set_default_background",
        "transcription",
        "delete_uploads",
        "marked_rooms",
        "delete_marked",
        "health",
    ],
    outcomes: &[
        Outcome::Ok,
        Outcome::Refused,
        Outcome::Busy,
        Outcome::Unavailable,
        Outcome::Unexpected,
        Outcome::Abandoned,
    ],
};

/// Passes every call on, also those for which the trait has an answer of its own: only the provider knows whether that is the best.
pub struct ObservedProvider {
    inner: Arc<dyn VideoProvider>,
    calls: Calls,
}

impl ObservedProvider {
    /// Counts the calls to `inner`.
    pub fn new(inner: Arc<dyn VideoProvider>, calls: Calls) -> Self {
        Self { inner, calls }
    }
}

fn outcome(error: &ProviderError) -> Outcome {
    match error {
        ProviderError::Busy { .. } => Outcome::Busy,
        // Of a key that is used up, too: the caller asks again under another.
        ProviderError::Refused { .. } | ProviderError::KeyUsedUp => Outcome::Refused,
        ProviderError::Unavailable { .. } => Outcome::Unavailable,
        ProviderError::Unexpected { .. } => Outcome::Unexpected,
    }
}

fn background_outcome(error: &AddBackgroundError) -> Outcome {
    match error {
        AddBackgroundError::Full | AddBackgroundError::Unfit => Outcome::Refused,
        AddBackgroundError::Provider(error) => outcome(error),
    }
}

fn transcription_outcome(error: &TranscriptionError) -> Outcome {
    match error {
        TranscriptionError::TooLong => Outcome::Refused,
        TranscriptionError::Provider(error) => outcome(error),
    }
}

#[async_trait]
impl VideoProvider for ObservedProvider {
    async fn ensure_users(&self, users: &[UserSpec]) -> Result<(), ProviderError> {
        self.calls.trace("ensure_users", self.inner.ensure_users(users), outcome).await
    }

    async fn ensure_room(&self, spec: &RoomSpec) -> Result<RoomOpened, ProviderError> {
        self.calls.trace("ensure_room", self.inner.ensure_room(spec), outcome).await
    }

    async fn ensure_room_after(
        &self,
        before: Deferred,
        spec: &RoomSpec,
    ) -> Result<(RoomOpened, Deferred), ProviderError> {
        self.calls.trace("ensure_room_after", self.inner.ensure_room_after(before, spec), outcome).await
    }

    async fn room(&self, room: &RoomRef) -> Result<Option<RoomDetails>, ProviderError> {
        self.calls.trace("room", self.inner.room(room), outcome).await
    }

    async fn delete_room(&self, key: &RoomKey, room: Option<&RoomRef>) -> Result<(), ProviderError> {
        self.calls.trace("delete_room", self.inner.delete_room(key, room), outcome).await
    }

    async fn credentials(
        &self,
        user: &ProviderUserId,
        valid_for: Duration,
    ) -> Result<Option<Credentials>, ProviderError> {
        self.calls.trace("credentials", self.inner.credentials(user, valid_for), outcome).await
    }

    async fn add_background(&self, image: BackgroundImage) -> Result<Background, AddBackgroundError> {
        self.calls.trace("add_background", self.inner.add_background(image), background_outcome).await
    }

    async fn set_default_background(&self, alias: &str) -> Result<Option<Company>, ProviderError> {
        self.calls.trace("set_default_background", self.inner.set_default_background(alias), outcome).await
    }

    async fn transcription(
        &self,
        room: &RoomRef,
        session: &SessionRef,
        format: TranscriptionFormat,
        bytes_max: usize,
    ) -> Result<Option<String>, TranscriptionError> {
        let call = self.inner.transcription(room, session, format, bytes_max);
        self.calls.trace("transcription", call, transcription_outcome).await
    }

    async fn delete_uploads(&self, room: &RoomRef) -> Result<UploadsDeleted, ProviderError> {
        self.calls.trace("delete_uploads", self.inner.delete_uploads(room), outcome).await
    }

    fn late_by(&self) -> Duration {
        self.inner.late_by()
    }

    async fn marked_rooms(&self, from: u64) -> Result<MarkedRooms, ProviderError> {
        self.calls.trace("marked_rooms", self.inner.marked_rooms(from), outcome).await
    }

    async fn delete_marked(&self, room: &MarkedRoom) -> Result<(), ProviderError> {
        self.calls.trace("delete_marked", self.inner.delete_marked(room), outcome).await
    }

    fn is_spared(&self) -> bool {
        self.inner.is_spared()
    }

    async fn health(&self) -> Result<(), ProviderError> {
        self.calls.count("health", self.inner.health(), outcome).await
    }
}

#[cfg(test)]
mod tests {
    use ports::fake::FakeVideoProvider;

    use super::*;

    provider_contract::video_provider_promises!((
        ObservedProvider::new(Arc::new(FakeVideoProvider::new()), Calls::new(&PART)),
        ()
    ));

    #[test]
    fn every_method_is_passed_on() {
        let port = include_str!("../../../ports/src/provider.rs");
        let asked = crate::observability::methods(port, "pub trait VideoProvider:");
        let passed_on =
            crate::observability::methods(include_str!("provider.rs"), "impl VideoProvider for ObservedProvider {");
        assert!(asked.contains("health") && asked == passed_on, "{asked:?}\n{passed_on:?}");
    }
}
