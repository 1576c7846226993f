//! What the pages read in a media room: the room's metadata and each participant's.

use std::time::Duration;

use jiff::Timestamp;
use ports::{
    provider::RoomStatus,
    rooms::{Member, Room, Running, Session},
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    limits::WARNING,
    rules,
    tools::{self, WireTool},
};

/// What happens in a room, as the pages are told.
///
/// A page that shows the time left subtracts `duration_used_seconds` and, if `running_since` is not null, the time since then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoomMetadata {
    status: &'static str,
    duration_seconds: Option<u64>,
    /// Use up to `running_since` while the session runs, else all of it.
    duration_used_seconds: u64,
    running_since: Option<String>,
    /// From 30 s before the end on.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_at: Option<String>,
}

impl RoomMetadata {
    /// `used` is the room's use at the moment `now`.
    pub fn new(
        status: RoomStatus,
        duration: Option<Duration>,
        used: Duration,
        running: Option<Running>,
        now: Timestamp,
    ) -> Self {
        let left = duration.map(|duration| duration.saturating_sub(used));
        let ends_at = left.filter(|left| running.is_some() && *left <= WARNING).map(|left| now + left);
        Self {
            status: status_on_wire(status),
            duration_seconds: duration.map(|duration| duration.as_secs()),
            duration_used_seconds: running.map_or(used, |running| running.used_before).as_secs(),
            running_since: running.map(|running| milliseconds(running.since)),
            ends_at: ends_at.map(milliseconds),
        }
    }

    /// The metadata of a room as it is stored.
    pub fn of(room: &Room, session: Option<&Session>, now: Timestamp) -> Self {
        let status = rules::status(room, session);
        let running = session.and_then(|session| session.running);
        Self::new(status, room.duration, rules::used_at(room, session, now), running, now)
    }

    /// The text for the engine.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a struct of texts and numbers can always be written as JSON")
    }
}

/// A room's status by its name on the wire.
pub const fn status_on_wire(status: RoomStatus) -> &'static str {
    match status {
        RoomStatus::NotRunning => "NOT_RUNNING",
        RoomStatus::Running => "RUNNING",
        RoomStatus::Closed => "CLOSED",
    }
}

/// A participant's metadata: `{"user_id":…,"is_admin":…,"tools":{…}}`.
pub fn participant(member: &Member) -> String {
    let mut wire_tools = Map::new();
    for (name, tool) in tools::on_wire(&member.tools) {
        let value = match tool {
            WireTool::Switch(on) => Value::Bool(on),
            WireTool::Parts(parts) => {
                Value::Object(parts.into_iter().map(|(name, on)| (name.to_owned(), Value::Bool(on))).collect())
            }
        };
        wire_tools.insert(name.to_owned(), value);
    }
    serde_json::json!({ "user_id": member.user.as_str(), "is_admin": member.admin, "tools": wire_tools }).to_string()
}

/// ISO 8601 in UTC with milliseconds (`kaleyra-video-api.md` §3.1).
fn milliseconds(moment: Timestamp) -> String {
    format!("{moment:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, member};

    #[test]
    fn a_room_at_rest_says_how_much_is_used() {
        let metadata = RoomMetadata::new(RoomStatus::NotRunning, None, Duration::from_millis(61_900), None, at(0));
        let expected =
            r#"{"status":"NOT_RUNNING","duration_seconds":null,"duration_used_seconds":61,"running_since":null}"#;
        assert_eq!(metadata.to_json(), expected);
    }

    #[test]
    fn a_running_room_says_since_when_and_what_was_used_before() {
        let running = Running { since: at(5), used_before: Duration::from_secs(10) };
        let duration = Some(Duration::from_secs(100));
        let metadata = RoomMetadata::new(RoomStatus::Running, duration, Duration::from_secs(25), Some(running), at(20));
        let expected = concat!(
            r#"{"status":"RUNNING","duration_seconds":100,"duration_used_seconds":10,"#,
            r#""running_since":"2026-01-01T00:00:05.000Z"}"#
        );
        assert_eq!(metadata.to_json(), expected);
    }

    #[test]
    fn in_the_last_thirty_seconds_it_says_when_it_ends() {
        let running = Running { since: at(0), used_before: Duration::ZERO };
        let duration = Some(Duration::from_mins(1));
        let metadata = |used| {
            RoomMetadata::new(RoomStatus::Running, duration, Duration::from_secs(used), Some(running), at(used))
                .to_json()
        };
        assert!(!metadata(29).contains("ends_at"));
        assert!(metadata(30).ends_with(r#","ends_at":"2026-01-01T00:01:00.000Z"}"#));
    }

    #[test]
    fn a_participant_says_who_they_are_and_what_they_may_use() {
        let mut member = member("anna");
        member.tools = domain::Tools { whiteboard: Some(domain::WhiteboardTools::ALL), ..domain::Tools::none() };
        let value: Value = serde_json::from_str(&participant(&member)).unwrap();
        assert_eq!(value["user_id"], "anna");
        assert_eq!(value["is_admin"], false);
        assert_eq!(value["tools"]["chat"], false);
        assert_eq!(value["tools"]["whiteboard"]["wb_pen"], true);
        assert_eq!(value["tools"].as_object().unwrap().len(), 8);
    }
}
