//! [`DeliveryStore`] on PostgreSQL.

use async_trait::async_trait;
use deadpool_postgres::Transaction;
use jiff::Timestamp;
use ports::{
    deliveries::{Delivery, DeliveryStore, Notice},
    rooms::CompanyId,
    teleconsultations::StoreError,
};
use store_document::{decode_notice, encode_happening, moment};
use tokio_postgres::types::ToSql;

use crate::{
    Fault,
    company::webhook,
    database::{read, write},
    rooms::PostgresRooms,
};

#[async_trait]
impl DeliveryStore for PostgresRooms {
    async fn announce(&self, company: &CompanyId, notice: &Notice) -> Result<(), StoreError> {
        write!(self.database, "announcing", |transaction| announce(transaction, company, notice).await)
    }

    async fn take_deliveries(&self, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        const IS_DUE: &str = "SELECT 1 FROM video_deliveries WHERE due_ms <= $1 LIMIT 1";
        let (now, until) = (now.as_millisecond(), until.as_millisecond());
        // There is hardly ever one.
        let is_due: Result<bool, StoreError> = read!(self.database, "looking for deliveries", |client| {
            Ok(client.query_opt(&client.prepare_cached(IS_DUE).await?, &[&now]).await?.is_some())
        });
        if !is_due? {
            return Ok(Vec::new());
        }
        write!(self.database, "taking deliveries", |transaction| take(transaction, now, until, limit).await)
    }

    async fn postpone_delivery(&self, number: u64, due: Timestamp) -> Result<(), StoreError> {
        const POSTPONE: &str = "UPDATE video_deliveries SET attempts = attempts + 1, due_ms = $2 WHERE number = $1";
        write!(self.database, "postponing a delivery", |transaction| {
            let statement = transaction.prepare_cached(POSTPONE).await?;
            transaction.execute(&statement, &[&as_stored(number), &due.as_millisecond()]).await?;
            Ok(())
        })
    }

    async fn settle_delivery(&self, number: u64) -> Result<(), StoreError> {
        write!(self.database, "settling a delivery", |transaction| settle(transaction, as_stored(number)).await)
    }
}

/// Writes a delivery for each webhook that wants to know, as a part of the write that makes it happen.
pub(crate) async fn announce(transaction: &Transaction<'_>, company: &CompanyId, notice: &Notice) -> Result<(), Fault> {
    const IS_WANTED: &str = "SELECT 1 FROM video_webhooks WHERE company = $1 AND event = $2 LIMIT 1";
    const ANNOUNCE: &str = "INSERT INTO video_deliveries (company, webhook, room, at_ms, due_ms, attempts, document)
                            SELECT company, id, $3, $4, 0, 0, $5 FROM video_webhooks WHERE company = $1 AND event = $2
                            ORDER BY created_ms, id";
    let event = notice.what.event();
    let statement = transaction.prepare_cached(IS_WANTED).await?;
    if transaction.query_opt(&statement, &[&company.0, &event]).await?.is_none() {
        return Ok(());
    }
    let (room, at) = (notice.room.as_str(), notice.at.map(Timestamp::as_millisecond));
    let document = encode_happening(&notice.what)?;
    let values: [&(dyn ToSql + Sync); 5] = [&company.0, &event, &room, &at, &document];
    transaction.execute(&transaction.prepare_cached(ANNOUNCE).await?, &values).await?;
    Ok(())
}

/// Rows that another instance takes at this moment are left to it.
async fn take(transaction: &Transaction<'_>, now: i64, until: i64, limit: u32) -> Result<Vec<Delivery>, Fault> {
    const DUE: &str = "SELECT d.number, d.company, d.room, coalesce(d.at_ms, $1), d.attempts, d.document,
                              w.id, w.event, w.url, w.version, w.created_ms
                       FROM video_deliveries d JOIN video_webhooks w ON w.company = d.company AND w.id = d.webhook
                       WHERE d.due_ms <= $1 AND NOT EXISTS (SELECT 1 FROM video_deliveries e
                             WHERE e.company = d.company AND e.webhook = d.webhook AND e.room = d.room
                               AND e.number < d.number)
                       ORDER BY d.number LIMIT $2 FOR UPDATE OF d SKIP LOCKED";
    const TAKE: &str = "UPDATE video_deliveries SET due_ms = $2, at_ms = $3 WHERE number = $1";
    let statement = transaction.prepare_cached(DUE).await?;
    let rows = transaction.query(&statement, &[&now, &i64::from(limit)]).await?;
    let mut taken = Vec::with_capacity(rows.len());
    for row in rows {
        let (number, at, attempts): (i64, i64, i64) = (row.try_get(0)?, row.try_get(3)?, row.try_get(4)?);
        let company = CompanyId(row.try_get(1)?);
        match decode_notice(&company, row.try_get(2)?, moment(at), row.try_get(5)?) {
            Ok(notice) => {
                transaction.execute(&transaction.prepare_cached(TAKE).await?, &[&number, &until, &at]).await?;
                taken.push(Delivery {
                    number: u64::try_from(number).unwrap_or(0),
                    company,
                    webhook: webhook(&row, 6)?,
                    attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
                    notice,
                });
            }
            Err(error) => {
                tracing::error!(what = error.what, "a webhook is not told: the notice cannot be read");
                settle(transaction, number).await?;
            }
        }
    }
    Ok(taken)
}

async fn settle(transaction: &Transaction<'_>, number: i64) -> Result<(), Fault> {
    let statement = transaction.prepare_cached("DELETE FROM video_deliveries WHERE number = $1").await?;
    transaction.execute(&statement, &[&number]).await?;
    Ok(())
}

fn as_stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
