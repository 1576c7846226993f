//! [`FileStore`] in memory.

use std::fmt;

use async_trait::async_trait;
use domain::RoomRef;
use jiff::Timestamp;

use super::{register::cut, rooms::FakeRooms};
use crate::{
    content::{File, FileAdded, FileFilter, FileId, FileLimits, FileStore},
    register::Part,
    rooms::CompanyId,
    teleconsultations::StoreError,
};

/// A file, and whether it is deleted.
pub(super) struct FileRecord {
    pub(super) file: File,
    deleted: bool,
}

impl fmt::Debug for FileRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileRecord(..)")
    }
}

impl FileRecord {
    pub(super) fn delete(&mut self) {
        self.deleted = true;
        self.file.name.clear();
    }

    fn as_file(&self) -> Option<&File> {
        (!self.deleted).then_some(&self.file)
    }
}

#[async_trait]
impl FileStore for FakeRooms {
    async fn add_file(&self, file: &File, limits: &FileLimits) -> Result<FileAdded, StoreError> {
        let mut state = self.reach("adding a file")?;
        if !state.has_room(&file.room) || state.files.contains_key(&file.id) {
            return Err(StoreError::Conflict);
        }
        let of_room: Vec<_> =
            state.files.values().filter_map(FileRecord::as_file).filter(|known| known.room == file.room).collect();
        let bytes = of_room.iter().map(|known| known.size).fold(file.size, u64::saturating_add);
        if of_room.len() >= limits.files as usize || bytes > limits.bytes {
            return Ok(FileAdded::RoomFull);
        }
        let incomplete = of_room.iter().filter(|known| known.from == file.from && known.completed.is_none()).count();
        if incomplete >= limits.incomplete_of_one as usize {
            return Ok(FileAdded::TooManyIncomplete);
        }
        state.files.insert(file.id.clone(), FileRecord { file: file.clone(), deleted: false });
        Ok(FileAdded::Added)
    }

    async fn advance_file(&self, id: &FileId, read: u64, received: u64) -> Result<(), StoreError> {
        let mut state = self.reach("counting what has arrived of a file")?;
        let record = state.files.get_mut(id).ok_or(StoreError::Conflict)?;
        let file = record.as_file().ok_or(StoreError::Conflict)?;
        if file.received != read || received < read || received > file.size || file.completed.is_some() {
            return Err(StoreError::Conflict);
        }
        record.file.received = received;
        Ok(())
    }

    async fn complete_file(&self, id: &FileId, media_type: &str, at: Timestamp) -> Result<(), StoreError> {
        let mut state = self.reach("completing a file")?;
        let record = state.files.get_mut(id).ok_or(StoreError::Conflict)?;
        let file = record.as_file().ok_or(StoreError::Conflict)?;
        if file.received != file.size || file.completed.is_some() {
            return Err(StoreError::Conflict);
        }
        media_type.clone_into(&mut record.file.media_type);
        record.file.completed = Some(at);
        Ok(())
    }

    async fn file(&self, id: &FileId) -> Result<Option<File>, StoreError> {
        Ok(self.reach("reading a file")?.files.get(id).and_then(FileRecord::as_file).cloned())
    }

    async fn files(&self, room: &RoomRef) -> Result<Vec<File>, StoreError> {
        let state = self.reach("listing files")?;
        let files = state.files.values().filter_map(FileRecord::as_file).filter(|file| file.room == *room);
        let mut files: Vec<_> = files.cloned().collect();
        files.sort_by(|one, other| (one.begun, &one.id).cmp(&(other.begun, &other.id)));
        Ok(files)
    }

    async fn list_files(&self, company: &CompanyId, filter: &FileFilter, part: Part) -> Result<Vec<File>, StoreError> {
        let state = self.reach("listing files")?;
        let wanted = |file: &&File| {
            state.owner(&file.room) == Some(company)
                && file.completed.is_some()
                && filter.room.as_ref().is_none_or(|room| file.room == *room)
                && filter.session.as_ref().is_none_or(|session| file.session.as_ref() == Some(session))
                && filter.from.as_ref().is_none_or(|from| file.from == *from)
                && filter.kind.is_none_or(|kind| file.kind == kind)
        };
        let mut files: Vec<_> = state.files.values().filter_map(FileRecord::as_file).filter(wanted).cloned().collect();
        files.sort_by(|one, other| (other.completed, &other.id).cmp(&(one.completed, &one.id)));
        Ok(cut(files.into_iter(), part))
    }

    async fn delete_file(&self, id: &FileId) -> Result<bool, StoreError> {
        let mut state = self.reach("deleting a file")?;
        let record = state.files.get_mut(id).filter(|record| !record.deleted);
        Ok(record.map(FileRecord::delete).is_some())
    }

    async fn files_to_remove(
        &self,
        begun_before: Timestamp,
        after: Option<&FileId>,
        limit: u32,
    ) -> Result<Vec<FileId>, StoreError> {
        let state = self.reach("looking for files to remove")?;
        let is_to_go =
            |record: &FileRecord| record.deleted || record.file.completed.is_none() && record.file.begun < begun_before;
        let following = state.files.iter().filter(|(id, _)| after.is_none_or(|after| *id > after));
        let to_go = following.filter(|(_, record)| is_to_go(record)).map(|(id, _)| id.clone());
        Ok(to_go.take(limit as usize).collect())
    }

    async fn forget_file(&self, id: &FileId) -> Result<(), StoreError> {
        let mut state = self.reach("forgetting a file")?;
        if state.files.get(id).is_some_and(|record| record.deleted) {
            state.files.remove(id);
        }
        Ok(())
    }
}
