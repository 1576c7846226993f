//! How recordings are to be kept (`kaleyra-video-api.md` §7.7). The settings are kept for the day on which there are recordings.

use axum::extract::State;
use ports::company::{CompanySettings, ItemKey, ItemKind};
use serde_json::{Value, json};

use crate::{
    Api, company,
    input::{Change, Input},
    refusal::Refusal,
    wire::{Answer, done},
};

/// `GET /v2/company/recording-settings`, `GET /rest/recording/config`
pub async fn read(State(api): State<Api>) -> Answer {
    let (settings, _) = api.companies.settings(api.company()).await?;
    done(view(&settings))
}

/// `PUT /v2/company/recording-settings`, `POST /rest/recording/config`
pub async fn update(State(api): State<Api>, input: Input) -> Answer {
    let retention =
        || Refusal::invalid("retention_not_allowed", "retention_days must be 0 to 15, 30, 60, 90, 120, 180 or 365.");
    let days = input.number("retention_days").map_err(|_| retention())?;
    let days = days.map(|days| allowed(days).ok_or_else(retention)).transpose()?;
    let compression = input.flag("compression")?;
    if api.is_v1() && compression.is_none() {
        return Err(Refusal::invalid("invalid_param", "compression is missing."));
    }
    let key = input.change("encryption_key_id")?;
    if let Change::Set(name) = key {
        let found = api.companies.entries(api.company(), &[ItemKey::new(ItemKind::EncryptionKey, name)]).await?;
        if found.is_empty() {
            return Err(Refusal::missing("invalid_key_error", "There is no such key."));
        }
    }
    let change = |settings: &mut CompanySettings| {
        let recording = &mut settings.recording;
        recording.retention_days = days.unwrap_or(recording.retention_days);
        recording.compression = compression.unwrap_or(recording.compression);
        match key {
            Change::Keep => {}
            Change::Clear => recording.encryption_key = None,
            Change::Set(name) => recording.encryption_key = Some(name.to_owned()),
        }
        Ok(())
    };
    done(view(&company::change_settings(&api, change).await?))
}

fn allowed(days: u64) -> Option<u32> {
    let days = u32::try_from(days).ok()?;
    matches!(days, 0..=15 | 30 | 60 | 90 | 120 | 180 | 365).then_some(days)
}

fn view(settings: &CompanySettings) -> Value {
    json!({
        "retention_days": settings.recording.retention_days,
        "compression": settings.recording.compression,
        "encryption_key_id": settings.recording.encryption_key,
    })
}
