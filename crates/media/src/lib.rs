//! The shell around the media engine: sockets, signalling connections, timers and counters.
//!
//! # Threads
//!
//! Each core has one OS thread, a *shard*, with an engine of its own. A room lives in one shard from its opening to its end, so
//! nothing in the engine is shared and nothing is locked. A shard's loop has a fixed order: carry out what the engine wants
//! done, wait for input or the engine's deadline, give it the input. Everything that may be slow — `WebSocket`s, ICE-TCP, access
//! tokens, `Admission` — is done by async tasks, which speak with the shards through bounded queues.
//!
//! # What happens when something is full
//!
//! | queue | full means | then |
//! |---|---|---|
//! | joins of a shard | it cannot keep up | the person waits, and is turned away after a few seconds |
//! | signals of a shard | it cannot keep up | that client's WebSocket is not read until there is room |
//! | ICE-TCP frames of a shard | it cannot keep up | that connection is not read until there is room |
//! | datagrams for another shard | it cannot keep up | they are dropped and counted, as the network would |
//! | messages to a client | it does not read | its connection is closed; it may come back and resume |
//! | frames to an ICE-TCP peer | it does not read | its connection is closed |
//! | events to the program | it does not read | the shards keep them and let nobody in until there is room |
//!
//! So `Joined` and `Left` are never lost, and what is kept of them is bounded: by one of each for everybody who is inside.

mod addresses;
mod config;
mod connection;
mod counters;
mod door;
mod events;
mod http;
mod interest;
mod mailbox;
mod rooms;
mod routes;
mod service;
mod shard;
mod tcp;
mod tcp_peer;
mod trial;
mod udp_receive;
mod udp_send;
mod udp_socket;

pub use config::{BoundPorts, MediaConfig, StartError};
pub use counters::{Counters, CountersSnapshot, Figure, FigureKind};
pub use service::MediaService;
pub use trial::{try_tcp_port, try_udp_port};
