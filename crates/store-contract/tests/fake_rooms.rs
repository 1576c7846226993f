//! The fake store of rooms keeps the promises that the real ones keep.

use ports::fake::rooms::FakeRooms;
use teleconsultation_store_contract::rooms;

#[tokio::test]
async fn the_fake_store_of_rooms_keeps_every_promise() {
    rooms::all(&FakeRooms::new()).await;
}
