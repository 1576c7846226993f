//! `SQLite` keeps every promise of the store of rooms.

use store_contract::{companies, content, deliveries, register, rooms};
use teleconsultation_store_sqlite::{Database, SqliteRooms};

#[tokio::test]
async fn sqlite_keeps_every_promise_of_a_store_of_rooms() {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::open(&directory.path().join("rooms.db")).unwrap();
    let store = SqliteRooms::new(database);
    rooms::all(&store).await;
    register::all(&store).await;
    companies::all(&store).await;
    deliveries::all(&store).await;
    content::all(&store).await;
}
