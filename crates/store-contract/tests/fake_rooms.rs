//! The fake store of rooms keeps the promises that the real ones keep.

use ports::fake::{FakeFileBytes, rooms::FakeRooms};
use teleconsultation_store_contract::{companies, content, deliveries, register, rooms};

#[tokio::test]
async fn the_fake_store_of_rooms_keeps_every_promise() {
    let store = FakeRooms::new();
    rooms::all(&store).await;
    register::all(&store).await;
    companies::all(&store).await;
    deliveries::all(&store).await;
    content::all(&store).await;
}

#[tokio::test]
async fn the_fake_place_for_files_keeps_every_promise() {
    content::bytes::all(&FakeFileBytes::new()).await;
}
