//! Settings: defaults, then one file of our own, then the environment; read once into one value that is never read again.
//!
//! The platform's `config.json` (contract §8.2) is a further file, with the roles and tools.

mod listing;
mod platform_file;
mod read;
mod settings;
mod source;

use std::{net::IpAddr, path::PathBuf, time::Duration};

use app::Policy;
use secrecy::SecretString;
use url::Url;

pub use listing::markdown;
pub use read::is_loopback;

use crate::{
    http::{TrustedProxies, identity::IdentityPath},
    telemetry::LogLevel,
};

/// All that the program is told, validated as a whole.
#[derive(Debug)]
pub struct Config {
    /// Where HTTP listens.
    pub http: HttpConfig,
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// The SQLite file; `None`: the usual one in `data_dir`.
    pub database: Option<PathBuf>,
    /// How media are carried.
    pub media: MediaSettings,
    /// The rules of teleconsultations.
    pub policy: Policy,
    /// Where requests say who calls.
    pub identity: IdentityPath,
    /// What is logged.
    pub log_level: LogLevel,
    /// What was accepted and has no effect, or is probably not meant: for the operator to read, not a reason not to start.
    pub notes: Vec<String>,
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
