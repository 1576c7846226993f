//! Room cleanups as rows.

use deadpool_postgres::{Client, Transaction};
use domain::{RoomKey, RoomRef, TeleconsultationId};
use jiff::Timestamp;
use ports::teleconsultations::{CleanupChange, CleanupsWaiting, RoomCleanup};
use tokio_postgres::Row;

use crate::Fault;

const RECORD: &str =
    "INSERT INTO room_cleanups (room_key, room, teleconsultation, due_second, due_nanosecond, attempts, begun)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (room_key) DO UPDATE SET
         room = excluded.room, teleconsultation = excluded.teleconsultation, due_second = excluded.due_second,
         due_nanosecond = excluded.due_nanosecond, attempts = excluded.attempts, begun = excluded.begun";

const KEEP_ROOM: &str = "DELETE FROM room_cleanups WHERE room_key = $1 AND NOT begun";

const SETTLE: &str = "DELETE FROM room_cleanups WHERE room_key = $1";

const DUE: &str =
    "SELECT room_key, room, teleconsultation, due_second, due_nanosecond, attempts, begun FROM room_cleanups
     WHERE (due_second, due_nanosecond) <= ($1, $2)
     ORDER BY due_second, due_nanosecond, room_key LIMIT $3";

const WAITING: &str = "SELECT count(*), coalesce(max(attempts), 0),
            (SELECT due_second FROM room_cleanups ORDER BY due_second, due_nanosecond LIMIT 1),
            (SELECT due_nanosecond FROM room_cleanups ORDER BY due_second, due_nanosecond LIMIT 1)
     FROM room_cleanups";

/// Makes the changes in their order.
pub(crate) async fn change(transaction: &Transaction<'_>, changes: &[CleanupChange]) -> Result<(), Fault> {
    for change in changes {
        match change {
            CleanupChange::Record(cleanup) => record(transaction, cleanup).await?,
            CleanupChange::KeepRoom(key) => {
                let statement = transaction.prepare_cached(KEEP_ROOM).await?;
                if transaction.execute(&statement, &[&key.as_str()]).await? == 0 {
                    return Err(Fault::Conflict);
                }
            }
            CleanupChange::Settle(key) => {
                let statement = transaction.prepare_cached(SETTLE).await?;
                transaction.execute(&statement, &[&key.as_str()]).await?;
            }
        }
    }
    Ok(())
}

async fn record(transaction: &Transaction<'_>, cleanup: &RoomCleanup) -> Result<(), Fault> {
    let statement = transaction.prepare_cached(RECORD).await?;
    let room = cleanup.room.as_ref().map(RoomRef::as_str);
    transaction
        .execute(
            &statement,
            &[
                &cleanup.key.as_str(),
                &room,
                &cleanup.teleconsultation.as_str(),
                &cleanup.due.as_second(),
                &cleanup.due.subsec_nanosecond(),
                &i64::from(cleanup.attempts),
                &cleanup.begun,
            ],
        )
        .await?;
    Ok(())
}

/// Those due at `now`, the longest overdue first. One that cannot be read must not keep the others from being done: it is left out.
pub(crate) async fn due(client: &Client, now: Timestamp, limit: u32) -> Result<Vec<RoomCleanup>, Fault> {
    let statement = client.prepare_cached(DUE).await?;
    let rows = client.query(&statement, &[&now.as_second(), &now.subsec_nanosecond(), &i64::from(limit)]).await?;
    let mut cleanups = Vec::with_capacity(rows.len());
    for row in rows {
        match cleanup(&row) {
            Err(Fault::Corrupt { what }) => tracing::error!(what, "a room stays: its cleanup cannot be read"),
            cleanup => cleanups.push(cleanup?),
        }
    }
    Ok(cleanups)
}

/// Those there are, due or not.
pub(crate) async fn waiting(client: &Client) -> Result<CleanupsWaiting, Fault> {
    let unreadable = |what: &str| Fault::Corrupt { what: format!("{what} of the room cleanups") };
    let statement = client.prepare_cached(WAITING).await?;
    let row = client.query_one(&statement, &[]).await?;
    let (count, attempts): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let (second, nanosecond): (Option<i64>, Option<i32>) = (row.try_get(2)?, row.try_get(3)?);
    let first_due = second.zip(nanosecond).map(|(second, nanosecond)| Timestamp::new(second, nanosecond)).transpose();
    Ok(CleanupsWaiting {
        count: u64::try_from(count).map_err(|_| unreadable("the number"))?,
        first_due: first_due.map_err(|_| unreadable("the first due moment"))?,
        attempts_max: u32::try_from(attempts).map_err(|_| unreadable("the number of attempts"))?,
    })
}

fn cleanup(row: &Row) -> Result<RoomCleanup, Fault> {
    let key: String = row.try_get(0)?;
    let unreadable = |what: &str| Fault::Corrupt { what: format!("{what} of the cleanup of room {key}") };
    let teleconsultation: &str = row.try_get(2)?;
    let attempts: i64 = row.try_get(5)?;
    Ok(RoomCleanup {
        room: row.try_get::<_, Option<String>>(1)?.map(RoomRef::new),
        teleconsultation: TeleconsultationId::parse(teleconsultation)
            .map_err(|_| unreadable("the teleconsultation"))?,
        due: Timestamp::new(row.try_get(3)?, row.try_get(4)?).map_err(|_| unreadable("the due moment"))?,
        attempts: u32::try_from(attempts).map_err(|_| unreadable("the number of attempts"))?,
        begun: row.try_get(6)?,
        key: RoomKey::from_stored(key),
    })
}
