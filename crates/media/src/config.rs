//! What the shell is told once.

use std::{io, net::IpAddr, num::NonZeroUsize};

use livekit_proto::ApiKey;

/// How media are to be carried.
#[derive(Debug)]
pub struct MediaConfig {
    /// The UDP port for all media; 0: any; `None`: media travel by TCP only.
    pub udp_port: Option<u16>,
    /// The TCP port for media of clients whose UDP is blocked; 0: any; `None`: by UDP only.
    pub tcp_port: Option<u16>,
    /// The addresses that clients are told to send to, best first. None: this machine's own, loopback last.
    pub advertised_ips: Vec<IpAddr>,
    /// Signs and checks access tokens.
    pub api_key: ApiKey,
    /// Whether a room that `Admission` does not know is opened for whoever has a token for it.
    pub room_auto_create: bool,
    /// How many threads carry media; `None`: one for each core.
    pub shards: Option<NonZeroUsize>,
}

/// The ports in use, for configurations that say 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoundPorts {
    /// For media by UDP.
    pub udp: Option<u16>,
    /// For media by TCP.
    pub tcp: Option<u16>,
}

/// Why the shell did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port is taken or not allowed.
    #[error("cannot listen on {transport} port {port} for media")]
    Port {
        /// `UDP` or `TCP`.
        transport: &'static str,
        /// Which.
        port: u16,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// There is no address to tell clients.
    #[error("this machine has no address that media could be sent to; set MEDIA_ADVERTISED_IPS")]
    NoAddress,
    /// Both transports are switched off.
    #[error("media need a UDP port, a TCP port, or both")]
    NoTransport,
    /// The system refused something else.
    #[error("cannot start carrying media")]
    System(#[source] io::Error),
}
