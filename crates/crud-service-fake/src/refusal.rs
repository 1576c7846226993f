//! Answers that are no success (`mia-platform.md` §9.8).

use serde_json::{Value, json};

/// An answer that is no success.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Refusal {
    fn new(status: u16, reason: &str, message: impl Into<String>) -> Self {
        Self { status, body: json!({"statusCode": status, "error": reason, "message": message.into()}) }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "Bad Request", message)
    }

    /// A body that its schema does not allow.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        let mut refusal = Self::bad_request(message);
        refusal.body["code"] = json!("FST_ERR_VALIDATION");
        refusal
    }

    /// A document or a route.
    pub(crate) fn not_found() -> Self {
        Self { status: 404, body: json!({"error": "not found"}) }
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(500, "Internal Server Error", message)
    }

    /// The real service does it; this fake does not.
    pub(crate) fn not_faked(what: &str) -> Self {
        Self::new(501, "Not Implemented", format!("the fake does not do this: {what}"))
    }
}
