//! Files that people send in a room: what is known of them, and their bytes.

use async_trait::async_trait;
use bytes::Bytes;
use domain::{ProviderUserId, RoomRef};
use futures_util::stream::BoxStream;
use jiff::Timestamp;

use crate::{
    register::Part,
    rooms::{CompanyId, SessionId},
    teleconsultations::StoreError,
};

/// Names a file for ever: `file_` and 24 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub String);

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Sent by somebody.
    File,
    /// A still of somebody's picture.
    Snapshot,
    /// A picture on a whiteboard.
    BoardImage,
}

impl FileKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::File, Self::Snapshot, Self::BoardImage];

    /// Its name, in stores and in what pages say.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Snapshot => "snapshot",
            Self::BoardImage => "board_image",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A file, or the part of it that has arrived.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub id: FileId,
    /// Where.
    pub room: RoomRef,
    /// The session in which it was sent, if one was under way.
    pub session: Option<SessionId>,
    /// Who sent it.
    pub from: ProviderUserId,
    /// What it is.
    pub kind: FileKind,
    /// Whose picture a snapshot shows.
    pub of: Option<ProviderUserId>,
    /// What its sender calls it; personal.
    pub name: String,
    /// Its media type: what the sender says, and once it is whole, what its bytes say.
    pub media_type: String,
    /// Its whole size, in bytes.
    pub size: u64,
    /// How much of it has arrived.
    pub received: u64,
    /// When it was begun.
    pub begun: Timestamp,
    /// When it was whole and checked; `None`: it is not, and nobody but its sender knows of it.
    pub completed: Option<Timestamp>,
}

/// How much a room may hold, those that are not complete included and those that are deleted not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileLimits {
    /// Files.
    pub files: u32,
    /// Bytes of all of them.
    pub bytes: u64,
    /// Files of one sender that are not complete.
    pub incomplete_of_one: u32,
}

/// What became of a wish to add a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileAdded {
    /// It is there.
    Added,
    /// The room holds as many files, or bytes, as it may.
    RoomFull,
    /// Its sender has begun others and not completed them.
    TooManyIncomplete,
}

/// Which files to list; `None`: any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileFilter {
    /// Those in this room.
    pub room: Option<RoomRef>,
    /// Those sent in this session.
    pub session: Option<SessionId>,
    /// Those that this person sent.
    pub from: Option<ProviderUserId>,
    /// Those that are this.
    pub kind: Option<FileKind>,
}

/// Keeps what is known of files.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Adds a file of which nothing has arrived, if the room may hold it. `Conflict` also if the id is taken.
    async fn add_file(&self, file: &File, limits: &FileLimits) -> Result<FileAdded, StoreError>;

    /// Counts what has arrived: from `read` to `received` bytes. `Conflict` if it is not at `read`, is complete or deleted, or would
    /// have more than its size.
    async fn advance_file(&self, id: &FileId, read: u64, received: u64) -> Result<(), StoreError>;

    /// Makes a file, of which everything has arrived, known to all. `Conflict` if something is missing, or if it is complete already or
    /// deleted.
    async fn complete_file(&self, id: &FileId, media_type: &str, at: Timestamp) -> Result<(), StoreError>;

    /// Returns `None` if there is no such file or it was deleted.
    async fn file(&self, id: &FileId) -> Result<Option<File>, StoreError>;

    /// Files of a room that are not deleted, the oldest first, those that are not complete too.
    async fn files(&self, room: &RoomRef) -> Result<Vec<File>, StoreError>;

    /// Complete files in a company's rooms, the latest first, and those of one moment in the reverse order of their ids.
    async fn list_files(&self, company: &CompanyId, filter: &FileFilter, part: Part) -> Result<Vec<File>, StoreError>;

    /// Marks a file as deleted: nobody sees it any more, and its name is gone. Returns whether there was such a file.
    async fn delete_file(&self, id: &FileId) -> Result<bool, StoreError>;

    /// At most `limit` files that are to go: deleted, or begun before `begun_before` and not complete, ordered by id, with ids after
    /// `after`. Their bytes may still be there.
    async fn files_to_remove(
        &self,
        begun_before: Timestamp,
        after: Option<&FileId>,
        limit: u32,
    ) -> Result<Vec<FileId>, StoreError>;

    /// Forgets a file for good, once its bytes are removed. One that is not deleted stays.
    async fn forget_file(&self, id: &FileId) -> Result<(), StoreError>;
}

/// Why bytes were not kept or read.
#[derive(Debug, thiserror::Error)]
pub enum FileBytesError {
    /// There are no such bytes.
    #[error("there are no such bytes")]
    NotFound,
    /// No space is left.
    #[error("there is no space for files")]
    Full,
    /// The place for files cannot be reached.
    #[error("files are unavailable while {doing}")]
    Unavailable {
        /// What was being done.
        doing: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Keeps the bytes of files: on a disk, or in an object store. One caller at a time writes a file.
#[async_trait]
pub trait FileBytes: Send + Sync {
    /// Adds a part of a file, which begins at `offset`, where the parts before it end. If the last part begins there already, this one
    /// replaces it. Durable once answered.
    async fn put_part(&self, id: &FileId, offset: u64, bytes: Bytes) -> Result<(), FileBytesError>;

    /// The bytes from `from` on, at most `len` of them, in pieces. [`FileBytesError::NotFound`] if nothing of the file is there.
    async fn read(
        &self,
        id: &FileId,
        from: u64,
        len: u64,
    ) -> Result<BoxStream<'static, Result<Bytes, FileBytesError>>, FileBytesError>;

    /// Removes all that there is of a file; nothing is fine.
    async fn remove(&self, id: &FileId) -> Result<(), FileBytesError>;

    /// Answers if bytes can be written and read at this moment.
    async fn health(&self) -> Result<(), FileBytesError>;
}
