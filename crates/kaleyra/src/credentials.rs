//! Access tokens for users' applications (contract §9).

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{
    AccessToken, Client, Error, Malformed, UserId,
    answer::{FromAnswer, Object},
    operation as op,
};

/// How long an access token can be valid, in seconds (contract §9).
pub const TOKEN_VALIDITY_S: std::ops::RangeInclusive<u32> = 360..=86_400;

/// An access token and until when it is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The token, to be given to the user's application.
    pub access_token: AccessToken,
    /// Until when it is valid.
    pub expires_at: Option<Timestamp>,
    /// Whose it is.
    pub user_id: Option<UserId>,
}

impl FromAnswer for Credentials {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let credentials = Object::of(answer, "answer")?;
        Ok(Credentials {
            access_token: credentials.id(&["access_token"])?,
            expires_at: credentials.moment(&["expires_at"])?,
            user_id: credentials.text(&["user_id"])?,
        })
    }
}

#[derive(Serialize)]
struct Body<'a> {
    user_id: &'a UserId,
    expires_in: u32,
}

impl Client {
    /// Makes an access token for a user's application (contract §9). `expires_in_s` must lie within [`TOKEN_VALIDITY_S`]; it is always
    /// sent, because the service's default is not known.
    pub async fn create_access_token(&self, user: &UserId, expires_in_s: u32) -> Result<Credentials, Error> {
        let call = self.call(op::CREATE_ACCESS_TOKEN, &[])?;
        if !TOKEN_VALIDITY_S.contains(&expires_in_s) {
            return Err(call.invalid("an access token is valid for 360 to 86400 s"));
        }
        call.json(&Body { user_id: user, expires_in: expires_in_s })?.answer().await
    }
}
