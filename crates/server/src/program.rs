//! The wiring: which part is given what, and in which order all of them start and stop.

use std::{fmt::Write as _, fs::File, future::Future, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use app::{CLEANUPS_AT_ONCE_MAX, Ctx, UserIdKey};
use media::{MediaConfig, MediaService, StartError as MediaStartError};
use ports::{Chance, Clock, media::MediaEvent, rooms::CompanyId, rooms::RoomStore};
use secrecy::ExposeSecret;
use store_document::LinkSeal;
use store_sqlite::{Database, OpenError, SqliteRooms, SqliteTeleconsultations};
use tokio::{net::TcpListener, sync::mpsc};
use tokio_util::sync::CancellationToken;
use url::Url;
use video::{Doorkeeper, LinkSecret, SessionWorker, VideoConfig, VideoService};

use crate::{
    config::{Config, HttpConfig, MediaSettings},
    data_dir::{self, DataDir, DataDirError, Secrets},
    http::{self, App, AppParts, pages::PagePolicy},
    listen::{self, ListenError, Places, Server},
    system::{SystemChance, SystemClock},
    workers::{WorkerFailed, Workers},
};

/// The database's file in the data folder.
const DATABASE: &str = "teleconsultation.sqlite";

/// The company whose users and rooms there are: one, as long as there is one tenant.
const COMPANY: &str = "default";

/// The part of personal links after the public address (`kaleyra-video-api.md` §8.1).
const REGION: &str = "eu";

/// How often rooms that are to be deleted are looked for.
const CLEANUP_EVERY: Duration = Duration::from_secs(1);

/// How long requests under way may take to finish when the program ends.
const DRAIN: Duration = Duration::from_secs(8);

/// How long the media engine may take to send everyone away.
const MEDIA_STOP: Duration = Duration::from_secs(4);

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
    /// The media engine cannot start.
    #[error("the media engine cannot start (MEDIA_UDP_PORT, MEDIA_TCP_PORT, MEDIA_ADVERTISED_IPS)")]
    Media(#[from] MediaStartError),
    /// The key that signs access tokens cannot be used.
    #[error("the key that signs access tokens cannot be used (LIVEKIT_API_KEY, LIVEKIT_API_SECRET)")]
    LiveKitKey(#[from] livekit_proto::ApiKeyError),
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
    media: MediaService,
    database: Database,
    workers: Workers,
    wait_before_close: Duration,
    addresses: Vec<SocketAddr>,
    public_url: Url,
    data_dir: DataDir,
    database_path: PathBuf,
    /// The store keeps records in memory, so nobody else may write the database.
    _database_lock: File,
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

/// The database's file.
pub fn database_path(config: &Config) -> PathBuf {
    config.database.clone().unwrap_or_else(|| config.data_dir.join(DATABASE))
}

impl Program {
    /// Starts every part. Must be called within a Tokio runtime.
    pub async fn start(listeners: Vec<TcpListener>, config: Config) -> Result<Self, StartError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let chance: Arc<dyn Chance> = Arc::new(SystemChance);
        let data_dir = DataDir::open(&config.data_dir)?;
        let secrets = data_dir.secrets(&*chance)?;
        let database_path = database_path(&config);
        // Also where it lies in the data folder: another program may be told to use it from there.
        let database_lock = data_dir::lock_database(&database_path)?;
        let database = open_database(database_path.clone()).await?;
        let rooms: Arc<dyn RoomStore> = Arc::new(SqliteRooms::new(database.clone()));

        let addresses: Vec<_> = listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect();
        let public_url = config.http.public_url.clone().unwrap_or_else(|| local_url(&addresses));
        let doorkeeper = Arc::new(Doorkeeper::new(rooms.clone(), clock.clone()));
        let media_config = media_config(config.media, &data_dir, &*chance)?;
        let (media, events) = MediaService::start(media_config, clock.clone(), &*chance, doorkeeper)?;
        let Secrets { company_key, link_secret } = secrets;
        let link_seal = LinkSeal::new(&link_secret);
        let video = Arc::new(VideoService::new(
            VideoConfig {
                company: CompanyId(COMPANY.to_owned()),
                public_url: public_url.as_str().trim_end_matches('/').to_owned(),
                region: REGION.to_owned(),
                link_secret: LinkSecret::new(link_secret),
            },
            rooms.clone(),
            Arc::new(media.clone()),
            clock.clone(),
            chance.clone(),
        ));

        let ctx = Ctx {
            store: Arc::new(SqliteTeleconsultations::new(database.clone(), link_seal)),
            provider: video.clone(),
            clock: clock.clone(),
            chance: chance.clone(),
            policy: Arc::new(config.policy),
            user_id_key: UserIdKey::new(company_key.expose_secret().as_bytes()),
        };
        let sessions = SessionWorker::new(rooms, Arc::new(media.clone()), clock, chance);
        let mut workers = Workers::default();
        workers.start("counts and ends sessions", |stop| drive_sessions(sessions, events, stop));
        workers.start("deletes rooms", |stop| clean_up(ctx.clone(), stop));
        let app = App::from(AppParts {
            ctx,
            identity: config.identity,
            entrance: Some(video),
            pages: PagePolicy::new(&public_url),
            trusted_proxies: config.http.trusted_proxies,
        });
        app.metrics.add(media_metrics(media.clone()));
        let router = http::router(app.clone(), config.http.service_prefix.as_deref(), media.router());
        let server = Server::start(listeners, &router, app.trusted_proxies.clone());
        app.metrics.add(connection_metrics(server.places().clone()));
        Ok(Self {
            app,
            server,
            media,
            database,
            workers,
            wait_before_close: config.http.wait_before_close,
            addresses,
            public_url,
            data_dir,
            database_path,
            _database_lock: database_lock,
        })
    }

    /// The addresses in use.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Where it listens, where its data lie, what is inside and what outside, and the first command to try.
    pub fn description(&self) -> String {
        let ports = self.media.bound_ports();
        let port = |port: Option<u16>| port.map_or_else(|| "off".to_owned(), |port| port.to_string());
        let list = |items: Vec<String>| items.join(", ");
        let url = self.public_url.as_str().trim_end_matches('/');
        let api = local_url(&self.addresses);
        let api = api.as_str().trim_end_matches('/');
        let mut text = format!("Teleconsultation {}\n", http::SERVICE_VERSION);
        let mut line = |name: &str, value: String| {
            // Writing to a `String` never fails.
            let _ = writeln!(text, "  {name:<10} {value}");
        };
        line("listens on", list(self.addresses.iter().map(SocketAddr::to_string).collect()));
        line("pages at", url.to_owned());
        line(
            "media on",
            format!(
                "UDP {}, TCP {}, told to browsers as {}",
                port(ports.udp),
                port(ports.tcp),
                list(self.media.advertised_ips().iter().map(ToString::to_string).collect())
            ),
        );
        line("data in", self.data_dir.path().display().to_string());
        if !self.database_path.starts_with(self.data_dir.path()) {
            line("database", self.database_path.display().to_string());
        }
        line("embedded", "store (SQLite), video service, media engine, pages".to_owned());
        line("external", "nothing".to_owned());
        line("API", format!("{api}/documentation"));
        let _ = write!(
            text,
            "\nSchedule a teleconsultation that starts at once:\n\n\
             curl {api}/teleconsultation -H 'content-type: application/json' -d '{{\n  \
             \"start_date\": \"'$(date -u +%Y-%m-%dT%H:%M:%SZ)'\", \"duration_in_seconds\": 1800,\n  \
             \"participants\": {{\"number\": 2, \"data\": [\n    \
             {{\"userId\": \"doctor-1\", \"groups\": [\"doctor\"], \"fullName\": \"Dr. Ada Marino\"}},\n    \
             {{\"userId\": \"patient-1\", \"groups\": [\"patient\"], \"fullName\": \"Luca Conti\"}}]}}}}'\n"
        );
        text
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
        // Signalling connections end with the engine, all others with their requests.
        let (served, sent_away) = tokio::join!(self.server.stop(DRAIN), self.media.stop(MEDIA_STOP));
        if !served {
            tracing::warn!("requests under way did not finish in time");
        }
        if !sent_away {
            tracing::warn!("the media engine did not stop in time");
        }
        self.workers.stop(WORKERS_STOP).await;
        self.database.close().await;
        tracing::info!("stopped");
    }
}

async fn open_database(path: PathBuf) -> Result<Database, StartError> {
    let opening = path.clone();
    match tokio::task::spawn_blocking(move || Database::open(&opening)).await {
        Ok(opened) => opened.map_err(|source| StartError::Database { path, source }),
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn media_config(settings: MediaSettings, data_dir: &DataDir, chance: &dyn Chance) -> Result<MediaConfig, StartError> {
    let (key, secret) = match settings.livekit {
        Some(given) => given,
        None => data_dir.livekit_key(chance)?,
    };
    Ok(MediaConfig {
        udp_port: Some(settings.udp_port),
        tcp_port: Some(settings.tcp_port),
        advertised_ips: settings.advertised_ips,
        api_key: livekit_proto::ApiKey::new(key, &secret)?,
        room_auto_create: settings.room_auto_create,
        shards: None,
    })
}

/// Where a browser on this machine reaches the program.
fn local_url(addresses: &[SocketAddr]) -> Url {
    let port = addresses.first().map_or(80, SocketAddr::port);
    // A host name and a port make a URL.
    Url::parse(&format!("http://localhost:{port}")).expect("localhost with a port is a URL")
}

async fn drive_sessions(sessions: SessionWorker, events: mpsc::Receiver<MediaEvent>, stop: CancellationToken) {
    sessions.run(events, stop.cancelled_owned()).await;
}

/// Deletes rooms that are to be deleted, as long as the program runs.
async fn clean_up(ctx: Ctx, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(CLEANUP_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return,
        }
        loop {
            match app::finish_due_cleanups(&ctx).await {
                // A full step: there may be more.
                Ok(progress) if progress.finished == CLEANUPS_AT_ONCE_MAX && !stop.is_cancelled() => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "rooms to be deleted cannot be looked up"
                    );
                    break;
                }
            }
        }
    }
}

fn connection_metrics(places: Places) -> http::metrics::Source {
    Box::new(move |text| {
        let (open, refused) = (places.open(), places.refused());
        // Writing to a `String` never fails.
        let _ = write!(
            text,
            "# HELP http_connections_open HTTP connections at this moment.\n# TYPE http_connections_open gauge\n\
             http_connections_open {open}\n\
             # HELP http_connections_refused_total HTTP connections of clients that had their share.\n\
             # TYPE http_connections_refused_total counter\nhttp_connections_refused_total {refused}\n"
        );
    })
}

fn media_metrics(media: MediaService) -> http::metrics::Source {
    Box::new(move |text| {
        for (name, value) in media.counters().named() {
            // Writing to a `String` never fails.
            let _ = writeln!(text, "# TYPE media_{name} untyped\nmedia_{name} {value}");
        }
    })
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
