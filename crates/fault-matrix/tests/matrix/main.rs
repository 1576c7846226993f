//! Every call of every use case to the store and to the provider, failing in every way, and what is left once the faults have ended,
//! time has passed and the workers have worked: one room for each complete teleconsultation and none else, whose links are those in
//! the record; nobody made twice; what was answered with success is there; and after a failure all is as before, or all is as asked.
//!
//! The table of it is printed: `cargo test -p teleconsultation-fault-matrix -- --nocapture`. In a cell, the answer and the state of the
//! teleconsultation in the end; on the left of a bar, where this call fails, and on its right, where all like it fail from then on. For
//! a process that is killed: before the call arrives, and once it is carried out. A dash is where there is no such fault: no database
//! answers 429.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

extern crate teleconsultation_fault_matrix as fault_matrix;

mod beside;
mod case;
mod invariants;
mod postgres;
mod run;
mod table;
mod world;

use fault_matrix::Fault;
use run::{Way, matrix};
use world::Deployment;

/// The ways that the issue names, and the two moments at which a process can be killed in one column.
const WAYS: [Way; 7] = [
    ("refused", Some(Fault::Refused), Some(Fault::Refused)),
    ("timeout before", Some(Fault::TimeoutBefore), Some(Fault::TimeoutBefore)),
    ("timeout after", Some(Fault::TimeoutAfter), Some(Fault::TimeoutAfter)),
    ("429", Some(Fault::TooMany), Some(Fault::TooMany)),
    ("500", Some(Fault::ServerError), Some(Fault::ServerError)),
    ("garbage", Some(Fault::Garbage), Some(Fault::Garbage)),
    ("killed", Some(Fault::KilledBefore), Some(Fault::KilledAfter)),
];

/// Further answers that are no answers, however often the call is repeated: that one of them is followed by a good one is as with those
/// above.
const ODD_ANSWERS: [Way; 4] = [
    ("truncated", None, Some(Fault::Truncated)),
    ("enormous", None, Some(Fault::Enormous)),
    ("slow", None, Some(Fault::Slow)),
    ("contradictory", None, Some(Fault::Contradictory)),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_service_on_sqlite() {
    matrix("the embedded service, on SQLite", Deployment::Sqlite, &WAYS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_service_on_postgresql() {
    matrix("the embedded service, on PostgreSQL", Deployment::Postgres, &WAYS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kaleyra() {
    matrix("Kaleyra Video over HTTP", Deployment::Kaleyra, &WAYS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kaleyra_with_answers_that_are_none() {
    matrix("Kaleyra Video over HTTP, with answers that are none", Deployment::Kaleyra, &ODD_ANSWERS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_crud_service() {
    matrix("the CRUD Service over HTTP", Deployment::Crud, &WAYS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_crud_service_with_answers_that_are_none() {
    matrix("the CRUD Service over HTTP, with answers that are none", Deployment::Crud, &ODD_ANSWERS).await;
}
