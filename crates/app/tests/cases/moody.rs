//! A provider that can be out of reach, silent, late, or out of keys.

use std::{
    collections::VecDeque,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use domain::{ProviderUserId, RoomKey, RoomRef};
use ports::{
    fake::FakeVideoProvider,
    provider::{
        AddBackgroundError, Background, BackgroundImage, Company, Credentials, MarkedRooms, ProviderError, RoomDetails,
        RoomOpened, RoomSpec, SessionRef, TranscriptionError, TranscriptionFormat, UploadsDeleted, UserSpec,
        VideoProvider,
    },
};

/// The fake provider in some mood.
#[derive(Default)]
pub struct MoodyProvider {
    pub inner: FakeVideoProvider,
    /// Whether nothing can be had of it.
    pub down: AtomicBool,
    /// Whether it never answers when asked to tell of a room or to delete one.
    pub silent: bool,
    /// How late its rooms come.
    pub late_by: Duration,
    /// How the next wishes for a room fail, before anything is done.
    pub rooms: Mutex<VecDeque<ProviderError>>,
}

impl MoodyProvider {
    pub fn silent() -> Self {
        Self { silent: true, ..Self::default() }
    }

    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::Relaxed);
    }

    pub fn fail_room(&self, error: ProviderError) {
        self.rooms.lock().unwrap().push_back(error);
    }

    fn reach(&self) -> Result<(), ProviderError> {
        if self.down.load(Ordering::Relaxed) {
            return Err(ProviderError::Unavailable { doing: "being asked", source: "it is down".into() });
        }
        Ok(())
    }
}

#[async_trait]
impl VideoProvider for MoodyProvider {
    async fn ensure_users(&self, users: &[UserSpec]) -> Result<(), ProviderError> {
        self.reach()?;
        self.inner.ensure_users(users).await
    }

    async fn ensure_room(&self, spec: &RoomSpec) -> Result<RoomOpened, ProviderError> {
        self.reach()?;
        let failure = self.rooms.lock().unwrap().pop_front();
        match failure {
            Some(error) => Err(error),
            None => self.inner.ensure_room(spec).await,
        }
    }

    async fn room(&self, room: &RoomRef) -> Result<Option<RoomDetails>, ProviderError> {
        if self.silent {
            return std::future::pending().await;
        }
        self.inner.room(room).await
    }

    async fn delete_room(&self, key: &RoomKey, room: Option<&RoomRef>) -> Result<(), ProviderError> {
        if self.silent {
            return std::future::pending().await;
        }
        self.reach()?;
        self.inner.delete_room(key, room).await
    }

    async fn credentials(
        &self,
        user: &ProviderUserId,
        valid_for: Duration,
    ) -> Result<Option<Credentials>, ProviderError> {
        self.inner.credentials(user, valid_for).await
    }

    async fn add_background(&self, image: BackgroundImage) -> Result<Background, AddBackgroundError> {
        self.inner.add_background(image).await
    }

    async fn set_default_background(&self, alias: &str) -> Result<Option<Company>, ProviderError> {
        self.inner.set_default_background(alias).await
    }

    async fn transcription(
        &self,
        room: &RoomRef,
        session: &SessionRef,
        format: TranscriptionFormat,
        bytes_max: usize,
    ) -> Result<Option<String>, TranscriptionError> {
        self.inner.transcription(room, session, format, bytes_max).await
    }

    async fn delete_uploads(&self, room: &RoomRef) -> Result<UploadsDeleted, ProviderError> {
        if self.silent {
            return std::future::pending().await;
        }
        self.reach()?;
        self.inner.delete_uploads(room).await
    }

    fn late_by(&self) -> Duration {
        self.late_by
    }

    async fn marked_rooms(&self, from: u64) -> Result<MarkedRooms, ProviderError> {
        self.reach()?;
        self.inner.marked_rooms(from).await
    }

    async fn health(&self) -> Result<(), ProviderError> {
        self.reach()
    }
}
