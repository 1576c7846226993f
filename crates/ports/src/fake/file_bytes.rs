//! [`FileBytes`] in memory.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{
    StreamExt as _,
    stream::{self, BoxStream},
};

use super::locked;
use crate::content::{FileBytes, FileBytesError, FileId};

/// How much of a file is read at once. Little, so that tests meet more than one piece.
const PIECE: usize = 1024;

/// Keeps bytes for the length of a test. Can be told to fail.
#[derive(Default)]
pub struct FakeFileBytes(Mutex<State>);

#[derive(Default)]
struct State {
    parts: BTreeMap<(FileId, u64), Bytes>,
    bytes_max: Option<usize>,
    out_of_reach: bool,
}

impl FakeFileBytes {
    /// Starts with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes every call fail with [`FileBytesError::Unavailable`] from this moment on, or work again.
    pub fn set_out_of_reach(&self, out_of_reach: bool) {
        locked(&self.0).out_of_reach = out_of_reach;
    }

    /// Lets no more than that be kept, of all files; `None`: without end.
    pub fn set_space(&self, bytes_max: Option<usize>) {
        locked(&self.0).bytes_max = bytes_max;
    }

    /// The files of which there is something.
    pub fn files(&self) -> Vec<FileId> {
        let mut files: Vec<_> = locked(&self.0).parts.keys().map(|(id, _)| id.clone()).collect();
        files.dedup();
        files
    }

    fn reach(&self, doing: &'static str) -> Result<MutexGuard<'_, State>, FileBytesError> {
        let state = locked(&self.0);
        if state.out_of_reach {
            return Err(FileBytesError::Unavailable { doing, source: "the fake was told to fail".into() });
        }
        Ok(state)
    }
}

#[async_trait]
impl FileBytes for FakeFileBytes {
    async fn put_part(&self, id: &FileId, offset: u64, bytes: Bytes) -> Result<(), FileBytesError> {
        let mut state = self.reach("keeping a part of a file")?;
        let kept: usize = state.parts.values().map(Bytes::len).sum();
        if state.bytes_max.is_some_and(|max| kept + bytes.len() > max) {
            return Err(FileBytesError::Full);
        }
        state.parts.insert((id.clone(), offset), bytes);
        Ok(())
    }

    async fn read(
        &self,
        id: &FileId,
        from: u64,
        len: u64,
    ) -> Result<BoxStream<'static, Result<Bytes, FileBytesError>>, FileBytesError> {
        let state = self.reach("reading a file")?;
        let (mut whole, mut found) = (Vec::new(), false);
        for ((_, offset), bytes) in state.parts.range((id.clone(), 0)..=(id.clone(), u64::MAX)) {
            found = true;
            if *offset == whole.len() as u64 {
                whole.extend_from_slice(bytes);
            }
        }
        if !found {
            return Err(FileBytesError::NotFound);
        }
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(whole.len());
        let end = from.saturating_add(usize::try_from(len).unwrap_or(usize::MAX)).min(whole.len());
        let pieces: Vec<_> = whole[from..end].chunks(PIECE).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        Ok(stream::iter(pieces).boxed())
    }

    async fn remove(&self, id: &FileId) -> Result<(), FileBytesError> {
        self.reach("removing a file")?.parts.retain(|(of, _), _| of != id);
        Ok(())
    }

    async fn health(&self) -> Result<(), FileBytesError> {
        self.reach("checking the place for files").map(drop)
    }
}
