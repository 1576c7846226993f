//! What the call channel and files need of each other.

use domain::{ProviderUserId, RoomRef};
use ports::content::{File, FileId};
use video::files::{FileEvents, UploadTickets};

use super::hub::Hub;

impl UploadTickets for Hub {
    fn take(&self, room: &RoomRef, user: &ProviderUserId, request: &str) -> bool {
        self.is_snapshot_wished(room, user, request)
    }
}

impl FileEvents for Hub {
    fn completed(&self, file: &File) {
        self.file_completed(file.clone());
    }

    fn deleted(&self, room: &RoomRef, id: &FileId) {
        self.file_deleted(room, id);
    }
}
