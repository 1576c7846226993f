//! Names of users, asked for by the service (contract §11).

use serde::Serialize;
use serde_json::Value;

use crate::{
    EventError, Malformed, PersonalText, UserId,
    answer::{FromAnswer, Object},
};

/// A request for the names of users, which the service sends to the company's provider of user details (contract §11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserDetailsRequest {
    /// Whose names are wanted.
    pub user_ids: Vec<UserId>,
}

impl UserDetailsRequest {
    /// Reads the body of such a request. Check its [signature](crate::Signature) first.
    pub fn parse(body: &[u8]) -> Result<UserDetailsRequest, EventError> {
        let body: Value = serde_json::from_slice(body).map_err(|error| EventError::not_json(&error))?;
        let malformed = Malformed { field: "data", expected: "an object" };
        let data = Object::of(&body, "request")?.find(&["data"]).ok_or(malformed)?;
        Ok(UserDetailsRequest { user_ids: Object::of(data, "data")?.texts(&["user_ids", "users_id", "usersAlias"])? })
    }
}

/// What to answer: the details of those users that are known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct UserDetailsAnswer {
    /// The users.
    pub user_ids: Vec<UserDetails>,
}

/// How a user is shown to others (contract §11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UserDetails {
    /// The user.
    pub user_id: UserId,
    /// The name to show.
    pub display_name: PersonalText,
    /// A picture that anyone can fetch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_avatar: Option<PersonalText>,
}

impl FromAnswer for UserDetails {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let details = Object::of(answer, "user_ids")?;
        Ok(UserDetails {
            user_id: details.id(&["user_id"])?,
            display_name: details.id(&["display_name"])?,
            user_avatar: details.text(&["user_avatar"])?,
        })
    }
}

impl UserDetailsAnswer {
    /// Reads an answer, as the service does.
    pub fn parse(body: &[u8]) -> Result<UserDetailsAnswer, EventError> {
        let body: Value = serde_json::from_slice(body).map_err(|error| EventError::not_json(&error))?;
        Ok(UserDetailsAnswer { user_ids: Object::of(&body, "answer")?.required_list(&["user_ids"])? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_documented_spelling_of_the_ids_is_understood() {
        for spelling in ["user_ids", "users_id", "usersAlias"] {
            let body = format!(
                r#"{{"event":"user_details_request","event_version":"1.0","namespace":"user_details_provider","data":{{"{spelling}":["u1","u2"]}}}}"#
            );
            let request = UserDetailsRequest::parse(body.as_bytes()).unwrap();
            assert_eq!(request.user_ids, ["u1".into(), "u2".into()], "{spelling}");
        }
        assert!(UserDetailsRequest::parse(b"{}").is_err());
    }

    #[test]
    fn an_answer_is_written_as_documented() {
        let details = UserDetails {
            user_id: "u1".into(),
            display_name: "Ann".into(),
            user_avatar: Some("https://h.test/a.jpg".into()),
        };
        let answer = UserDetailsAnswer { user_ids: vec![details] };
        let written = serde_json::to_string(&answer).unwrap();
        assert_eq!(
            written,
            r#"{"user_ids":[{"user_id":"u1","display_name":"Ann","user_avatar":"https://h.test/a.jpg"}]}"#
        );
        assert_eq!(UserDetailsAnswer::parse(written.as_bytes()).unwrap(), answer);
    }

    proptest! {
        #[test]
        fn any_body_is_read_or_refused(body: Vec<u8>) {
            let _ = (UserDetailsRequest::parse(&body), UserDetailsAnswer::parse(&body));
        }
    }
}
