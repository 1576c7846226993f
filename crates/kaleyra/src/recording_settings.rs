//! How recordings are kept, and the keys they are encrypted with (contract §6.4, §7.7, §7.8).

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{
    Change, Client, EncryptionKeyId, Error, Malformed, Page, PageRequest,
    answer::{FromAnswer, Object, unwrap},
    operation as op,
    session::date,
};

/// How recordings are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingSettings {
    /// For how many days.
    pub retention_days: Option<u64>,
    /// Whether they are compressed.
    pub compression: Option<bool>,
    /// The key they are encrypted with.
    pub encryption_key_id: Option<EncryptionKeyId>,
}

impl FromAnswer for RecordingSettings {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let settings = Object::of(answer, "recording settings")?;
        Ok(RecordingSettings {
            retention_days: settings.number(&["retention_days"])?,
            compression: settings.flag(&["compression"])?,
            encryption_key_id: settings.text(&["encryption_key_id"])?,
        })
    }
}

/// What to change about how recordings are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordingSettingsUpdate {
    /// For how many days: 0 to 15, or 30, 60, 90, 120, 180 or 365; `None` keeps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
    /// Whether they are compressed.
    pub compression: bool,
    /// The key they are encrypted with.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub encryption_key_id: Change<EncryptionKeyId>,
}

/// A key that recordings can be encrypted with. The service does not give the key itself back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptionKey {
    /// The id.
    pub id: EncryptionKeyId,
    /// When it was created.
    pub creation_date: Option<Timestamp>,
}

impl FromAnswer for EncryptionKey {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let key = Object::of(unwrap(answer, "key"), "key")?;
        Ok(EncryptionKey { id: key.id(&["key_id", "id"])?, creation_date: key.moment(&["creation_date"])? })
    }
}

/// Which keys to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EncryptionKeyFilter {
    /// Those created later than this.
    pub after: Option<Timestamp>,
    /// Those created earlier than this.
    pub before: Option<Timestamp>,
}

#[derive(Serialize)]
struct PublicKey<'a> {
    public_key: &'a str,
}

impl Client {
    /// Returns how recordings are kept (contract §6.4, §7.7).
    pub async fn recording_settings(&self) -> Result<RecordingSettings, Error> {
        self.call(op::GET_RECORDING_SETTINGS, &[])?.answer().await
    }

    /// Changes how recordings are kept (contract §6.4, §7.7). Returns it as it is then, if the service says.
    pub async fn update_recording_settings(
        &self,
        update: &RecordingSettingsUpdate,
    ) -> Result<Option<RecordingSettings>, Error> {
        self.call(op::UPDATE_RECORDING_SETTINGS, &[])?.json(update)?.maybe_answer().await
    }

    /// Lists the encryption keys, the newest first (contract §6.4, §7.8).
    pub async fn encryption_keys(
        &self,
        filter: EncryptionKeyFilter,
        page: PageRequest,
    ) -> Result<Page<EncryptionKey>, Error> {
        self.call(op::LIST_ENCRYPTION_KEYS, &[])?
            .maybe("start_date", date(filter.after).as_deref())
            .maybe("end_date", date(filter.before).as_deref())
            .page(page)
            .read(|answer| Page::read(answer, &["keys", "encryption_keys"]))
            .await
    }

    /// Adds an encryption key: an RSA public key as PEM (contract §6.4, §7.8).
    pub async fn create_encryption_key(&self, public_key_pem: &str) -> Result<EncryptionKey, Error> {
        self.call(op::CREATE_ENCRYPTION_KEY, &[])?.json(&PublicKey { public_key: public_key_pem })?.answer().await
    }

    /// Returns an encryption key (contract §6.4, §7.8).
    pub async fn encryption_key(&self, key: &EncryptionKeyId) -> Result<EncryptionKey, Error> {
        self.call(op::GET_ENCRYPTION_KEY, &[key.as_str()])?.answer().await
    }
}
