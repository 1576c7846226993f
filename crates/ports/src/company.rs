//! The store of what a company has set for its calls: its settings, its pictures and other items, and its webhooks
//! (`kaleyra-video-api.md` §6.4, §6.9, §12).

use std::sync::Arc;

use async_trait::async_trait;
use domain::{Language, ProviderUserId};
use jiff::Timestamp;

use crate::{
    rooms::CompanyId,
    teleconsultations::{StoreError, Version},
};

/// The most backgrounds of one company (`kaleyra-video-api.md` §12.3).
pub const BACKGROUNDS_MAX: u32 = 10;

/// The most webhooks of one company: each event of the catalogue (§10.6) in both versions, to a few receivers.
pub const WEBHOOKS_MAX: u32 = 100;

/// Names a background for ever: 32 alphanumerics.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BackgroundAlias(String);

/// A text that is no alias of a background.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 32 alphanumerics")]
pub struct InvalidAlias;

impl BackgroundAlias {
    /// Makes an alias from sixteen bytes of chance.
    pub fn new(chance: [u8; 16]) -> Self {
        Self(format!("{:032x}", u128::from_be_bytes(chance)))
    }

    /// Reads an alias. Callers answer a text that can be none as they answer an alias that nobody has.
    pub fn parse(text: &str) -> Result<Self, InvalidAlias> {
        let alphanumeric = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if text.len() == 32 && alphanumeric { Ok(Self(text.to_owned())) } else { Err(InvalidAlias) }
    }

    /// The alias as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A colour, as red, green and blue: `#RRGGBB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

/// The colours of pages in one mode; `None`: the pages' own (§12.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ThemeColours {
    /// Kept for whoever asks; the pages use the accent only.
    pub primary: Option<Colour>,
    /// Of buttons and the like.
    pub accent: Option<Colour>,
}

/// How recordings are to be kept (§7.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingSettings {
    /// For how many days.
    pub retention_days: u32,
    /// Whether they are compressed.
    pub compression: bool,
    /// The name of the [`ItemKind::EncryptionKey`] they are encrypted with.
    pub encryption_key: Option<String>,
}

impl Default for RecordingSettings {
    /// As the documentation's sample has it: 15 days, compressed, not encrypted.
    fn default() -> Self {
        Self { retention_days: 15, compression: true, encryption_key: None }
    }
}

/// What a company has set. One that has set nothing has [`CompanySettings::default`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompanySettings {
    /// Its name.
    pub name: Option<String>,
    /// The language of pages for people without one.
    pub default_language: Option<Language>,
    /// The background that people in calls can use.
    pub default_background: Option<BackgroundAlias>,
    /// Where browsers go after a call.
    pub end_call_redirect_url: Option<String>,
    /// How long after it, in milliseconds, at most 60 000.
    pub end_call_redirect_timeout_ms: u32,
    /// Whom to ask for the names of people (§11).
    pub user_details_provider_url: Option<String>,
    /// Colours in light mode.
    pub light: ThemeColours,
    /// Colours in dark mode.
    pub dark: ThemeColours,
    /// How recordings are to be kept.
    pub recording: RecordingSettings,
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemKind {
    /// A background, named by its [`BackgroundAlias`].
    Background,
    /// A logo, named `light` or `dark`.
    Logo,
    /// A user's picture, named by the user's id.
    Avatar,
    /// Texts of the pages in one language, named by the language.
    Translation,
    /// A public key that recordings can be encrypted with, named by its id.
    EncryptionKey,
    /// A word that uploads can be marked with; it has no bytes.
    Tag,
}

/// Names an item: unique in its kind and company.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKey {
    /// What it is.
    pub kind: ItemKind,
    /// Which.
    pub name: String,
}

impl ItemKey {
    /// The item of that kind and name.
    pub fn new(kind: ItemKind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into() }
    }

    /// A background.
    pub fn background(alias: &BackgroundAlias) -> Self {
        Self::new(ItemKind::Background, alias.as_str())
    }

    /// A user's picture.
    pub fn avatar(user: &ProviderUserId) -> Self {
        Self::new(ItemKind::Avatar, user.as_str())
    }
}

/// Something that a company has uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its media type, such as `image/jpeg`; empty if it has none. Whoever stores an item found this out from the bytes.
    pub media_type: String,
    /// The item itself; at most 16 MiB.
    pub bytes: Arc<[u8]>,
    /// When it was uploaded, to the millisecond.
    pub created: Timestamp,
}

/// That there is an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemEntry {
    /// Which.
    pub key: ItemKey,
    /// When it was uploaded, to the millisecond.
    pub created: Timestamp,
}

/// What became of an item to be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addition {
    /// It is there.
    Added,
    /// There is one of this name already, unchanged.
    Exists,
    /// There are as many of its kind as there may be.
    Full,
}

/// Names a webhook for ever: `wh_` and 16 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebhookId(pub String);

/// The shape of what a webhook sends (§10.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PayloadVersion {
    /// `v0`, in v2 `0.1`: signed by the room's id alone.
    V0,
    /// `v1`, in v2 `1`: signed over the whole body.
    V1,
}

/// Where one kind of event is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its name.
    pub id: WebhookId,
    /// The event's name, such as `on_room_created` (§10.6).
    pub event: String,
    /// An absolute URL.
    pub url: String,
    /// In which shape.
    pub version: PayloadVersion,
    /// When it was made, to the millisecond.
    pub created: Timestamp,
}

/// Keeps what companies have set. What a method answers with success is durable.
#[async_trait]
pub trait CompanyStore: Send + Sync {
    /// Returns the settings and their version; those of a company that has set nothing are the default at version 0.
    async fn settings(&self, company: &CompanyId) -> Result<(CompanySettings, Version), StoreError>;

    /// Replaces the settings if they are still at version `read`. `Conflict` otherwise, and if the default background or the
    /// encryption key is not there.
    async fn replace_settings(
        &self,
        company: &CompanyId,
        settings: &CompanySettings,
        read: Version,
    ) -> Result<Version, StoreError>;

    /// Adds an item, unless there is one of this name or there are `at_most` of its kind already.
    async fn add_item(
        &self,
        company: &CompanyId,
        key: &ItemKey,
        item: &Item,
        at_most: u32,
    ) -> Result<Addition, StoreError>;

    /// Adds an item or replaces the one of this name.
    async fn put_item(&self, company: &CompanyId, key: &ItemKey, item: &Item) -> Result<(), StoreError>;

    /// Removes an item; where it is the default background, there is none afterwards. Returns whether there was such an item.
    async fn remove_item(&self, company: &CompanyId, key: &ItemKey) -> Result<bool, StoreError>;

    /// Returns `None` if there is no such item.
    async fn item(&self, company: &CompanyId, key: &ItemKey) -> Result<Option<Item>, StoreError>;

    /// Returns at most `limit` items of a kind after the first `offset`, the newest first, and by name where they are of one moment.
    async fn items(
        &self,
        company: &CompanyId,
        kind: ItemKind,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<ItemEntry>, StoreError>;

    /// Returns those of `keys` that there are, in no particular order.
    async fn entries(&self, company: &CompanyId, keys: &[ItemKey]) -> Result<Vec<ItemEntry>, StoreError>;

    /// Returns all webhooks, the oldest first, and by id where they are of one moment.
    async fn webhooks(&self, company: &CompanyId) -> Result<Vec<Webhook>, StoreError>;

    /// Adds webhooks, all or none: none if there would be more than [`WEBHOOKS_MAX`]. Returns whether they were added. `Conflict`
    /// if an id exists.
    async fn add_webhooks(&self, company: &CompanyId, webhooks: &[Webhook]) -> Result<bool, StoreError>;

    /// Replaces what the webhook of this id sends and where. Returns whether there is such a webhook.
    async fn replace_webhook(&self, company: &CompanyId, webhook: &Webhook) -> Result<bool, StoreError>;

    /// Puts these webhooks in the place of all of a version, all or none: none if there would be more than [`WEBHOOKS_MAX`]. Returns
    /// whether they are there. `Conflict` if an id exists.
    async fn set_webhooks(
        &self,
        company: &CompanyId,
        version: PayloadVersion,
        webhooks: &[Webhook],
    ) -> Result<bool, StoreError>;

    /// Removes a webhook. Returns whether there was such a webhook.
    async fn remove_webhook(&self, company: &CompanyId, id: &WebhookId) -> Result<bool, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_has_32_alphanumerics() {
        assert!(BackgroundAlias::parse(BackgroundAlias::new([7; 16]).as_str()).is_ok());
        assert!(BackgroundAlias::parse("3e4d0683d78be3a884b7a60028644f57").is_ok());
        for text in [
            "",
            "3e4d0683d78be3a884b7a60028644f5",
            "3e4d0683d78be3a884b7a60028644f5/",
            "é4d0683d78be3a884b7a60028644f57",
        ] {
            assert_eq!(BackgroundAlias::parse(text), Err(InvalidAlias), "{text}");
        }
    }
}
