//! What happened in a room so far, as v1 tells it (contract §7.3).

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    ConnectionEventKind, Malformed, SessionId, UserId,
    answer::{FromAnswer, Object, unwrap},
};

/// What happened in a room so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialInfo {
    /// How many sessions there were.
    pub sessions_count: Option<u64>,
    /// How long they took together, in seconds.
    pub duration_s: u64,
    /// Who took part in any.
    pub users: Value,
    /// Each session.
    pub sessions: Vec<DialSession>,
}

/// One session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialSession {
    /// The session.
    pub session_id: SessionId,
    /// When it began.
    pub creation_date: Option<Timestamp>,
    /// How long it took, in seconds.
    pub duration_s: u64,
    /// Who came and went.
    pub events: Vec<DialEvent>,
    /// Who was there from when to when.
    pub activities: Vec<DialActivity>,
}

/// A coming or going.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialEvent {
    /// Who.
    pub user_id: Option<UserId>,
    /// When.
    pub timestamp: Option<Timestamp>,
    /// What.
    pub event: Option<ConnectionEventKind>,
}

/// A stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialActivity {
    /// Who.
    pub user_id: Option<UserId>,
    /// From when.
    pub start_time: Option<Timestamp>,
    /// Until when.
    pub stop_time: Option<Timestamp>,
    /// How long, in seconds.
    pub seconds: Option<u64>,
}

impl FromAnswer for DialInfo {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let info = Object::of(unwrap(answer, "sessions"), "dialInfo")?;
        Ok(DialInfo {
            sessions_count: info.number(&["number"])?,
            duration_s: duration_s(info)?,
            users: info.value(&["users"])?.unwrap_or_default(),
            sessions: info.list(&["details"])?,
        })
    }
}

impl FromAnswer for DialSession {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let session = Object::of(answer, "details")?;
        Ok(DialSession {
            session_id: session.id(&["session", "session_id"])?,
            creation_date: session.moment(&["creationDate", "creation_date"])?,
            duration_s: duration_s(session)?,
            events: session.list(&["userEvents"])?,
            activities: session.list(&["userActivities"])?,
        })
    }
}

impl FromAnswer for DialEvent {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let event = Object::of(answer, "userEvents")?;
        Ok(DialEvent {
            user_id: event.text(&["user"])?,
            timestamp: event.moment(&["timestamp"])?,
            event: event.text(&["event"])?,
        })
    }
}

impl FromAnswer for DialActivity {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let activity = Object::of(answer, "userActivities")?;
        Ok(DialActivity {
            user_id: activity.text(&["user"])?,
            start_time: activity.moment(&["startTime"])?,
            stop_time: activity.moment(&["stopTime"])?,
            seconds: activity.number(&["seconds"])?,
        })
    }
}

/// A duration is split into hours, minutes and seconds.
fn duration_s(object: Object<'_>) -> Result<u64, Malformed> {
    let part = |name| Ok(object.number(&[name])?.unwrap_or(0));
    let (hours, minutes, seconds): (u64, u64, u64) = (part("hours")?, part("minutes")?, part("seconds")?);
    Ok(hours.saturating_mul(3600).saturating_add(minutes.saturating_mul(60)).saturating_add(seconds))
}
