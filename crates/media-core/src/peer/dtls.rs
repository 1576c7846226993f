//! DTLS as str0m has it, but for one thing: its configuration is made once.
//!
//! Whenever one is made, all algorithms are tried on known answers. That takes some milliseconds, more than the rest of a join,
//! in which an engine does nothing else; once is enough.

use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

use str0m::crypto::{
    CryptoError, CryptoProvider,
    dtls::{DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, ProtocolVersion},
};

/// The algorithms that str0m is built with, and DTLS made here.
pub(super) fn crypto() -> Arc<CryptoProvider> {
    let built_in = str0m::crypto::from_feature_flags();
    Arc::new(CryptoProvider { dtls_provider: &Provider, ..built_in })
}

/// Makes DTLS connections.
#[derive(Debug)]
struct Provider;

/// The configuration that all peers have, and the size of datagrams that it was made for.
static CONFIG: OnceLock<(Option<usize>, Arc<dimpl::Config>)> = OnceLock::new();

fn config(mtu: Option<usize>) -> Result<Arc<dimpl::Config>, CryptoError> {
    if let Some((made_for, config)) = CONFIG.get()
        && *made_for == mtu
    {
        return Ok(Arc::clone(config));
    }
    // ICE has shown that the peer is where it says it is before DTLS begins, so cookies would show nothing more.
    let mut builder = dimpl::Config::builder().use_server_cookie(false);
    if let Some(mtu) = mtu {
        builder = builder.mtu(mtu);
    }
    let config = builder.build().map_err(|error| CryptoError::Other(format!("no DTLS configuration: {error}")))?;
    let config = Arc::new(config);
    // Somebody else may have been first, with the same.
    let _kept = CONFIG.set((mtu, Arc::clone(&config)));
    Ok(config)
}

impl DtlsProvider for Provider {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        str0m::crypto::from_feature_flags().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let (config, cert) = (config(mtu)?, cert.clone());
        let dtls = match version {
            DtlsVersion::Dtls12 => dimpl::Dtls::new_12(config, cert, now),
            DtlsVersion::Dtls13 => dimpl::Dtls::new_13(config, cert, now),
            DtlsVersion::Auto => dimpl::Dtls::new_auto(config, cert, now),
            _ => return Err(CryptoError::Other(format!("no such version of DTLS: {version}"))),
        };
        Ok(Box::new(Connection(dtls)))
    }
}

/// A DTLS connection.
struct Connection(dimpl::Dtls);

impl std::fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Connection").finish_non_exhaustive()
    }
}

impl DtlsInstance for Connection {
    fn set_active(&mut self, active: bool) {
        self.0.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.0.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buffer: &'a mut [u8]) -> DtlsOutput<'a> {
        self.0.poll_output(buffer)
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.0.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.0.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.0.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.0.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.0.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.0.close()
    }
}
