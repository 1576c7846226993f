//! What goes over the wire (`docs/call-channel.md`): commands in, replies and events out.

mod command;
mod element;
mod event;
mod members;
mod refusal;
mod view;

pub use command::{BadFrame, BoardAct, Check, Command, Kind, PictureSource, QualityReport, Request, Spot, TrackKind};
pub use element::{Content, Drawn, ElementKind};
pub use event::{Answer, Event, RefusedElement, Reply};
pub use refusal::{Code, Refusal};
pub use view::{
    CheckView, FileView, MessageView, Moment, NameView, PersonView, Presented, Quality, Stage, Welcome, WelcomeChat,
};
