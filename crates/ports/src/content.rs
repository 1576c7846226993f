//! What people leave in a room of the embedded video service: messages, drawings, files, and who was let in.
//!
//! It belongs to the room: [`crate::rooms::RoomStore::delete_room`] deletes all of it in the same write, but for files, which it marks
//! as deleted, so that their bytes can be removed and are not forgotten.

mod admissions;
mod boards;
mod files;
mod messages;
mod ratings;

pub use admissions::AdmissionStore;
pub use boards::{BoardId, BoardStore, Element, ElementId};
pub use files::{File, FileAdded, FileBytes, FileBytesError, FileFilter, FileId, FileKind, FileLimits, FileStore};
pub use messages::{Message, MessageStore, NewMessage};
pub use ratings::{QualityMinute, Rating, RatingStore};

/// Keeps everything that people leave in a room. What a method answers with success is durable; moments are kept to the millisecond.
/// Where a room does not exist or was deleted, a write that adds is a [`crate::teleconsultations::StoreError::Conflict`], one that takes
/// away has nothing to do, and a list is empty. No text may have U+0000 in it: `PostgreSQL` cannot keep that.
pub trait ContentStore: AdmissionStore + BoardStore + FileStore + MessageStore + RatingStore {}

impl<T: AdmissionStore + BoardStore + FileStore + MessageStore + RatingStore> ContentStore for T {}
