//! An id for a teleconsultation to be: a draft, which its document will be put in place of.

use jiff::{SignedDuration, Timestamp};
use platform::PlatformError;
use serde_json::{Value, json};

use crate::{
    collection::{Collection, PAGE_MAX, State, Wanted},
    document,
};

/// How long after it was made a draft that came to nothing is deleted: longer than any request lives.
pub(crate) const UNUSED_AFTER: SignedDuration = SignedDuration::from_hours(1);

const MARK: &str = "participants.0.service.draft";

/// The drafts that have only an id.
pub(crate) fn reserved() -> Wanted<'static> {
    Wanted::drafts(json!({MARK: "reserved"}))
}

/// The filter of documents that are about to be seen, or are since a moment ago.
pub(crate) fn is_filled() -> Value {
    json!({MARK: "filled"})
}

/// All drafts that are to become teleconsultations.
pub(crate) fn not_yet_seen() -> Wanted<'static> {
    Wanted::drafts(json!({MARK: {"$exists": true}}))
}

/// Makes a reservation, and returns its id.
pub(crate) async fn make(collection: &Collection, now: Timestamp) -> Result<String, PlatformError> {
    let document = json!({
        "bandyerRoomId": "",
        "participants": [{"service": {"draft": "reserved"}}],
        "participantsNumber": 0,
        "startDate": document::text(now),
        "__STATE__": State::Draft.as_str(),
    });
    collection.insert("reserve an id", document).await
}

/// Deletes drafts that came to nothing: whoever made them was killed, or found that nothing could be booked.
pub(crate) async fn delete_unused(collection: &Collection, now: Timestamp) -> Result<(), PlatformError> {
    const DOING: &str = "delete unused drafts";
    let before = now.checked_sub(UNUSED_AFTER).unwrap_or(Timestamp::MIN);
    let unused = Wanted::drafts(json!({MARK: {"$exists": true}, "createdAt": {"$lt": document::text(before)}}));
    for found in collection.list(DOING, &unused, "createdAt", PAGE_MAX).await? {
        if let Some(id) = found["_id"].as_str() {
            // On condition that it still is one.
            collection.delete(DOING, id, &unused).await?;
        }
    }
    Ok(())
}
