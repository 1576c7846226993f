//! The certificate that browsers are shown at `PUBLIC_URL`.

use std::{fs, io, path::Path, sync::Arc, time::Duration};

use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        self, CertificateError, ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};
use url::Url;

use super::Finding;
use crate::config::is_loopback;

/// The longest file of authorities, in bytes: twice what a whole system trusts.
const AUTHORITIES_BYTES_MAX: u64 = 1024 * 1024;

/// How long whoever is at `PUBLIC_URL` may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);

/// What was found. `roots` are the authorities that browsers trust.
pub async fn examine(public_url: Option<&Url>, roots: RootCertStore) -> Finding {
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
    let port = url.port_or_known_default().unwrap_or(443);
    match timeout(HANDSHAKE_TIMEOUT, handshake(host, port, roots)).await {
        Ok(Ok(())) => Finding::good(about, format!("{host}:{port} shows one that browsers trust")),
        Ok(Err(problem)) => Finding::bad(about, format!("{host}:{port} {problem}")),
        Err(_) => Finding::bad(
            about,
            format!("{host}:{port} does not answer in time: does it lead to your proxy, from this machine too?"),
        ),
    }
}

/// Adds the authorities of a PEM file.
pub fn trust(roots: &mut RootCertStore, path: &Path) -> Finding {
    let (about, shown) = ("authorities", path.display());
    match read_authorities(path) {
        Ok(authorities) => match roots.add_parsable_certificates(authorities) {
            (0, _) => Finding::bad(about, format!("{shown} has no certificate of an authority")),
            (added, 0) => Finding::good(about, format!("{added} more from {shown}")),
            (added, odd) => {
                Finding::doubtful(about, format!("{added} more from {shown}; {odd} in it are no authorities"))
            }
        },
        Err(problem) => Finding::bad(about, format!("{shown} {problem}")),
    }
}

fn read_authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let unreadable = |error: io::Error| format!("cannot be read: {error}");
    if fs::metadata(path).map_err(unreadable)?.len() > AUTHORITIES_BYTES_MAX {
        return Err(format!("is longer than {AUTHORITIES_BYTES_MAX} bytes"));
    }
    let pem = fs::read(path).map_err(unreadable)?;
    let read: Result<_, _> = CertificateDer::pem_slice_iter(&pem).collect();
    read.map_err(|error| format!("is no PEM file: {error}"))
}

async fn handshake(host: &str, port: u16, roots: RootCertStore) -> Result<(), String> {
    let host = host.trim_matches(['[', ']']);
    let name =
        ServerName::try_from(host.to_owned()).map_err(|_| "is no name that a certificate can have".to_owned())?;
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("cannot be tried: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect((host, port)).await;
    let stream = stream.map_err(|error| format!("cannot be reached ({error}): does it lead to your proxy?"))?;
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    connected.map(drop).map_err(|error| problem(&error))
}

/// What is wrong, and what to do.
fn problem(error: &io::Error) -> String {
    let tls = error.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>());
    let Some(rustls::Error::InvalidCertificate(certificate)) = tls else {
        return format!(
            "does not speak TLS as browsers do ({error}): does PUBLIC_URL lead to your proxy's https port?"
        );
    };
    #[expect(clippy::wildcard_enum_match_arm, reason = "the errors that have a remedy of their own; more may be added")]
    match certificate {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("shows one that has expired: renew it ({certificate})")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("shows one that is not valid yet: is this machine's clock right? ({certificate})")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("shows one of another name: get one for the name in PUBLIC_URL ({certificate})")
        }
        CertificateError::UnknownIssuer => {
            "shows one that no authority known to browsers has signed: it signed itself, or its intermediate certificates are missing, or \
             it is of your own authority, which every visitor's device must then trust"
                .to_owned()
        }
        _ => format!("shows one that browsers do not trust: replace it ({certificate})"),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
    use tokio::{io::AsyncWriteExt, net::TcpListener};
    use tokio_rustls::{
        TlsAcceptor,
        rustls::{ServerConfig, pki_types::PrivateKeyDer},
    };

    use super::*;
    use crate::doctor::Verdict;

    /// An authority that the test trusts.
    struct Authority {
        issuer: Issuer<'static, KeyPair>,
        pem: String,
        roots: RootCertStore,
    }

    impl Authority {
        fn new(name: &str) -> Self {
            let key = KeyPair::generate().unwrap();
            let mut params = CertificateParams::default();
            params.distinguished_name.push(DnType::CommonName, name);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            let mut roots = RootCertStore::empty();
            let certificate = params.self_signed(&key).unwrap();
            roots.add(certificate.der().clone()).unwrap();
            let base64 = base64::engine::general_purpose::STANDARD.encode(certificate.der());
            let pem = format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n");
            Self { issuer: Issuer::new(params, key), pem, roots }
        }
    }

    fn for_localhost(change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        change(&mut params);
        params
    }

    /// Serves TLS with the certificate, and returns what is found at `https://{host}`.
    async fn found(host: &str, params: CertificateParams, signed_by: Option<&Authority>, roots: &Authority) -> Finding {
        let key = KeyPair::generate().unwrap();
        let certificate = match signed_by {
            Some(authority) => params.signed_by(&key, &authority.issuer),
            None => params.self_signed(&key),
        };
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.unwrap().der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: Url = format!("https://{host}:{}", listener.local_addr().unwrap().port()).parse().unwrap();
        let serving = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            // A client that does not trust us hangs up: that is what is tested.
            if let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await {
                let _ = stream.shutdown().await;
            }
        });
        let finding = examine(Some(&url), roots.roots.clone()).await;
        serving.await.unwrap();
        finding
    }

    #[tokio::test]
    async fn one_that_is_valid_for_the_name_is_good() {
        let authority = Authority::new("known");
        let finding = found("localhost", for_localhost(|_| {}), Some(&authority), &authority).await;
        assert_eq!(finding.verdict, Verdict::Good, "{finding}");
    }

    #[tokio::test]
    async fn each_way_to_be_bad_has_its_remedy() {
        let (authority, stranger) = (Authority::new("known"), Authority::new("stranger"));
        let expired = for_localhost(|params| {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2002, 1, 1);
        });
        let future = for_localhost(|params| params.not_before = date_time_ymd(4000, 1, 1));
        for (host, params, signed_by, remedy) in [
            ("localhost", expired, Some(&authority), "shows one that has expired: renew it"),
            ("localhost", future, Some(&authority), "shows one that is not valid yet: is this machine's clock right?"),
            ("127.0.0.1", for_localhost(|_| {}), Some(&authority), "shows one of another name: get one for the name"),
            ("localhost", for_localhost(|_| {}), Some(&stranger), "shows one that no authority known to browsers"),
            ("localhost", for_localhost(|_| {}), None, "shows one that no authority known to browsers"),
        ] {
            let finding = found(host, params, signed_by, &authority).await;
            assert_eq!(finding.verdict, Verdict::Bad, "{finding}");
            assert!(finding.text.contains(remedy), "{finding}");
        }
    }

    #[tokio::test]
    async fn an_authority_of_ones_own_is_taken_for_good() {
        let (own, stranger) = (Authority::new("own"), Authority::new("stranger"));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, &own.pem).unwrap();
        let mut trusting = Authority { roots: RootCertStore::empty(), ..Authority::new("unused") };
        let added = trust(&mut trusting.roots, &path);
        assert_eq!(added.verdict, Verdict::Good, "{added}");
        let finding = found("localhost", for_localhost(|_| {}), Some(&own), &trusting).await;
        assert_eq!(finding.verdict, Verdict::Good, "{finding}");
        let finding = found("localhost", for_localhost(|_| {}), Some(&stranger), &trusting).await;
        assert_eq!(finding.verdict, Verdict::Bad, "{finding}");
    }

    #[test]
    fn a_file_without_authorities_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let said = |text: Option<&str>| {
            if let Some(text) = text {
                std::fs::write(&path, text).unwrap();
            }
            trust(&mut RootCertStore::empty(), &path)
        };
        for (text, problem) in [
            (None, "cannot be read"),
            (Some(""), "has no certificate"),
            (Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "has no certificate"),
            (Some("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"), "is no PEM file"),
        ] {
            let finding = said(text);
            assert!(finding.verdict == Verdict::Bad && finding.text.contains(problem), "{finding}");
        }
    }

    #[tokio::test]
    async fn a_place_where_nobody_speaks_tls_is_said() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: Url = format!("https://localhost:{}", listener.local_addr().unwrap().port()).parse().unwrap();
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
            listener
        });
        let plain = examine(Some(&url), RootCertStore::empty()).await;
        assert!(plain.text.contains("does not speak TLS"), "{plain}");
        drop(serving.await.unwrap());
        let nobody = examine(Some(&url), RootCertStore::empty()).await;
        assert!(nobody.text.contains("cannot be reached"), "{nobody}");
    }

    #[tokio::test]
    async fn without_https_only_this_machine_is_good() {
        let verdict = async |url: &str| examine(Some(&url.parse().unwrap()), RootCertStore::empty()).await.verdict;
        assert_eq!(verdict("http://localhost:3000").await, Verdict::Good);
        assert_eq!(verdict("http://visits.example.org").await, Verdict::Bad);
        assert_eq!(examine(None, RootCertStore::empty()).await.verdict, Verdict::Good);
    }
}
