//! [`MessageStore`] on PostgreSQL.

use async_trait::async_trait;
use deadpool_postgres::Transaction;
use domain::{ProviderUserId, RoomRef};
use ports::{
    content::{Message, MessageStore, NewMessage},
    teleconsultations::StoreError,
};
use store_document::{corrupt, moment};
use tokio_postgres::{Row, types::ToSql};

use super::{as_stored, lock_room, maybe_person, number, person};
use crate::{
    Fault,
    database::{read, write},
    rooms::PostgresRooms,
};

#[async_trait]
impl MessageStore for PostgresRooms {
    async fn add_message(&self, room: &RoomRef, message: &NewMessage) -> Result<Message, StoreError> {
        write!(self.database, "adding a message", |transaction| add(transaction, room, message).await)
    }

    async fn messages(
        &self,
        room: &RoomRef,
        waiting: Option<&ProviderUserId>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        const MESSAGES: &str = "SELECT number, sender, waiting, text, key, at_ms FROM video_messages
                                WHERE room = $1 AND waiting IS NOT DISTINCT FROM $2 AND number < $3
                                ORDER BY number DESC LIMIT $4";
        let (waiting, before) = (waiting.map(ProviderUserId::as_str), before.map_or(i64::MAX, as_stored));
        read!(self.database, "reading messages", |client| {
            let statement = client.prepare_cached(MESSAGES).await?;
            let values: [&(dyn ToSql + Sync); 4] = [&room.as_str(), &waiting, &before, &i64::from(limit)];
            let rows = client.query(&statement, &values).await?;
            rows.iter().rev().map(|row| message(room, row)).collect::<Result<Vec<_>, Fault>>()
        })
    }
}

async fn add(transaction: &Transaction<'_>, room: &RoomRef, sent: &NewMessage) -> Result<Message, Fault> {
    const KNOWN: &str = "SELECT number, sender, waiting, text, key, at_ms FROM video_messages
                         WHERE room = $1 AND sender = $2 AND key = $3 AND key IS NOT NULL";
    const ADD: &str = "INSERT INTO video_messages (room, number, sender, waiting, text, key, at_ms)
                       SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6
                       FROM video_messages WHERE room = $1 RETURNING number";
    // Whoever comes next sees this message, so that no number and no key is used twice.
    lock_room(transaction, room).await?;
    let from = sent.from.as_str();
    if let Some(key) = &sent.key {
        let statement = transaction.prepare_cached(KNOWN).await?;
        if let Some(row) = transaction.query_opt(&statement, &[&room.as_str(), &from, key]).await? {
            return message(room, &row);
        }
    }
    let (waiting, at) = (sent.waiting.as_ref().map(ProviderUserId::as_str), sent.at.as_millisecond());
    let statement = transaction.prepare_cached(ADD).await?;
    let values: [&(dyn ToSql + Sync); 6] = [&room.as_str(), &from, &waiting, &sent.text, &sent.key, &at];
    let row = transaction.query_one(&statement, &values).await?;
    Ok(Message { number: number(room.as_str(), &row, 0)?, sent: sent.clone() })
}

fn message(room: &RoomRef, row: &Row) -> Result<Message, Fault> {
    let sent = NewMessage {
        from: person(room.as_str(), row, 1)?,
        waiting: maybe_person(room.as_str(), row, 2)?,
        text: row.try_get(3)?,
        key: row.try_get(4)?,
        at: moment(row.try_get(5)?).ok_or_else(|| corrupt("a message in room", room.as_str(), "its moment"))?,
    };
    Ok(Message { number: number(room.as_str(), row, 0)?, sent })
}
