//! The promises of [`ContentStore`], over any store of rooms that is empty of what it makes, and those of
//! [`ports::content::FileBytes`].

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a promise that is not kept panics: that is the test"
)]

mod admissions;
mod boards;
pub mod bytes;
mod files;
mod messages;
mod ratings;

use ports::{
    content::ContentStore,
    rooms::{Room, RoomStore},
};

use crate::rooms::Case;

/// Calls every promise.
pub async fn all<S: RoomStore + ContentStore>(store: &S) {
    admissions::all(store).await;
    boards::all(store).await;
    messages::all(store).await;
    ratings::all(store).await;
    files::all(store).await;
}

/// A room, and another that nothing may leak into.
async fn two_rooms<S: RoomStore>(store: &S, name: &'static str) -> (Case, Room, Room) {
    let case = Case::new(name);
    let (room, other) = (case.room(1), case.room(2));
    for room in [&room, &other] {
        store.create_room(room).await.unwrap();
    }
    (case, room, other)
}
