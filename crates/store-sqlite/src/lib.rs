//! The store traits on SQLite, with durable group commits.
//!
//! [`Database`] is one open file: a thread that writes and a pool of connections that read. A store is a thin value over a clone
//! of it, so several stores share one file, one writer and its commits:
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let database = teleconsultation_store_sqlite::Database::open("data/teleconsultation.db".as_ref())?;
//! let seal = store_document::LinkSeal::new(&[0; 32]); // a secret that is not in the database
//! let teleconsultations = teleconsultation_store_sqlite::SqliteTeleconsultations::new(database.clone(), seal);
//! # database.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! To add a store: add `migrations/000N_name.sql` and list it in `migration.rs`; write `src/name.rs` with a struct that holds a
//! [`Database`]; and write each method of its trait as one call of [`Database::write`] or [`Database::read`]. Both take what is
//! being done, in words that complete "the store is unavailable while …", and a function of the connection. `?` turns
//! [`rusqlite::Error`] into [`Fault`]; `Err(Fault::Conflict)` undoes the operation. Use `prepare_cached`: every connection keeps its
//! prepared statements.

mod cache;
mod cleanups;
mod company;
mod connection;
mod content;
mod database;
mod deferred;
mod deliveries;
mod fault;
mod listing;
mod migration;
mod reader;
mod register;
mod rooms;
mod sessions;
mod teleconsultations;
mod writer;

pub use database::{Database, OpenError};
pub use fault::Fault;
pub use rooms::SqliteRooms;
pub use teleconsultations::SqliteTeleconsultations;
