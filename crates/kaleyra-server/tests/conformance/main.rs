//! The client of Kaleyra's API, unchanged, against this service, on a real port over SQLite: operation by operation.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod company;
mod crude;
mod operations;
mod people;
mod promises;
mod service;
mod table;
mod telling;
mod unavailable;
mod uploads;

use kaleyra_video::Version;

use crate::{service::Service, table::Table};

#[tokio::test]
async fn every_operation_of_v2_is_answered() {
    let service = Service::start().await;
    let (client, mut table) = (service.client("v2"), Table::new(Version::V2));
    company::both(&client, &mut table).await;
    company::v2(&client, &mut table).await;
    people::both(&service, &client, &mut table).await;
    people::v2(&service, &client, &mut table).await;
    uploads::both(&service, &client, &mut table).await;
    unavailable::both(&service, &client, &mut table).await;
    unavailable::v2(&service, &client, &mut table).await;
    table.covers_everything();
}

#[tokio::test]
async fn every_operation_of_v1_is_answered() {
    let service = Service::start().await;
    let (client, mut table) = (service.client("rest"), Table::new(Version::V1));
    company::both(&client, &mut table).await;
    company::v1(&client, &mut table).await;
    people::both(&service, &client, &mut table).await;
    people::v1(&service, &client, &mut table).await;
    uploads::both(&service, &client, &mut table).await;
    unavailable::both(&service, &client, &mut table).await;
    unavailable::v1(&service, &client, &mut table).await;
    table.covers_everything();
}
