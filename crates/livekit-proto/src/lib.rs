//! Wire types and access tokens of the `LiveKit` signalling protocol.

pub use livekit_protocol as proto;
