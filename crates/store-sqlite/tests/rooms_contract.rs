//! `SQLite` keeps every promise of the store of rooms.

use store_contract::rooms;
use teleconsultation_store_sqlite::{Database, SqliteRooms};

#[tokio::test]
async fn sqlite_keeps_every_promise_of_a_store_of_rooms() {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::open(&directory.path().join("rooms.db")).unwrap();
    rooms::all(&SqliteRooms::new(database)).await;
}
