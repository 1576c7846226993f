//! Asks the company's own service for people's names (`kaleyra-video-api.md` §11).

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::{FullName, ProviderUserId};
use ports::{Clock, company::CompanyStore, names::Names, rooms::CompanyId};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{Letter, Post, PostError, Reply, signature};

/// How long the service may take: somebody waits at the door for it. The vendor's own limit for applications.
const TIMEOUT: Duration = Duration::from_millis(1_200);

/// Names as the company's `user_details_provider_url` gives them.
pub struct ProvidedNames {
    companies: Arc<dyn CompanyStore>,
    post: Arc<dyn Post>,
    key: SecretString,
    clock: Arc<dyn Clock>,
}

impl ProvidedNames {
    /// Puts it together; what it sends is signed with the company's `key`.
    pub fn new(
        companies: Arc<dyn CompanyStore>,
        post: Arc<dyn Post>,
        key: SecretString,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { companies, post, key, clock }
    }

    async fn ask(&self, url: String, user: &ProviderUserId) -> Option<FullName> {
        let request = json!({
            "event": "user_details_request",
            "event_version": "1.0",
            "namespace": "user_details_provider",
            "data": { "user_ids": [user.as_str()] },
        });
        let body = serde_json::to_vec(&request).ok()?;
        let header = signature::of_body(&self.key, self.clock.now(), &body);
        match self.post.send(Letter { url, header, body, timeout: TIMEOUT }).await {
            Ok(Reply { status: 200..=299, body }) => read(&body, user),
            Ok(Reply { status, .. }) => {
                tracing::warn!(status, "the provider of names refused");
                None
            }
            Err(error @ (PostError::Forbidden | PostError::Failed(_))) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the provider of names was not asked");
                None
            }
        }
    }
}

#[async_trait]
impl Names for ProvidedNames {
    async fn name(&self, company: &CompanyId, user: &ProviderUserId) -> Option<FullName> {
        let settings = match self.companies.settings(company).await {
            Ok((settings, _)) => settings,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "nobody is asked for a name");
                return None;
            }
        };
        self.ask(settings.user_details_provider_url?, user).await
    }
}

/// The name of the user, if the answer has one that can be shown. The same list has other names in other documents.
fn read(body: &[u8], user: &ProviderUserId) -> Option<FullName> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let people = ["user_ids", "users_id", "usersAlias"].into_iter().find_map(|name| answer.get(name)?.as_array())?;
    let person = people.iter().find(|person| person.get("user_id").and_then(Value::as_str) == Some(user.as_str()))?;
    FullName::parse(person.get("display_name")?.as_str()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_whom_was_asked_for_is_found() {
        let anna = ProviderUserId::parse("anna").unwrap();
        let answer =
            br#"{"user_ids":[{"user_id":"bert","display_name":"Bert"},{"user_id":"anna","display_name":"Dr. Anna"}]}"#;
        assert_eq!(read(answer, &anna).map(|name| name.as_str().to_owned()).as_deref(), Some("Dr. Anna"));
        for answer in [&b""[..], b"[]", b"{\"user_ids\":{}}", b"{\"user_ids\":[{\"user_id\":\"anna\"}]}", b"\xff"] {
            assert_eq!(read(answer, &anna), None);
        }
    }
}
