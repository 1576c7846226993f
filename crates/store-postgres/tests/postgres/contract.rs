//! PostgreSQL keeps every promise of the store traits.

use store_contract::{companies, content, deliveries, register, rooms, teleconsultation_store_promises};
use store_document::LinkSeal;
use teleconsultation_store_postgres::{PostgresRooms, PostgresTeleconsultations};

use crate::server::database;

teleconsultation_store_promises!((PostgresTeleconsultations::new(database().await, LinkSeal::new(&[7; 32])), ()));

#[tokio::test]
async fn rooms_are_kept_as_promised() {
    let store = PostgresRooms::new(database().await);
    rooms::all(&store).await;
    register::all(&store).await;
    companies::all(&store).await;
    deliveries::all(&store).await;
    content::all(&store).await;
}
