//! Faults for the tests of what is left after them: one chosen call to the store or the provider fails in one chosen way.
//!
//! [`Calls`] counts the calls of a use case and says which one fails. [`FaultyStore`] and [`FaultyProvider`] stand before a store and a
//! provider in this process, and [`Proxy`] before a service that is reached over HTTP. The test of this crate records each use case
//! once undisturbed, so it finds all calls by itself, then lets each of them fail in each way, and prints what came of it as a table.

mod calls;
mod fault;
mod http;
mod provider;
mod proxy;
mod store;

pub use calls::{Call, Calls, Plan};
pub use fault::Fault;
pub use provider::FaultyProvider;
pub use proxy::Proxy;
pub use store::FaultyStore;
