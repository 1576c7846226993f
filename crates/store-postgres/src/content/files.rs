//! [`FileStore`] on PostgreSQL.

use async_trait::async_trait;
use deadpool_postgres::Transaction;
use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;
use ports::{
    content::{File, FileAdded, FileFilter, FileId, FileKind, FileLimits, FileStore},
    register::Part,
    rooms::{CompanyId, SessionId},
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

/// The columns of a file, as [`file()`] reads them.
const COLUMNS: &str = "f.id, f.room, f.session, f.sender, f.kind, f.subject, f.name, f.media_type, f.size, f.received,
                       f.begun_ms, f.completed_ms";

#[async_trait]
impl FileStore for PostgresRooms {
    async fn add_file(&self, file: &File, limits: &FileLimits) -> Result<FileAdded, StoreError> {
        write!(self.database, "adding a file", |transaction| add(transaction, file, *limits).await)
    }

    async fn advance_file(&self, id: &FileId, read: u64, received: u64) -> Result<(), StoreError> {
        const ADVANCE: &str = "UPDATE video_files SET received = $3
                               WHERE id = $1 AND received = $2 AND $3 BETWEEN received AND size
                                 AND completed_ms IS NULL AND NOT deleted";
        let (read, received) = (as_stored(read), as_stored(received));
        write!(self.database, "counting what has arrived of a file", |transaction| {
            let statement = transaction.prepare_cached(ADVANCE).await?;
            let changed = transaction.execute(&statement, &[&id.0, &read, &received]).await?;
            if changed == 0 { Err(Fault::Conflict) } else { Ok(()) }
        })
    }

    async fn complete_file(&self, id: &FileId, media_type: &str, at: Timestamp) -> Result<(), StoreError> {
        const COMPLETE: &str = "UPDATE video_files SET media_type = $2, completed_ms = $3
                                WHERE id = $1 AND received = size AND completed_ms IS NULL AND NOT deleted";
        write!(self.database, "completing a file", |transaction| {
            let statement = transaction.prepare_cached(COMPLETE).await?;
            let changed = transaction.execute(&statement, &[&id.0, &media_type, &at.as_millisecond()]).await?;
            if changed == 0 { Err(Fault::Conflict) } else { Ok(()) }
        })
    }

    async fn file(&self, id: &FileId) -> Result<Option<File>, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM video_files f WHERE f.id = $1 AND NOT f.deleted");
        read!(self.database, "reading a file", |client| {
            let statement = client.prepare_cached(&query).await?;
            client.query_opt(&statement, &[&id.0]).await?.as_ref().map(file).transpose()
        })
    }

    async fn files(&self, room: &RoomRef) -> Result<Vec<File>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM video_files f WHERE f.room = $1 AND NOT f.deleted ORDER BY f.begun_ms, f.id"
        );
        read!(self.database, "listing files", |client| {
            let statement = client.prepare_cached(&query).await?;
            client.query(&statement, &[&room.as_str()]).await?.iter().map(file).collect::<Result<Vec<_>, Fault>>()
        })
    }

    async fn list_files(&self, company: &CompanyId, filter: &FileFilter, part: Part) -> Result<Vec<File>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM video_files f JOIN video_rooms r ON r.id = f.room
             WHERE r.company = $1 AND NOT f.deleted AND f.completed_ms IS NOT NULL
               AND ($2::text IS NULL OR f.room = $2) AND ($3::text IS NULL OR f.session = $3)
               AND ($4::text IS NULL OR f.sender = $4) AND ($5::text IS NULL OR f.kind = $5)
             ORDER BY f.completed_ms DESC, f.id DESC LIMIT $6 OFFSET $7"
        );
        let room = filter.room.as_ref().map(RoomRef::as_str);
        let session = filter.session.as_ref().map(|session| session.0.as_str());
        let (from, kind) = (filter.from.as_ref().map(ProviderUserId::as_str), filter.kind.map(FileKind::as_str));
        let (limit, offset) = (i64::from(part.limit), i64::from(part.offset));
        read!(self.database, "listing files", |client| {
            let statement = client.prepare_cached(&query).await?;
            let values: [&(dyn ToSql + Sync); 7] = [&company.0, &room, &session, &from, &kind, &limit, &offset];
            client.query(&statement, &values).await?.iter().map(file).collect::<Result<Vec<_>, Fault>>()
        })
    }

    async fn delete_file(&self, id: &FileId) -> Result<bool, StoreError> {
        const DELETE: &str = "UPDATE video_files SET deleted = true, name = '' WHERE id = $1 AND NOT deleted";
        write!(self.database, "deleting a file", |transaction| {
            let statement = transaction.prepare_cached(DELETE).await?;
            Ok(transaction.execute(&statement, &[&id.0]).await? > 0)
        })
    }

    async fn files_to_remove(
        &self,
        begun_before: Timestamp,
        after: Option<&FileId>,
        limit: u32,
    ) -> Result<Vec<FileId>, StoreError> {
        const TO_REMOVE: &str = "SELECT id FROM video_files
                                 WHERE (deleted OR completed_ms IS NULL) AND id > $1 AND (deleted OR begun_ms < $2)
                                 ORDER BY id LIMIT $3";
        let (after, begun_before) = (after.map_or("", |after| after.0.as_str()), begun_before.as_millisecond());
        read!(self.database, "looking for files to remove", |client| {
            let statement = client.prepare_cached(TO_REMOVE).await?;
            let rows = client.query(&statement, &[&after, &begun_before, &i64::from(limit)]).await?;
            Ok(rows.iter().map(|row| row.try_get(0).map(FileId)).collect::<Result<_, _>>()?)
        })
    }

    async fn forget_file(&self, id: &FileId) -> Result<(), StoreError> {
        const FORGET: &str = "DELETE FROM video_files WHERE id = $1 AND deleted";
        write!(self.database, "forgetting a file", |transaction| {
            let statement = transaction.prepare_cached(FORGET).await?;
            transaction.execute(&statement, &[&id.0]).await?;
            Ok(())
        })
    }
}

async fn add(transaction: &Transaction<'_>, file: &File, limits: FileLimits) -> Result<FileAdded, Fault> {
    const HELD: &str = "SELECT count(*), coalesce(sum(size), 0)::bigint,
                               count(*) FILTER (WHERE sender = $2 AND completed_ms IS NULL)
                        FROM video_files WHERE room = $1 AND NOT deleted";
    const ADD: &str = "INSERT INTO video_files
                       (id, room, session, sender, kind, subject, name, media_type, size, received, begun_ms)
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    // Whoever comes next counts this file.
    lock_room(transaction, &file.room).await?;
    let (room, from) = (file.room.as_str(), file.from.as_str());
    let statement = transaction.prepare_cached(HELD).await?;
    let held = transaction.query_one(&statement, &[&room, &from]).await?;
    let (files, bytes, incomplete): (u64, u64, u64) =
        (number(room, &held, 0)?, number(room, &held, 1)?, number(room, &held, 2)?);
    if files >= u64::from(limits.files) || bytes.saturating_add(file.size) > limits.bytes {
        return Ok(FileAdded::RoomFull);
    }
    if incomplete >= u64::from(limits.incomplete_of_one) {
        return Ok(FileAdded::TooManyIncomplete);
    }
    let session = file.session.as_ref().map(|session| session.0.as_str());
    let (kind, of) = (file.kind.as_str(), file.of.as_ref().map(ProviderUserId::as_str));
    let (size, received, begun) = (as_stored(file.size), as_stored(file.received), file.begun.as_millisecond());
    let values: [&(dyn ToSql + Sync); 11] =
        [&file.id.0, &room, &session, &from, &kind, &of, &file.name, &file.media_type, &size, &received, &begun];
    let statement = transaction.prepare_cached(ADD).await?;
    transaction.execute(&statement, &values).await?;
    Ok(FileAdded::Added)
}

/// Reads [`COLUMNS`].
fn file(row: &Row) -> Result<File, Fault> {
    let (id, room): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    let unreadable = |what| corrupt("file", &id, what);
    let completed: Option<i64> = row.try_get(11)?;
    Ok(File {
        session: row.try_get::<_, Option<String>>(2)?.map(SessionId),
        from: person(&room, row, 3)?,
        kind: FileKind::parse(row.try_get(4)?).ok_or_else(|| unreadable("its kind"))?,
        of: maybe_person(&room, row, 5)?,
        name: row.try_get(6)?,
        media_type: row.try_get(7)?,
        size: number(&room, row, 8)?,
        received: number(&room, row, 9)?,
        begun: moment(row.try_get(10)?).ok_or_else(|| unreadable("when it was begun"))?,
        completed: completed.map(|at| moment(at).ok_or_else(|| unreadable("when it was complete"))).transpose()?,
        id: FileId(id.clone()),
        room: RoomRef::new(room),
    })
}
