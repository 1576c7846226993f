//! [`RatingStore`] on SQLite.

use async_trait::async_trait;
use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;
use ports::{
    content::{QualityMinute, Rating, RatingStore},
    rooms::SessionId,
    teleconsultations::StoreError,
};
use rusqlite::{Connection, params};
use store_document::{corrupt, moment};

use super::{person, require_room};
use crate::rooms::SqliteRooms;

#[async_trait]
impl RatingStore for SqliteRooms {
    async fn rate(&self, room: &RoomRef, rating: &Rating) -> Result<(), StoreError> {
        const RATE: &str = "INSERT OR REPLACE INTO video_ratings (room, session, user, stars, comment, at_ms)
                            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let (room, rating) = (room.clone(), rating.clone());
        let rate = move |connection: &Connection| {
            require_room(connection, &room)?;
            connection.prepare_cached(RATE)?.execute(params![
                room.as_str(),
                rating.session.as_ref().map_or("", |session| session.0.as_str()),
                rating.user.as_str(),
                rating.stars,
                rating.comment,
                rating.at.as_millisecond(),
            ])?;
            Ok(())
        };
        self.database.write("keeping a rating", rate).await
    }

    async fn ratings(&self, room: &RoomRef, limit: u32) -> Result<Vec<Rating>, StoreError> {
        const RATINGS: &str = "SELECT session, user, stars, comment, at_ms FROM video_ratings
                               WHERE room = ?1 ORDER BY at_ms DESC, user LIMIT ?2";
        let read = |connection: &Connection| {
            let mut statement = connection.prepare_cached(RATINGS)?;
            let mut rows = statement.query(params![room.as_str(), limit])?;
            let mut ratings = Vec::new();
            while let Some(row) = rows.next()? {
                let session: String = row.get(0)?;
                ratings.push(Rating {
                    session: (!session.is_empty()).then_some(SessionId(session)),
                    user: person(room.as_str(), row, 1)?,
                    stars: row.get(2)?,
                    comment: row.get(3)?,
                    at: moment(row.get(4)?).ok_or_else(|| corrupt("a rating of room", room.as_str(), "its moment"))?,
                });
            }
            Ok(ratings)
        };
        self.database.read("reading ratings", read).await
    }

    async fn add_quality(
        &self,
        room: &RoomRef,
        user: &ProviderUserId,
        minutes: &[QualityMinute],
    ) -> Result<(), StoreError> {
        const ADD: &str = "INSERT OR REPLACE INTO video_quality
                           (room, minute_ms, user, worst, round_trip_ms, loss, uplink_kbps, downlink_kbps)
                           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let (room, user, minutes) = (room.clone(), user.clone(), minutes.to_vec());
        let add = move |connection: &Connection| {
            require_room(connection, &room)?;
            let mut statement = connection.prepare_cached(ADD)?;
            for minute in &minutes {
                statement.execute(params![
                    room.as_str(),
                    minute.minute.as_millisecond(),
                    user.as_str(),
                    minute.worst,
                    minute.round_trip_ms,
                    minute.loss,
                    minute.uplink_kbps,
                    minute.downlink_kbps,
                ])?;
            }
            Ok(())
        };
        self.database.write("keeping measurements", add).await
    }

    async fn quality(
        &self,
        room: &RoomRef,
        from: Timestamp,
    ) -> Result<Vec<(ProviderUserId, QualityMinute)>, StoreError> {
        const QUALITY: &str = "SELECT user, minute_ms, worst, round_trip_ms, loss, uplink_kbps, downlink_kbps
                               FROM video_quality WHERE room = ?1 AND minute_ms >= ?2 ORDER BY minute_ms, user";
        let read = |connection: &Connection| {
            let mut statement = connection.prepare_cached(QUALITY)?;
            let mut rows = statement.query(params![room.as_str(), from.as_millisecond()])?;
            let mut minutes = Vec::new();
            while let Some(row) = rows.next()? {
                let minute =
                    moment(row.get(1)?).ok_or_else(|| corrupt("a measurement in room", room.as_str(), "its moment"))?;
                let minute = QualityMinute {
                    minute,
                    worst: row.get(2)?,
                    round_trip_ms: row.get(3)?,
                    loss: row.get(4)?,
                    uplink_kbps: row.get(5)?,
                    downlink_kbps: row.get(6)?,
                };
                minutes.push((person(room.as_str(), row, 0)?, minute));
            }
            Ok(minutes)
        };
        self.database.read("reading measurements", read).await
    }
}
