//! The call channel of one room (`docs/call-channel.md`): who is where, who may do what, and who is told what.
//!
//! [`Channel`] is a state machine. It is given what happened and when ([`Channel::handle`]), and gives back replies, events and who is
//! to be disconnected ([`Output`]). What has to be kept, read or done elsewhere is an [`Ask`], and there is one at a time: after every
//! input, whoever drives the machine carries out [`Channel::ask`] and gives it the answer ([`Channel::answered`]) until there is none,
//! and only then the next input. So everything happens in one order, a command is answered and told of only once it is kept, and one
//! that cannot be kept has changed nothing.
//!
//! Two rules are in one place each. Who is how far, and what follows from it, is `settle`. Who sees what is `audience`: of the room's
//! content nobody gets anything who is not admitted.

mod board;
mod bucket;
pub mod limits;
mod people;
mod room;
mod whereabouts;
mod wire;

pub use people::Facts;
pub use room::{Answered, Ask, Channel, Closing, ConnectionId, Input, Output, Setting};
pub use wire::{
    Answer, BadFrame, Code, Command, Event, FileView, Kind, MessageView, Moment, NameView, PersonView, Quality,
    Refusal, RefusedElement, Reply, Request, Stage, TrackKind, Welcome,
};
