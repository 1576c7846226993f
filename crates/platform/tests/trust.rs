//! Which services are trusted, against real ones over TLS.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::{fs, path::PathBuf, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use teleconsultation_platform::{Address, Authorities, Outbound, OutboundError, PlatformError, Request, Service};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

/// A service with a certificate that it signed itself, and the certificate as PEM.
async fn start() -> (Address, String) {
    let identity = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
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
    let address = Address::parse(&format!("https://localhost:{port}")).unwrap();
    (address, format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----"))
}

fn file(directory: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = directory.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

async fn call(address: &Address, authorities: &Authorities) -> Result<(), PlatformError> {
    let service = Service::new("the thing service", address.clone(), Outbound::new(authorities).unwrap());
    service.call(Request::get("see things")).await.map(drop)
}

#[tokio::test]
async fn the_authorities_of_every_file_are_trusted_and_no_others() {
    let directory = TempDir::new().unwrap();
    let ((one, one_pem), (other, other_pem), (stranger, _)) = (start().await, start().await, start().await);
    let paths = [file(&directory, "ca.pem", &one_pem), file(&directory, "additional.pem", &other_pem)];
    let authorities = Authorities::read(&paths).unwrap();
    for address in [&one, &other] {
        call(address, &authorities).await.unwrap();
    }
    call(&stranger, &authorities).await.unwrap_err();
    call(&one, &Authorities::default()).await.unwrap_err();
    // Kaleyra's client takes them as one text.
    assert_eq!(authorities.pem(), format!("{one_pem}\n{other_pem}\n").as_bytes());
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("none.pem");
    let OutboundError::Certificates { path: named, .. } = Authorities::read(std::slice::from_ref(&path)).unwrap_err()
    else {
        panic!("another error")
    };
    assert_eq!(named, path.display().to_string());
}
