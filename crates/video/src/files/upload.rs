//! A file that is arriving.

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use ports::{
    content::{File, FileBytesError, FileKind},
    teleconsultations::StoreError,
};

use super::{FileError, Files, Outcome, PART_MIN, media_type, turns::Turn};

/// A file that is arriving, for one who sends it.
pub struct Upload<'a> {
    files: &'a Files,
    file: File,
    turn: Turn,
}

impl<'a> Upload<'a> {
    pub(super) fn new(files: &'a Files, file: File, turn: Turn) -> Self {
        Self { files, file, turn }
    }

    /// The file as it is.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// The file as it is, and nobody is sending it.
    pub fn into_file(self) -> File {
        self.file
    }

    /// How many bytes are missing.
    pub fn missing(&self) -> u64 {
        self.file.size - self.file.received
    }

    /// Waits until somebody else wants to send the file: the same person, over another connection.
    pub async fn wanted(&mut self) {
        self.turn.wanted().await;
    }

    /// Adds a part, which is on disk then, and counted. With the last one the file is complete.
    ///
    /// # Errors
    /// [`FileError::TooShort`] where it is shorter than [`PART_MIN`] and not the last, [`FileError::TooLarge`] where it is longer than
    /// what is missing. [`FileError::UnsupportedType`], [`FileError::NoSpace`]: the file is deleted, so that what had arrived of it takes
    /// no space either.
    pub async fn add(&mut self, part: Bytes) -> Result<(), FileError> {
        let added = self.keep(part).await;
        if let Err(error) = &added {
            self.files.figures.count(Outcome::of(error));
        }
        added
    }

    async fn keep(&mut self, part: Bytes) -> Result<(), FileError> {
        let len = part.len() as u64;
        if len > self.missing() {
            return Err(FileError::TooLarge(self.file.size));
        }
        if part.len() < PART_MIN && len < self.missing() {
            return Err(FileError::TooShort);
        }
        if self.file.received == 0 {
            // Found out at once, so that nobody sends 100 MB in vain.
            self.require_type(&part).await?;
        }
        let (stores, read) = (&self.files.stores, self.file.received);
        match stores.bytes.put_part(&self.file.id, read, part).await {
            Ok(()) => {}
            Err(FileBytesError::Full) => return Err(self.give_up().await),
            Err(error) => return Err(error.into()),
        }
        self.files.figures.stored(len);
        stores.content.advance_file(&self.file.id, read, read + len).await?;
        self.file.received += len;
        self.complete_if_whole().await
    }

    /// There is no space: what has arrived is deleted. Where not even that can be written down, the file goes when it was not finished in
    /// time.
    async fn give_up(&self) -> FileError {
        if let Err(error) = self.files.delete(&self.file.id).await {
            tracing::error!(
                file.id = self.file.id.0,
                error = &error as &dyn std::error::Error,
                "a file for which there is no space cannot be deleted yet"
            );
        }
        FileError::NoSpace
    }

    /// Makes a file known to all of which everything has arrived.
    pub(super) async fn complete_if_whole(&mut self) -> Result<(), FileError> {
        if self.file.completed.is_some() || self.file.received < self.file.size {
            return Ok(());
        }
        let head = self.files.stores.bytes.read(&self.file.id, 0, media_type::HEAD as u64).await?;
        let head: Vec<Bytes> = head.try_collect().await?;
        let media_type = self.require_type(&head.concat()).await?;
        let now = self.files.now();
        match self.files.stores.content.complete_file(&self.file.id, media_type, now).await {
            Ok(()) => {}
            // It was deleted meanwhile.
            Err(StoreError::Conflict) => return Err(FileError::Unknown),
            Err(error) => return Err(error.into()),
        }
        media_type.clone_into(&mut self.file.media_type);
        self.file.completed = Some(now);
        self.files.figures.count(Outcome::Completed);
        if let Some((_, events)) = self.files.hub.get() {
            events.completed(&self.file);
        }
        Ok(())
    }

    /// The media type that the beginning of the file says. A file of a type that is not taken is deleted.
    async fn require_type(&self, head: &[u8]) -> Result<&'static str, FileError> {
        let head = &head[..head.len().min(media_type::HEAD)];
        let found = media_type::of(head, &self.file.name);
        // What is shown as a picture must be one.
        let found = found.filter(|found| self.file.kind == FileKind::File || found.is_image());
        if let Some(found) = found {
            return Ok(found.name);
        }
        self.files.delete(&self.file.id).await?;
        Err(FileError::UnsupportedType)
    }
}
