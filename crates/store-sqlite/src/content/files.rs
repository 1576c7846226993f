//! [`FileStore`] on SQLite.

use async_trait::async_trait;
use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;
use ports::{
    content::{File, FileAdded, FileFilter, FileId, FileKind, FileLimits, FileStore},
    register::Part,
    rooms::{CompanyId, SessionId},
    teleconsultations::StoreError,
};
use rusqlite::{Connection, Row, Rows, params};
use store_document::{corrupt, moment};

use super::{person, require_room};
use crate::{Fault, rooms::SqliteRooms};

/// The columns of a file, as [`file()`] reads them.
const COLUMNS: &str = "f.id, f.room, f.session, f.sender, f.kind, f.subject, f.name, f.media_type, f.size, f.received,
                       f.begun_ms, f.completed_ms";

#[async_trait]
impl FileStore for SqliteRooms {
    async fn add_file(&self, file: &File, limits: &FileLimits) -> Result<FileAdded, StoreError> {
        let (file, limits) = (file.clone(), *limits);
        self.database.write("adding a file", move |connection| add(connection, &file, limits)).await
    }

    async fn advance_file(&self, id: &FileId, read: u64, received: u64) -> Result<(), StoreError> {
        const ADVANCE: &str = "UPDATE video_files SET received = ?3
                               WHERE id = ?1 AND received = ?2 AND ?3 BETWEEN received AND size
                                 AND completed_ms IS NULL AND deleted = 0";
        let id = id.clone();
        let advance = move |connection: &Connection| {
            let changed = connection.prepare_cached(ADVANCE)?.execute(params![id.0, read, received])?;
            if changed == 0 { Err(Fault::Conflict) } else { Ok(()) }
        };
        self.database.write("counting what has arrived of a file", advance).await
    }

    async fn complete_file(&self, id: &FileId, media_type: &str, at: Timestamp) -> Result<(), StoreError> {
        const COMPLETE: &str = "UPDATE video_files SET media_type = ?2, completed_ms = ?3
                                WHERE id = ?1 AND received = size AND completed_ms IS NULL AND deleted = 0";
        let (id, media_type, at) = (id.clone(), media_type.to_owned(), at.as_millisecond());
        let complete = move |connection: &Connection| {
            let changed = connection.prepare_cached(COMPLETE)?.execute(params![id.0, media_type, at])?;
            if changed == 0 { Err(Fault::Conflict) } else { Ok(()) }
        };
        self.database.write("completing a file", complete).await
    }

    async fn file(&self, id: &FileId) -> Result<Option<File>, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM video_files f WHERE f.id = ?1 AND f.deleted = 0");
        let read = |connection: &Connection| {
            Ok(files(connection.prepare_cached(&query)?.query([id.0.as_str()])?)?.into_iter().next())
        };
        self.database.read("reading a file", read).await
    }

    async fn files(&self, room: &RoomRef) -> Result<Vec<File>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM video_files f WHERE f.room = ?1 AND f.deleted = 0 ORDER BY f.begun_ms, f.id"
        );
        let read = |connection: &Connection| files(connection.prepare_cached(&query)?.query([room.as_str()])?);
        self.database.read("listing files", read).await
    }

    async fn list_files(&self, company: &CompanyId, filter: &FileFilter, part: Part) -> Result<Vec<File>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM video_files f JOIN video_rooms r ON r.id = f.room
             WHERE r.company = ?1 AND f.deleted = 0 AND f.completed_ms IS NOT NULL
               AND (?2 IS NULL OR f.room = ?2) AND (?3 IS NULL OR f.session = ?3)
               AND (?4 IS NULL OR f.sender = ?4) AND (?5 IS NULL OR f.kind = ?5)
             ORDER BY f.completed_ms DESC, f.id DESC LIMIT ?6 OFFSET ?7"
        );
        let read = |connection: &Connection| {
            files(connection.prepare_cached(&query)?.query(params![
                company.0,
                filter.room.as_ref().map(RoomRef::as_str),
                filter.session.as_ref().map(|session| session.0.as_str()),
                filter.from.as_ref().map(ProviderUserId::as_str),
                filter.kind.map(FileKind::as_str),
                part.limit,
                part.offset,
            ])?)
        };
        self.database.read("listing files", read).await
    }

    async fn delete_file(&self, id: &FileId) -> Result<bool, StoreError> {
        const DELETE: &str = "UPDATE video_files SET deleted = 1, name = '' WHERE id = ?1 AND deleted = 0";
        let id = id.clone();
        let delete = move |connection: &Connection| Ok(connection.prepare_cached(DELETE)?.execute([id.0])? > 0);
        self.database.write("deleting a file", delete).await
    }

    async fn files_to_remove(
        &self,
        begun_before: Timestamp,
        after: Option<&FileId>,
        limit: u32,
    ) -> Result<Vec<FileId>, StoreError> {
        const TO_REMOVE: &str = "SELECT id FROM video_files
                                 WHERE (deleted = 1 OR completed_ms IS NULL) AND id > ?1
                                   AND (deleted = 1 OR begun_ms < ?2)
                                 ORDER BY id LIMIT ?3";
        let (after, begun_before) = (after.map_or("", |after| after.0.as_str()), begun_before.as_millisecond());
        let read = |connection: &Connection| {
            let mut statement = connection.prepare_cached(TO_REMOVE)?;
            let ids = statement.query_map(params![after, begun_before, limit], |row| row.get(0).map(FileId))?;
            Ok(ids.collect::<Result<_, _>>()?)
        };
        self.database.read("looking for files to remove", read).await
    }

    async fn forget_file(&self, id: &FileId) -> Result<(), StoreError> {
        const FORGET: &str = "DELETE FROM video_files WHERE id = ?1 AND deleted = 1";
        let id = id.clone();
        let forget = move |connection: &Connection| {
            connection.prepare_cached(FORGET)?.execute([id.0])?;
            Ok(())
        };
        self.database.write("forgetting a file", forget).await
    }
}

fn add(connection: &Connection, file: &File, limits: FileLimits) -> Result<FileAdded, Fault> {
    const HELD: &str = "SELECT count(*), coalesce(sum(size), 0),
                               count(*) FILTER (WHERE sender = ?2 AND completed_ms IS NULL)
                        FROM video_files WHERE room = ?1 AND deleted = 0";
    const ADD: &str = "INSERT INTO video_files
                       (id, room, session, sender, kind, subject, name, media_type, size, received, begun_ms)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    require_room(connection, &file.room)?;
    let (files, bytes, incomplete): (u64, u64, u64) = connection
        .prepare_cached(HELD)?
        .query_row([file.room.as_str(), file.from.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if files >= u64::from(limits.files) || bytes.saturating_add(file.size) > limits.bytes {
        return Ok(FileAdded::RoomFull);
    }
    if incomplete >= u64::from(limits.incomplete_of_one) {
        return Ok(FileAdded::TooManyIncomplete);
    }
    connection.prepare_cached(ADD)?.execute(params![
        file.id.0,
        file.room.as_str(),
        file.session.as_ref().map(|session| session.0.as_str()),
        file.from.as_str(),
        file.kind.as_str(),
        file.of.as_ref().map(ProviderUserId::as_str),
        file.name,
        file.media_type,
        file.size,
        file.received,
        file.begun.as_millisecond(),
    ])?;
    Ok(FileAdded::Added)
}

fn files(mut rows: Rows<'_>) -> Result<Vec<File>, Fault> {
    let mut files = Vec::new();
    while let Some(row) = rows.next()? {
        files.push(file(row)?);
    }
    Ok(files)
}

/// Reads [`COLUMNS`].
fn file(row: &Row<'_>) -> Result<File, Fault> {
    let (id, room): (String, String) = (row.get(0)?, row.get(1)?);
    let unreadable = |what| corrupt("file", &id, what);
    let has_subject = row.get_ref(5)? != rusqlite::types::ValueRef::Null;
    let kind: String = row.get(4)?;
    let completed: Option<i64> = row.get(11)?;
    Ok(File {
        session: row.get::<_, Option<String>>(2)?.map(SessionId),
        from: person(&room, row, 3)?,
        kind: FileKind::parse(&kind).ok_or_else(|| unreadable("its kind"))?,
        of: if has_subject { Some(person(&room, row, 5)?) } else { None },
        name: row.get(6)?,
        media_type: row.get(7)?,
        size: row.get(8)?,
        received: row.get(9)?,
        begun: moment(row.get(10)?).ok_or_else(|| unreadable("when it was begun"))?,
        completed: completed.map(|at| moment(at).ok_or_else(|| unreadable("when it was complete"))).transpose()?,
        id: FileId(id.clone()),
        room: RoomRef::new(room),
    })
}
