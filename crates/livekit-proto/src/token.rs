//! Access tokens: JSON Web Tokens (RFC 7519) signed with HMAC-SHA256.

use std::{collections::BTreeMap, fmt};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::video_grant::{VideoGrant, null_as_default};

/// The longest token that is looked at. Metadata travels in it, and the whole address that a browser may send is shorter than
/// this.
const TOKEN_BYTES_MAX: usize = 64 * 1024;

/// The shortest secret that is taken: as many bits as the hash has (RFC 7518, section 3.2).
const SECRET_BYTES_MIN: usize = 32;

/// How far the clocks of whoever signs and of this machine may be apart. More lets expired tokens in for longer.
const CLOCK_SKEW_S: i64 = 10;

/// What an access token says.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Claims {
    /// Whoever the bearer is in the room.
    #[serde(rename = "sub", default)]
    pub identity: String,
    /// From when the token can be used, in seconds since the Unix epoch; absent: from always.
    #[serde(rename = "nbf", default, skip_serializing_if = "Option::is_none")]
    pub not_before_s: Option<i64>,
    /// Until when the token can be used, in seconds since the Unix epoch.
    #[serde(rename = "exp")]
    pub expires_s: i64,
    /// Shown to the others.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Free text for the clients.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub metadata: String,
    /// Named free texts for the clients.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "null_as_default")]
    pub attributes: BTreeMap<String, String>,
    /// What the bearer may do.
    #[serde(default)]
    pub video: VideoGrant,
}

/// Says nothing: all of it is about a person.
impl fmt::Debug for Claims {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Claims").finish_non_exhaustive()
    }
}

/// A key and its secret, by which tokens are signed and checked.
pub struct ApiKey {
    key: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

/// Shows the key, which is in every token for all to read, and never the secret.
impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ApiKey").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Why a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyError {
    /// The key is empty.
    #[error("the API key is empty")]
    Empty,
    /// The secret could be guessed.
    #[error("the API secret is shorter than {SECRET_BYTES_MIN} bytes")]
    SecretTooShort,
}

/// Why a token lets nobody in. The bearer is told no more than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a token, signed by somebody else, for another key, or altered.
    #[error("the access token is not valid")]
    Invalid,
    /// Its time is over.
    #[error("the access token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the access token cannot be used yet")]
    Early,
}

#[derive(Serialize)]
struct SignedClaims<'a> {
    iss: &'a str,
    #[serde(flatten)]
    claims: &'a Claims,
}

impl ApiKey {
    /// Takes a key and its secret into use.
    pub fn new(key: impl Into<String>, secret: &SecretString) -> Result<Self, ApiKeyError> {
        let key = key.into();
        if key.is_empty() {
            return Err(ApiKeyError::Empty);
        }
        let secret = secret.expose_secret().as_bytes();
        if secret.len() < SECRET_BYTES_MIN {
            return Err(ApiKeyError::SecretTooShort);
        }
        // The algorithm is ours to choose, never the token's, and the time is checked below against the caller's clock.
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[&key]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Ok(Self {
            key,
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
        })
    }

    /// The key, which is no secret.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Signs `claims`.
    ///
    /// # Errors
    /// [`TokenError::Invalid`] if the result would be too long for anybody to use.
    pub fn sign(&self, claims: &Claims) -> Result<String, TokenError> {
        let signed = SignedClaims { iss: &self.key, claims };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &signed, &self.encoding)
            .map_err(|_| TokenError::Invalid)?;
        if token.len() > TOKEN_BYTES_MAX { Err(TokenError::Invalid) } else { Ok(token) }
    }

    /// Checks a token as of `now_s`, in seconds since the Unix epoch. The signature is compared in constant time.
    pub fn verify(&self, token: &str, now_s: i64) -> Result<Claims, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::Invalid);
        }
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|_| TokenError::Invalid)?
            .claims;
        if claims.expires_s.saturating_add(CLOCK_SKEW_S) <= now_s {
            return Err(TokenError::Expired);
        }
        if claims.not_before_s.is_some_and(|not_before_s| not_before_s.saturating_sub(CLOCK_SKEW_S) > now_s) {
            return Err(TokenError::Early);
        }
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    const NOW_S: i64 = 1_800_000_000;

    fn key(name: &str, secret: &str) -> ApiKey {
        ApiKey::new(name, &SecretString::from(secret.to_owned())).expect("a fit key")
    }

    fn ours() -> ApiKey {
        key("key", "0123456789abcdef0123456789abcdef")
    }

    fn claims() -> Claims {
        Claims {
            identity: "patient".to_owned(),
            not_before_s: Some(NOW_S - 5),
            expires_s: NOW_S + 600,
            name: "Ada".to_owned(),
            metadata: r#"{"a":1}"#.to_owned(),
            attributes: BTreeMap::from([("language".to_owned(), "it".to_owned())]),
            video: VideoGrant { room: "room".to_owned(), room_join: true, ..VideoGrant::default() },
        }
    }

    fn forged(header: &str, claims: &str, signature: &str) -> String {
        format!("{}.{}.{signature}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn what_was_signed_is_read_back() {
        let token = ours().sign(&claims()).expect("signs");
        assert!(ours().verify(&token, NOW_S) == Ok(claims()));
    }

    #[test]
    fn a_token_lives_from_its_first_to_its_last_second() {
        let token = ours().sign(&claims()).expect("signs");
        assert_eq!(ours().verify(&token, NOW_S + 609).err(), None);
        assert_eq!(ours().verify(&token, NOW_S + 610).err(), Some(TokenError::Expired));
        assert_eq!(ours().verify(&token, NOW_S - 15).err(), None);
        assert_eq!(ours().verify(&token, NOW_S - 16).err(), Some(TokenError::Early));
    }

    #[test]
    fn a_token_of_another_key_or_secret_is_refused() {
        for other in
            [key("other", "0123456789abcdef0123456789abcdef"), key("key", "another secret of more than 32 bytes")]
        {
            let token = other.sign(&claims()).expect("signs");
            assert_eq!(ours().verify(&token, NOW_S).err(), Some(TokenError::Invalid));
        }
    }

    #[test]
    fn a_token_cannot_choose_its_algorithm() {
        let body = format!(r#"{{"iss":"key","sub":"x","exp":{}}}"#, NOW_S + 60);
        for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS512"}"#, r#"{"alg":"RS256"}"#, "{}"] {
            assert_eq!(ours().verify(&forged(header, &body, ""), NOW_S).err(), Some(TokenError::Invalid), "{header}");
        }
    }

    #[test]
    fn a_token_without_an_end_is_refused() {
        let header = Header::new(Algorithm::HS256);
        let body = serde_json::json!({"iss": "key", "sub": "x"});
        let token = jsonwebtoken::encode(&header, &body, &ours().encoding).expect("signs");
        assert_eq!(ours().verify(&token, NOW_S).err(), Some(TokenError::Invalid));
    }

    #[test]
    fn keys_that_protect_nothing_are_refused() {
        assert_eq!(ApiKey::new("", &SecretString::from("x".repeat(32))).err(), Some(ApiKeyError::Empty));
        assert_eq!(ApiKey::new("k", &SecretString::from("x".repeat(31))).err(), Some(ApiKeyError::SecretTooShort));
    }

    #[test]
    fn nothing_secret_or_personal_is_shown() {
        let shown = format!("{:?} {:?}", ours(), claims());
        assert!(!shown.contains("0123456789") && !shown.contains("Ada") && !shown.contains("patient"), "{shown}");
    }

    proptest! {
        #[test]
        fn nothing_made_up_is_accepted(token in r"[A-Za-z0-9_\-]{0,80}(\.[A-Za-z0-9_\-]{0,80}){0,3}") {
            prop_assert!(ours().verify(&token, NOW_S).is_err());
        }

        #[test]
        fn no_altered_token_is_accepted(at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_-]") {
            let token = ours().sign(&claims()).expect("signs");
            // The last character of the signature has bits that mean nothing; a change of those is no change.
            let at = at.index(token.len() - 1);
            let altered = format!("{}{to}{}", &token[..at], &token[at + 1..]);
            prop_assert_eq!(ours().verify(&altered, NOW_S).is_ok(), altered == token);
        }
    }
}
