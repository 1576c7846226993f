//! The call channel (`docs/call-channel.md`): the shell around [`call_channel::Channel`].
//!
//! Each room with somebody connected has one task, which gives its state machine what happens and carries out what that asks for, one
//! thing after the other. Each connection has one task too. They speak through bounded queues:
//!
//! | queue | full means | then |
//! |---|---|---|
//! | a room's mail | it cannot keep up | its clients' sockets are not read until there is room |
//! | frames to a client | it does not read | what is outdated soon is not sent; for anything else the connection is closed with 4429 |
//! | what others tell of a room | – | the newest state counts, so there is no queue |

mod connection;
mod figures;
mod files;
mod hub;
mod keeping;
mod notices;
mod outbox;
mod room;

pub use connection::serve;
pub use figures::ChannelFigures;
pub use hub::{Hub, HubParts};
