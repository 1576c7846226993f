//! [`DeliveryStore`] on SQLite.

use async_trait::async_trait;
use jiff::Timestamp;
use ports::{
    deliveries::{Delivery, DeliveryStore, Notice},
    rooms::CompanyId,
    teleconsultations::StoreError,
};
use rusqlite::{Connection, params};
use store_document::{decode_notice, encode_happening, moment};

use crate::{Fault, company::webhook, rooms::SqliteRooms};

#[async_trait]
impl DeliveryStore for SqliteRooms {
    async fn announce(&self, company: &CompanyId, notice: &Notice) -> Result<(), StoreError> {
        let (company, notice) = (company.clone(), notice.clone());
        self.database.write("announcing", move |connection| announce(connection, &company, &notice)).await
    }

    async fn take_deliveries(&self, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        const IS_DUE: &str = "SELECT 1 FROM video_deliveries WHERE due_ms <= ?1";
        let (now, until) = (now.as_millisecond(), until.as_millisecond());
        // There is hardly ever one, and a write waits for the disk.
        let is_due = |connection: &Connection| Ok(connection.prepare_cached(IS_DUE)?.exists([now])?);
        if !self.database.read("looking for deliveries", is_due).await? {
            return Ok(Vec::new());
        }
        let take = move |connection: &Connection| take(connection, now, until, limit);
        self.database.write("taking deliveries", take).await
    }

    async fn postpone_delivery(&self, number: u64, due: Timestamp) -> Result<(), StoreError> {
        const POSTPONE: &str = "UPDATE video_deliveries SET attempts = attempts + 1, due_ms = ?2 WHERE number = ?1";
        let postpone = move |connection: &Connection| {
            Ok(connection.prepare_cached(POSTPONE)?.execute(params![number, due.as_millisecond()])?)
        };
        self.database.write("postponing a delivery", postpone).await.map(drop)
    }

    async fn settle_delivery(&self, number: u64) -> Result<(), StoreError> {
        let settle = move |connection: &Connection| settle(connection, number);
        self.database.write("settling a delivery", settle).await
    }
}

/// Writes a delivery for each webhook that wants to know, as a part of the write that makes it happen.
pub(crate) fn announce(connection: &Connection, company: &CompanyId, notice: &Notice) -> Result<(), Fault> {
    const IS_WANTED: &str = "SELECT 1 FROM video_webhooks WHERE company = ?1 AND event = ?2";
    const ANNOUNCE: &str = "INSERT INTO video_deliveries (company, webhook, room, at_ms, due_ms, attempts, document)
                            SELECT company, id, ?3, ?4, 0, 0, ?5 FROM video_webhooks WHERE company = ?1 AND event = ?2
                            ORDER BY created_ms, id";
    let event = notice.what.event();
    if !connection.prepare_cached(IS_WANTED)?.exists([company.0.as_str(), event])? {
        return Ok(());
    }
    let (at, document) = (notice.at.map(Timestamp::as_millisecond), encode_happening(&notice.what)?);
    connection.prepare_cached(ANNOUNCE)?.execute(params![company.0, event, notice.room.as_str(), at, document])?;
    Ok(())
}

fn take(connection: &Connection, now: i64, until: i64, limit: u32) -> Result<Vec<Delivery>, Fault> {
    const DUE: &str = "SELECT d.number, d.company, d.room, coalesce(d.at_ms, ?1), d.attempts, d.document,
                              w.id, w.event, w.url, w.version, w.created_ms
                       FROM video_deliveries d JOIN video_webhooks w ON w.company = d.company AND w.id = d.webhook
                       WHERE d.due_ms <= ?1 AND NOT EXISTS (SELECT 1 FROM video_deliveries e
                             WHERE e.company = d.company AND e.webhook = d.webhook AND e.room = d.room
                               AND e.number < d.number)
                       ORDER BY d.number LIMIT ?2";
    const TAKE: &str = "UPDATE video_deliveries SET due_ms = ?2, at_ms = ?3 WHERE number = ?1";
    let mut due = Vec::new();
    {
        let mut statement = connection.prepare_cached(DUE)?;
        let mut rows = statement.query(params![now, limit])?;
        while let Some(row) = rows.next()? {
            let (number, company): (u64, String) = (row.get(0)?, row.get(1)?);
            let (room, at, attempts): (String, i64, u32) = (row.get(2)?, row.get(3)?, row.get(4)?);
            due.push((number, CompanyId(company), room, at, attempts, row.get::<_, String>(5)?, webhook(row, 6)?));
        }
    }
    let mut taken = Vec::with_capacity(due.len());
    for (number, company, room, at, attempts, document, webhook) in due {
        match decode_notice(&company, &room, moment(at), &document) {
            Ok(notice) => {
                connection.prepare_cached(TAKE)?.execute(params![number, until, at])?;
                taken.push(Delivery { number, company, webhook, attempts, notice });
            }
            Err(error) => {
                tracing::error!(what = error.what, "a webhook is not told: the notice cannot be read");
                settle(connection, number)?;
            }
        }
    }
    Ok(taken)
}

fn settle(connection: &Connection, number: u64) -> Result<(), Fault> {
    connection.prepare_cached("DELETE FROM video_deliveries WHERE number = ?1")?.execute([number])?;
    Ok(())
}
