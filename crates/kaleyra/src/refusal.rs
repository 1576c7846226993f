//! Reading the provider's words about a request that it refused (contract §3.4).

use serde_json::{Map, Value};

use crate::{RAW_BYTES_MAX, Refusal};

impl Refusal {
    /// Reads an error body. Its layout is not documented (contract Q1): the words are looked for at the top level and under `error`,
    /// which may also be a sentence, and anything else leaves them empty.
    pub(crate) fn read(status: u16, body: &[u8]) -> Refusal {
        let answer: Option<Value> = serde_json::from_slice(body).ok();
        let top = answer.as_ref().and_then(Value::as_object);
        let error = top.and_then(|top| top.get("error"));
        let inner = error.and_then(Value::as_object);
        let word = |names: &[&str]| {
            top.and_then(|top| text(top, names)).or_else(|| inner.and_then(|inner| text(inner, names)))
        };
        let sentence = error.and_then(Value::as_str).map(str::to_owned);
        Refusal {
            status,
            code: word(&["code"]),
            name: word(&["name"]),
            message: word(&["message", "reason"]).or(sentence),
            raw: String::from_utf8_lossy(&body[..body.len().min(RAW_BYTES_MAX)]).into_owned(),
        }
    }

    /// Returns whether the api key is what was refused: 401, or 400 with that code (contract §14.4). One 401 is about something else
    /// and says so by another code (contract §7.7).
    pub(crate) fn is_about_the_key(&self) -> bool {
        match (self.status, self.code.as_deref()) {
            (400 | 401 | 403, Some("invalid_api_key")) | (401, None) => true,
            (_, _) => false,
        }
    }

    /// Returns whether something does not exist: 404, or 400 with one of the codes that v1 says it with (contract §14.4).
    pub(crate) fn is_about_absence(&self) -> bool {
        match (self.status, self.code.as_deref()) {
            (404, _) | (400, Some("invalid_user_id" | "recording_not_found" | "chat_not_found")) => true,
            (_, _) => false,
        }
    }
}

fn text(object: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| object.get(*name)).and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_words_are_found_wherever_they_are() {
        for body in [
            r#"{"status":422,"name":"validation_error","code":"invalid_language","message":"No."}"#,
            r#"{"error":{"name":"validation_error","code":"invalid_language","reason":"No."}}"#,
            r#"{"code":"invalid_language","error":{"name":"validation_error","message":"No."}}"#,
        ] {
            let refusal = Refusal::read(422, body.as_bytes());
            assert_eq!(refusal.code.as_deref(), Some("invalid_language"), "{body}");
            assert_eq!(refusal.name.as_deref(), Some("validation_error"), "{body}");
            assert_eq!(refusal.message.as_deref(), Some("No."), "{body}");
            assert_eq!(refusal.raw, body);
        }
    }

    #[test]
    fn an_error_may_be_a_sentence_or_nothing_at_all() {
        let refusal = Refusal::read(400, br#"{"error":"It is broken."}"#);
        assert_eq!(refusal.message.as_deref(), Some("It is broken."));
        let refusal = Refusal::read(400, b"<html>");
        assert_eq!((refusal.code, refusal.message, refusal.raw.as_str()), (None, None, "<html>"));
    }

    #[test]
    fn what_is_shown_names_no_one() {
        let body = br#"{"code":"Ann Lee has no licence","message":"Ann Lee has no licence"}"#;
        let refusal = Refusal::read(400, body);
        assert_eq!(format!("{refusal} {refusal:?}"), "status 400 Refusal(status 400)");
        let refusal = Refusal::read(400, br#"{"code":"no_plus_user","message":"Ann"}"#);
        assert_eq!(refusal.to_string(), "status 400, code no_plus_user");
    }

    #[test]
    fn a_401_about_something_else_is_not_about_the_key() {
        assert!(Refusal::read(401, b"").is_about_the_key());
        assert!(Refusal::read(400, br#"{"code":"invalid_api_key"}"#).is_about_the_key());
        assert!(!Refusal::read(401, br#"{"code":"update_config_error"}"#).is_about_the_key());
        assert!(!Refusal::read(400, b"").is_about_the_key());
    }

    #[test]
    fn long_words_are_cut() {
        assert_eq!(Refusal::read(400, &[b'x'; 2 * RAW_BYTES_MAX]).raw.len(), RAW_BYTES_MAX);
    }

    proptest! {
        #[test]
        fn any_body_is_a_refusal(body: Vec<u8>) {
            let _ = Refusal::read(400, &body);
        }
    }
}
