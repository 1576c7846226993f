//! [`CompanyStore`] on PostgreSQL.

use async_trait::async_trait;
use deadpool_postgres::{GenericClient, Transaction};
use ports::{
    company::{
        Addition, BackgroundAlias, CompanySettings, CompanyStore, Item, ItemEntry, ItemKey, ItemKind, PayloadVersion,
        WEBHOOKS_MAX, Webhook, WebhookId,
    },
    rooms::CompanyId,
    teleconsultations::{StoreError, Version},
};
use store_document::{corrupt, decode_settings, encode_settings, moment};
use tokio_postgres::{Row, types::ToSql};

use crate::{
    Fault,
    database::{read, write},
    rooms::PostgresRooms,
};

#[async_trait]
impl CompanyStore for PostgresRooms {
    async fn settings(&self, company: &CompanyId) -> Result<(CompanySettings, Version), StoreError> {
        read!(self.database, "reading settings", |client| settings(client, company).await)
    }

    async fn replace_settings(
        &self,
        company: &CompanyId,
        new: &CompanySettings,
        read: Version,
    ) -> Result<Version, StoreError> {
        write!(self.database, "changing settings", |transaction| {
            lock(transaction, company).await?;
            let (_, version) = settings(transaction, company).await?;
            let background = new.default_background.as_ref().map(BackgroundAlias::as_str);
            let key = new.recording.encryption_key.as_deref();
            let there = has(transaction, company, ItemKind::Background, background).await?
                && has(transaction, company, ItemKind::EncryptionKey, key).await?;
            if version != read || !there {
                return Err(Fault::Conflict);
            }
            write_settings(transaction, company, new, read).await
        })
    }

    async fn add_item(
        &self,
        company: &CompanyId,
        key: &ItemKey,
        item: &Item,
        at_most: u32,
    ) -> Result<Addition, StoreError> {
        const COUNT: &str = "SELECT count(*) FROM video_items WHERE company = $1 AND kind = $2";
        write!(self.database, "adding an item", |transaction| {
            lock(transaction, company).await?;
            if has(transaction, company, key.kind, Some(&key.name)).await? {
                return Ok(Addition::Exists);
            }
            let statement = transaction.prepare_cached(COUNT).await?;
            let row = transaction.query_one(&statement, &[&company.0, &kind_text(key.kind)]).await?;
            let count: i64 = row.try_get(0)?;
            if count >= i64::from(at_most) {
                return Ok(Addition::Full);
            }
            put(transaction, company, key, item).await?;
            Ok(Addition::Added)
        })
    }

    async fn put_item(&self, company: &CompanyId, key: &ItemKey, item: &Item) -> Result<(), StoreError> {
        write!(self.database, "replacing an item", |transaction| put(transaction, company, key, item).await)
    }

    async fn remove_item(&self, company: &CompanyId, key: &ItemKey) -> Result<bool, StoreError> {
        const REMOVE: &str = "DELETE FROM video_items WHERE company = $1 AND kind = $2 AND name = $3";
        write!(self.database, "removing an item", |transaction| {
            lock(transaction, company).await?;
            let statement = transaction.prepare_cached(REMOVE).await?;
            if transaction.execute(&statement, &[&company.0, &kind_text(key.kind), &key.name]).await? == 0 {
                return Ok(false);
            }
            if key.kind == ItemKind::Background {
                let (mut settings, version) = settings(transaction, company).await?;
                if settings.default_background.as_ref().is_some_and(|default| default.as_str() == key.name) {
                    settings.default_background = None;
                    write_settings(transaction, company, &settings, version).await?;
                }
            }
            Ok(true)
        })
    }

    async fn item(&self, company: &CompanyId, key: &ItemKey) -> Result<Option<Item>, StoreError> {
        const ITEM: &str = "SELECT media_type, bytes, created_ms FROM video_items
                            WHERE company = $1 AND kind = $2 AND name = $3";
        read!(self.database, "reading an item", |client| {
            let statement = client.prepare_cached(ITEM).await?;
            let row = client.query_opt(&statement, &[&company.0, &kind_text(key.kind), &key.name]).await?;
            let Some(row) = row else { return Ok(None) };
            let bytes: &[u8] = row.try_get(1)?;
            Ok(Some(Item { media_type: row.try_get(0)?, bytes: bytes.into(), created: created(&row, 2)? }))
        })
    }

    async fn items(
        &self,
        company: &CompanyId,
        kind: ItemKind,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<ItemEntry>, StoreError> {
        const ITEMS: &str = "SELECT name, created_ms FROM video_items WHERE company = $1 AND kind = $2
                             ORDER BY created_ms DESC, name LIMIT $3 OFFSET $4";
        read!(self.database, "listing items", |client| {
            let statement = client.prepare_cached(ITEMS).await?;
            let values: [&(dyn ToSql + Sync); 4] =
                [&company.0, &kind_text(kind), &i64::from(limit), &i64::from(offset)];
            let rows = client.query(&statement, &values).await?;
            rows.iter().map(|row| entry(kind, row)).collect()
        })
    }

    async fn entries(&self, company: &CompanyId, keys: &[ItemKey]) -> Result<Vec<ItemEntry>, StoreError> {
        const ENTRY: &str = "SELECT name, created_ms FROM video_items WHERE company = $1 AND kind = $2 AND name = $3";
        read!(self.database, "listing items", |client| {
            let statement = client.prepare_cached(ENTRY).await?;
            let mut entries = Vec::new();
            for key in keys {
                let row = client.query_opt(&statement, &[&company.0, &kind_text(key.kind), &key.name]).await?;
                entries.extend(row.map(|row| entry(key.kind, &row)).transpose()?);
            }
            Ok(entries)
        })
    }

    async fn webhooks(&self, company: &CompanyId) -> Result<Vec<Webhook>, StoreError> {
        const WEBHOOKS: &str = "SELECT id, event, url, version, created_ms FROM video_webhooks WHERE company = $1
                                ORDER BY created_ms, id";
        read!(self.database, "listing webhooks", |client| {
            let statement = client.prepare_cached(WEBHOOKS).await?;
            let rows = client.query(&statement, &[&company.0]).await?;
            rows.iter().map(|row| webhook(row, 0)).collect()
        })
    }

    async fn add_webhooks(&self, company: &CompanyId, webhooks: &[Webhook]) -> Result<bool, StoreError> {
        write!(self.database, "adding webhooks", |transaction| {
            lock(transaction, company).await?;
            add(transaction, company, webhooks).await
        })
    }

    async fn replace_webhook(&self, company: &CompanyId, webhook: &Webhook) -> Result<bool, StoreError> {
        const REPLACE: &str = "UPDATE video_webhooks SET event = $3, url = $4, version = $5
                               WHERE company = $1 AND id = $2";
        write!(self.database, "changing a webhook", |transaction| {
            let statement = transaction.prepare_cached(REPLACE).await?;
            let version = version_number(webhook.version);
            let values: [&(dyn ToSql + Sync); 5] = [&company.0, &webhook.id.0, &webhook.event, &webhook.url, &version];
            Ok(transaction.execute(&statement, &values).await? > 0)
        })
    }

    async fn set_webhooks(
        &self,
        company: &CompanyId,
        version: PayloadVersion,
        webhooks: &[Webhook],
    ) -> Result<bool, StoreError> {
        const OTHERS: &str = "SELECT count(*) FROM video_webhooks WHERE company = $1 AND version <> $2";
        const DELIVERIES: &str = "DELETE FROM video_deliveries WHERE company = $1 AND webhook IN
                                  (SELECT id FROM video_webhooks WHERE company = $1 AND version = $2)";
        const REMOVE: &str = "DELETE FROM video_webhooks WHERE company = $1 AND version = $2";
        write!(self.database, "replacing webhooks", |transaction| {
            lock(transaction, company).await?;
            let of_version: [&(dyn ToSql + Sync); 2] = [&company.0, &version_number(version)];
            let row = transaction.query_one(&transaction.prepare_cached(OTHERS).await?, &of_version).await?;
            let others: i64 = row.try_get(0)?;
            if exceeds(others, webhooks.len()) {
                return Ok(false);
            }
            transaction.execute(&transaction.prepare_cached(DELIVERIES).await?, &of_version).await?;
            transaction.execute(&transaction.prepare_cached(REMOVE).await?, &of_version).await?;
            add(transaction, company, webhooks).await
        })
    }

    async fn remove_webhook(&self, company: &CompanyId, id: &WebhookId) -> Result<bool, StoreError> {
        const DELIVERIES: &str = "DELETE FROM video_deliveries WHERE company = $1 AND webhook = $2";
        const REMOVE: &str = "DELETE FROM video_webhooks WHERE company = $1 AND id = $2";
        write!(self.database, "removing a webhook", |transaction| {
            let names: [&(dyn ToSql + Sync); 2] = [&company.0, &id.0];
            transaction.execute(&transaction.prepare_cached(DELIVERIES).await?, &names).await?;
            Ok(transaction.execute(&transaction.prepare_cached(REMOVE).await?, &names).await? > 0)
        })
    }
}

/// Lets one transaction at a time decide on what a company has: what it counts or finds stays so until it ends.
async fn lock(transaction: &Transaction<'_>, company: &CompanyId) -> Result<(), Fault> {
    const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended('teleconsultation company ' || $1, 0))";
    transaction.execute(&transaction.prepare_cached(LOCK).await?, &[&company.0]).await?;
    Ok(())
}

async fn settings(client: &impl GenericClient, company: &CompanyId) -> Result<(CompanySettings, Version), Fault> {
    const SETTINGS: &str = "SELECT document, version FROM video_companies WHERE company = $1";
    let statement = client.prepare_cached(SETTINGS).await?;
    let Some(row) = client.query_opt(&statement, &[&company.0]).await? else {
        return Ok((CompanySettings::default(), Version(0)));
    };
    let version: i64 = row.try_get(1)?;
    Ok((decode_settings(row.try_get(0)?)?, Version(u64::try_from(version).unwrap_or(0))))
}

async fn write_settings(
    transaction: &Transaction<'_>,
    company: &CompanyId,
    settings: &CompanySettings,
    read: Version,
) -> Result<Version, Fault> {
    const WRITE: &str = "INSERT INTO video_companies (company, version, document) VALUES ($1, $2, $3)
                         ON CONFLICT (company) DO UPDATE SET version = excluded.version, document = excluded.document";
    let next = Version(read.0 + 1);
    let (number, document) = (i64::try_from(next.0).unwrap_or(i64::MAX), encode_settings(settings)?);
    transaction.execute(&transaction.prepare_cached(WRITE).await?, &[&company.0, &number, &document]).await?;
    Ok(next)
}

/// Whether there is such an item; no name is always there.
async fn has(
    client: &impl GenericClient,
    company: &CompanyId,
    kind: ItemKind,
    name: Option<&str>,
) -> Result<bool, Fault> {
    const HAS: &str = "SELECT 1 FROM video_items WHERE company = $1 AND kind = $2 AND name = $3";
    let Some(name) = name else { return Ok(true) };
    let statement = client.prepare_cached(HAS).await?;
    Ok(client.query_opt(&statement, &[&company.0, &kind_text(kind), &name]).await?.is_some())
}

async fn put(transaction: &Transaction<'_>, company: &CompanyId, key: &ItemKey, item: &Item) -> Result<(), Fault> {
    const PUT: &str = "INSERT INTO video_items (company, kind, name, created_ms, media_type, bytes)
                       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (company, kind, name) DO UPDATE
                       SET created_ms = excluded.created_ms, media_type = excluded.media_type, bytes = excluded.bytes";
    let statement = transaction.prepare_cached(PUT).await?;
    let (created, bytes) = (item.created.as_millisecond(), &*item.bytes);
    let values: [&(dyn ToSql + Sync); 6] =
        [&company.0, &kind_text(key.kind), &key.name, &created, &item.media_type, &bytes];
    transaction.execute(&statement, &values).await?;
    Ok(())
}

async fn add(transaction: &Transaction<'_>, company: &CompanyId, webhooks: &[Webhook]) -> Result<bool, Fault> {
    const COUNT: &str = "SELECT count(*) FROM video_webhooks WHERE company = $1";
    const ADD: &str = "INSERT INTO video_webhooks (company, id, event, url, version, created_ms)
                       VALUES ($1, $2, $3, $4, $5, $6)";
    let row = transaction.query_one(&transaction.prepare_cached(COUNT).await?, &[&company.0]).await?;
    let count: i64 = row.try_get(0)?;
    if exceeds(count, webhooks.len()) {
        return Ok(false);
    }
    let statement = transaction.prepare_cached(ADD).await?;
    for webhook in webhooks {
        let (version, created) = (version_number(webhook.version), webhook.created.as_millisecond());
        let values: [&(dyn ToSql + Sync); 6] =
            [&company.0, &webhook.id.0, &webhook.event, &webhook.url, &version, &created];
        transaction.execute(&statement, &values).await?;
    }
    Ok(true)
}

fn exceeds(count: i64, more: usize) -> bool {
    usize::try_from(count).unwrap_or(usize::MAX).saturating_add(more) > WEBHOOKS_MAX as usize
}

/// Reads `id, event, url, version, created_ms` from column `first` on.
pub(crate) fn webhook(row: &Row, first: usize) -> Result<Webhook, Fault> {
    let version: i16 = row.try_get(first + 3)?;
    Ok(Webhook {
        id: WebhookId(row.try_get(first)?),
        event: row.try_get(first + 1)?,
        url: row.try_get(first + 2)?,
        version: if version == 0 { PayloadVersion::V0 } else { PayloadVersion::V1 },
        created: created(row, first + 4)?,
    })
}

fn entry(kind: ItemKind, row: &Row) -> Result<ItemEntry, Fault> {
    Ok(ItemEntry { key: ItemKey::new(kind, row.try_get::<_, String>(0)?), created: created(row, 1)? })
}

fn created(row: &Row, column: usize) -> Result<jiff::Timestamp, Fault> {
    Ok(moment(row.try_get(column)?).ok_or_else(|| corrupt("an item", "of a company", "the moment it was made"))?)
}

const fn version_number(version: PayloadVersion) -> i16 {
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
