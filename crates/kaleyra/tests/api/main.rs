//! The client against a real HTTP server.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod company;
mod downloads;
mod events;
mod faults;
mod people;
mod repeating;
mod rooms;
mod service;
mod sessions;
mod talk;
mod trust;
mod v1_only;
