//! [`MessageStore`] on SQLite.

use async_trait::async_trait;
use domain::{ProviderUserId, RoomRef};
use ports::{
    content::{Message, MessageStore, NewMessage},
    teleconsultations::StoreError,
};
use rusqlite::{Connection, Row, params};
use store_document::{corrupt, moment};

use super::{person, require_room};
use crate::{Fault, rooms::SqliteRooms};

#[async_trait]
impl MessageStore for SqliteRooms {
    async fn add_message(&self, room: &RoomRef, message: &NewMessage) -> Result<Message, StoreError> {
        let (room, message) = (room.clone(), message.clone());
        self.database.write("adding a message", move |connection| add(connection, &room, message)).await
    }

    async fn messages(
        &self,
        room: &RoomRef,
        waiting: Option<&ProviderUserId>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        const MESSAGES: &str = "SELECT number, sender, waiting, text, key, at_ms FROM video_messages
                                WHERE room = ?1 AND waiting IS ?2 AND number < ?3 ORDER BY number DESC LIMIT ?4";
        let before = before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX);
        let read = |connection: &Connection| {
            let mut statement = connection.prepare_cached(MESSAGES)?;
            let waiting = waiting.map(ProviderUserId::as_str);
            let mut rows = statement.query(params![room.as_str(), waiting, before, limit])?;
            let mut newest = Vec::new();
            while let Some(row) = rows.next()? {
                newest.push(message(room, row)?);
            }
            newest.reverse();
            Ok(newest)
        };
        self.database.read("reading messages", read).await
    }
}

fn add(connection: &Connection, room: &RoomRef, sent: NewMessage) -> Result<Message, Fault> {
    const KNOWN: &str = "SELECT number, sender, waiting, text, key, at_ms FROM video_messages
                         WHERE room = ?1 AND sender = ?2 AND key = ?3 AND key IS NOT NULL";
    const ADD: &str = "INSERT INTO video_messages (room, number, sender, waiting, text, key, at_ms)
                       SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4, ?5, ?6
                       FROM video_messages WHERE room = ?1 RETURNING number";
    require_room(connection, room)?;
    if let Some(key) = &sent.key {
        let mut statement = connection.prepare_cached(KNOWN)?;
        let mut rows = statement.query([room.as_str(), sent.from.as_str(), key.as_str()])?;
        if let Some(row) = rows.next()? {
            return message(room, row);
        }
    }
    let values = params![
        room.as_str(),
        sent.from.as_str(),
        sent.waiting.as_ref().map(ProviderUserId::as_str),
        sent.text,
        sent.key,
        sent.at.as_millisecond(),
    ];
    let number = connection.prepare_cached(ADD)?.query_row(values, |row| row.get(0))?;
    Ok(Message { number, sent })
}

fn message(room: &RoomRef, row: &Row<'_>) -> Result<Message, Fault> {
    let has_waited = row.get_ref(2)? != rusqlite::types::ValueRef::Null;
    let sent = NewMessage {
        from: person(room.as_str(), row, 1)?,
        waiting: if has_waited { Some(person(room.as_str(), row, 2)?) } else { None },
        text: row.get(3)?,
        key: row.get(4)?,
        at: moment(row.get(5)?).ok_or_else(|| corrupt("a message in room", room.as_str(), "its moment"))?,
    };
    Ok(Message { number: row.get(0)?, sent })
}
