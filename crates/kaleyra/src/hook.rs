//! Where the service sends its events, in v1 (contract §10.2).

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{Client, Error, EventName, Malformed, answer::Object, operation as op};

/// The shape of what the hooks of v1 send (contract §10.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookVersion {
    /// The older.
    V0,
    /// With a signature over the whole body.
    V1,
}

impl HookVersion {
    fn as_str(self) -> &'static str {
        match self {
            HookVersion::V0 => "v0",
            HookVersion::V1 => "v1",
        }
    }
}

/// An event that is sent somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Where it is sent.
    pub url: String,
    /// What is sent.
    pub event: EventName,
    /// Since when.
    pub creation_date: Option<Timestamp>,
}

#[derive(Serialize)]
struct Body<'a> {
    post_event_webhook_url: &'a str,
    webhook_method: &'static str,
    webhook_filters: &'a [EventName],
}

impl Client {
    /// Lists where which events are sent (contract §10.2). v1 only.
    pub async fn hooks(&self, version: HookVersion) -> Result<Vec<Hook>, Error> {
        self.call(op::LIST_HOOKS, &[version.as_str()])?.read(hooks).await
    }

    /// Sends exactly these events of this shape to `url`, an absolute URL: an event that is left out is sent no longer (contract
    /// §10.2). v1 only.
    pub async fn configure_hooks(
        &self,
        version: HookVersion,
        url: &str,
        events: &[EventName],
    ) -> Result<Vec<Hook>, Error> {
        let body = Body { post_event_webhook_url: url, webhook_method: "POST", webhook_filters: events };
        self.call(op::CONFIGURE_HOOKS, &[version.as_str()])?.json(&body)?.read(hooks).await
    }
}

/// Reads hooks in either layout: a list of rows, or the rows of each URL under it.
fn hooks(answer: &Value) -> Result<Vec<Hook>, Malformed> {
    const FIELD: &str = "active_webhooks";
    let malformed = Malformed { field: FIELD, expected: "a list or an object" };
    match Object::of(answer, "answer")?.find(&[FIELD]).ok_or(malformed)? {
        Value::Array(rows) => rows.iter().map(|row| hook(row, None)).collect(),
        Value::Object(urls) => {
            let rows =
                urls.iter().flat_map(|(url, rows)| rows.as_array().into_iter().flatten().map(move |row| (url, row)));
            rows.map(|(url, row)| hook(row, Some(url))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Err(malformed),
    }
}

fn hook(row: &Value, url: Option<&String>) -> Result<Hook, Malformed> {
    let row = Object::of(row, "active_webhooks")?;
    Ok(Hook {
        url: match url {
            Some(url) => url.clone(),
            None => row.id(&["post_event_webhook_url", "url"])?,
        },
        event: row.id(&["event"])?,
        creation_date: row.moment(&["creation_date"])?,
    })
}
