//! What happened in the embedded video service and is to be told to webhooks (`kaleyra-video-api.md` §10).
//!
//! A store writes a delivery for each webhook that wants to know, in the same write as what happened. So none is lost, and none is
//! written where nobody wants to know.

use std::time::Duration;

use async_trait::async_trait;
use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;

use crate::{
    company::Webhook,
    rooms::{CompanyId, Room, SessionId},
    teleconsultations::StoreError,
};

/// Where a session is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionStep {
    /// The second person connected.
    Started,
    /// Two or more are connected again.
    Resumed,
    /// Fewer than two are left.
    Paused,
    /// It is over.
    Ended,
}

/// What happened. Each has the event's name of the contract (§10.6): see [`Happening::event`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A room was made.
    RoomCreated(Box<Room>),
    /// A room was closed for good: the room as it was before, with its links.
    RoomDisabled(Box<Room>),
    /// A room was deleted: the room as it was before, with its links.
    RoomDeleted(Box<Room>),
    /// Somebody asked that people be called into a room.
    CallIncoming {
        /// Where.
        room: Box<Room>,
        /// Who calls, where that was said.
        initiator: Option<ProviderUserId>,
        /// Who is called.
        users: Vec<ProviderUserId>,
    },
    /// A session went a step further.
    Session {
        /// Which.
        session: SessionId,
        /// How.
        step: SessionStep,
        /// Who is connected then.
        connected: Vec<ProviderUserId>,
        /// How long the room can be used; `None`: without end.
        duration: Option<Duration>,
        /// How much of that is used.
        used: Duration,
    },
    /// Somebody came into a session or left it.
    Connection {
        /// Which session.
        session: SessionId,
        /// Who.
        user: ProviderUserId,
        /// Whether they came.
        came: bool,
        /// How many are connected then.
        connected: u32,
    },
    /// The call in a room is over.
    CallEnded,
}

impl Happening {
    /// The name under which webhooks know it.
    pub const fn event(&self) -> &'static str {
        match self {
            Self::RoomCreated(_) => "on_room_created",
            Self::RoomDisabled(_) => "on_room_disabled",
            Self::RoomDeleted(_) => "on_room_deleted",
            Self::CallIncoming { .. } => "on_call_incoming",
            Self::Session { step: SessionStep::Started, .. } => "on_session_started",
            Self::Session { step: SessionStep::Resumed, .. } => "on_session_resumed",
            Self::Session { step: SessionStep::Paused, .. } => "on_session_paused",
            Self::Session { step: SessionStep::Ended, .. } => "on_session_ended",
            Self::Connection { came: true, .. } => "on_user_connected",
            Self::Connection { came: false, .. } => "on_user_disconnected",
            Self::CallEnded => "on_call_ended",
        }
    }
}

/// Something that happened in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Where.
    pub room: RoomRef,
    /// When, to the millisecond; `None`: nobody wrote that down, and it is the moment at which a delivery is first taken.
    pub at: Option<Timestamp>,
    /// What.
    pub what: Happening,
}

/// A notice to be sent to one webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its name, greater than those of earlier deliveries.
    pub number: u64,
    /// Whose room.
    pub company: CompanyId,
    /// Whom to tell.
    pub webhook: Webhook,
    /// How often it was tried.
    pub attempts: u32,
    /// What to tell.
    pub notice: Notice,
}

/// Keeps deliveries until they are settled. Those of removed webhooks go with the webhook. What a method answers with success is
/// durable.
#[async_trait]
pub trait DeliveryStore: Send + Sync {
    /// Writes a delivery for each webhook that wants to know.
    async fn announce(&self, company: &CompanyId, notice: &Notice) -> Result<(), StoreError>;

    /// Takes at most `limit` deliveries that are due at `now`, in the order of their numbers; of one webhook and room only the first
    /// is due, so that they are told in order. Those taken are due again at `until`, unless they are settled or postponed before.
    /// One that cannot be read is dropped.
    async fn take_deliveries(&self, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<Delivery>, StoreError>;

    /// Counts an attempt that failed, and makes the delivery due at `due`.
    async fn postpone_delivery(&self, number: u64, due: Timestamp) -> Result<(), StoreError>;

    /// Ends a delivery: it was received, or given up.
    async fn settle_delivery(&self, number: u64) -> Result<(), StoreError>;
}
