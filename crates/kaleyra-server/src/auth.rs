//! The company's key, which every request has (`kaleyra-video-api.md` §2.3).

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{Api, refusal::Refusal};

/// The header's name; names of headers are the same in every case.
const HEADER: &str = "apikey";

/// Lets a request through that has the key. Its body is not looked at before.
pub async fn check(State(api): State<Api>, request: Request, next: Next) -> Response {
    let mut given = request.headers().get_all(HEADER).iter();
    match (given.next(), given.next()) {
        (Some(key), None) if is_same(key.as_bytes(), &api.key) => next.run(request).await,
        _ => Refusal::key().into_response(),
    }
}

/// Whether they are the same, in a time that does not tell where they differ: of hashes, so that it does not tell the length either.
fn is_same(given: &[u8], key: &SecretString) -> bool {
    let key = key.expose_secret().as_bytes();
    bool::from(Sha256::digest(given).ct_eq(&Sha256::digest(key))) && !key.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_key_is_the_key() {
        let key = SecretString::from("ak_live_123456");
        assert!(is_same(b"ak_live_123456", &key));
        for other in ["", "ak_live_12345", "ak_live_1234567", "AK_LIVE_123456"] {
            assert!(!is_same(other.as_bytes(), &key), "{other}");
        }
        assert!(!is_same(b"", &SecretString::from("")));
    }
}
