//! `teleconsultation doctor`: tries what the program needs and says, line by line, what is wrong and what to do.

use std::{
    fmt,
    net::{IpAddr, SocketAddr, UdpSocket},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use store_sqlite::Database;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};
use url::Url;

use crate::{
    config::{Config, is_loopback},
    data_dir::{DataDir, DataDirError},
    http::SERVICE_NAME,
    listen, program,
};

/// How long any one trial may take.
const TRIAL_TIMEOUT: Duration = Duration::from_secs(5);

/// Free space below which the program would soon stop writing: a day of a busy clinic and its log fit many times.
const FREE_BYTES_MIN: u64 = 256 * 1024 * 1024;

/// How one trial went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works, perhaps not as meant.
    Doubtful,
    /// It does not work.
    Bad,
}

/// What was tried, how it went, and what to do.
#[derive(Debug)]
pub struct Finding {
    /// How it went.
    pub verdict: Verdict,
    /// What was tried.
    pub about: &'static str,
    /// What was found, and what to do about it.
    pub text: String,
}

impl Finding {
    fn good(about: &'static str, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Good, about, text: text.into() }
    }

    fn doubtful(about: &'static str, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Doubtful, about, text: text.into() }
    }

    fn bad(about: &'static str, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Bad, about, text: text.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Good => "ok",
            Verdict::Doubtful => "look",
            Verdict::Bad => "BAD",
        };
        write!(f, "{verdict:<5} {:<20} {}", self.about, self.text)
    }
}

/// Tries everything.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings: Vec<_> = config.notes.iter().map(|note| Finding::doubtful("settings", note.clone())).collect();
    let data = data_folder(&config.data_dir);
    let running = matches!(data, Folder::InUse);
    findings.push(data.finding(&config.data_dir));
    findings.push(if running {
        Finding::good("database", "in use by the running program, which holds it open")
    } else {
        database(program::database_path(config)).await
    });
    findings.push(free_disk(&config.data_dir));
    findings.push(http_port(config).await);
    findings.push(media_port("media UDP port", config.media.udp_port, "MEDIA_UDP_PORT", running, |address| {
        UdpSocket::bind(address).map(drop)
    }));
    findings.push(media_port("media TCP port", config.media.tcp_port, "MEDIA_TCP_PORT", running, |address| {
        std::net::TcpListener::bind(address).map(drop)
    }));
    findings.extend(advertised_addresses(config));
    findings.push(certificate(config.http.public_url.as_ref()).await);
    findings
}

enum Folder {
    Free,
    InUse,
    Unusable(DataDirError),
}

fn data_folder(path: &Path) -> Folder {
    match DataDir::open(path) {
        Ok(_) => Folder::Free,
        Err(DataDirError::InUse { .. }) => Folder::InUse,
        Err(error @ (DataDirError::File { .. } | DataDirError::Damaged { .. })) => Folder::Unusable(error),
    }
}

impl Folder {
    fn finding(&self, path: &Path) -> Finding {
        let about = "data folder";
        match self {
            Self::Free => Finding::good(about, format!("{} can be written", path.display())),
            Self::InUse => Finding::good(about, format!("{} is in use by a running program", path.display())),
            Self::Unusable(error) => Finding::bad(about, said(error)),
        }
    }
}

async fn database(path: PathBuf) -> Finding {
    let about = "database";
    let shown = path.display().to_string();
    let opened = tokio::task::spawn_blocking(move || Database::open(&path)).await;
    let database = match opened {
        Ok(Ok(database)) => database,
        Ok(Err(error)) => return Finding::bad(about, format!("{shown}: {}", said(&error))),
        Err(_) => return Finding::bad(about, format!("{shown}: opening it panicked; restore a backup")),
    };
    let store = store_sqlite::SqliteTeleconsultations::new(database.clone());
    let health = ports::teleconsultations::TeleconsultationStore::health(&store).await;
    database.close().await;
    match health {
        Ok(()) => Finding::good(about, format!("{shown} can be read and written")),
        Err(error) => Finding::bad(about, format!("{shown}: {}", said(&error))),
    }
}

fn free_disk(data_dir: &Path) -> Finding {
    let about = "free disk";
    match rustix::fs::statvfs(data_dir) {
        Err(error) => Finding::doubtful(about, format!("{} does not tell its free space: {error}", data_dir.display())),
        Ok(stat) => {
            let free = stat.f_bavail.saturating_mul(stat.f_frsize);
            let megabytes = free / 1024 / 1024;
            if free < FREE_BYTES_MIN {
                Finding::bad(about, format!("{megabytes} MB: make room, or set DATA_DIR to another disk"))
            } else {
                Finding::good(about, format!("{megabytes} MB"))
            }
        }
    }
}

async fn http_port(config: &Config) -> Finding {
    let about = "HTTP port";
    let (host, port) = (&config.http.host, config.http.port);
    match listen::bind(host, port).await {
        Ok(_) => Finding::good(about, format!("{host}:{port} is free")),
        Err(_) if answers_as_this_service(host, port).await => {
            Finding::good(about, format!("{host}:{port} is in use by this program, running"))
        }
        Err(error) => Finding::bad(about, said(&error)),
    }
}

async fn answers_as_this_service(host: &str, port: u16) -> bool {
    let host = if host == "0.0.0.0" || host == "::" { "localhost" } else { host };
    let asking = async {
        let mut stream = TcpStream::connect((host, port)).await.ok()?;
        let request = format!("GET /-/healthz HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = String::new();
        stream.take(4096).read_to_string(&mut answer).await.ok()?;
        Some(answer.contains(SERVICE_NAME))
    };
    tokio::time::timeout(TRIAL_TIMEOUT, asking).await.ok().flatten().unwrap_or(false)
}

fn media_port(
    about: &'static str,
    port: u16,
    setting: &str,
    running: bool,
    bind: impl Fn(SocketAddr) -> std::io::Result<()>,
) -> Finding {
    match bind((IpAddr::from([0, 0, 0, 0]), port).into()) {
        Ok(()) => Finding::good(about, format!("{port} is free; open it to everyone in a call")),
        Err(_) if running => Finding::good(about, format!("{port} is in use, by the running program it seems")),
        Err(error) => Finding::bad(about, format!("{port} cannot be used ({error}): {setting} sets another one")),
    }
}

fn advertised_addresses(config: &Config) -> Vec<Finding> {
    let about = "advertised address";
    let given = &config.media.advertised_ips;
    if given.is_empty() {
        return vec![if is_loopback(&config.http.host) && config.http.public_url.is_none() {
            Finding::good(about, "this machine's own; enough for browsers on this machine and its network")
        } else {
            Finding::doubtful(
                about,
                "this machine's own; behind an address translator or in a container, set MEDIA_ADVERTISED_IPS to the address that browsers reach",
            )
        }];
    }
    let public = |address: &IpAddr| match address {
        IpAddr::V4(address) => !address.is_private() && !address.is_loopback() && !address.is_link_local(),
        IpAddr::V6(address) => !address.is_loopback() && !address.is_unique_local() && !address.is_unicast_link_local(),
    };
    let mut findings = Vec::new();
    for address in given {
        findings.push(if public(address) {
            Finding::good(about, format!("{address}"))
        } else {
            Finding::doubtful(
                about,
                format!("{address} is reached from its own network only; fine if everyone is there"),
            )
        });
    }
    findings
}

async fn certificate(public_url: Option<&Url>) -> Finding {
    let about = "certificate";
    let Some(url) = public_url else {
        return Finding::good(about, "none needed: PUBLIC_URL is not set, browsers trust localhost");
    };
    let host = url.host_str().unwrap_or_default();
    if url.scheme() == "http" {
        return if is_loopback(host) {
            Finding::good(about, "none needed: browsers trust localhost")
        } else {
            Finding::bad(
                about,
                "PUBLIC_URL is not https: browsers give the call page no camera; end TLS in front and use https",
            )
        };
    }
    match tokio::time::timeout(TRIAL_TIMEOUT, handshake(host, url.port_or_known_default().unwrap_or(443))).await {
        Ok(Ok(())) => Finding::good(about, format!("{host} shows one that browsers trust")),
        Ok(Err(problem)) => Finding::bad(about, problem),
        Err(_) => {
            Finding::bad(about, format!("{host} does not answer in time: does it lead to your proxy, from here too?"))
        }
    }
}

async fn handshake(host: &str, port: u16) -> Result<(), String> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let bare_host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(bare_host.clone()).map_err(|_| format!("{host} cannot have a certificate"))?;
    let stream = TcpStream::connect((bare_host.as_str(), port)).await;
    let stream =
        stream.map_err(|error| format!("{host}:{port} cannot be reached ({error}): does it lead to your proxy?"))?;
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    connected
        .map(drop)
        .map_err(|error| format!("{host}:{port} shows none that browsers trust ({error}): renew or replace it"))
}

/// An error with its causes in one line.
fn said(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
