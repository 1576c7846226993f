//! The store traits on PostgreSQL, for several instances on one database.
//!
//! [`Database`] is a pool of connections. Each method of a store is one transaction at most, repeated if PostgreSQL had to undo it for
//! the sake of another (`database`). Nothing is kept in memory between two calls, because another instance may have written since.

mod alone;
mod cleanups;
mod company;
mod content;
mod database;
mod deferred;
mod deliveries;
mod fault;
mod listing;
mod migration;
mod register;
mod rooms;
mod sessions;
mod teleconsultations;
mod tls;

pub use alone::Alone;
pub use database::{CONNECTIONS_MAX, Database, DatabaseUrlError, OpenError, check_url};
pub use fault::Fault;
pub use rooms::PostgresRooms;
pub use teleconsultations::PostgresTeleconsultations;
