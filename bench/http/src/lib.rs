//! What the measurements over HTTP share: servers to ask, a load, and what comes of it.

pub mod client;
pub mod load;
pub mod results;
pub mod servers;
