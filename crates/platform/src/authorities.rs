//! Whose certificates are trusted beside those of the system.

use std::path::PathBuf;

use reqwest::Certificate;

use crate::OutboundError;

/// Certificate authorities that are trusted beside the usual ones: those of the network that the program runs in.
#[derive(Debug, Clone, Default)]
pub struct Authorities {
    certificates: Vec<Certificate>,
    pem: Vec<u8>,
}

impl Authorities {
    /// Reads those of all PEM files, such as `NODE_EXTRA_CA_CERTS` and `SSL_CERT_FILE` name (`mia-platform.md` §2.3).
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or is no PEM file.
    pub fn read(paths: &[PathBuf]) -> Result<Self, OutboundError> {
        let mut authorities = Self::default();
        for path in paths {
            let unreadable = |source: Box<dyn std::error::Error + Send + Sync>| OutboundError::Certificates {
                path: path.display().to_string(),
                source,
            };
            let pem = std::fs::read(path).map_err(|error| unreadable(Box::new(error)))?;
            let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| unreadable(Box::new(error)))?;
            authorities.certificates.extend(certificates);
            authorities.pem.extend(pem);
            // The last line of a file need not end.
            authorities.pem.push(b'\n');
        }
        Ok(authorities)
    }

    /// The certificates, for an HTTP client.
    pub fn certificates(&self) -> impl Iterator<Item = Certificate> {
        self.certificates.iter().cloned()
    }

    /// All of them as one PEM text, empty if there are none.
    pub fn pem(&self) -> &[u8] {
        &self.pem
    }
}
