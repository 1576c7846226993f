//! Files that people send in a room: who may send what, how they arrive in parts, and how they are fetched and removed.
//!
//! A file is begun ([`Files::begin`]), grows by parts that are on disk before they are counted ([`Files::resume`]), and is known to all
//! once it is whole and its bytes say that it is of a kind that is taken. It is fetched by links that end ([`Files::link`]). One that is
//! deleted, or not finished in time, is marked first and removed by [`Files::sweep`], so that no bytes are left behind that nobody knows
//! of, whenever the process is killed.

mod connections;
mod figures;
mod link;
mod media_type;
mod name;
mod permission;
mod sweep;
#[cfg(test)]
mod tests;
mod turns;
mod upload;

use std::{sync::Arc, sync::OnceLock, time::Duration};

use bytes::Bytes;
use domain::RoomRef;
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use ports::{
    Chance, Clock,
    content::{
        BoardId, ContentStore, File, FileAdded, FileBytes, FileBytesError, FileFilter, FileId, FileKind, FileLimits,
    },
    provider::UploadsDeleted,
    register::Part,
    rooms::{CompanyId, Member, RoomState},
    teleconsultations::StoreError,
};
use secrecy::SecretBox;
use tokio::sync::Notify;

use crate::LinkSecret;
use turns::Turns;

pub use connections::{EverybodyIsIn, FileEvents, Gate, UploadTickets};
pub use figures::{FileFigures, Outcome};
pub use link::{LINK_VALID_FOR, LinkRefused, SignedPath};
pub use name::{NAME_MAX, download_name};
pub use permission::{Denied, NewFile};
pub use sweep::{SWEEP_EVERY, Swept};
pub use upload::Upload;

/// The path below which files are sent and fetched: one more segment, the file's id.
pub const FILES_PATH: &str = "/call/files";

/// How long somebody may take to send a file.
pub const UNFINISHED_FOR: Duration = Duration::from_hours(24);

/// How a file grows: what is kept at once, and counted. As much of each file that is arriving or being fetched is in memory.
pub const PART: usize = 1024 * 1024;

/// The least that a part has which is not the last. Less is sent again rather than kept, so that a file never has very many parts.
pub const PART_MIN: usize = 64 * 1024;

/// Files in one room.
const FILES_MAX: u32 = 200;

/// Bytes of all files in one room.
const ROOM_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;

/// Files that one person may have begun and not finished: what a page sends at once, and some that were left.
const INCOMPLETE_MAX: u32 = 10;

/// What the signatures of links are made with: no other use of the secret has this label.
const PURPOSE: &str = "teleconsultation: links to files, 1";

/// How often chance is asked for another id.
const ATTEMPTS_MAX: u32 = 3;

/// Why something about a file was not done.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// This person may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such file in the room, or it is not this person's.
    #[error("there is no such file")]
    Unknown,
    /// It was not finished in time.
    #[error("the upload has expired")]
    Expired,
    /// It is larger than files may be, in bytes.
    #[error("files may have {0} bytes at most")]
    TooLarge(u64),
    /// Its bytes are of no kind that is taken.
    #[error("files of this kind are not taken")]
    UnsupportedType,
    /// The part does not begin where the file ends.
    #[error("the file has {received} bytes so far")]
    WrongOffset {
        /// Where it ends.
        received: u64,
    },
    /// The part is too short and not the last.
    #[error("a part that is not the last must have {PART_MIN} bytes at least")]
    TooShort,
    /// The room holds as much as it may.
    #[error("the room holds as many files as it may")]
    RoomFull,
    /// This person has begun others and not finished them.
    #[error("too many uploads are not finished")]
    TooManyIncomplete,
    /// Somebody else is sending the same file at this moment.
    #[error("the file is being sent at this moment")]
    Busy,
    /// No space is left.
    #[error("there is no space for files")]
    NoSpace,
    /// Store or bytes cannot be reached: try again.
    #[error("files are unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<StoreError> for FileError {
    fn from(error: StoreError) -> Self {
        match error {
            // The file, or its room, was deleted meanwhile.
            StoreError::Conflict => Self::Unknown,
            error @ (StoreError::Unavailable { .. } | StoreError::Corrupt { .. }) => Self::Unavailable(Box::new(error)),
        }
    }
}

impl From<FileBytesError> for FileError {
    fn from(error: FileBytesError) -> Self {
        match error {
            FileBytesError::Full => Self::NoSpace,
            error @ (FileBytesError::NotFound | FileBytesError::Unavailable { .. }) => {
                Self::Unavailable(Box::new(error))
            }
        }
    }
}

/// Where files lie, and what is known of them.
#[derive(Clone)]
pub struct FileStores {
    /// What is known of them.
    pub content: Arc<dyn ContentStore>,
    /// Their bytes.
    pub bytes: Arc<dyn FileBytes>,
}

/// Somebody who came by their link, and where.
#[derive(Clone, Copy)]
pub struct Guest<'a> {
    /// The room, which is open, and its session.
    pub state: &'a RoomState,
    /// Them.
    pub member: &'a Member,
}

/// The files in all rooms.
pub struct Files {
    company: CompanyId,
    stores: FileStores,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    gate: Arc<dyn Gate>,
    key: SecretBox<[u8; 32]>,
    size_max: u64,
    turns: Turns,
    /// The hub of the call channels, which is made after this and needs it.
    hub: OnceLock<(Arc<dyn UploadTickets>, Arc<dyn FileEvents>)>,
    deleted: Notify,
    figures: FileFigures,
}

impl Files {
    /// Puts it together. A file may have `size_max` bytes.
    pub fn new(
        company: CompanyId,
        stores: FileStores,
        (clock, chance): (Arc<dyn Clock>, Arc<dyn Chance>),
        secret: &LinkSecret,
        size_max: u64,
    ) -> Self {
        Self {
            company,
            stores,
            clock,
            chance,
            gate: Arc::new(EverybodyIsIn),
            key: secret.derived(PURPOSE),
            size_max,
            turns: Turns::default(),
            hub: OnceLock::new(),
            deleted: Notify::new(),
            figures: FileFigures::default(),
        }
    }

    /// Lets nobody send files who has not been let in.
    #[must_use]
    pub fn with_gate(self, gate: Arc<dyn Gate>) -> Self {
        Self { gate, ..self }
    }

    /// Asks `tickets` who was asked for a snapshot, and tells `events` what happens, from this moment on. Only the first call counts.
    pub fn connect(&self, tickets: Arc<dyn UploadTickets>, events: Arc<dyn FileEvents>) {
        // There is one hub in a program.
        drop(self.hub.set((tickets, events)));
    }

    /// What is counted.
    pub const fn figures(&self) -> &FileFigures {
        &self.figures
    }

    /// The most bytes that a file may have.
    pub const fn size_max(&self) -> u64 {
        self.size_max
    }

    /// Until when a file has to be whole.
    pub fn expires(file: &File) -> Timestamp {
        file.begun.saturating_add(UNFINISHED_FOR).unwrap_or(Timestamp::MAX)
    }

    /// Begins a file of which nothing has arrived.
    pub async fn begin(&self, guest: Guest<'_>, new: NewFile) -> Result<File, FileError> {
        let begun = self.add(guest, new).await;
        self.figures.count(begun.as_ref().map_or_else(Outcome::of, |_| Outcome::Begun));
        begun
    }

    async fn add(&self, guest: Guest<'_>, new: NewFile) -> Result<File, FileError> {
        let Guest { state, member } = guest;
        self.require_admission(guest).await?;
        let asked = new.request.as_deref().is_some_and(|request| {
            self.hub.get().is_some_and(|(tickets, _)| tickets.take(&state.room.id, &member.user, request))
        });
        let of = permission::check(&state.room, member, &new, asked)?;
        if new.size > self.size_max {
            return Err(FileError::TooLarge(self.size_max));
        }
        let limits = FileLimits { files: FILES_MAX, bytes: ROOM_BYTES_MAX, incomplete_of_one: INCOMPLETE_MAX };
        for _ in 0..ATTEMPTS_MAX {
            let file = File {
                id: FileId(format!("file_{}", hex::encode(self.chance.bytes::<12>()))),
                room: state.room.id.clone(),
                session: state.session.as_ref().map(|session| session.id.clone()),
                from: member.user.clone(),
                kind: new.kind,
                of: of.clone(),
                name: new.name.clone(),
                media_type: "application/octet-stream".to_owned(),
                size: new.size,
                received: 0,
                begun: self.now(),
                completed: None,
            };
            match self.stores.content.add_file(&file, &limits).await {
                Ok(FileAdded::Added) => return Ok(file),
                Ok(FileAdded::RoomFull) => return Err(FileError::RoomFull),
                Ok(FileAdded::TooManyIncomplete) => return Err(FileError::TooManyIncomplete),
                // The id is taken, or the room is gone: another id tells.
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(FileError::Unknown)
    }

    /// A file as its sender sees it, to go on where it ends. Whoever is sending it at this moment stops.
    pub async fn look(&self, guest: Guest<'_>, id: &FileId) -> Result<File, FileError> {
        Ok(self.upload(guest, id).await?.into_file())
    }

    /// Takes up a file to add parts from `offset` on. Whoever is sending it at this moment stops.
    pub async fn resume(&self, guest: Guest<'_>, id: &FileId, offset: u64) -> Result<Upload<'_>, FileError> {
        let upload = self.upload(guest, id).await?;
        let received = upload.file().received;
        if received == offset { Ok(upload) } else { Err(FileError::WrongOffset { received }) }
    }

    async fn upload(&self, guest: Guest<'_>, id: &FileId) -> Result<Upload<'_>, FileError> {
        self.require_admission(guest).await?;
        // Nothing of others' files is done or waited for.
        self.own(guest, id).await?;
        let turn = self.turns.take(id).await.ok_or(FileError::Busy)?;
        let file = self.own(guest, id).await?;
        if file.completed.is_none() && Self::expires(&file) <= self.now() {
            return Err(FileError::Expired);
        }
        let mut upload = Upload::new(self, file, turn);
        // It was whole when the process ended.
        upload.complete_if_whole().await?;
        Ok(upload)
    }

    async fn own(&self, guest: Guest<'_>, id: &FileId) -> Result<File, FileError> {
        let file = self.stores.content.file(id).await?;
        let is_own = |file: &File| file.room == guest.state.room.id && file.from == guest.member.user;
        file.filter(is_own).ok_or(FileError::Unknown)
    }

    /// Deletes a file on behalf of its sender, or of an admin once others know of it.
    pub async fn delete_for(&self, guest: Guest<'_>, id: &FileId) -> Result<(), FileError> {
        let file = self.stores.content.file(id).await?;
        let file = file.filter(|file| file.room == guest.state.room.id).ok_or(FileError::Unknown)?;
        if file.from != guest.member.user {
            self.require_admission(guest).await?;
            if file.completed.is_none() {
                return Err(FileError::Unknown);
            }
            if !guest.member.admin {
                return Err(Denied::NotAllowed("only its sender or an admin deletes a file").into());
            }
        }
        self.delete(id).await.map(drop)
    }

    /// Deletes a file, and what was drawn on it. Returns what it was, unless there was none.
    pub async fn delete(&self, id: &FileId) -> Result<Option<File>, FileError> {
        let Some(file) = self.stores.content.file(id).await? else { return Ok(None) };
        if file.kind == FileKind::Snapshot {
            // First: nobody looks for it once the file is gone.
            self.stores.content.clear_board(&file.room, &BoardId(format!("snapshot:{}", id.0))).await?;
        }
        if !self.stores.content.delete_file(id).await? {
            return Ok(None);
        }
        self.deleted.notify_one();
        if let (Some((_, events)), Some(_)) = (self.hub.get(), file.completed) {
            events.deleted(&file.room, id);
        }
        Ok(Some(file))
    }

    /// Deletes all files of a room. Those that nobody could delete are counted, and stay.
    pub async fn delete_all(&self, room: &RoomRef) -> Result<UploadsDeleted, FileError> {
        let files = self.stores.content.files(room).await?;
        let total = files.len() as u64;
        let (mut gone, mut failure) = (0, None);
        for file in files {
            match self.delete(&file.id).await {
                Ok(_) => gone += 1,
                Err(error) => failure = Some(error),
            }
        }
        if let Some(error) = failure {
            tracing::warn!(
                total,
                deleted = gone,
                error = &error as &dyn std::error::Error,
                "not all files of a room could be deleted; the caller is told how many and can ask again"
            );
        }
        Ok(UploadsDeleted { total, deleted: gone })
    }

    /// A complete file; `None` if there is none.
    pub async fn complete_file(&self, id: &FileId) -> Result<Option<File>, FileError> {
        Ok(self.stores.content.file(id).await?.filter(|file| file.completed.is_some()))
    }

    /// Complete files, the latest first.
    pub async fn list(&self, filter: &FileFilter, part: Part) -> Result<Vec<File>, FileError> {
        Ok(self.stores.content.list_files(&self.company, filter, part).await?)
    }

    /// The bytes of a complete file from `from` on, at most `len` of them.
    pub async fn read(
        &self,
        file: &File,
        from: u64,
        len: u64,
    ) -> Result<BoxStream<'static, Result<Bytes, FileBytesError>>, FileError> {
        Ok(self.stores.bytes.read(&file.id, from, len).await?)
    }

    async fn require_admission(&self, guest: Guest<'_>) -> Result<(), FileError> {
        let is_in = self.gate.lets_in(guest.state, guest.member, self.clock.now()).await?;
        if is_in { Ok(()) } else { Err(Denied::WrongStage.into()) }
    }

    /// To the millisecond, as it is kept.
    fn now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}
