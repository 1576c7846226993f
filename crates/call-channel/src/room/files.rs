//! Files of the room: they travel over HTTP and are told of here.

use domain::ProviderUserId;
use ports::content::{BoardId, File, FileId, FileKind};

use super::{Ask, Channel, Outcome, ReplyTo, Then};
use crate::wire::{Code, Event, FileView, Refusal};

impl Channel {
    pub(super) fn file_completed(&mut self, file: File) {
        let event = Event::File { file: FileView::from(&file) };
        let (from, of) = (file.from.clone(), file.of.clone().filter(|_| file.kind == FileKind::Snapshot));
        // Told twice, it is still one file.
        if file.completed.is_some() && self.files.insert(file.id.clone(), file).is_none() {
            if of.as_ref() == Some(&from) {
                self.snapshots.fulfil(&from);
            }
            self.tell_admitted(event, |_, _| true);
        }
    }

    /// A file is deleted, and with it what was drawn on it.
    pub(super) fn file_gone(&mut self, file: &FileId) {
        if self.files.remove(file).is_some() {
            let board = BoardId(format!("snapshot:{}", file.0));
            self.boards.remove(&board);
            self.loaded.retain(|(loaded, _)| *loaded != board);
            self.tell_admitted(Event::FileDeleted { file_id: file.0.clone() }, |_, _| true);
        }
    }

    fn file(&self, user: &ProviderUserId, file: &FileId) -> Result<&File, Refusal> {
        if !self.person(user)?.is_admitted() {
            return Err(Refusal::not_admitted());
        }
        self.files.get(file).ok_or_else(|| Refusal::new(Code::Unknown, "the room has no such file").at("file_id"))
    }

    pub(super) fn file_link(&mut self, reply: ReplyTo, user: &ProviderUserId, file: FileId) -> Outcome {
        self.file(user, &file)?;
        self.asks.push_back((Ask::Link { file, user: user.clone() }, Then::Linked(reply)));
        Ok(None)
    }

    pub(super) fn file_delete(&mut self, reply: ReplyTo, user: &ProviderUserId, file: FileId) -> Outcome {
        let sender = &self.file(user, &file)?.from;
        if sender != user && !self.person(user)?.facts.admin {
            return Err(Refusal::new(Code::NotAllowed, "only its sender or an admin deletes a file"));
        }
        self.asks.push_back((Ask::DeleteFile(file.clone()), Then::FileDeleted { reply, file }));
        Ok(None)
    }
}
