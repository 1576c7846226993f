//! Making sure that what is seen of a teleconsultation will not be changed by what was decided before.
//!
//! Whoever deletes a room looks first whether its teleconsultation has it. A write that was decided earlier and arrives later could give
//! it that room, or take it away, just after the look. Such a write is on condition that the document is as it was read; so writing it
//! once more, with nothing changed but the count, leaves two cases: the other write came before, and is seen, or it is refused.
//!
//! A draft that is not seen yet is taken away instead: then it can no longer be made one that is seen.

use domain::TeleconsultationId;
use platform::PlatformError;
use serde_json::{Map, Value, json};

use crate::{
    collection::{Collection, SERVICE, State},
    ours::Ours,
    reservation,
    revision::Revision,
};

const DOING: &str = "fence off earlier changes";

/// How often it is tried. Only a status that a gateway gave in place of the service makes a second time necessary.
const TRIES_MAX: u32 = 3;

/// Refuses every write of this teleconsultation that was decided before now and has not arrived.
pub(crate) async fn fence(collection: &Collection, id: &TeleconsultationId) -> Result<(), PlatformError> {
    let mut written_by_others = None;
    for _ in 0..TRIES_MAX {
        let Some(found) = collection.find(DOING, id.as_str()).await? else { return Ok(()) };
        if State::of(&found) == State::Draft && Ours::read(&found).draft.is_some() {
            if collection.delete(DOING, id.as_str(), &reservation::not_yet_seen()).await? {
                return Ok(());
            }
            // It is seen since then, or a gateway says so.
            continue;
        }
        // Who looks at one without a moment of its last write is told that it cannot be read.
        let Some(revision) = Revision::of(&found) else { return Ok(()) };
        if written_by_others.is_some_and(|before| before != revision) {
            return Ok(());
        }
        let commands = json!({"$set": {"participants": counted(&found["participants"], revision.next_count())}});
        if collection.change(DOING, id.as_str(), &revision.unchanged(), commands).await?.is_some() {
            return Ok(());
        }
        // If it is not as it was a moment ago, then somebody else's write has had the same effect.
        written_by_others = Some(revision);
    }
    let oddity = "what did not change cannot be changed".to_owned();
    Err(PlatformError::Unexpected { service: SERVICE, doing: DOING, oddity })
}

/// The same list with another count, and without the mark of one that is not seen yet.
fn counted(participants: &Value, count: u32) -> Value {
    let mut elements = participants.as_array().cloned().unwrap_or_default();
    if elements.is_empty() {
        elements.push(Value::Object(Map::new()));
    }
    if let Some(first) = elements[0].as_object_mut() {
        let ours = first.entry("service").or_insert(Value::Null);
        if !ours.is_object() {
            *ours = Value::Object(Map::new());
        }
        if let Some(ours) = ours.as_object_mut() {
            ours.insert("revision".to_owned(), json!(count));
            ours.remove("draft");
        }
    }
    Value::Array(elements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_changes_but_the_count() {
        for (before, after) in [
            (json!(null), json!([{"service": {"revision": 2}}])),
            (json!([]), json!([{"service": {"revision": 2}}])),
            (json!([{"bandyerId": "a"}]), json!([{"bandyerId": "a", "service": {"revision": 2}}])),
            (json!([{"service": "x"}, {"k": 1}]), json!([{"service": {"revision": 2}}, {"k": 1}])),
            (
                json!([{"service": {"revision": 1, "roomKey": "k", "draft": "filled"}}]),
                json!([{"service": {"revision": 2, "roomKey": "k"}}]),
            ),
            (json!([7]), json!([7])),
        ] {
            assert_eq!(counted(&before, 2), after);
        }
    }
}
