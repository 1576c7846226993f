//! From what was given to one validated value, with every problem named at once.

mod observability;

use std::{
    fmt::Display,
    net::IpAddr,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use app::Policy;
use axum::http::HeaderName;
use domain::{GroupName, Privileges, RolePrivileges, Tools};
use jiff::SignedDuration;
use ports::provider::Recording;
use secrecy::SecretString;
use store_files::Place;
use url::Url;

use super::{
    Config, ConfigError, DatabaseSettings, FilesSettings, HttpConfig, MediaSettings, ProviderSettings, outside,
    platform_file,
    platform_file::PlatformFile,
    size,
    source::{Given, Value},
};
use crate::{
    courier::Reach,
    desk::DeskKey,
    http::{TrustedProxies, identity::IdentityPath},
    telemetry::LogLevel,
};

/// The longest wait before closing: longer than any platform lets a program live on.
const WAIT_BEFORE_CLOSE_MAX_S: u64 = 3600;

/// The longest immutable period: a year. Longer would freeze everything at once.
const IMMUTABLE_PERIOD_MAX_MS: i64 = 365 * 24 * 3600 * 1000;

/// The longest transcription unless configured otherwise, in bytes (contract §8.1).
const TRANSCRIPTION_BYTES_MAX: usize = 50 * 1024 * 1024;

/// The largest file that people can send unless configured otherwise, in bytes.
const UPLOAD_BYTES_MAX: usize = 100 * 1024 * 1024;

/// Reads settings one by one and keeps what is wrong with them.
pub(super) struct Reader<'a> {
    given: &'a Given,
    pub(super) problems: Vec<String>,
    pub(super) notes: Vec<String>,
}

/// Reads and validates everything.
pub fn config(given: &Given) -> Result<Config, ConfigError> {
    let mut reader = Reader { given, problems: Vec::new(), notes: Vec::new() };
    let platform_file = reader.platform_file();
    let log_level = reader.log_level();
    let http = reader.http();
    let media = reader.media();
    if http.port != 0 && http.port == media.tcp_port {
        reader.problems.push(format!("HTTP_PORT and MEDIA_TCP_PORT are both {}: each needs its own", http.port));
    }
    let provider = outside::provider(&mut reader);
    let database = reader.database();
    if matches!(database, DatabaseSettings::Postgres(_)) && reader.text("LINK_SECRET").is_none() {
        reader.notes.push(
            "LINK_SECRET is not set, so links are sealed with a secret from DATA_DIR: several instances on one database \
             need the same one"
                .to_owned(),
        );
    }
    let data_dir = reader.text("DATA_DIR").map_or_else(|| PathBuf::from("data"), PathBuf::from);
    let config = Config {
        files: reader.files(&data_dir),
        data_dir,
        database,
        crud: outside::crud(&mut reader),
        directories: outside::directories(&mut reader, platform_file.custom_id),
        company_key: reader.secret("BANDYER_API_SECRET_KEY"),
        webhook_reach: if reader.flag("WEBHOOK_PRIVATE_ADDRESSES", false) { Reach::Everything } else { Reach::Public },
        link_secret: reader.read("LINK_SECRET", None, link_secret),
        desk: reader.flag("DESK", true),
        desk_key: reader.read("DESK_KEY", None, |text| {
            let key = SecretString::from(text.to_owned());
            DeskKey::new(key.clone()).map(|_| Some(key))
        }),
        policy: reader.policy(platform_file.privileges, &provider),
        provider,
        identity: platform_file.identity.unwrap_or_else(|| reader.identity()),
        headers: outside::headers(&mut reader),
        groups_with_background: platform_file.groups_with_background,
        brand: platform_file.brand,
        http,
        media,
        log_level,
        observability: reader.observability(),
        notes: reader.notes,
    };
    if reader.problems.is_empty() { Ok(config) } else { Err(ConfigError(reader.problems)) }
}

impl Reader<'_> {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.given.value(name).map(|value| value.text.trim())
    }

    pub(super) fn secret(&self, name: &str) -> Option<SecretString> {
        self.text(name).map(|text| SecretString::from(text.to_owned()))
    }

    /// The value as `read` makes it; if that fails, the problem is kept and the default holds for the rest of the reading.
    pub(super) fn read<T, E: Display>(&mut self, name: &str, default: T, read: impl FnOnce(&str) -> Result<T, E>) -> T {
        let Some(Value { text, place }) = self.given.value(name) else { return default };
        match read(text.trim()) {
            Ok(value) => value,
            Err(problem) => {
                self.problems.push(format!("{place} {problem}"));
                default
            }
        }
    }

    fn number<T: FromStr + PartialOrd + Display + Copy>(&mut self, name: &str, default: T, min: T, max: T) -> T {
        self.read(name, default, |text| {
            let number = text.parse().ok().filter(|number| (min..=max).contains(number));
            number.ok_or_else(|| format!("must be a whole number from {min} to {max}, not {text:?}"))
        })
    }

    fn flag(&mut self, name: &str, default: bool) -> bool {
        self.read(name, default, |text| match text {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(format!("must be true or false, not {text:?}")),
        })
    }

    fn log_level(&mut self) -> LogLevel {
        let Some(Value { text, place }) = self.given.value("LOG_LEVEL") else { return LogLevel::default() };
        LogLevel::parse(text.trim()).unwrap_or_else(|| {
            self.notes.push(format!("{place} is {text:?}, which is no level: info is used"));
            LogLevel::default()
        })
    }

    fn platform_file(&mut self) -> PlatformFile {
        let default = PlatformFile::default();
        let Some(Value { text, place }) = self.given.value("TELECONSULTATION_SERVICE_CONFIG_PATH") else {
            return default;
        };
        match platform_file::read(text.trim()) {
            Ok(file) => {
                self.notes.extend(file.notes.iter().map(|note| format!("{place}: {note}")));
                file
            }
            Err(problem) => {
                self.problems.push(format!("{place}: {problem}"));
                default
            }
        }
    }

    fn http(&mut self) -> HttpConfig {
        let host = self.text("HTTP_HOST").unwrap_or("localhost").to_owned();
        let public_url = self.read("PUBLIC_URL", None, |text| public_url(text).map(Some));
        // With Kaleyra Video, links lead there.
        let own_links = self.text("BANDYER_BASE_URL").is_none();
        if !is_loopback(&host) && public_url.is_none() && own_links {
            self.notes.push(
                "PUBLIC_URL is not set, so personal links lead to http://localhost although HTTP_HOST lets others in"
                    .to_owned(),
            );
        }
        if public_url.as_ref().is_some_and(|url| url.scheme() == "http" && !url.host_str().is_some_and(is_loopback)) {
            self.notes.push(
                "PUBLIC_URL is not https: browsers will give the call page no camera and no microphone".to_owned(),
            );
        }
        HttpConfig {
            host,
            port: self.number("HTTP_PORT", 3000, 0, u16::MAX),
            public_url,
            authorities: ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"]
                .into_iter()
                .filter_map(|name| self.text(name).map(PathBuf::from))
                .collect(),
            service_prefix: self.read("SERVICE_PREFIX", None, service_prefix),
            trusted_proxies: self.read("TRUSTED_PROXIES", TrustedProxies::default(), |text| {
                TrustedProxies::parse(text).map_err(|problem| format!("must be a comma list: {problem}"))
            }),
            wait_before_close: Duration::from_secs(self.number(
                "WAIT_BEFORE_SERVER_CLOSE_SEC",
                10,
                0,
                WAIT_BEFORE_CLOSE_MAX_S,
            )),
        }
    }

    fn database(&mut self) -> DatabaseSettings {
        self.read("DATABASE_URL", DatabaseSettings::Sqlite(None), |text| match text.split_once(':') {
            Some(("sqlite", path)) => {
                let path = path.strip_prefix("//").unwrap_or(path);
                if path.is_empty() || path.ends_with('/') {
                    Err("must name a file after sqlite:".to_owned())
                } else if path == ":memory:" || path.starts_with("file:") || path.contains('?') {
                    // SQLite reads these as something else than a path: a database that is gone with its connection, or options.
                    Err(format!("must be sqlite: and the path of a file; {path:?} is more than a path"))
                } else {
                    Ok(DatabaseSettings::Sqlite(Some(path.into())))
                }
            }
            // The text is not shown: it may have a password in it.
            Some(("postgres" | "postgresql", _)) => match store_postgres::check_url(text) {
                Ok(()) => Ok(DatabaseSettings::Postgres(SecretString::from(text.to_owned()))),
                Err(problem) => Err(problem.to_string()),
            },
            Some(_) | None => {
                Err("must be sqlite: and the path of a file, or the address of a PostgreSQL database".to_owned())
            }
        })
    }

    fn files(&mut self, data_dir: &Path) -> FilesSettings {
        let size_max = self.read("UPLOAD_MAX_FILE_SIZE", UPLOAD_BYTES_MAX, size::bytes);
        FilesSettings {
            place: self.read("FILES_URL", Place::Folder(data_dir.join("files")), Place::parse),
            size_max: u64::try_from(size_max).unwrap_or(u64::MAX),
        }
    }

    fn media(&mut self) -> MediaSettings {
        let key = self.text("LIVEKIT_API_KEY").map(str::to_owned);
        let secret = self.text("LIVEKIT_API_SECRET").map(|text| SecretString::from(text.to_owned()));
        let livekit = match (key, secret) {
            (Some(key), Some(secret)) => match livekit_proto::ApiKey::new(key.clone(), &secret) {
                Ok(_) => Some((key, secret)),
                Err(error) => {
                    self.problems.push(format!("LIVEKIT_API_KEY and LIVEKIT_API_SECRET cannot be used: {error}"));
                    None
                }
            },
            (None, None) => None,
            (Some(_), None) => {
                self.problems.push("LIVEKIT_API_KEY is set without LIVEKIT_API_SECRET: set both or none".to_owned());
                None
            }
            (None, Some(_)) => {
                self.problems.push("LIVEKIT_API_SECRET is set without LIVEKIT_API_KEY: set both or none".to_owned());
                None
            }
        };
        MediaSettings {
            udp_port: self.number("MEDIA_UDP_PORT", 7882, 0, u16::MAX),
            tcp_port: self.number("MEDIA_TCP_PORT", 7881, 0, u16::MAX),
            advertised_ips: self.read("MEDIA_ADVERTISED_IPS", Vec::new(), advertised_ips),
            livekit,
            room_auto_create: self.flag("MEDIA_ROOM_AUTO_CREATE", false),
            waiting_room: self.flag("WAITING_ROOM", true),
        }
    }

    fn policy(&mut self, privileges: Option<Privileges>, provider: &ProviderSettings) -> Policy {
        let milliseconds = self.number("IMMUTABLE_PERIOD_MS", 0, 0, IMMUTABLE_PERIOD_MAX_MS);
        Policy {
            privileges: privileges.unwrap_or_else(default_privileges),
            immutable_period: SignedDuration::from_millis(milliseconds),
            unlimited: self.flag("UNLIMITED_TELECONSULTATION", true),
            live: self.flag("LIVE_TELECONSULTATION", true),
            recording: self.read("DEFAULT_RECORDING_TYPE", Recording::None, |text| match text {
                "none" => Ok(Recording::None),
                "manual" | "automatic" if matches!(provider, ProviderSettings::Embedded) => Err(format!(
                    "is {text}, but this program itself does not record calls yet: use none, or Kaleyra Video"
                )),
                "manual" => Ok(Recording::Manual),
                "automatic" => Ok(Recording::Automatic),
                _ => Err(format!("must be none, manual or automatic, not {text:?}")),
            }),
            delete_uploads: self.flag("TELECONSULTATION_DELETE_UPLOADS", false),
            transcription_bytes_max: self.read("TRANSCRIPTION_MAX_FILE_SIZE", TRANSCRIPTION_BYTES_MAX, size::bytes),
        }
    }

    fn identity(&mut self) -> IdentityPath {
        let default = IdentityPath::header("miauserid");
        self.read("USERID_HEADER_KEY", default, |text| match HeaderName::from_str(text) {
            Ok(name) => Ok(IdentityPath::header(name.as_str())),
            Err(_) => Err(format!("must be the name of a header, not {text:?}")),
        })
    }
}

/// The built-in `privileges` (contract §8.2).
fn default_privileges() -> Privileges {
    let role = |group: &str| RolePrivileges {
        // Both names are short and printable.
        groups: GroupName::parse(group).into_iter().collect(),
        tools: Tools::all(),
    };
    Privileges { basic: role("patient"), plus: role("doctor") }
}

/// Whether only this machine reaches the host.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn public_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("must be a URL such as https://visits.example.org: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("must begin with https:// or http:// and a host".to_owned());
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("must end after the host and port: the pages are at its root".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not have a user or password in it".to_owned());
    }
    Ok(url)
}

/// `mia-platform.md` §3.1: segments of lower-case letters, digits and inner dashes.
fn service_prefix(text: &str) -> Result<Option<String>, &'static str> {
    let trimmed = text.trim_end_matches('/');
    if trimmed.is_empty() && text.starts_with('/') {
        return Ok(None);
    }
    let segment_ok = |segment: &str| {
        !segment.is_empty()
            && !segment.starts_with('-')
            && !segment.ends_with('-')
            && segment.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    match trimmed.strip_prefix('/') {
        Some("telecons-fe") => Err("must not be /telecons-fe: a page has its place there"),
        Some(rest) if rest.split('/').all(segment_ok) => Ok(Some(trimmed.to_owned())),
        Some(_) | None => {
            Err("is no valid prefix: it must begin with / and have lower-case letters, digits and dashes")
        }
    }
}

/// 32 bytes as 64 hexadecimal digits. The text is not shown: it is secret.
fn link_secret(text: &str) -> Result<Option<[u8; 32]>, &'static str> {
    let mut secret = [0; 32];
    match hex::decode_to_slice(text, &mut secret) {
        Ok(()) => Ok(Some(secret)),
        Err(_) => Err("must be 64 hexadecimal digits, such as `openssl rand -hex 32` prints"),
    }
}

fn advertised_ips(text: &str) -> Result<Vec<IpAddr>, String> {
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let parse =
        |entry: &str| entry.parse().map_err(|_| format!("must be a comma list of IP addresses; {entry:?} is none"));
    let addresses: Vec<IpAddr> = entries.map(parse).collect::<Result<_, _>>()?;
    match addresses.iter().find(|address| address.is_unspecified() || address.is_multicast()) {
        Some(address) => Err(format!("has {address}, to which nobody can send")),
        None => Ok(addresses),
    }
}
