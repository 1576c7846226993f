//! The stores on a real PostgreSQL, which `tests/with-postgres` starts.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod contract;
mod instances;
mod opening;
mod server;
