//! The version of a document, and the condition that it still has it.
//!
//! The service knows the moment of the last write, to the millisecond. Two writes can fall into one, so ours also count, in the
//! document's first participant.

use jiff::Timestamp;
use ports::teleconsultations::Version;
use serde_json::{Value, json};

use crate::{
    collection::{State, Wanted},
    ours::Ours,
};

/// Where in a document the count is.
const COUNT: &str = "participants.0.service.revision";

/// The largest count; after it comes 1. Half a million changes of one teleconsultation within a millisecond do not happen.
const COUNT_MAX: u32 = (1 << 19) - 1;

/// Bits of a version that are not the moment in milliseconds, which fits into the others until the year 2500: the count, and whether it
/// lies in the trash.
const LOW_BITS: u32 = 20;

/// 2020-01-01, in seconds since 1970: before it there was no teleconsultation. The numbers last until 2088.
const SEQUENCE_EPOCH_S: i64 = 1_577_836_800;

/// The version of a document, as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Revision {
    updated_ms: i64,
    /// 0 for one that another program wrote.
    count: u32,
    trashed: bool,
}

impl Revision {
    /// Of a document; `None` if it does not say when it was written.
    pub(crate) fn of(document: &Value) -> Option<Self> {
        let updated: Timestamp = document["updatedAt"].as_str()?.parse().ok()?;
        let count = Ours::read(document).revision.unwrap_or(0);
        let trashed = State::of(document) == State::Trash;
        Some(Self { updated_ms: updated.as_millisecond(), count: count.min(COUNT_MAX), trashed })
    }

    pub(crate) fn version(self) -> Version {
        let moment = u64::try_from(self.updated_ms).unwrap_or(0);
        Version((moment << LOW_BITS) | (u64::from(self.count) << 1) | u64::from(self.trashed))
    }

    pub(crate) fn from_version(version: Version) -> Self {
        let count = u32::try_from((version.0 >> 1) & u64::from(COUNT_MAX)).unwrap_or(0);
        let updated_ms = i64::try_from(version.0 >> LOW_BITS).unwrap_or(i64::MAX);
        Self { updated_ms, count, trashed: version.0 & 1 == 1 }
    }

    /// The second of the last write, counted from 2020 on: the number that calendars are told, which must fit into 31 bits.
    pub(crate) fn sequence(self) -> i32 {
        i32::try_from(self.updated_ms / 1000 - SEQUENCE_EPOCH_S).unwrap_or(i32::MAX).max(0)
    }

    /// The count of the next write.
    pub(crate) fn next_count(self) -> u32 {
        if self.count >= COUNT_MAX { 1 } else { self.count + 1 }
    }

    /// The document while nobody has written it: where it is seen, or where somebody hid it by hand.
    pub(crate) fn unchanged(self) -> Wanted<'static> {
        let states: &[State] = if self.trashed { &[State::Trash] } else { &[State::Public, State::Draft] };
        Wanted { states, filter: Some(self.filter()) }
    }

    /// The filter that it matches then.
    pub(crate) fn filter(self) -> Value {
        let mut filter = self.count_filter();
        let updated = Timestamp::from_millisecond(self.updated_ms).unwrap_or(Timestamp::MAX);
        filter["updatedAt"] = json!({"$eq": format!("{updated:.3}")});
        filter
    }

    /// The filter that it matches while we have not written it, though its state may be another.
    pub(crate) fn count_filter(self) -> Value {
        if self.count == 0 { json!({COUNT: {"$exists": false}}) } else { json!({COUNT: self.count}) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(count: u32, state: &str) -> Value {
        let participants = json!([{"service": {"revision": count}}]);
        json!({"updatedAt": "2026-01-01T10:00:00.123Z", "__STATE__": state, "participants": participants})
    }

    #[test]
    fn a_version_says_the_moment_the_count_and_the_state() {
        for (state, states) in [("PUBLIC", &[State::Public, State::Draft][..]), ("TRASH", &[State::Trash])] {
            let revision = Revision::of(&document(7, state)).unwrap();
            assert_eq!(Revision::from_version(revision.version()), revision);
            assert_eq!(revision.filter(), json!({"updatedAt": {"$eq": "2026-01-01T10:00:00.123Z"}, COUNT: 7}));
            assert_eq!(revision.unchanged().states, states);
        }
        let versions = [document(7, "PUBLIC"), document(7, "TRASH"), document(8, "PUBLIC")];
        let versions = versions.map(|document| Revision::of(&document).unwrap().version());
        assert!(versions.is_sorted());
    }

    #[test]
    fn what_another_program_wrote_is_known_by_its_moment() {
        let revision = Revision::of(&json!({"updatedAt": "2026-01-01T10:00:00.123Z"})).unwrap();
        assert_eq!((revision.count, revision.next_count()), (0, 1));
        assert_eq!(revision.count_filter(), json!({COUNT: {"$exists": false}}));
    }

    #[test]
    fn the_count_never_comes_back_to_none() {
        let last = Revision::of(&document(COUNT_MAX, "PUBLIC")).unwrap();
        assert_eq!(last.next_count(), 1);
    }

    #[test]
    fn a_document_that_does_not_say_when_it_was_written_has_no_version() {
        assert_eq!(Revision::of(&json!({})), None);
        assert_eq!(Revision::of(&json!({"updatedAt": "soon"})), None);
    }
}
