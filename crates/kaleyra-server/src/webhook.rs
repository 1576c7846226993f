//! Where the service sends its events: v2's webhooks (`kaleyra-video-api.md` §6.9) and what both generations share.

use axum::extract::State;
use ports::company::{PayloadVersion, WEBHOOKS_MAX, Webhook, WebhookId};
use serde_json::{Value, json};

use crate::{
    Api, company,
    input::{Input, Path},
    page::PageRequest,
    refusal::Refusal,
    wire::{self, Answer, done, made},
};

/// Every event of the contract's catalogue (§10.6). Of those that no feature of this service brings about, none is ever sent; whoever
/// registers for all of them is not refused.
pub const EVENTS: &[&str] = &[
    "on_broadcast_new_feedback",
    "on_broadcast_pub_connected",
    "on_broadcast_pub_disconnected",
    "on_broadcast_recording_available",
    "on_broadcast_start",
    "on_broadcast_stop",
    "on_broadcast_sub_connected",
    "on_broadcast_sub_disconnected",
    "on_call_ended",
    "on_call_incoming",
    "on_message_sent",
    "on_recording_available",
    "on_room_created",
    "on_room_deleted",
    "on_room_disabled",
    "on_room_new_feedback",
    "on_session_ended",
    "on_session_paused",
    "on_session_resumed",
    "on_session_started",
    "on_signature_enveloped_inserted",
    "on_transcription_available",
    "on_upload_tag_added",
    "on_upload_tag_removed",
    "on_user_connected",
    "on_user_disconnected",
];

/// `GET /v2/webhooks`
pub async fn list(State(api): State<Api>, input: Input) -> Answer {
    let page = PageRequest::read(&input)?;
    let webhooks = page.cut(api.companies.webhooks(api.company()).await?);
    done(page.answer(api.version, "webhooks", webhooks.iter().map(view).collect()))
}

/// `POST /v2/webhooks`: one event, or a list of them, each of which becomes a webhook (§16, Q4).
pub async fn create(State(api): State<Api>, input: Input) -> Answer {
    let (url, version) = (target(&input)?, version(&input)?.unwrap_or(PayloadVersion::V1));
    let webhooks: Vec<_> = events(&input)?.into_iter().map(|event| new(&api, event, &url, version)).collect();
    if !api.companies.add_webhooks(api.company(), &webhooks).await? {
        return Err(too_many());
    }
    let views: Vec<_> = webhooks.iter().map(view).collect();
    made(api.version, if let [view] = &views[..] { view.clone() } else { json!({ "webhooks": views }) })
}

/// `GET /v2/webhooks/{id}`
pub async fn read(State(api): State<Api>, Path(id): Path<String>) -> Answer {
    done(view(&known(&api, id).await?))
}

/// `PUT /v2/webhooks/{id}`: what is not mentioned stays.
pub async fn update(State(api): State<Api>, Path(id): Path<String>, input: Input) -> Answer {
    let mut webhook = known(&api, id).await?;
    if input.field("url").is_some() || input.field("post_event_webhook_url").is_some() {
        webhook.url = target(&input)?;
    }
    if input.field("event").is_some() {
        let mut events = events(&input)?;
        match (events.pop(), events.is_empty()) {
            (Some(event), true) => event.clone_into(&mut webhook.event),
            (_, _) => return Err(Refusal::invalid("invalid_param", "A webhook has one event.")),
        }
    }
    webhook.version = version(&input)?.unwrap_or(webhook.version);
    if !api.companies.replace_webhook(api.company(), &webhook).await? {
        return Err(missing());
    }
    done(view(&webhook))
}

/// `DELETE /v2/webhooks/{id}`: what is still to be sent to it is not sent.
pub async fn delete(State(api): State<Api>, Path(id): Path<String>) -> Answer {
    let id = WebhookId(id);
    if !api.companies.remove_webhook(api.company(), &id).await? {
        return Err(missing());
    }
    done(json!({ "id": id.0, "message": "webhook deleted" }))
}

/// A webhook to be added.
pub fn new(api: &Api, event: &str, url: &str, version: PayloadVersion) -> Webhook {
    Webhook {
        id: WebhookId(format!("wh_{}", hex::encode(api.chance.bytes::<8>()))),
        event: event.to_owned(),
        url: url.to_owned(),
        version,
        created: api.clock.now(),
    }
}

/// There are as many as there may be.
pub fn too_many() -> Refusal {
    Refusal::request("exceeded_webhook_limit", format!("There can be {WEBHOOKS_MAX} webhooks: delete some."))
}

/// Where to send: v2's name, or v1's. Whether it may be sent there is decided when it is sent.
pub fn target(input: &Input) -> Result<String, Refusal> {
    let wrong = || {
        Refusal::invalid("invalid_webhook_url", "The address must be one of https:// or http://, without a password.")
    };
    let text = match input.text("url").map_err(|_| wrong())? {
        Some(text) => Some(text),
        None => input.text("post_event_webhook_url").map_err(|_| wrong())?,
    };
    text.and_then(company::http_url).ok_or_else(wrong)
}

/// The events asked for, each once: a text, a list of texts, or a list of objects that name one (§10.2).
pub fn events(input: &Input) -> Result<Vec<&str>, Refusal> {
    let wrong = || Refusal::invalid("invalid_webhook_event", "The events must be names of events.");
    let names = ["event", "events", "webhook_filters"];
    let name = names.into_iter().find(|name| input.field(name).is_some()).ok_or_else(wrong)?;
    let mut events = Vec::new();
    for value in input.list(name).map_err(|_| wrong())?.ok_or_else(wrong)? {
        let inside = ["event", "name"].into_iter().find_map(|field| value.get(field));
        let event = inside.unwrap_or(value).as_str().filter(|event| EVENTS.contains(event)).ok_or_else(wrong)?;
        if !events.contains(&event) {
            events.push(event);
        }
    }
    Ok(events)
}

fn version(input: &Input) -> Result<Option<PayloadVersion>, Refusal> {
    let value = input.field("version").or_else(|| input.field("event_version"));
    let Some(value) = value else { return Ok(None) };
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match text.as_str() {
        "0.1" | "v0" => Ok(Some(PayloadVersion::V0)),
        "1" | "1.0" | "v1" => Ok(Some(PayloadVersion::V1)),
        // "2" exists by name only (§16, Q5).
        _ => Err(Refusal::invalid("invalid_webhook_version", "version must be 0.1 or 1.")),
    }
}

async fn known(api: &Api, id: String) -> Result<Webhook, Refusal> {
    let id = WebhookId(id);
    let all = api.companies.webhooks(api.company()).await?;
    all.into_iter().find(|webhook| webhook.id == id).ok_or_else(missing)
}

fn missing() -> Refusal {
    Refusal::missing("webhook_not_found", "There is no such webhook.")
}

fn view(webhook: &Webhook) -> Value {
    let version = match webhook.version {
        PayloadVersion::V0 => "0.1",
        PayloadVersion::V1 => "1",
    };
    json!({
        "id": webhook.id.0,
        "url": webhook.url,
        "event": webhook.event,
        "version": version,
        "creation_date": wire::date(webhook.created),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(said: Value) -> Result<Vec<String>, Refusal> {
        let Value::Object(said) = said else { panic!("no object") };
        Ok(events(&Input::of(said))?.into_iter().map(str::to_owned).collect())
    }

    #[test]
    fn events_are_read_in_every_spelling() {
        for said in [
            json!({"event": "on_room_created"}),
            json!({"events": ["on_room_created", "on_room_created"]}),
            json!({"webhook_filters": [{"event": "on_room_created"}]}),
        ] {
            assert_eq!(read(said.clone()).unwrap(), ["on_room_created"], "{said}");
        }
        for said in [json!({}), json!({"event": "on_rain"}), json!({"events": [7]}), json!({"events": {}})] {
            assert!(read(said.clone()).is_err(), "{said}");
        }
    }
}
