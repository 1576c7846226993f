//! A provider in this process whose calls fail as planned.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

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

use crate::{Calls, fault::Answers};

/// A provider in this process whose calls fail as planned.
pub struct FaultyProvider {
    inner: Arc<dyn VideoProvider>,
    calls: Arc<Calls>,
    asked: Arc<Mutex<BTreeSet<RoomKey>>>,
}

impl FaultyProvider {
    /// Stands before a provider. The key of every room that is asked for goes into `asked`, whatever comes of it.
    pub fn new(inner: Arc<dyn VideoProvider>, calls: Arc<Calls>, asked: Arc<Mutex<BTreeSet<RoomKey>>>) -> Self {
        Self { inner, calls, asked }
    }

    fn is_asked_for(&self, spec: &RoomSpec) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(spec.key.clone());
    }

    async fn make<T, E: From<ProviderError>>(
        &self,
        operation: &str,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let answers = Answers {
            unavailable: || ProviderError::Unavailable { doing: "failing as planned", source: "a fault".into() }.into(),
            busy: || ProviderError::Busy { retry_after: None }.into(),
            odd: || ProviderError::Unexpected { message: "what a fault made of it".to_owned() }.into(),
        };
        self.calls.make(&format!("provider: {operation}"), call, &answers).await
    }
}

#[async_trait]
impl VideoProvider for FaultyProvider {
    async fn ensure_users(&self, users: &[UserSpec]) -> Result<(), ProviderError> {
        self.make("make users", self.inner.ensure_users(users)).await
    }

    async fn ensure_room(&self, spec: &RoomSpec) -> Result<RoomOpened, ProviderError> {
        self.is_asked_for(spec);
        self.make("make room", self.inner.ensure_room(spec)).await
    }

    async fn ensure_room_after(
        &self,
        before: Deferred,
        spec: &RoomSpec,
    ) -> Result<(RoomOpened, Deferred), ProviderError> {
        self.is_asked_for(spec);
        self.make("make room with a write", self.inner.ensure_room_after(before, spec)).await
    }

    async fn room(&self, room: &RoomRef) -> Result<Option<RoomDetails>, ProviderError> {
        self.make("tell of room", self.inner.room(room)).await
    }

    async fn delete_room(&self, key: &RoomKey, room: Option<&RoomRef>) -> Result<(), ProviderError> {
        self.make("delete room", self.inner.delete_room(key, room)).await
    }

    async fn credentials(
        &self,
        user: &ProviderUserId,
        valid_for: Duration,
    ) -> Result<Option<Credentials>, ProviderError> {
        self.make("make credentials", self.inner.credentials(user, valid_for)).await
    }

    async fn add_background(&self, image: BackgroundImage) -> Result<Background, AddBackgroundError> {
        self.make("add background", self.inner.add_background(image)).await
    }

    async fn set_default_background(&self, alias: &str) -> Result<Option<Company>, ProviderError> {
        self.make("set background", self.inner.set_default_background(alias)).await
    }

    async fn transcription(
        &self,
        room: &RoomRef,
        session: &SessionRef,
        format: TranscriptionFormat,
        bytes_max: usize,
    ) -> Result<Option<String>, TranscriptionError> {
        let told = self.inner.transcription(room, session, format, bytes_max);
        self.make("tell what was said", told).await
    }

    async fn delete_uploads(&self, room: &RoomRef) -> Result<UploadsDeleted, ProviderError> {
        self.make("delete uploads", self.inner.delete_uploads(room)).await
    }

    fn late_by(&self) -> Duration {
        self.inner.late_by()
    }

    async fn marked_rooms(&self, from: u64) -> Result<MarkedRooms, ProviderError> {
        self.make("list rooms", self.inner.marked_rooms(from)).await
    }

    async fn delete_marked(&self, room: &MarkedRoom) -> Result<(), ProviderError> {
        self.make("delete listed room", self.inner.delete_marked(room)).await
    }

    fn is_spared(&self) -> bool {
        self.inner.is_spared()
    }

    async fn health(&self) -> Result<(), ProviderError> {
        self.make("check", self.inner.health()).await
    }
}
