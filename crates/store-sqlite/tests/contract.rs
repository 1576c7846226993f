//! `SQLite` keeps every promise of the store traits.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::link_seal;
use store_contract::teleconsultation_store_promises;
use teleconsultation_store_sqlite::{Database, SqliteTeleconsultations};
use tempfile::TempDir;

teleconsultation_store_promises!(teleconsultations());

fn teleconsultations() -> (SqliteTeleconsultations, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::open(&directory.path().join("teleconsultation.db")).unwrap();
    (SqliteTeleconsultations::new(database, link_seal()), directory)
}
