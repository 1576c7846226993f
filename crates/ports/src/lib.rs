//! What the use cases need from outside, as traits, with a fake of each that behaves.
//!
//! Names come from our domain, not from a provider or a table. Each store method is one whole, conditional operation, because
//! a store across HTTP cannot hold a transaction open.

mod caller;
mod chance;
mod clock;
pub mod company;
pub mod content;
mod deferred;
pub mod deliveries;
pub mod directory;
pub mod fake;
pub mod media;
pub mod names;
pub mod presence;
pub mod provider;
pub mod register;
pub mod rooms;
pub mod teleconsultations;

pub use caller::Caller;
pub use chance::Chance;
pub use clock::Clock;
pub use deferred::{Deferred, DeferredWrite};
