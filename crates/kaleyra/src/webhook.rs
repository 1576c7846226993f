//! Where the service sends its events, in v2 (contract §6.9).

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{
    Client, Error, EventName, Malformed, Page, PageRequest, WebhookId,
    answer::{FromAnswer, Object, unwrap},
    open_enum::open_enum,
    operation as op,
};

open_enum!(
    /// The shape of what a webhook of v2 sends (contract §10.4).
    PayloadVersion {
        /// What v1 calls `v0`.
        V0 = "0.1",
        /// What v1 calls `v1`, with a signature over the whole body.
        V1 = "1",
        /// Exists by name only.
        V2 = "2",
    }
);

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The id.
    pub id: WebhookId,
    /// Where it sends.
    pub url: Option<String>,
    /// What it sends.
    pub event: Option<EventName>,
    /// In which shape.
    pub version: Option<PayloadVersion>,
    /// When it was created.
    pub creation_date: Option<Timestamp>,
}

impl FromAnswer for Webhook {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let webhook = Object::of(unwrap(answer, "webhook"), "webhook")?;
        Ok(Webhook {
            id: webhook.id(&["id", "webhook_id"])?,
            url: webhook.text(&["url", "post_event_webhook_url"])?,
            event: webhook.text(&["event"])?,
            version: webhook.text(&["version", "event_version"])?,
            creation_date: webhook.moment(&["creation_date"])?,
        })
    }
}

/// A webhook to be created, or what an existing one is to become (contract Q4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WebhookTarget {
    /// Where to send, an absolute URL.
    pub url: String,
    /// What to send.
    pub event: EventName,
    /// In which shape.
    pub version: PayloadVersion,
}

impl Client {
    /// Lists webhooks (contract §6.9). v2 only.
    pub async fn webhooks(&self, page: PageRequest) -> Result<Page<Webhook>, Error> {
        self.call(op::LIST_WEBHOOKS, &[])?.page(page).read(|answer| Page::read(answer, &["webhooks"])).await
    }

    /// Creates a webhook (contract §6.9). v2 only.
    pub async fn create_webhook(&self, target: &WebhookTarget) -> Result<Webhook, Error> {
        self.call(op::CREATE_WEBHOOK, &[])?.json(target)?.answer().await
    }

    /// Returns a webhook (contract §6.9). v2 only.
    pub async fn webhook(&self, webhook: &WebhookId) -> Result<Webhook, Error> {
        self.call(op::GET_WEBHOOK, &[webhook.as_str()])?.answer().await
    }

    /// Changes a webhook (contract §6.9). v2 only. Returns it as it is then, if the service says.
    pub async fn update_webhook(&self, webhook: &WebhookId, target: &WebhookTarget) -> Result<Option<Webhook>, Error> {
        self.call(op::UPDATE_WEBHOOK, &[webhook.as_str()])?.json(target)?.maybe_answer().await
    }

    /// Deletes a webhook (contract §6.9). v2 only.
    pub async fn delete_webhook(&self, webhook: &WebhookId) -> Result<(), Error> {
        self.call(op::DELETE_WEBHOOK, &[webhook.as_str()])?.done().await
    }
}
