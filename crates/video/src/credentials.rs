//! Access tokens for people's applications (`kaleyra-video-api.md` §9): JSON Web Tokens (RFC 7519) signed with HMAC-SHA256.
//!
//! They are signed with a key derived from the links' secret, so that there is one secret to keep, and a token is neither a link nor
//! a token of the media engine. Their claims are those of the replaced provider, whose applications look into them.

use std::time::Duration;

use domain::ProviderUserId;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use ports::{provider::Credentials, rooms::CompanyId};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use crate::LinkSecret;

/// Whom tokens are from.
const ISSUER: &str = "teleconsultation";

/// What the signing key is for: no other use of the secret has this label.
const PURPOSE: &str = "teleconsultation: access tokens of applications, 1";

/// The longest token looked at, in bytes. A user's id and a company's stand in it twice, and each is far below 1 kB.
const TOKEN_BYTES_MAX: usize = 8192;

/// Whose token it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// Whose user.
    pub company: CompanyId,
    /// Which user.
    pub user: ProviderUserId,
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCredentials {
    /// None of ours, or altered.
    #[error("the access token is not valid")]
    Invalid,
    /// Its time is over.
    #[error("the access token has expired")]
    Expired,
}

/// That a token cannot be signed, which no input brings about.
#[derive(Debug, thiserror::Error)]
#[error("an access token cannot be signed")]
pub(crate) struct SigningFailed(#[source] jsonwebtoken::errors::Error);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claims {
    user: String,
    company_id: String,
    allow_camera: bool,
    /// Seconds since 1970, as are all moments in a token.
    iat: i64,
    exp: i64,
    iss: String,
    sub: String,
}

/// Makes a token, valid from `now` for `valid_for`, in whole seconds.
pub(crate) fn issue(
    secret: &LinkSecret,
    bearer: &Bearer,
    allow_camera: bool,
    now: Timestamp,
    valid_for: Duration,
) -> Result<Credentials, SigningFailed> {
    let Bearer { company, user } = bearer;
    let seconds = i64::try_from(valid_for.as_secs()).unwrap_or(i64::MAX);
    let expires = Timestamp::from_second(now.as_second().saturating_add(seconds)).unwrap_or(Timestamp::MAX);
    let claims = Claims {
        user: user.as_str().to_owned(),
        company_id: company.0.clone(),
        allow_camera,
        iat: now.as_second(),
        exp: expires.as_second(),
        iss: ISSUER.to_owned(),
        sub: format!("{user}#{}", company.0),
    };
    let key = EncodingKey::from_secret(secret.derived(PURPOSE).expose_secret());
    let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(SigningFailed)?;
    Ok(Credentials::new(token, expires))
}

/// Whose token it is, as of `now`. The signature is compared in constant time. Whether the user is still active is for the caller to
/// look up.
pub fn verify(secret: &LinkSecret, token: &str, now: Timestamp) -> Result<Bearer, InvalidCredentials> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(InvalidCredentials::Invalid);
    }
    // The algorithm is ours to choose, never the token's, and the time is checked below against the caller's clock.
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "iss", "sub"]);
    validation.validate_exp = false;
    let key = DecodingKey::from_secret(secret.derived(PURPOSE).expose_secret());
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation);
    let claims = claims.map_err(|_| InvalidCredentials::Invalid)?.claims;
    let user = ProviderUserId::parse(&claims.user).map_err(|_| InvalidCredentials::Invalid)?;
    if claims.exp <= now.as_second() {
        return Err(InvalidCredentials::Expired);
    }
    Ok(Bearer { company: CompanyId(claims.company_id), user })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{at, company, id};

    fn secret() -> LinkSecret {
        LinkSecret::new([7; 32])
    }

    fn token(valid_for_s: u64) -> String {
        let bearer = Bearer { company: company(), user: id("anna") };
        let issued = issue(&secret(), &bearer, true, at(0), Duration::from_secs(valid_for_s)).unwrap();
        assert_eq!(issued.expires, at(valid_for_s));
        issued.expose_token().to_owned()
    }

    #[test]
    fn a_token_says_whose_it_is_until_its_last_second() {
        let token = token(3600);
        let anna = Bearer { company: company(), user: id("anna") };
        assert_eq!(verify(&secret(), &token, at(0)), Ok(anna.clone()));
        assert_eq!(verify(&secret(), &token, at(3599)), Ok(anna));
        assert_eq!(verify(&secret(), &token, at(3600)), Err(InvalidCredentials::Expired));
    }

    #[test]
    fn another_secret_and_another_purpose_accept_nothing() {
        let token = token(3600);
        assert_eq!(verify(&LinkSecret::new([8; 32]), &token, at(0)), Err(InvalidCredentials::Invalid));
        let claims = Claims {
            user: "anna".to_owned(),
            company_id: "default".to_owned(),
            allow_camera: true,
            iat: at(0).as_second(),
            exp: at(3600).as_second(),
            iss: ISSUER.to_owned(),
            sub: "anna#default".to_owned(),
        };
        for key in [&secret().derived("another purpose").expose_secret()[..], &[7; 32], b""] {
            let key = EncodingKey::from_secret(key);
            let forged = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap();
            assert_eq!(verify(&secret(), &forged, at(0)), Err(InvalidCredentials::Invalid));
        }
        let ours = EncodingKey::from_secret(secret().derived(PURPOSE).expose_secret());
        let signed = |algorithm, claims: &Claims| jsonwebtoken::encode(&Header::new(algorithm), claims, &ours).unwrap();
        assert!(verify(&secret(), &signed(Algorithm::HS256, &claims), at(0)).is_ok());
        assert!(verify(&secret(), &signed(Algorithm::HS512, &claims), at(0)).is_err());
        for wrong in [
            Claims { iss: "somebody".to_owned(), ..copy(&claims) },
            Claims { user: "an na".to_owned(), ..copy(&claims) },
        ] {
            assert_eq!(verify(&secret(), &signed(Algorithm::HS256, &wrong), at(0)), Err(InvalidCredentials::Invalid));
        }
    }

    fn copy(claims: &Claims) -> Claims {
        serde_json::from_value(serde_json::to_value(claims).unwrap()).unwrap()
    }

    #[test]
    fn an_altered_token_is_not_accepted() {
        let token = token(3600);
        for index in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            // The last character of each part has bits that mean nothing; another one differs in those that do.
            altered[index] = if altered[index] == b'A' { b'Q' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            let outcome = verify(&secret(), &altered, at(0));
            assert!(altered == token || outcome == Err(InvalidCredentials::Invalid), "{index}: {outcome:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            prop_assert!(verify(&secret(), &text, at(0)).is_err());
        }
    }
}
