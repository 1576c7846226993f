//! The wiring: which part is given what, and in which order all of them start and stop.

mod background;
mod calls;
mod company;
mod description;
mod desk;
mod files;
mod layout;
mod provider;
mod stores;

use std::{future::Future, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use app::{Ctx, Directories, Policy, UserIdKey};
use axum::Router;
use directory::{AuthConfig, AuthDirectory, ProjectIds, ProjectIdsConfig};
use media::{MediaService, StartError as MediaStartError};
use platform::{Authorities, Outbound, OutboundError, Service};
use ports::{Caller, Chance, Clock, provider::VideoProvider, teleconsultations::TeleconsultationStore};
use secrecy::{ExposeSecret, SecretString};
use store_document::LinkSeal;
use store_sqlite::OpenError;
use tokio::net::TcpListener;
use url::Url;

use crate::{
    channel::Hub,
    config::{Config, CrudSettings, DatabaseSettings, DirectorySettings, HttpConfig, ProviderSettings},
    data_dir::{DataDir, DataDirError},
    desk::Changes,
    http::{
        self, App, AppParts, desk::Desk, forward::PlatformHeaders, live_brand::LiveBrand, pages::PagePolicy,
        view::LinkRules,
    },
    listen::{self, ListenError, Server},
    observability::{self, Observed},
    system::{SystemChance, SystemClock},
    telemetry::spans,
    workers::{WorkerFailed, Workers},
};
use calls::Calls;
use company::Company;
pub(crate) use desk::link as desk_link;
use layout::Layout;
use provider::Embedded;
pub(crate) use provider::kaleyra;
use stores::Database;
pub(crate) use stores::crud;

/// The database's file in the data folder.
const DATABASE: &str = "teleconsultation.sqlite";

/// How long requests under way may take to finish when the program ends.
const DRAIN: Duration = Duration::from_secs(8);

/// How long the media engine may take to send everyone away.
const MEDIA_STOP: Duration = Duration::from_secs(4);

/// How long call channels may take to write down what they know and to be closed.
const CHANNEL_STOP: Duration = Duration::from_secs(4);

/// How long the workers may take to write down what they know.
const WORKERS_STOP: Duration = Duration::from_secs(4);

/// Why the program does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The database cannot be used.
    #[error("the database {} cannot be opened", path.display())]
    Database {
        /// Its file.
        path: PathBuf,
        /// Why.
        #[source]
        source: OpenError,
    },
    /// PostgreSQL cannot be used.
    #[error("the database cannot be opened (DATABASE_URL)")]
    Postgres(#[from] store_postgres::OpenError),
    /// Another instance carries calls.
    #[error(
        "another teleconsultation process carries calls with this database: there can be one, unless BANDYER_BASE_URL names \
         Kaleyra Video (DATABASE_URL)"
    )]
    NotAlone,
    /// The CRUD Service cannot be used.
    #[error("the CRUD Service cannot be the store (TELECONSULTATIONS_CRUD_NAME, USER_ID_MAP_CRUD_NAME)")]
    Crud(#[from] store_crud::CrudConfigError),
    /// Kaleyra Video cannot be used.
    #[error("Kaleyra Video cannot be the video provider (BANDYER_BASE_URL, BANDYER_API_SECRET_KEY)")]
    Kaleyra(#[from] kaleyra_video::ClientError),
    /// Other services cannot be called.
    #[error("other services cannot be called (NODE_EXTRA_CA_CERTS, SSL_CERT_FILE)")]
    Platform(#[from] OutboundError),
    /// The media engine cannot start.
    #[error("the media engine cannot start (MEDIA_UDP_PORT, MEDIA_TCP_PORT, MEDIA_ADVERTISED_IPS)")]
    Media(#[from] MediaStartError),
    /// The key that signs access tokens cannot be used.
    #[error("the key that signs access tokens cannot be used (LIVEKIT_API_KEY, LIVEKIT_API_SECRET)")]
    LiveKitKey(#[from] livekit_proto::ApiKeyError),
    /// The reception desk's key is none.
    #[error("the reception desk's key {0} (DESK_KEY)")]
    DeskKey(String),
    /// The place for files cannot be used.
    #[error("files cannot be kept (FILES_URL)")]
    Files(#[from] files::PlaceError),
    /// HTTP cannot listen.
    #[error(transparent)]
    Listen(#[from] ListenError),
}

/// Why serving ended although nobody asked for it, or never began.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It never began.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A part of the program failed.
    #[error(transparent)]
    Worker(#[from] WorkerFailed),
}

/// How the program is told to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Serve a little longer, so that balancers notice.
    Gently,
    /// At once; what is under way still finishes.
    Now,
}

/// The running program.
pub struct Program {
    app: App,
    server: Server,
    /// `None` where another provider carries calls.
    media: Option<MediaService>,
    /// As `media`.
    channel: Option<Hub>,
    /// `None` where other services keep everything.
    database: Option<Database>,
    workers: Workers,
    wait_before_close: Duration,
    addresses: Vec<SocketAddr>,
    public_url: Url,
    /// `None` where nothing is kept here.
    data_dir: Option<DataDir>,
    layout: Layout,
    /// The address that opens the reception desk, with its key.
    desk_link: Option<String>,
}

/// Starts the program on `listeners`, serves until `shutdown` says so or a part of it fails, and ends in order.
pub async fn serve(
    listeners: Vec<TcpListener>,
    config: Config,
    shutdown: impl Future<Output = Stop>,
) -> Result<(), ServeError> {
    let mut program = Program::start(listeners, config).await?;
    let (stop, ended) = program.until(shutdown).await;
    program.stop(stop).await;
    Ok(ended?)
}

/// Opens the ports that the settings name.
pub async fn listeners(http: &HttpConfig) -> Result<Vec<TcpListener>, ListenError> {
    listen::bind(&http.host, http.port).await
}

/// The database's file, if it is one.
pub fn database_path(config: &Config) -> PathBuf {
    match &config.database {
        DatabaseSettings::Sqlite(Some(path)) => path.clone(),
        DatabaseSettings::Sqlite(None) | DatabaseSettings::Postgres(_) => config.data_dir.join(DATABASE),
    }
}

/// What the program keeps by itself, with these settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeps {
    /// Records in a database.
    pub records: bool,
    /// Anything in the data folder.
    pub data_dir: bool,
}

impl Keeps {
    /// What it keeps: nothing at all, where one service keeps teleconsultations and another one makes rooms.
    pub fn of(config: &Config) -> Self {
        let embedded = matches!(config.provider, ProviderSettings::Embedded);
        let records = embedded || config.crud.is_none();
        let file = matches!(config.database, DatabaseSettings::Sqlite(_));
        Self { records, data_dir: embedded || (records && (file || config.link_secret.is_none())) }
    }

    async fn open(self, config: &Config) -> Result<(Option<DataDir>, Option<Database>), StartError> {
        let data_dir = if self.data_dir { Some(DataDir::open(&config.data_dir)?) } else { None };
        let database = if self.records { Some(Database::open(config).await?) } else { None };
        Ok((data_dir, database))
    }
}

impl Program {
    /// Starts every part. Must be called within a Tokio runtime.
    pub async fn start(listeners: Vec<TcpListener>, config: Config) -> Result<Self, StartError> {
        let (clock, chance): (Arc<dyn Clock>, Arc<dyn Chance>) = (Arc::new(SystemClock), Arc::new(SystemChance));
        let (data_dir, database) = Keeps::of(&config).open(&config).await?;
        let link_secret = link_secret(config.link_secret, data_dir.as_ref(), &*chance)?;
        let authorities = Authorities::read(&config.http.authorities)?;
        // Each call in the trace of the request that it is made for.
        let outbound = Outbound::new(&authorities)?.in_trace(spans::traceparent);
        let layout = Layout::of(&config);
        let desk_key = desk::key(&config, data_dir.as_ref(), &*chance)?;

        let addresses: Vec<_> = listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect();
        let public_url = config.http.public_url.clone().unwrap_or_else(|| local_url(&addresses));
        let mut workers = Workers::default();
        let (provider, user_id_key, looks, embedded) = match (config.provider, &data_dir, &database, link_secret) {
            (ProviderSettings::Kaleyra { base_url, api_key }, ..) => {
                let pages = PagePolicy::with_calls_elsewhere(&public_url, base_url.as_str(), &config.brand);
                let looks = (pages, LiveBrand::configured(config.brand));
                let key = user_id_key(&api_key);
                let kaleyra = kaleyra(base_url, &api_key, &authorities, clock.clone(), chance.clone())?;
                (Arc::new(provider::owned(kaleyra, link_secret.as_ref())) as Arc<dyn VideoProvider>, key, looks, None)
            }
            (ProviderSettings::Embedded, Some(data_dir), Some(database), Some(link_secret)) => {
                if let Some(alone) = database.alone().await? {
                    workers.start("keeps the database to this instance", |stop| background::stay_alone(alone, stop));
                }
                let company_key = config.company_key.map_or_else(|| data_dir.company_key(&*chance), Ok)?;
                let pages = PagePolicy::new(&public_url, &config.brand);
                let outside = (clock.clone(), chance.clone());
                let key = company_key.clone();
                let company = Company::new(key, database.rooms(), config.webhook_reach, &authorities, clock.clone())?;
                let files = files::open(&config.files, company.stores(), &authorities, link_secret, &outside).await?;
                let embedded =
                    Embedded::start(config.media, data_dir, &company, files, link_secret, &public_url, outside)?;
                let looks = (pages, company.brand(config.brand, embedded.video.company().clone()));
                (embedded.video.clone() as _, user_id_key(&company_key), looks, Some((embedded, company)))
            }
            (ProviderSettings::Embedded, ..) => {
                unreachable!("what carries calls keeps records and secrets, see `Keeps`")
            }
        };
        let (pages, brand) = looks;
        let store = teleconsultations(
            config.crud.as_ref(),
            &config.policy,
            database.as_ref(),
            link_secret,
            (&outbound, &clock),
        )?;
        let directories = config.directories;
        let forwards = config.crud.is_some() || directories.is_some();
        let observed = Observed::default();
        let ctx = Ctx {
            store: observed.store(store),
            provider: observed.provider(provider),
            clock: clock.clone(),
            chance,
            policy: Arc::new(config.policy),
            user_id_key,
            directories: directories.map(|settings| self::directories(settings, &outbound, &config.headers, &clock)),
            caller: Caller::nobody(),
        };
        background::tend_rooms(&mut workers, &ctx, observed.cleanups.clone());
        let changes = Changes::new(&*ctx.chance);
        let calls = embedded.map(|parts| Calls::start(parts, &ctx, &changes, &public_url, &mut workers));
        let Calls { video, files, media, channel, presence, ratings, company, figures } = calls.unwrap_or_default();
        let desk_link = desk_key.as_ref().map(|key| key.link(public_url.as_str()));
        let app = App::from(AppParts {
            desk: desk_key.map(|key| Desk::new(key, presence, ratings)),
            changes,
            ctx,
            identity: config.identity,
            headers: config.headers,
            forwards,
            links: LinkRules { groups_with_background: config.groups_with_background, names: video.is_none() },
            entrance: video,
            channel: channel.clone(),
            files,
            pages,
            brand,
            trusted_proxies: config.http.trusted_proxies,
            expose_metrics: config.observability.expose_metrics,
        });
        let engine = media.as_ref().map_or_else(Router::new, MediaService::router);
        let router = http::router(app.clone(), config.http.service_prefix.as_deref(), engine.merge(company));
        let server = Server::start(listeners, &router, app.trusted_proxies.clone());
        let connections = observability::connections(server.places().clone());
        app.metrics.add(figures.into_iter().chain([observed.source(), connections]));
        Ok(Self {
            app,
            server,
            media,
            channel,
            database,
            workers,
            wait_before_close: config.http.wait_before_close,
            addresses,
            public_url,
            data_dir,
            layout,
            desk_link,
        })
    }

    /// The addresses in use.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Waits until `shutdown` says how to stop. If a worker fails meanwhile, the program is no longer ready and must stop at once.
    pub async fn until(&mut self, shutdown: impl Future<Output = Stop>) -> (Stop, Result<(), WorkerFailed>) {
        tokio::select! {
            stop = shutdown => (stop, Ok(())),
            failed = self.workers.failure() => {
                self.app.readiness.stop();
                tracing::error!(error = &failed as &dyn std::error::Error, "a part of the program failed");
                (Stop::Now, Err(failed))
            }
        }
    }

    /// Ends every part, those that take work first.
    pub async fn stop(self, stop: Stop) {
        self.app.readiness.stop();
        tracing::info!("stopping");
        if stop == Stop::Gently {
            tokio::time::sleep(self.wait_before_close).await;
        }
        // Whoever watches at a desk would otherwise be waited for.
        self.app.changes.stop();
        // Signalling connections end with the engine, all others with their requests.
        let ending_calls = async {
            match &self.media {
                Some(media) => media.stop(MEDIA_STOP).await,
                None => true,
            }
        };
        let closing_channels = async {
            match &self.channel {
                Some(channel) => channel.stop(CHANNEL_STOP).await,
                None => true,
            }
        };
        let (served, sent_away, closed) = tokio::join!(self.server.stop(DRAIN), ending_calls, closing_channels);
        if !served {
            tracing::warn!("requests under way did not finish in time");
        }
        if !sent_away {
            tracing::warn!("the media engine did not stop in time");
        }
        if !closed {
            tracing::warn!("the call channels did not close in time");
        }
        self.workers.stop(WORKERS_STOP).await;
        if let Some(database) = self.database {
            database.close().await;
        }
        tracing::info!("stopped");
    }
}

/// The secret of the links: as set, else as kept in the data folder. Where nothing is kept, there are no links of ours.
fn link_secret(
    set: Option<[u8; 32]>,
    data_dir: Option<&DataDir>,
    chance: &dyn Chance,
) -> Result<Option<[u8; 32]>, DataDirError> {
    match (set, data_dir) {
        (Some(secret), _) => Ok(Some(secret)),
        (None, Some(data_dir)) => data_dir.link_secret(chance).map(Some),
        (None, None) => Ok(None),
    }
}

/// Where teleconsultations are kept.
fn teleconsultations(
    crud: Option<&CrudSettings>,
    policy: &Policy,
    database: Option<&Database>,
    link_secret: Option<[u8; 32]>,
    (outbound, clock): (&Outbound, &Arc<dyn Clock>),
) -> Result<Arc<dyn TeleconsultationStore>, StartError> {
    match (crud, database, link_secret) {
        (Some(crud), ..) => Ok(stores::crud(crud, &policy.privileges, outbound, clock.clone())?),
        (None, Some(database), Some(secret)) => Ok(database.teleconsultations(LinkSeal::new(&secret))),
        (None, ..) => unreachable!("without a CRUD Service there are a database and a secret, see `Keeps`"),
    }
}

fn user_id_key(company_key: &SecretString) -> UserIdKey {
    UserIdKey::new(company_key.expose_secret().as_bytes())
}

fn directories(
    settings: DirectorySettings,
    outbound: &Outbound,
    headers: &PlatformHeaders,
    clock: &Arc<dyn Clock>,
) -> Directories {
    let config = AuthConfig {
        client_type_header: headers.client_type.as_str().to_owned(),
        default_client_type: settings.default_client_type,
    };
    let service = Service::new("AUTH_SERVICE", settings.users, outbound.clone());
    let custom_ids = settings.custom_ids.map(|custom| {
        let service = Service::new("CUSTOM_ID_USERS_API_ENDPOINT", custom.users, outbound.clone());
        let fields = ProjectIdsConfig { source: custom.source, target: custom.target };
        Arc::new(ProjectIds::new(service, fields, clock.clone())) as _
    });
    Directories { users: Arc::new(AuthDirectory::new(service, config, clock.clone())), custom_ids }
}

/// Where a browser on this machine reaches the program.
fn local_url(addresses: &[SocketAddr]) -> Url {
    let port = addresses.first().map_or(80, SocketAddr::port);
    // A host name and a port make a URL.
    Url::parse(&format!("http://localhost:{port}")).expect("localhost with a port is a URL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_worker_that_fails_is_reported_and_makes_the_program_not_ready() {
        let directory = tempfile::tempdir().unwrap();
        let settings = [("MEDIA_UDP_PORT", "0"), ("MEDIA_TCP_PORT", "0"), ("HTTP_PORT", "0")];
        let settings = settings.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let data_dir = ("DATA_DIR".to_owned(), directory.path().display().to_string());
        let config = Config::load(settings.chain([data_dir])).unwrap();
        let mut program = Program::start(listeners(&config.http).await.unwrap(), config).await.unwrap();
        assert!(!program.app.readiness.is_stopping());

        program.workers.start("has a defect", |_| async { panic!("a defect") });
        let (stop, ended) = program.until(std::future::pending()).await;
        assert_eq!((stop, ended.unwrap_err().name), (Stop::Now, "has a defect"));
        assert!(program.app.readiness.is_stopping());
        program.stop(Stop::Now).await;
    }
}
