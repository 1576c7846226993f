//! What has no column of its own: it lies in the first participant's element under `service`.
//!
//! Other programs may write the columns. So what stands beside one counts only while it agrees with it.

use domain::{Length, RoomKey, Teleconsultation};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why a document is a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mark {
    /// It has only an id.
    Reserved,
    /// It has everything and is about to be moved to where it is seen.
    Filled,
}

/// What we keep beside the contract's columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ours {
    /// Counts our writes, from 1. Nothing that another program wrote has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) revision: Option<u32>,
    /// Our name for the room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) room_key: Option<String>,
    /// The room of that name, as in the column `bandyerRoomId`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) room: Option<String>,
    /// Set if the end follows from a duration, in milliseconds, rather than from a date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) duration_ms: Option<i64>,
    /// The end, in milliseconds since 1970, in a collection without a column for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) end_ms: Option<i64>,
    /// Set while it is a draft of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) draft: Option<Mark>,
}

/// How far an end may be off: both it and the start are cut to milliseconds.
const ROUNDING_MS: u64 = 1;

impl Ours {
    pub(crate) fn of(teleconsultation: &Teleconsultation, revision: u32) -> Self {
        let room = teleconsultation.room();
        Self {
            revision: Some(revision),
            room_key: room.map(|room| room.key.as_str().to_owned()),
            room: room.map(|room| room.room.as_str().to_owned()),
            duration_ms: match teleconsultation.schedule.length() {
                Length::For(duration) => i64::try_from(duration.as_millis()).ok(),
                Length::Until(_) => None,
            },
            end_ms: None,
            draft: None,
        }
    }

    /// What a document says. One that another program wrote says nothing.
    pub(crate) fn read(document: &Value) -> Self {
        Self::deserialize(&document["participants"][0]["service"]).unwrap_or_default()
    }

    /// Our name for this room.
    pub(crate) fn key(&self, room: &str) -> Option<RoomKey> {
        let key = self.room_key.as_deref().filter(|_| self.room.as_deref() == Some(room));
        key.map(RoomKey::from_stored)
    }

    /// The duration that leads from this start to this end.
    pub(crate) fn duration(&self, start: Timestamp, end: Option<Timestamp>) -> Option<SignedDuration> {
        let duration = SignedDuration::from_millis(self.duration_ms?);
        let follows = start.checked_add(duration).unwrap_or(Timestamp::MAX).as_millisecond();
        let agrees = end.is_none_or(|end| follows.abs_diff(end.as_millisecond()) <= ROUNDING_MS);
        agrees.then_some(duration)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_another_program_wrote_says_nothing() {
        for document in [
            json!({}),
            json!({"participants": []}),
            json!({"participants": [{"service": "x"}]}),
            json!({"participants": null}),
            json!({"participants": [{"service": {"revision": -1}}]}),
        ] {
            assert_eq!(Ours::read(&document), Ours::default(), "{document}");
        }
    }

    #[test]
    fn a_name_counts_for_its_room_only() {
        let ours = Ours { room_key: Some("k".to_owned()), room: Some("r".to_owned()), ..Ours::default() };
        assert_eq!(ours.key("r"), Some(RoomKey::from_stored("k")));
        assert_eq!(ours.key("of another program"), None);
    }

    #[test]
    fn a_duration_counts_while_the_end_agrees() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let ours = Ours { duration_ms: Some(1_800_000), ..Ours::default() };
        let half_an_hour = Some(SignedDuration::from_mins(30));
        let start = at("2026-01-01T10:00:00.001Z");
        assert_eq!(ours.duration(start, None), half_an_hour);
        assert_eq!(ours.duration(start, Some(at("2026-01-01T10:30:00.002Z"))), half_an_hour);
        assert_eq!(ours.duration(start, Some(at("2026-01-01T11:00:00Z"))), None);
    }
}
