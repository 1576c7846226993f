//! Links to files: whoever has one can fetch the file, for some minutes.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use ports::content::{File, FileId};
use secrecy::ExposeSecret as _;
use sha2::Sha256;

use super::{FILES_PATH, FileError, Files};

/// How long a link works: long enough to open a video, short enough that one in a history or a log is worth nothing.
pub const LINK_VALID_FOR: Duration = Duration::from_mins(10);

/// A link to a file. Whoever has it can fetch the file, so it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedPath {
    /// Its path and query: `/call/files/file_…?expires=…&signature=…`.
    pub path: String,
    /// Until when it works.
    pub expires: Timestamp,
}

/// Why a link does not work.
#[derive(Debug, thiserror::Error)]
pub enum LinkRefused {
    /// None of ours, or altered.
    #[error("the link is not valid")]
    Invalid,
    /// Its time is over.
    #[error("the link has expired")]
    Expired,
    /// The file was deleted.
    #[error("the file is not there any more")]
    Gone,
    /// Try again.
    #[error(transparent)]
    Failed(#[from] FileError),
}

impl Files {
    /// Makes a link to a complete file. `None` if there is no such file.
    pub async fn link(&self, id: &FileId) -> Result<Option<SignedPath>, FileError> {
        Ok(self.complete_file(id).await?.map(|file| self.sign(&file.id)))
    }

    fn sign(&self, id: &FileId) -> SignedPath {
        let end = self.clock.now().saturating_add(LINK_VALID_FOR).unwrap_or(Timestamp::MAX).as_second();
        let signature = hex::encode(self.mac(id, end).finalize().into_bytes());
        let path = format!("{FILES_PATH}/{}?expires={end}&signature={signature}", id.0);
        SignedPath { path, expires: Timestamp::from_second(end).unwrap_or(Timestamp::MAX) }
    }

    /// The file of a link. The signature is compared in constant time.
    pub async fn open(&self, id: &FileId, expires: i64, signature: &str) -> Result<File, LinkRefused> {
        let mut given = [0; 32];
        hex::decode_to_slice(signature, &mut given).map_err(|_| LinkRefused::Invalid)?;
        self.mac(id, expires).verify_slice(&given).map_err(|_| LinkRefused::Invalid)?;
        if expires <= self.clock.now().as_second() {
            return Err(LinkRefused::Expired);
        }
        self.complete_file(id).await?.ok_or(LinkRefused::Gone)
    }

    fn mac(&self, id: &FileId, expires: i64) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(self.key.expose_secret());
        let mac = mac.expect("HMAC takes keys of every length (RFC 2104 §2)");
        // An id has no full stop, so no two pairs are the same text.
        mac.chain_update(&id.0).chain_update(b".").chain_update(expires.to_string())
    }
}
