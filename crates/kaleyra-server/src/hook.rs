//! Where the service sends its events, in v1 (`kaleyra-video-api.md` §10.2).

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use ports::company::{PayloadVersion, Webhook};
use serde_json::{Value, json};

use crate::{
    Api,
    input::Input,
    refusal::Refusal,
    webhook,
    wire::{self, Answer, done},
};

/// `GET /rest/[{version}/]hook`: an object keyed by address, unlike what configuring answers. Without a version it is `v1`.
pub async fn list(State(api): State<Api>, path: Option<Path<String>>) -> Answer {
    let version = version(path.as_ref(), PayloadVersion::V1)?;
    let mut by_url: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for webhook in of_version(&api, version).await? {
        let row = json!({
            "webhook_method": "post",
            "event": webhook.event,
            "creation_date": wire::date(webhook.created),
            "event_version": match version {
                PayloadVersion::V0 => "0",
                PayloadVersion::V1 => "1",
            },
        });
        by_url.entry(webhook.url).or_default().push(row);
    }
    done(json!({ "active_webhooks": by_url }))
}

/// `POST /rest/[{version}/]hook/configure`: in the place of all of that version. Without a version it is `v0`.
pub async fn configure(State(api): State<Api>, path: Option<Path<String>>, input: Input) -> Answer {
    let version = version(path.as_ref(), PayloadVersion::V0)?;
    let method = input.text("webhook_method")?.unwrap_or("POST");
    if !method.eq_ignore_ascii_case("post") {
        return Err(Refusal::invalid("invalid_webhook_method", "webhook_method must be POST."));
    }
    let url = webhook::target(&input)?;
    let events = webhook::events(&input)?;
    let webhooks: Vec<_> = events.into_iter().map(|event| webhook::new(&api, event, &url, version)).collect();
    if !api.companies.set_webhooks(api.company(), version, &webhooks).await? {
        return Err(webhook::too_many());
    }
    let row = |webhook: &Webhook| {
        json!({
            "post_event_webhook_url": webhook.url,
            "webhook_method": "post",
            "event": webhook.event,
            "creation_date": wire::date(webhook.created),
        })
    };
    done(json!({ "active_webhooks": webhooks.iter().map(row).collect::<Vec<_>>() }))
}

fn version(path: Option<&Path<String>>, default: PayloadVersion) -> Result<PayloadVersion, Refusal> {
    match path.map(|Path(version)| version.as_str()) {
        None => Ok(default),
        Some("v0") => Ok(PayloadVersion::V0),
        Some("v1") => Ok(PayloadVersion::V1),
        Some(_) => Err(Refusal::missing("unknown_route", "The version must be v0 or v1.")),
    }
}

async fn of_version(api: &Api, version: PayloadVersion) -> Result<Vec<Webhook>, Refusal> {
    let mut webhooks = api.companies.webhooks(api.company()).await?;
    webhooks.retain(|webhook| webhook.version == version);
    Ok(webhooks)
}
