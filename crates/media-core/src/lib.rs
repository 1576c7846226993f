//! The media engine as a state machine: rooms, tracks, subscriptions, bandwidth; no sockets, no clock.
//!
//! One [`Engine`] holds the rooms of one core. The shell around it (crate `media`) does in a fixed order: carry out every
//! [`Output`], read inputs, rearm the timer for [`Engine::deadline`].
#![expect(deprecated, reason = "the protocol's older fields are what today's clients still read")]

mod allocation;
mod allowance;
mod api;
mod data;
mod description;
mod engine;
mod ids;
mod keyframe;
mod limits;
mod line;
mod loudness;
mod participant;
mod payload_types;
mod peer;
mod quality;
mod random;
mod rewrite;
mod room;
mod routes;
mod shared;
mod signalling;
pub mod stun;
mod subscription;
mod track;

pub use allowance::Allowance;
pub use api::{
    Command, CommandError, ConnectionId, Counts, EngineConfig, Event, Input, Join, LeaveCause, Output, Permissions,
    Protocol, Reply, RoomConfig, Transmit,
};
pub use engine::Engine;
pub use limits::{ATTRIBUTES_BYTES_MAX, METADATA_BYTES_MAX};
