//! Files that people shared in a room.

/// What became of the files of a room that were to be deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UploadsDeleted {
    /// How many there were.
    pub total: u64,
    /// How many of them are gone. If fewer, asking again deletes the rest.
    pub deleted: u64,
}
