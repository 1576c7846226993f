//! How peer connections are made: what all of an engine's have in common.

use std::sync::Arc;

use str0m::{
    Candidate,
    config::{CryptoProvider, DtlsCert},
    net::TcpType,
};

use super::dtls;
use crate::{EngineConfig, random::Random};

/// What every peer connection of an engine shares.
#[derive(Debug)]
pub(crate) struct PeerConfig {
    pub(super) crypto: Arc<CryptoProvider>,
    pub(super) certificate: Option<DtlsCert>,
    ufrag_prefix: String,
    pub(super) candidates: Vec<Candidate>,
}

impl PeerConfig {
    /// Takes the engine's part. Candidate addresses that no peer could use are left out.
    pub fn new(config: &EngineConfig) -> Self {
        let udp = config.udp_candidates.iter().filter_map(|address| Candidate::host(*address, "udp").ok());
        let tcp = config
            .tcp_candidates
            .iter()
            .filter_map(|address| Candidate::builder().tcp().host(*address).tcptype(TcpType::Passive).build().ok());
        let crypto = dtls::crypto();
        Self {
            // One certificate for all: making one costs more than the rest of a join together.
            certificate: crypto.dtls_provider.generate_certificate(),
            crypto,
            ufrag_prefix: config.ice_ufrag_prefix.clone(),
            candidates: udp.chain(tcp).collect(),
        }
    }

    /// Fresh ICE credentials that the shell can route by.
    pub(super) fn credentials(&self, random: &mut Random) -> str0m::IceCreds {
        let fresh = str0m::IceCreds::new();
        // The name may be guessed, the password not: it stays str0m's.
        str0m::IceCreds { ufrag: format!("{}{}", self.ufrag_prefix, random.sid("")), pass: fresh.pass }
    }
}
