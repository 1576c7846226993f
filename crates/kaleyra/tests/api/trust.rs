//! Whose certificates are trusted.

use std::{net::SocketAddr, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kaleyra_video::{BaseUrl, Client, Effect, Error, Failure, Settings, Trust};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use crate::service::{API_KEY, Pauses};

/// Starts a TLS service that answers every request with an empty company, and returns its certificate.
async fn start() -> (SocketAddr, String) {
    let identity = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that does not trust the certificate hangs up in the middle.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut buffer = [0; 8192];
            if stream.read(&mut buffer).await.is_ok_and(|length| length > 0) {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}").await;
                let _ = stream.shutdown().await;
            }
        }
    });
    let der = STANDARD.encode(identity.cert.der());
    (address, format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n"))
}

fn client(address: SocketAddr, trust: Trust) -> Client {
    let base = BaseUrl::parse(&format!("https://localhost:{}/v2", address.port())).unwrap();
    let settings = Settings { trust, ..Settings::default() };
    Client::with_pause(base, &API_KEY.into(), settings, || 7, Pauses::default()).unwrap()
}

#[tokio::test]
async fn a_service_of_ones_own_is_trusted_by_its_certificate() {
    let (address, pem) = start().await;
    for trust in [Trust::OnlyPem, Trust::BundledAndPem] {
        let company = client(address, trust(pem.clone().into_bytes())).company().await.unwrap();
        assert_eq!(company.name, None);
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_not_trusted_and_the_key_stays_here() {
    let (address, _) = start().await;
    for trust in [Trust::Bundled, Trust::BundledAndPem(Vec::new())] {
        let error = client(address, trust).delete_user(&"ann.lee".into()).await.unwrap_err();
        let none = matches!(error, Error::Unavailable { effect: Effect::None, source: Failure::Connect(_), .. });
        assert!(none, "{error:?}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(API_KEY) && !shown.contains("ann.lee"), "{shown}");
    }
}
