//! [`CompanyStore`] in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::rooms::FakeRooms;
use crate::{
    company::{
        Addition, BackgroundAlias, CompanySettings, CompanyStore, Item, ItemEntry, ItemKey, ItemKind, PayloadVersion,
        WEBHOOKS_MAX, Webhook, WebhookId,
    },
    rooms::CompanyId,
    teleconsultations::{StoreError, Version},
};

/// What one company has set.
#[derive(Debug, Default)]
pub(super) struct CompanyRecord {
    settings: CompanySettings,
    version: u64,
    items: BTreeMap<ItemKey, Item>,
    pub(super) webhooks: Vec<Webhook>,
}

impl CompanyRecord {
    fn has(&self, kind: ItemKind, name: Option<&str>) -> bool {
        name.is_none_or(|name| self.items.contains_key(&ItemKey::new(kind, name)))
    }

    fn add(&mut self, webhooks: &[Webhook]) -> Result<bool, StoreError> {
        if self.webhooks.len() + webhooks.len() > WEBHOOKS_MAX as usize {
            return Ok(false);
        }
        if webhooks.iter().any(|new| self.webhooks.iter().any(|known| known.id == new.id)) {
            return Err(StoreError::Conflict);
        }
        self.webhooks.extend_from_slice(webhooks);
        self.webhooks.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
        Ok(true)
    }
}

#[async_trait]
impl CompanyStore for FakeRooms {
    async fn settings(&self, company: &CompanyId) -> Result<(CompanySettings, Version), StoreError> {
        let state = self.reach("reading settings")?;
        let record = state.companies.get(company);
        Ok(record.map_or_else(
            || (CompanySettings::default(), Version(0)),
            |record| (record.settings.clone(), Version(record.version)),
        ))
    }

    async fn replace_settings(
        &self,
        company: &CompanyId,
        settings: &CompanySettings,
        read: Version,
    ) -> Result<Version, StoreError> {
        let mut state = self.reach("changing settings")?;
        let record = state.companies.entry(company.clone()).or_default();
        let background = settings.default_background.as_ref().map(BackgroundAlias::as_str);
        let there = record.has(ItemKind::Background, background)
            && record.has(ItemKind::EncryptionKey, settings.recording.encryption_key.as_deref());
        if record.version != read.0 || !there {
            return Err(StoreError::Conflict);
        }
        (record.settings, record.version) = (settings.clone(), read.0 + 1);
        Ok(Version(record.version))
    }

    async fn add_item(
        &self,
        company: &CompanyId,
        key: &ItemKey,
        item: &Item,
        at_most: u32,
    ) -> Result<Addition, StoreError> {
        let mut state = self.reach("adding an item")?;
        let record = state.companies.entry(company.clone()).or_default();
        if record.items.contains_key(key) {
            return Ok(Addition::Exists);
        }
        if record.items.keys().filter(|known| known.kind == key.kind).count() >= at_most as usize {
            return Ok(Addition::Full);
        }
        record.items.insert(key.clone(), item.clone());
        Ok(Addition::Added)
    }

    async fn put_item(&self, company: &CompanyId, key: &ItemKey, item: &Item) -> Result<(), StoreError> {
        let mut state = self.reach("replacing an item")?;
        state.companies.entry(company.clone()).or_default().items.insert(key.clone(), item.clone());
        Ok(())
    }

    async fn remove_item(&self, company: &CompanyId, key: &ItemKey) -> Result<bool, StoreError> {
        let mut state = self.reach("removing an item")?;
        let Some(record) = state.companies.get_mut(company) else { return Ok(false) };
        if record.items.remove(key).is_none() {
            return Ok(false);
        }
        let default = record.settings.default_background.as_ref().map(BackgroundAlias::as_str);
        if key.kind == ItemKind::Background && default == Some(&key.name) {
            record.settings.default_background = None;
            record.version += 1;
        }
        Ok(true)
    }

    async fn item(&self, company: &CompanyId, key: &ItemKey) -> Result<Option<Item>, StoreError> {
        let state = self.reach("reading an item")?;
        Ok(state.companies.get(company).and_then(|record| record.items.get(key)).cloned())
    }

    async fn items(
        &self,
        company: &CompanyId,
        kind: ItemKind,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<ItemEntry>, StoreError> {
        let state = self.reach("listing items")?;
        let items = state.companies.get(company).map(|record| record.items.iter()).into_iter().flatten();
        let mut entries: Vec<_> = items.filter(|(key, _)| key.kind == kind).map(entry).collect();
        entries.sort_by(|one, other| (other.created, &one.key).cmp(&(one.created, &other.key)));
        Ok(entries.into_iter().skip(offset as usize).take(limit as usize).collect())
    }

    async fn entries(&self, company: &CompanyId, keys: &[ItemKey]) -> Result<Vec<ItemEntry>, StoreError> {
        let state = self.reach("listing items")?;
        let Some(record) = state.companies.get(company) else { return Ok(Vec::new()) };
        Ok(keys.iter().filter_map(|key| record.items.get_key_value(key)).map(entry).collect())
    }

    async fn webhooks(&self, company: &CompanyId) -> Result<Vec<Webhook>, StoreError> {
        let state = self.reach("listing webhooks")?;
        Ok(state.companies.get(company).map(|record| record.webhooks.clone()).unwrap_or_default())
    }

    async fn add_webhooks(&self, company: &CompanyId, webhooks: &[Webhook]) -> Result<bool, StoreError> {
        let mut state = self.reach("adding webhooks")?;
        state.companies.entry(company.clone()).or_default().add(webhooks)
    }

    async fn replace_webhook(&self, company: &CompanyId, webhook: &Webhook) -> Result<bool, StoreError> {
        let mut state = self.reach("changing a webhook")?;
        let webhooks = state.companies.get_mut(company).map(|record| record.webhooks.iter_mut()).into_iter().flatten();
        let Some(known) = webhooks.into_iter().find(|known| known.id == webhook.id) else { return Ok(false) };
        *known = Webhook { created: known.created, ..webhook.clone() };
        Ok(true)
    }

    async fn set_webhooks(
        &self,
        company: &CompanyId,
        version: PayloadVersion,
        webhooks: &[Webhook],
    ) -> Result<bool, StoreError> {
        let mut state = self.reach("replacing webhooks")?;
        let record = state.companies.entry(company.clone()).or_default();
        let before = record.webhooks.clone();
        record.webhooks.retain(|webhook| webhook.version != version);
        let added = record.add(webhooks);
        if !matches!(added, Ok(true)) {
            record.webhooks = before;
        }
        state.forget_deliveries_of_removed_webhooks();
        added
    }

    async fn remove_webhook(&self, company: &CompanyId, id: &WebhookId) -> Result<bool, StoreError> {
        let mut state = self.reach("removing a webhook")?;
        let Some(record) = state.companies.get_mut(company) else { return Ok(false) };
        let before = record.webhooks.len();
        record.webhooks.retain(|webhook| webhook.id != *id);
        let removed = record.webhooks.len() < before;
        state.forget_deliveries_of_removed_webhooks();
        Ok(removed)
    }
}

fn entry((key, item): (&ItemKey, &Item)) -> ItemEntry {
    ItemEntry { key: key.clone(), created: item.created }
}
