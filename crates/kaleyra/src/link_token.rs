//! The tokens in access links, which only v1 can check and withdraw (contract §7.5).

use serde_json::Value;

use crate::{Client, Error, LinkToken, Malformed, answer::Object, open_enum::open_enum, operation as op};

open_enum!(
    /// Whether a link opens. A token that never existed is answered like one that was withdrawn.
    LinkTokenState {
        /// It does.
        Active = "ACTIVE_TOKEN",
        /// It does not.
        NotActive = "NOT_ACTIVE_TOKEN",
    }
);

impl Client {
    /// Returns whether the link with this token opens (contract §7.5). v1 only.
    pub async fn check_link_token(&self, token: &LinkToken) -> Result<LinkTokenState, Error> {
        let state = |answer: &Value| -> Result<_, Malformed> { Object::of(answer, "answer")?.id(&["code"]) };
        self.call(op::CHECK_LINK_TOKEN, &[token.as_str()])?.read(state).await
    }

    /// Withdraws the link with this token (contract §7.5). v1 only; in v2, remove the participant.
    pub async fn delete_link_token(&self, token: &LinkToken) -> Result<(), Error> {
        self.call(op::DELETE_LINK_TOKEN, &[token.as_str()])?.done().await
    }
}
