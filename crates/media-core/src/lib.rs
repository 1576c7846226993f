//! The media engine as a state machine: rooms, tracks, subscriptions, bandwidth; no sockets, no clock.
//!
//! One [`Engine`] holds the rooms of one core. The shell around it (crate `media`) does in a fixed order: carry out every
//! [`Output`], read inputs, rearm the timer for [`Engine::deadline`].

mod api;

pub use api::{
    Command, CommandError, ConnectionId, Engine, EngineConfig, Event, Input, Join, LeaveCause, Output, Permissions,
    Protocol, Reply, RoomConfig, Transmit,
};
