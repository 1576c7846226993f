//! [`AdmissionStore`] on PostgreSQL.

use async_trait::async_trait;
use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;
use ports::{content::AdmissionStore, teleconsultations::StoreError};
use store_document::{corrupt, moment};

use super::{person, require_room};
use crate::{
    database::{read, write},
    rooms::PostgresRooms,
};

#[async_trait]
impl AdmissionStore for PostgresRooms {
    async fn admit(&self, room: &RoomRef, user: &ProviderUserId, at: Timestamp) -> Result<(), StoreError> {
        const ADMIT: &str = "INSERT INTO video_admissions (room, \"user\", at_ms) VALUES ($1, $2, $3)
                             ON CONFLICT (room, \"user\") DO NOTHING";
        write!(self.database, "admitting", |transaction| {
            require_room(transaction, room).await?;
            let statement = transaction.prepare_cached(ADMIT).await?;
            transaction.execute(&statement, &[&room.as_str(), &user.as_str(), &at.as_millisecond()]).await?;
            Ok(())
        })
    }

    async fn end_admission(&self, room: &RoomRef, user: &ProviderUserId) -> Result<(), StoreError> {
        const END: &str = "DELETE FROM video_admissions WHERE room = $1 AND \"user\" = $2";
        write!(self.database, "ending an admission", |transaction| {
            let statement = transaction.prepare_cached(END).await?;
            transaction.execute(&statement, &[&room.as_str(), &user.as_str()]).await?;
            Ok(())
        })
    }

    async fn end_admissions(&self, room: &RoomRef) -> Result<(), StoreError> {
        const END: &str = "DELETE FROM video_admissions WHERE room = $1";
        write!(self.database, "ending admissions", |transaction| {
            let statement = transaction.prepare_cached(END).await?;
            transaction.execute(&statement, &[&room.as_str()]).await?;
            Ok(())
        })
    }

    async fn admissions(&self, room: &RoomRef) -> Result<Vec<(ProviderUserId, Timestamp)>, StoreError> {
        const ADMISSIONS: &str = "SELECT \"user\", at_ms FROM video_admissions WHERE room = $1 ORDER BY \"user\"";
        read!(self.database, "reading admissions", |client| {
            let statement = client.prepare_cached(ADMISSIONS).await?;
            let rows = client.query(&statement, &[&room.as_str()]).await?;
            let mut admissions = Vec::with_capacity(rows.len());
            for row in &rows {
                let at = moment(row.try_get(1)?);
                let at = at.ok_or_else(|| corrupt("an admission in room", room.as_str(), "its moment"))?;
                admissions.push((person(room.as_str(), row, 0)?, at));
            }
            Ok(admissions)
        })
    }
}
