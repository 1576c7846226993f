//! The adapter against a real HTTP server that behaves as Kaleyra is documented to, and misbehaves as told.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod backgrounds;
mod faults;
mod kaleyra;
mod people;
mod promises;
mod transcriptions;
mod uploads;
