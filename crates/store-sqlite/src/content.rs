//! What people leave in rooms.

mod admissions;
mod boards;
mod files;
mod messages;
mod ratings;

use domain::{ProviderUserId, RoomRef};
use rusqlite::{Connection, Row};
use store_document::corrupt;

use crate::Fault;

/// Fails with [`Fault::Conflict`] if there is no such room.
fn require_room(connection: &Connection, room: &RoomRef) -> Result<(), Fault> {
    const EXISTS: &str = "SELECT 1 FROM video_rooms WHERE id = ?1 AND document IS NOT NULL";
    if connection.prepare_cached(EXISTS)?.exists([room.as_str()])? { Ok(()) } else { Err(Fault::Conflict) }
}

/// Deletes everything that was left in a room, as a part of the write that deletes the room. Its files are marked only.
pub(crate) fn erase(connection: &Connection, room: &RoomRef) -> Result<(), Fault> {
    const ERASE: [&str; 6] = [
        "DELETE FROM video_admissions WHERE room = ?1",
        "DELETE FROM video_messages WHERE room = ?1",
        "DELETE FROM video_elements WHERE room = ?1",
        "DELETE FROM video_ratings WHERE room = ?1",
        "DELETE FROM video_quality WHERE room = ?1",
        "UPDATE video_files SET deleted = 1, name = '' WHERE room = ?1 AND deleted = 0",
    ];
    for statement in ERASE {
        connection.prepare_cached(statement)?.execute([room.as_str()])?;
    }
    Ok(())
}

/// Reads the id of somebody from a column.
fn person(room: &str, row: &Row<'_>, column: usize) -> Result<ProviderUserId, Fault> {
    let user = row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(ProviderUserId::parse(user).map_err(|_| corrupt("what was left in room", room, "whose it is"))?)
}
