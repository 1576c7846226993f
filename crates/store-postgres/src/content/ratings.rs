//! [`RatingStore`] on PostgreSQL.

use async_trait::async_trait;
use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;
use ports::{
    content::{QualityMinute, Rating, RatingStore},
    rooms::SessionId,
    teleconsultations::StoreError,
};
use store_document::{corrupt, moment};
use tokio_postgres::{Row, types::ToSql};

use super::{maybe_number, person, require_room};
use crate::{
    Fault,
    database::{read, write},
    rooms::PostgresRooms,
};

#[async_trait]
impl RatingStore for PostgresRooms {
    async fn rate(&self, room: &RoomRef, rating: &Rating) -> Result<(), StoreError> {
        const RATE: &str = "INSERT INTO video_ratings (room, session, \"user\", stars, comment, at_ms)
                            VALUES ($1, $2, $3, $4, $5, $6)
                            ON CONFLICT (room, session, \"user\") DO UPDATE
                            SET stars = excluded.stars, comment = excluded.comment, at_ms = excluded.at_ms";
        let session = rating.session.as_ref().map_or("", |session| session.0.as_str());
        let (user, stars, at) = (rating.user.as_str(), i16::from(rating.stars), rating.at.as_millisecond());
        write!(self.database, "keeping a rating", |transaction| {
            require_room(transaction, room).await?;
            let statement = transaction.prepare_cached(RATE).await?;
            let values: [&(dyn ToSql + Sync); 6] = [&room.as_str(), &session, &user, &stars, &rating.comment, &at];
            transaction.execute(&statement, &values).await?;
            Ok(())
        })
    }

    async fn ratings(&self, room: &RoomRef, limit: u32) -> Result<Vec<Rating>, StoreError> {
        const RATINGS: &str = "SELECT session, \"user\", stars, comment, at_ms FROM video_ratings
                               WHERE room = $1 ORDER BY at_ms DESC, \"user\" LIMIT $2";
        read!(self.database, "reading ratings", |client| {
            let statement = client.prepare_cached(RATINGS).await?;
            let rows = client.query(&statement, &[&room.as_str(), &i64::from(limit)]).await?;
            rows.iter().map(|row| rating(room, row)).collect::<Result<Vec<_>, Fault>>()
        })
    }

    async fn add_quality(
        &self,
        room: &RoomRef,
        user: &ProviderUserId,
        minutes: &[QualityMinute],
    ) -> Result<(), StoreError> {
        const ADD: &str = "INSERT INTO video_quality
                           (room, minute_ms, \"user\", worst, round_trip_ms, loss, uplink_kbps, downlink_kbps)
                           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                           ON CONFLICT (room, minute_ms, \"user\") DO UPDATE
                           SET worst = excluded.worst, round_trip_ms = excluded.round_trip_ms, loss = excluded.loss,
                               uplink_kbps = excluded.uplink_kbps, downlink_kbps = excluded.downlink_kbps";
        write!(self.database, "keeping measurements", |transaction| {
            require_room(transaction, room).await?;
            let statement = transaction.prepare_cached(ADD).await?;
            for minute in minutes {
                let worst = i16::from(minute.worst);
                let [round_trip, loss, uplink, downlink] =
                    [minute.round_trip_ms, minute.loss, minute.uplink_kbps, minute.downlink_kbps]
                        .map(|figure| figure.map(i64::from));
                let (room, user, begin) = (room.as_str(), user.as_str(), minute.minute.as_millisecond());
                let values: [&(dyn ToSql + Sync); 8] =
                    [&room, &begin, &user, &worst, &round_trip, &loss, &uplink, &downlink];
                transaction.execute(&statement, &values).await?;
            }
            Ok(())
        })
    }

    async fn quality(
        &self,
        room: &RoomRef,
        from: Timestamp,
    ) -> Result<Vec<(ProviderUserId, QualityMinute)>, StoreError> {
        const QUALITY: &str = "SELECT \"user\", minute_ms, worst, round_trip_ms, loss, uplink_kbps, downlink_kbps
                               FROM video_quality WHERE room = $1 AND minute_ms >= $2 ORDER BY minute_ms, \"user\"";
        read!(self.database, "reading measurements", |client| {
            let statement = client.prepare_cached(QUALITY).await?;
            let rows = client.query(&statement, &[&room.as_str(), &from.as_millisecond()]).await?;
            rows.iter().map(|row| quality(room.as_str(), row)).collect::<Result<Vec<_>, Fault>>()
        })
    }
}

fn rating(room: &RoomRef, row: &Row) -> Result<Rating, Fault> {
    let unreadable = |what| corrupt("a rating of room", room.as_str(), what);
    let (session, stars): (String, i16) = (row.try_get(0)?, row.try_get(2)?);
    Ok(Rating {
        session: (!session.is_empty()).then_some(SessionId(session)),
        user: person(room.as_str(), row, 1)?,
        stars: u8::try_from(stars).map_err(|_| unreadable("its stars"))?,
        comment: row.try_get(3)?,
        at: moment(row.try_get(4)?).ok_or_else(|| unreadable("its moment"))?,
    })
}

fn quality(room: &str, row: &Row) -> Result<(ProviderUserId, QualityMinute), Fault> {
    let unreadable = |what| corrupt("a measurement in room", room, what);
    let worst: i16 = row.try_get(2)?;
    let minute = QualityMinute {
        minute: moment(row.try_get(1)?).ok_or_else(|| unreadable("its moment"))?,
        worst: u8::try_from(worst).map_err(|_| unreadable("its worst"))?,
        round_trip_ms: maybe_number(room, row, 3)?,
        loss: maybe_number(room, row, 4)?,
        uplink_kbps: maybe_number(room, row, 5)?,
        downlink_kbps: maybe_number(room, row, 6)?,
    };
    Ok((person(room, row, 0)?, minute))
}
