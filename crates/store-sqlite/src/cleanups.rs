//! Room cleanups as rows.

use domain::{RoomKey, RoomRef, TeleconsultationId};
use jiff::Timestamp;
use ports::teleconsultations::{CleanupChange, CleanupsWaiting, RoomCleanup};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::Fault;

const RECORD: &str =
    "INSERT INTO room_cleanups (room_key, room, teleconsultation, due_second, due_nanosecond, attempts, begun)
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                      ON CONFLICT (room_key) DO UPDATE SET
                          room = excluded.room, teleconsultation = excluded.teleconsultation,
                          due_second = excluded.due_second, due_nanosecond = excluded.due_nanosecond,
                          attempts = excluded.attempts, begun = excluded.begun";

const KEEP_ROOM: &str = "DELETE FROM room_cleanups WHERE room_key = ?1 AND NOT begun";

const SETTLE: &str = "DELETE FROM room_cleanups WHERE room_key = ?1";

const DUE: &str =
    "SELECT room_key, room, teleconsultation, due_second, due_nanosecond, attempts, begun FROM room_cleanups
                   WHERE (due_second, due_nanosecond) <= (?1, ?2)
                   ORDER BY due_second, due_nanosecond, room_key LIMIT ?3";

const COUNT: &str = "SELECT count(*), coalesce(max(attempts), 0) FROM room_cleanups";

const FIRST_DUE: &str =
    "SELECT due_second, due_nanosecond FROM room_cleanups ORDER BY due_second, due_nanosecond LIMIT 1";

/// Makes the changes in their order.
pub(crate) fn change(connection: &Connection, changes: &[CleanupChange]) -> Result<(), Fault> {
    for change in changes {
        match change {
            CleanupChange::Record(cleanup) => connection.prepare_cached(RECORD)?.execute(params![
                cleanup.key.as_str(),
                cleanup.room.as_ref().map(RoomRef::as_str),
                cleanup.teleconsultation.as_str(),
                cleanup.due.as_second(),
                cleanup.due.subsec_nanosecond(),
                cleanup.attempts,
                cleanup.begun,
            ])?,
            CleanupChange::KeepRoom(key) => match connection.prepare_cached(KEEP_ROOM)?.execute([key.as_str()])? {
                0 => return Err(Fault::Conflict),
                kept => kept,
            },
            CleanupChange::Settle(key) => connection.prepare_cached(SETTLE)?.execute([key.as_str()])?,
        };
    }
    Ok(())
}

/// Those due at `now`, the longest overdue first. One that cannot be read must not keep the others from being done: it is left out.
pub(crate) fn due(connection: &Connection, now: Timestamp, limit: u32) -> Result<Vec<RoomCleanup>, Fault> {
    let mut statement = connection.prepare_cached(DUE)?;
    let mut rows = statement.query(params![now.as_second(), now.subsec_nanosecond(), limit])?;
    let mut cleanups = Vec::new();
    while let Some(row) = rows.next()? {
        match cleanup(row) {
            Err(Fault::Corrupt { what }) => tracing::error!(what, "A room stays: its cleanup cannot be read."),
            cleanup => cleanups.push(cleanup?),
        }
    }
    Ok(cleanups)
}

/// Those there are, due or not.
pub(crate) fn waiting(connection: &Connection) -> Result<CleanupsWaiting, Fault> {
    let (count, attempts_max) =
        connection.prepare_cached(COUNT)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let first = connection.prepare_cached(FIRST_DUE)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let moment = |(second, nanosecond)| Timestamp::new(second, nanosecond);
    let first_due = first.map(moment).transpose();
    let unreadable = |_| Fault::Corrupt { what: "the due moment of the first room cleanup".to_owned() };
    Ok(CleanupsWaiting { count, first_due: first_due.map_err(unreadable)?, attempts_max })
}

fn cleanup(row: &Row<'_>) -> Result<RoomCleanup, Fault> {
    let key: String = row.get(0)?;
    let unreadable = |what: &str| Fault::Corrupt { what: format!("{what} of the cleanup of room {key}") };
    let room: Option<String> = row.get(1)?;
    let teleconsultation: String = row.get(2)?;
    Ok(RoomCleanup {
        room: room.map(RoomRef::new),
        teleconsultation: TeleconsultationId::parse(&teleconsultation)
            .map_err(|_| unreadable("the teleconsultation"))?,
        due: Timestamp::new(row.get(3)?, row.get(4)?).map_err(|_| unreadable("the due moment"))?,
        attempts: row.get(5)?,
        begun: row.get(6)?,
        key: RoomKey::from_stored(key),
    })
}
