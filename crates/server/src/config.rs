//! Settings: defaults, then one file of our own, then the environment; read once into one value that is never read again.
//!
//! The platform's `config.json` (contract §8.2) is a further file, with the roles and tools.

mod brand;
mod listing;
mod observability;
mod outside;
mod platform_file;
mod read;
mod settings;
mod size;
mod source;

use std::{net::IpAddr, path::PathBuf, time::Duration};

use app::Policy;
use domain::GroupName;
use kaleyra_video::BaseUrl;
use platform::Address;
use secrecy::SecretString;
use url::Url;

pub use listing::markdown;
pub use observability::ObservabilityConfig;
pub use read::is_loopback;

use crate::{
    courier::Reach,
    http::{TrustedProxies, brand::Brand, forward::PlatformHeaders, identity::IdentityPath},
    telemetry::LogLevel,
};

/// All that the program is told, validated as a whole.
#[derive(Debug)]
pub struct Config {
    /// Where HTTP listens.
    pub http: HttpConfig,
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// Where records are kept.
    pub database: DatabaseSettings,
    /// Where the files lie that people send, and how large they may be.
    pub files: FilesSettings,
    /// The CRUD Service that keeps teleconsultations, if one does.
    pub crud: Option<CrudSettings>,
    /// Who makes rooms and carries calls.
    pub provider: ProviderSettings,
    /// The key of the company at the video provider; `None`: generated, if it is needed.
    pub company_key: Option<SecretString>,
    /// Where webhooks and the provider of names may be.
    pub webhook_reach: Reach,
    /// What links are made and sealed with; `None`: generated, if it is needed.
    pub link_secret: Option<[u8; 32]>,
    /// Whether there is a reception desk.
    pub desk: bool,
    /// Its key; `None`: generated, if it can be kept.
    pub desk_key: Option<SecretString>,
    /// The directories that know people, if there are any.
    pub directories: Option<DirectorySettings>,
    /// What the platform's headers are called.
    pub headers: PlatformHeaders,
    /// The colours and the logo of the pages.
    pub brand: Brand,
    /// Whose camera starts with the company's virtual background.
    pub groups_with_background: Vec<GroupName>,
    /// How media are carried.
    pub media: MediaSettings,
    /// The rules of teleconsultations.
    pub policy: Policy,
    /// Where requests say who calls.
    pub identity: IdentityPath,
    /// What is logged.
    pub log_level: LogLevel,
    /// What the program tells of itself beside its log.
    pub observability: ObservabilityConfig,
    /// What was accepted and has no effect, or is probably not meant: for the operator to read, not a reason not to start.
    pub notes: Vec<String>,
}

/// Where records are kept: all of them, or those of the video service where a CRUD Service keeps teleconsultations.
#[derive(Debug)]
pub enum DatabaseSettings {
    /// A SQLite file; `None`: the usual one in the data folder.
    Sqlite(Option<PathBuf>),
    /// A PostgreSQL database, by its address.
    Postgres(SecretString),
}

/// The files that people send in calls that this program carries itself.
#[derive(Debug, Clone)]
pub struct FilesSettings {
    /// Where they lie.
    pub place: store_files::Place,
    /// The most bytes that one may have.
    pub size_max: u64,
}

/// The platform's CRUD Service as the store of teleconsultations (contract §10).
#[derive(Debug, Clone)]
pub struct CrudSettings {
    /// Where it is.
    pub service: Address,
    /// The collection of teleconsultations.
    pub teleconsultations: String,
    /// The collection that says who is whom at the video provider.
    pub user_id_map: String,
}

/// Who makes rooms and carries calls.
#[derive(Debug)]
pub enum ProviderSettings {
    /// This program.
    Embedded,
    /// Kaleyra Video, or who speaks its API.
    Kaleyra {
        /// Where it is.
        base_url: BaseUrl,
        /// The company's key.
        api_key: SecretString,
    },
}

/// The directories that know the people whom callers name (contract §3).
#[derive(Debug)]
pub struct DirectorySettings {
    /// The identity provider's users.
    pub users: Address,
    /// The kind of client towards it, for callers that have none.
    pub default_client_type: Option<String>,
    /// Where callers name people by ids of their own.
    pub custom_ids: Option<CustomIdSettings>,
}

/// Where ids of a project's own are looked up.
#[derive(Debug)]
pub struct CustomIdSettings {
    /// The project's users.
    pub users: Address,
    /// The field with the id that callers send.
    pub source: String,
    /// The field with the id at the identity provider.
    pub target: String,
}

/// Where HTTP listens and what it believes.
#[derive(Debug)]
pub struct HttpConfig {
    /// An address or a host name; `localhost` is both loopback addresses.
    pub host: String,
    /// The port; 0: any.
    pub port: u16,
    /// Where people reach the pages; `None`: on this machine, at the port in use.
    pub public_url: Option<Url>,
    /// PEM files with further authorities that are trusted: those of the network around.
    pub authorities: Vec<PathBuf>,
    /// A further prefix of the API.
    pub service_prefix: Option<String>,
    /// Whose word about a client's address counts.
    pub trusted_proxies: TrustedProxies,
    /// How long the program still serves after it was told to end.
    pub wait_before_close: Duration,
}

/// How media are carried.
#[derive(Debug)]
pub struct MediaSettings {
    /// The UDP port; 0: any.
    pub udp_port: u16,
    /// The TCP port; 0: any.
    pub tcp_port: u16,
    /// The addresses that browsers are told; none: this machine's own.
    pub advertised_ips: Vec<IpAddr>,
    /// The key that signs access tokens and its secret; `None`: generated.
    pub livekit: Option<(String, SecretString)>,
    /// Whether any token opens its room.
    pub room_auto_create: bool,
    /// Whether those who are no admins have to be let in.
    pub waiting_room: bool,
}

/// Settings that the program cannot start with, one sentence each.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(pub Vec<String>);

impl Config {
    /// Reads and validates all settings. `environment` has the variables of the process.
    pub fn load(environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        read::config(&source::Given::gather(environment)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(settings: &[(&str, &str)]) -> Result<Config, String> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Config::load(settings.iter().map(owned)).map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_needs_to_be_set() {
        let config = load(&[]).unwrap();
        assert_eq!((config.http.host.as_str(), config.http.port), ("localhost", 3000));
        assert_eq!((config.media.udp_port, config.media.tcp_port), (7882, 7881));
        assert!(config.policy.unlimited && config.policy.live && config.notes.is_empty());
        let roles = [&config.policy.privileges.basic, &config.policy.privileges.plus];
        let groups = roles.map(|role| role.groups.iter().map(GroupName::as_str).collect::<Vec<_>>());
        assert_eq!(groups, [["patient"], ["doctor"]]);
    }

    #[test]
    fn what_is_wrong_is_named_with_what_would_be_right() {
        for (settings, problem) in [
            (&[("HTTP_PORT", "70000")][..], "HTTP_PORT must be a whole number from 0 to 65535, not \"70000\""),
            (&[("UNLIMITED_TELECONSULTATION", "yes")], "UNLIMITED_TELECONSULTATION must be true or false, not \"yes\""),
            (&[("IMMUTABLE_PERIOD_MS", "-1")], "IMMUTABLE_PERIOD_MS must be a whole number from 0 to 31536000000"),
            (&[("PUBLIC_URL", "visits.example.org")], "PUBLIC_URL must be a URL such as https://visits.example.org"),
            (&[("PUBLIC_URL", "https://a.example/path")], "PUBLIC_URL must end after the host and port"),
            (&[("PUBLIC_URL", "ftp://a.example")], "PUBLIC_URL must begin with https:// or http://"),
            (&[("SERVICE_PREFIX", "/-a")], "SERVICE_PREFIX is no valid prefix"),
            (
                &[("SERVICE_PREFIX", "/telecons-fe/")],
                "SERVICE_PREFIX must not be /telecons-fe: a page has its place there",
            ),
            (
                &[("DATABASE_URL", "postgres://u:hunter2@db:port/x")],
                "DATABASE_URL must be postgres://user:password@host:port/database",
            ),
            (&[("DATABASE_URL", "sqlite:")], "DATABASE_URL must name a file after sqlite:"),
            (&[("DATABASE_URL", "sqlite:///var/lib/")], "DATABASE_URL must name a file after sqlite:"),
            (
                &[("DATABASE_URL", "sqlite::memory:")],
                "DATABASE_URL must be sqlite: and the path of a file; \":memory:\"",
            ),
            (
                &[("DATABASE_URL", "sqlite://a.db?mode=rwc")],
                "DATABASE_URL must be sqlite: and the path of a file; \"a.db",
            ),
            (
                &[("DATABASE_URL", "sqlite:file:a.db")],
                "DATABASE_URL must be sqlite: and the path of a file; \"file:a.db\"",
            ),
            (&[("DATABASE_URL", "mysql://u:hunter2@db/x")], "DATABASE_URL must be sqlite: and the path of a file"),
            (
                &[("MEDIA_ADVERTISED_IPS", "203.0.113.7, host")],
                "MEDIA_ADVERTISED_IPS must be a comma list of IP addresses; \"host\" is none",
            ),
            (&[("MEDIA_ADVERTISED_IPS", "0.0.0.0")], "MEDIA_ADVERTISED_IPS has 0.0.0.0, to which nobody can send"),
            (&[("LIVEKIT_API_KEY", "k")], "LIVEKIT_API_KEY is set without LIVEKIT_API_SECRET: set both or none"),
            (
                &[("LIVEKIT_API_KEY", "k"), ("LIVEKIT_API_SECRET", "short")],
                "LIVEKIT_API_KEY and LIVEKIT_API_SECRET cannot be used",
            ),
            (&[("HTTP_PORT", "7881")], "HTTP_PORT and MEDIA_TCP_PORT are both 7881: each needs its own"),
            (
                &[("DEFAULT_RECORDING_TYPE", "manual")],
                "DEFAULT_RECORDING_TYPE is manual, but this program itself does not record calls yet",
            ),
            (&[("DEFAULT_RECORDING_TYPE", "always")], "DEFAULT_RECORDING_TYPE must be none, manual or automatic"),
            (&[("AUTH_SERVICE", "ftp://auth")], "AUTH_SERVICE must be a host name or a URL"),
            (&[("AUTH_SERVICE", "http://me:hunter2@auth")], "AUTH_SERVICE must not have a user, a password"),
            (
                &[("CUSTOM_ID_USERS_API_ENDPOINT", "http://users/")],
                "CUSTOM_ID_USERS_API_ENDPOINT is set without AUTH_SERVICE",
            ),
            (
                &[("USER_MAP_ID_CRUD_NAME", "/x")],
                "USER_ID_MAP_CRUD_NAME is set without TELECONSULTATIONS_CRUD_NAME: a CRUD Service needs both",
            ),
            (
                &[("TELECONSULTATIONS_CRUD_NAME", "a/../b"), ("USER_ID_MAP_CRUD_NAME", "/x")],
                "TELECONSULTATIONS_CRUD_NAME must be the path of a collection",
            ),
            (
                &[("BANDYER_BASE_URL", "https://api.sandbox.eu.bandyer.com")],
                "BANDYER_BASE_URL is set without BANDYER_API_SECRET_KEY",
            ),
            (
                &[("BANDYER_BASE_URL", "https://u:hunter2@host"), ("BANDYER_API_SECRET_KEY", "ak")],
                "BANDYER_BASE_URL cannot be used: the base URL must not have a user",
            ),
            (&[("DESK_KEY", "hunter2")], "DESK_KEY must have 16 to 256 letters, digits and signs without blanks"),
            (&[("DESK", "maybe")], "DESK must be true or false, not \"maybe\""),
            (&[("LINK_SECRET", "hunter2")], "LINK_SECRET must be 64 hexadecimal digits"),
            (&[("ADDITIONAL_HEADERS_TO_PROXY", "cookie, a b")], "ADDITIONAL_HEADERS_TO_PROXY must be a comma list"),
            (&[("CLIENTTYPE_HEADER_KEY", "client type")], "CLIENTTYPE_HEADER_KEY must be the name of a header"),
            (&[("PUBLIC_URL", "{{PUBLIC_URL}}")], "PUBLIC_URL has {{PUBLIC_URL}}, a placeholder that was not replaced"),
            (&[("DATABASE_URL", "postgres://u:hunter2@{{HOST}}/x")], "DATABASE_URL has {{HOST}}, a placeholder"),
            (
                &[("TRANSCRIPTION_MAX_FILE_SIZE", "much")],
                "TRANSCRIPTION_MAX_FILE_SIZE must be a size from 1B to 1GB, such as 50MB, not \"much\"",
            ),
            (&[("TRUSTED_PROXIES", "10.0.0.0/40")], "TRUSTED_PROXIES must be a comma list"),
            (
                &[("TELECONSULTATION_SERVICE_CONFIG_PATH", "/nowhere/config.json")],
                "TELECONSULTATION_SERVICE_CONFIG_PATH: the file /nowhere/config.json cannot be read",
            ),
            (
                &[("WAIT_BEFORE_SERVER_CLOSE_SEC", "1"), ("DELAY_SHUTDOWN_SECONDS", "2")],
                "WAIT_BEFORE_SERVER_CLOSE_SEC and DELAY_SHUTDOWN_SECONDS are both set",
            ),
        ] {
            let said = load(settings).unwrap_err();
            assert!(said.starts_with(problem), "{said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }

    #[test]
    fn every_problem_is_said_at_once() {
        let said = load(&[("HTTP_PORT", "x"), ("LIVE_TELECONSULTATION", "x")]).unwrap_err();
        assert_eq!(said.lines().count(), 2, "{said}");
    }

    #[test]
    fn the_shipped_environment_of_a_platform_without_other_services_is_accepted() {
        let config = load(&[
            ("LOG_LEVEL", "trace"),
            ("MICROSERVICE_GATEWAY_SERVICE_NAME", "microservice-gateway"),
            ("USERID_HEADER_KEY", "miauserid"),
            ("GROUPS_HEADER_KEY", "miausergroups"),
            ("TRUSTED_PROXIES", "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"),
            ("AUTH_SERVICE", ""),
            ("UNLIMITED_TELECONSULTATION", "0"),
            ("SOMETHING_ELSE", "x"),
        ]);
        assert!(!config.unwrap().policy.unlimited);
    }

    #[test]
    fn a_file_of_ours_comes_before_defaults_and_after_the_environment_and_knows_its_keys() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        let with = |text: &str, settings: &[(&str, &str)]| {
            std::fs::write(&path, text).unwrap();
            load(&[&[("TELECONSULTATION_SETTINGS_PATH", path.to_str().unwrap())], settings].concat())
        };
        let config = with(
            r#"{"HTTP_PORT": 8080, "LIVE_TELECONSULTATION": false, "IMMUTABLE_PERIOD_MS": "7"}"#,
            &[("HTTP_PORT", "9090")],
        );
        let config = config.unwrap();
        assert_eq!((config.http.port, config.policy.live), (9090, false));
        let said = with(r#"{"HTTP_PROT": 8080}"#, &[]).unwrap_err();
        assert!(said.starts_with("HTTP_PROT in ") && said.ends_with("is no setting; is HTTP_PORT meant?"), "{said}");
        let said = with(r#"{"HTTP_PORT": [1]}"#, &[]).unwrap_err();
        assert!(said.ends_with("must be a text, a number, true or false"), "{said}");
        let said = with(r#"{"HTTP_PORT": "many"}"#, &[]).unwrap_err();
        assert!(said.starts_with("HTTP_PORT in ") && said.contains("must be a whole number"), "{said}");
        assert!(with("[", &[]).unwrap_err().contains("is not one JSON object"));
    }

    #[test]
    fn a_secret_can_be_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "0123456789abcdef0123456789abcdef\n").unwrap();
        let file = ("LIVEKIT_API_SECRET_FILE", path.to_str().unwrap());
        assert!(load(&[("LIVEKIT_API_KEY", "key"), file]).unwrap().media.livekit.is_some());
        let both =
            load(&[("LIVEKIT_API_KEY", "key"), ("LIVEKIT_API_SECRET", "another secret text"), file]).unwrap_err();
        assert!(both.starts_with("LIVEKIT_API_SECRET and LIVEKIT_API_SECRET_FILE are both set"), "{both}");
        let missing = load(&[("LIVEKIT_API_KEY", "key"), ("LIVEKIT_API_SECRET_FILE", "/nowhere")]).unwrap_err();
        assert!(missing.starts_with("LIVEKIT_API_SECRET_FILE: the file /nowhere cannot be read"), "{missing}");
    }

    #[test]
    fn services_around_are_where_the_settings_say() {
        let config = load(&[
            ("CRUD_SERVICE", "crud"),
            ("TELECONSULTATIONS_CRUD_NAME", "/calls/"),
            ("USER_ID_MAP_CRUD_NAME", "maps"),
            ("AUTH_SERVICE", "auth0-client.ns.svc.cluster.local"),
            ("BANDYER_BASE_URL", "https://acme.bandyer.com"),
            ("BANDYER_API_SECRET_KEY", "ak_live_1"),
            ("ADDITIONAL_HEADERS_TO_PROXY", "Cookie,host"),
            ("DEFAULT_RECORDING_TYPE", "automatic"),
        ]);
        let config = config.unwrap();
        assert_eq!(config.crud.unwrap().service.to_string(), "http://crud/");
        assert_eq!(config.directories.unwrap().users.to_string(), "http://auth0-client.ns.svc.cluster.local/");
        assert!(matches!(config.provider, ProviderSettings::Kaleyra { .. }));
        assert_eq!(config.headers.additional, ["cookie"]);
        assert!(config.notes[0].starts_with("ADDITIONAL_HEADERS_TO_PROXY has host, which"), "{:?}", config.notes);
        let usual = load(&[("TELECONSULTATIONS_CRUD_NAME", "/a"), ("USER_ID_MAP_CRUD_NAME", "/b")]).unwrap();
        assert_eq!(usual.crud.unwrap().service.to_string(), "http://crud-service/");
    }

    #[test]
    fn what_is_probably_not_meant_is_noted() {
        assert!(load(&[("HTTP_HOST", "0.0.0.0")]).unwrap().notes[0].starts_with("PUBLIC_URL is not set"));
        let kaleyra =
            [("BANDYER_BASE_URL", "https://api.sandbox.eu.bandyer.com"), ("BANDYER_API_SECRET_KEY", "ak_live_1")];
        assert_eq!(load(&[("HTTP_HOST", "0.0.0.0"), kaleyra[0], kaleyra[1]]).unwrap().notes, Vec::<String>::new());
        assert!(load(&[("PUBLIC_URL", "http://a.example")]).unwrap().notes[0].starts_with("PUBLIC_URL is not https"));
        let postgres = load(&[("DATABASE_URL", "postgres://u:hunter2@db/x")]).unwrap();
        assert!(postgres.notes[0].starts_with("LINK_SECRET is not set"));
        assert!(load(&[("LOG_LEVEL", "loud")]).unwrap().notes[0].starts_with("LOG_LEVEL is \"loud\""));
    }
}
