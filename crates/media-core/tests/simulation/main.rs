//! Simulation of the engine: virtual clock, seeded network, real str0m peers, and a list of who must hear whom.
#![allow(
    deprecated,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::format_collect,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test may fail by panicking, and its numbers are small"
)]

mod calls;
mod client;
mod crowd;
mod data;
mod hostile;
mod idle;
mod layers;
mod loss;
mod media;
mod network;
mod permissions;
mod quality;
mod rejoin;
mod world;
