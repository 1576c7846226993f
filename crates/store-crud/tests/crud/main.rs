//! The store on the CRUD Service, against the fake that is held to what is documented of it.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod callers;
mod contract;
mod documents;
mod faults;
mod interleaving;
mod kills;
mod races;
mod user_ids;
mod world;
