//! [`AdmissionStore`] on SQLite.

use async_trait::async_trait;
use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;
use ports::{content::AdmissionStore, teleconsultations::StoreError};
use rusqlite::{Connection, params};
use store_document::{corrupt, moment};

use super::{person, require_room};
use crate::rooms::SqliteRooms;

#[async_trait]
impl AdmissionStore for SqliteRooms {
    async fn admit(&self, room: &RoomRef, user: &ProviderUserId, at: Timestamp) -> Result<(), StoreError> {
        const ADMIT: &str = "INSERT INTO video_admissions (room, user, at_ms) VALUES (?1, ?2, ?3)
                             ON CONFLICT (room, user) DO NOTHING";
        let (room, user, at) = (room.clone(), user.clone(), at.as_millisecond());
        let admit = move |connection: &Connection| {
            require_room(connection, &room)?;
            connection.prepare_cached(ADMIT)?.execute(params![room.as_str(), user.as_str(), at])?;
            Ok(())
        };
        self.database.write("admitting", admit).await
    }

    async fn end_admission(&self, room: &RoomRef, user: &ProviderUserId) -> Result<(), StoreError> {
        const END: &str = "DELETE FROM video_admissions WHERE room = ?1 AND user = ?2";
        let (room, user) = (room.clone(), user.clone());
        let end = move |connection: &Connection| {
            connection.prepare_cached(END)?.execute([room.as_str(), user.as_str()])?;
            Ok(())
        };
        self.database.write("ending an admission", end).await
    }

    async fn end_admissions(&self, room: &RoomRef) -> Result<(), StoreError> {
        const END: &str = "DELETE FROM video_admissions WHERE room = ?1";
        let room = room.clone();
        let end = move |connection: &Connection| {
            connection.prepare_cached(END)?.execute([room.as_str()])?;
            Ok(())
        };
        self.database.write("ending admissions", end).await
    }

    async fn admissions(&self, room: &RoomRef) -> Result<Vec<(ProviderUserId, Timestamp)>, StoreError> {
        const ADMISSIONS: &str = "SELECT user, at_ms FROM video_admissions WHERE room = ?1 ORDER BY user";
        let read = |connection: &Connection| {
            let mut statement = connection.prepare_cached(ADMISSIONS)?;
            let mut rows = statement.query([room.as_str()])?;
            let mut admissions = Vec::new();
            while let Some(row) = rows.next()? {
                let at =
                    moment(row.get(1)?).ok_or_else(|| corrupt("an admission in room", room.as_str(), "its moment"))?;
                admissions.push((person(room.as_str(), row, 0)?, at));
            }
            Ok(admissions)
        };
        self.database.read("reading admissions", read).await
    }
}
