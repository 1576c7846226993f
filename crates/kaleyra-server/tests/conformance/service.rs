//! The service on a port of its own, over SQLite in a folder of its own.

use std::{net::SocketAddr, sync::Arc};

use jiff::Timestamp;
use kaleyra_video::{BaseUrl, Client, Settings};
use ports::{
    Clock,
    fake::{FakeChance, FakeClock, FakeFileBytes, FakeMediaEngine},
    rooms::CompanyId,
};
use store_sqlite::{Database, SqliteRooms};
use teleconsultation_kaleyra_server::{Parts, router};
use tempfile::TempDir;
use video::{
    LinkSecret, VideoConfig, VideoService,
    files::{FileStores, Files},
};

/// The company's key.
pub const KEY: &str = "ak_live_0123456789abcdef01234567";

/// The service, and what it is made of.
pub struct Service {
    pub address: SocketAddr,
    pub store: Arc<SqliteRooms>,
    pub files: Arc<Files>,
    pub video: Arc<VideoService>,
    pub engine: Arc<FakeMediaEngine>,
    pub clock: Arc<FakeClock>,
    _folder: TempDir,
}

impl Service {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteRooms::new(Database::open(&folder.path().join("rooms.db")).unwrap()));
        let engine = Arc::new(FakeMediaEngine::new());
        let clock = Arc::new(FakeClock::new("2026-01-01T00:00:00.123Z".parse::<Timestamp>().unwrap()));
        let chance = Arc::new(FakeChance::seeded(7));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let public_url = format!("http://{address}");
        let config = VideoConfig {
            company: CompanyId("default".to_owned()),
            public_url: public_url.clone(),
            region: "eu".to_owned(),
            link_secret: LinkSecret::new([7; 32]),
        };
        let stores = FileStores { content: store.clone(), bytes: Arc::new(FakeFileBytes::new()) };
        let outside = (clock.clone() as _, chance.clone() as _);
        let files =
            Arc::new(Files::new(config.company.clone(), stores, outside, &LinkSecret::new([7; 32]), 1024 * 1024));
        let video = VideoService::new(config, store.clone(), engine.clone(), clock.clone(), chance.clone());
        let video = Arc::new(video.with_files(files.clone()));
        let parts = Parts {
            video: video.clone(),
            rooms: store.clone(),
            register: store.clone(),
            companies: store.clone(),
            deliveries: store.clone(),
            files: files.clone(),
            key: KEY.into(),
            looks_changed: Arc::default(),
            public_url,
            clock: clock.clone(),
            chance,
        };
        let router = router(parts);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, store, files, video, engine, clock, _folder: folder }
    }

    /// A client of this service's generation that is under `path`: `v2` or `rest`.
    pub fn client(&self, path: &str) -> Client {
        self.client_with(path, Settings::default())
    }

    pub fn client_with(&self, path: &str, settings: Settings) -> Client {
        let base = BaseUrl::parse(&format!("http://{}/{path}", self.address)).unwrap();
        Client::new(base, &KEY.into(), settings, || 7).unwrap()
    }

    /// The moment that the service has.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
