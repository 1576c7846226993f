//! [`CompanyStore`] on SQLite.

use async_trait::async_trait;
use ports::{
    company::{
        Addition, BackgroundAlias, CompanySettings, CompanyStore, Item, ItemEntry, ItemKey, ItemKind, PayloadVersion,
        WEBHOOKS_MAX, Webhook, WebhookId,
    },
    rooms::CompanyId,
    teleconsultations::{StoreError, Version},
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use store_document::{corrupt, decode_settings, encode_settings, moment};

use crate::{Fault, rooms::SqliteRooms};

#[async_trait]
impl CompanyStore for SqliteRooms {
    async fn settings(&self, company: &CompanyId) -> Result<(CompanySettings, Version), StoreError> {
        self.database.read("reading settings", |connection| settings(connection, company)).await
    }

    async fn replace_settings(
        &self,
        company: &CompanyId,
        new: &CompanySettings,
        read: Version,
    ) -> Result<Version, StoreError> {
        let (company, new) = (company.clone(), new.clone());
        let replace = move |connection: &Connection| {
            let (_, version) = settings(connection, &company)?;
            let background = new.default_background.as_ref().map(BackgroundAlias::as_str);
            let there = has(connection, &company, ItemKind::Background, background)?
                && has(connection, &company, ItemKind::EncryptionKey, new.recording.encryption_key.as_deref())?;
            if version != read || !there {
                return Err(Fault::Conflict);
            }
            write_settings(connection, &company, &new, read)
        };
        self.database.write("changing settings", replace).await
    }

    async fn add_item(
        &self,
        company: &CompanyId,
        key: &ItemKey,
        item: &Item,
        at_most: u32,
    ) -> Result<Addition, StoreError> {
        const COUNT: &str = "SELECT count(*) FROM video_items WHERE company = ?1 AND kind = ?2";
        let (company, key, item) = (company.clone(), key.clone(), item.clone());
        let add = move |connection: &Connection| {
            if has(connection, &company, key.kind, Some(&key.name))? {
                return Ok(Addition::Exists);
            }
            let mut statement = connection.prepare_cached(COUNT)?;
            let count: u32 = statement.query_row(params![company.0, kind_text(key.kind)], |row| row.get(0))?;
            if count >= at_most {
                return Ok(Addition::Full);
            }
            put(connection, &company, &key, &item)?;
            Ok(Addition::Added)
        };
        self.database.write("adding an item", add).await
    }

    async fn put_item(&self, company: &CompanyId, key: &ItemKey, item: &Item) -> Result<(), StoreError> {
        let (company, key, item) = (company.clone(), key.clone(), item.clone());
        self.database.write("replacing an item", move |connection| put(connection, &company, &key, &item)).await
    }

    async fn remove_item(&self, company: &CompanyId, key: &ItemKey) -> Result<bool, StoreError> {
        const REMOVE: &str = "DELETE FROM video_items WHERE company = ?1 AND kind = ?2 AND name = ?3";
        let (company, key) = (company.clone(), key.clone());
        let remove = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(REMOVE)?;
            if statement.execute(params![company.0, kind_text(key.kind), key.name])? == 0 {
                return Ok(false);
            }
            if key.kind == ItemKind::Background {
                let (mut settings, version) = settings(connection, &company)?;
                if settings.default_background.as_ref().is_some_and(|default| default.as_str() == key.name) {
                    settings.default_background = None;
                    write_settings(connection, &company, &settings, version)?;
                }
            }
            Ok(true)
        };
        self.database.write("removing an item", remove).await
    }

    async fn item(&self, company: &CompanyId, key: &ItemKey) -> Result<Option<Item>, StoreError> {
        const ITEM: &str = "SELECT media_type, bytes, created_ms FROM video_items
                            WHERE company = ?1 AND kind = ?2 AND name = ?3";
        let read = |connection: &Connection| {
            let mut statement = connection.prepare_cached(ITEM)?;
            let mut rows = statement.query(params![company.0, kind_text(key.kind), key.name])?;
            let Some(row) = rows.next()? else { return Ok(None) };
            let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?.into();
            Ok(Some(Item { media_type: row.get(0)?, bytes, created: created(row.get(2)?)? }))
        };
        self.database.read("reading an item", read).await
    }

    async fn items(
        &self,
        company: &CompanyId,
        kind: ItemKind,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<ItemEntry>, StoreError> {
        const ITEMS: &str = "SELECT name, created_ms FROM video_items WHERE company = ?1 AND kind = ?2
                             ORDER BY created_ms DESC, name LIMIT ?3 OFFSET ?4";
        let read = |connection: &Connection| {
            let mut statement = connection.prepare_cached(ITEMS)?;
            let mut rows = statement.query(params![company.0, kind_text(kind), limit, offset])?;
            let mut entries = Vec::new();
            while let Some(row) = rows.next()? {
                let key = ItemKey::new(kind, row.get::<_, String>(0)?);
                entries.push(ItemEntry { key, created: created(row.get(1)?)? });
            }
            Ok(entries)
        };
        self.database.read("listing items", read).await
    }

    async fn entries(&self, company: &CompanyId, keys: &[ItemKey]) -> Result<Vec<ItemEntry>, StoreError> {
        const ENTRY: &str = "SELECT created_ms FROM video_items WHERE company = ?1 AND kind = ?2 AND name = ?3";
        let read = |connection: &Connection| {
            let mut statement = connection.prepare_cached(ENTRY)?;
            let mut entries = Vec::new();
            for key in keys {
                let values = params![company.0, kind_text(key.kind), key.name];
                let found: Option<i64> = statement.query_row(values, |row| row.get(0)).optional()?;
                if let Some(ms) = found {
                    entries.push(ItemEntry { key: key.clone(), created: created(ms)? });
                }
            }
            Ok(entries)
        };
        self.database.read("listing items", read).await
    }

    async fn webhooks(&self, company: &CompanyId) -> Result<Vec<Webhook>, StoreError> {
        const WEBHOOKS: &str = "SELECT id, event, url, version, created_ms FROM video_webhooks WHERE company = ?1
                                ORDER BY created_ms, id";
        let read = |connection: &Connection| {
            let mut statement = connection.prepare_cached(WEBHOOKS)?;
            let mut rows = statement.query([&company.0])?;
            let mut webhooks = Vec::new();
            while let Some(row) = rows.next()? {
                webhooks.push(webhook(row, 0)?);
            }
            Ok(webhooks)
        };
        self.database.read("listing webhooks", read).await
    }

    async fn add_webhooks(&self, company: &CompanyId, webhooks: &[Webhook]) -> Result<bool, StoreError> {
        let (company, webhooks) = (company.clone(), webhooks.to_vec());
        let add = move |connection: &Connection| add(connection, &company, &webhooks);
        self.database.write("adding webhooks", add).await
    }

    async fn replace_webhook(&self, company: &CompanyId, webhook: &Webhook) -> Result<bool, StoreError> {
        const REPLACE: &str = "UPDATE video_webhooks SET event = ?3, url = ?4, version = ?5
                               WHERE company = ?1 AND id = ?2";
        let (company, webhook) = (company.clone(), webhook.clone());
        let replace = move |connection: &Connection| {
            let version = version_number(webhook.version);
            let values = params![company.0, webhook.id.0, webhook.event, webhook.url, version];
            Ok(connection.prepare_cached(REPLACE)?.execute(values)? > 0)
        };
        self.database.write("changing a webhook", replace).await
    }

    async fn set_webhooks(
        &self,
        company: &CompanyId,
        version: PayloadVersion,
        webhooks: &[Webhook],
    ) -> Result<bool, StoreError> {
        const OTHERS: &str = "SELECT count(*) FROM video_webhooks WHERE company = ?1 AND version <> ?2";
        const DELIVERIES: &str = "DELETE FROM video_deliveries WHERE company = ?1 AND webhook IN
                                  (SELECT id FROM video_webhooks WHERE company = ?1 AND version = ?2)";
        const REMOVE: &str = "DELETE FROM video_webhooks WHERE company = ?1 AND version = ?2";
        let (company, webhooks) = (company.clone(), webhooks.to_vec());
        let set = move |connection: &Connection| {
            let of_version = params![company.0, version_number(version)];
            let others: usize = connection.prepare_cached(OTHERS)?.query_row(of_version, |row| row.get(0))?;
            if others + webhooks.len() > WEBHOOKS_MAX as usize {
                return Ok(false);
            }
            connection.prepare_cached(DELIVERIES)?.execute(of_version)?;
            connection.prepare_cached(REMOVE)?.execute(of_version)?;
            add(connection, &company, &webhooks)
        };
        self.database.write("replacing webhooks", set).await
    }

    async fn remove_webhook(&self, company: &CompanyId, id: &WebhookId) -> Result<bool, StoreError> {
        const DELIVERIES: &str = "DELETE FROM video_deliveries WHERE company = ?1 AND webhook = ?2";
        const REMOVE: &str = "DELETE FROM video_webhooks WHERE company = ?1 AND id = ?2";
        let (company, id) = (company.clone(), id.clone());
        let remove = move |connection: &Connection| {
            connection.prepare_cached(DELIVERIES)?.execute([&company.0, &id.0])?;
            Ok(connection.prepare_cached(REMOVE)?.execute([&company.0, &id.0])? > 0)
        };
        self.database.write("removing a webhook", remove).await
    }
}

fn settings(connection: &Connection, company: &CompanyId) -> Result<(CompanySettings, Version), Fault> {
    const SETTINGS: &str = "SELECT document, version FROM video_companies WHERE company = ?1";
    let mut statement = connection.prepare_cached(SETTINGS)?;
    let mut rows = statement.query([&company.0])?;
    let Some(row) = rows.next()? else { return Ok((CompanySettings::default(), Version(0))) };
    let document = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
    Ok((decode_settings(document)?, Version(row.get(1)?)))
}

fn write_settings(
    connection: &Connection,
    company: &CompanyId,
    settings: &CompanySettings,
    read: Version,
) -> Result<Version, Fault> {
    const WRITE: &str = "INSERT INTO video_companies (company, version, document) VALUES (?1, ?2, ?3)
                         ON CONFLICT (company) DO UPDATE SET version = excluded.version, document = excluded.document";
    let next = Version(read.0 + 1);
    connection.prepare_cached(WRITE)?.execute(params![company.0, next.0, encode_settings(settings)?])?;
    Ok(next)
}

/// Whether there is such an item; no name is always there.
fn has(connection: &Connection, company: &CompanyId, kind: ItemKind, name: Option<&str>) -> Result<bool, Fault> {
    const HAS: &str = "SELECT 1 FROM video_items WHERE company = ?1 AND kind = ?2 AND name = ?3";
    let Some(name) = name else { return Ok(true) };
    Ok(connection.prepare_cached(HAS)?.exists(params![company.0, kind_text(kind), name])?)
}

fn put(connection: &Connection, company: &CompanyId, key: &ItemKey, item: &Item) -> Result<(), Fault> {
    const PUT: &str = "INSERT INTO video_items (company, kind, name, created_ms, media_type, bytes)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (company, kind, name) DO UPDATE
                       SET created_ms = excluded.created_ms, media_type = excluded.media_type, bytes = excluded.bytes";
    connection.prepare_cached(PUT)?.execute(params![
        company.0,
        kind_text(key.kind),
        key.name,
        item.created.as_millisecond(),
        item.media_type,
        &*item.bytes,
    ])?;
    Ok(())
}

fn add(connection: &Connection, company: &CompanyId, webhooks: &[Webhook]) -> Result<bool, Fault> {
    const COUNT: &str = "SELECT count(*) FROM video_webhooks WHERE company = ?1";
    const ADD: &str = "INSERT INTO video_webhooks (company, id, event, url, version, created_ms)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let count: usize = connection.prepare_cached(COUNT)?.query_row([&company.0], |row| row.get(0))?;
    if count + webhooks.len() > WEBHOOKS_MAX as usize {
        return Ok(false);
    }
    let mut statement = connection.prepare_cached(ADD)?;
    for webhook in webhooks {
        statement.execute(params![
            company.0,
            webhook.id.0,
            webhook.event,
            webhook.url,
            version_number(webhook.version),
            webhook.created.as_millisecond(),
        ])?;
    }
    Ok(true)
}

/// Reads `id, event, url, version, created_ms` from column `first` on.
pub(crate) fn webhook(row: &Row<'_>, first: usize) -> Result<Webhook, Fault> {
    let version: i64 = row.get(first + 3)?;
    Ok(Webhook {
        id: WebhookId(row.get(first)?),
        event: row.get(first + 1)?,
        url: row.get(first + 2)?,
        version: if version == 0 { PayloadVersion::V0 } else { PayloadVersion::V1 },
        created: created(row.get(first + 4)?)?,
    })
}

fn created(ms: i64) -> Result<jiff::Timestamp, Fault> {
    Ok(moment(ms).ok_or_else(|| corrupt("an item", "of a company", "the moment it was made"))?)
}

const fn version_number(version: PayloadVersion) -> i64 {
    match version {
        PayloadVersion::V0 => 0,
        PayloadVersion::V1 => 1,
    }
}

const fn kind_text(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Background => "background",
        ItemKind::Logo => "logo",
        ItemKind::Avatar => "avatar",
        ItemKind::Translation => "translation",
        ItemKind::EncryptionKey => "encryption_key",
        ItemKind::Tag => "tag",
    }
}
