//! The HTTP client below all calls.
//!
//! It is the one on which `reqwest` is built. What that adds, such as redirections and cookies, is not wanted here, and costs a read
//! on the CRUD Service a seventh of its instructions.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Uri;
use hyper_rustls::{HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio_rustls::rustls::{
    ClientConfig, Error as TlsError,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use tower::{BoxError, timeout::Timeout, util::BoxCloneSyncService};

use crate::{
    Authorities,
    outbound::{CONNECT_TIMEOUT, IDLE_TIMEOUT},
};

/// Sends requests over connections that it keeps. Clones share them.
pub(crate) type Connections = Client<Connector, Full<Bytes>>;

type Connector = BoxCloneSyncService<Uri, MaybeHttpsStream<TokioIo<TcpStream>>, BoxError>;

/// A client that trusts the certificate authorities of the system and these. It speaks HTTP/1.1.
pub(crate) fn connections(authorities: &Authorities) -> Result<Connections, TlsError> {
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    // Else it takes no other scheme.
    tcp.enforce_http(false);
    let https = HttpsConnectorBuilder::new().with_tls_config(tls(authorities)?).https_or_http().enable_http1();
    // The time counts to the end of the TLS handshake, before which nothing can have been done.
    let connector = Connector::new(Timeout::new(https.wrap_connector(tcp), CONNECT_TIMEOUT));
    let client = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .build(connector);
    Ok(client)
}

fn tls(authorities: &Authorities) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let own: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(authorities.pem()).collect();
    let own = own.map_err(|error| TlsError::General(error.to_string()))?;
    let verifier = Verifier::new_with_extra_roots(own, Arc::clone(&provider))?;
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}
