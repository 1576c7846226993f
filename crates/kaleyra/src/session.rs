//! Sessions and who came and went in them (contract §6.6, §7.6).

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    BroadcastId, Client, Error, Malformed, Page, PageRequest, RoomId, SessionId, UserId, Version,
    answer::{FromAnswer, Object, unwrap},
    open_enum::open_enum,
    operation as op,
};

/// A session: people who met in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// The room it took place in.
    pub room_id: Option<RoomId>,
    /// The broadcast it was. v1 only.
    pub broadcast_id: Option<BroadcastId>,
    /// When it began.
    pub creation_date: Option<Timestamp>,
    /// How long it took, in seconds; `None`: not computed yet.
    pub duration_s: Option<u64>,
    /// Who really took part.
    pub connected_participants: Vec<UserId>,
}

impl FromAnswer for Session {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let session = Object::of(unwrap(answer, "session"), "session")?;
        Ok(Session {
            id: session.id(&["id", "session_id"])?,
            room_id: session.text(&["room_id"])?,
            broadcast_id: session.text(&["broadcast_id"])?,
            creation_date: session.moment(&["creation_date"])?,
            duration_s: session.positive(&["duration"])?,
            connected_participants: session.texts(&["connected_participants"])?,
        })
    }
}

/// Which sessions to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionFilter {
    /// Those of this room. v2 only.
    pub room_id: Option<RoomId>,
    /// Those of this user.
    pub user_id: Option<UserId>,
    /// Those that began later than this.
    pub after: Option<Timestamp>,
    /// Those that began earlier than this.
    pub before: Option<Timestamp>,
}

open_enum!(
    /// What happened to a connection (contract §4).
    ConnectionEventKind {
        /// It was made.
        Connect = "user_connect",
        /// It was ended.
        Disconnect = "user_disconnect",
        /// It was lost.
        Crash = "user_crashed",
    }
);

/// A coming or going.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionEvent {
    /// Who.
    pub user_id: UserId,
    /// When.
    pub timestamp: Option<Timestamp>,
    /// What.
    pub event: ConnectionEventKind,
}

impl FromAnswer for ConnectionEvent {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let event = Object::of(answer, "connection_events")?;
        Ok(ConnectionEvent {
            user_id: event.id(&["user_id"])?,
            timestamp: event.moment(&["timestamp"])?,
            event: event.id(&["event"])?,
        })
    }
}

impl Client {
    /// Lists sessions, the newest first (contract §6.6, §7.6). v1 cannot list those of a room.
    pub async fn sessions(&self, filter: &SessionFilter, page: PageRequest) -> Result<Page<Session>, Error> {
        let user = filter.user_id.as_ref().map(UserId::as_str);
        let call = match (self.version(), user) {
            (Version::V1, Some(user)) => self.call(op::LIST_SESSIONS_OF_USER, &[user])?,
            (Version::V2, Some(user)) => self.call(op::LIST_SESSIONS, &[])?.query("user_id", user),
            (_, None) => self.call(op::LIST_SESSIONS, &[])?,
        };
        if self.version() == Version::V1 && filter.room_id.is_some() {
            return Err(call.invalid("v1 cannot list the sessions of a room"));
        }
        call.maybe("room_id", filter.room_id.as_ref().map(RoomId::as_str))
            .maybe("start_date", date(filter.after).as_deref())
            .maybe("end_date", date(filter.before).as_deref())
            .page(page)
            .read(|answer| Page::read(answer, &["sessions"]))
            .await
    }

    /// Returns a session (contract §6.6, §7.6).
    pub async fn session(&self, session: &SessionId) -> Result<Session, Error> {
        self.call(op::GET_SESSION, &[session.as_str()])?.answer().await
    }

    /// Lists who came and went in a session, the latest first (contract §6.6, §7.6).
    pub async fn connections(&self, session: &SessionId, page: PageRequest) -> Result<Page<ConnectionEvent>, Error> {
        self.call(op::LIST_CONNECTIONS, &[session.as_str()])?
            .page(page)
            .read(|answer| Page::read(answer, &["connection_events", "user_connections", "connections"]))
            .await
    }
}

/// Writes a moment as the service's samples do: UTC, with milliseconds (contract §3.1).
pub(crate) fn date(moment: Option<Timestamp>) -> Option<String> {
    moment.map(|moment| format!("{moment:.3}"))
}
