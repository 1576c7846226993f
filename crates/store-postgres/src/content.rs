//! What people leave in rooms.

mod admissions;
mod boards;
mod files;
mod messages;
mod ratings;

use deadpool_postgres::Transaction;
use domain::{ProviderUserId, RoomRef};
use store_document::corrupt;
use tokio_postgres::Row;

use crate::Fault;

/// Fails with [`Fault::Conflict`] if there is no such room, and keeps others from deleting it until the transaction ends.
async fn require_room(transaction: &Transaction<'_>, room: &RoomRef) -> Result<(), Fault> {
    const EXISTS: &str = "SELECT 1 FROM video_rooms WHERE id = $1 AND document IS NOT NULL FOR KEY SHARE";
    let statement = transaction.prepare_cached(EXISTS).await?;
    transaction.query_opt(&statement, &[&room.as_str()]).await?.map(drop).ok_or(Fault::Conflict)
}

/// As [`require_room`], and lets others who ask in this way wait until the transaction ends.
async fn lock_room(transaction: &Transaction<'_>, room: &RoomRef) -> Result<(), Fault> {
    const LOCK: &str = "SELECT 1 FROM video_rooms WHERE id = $1 AND document IS NOT NULL FOR NO KEY UPDATE";
    let statement = transaction.prepare_cached(LOCK).await?;
    transaction.query_opt(&statement, &[&room.as_str()]).await?.map(drop).ok_or(Fault::Conflict)
}

/// Deletes everything that was left in these rooms, as a part of the write that deletes them. Their files are marked only.
pub(crate) async fn erase(transaction: &Transaction<'_>, rooms: &[&str]) -> Result<(), Fault> {
    const ERASE: [&str; 6] = [
        "DELETE FROM video_admissions WHERE room = ANY ($1)",
        "DELETE FROM video_messages WHERE room = ANY ($1)",
        "DELETE FROM video_elements WHERE room = ANY ($1)",
        "DELETE FROM video_ratings WHERE room = ANY ($1)",
        "DELETE FROM video_quality WHERE room = ANY ($1)",
        "UPDATE video_files SET deleted = true, name = '' WHERE room = ANY ($1) AND NOT deleted",
    ];
    for query in ERASE {
        let statement = transaction.prepare_cached(query).await?;
        transaction.execute(&statement, &[&rooms]).await?;
    }
    Ok(())
}

/// Reads the id of somebody from a column.
fn person(room: &str, row: &Row, column: usize) -> Result<ProviderUserId, Fault> {
    maybe_person(room, row, column)?.ok_or_else(|| corrupt("what was left in room", room, "it is nobody's").into())
}

fn maybe_person(room: &str, row: &Row, column: usize) -> Result<Option<ProviderUserId>, Fault> {
    let user: Option<&str> = row.try_get(column)?;
    let unreadable = |_| corrupt("what was left in room", room, "whose it is");
    Ok(user.map(ProviderUserId::parse).transpose().map_err(unreadable)?)
}

/// A number as PostgreSQL keeps it.
fn as_stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number as PostgreSQL kept it.
fn number<T: TryFrom<i64>>(room: &str, row: &Row, column: usize) -> Result<T, Fault> {
    maybe_number(room, row, column)?.ok_or_else(|| corrupt("what was left in room", room, "a number").into())
}

fn maybe_number<T: TryFrom<i64>>(room: &str, row: &Row, column: usize) -> Result<Option<T>, Fault> {
    let number: Option<i64> = row.try_get(column)?;
    let unreadable = |_| corrupt("what was left in room", room, "a number");
    Ok(number.map(T::try_from).transpose().map_err(unreadable)?)
}
