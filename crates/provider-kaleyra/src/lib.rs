//! Kaleyra Video as the provider of rooms: the [`VideoProvider`] port over the client of its REST API.
//!
//! Kaleyra has no name of ours for a room and no way to ask for a room twice and get one. So the room's key travels in the room's
//! description (`mark`), a creation whose outcome is unknown is looked for by it (`search`), and a room that was made without our
//! learning of it can be deleted by it, or is met by a sweep. Users have ids of ours, so making one twice makes one. A `breaker` spares a service that
//! fails, and everybody who would wait for it.

mod breaker;
mod company;
mod credentials;
mod details;
mod failure;
mod gate;
mod mark;
mod newest;
mod rooms;
mod search;
mod spec;
mod transcript;
mod transcription;
mod uploads;
mod users;

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use async_trait::async_trait;
use domain::{ProviderUserId, RoomKey, RoomRef};
use kaleyra_video::Client;
use ports::{
    Clock,
    provider::{
        AddBackgroundError, Background, BackgroundImage, Company, Credentials, MarkedRooms, ProviderError, RoomDetails,
        RoomOpened, RoomSpec, SessionRef, TranscriptionError, TranscriptionFormat, UploadsDeleted, UserSpec,
        VideoProvider,
    },
};
use tokio::sync::Semaphore;

use crate::{gate::Gate, mark::Mark, newest::Newest};

/// How long after a room was asked for it may still come to be. No request waits longer at a service that works, and no list is that
/// far behind.
const LATE_BY: Duration = Duration::from_hours(1);

/// How a person's request calls Kaleyra: the same limits as the client's own, but nobody waits a minute because of a 429.
pub fn settings() -> kaleyra_video::Settings {
    let standard = kaleyra_video::Settings::default();
    kaleyra_video::Settings {
        total_timeout: Duration::from_secs(10),
        retry: kaleyra_video::Retry { rate_limit_wait_max: Duration::from_secs(2), ..standard.retry },
        ..standard
    }
}

/// Rooms at Kaleyra Video.
pub struct KaleyraProvider {
    client: Client,
    gate: Gate,
    /// Users as they were last made or seen, so that people who meet again and again do not cost a request each time.
    users: Newest<kaleyra_video::UserId, UserSpec>,
    /// Keys of rooms that were asked for. Asking again must find the room and not make another.
    asked: Newest<RoomKey, ()>,
    /// That Kaleyra made a room only without transcription: the company does not have the feature.
    never_transcribes: AtomicBool,
    /// Places for transcriptions that are being fetched.
    downloads: Semaphore,
    mark: Mark,
}

impl KaleyraProvider {
    /// Puts the provider together. It calls nobody before it is asked to.
    pub fn new(client: Client, clock: Arc<dyn Clock>) -> Self {
        Self {
            client,
            gate: Gate::new(clock),
            users: Newest::default(),
            asked: Newest::default(),
            never_transcribes: AtomicBool::new(false),
            downloads: Semaphore::new(transcription::AT_ONCE_MAX),
            mark: Mark::default(),
        }
    }

    /// Marks rooms with the name of this deployment, letters, digits and hyphens, which must stay the same and be no other's. Only
    /// then can rooms that were left behind be told from those of others on the same account.
    #[must_use]
    pub fn owned_by(self, deployment: &str) -> Self {
        Self { mark: Mark::of(deployment), ..self }
    }
}

#[async_trait]
impl VideoProvider for KaleyraProvider {
    async fn ensure_users(&self, users: &[UserSpec]) -> Result<(), ProviderError> {
        self.ensure_all(users).await
    }

    /// A key that this process has asked for before, is looked for among the newest rooms first. Another process does not know it.
    async fn ensure_room(&self, spec: &RoomSpec) -> Result<RoomOpened, ProviderError> {
        self.make_or_find(spec).await
    }

    async fn room(&self, room: &RoomRef) -> Result<Option<RoomDetails>, ProviderError> {
        Ok(self.known_room(room).await?.map(details::details))
    }

    async fn delete_room(&self, key: &RoomKey, room: Option<&RoomRef>) -> Result<(), ProviderError> {
        match room {
            Some(room) => self.delete(&room.as_str().into()).await,
            None => self.delete_all_of(key).await,
        }
    }

    async fn credentials(
        &self,
        user: &ProviderUserId,
        valid_for: Duration,
    ) -> Result<Option<Credentials>, ProviderError> {
        self.access_token(user, valid_for).await
    }

    async fn add_background(&self, image: BackgroundImage) -> Result<Background, AddBackgroundError> {
        self.add_image(image).await
    }

    async fn set_default_background(&self, alias: &str) -> Result<Option<Company>, ProviderError> {
        self.make_default(alias).await
    }

    async fn transcription(
        &self,
        room: &RoomRef,
        session: &SessionRef,
        format: TranscriptionFormat,
        bytes_max: usize,
    ) -> Result<Option<String>, TranscriptionError> {
        self.transcription_of(room, session, format, bytes_max).await
    }

    async fn delete_uploads(&self, room: &RoomRef) -> Result<UploadsDeleted, ProviderError> {
        self.delete_files_of(room).await
    }

    /// Kaleyra knows no keys, so nothing keeps a request that lay somewhere from making a room.
    fn late_by(&self) -> Duration {
        LATE_BY
    }

    async fn marked_rooms(&self, from: u64) -> Result<MarkedRooms, ProviderError> {
        self.own_rooms(from).await
    }

    fn is_spared(&self) -> bool {
        self.gate.is_sparing()
    }

    /// Asks for the company: that tells whether the address is right, the service answers, and the key is valid.
    async fn health(&self) -> Result<(), ProviderError> {
        self.gate.pass(self.client.company()).await.map(drop)
    }
}
