//! The CRUD Service keeps every promise of the store traits that it says it can keep, whatever columns its collections have.

use std::sync::Arc;

use crud_service_fake::{Collection, CrudServiceFake, Field, FieldType, State};
use ports::fake::FakeClock;
use store_contract::teleconsultation_store_promises;
use teleconsultation_store_crud::CrudTeleconsultations;

use crate::world::{ROOMS, USERS, at, outbound, store};

async fn on(collections: Vec<Collection>) -> (CrudTeleconsultations, CrudServiceFake) {
    let clock = Arc::new(FakeClock::new(at("2026-01-01T10:00:00Z")));
    let fake = CrudServiceFake::start(collections, clock.clone()).await.unwrap();
    (store(&fake, clock, &outbound()), fake)
}

/// The Booking Module's.
mod every_column {
    use super::*;

    teleconsultation_store_promises!(on(vec![Collection::teleconsultations(), Collection::user_id_map()]).await);
}

/// Whose documents are named by UUIDs.
mod uuids {
    use super::*;

    teleconsultation_store_promises!(
        on(vec![Collection::teleconsultations().with_uuids(), Collection::user_id_map().with_uuids()]).await
    );
}

/// As the oldest deployments may have them: only required columns, and documents that begin as drafts.
mod fewest_columns {
    use super::*;

    teleconsultation_store_promises!(on(collections()).await);

    fn collections() -> Vec<Collection> {
        use FieldType::{ArrayOfRawObjects, Date, Number, String};
        let fields = vec![
            Field::required("bandyerRoomId", String),
            Field::required("participants", ArrayOfRawObjects),
            Field::required("participantsNumber", Number),
            Field::required("startDate", Date),
        ];
        let users = ["bandyerId", "auth0Id"].map(|name| Field::required(name, String));
        vec![Collection::new(ROOMS, State::Draft, fields), Collection::new(USERS, State::Draft, users.into())]
    }
}
