//! What must not be forgotten about rooms, as drafts in the collection of teleconsultations.
//!
//! A write of several documents at once does not exist. So what a change needs is written before it, and what it ends is taken away
//! after it; in between, the document of the teleconsultation tells which of the two holds.

use std::collections::BTreeSet;

use domain::{RoomKey, RoomRef, TeleconsultationId};
use jiff::Timestamp;
use platform::PlatformError;
use ports::teleconsultations::RoomCleanup;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    collection::{Collection, PAGE_MAX, State, Wanted},
    document,
    handed::Handle,
};

/// How often a cleanup is recorded that others record at the same moment.
const RECORDINGS_MAX: u32 = 16;

const KEY: &str = "participants.0.service.cleanup.key";
const BEGUN: &str = "participants.0.service.cleanup.begun";
const RECORDED: &str = "participants.0.service.cleanup.recorded";

/// A cleanup as it lies in the draft's one element, under `service.cleanup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    room: Option<String>,
    teleconsultation: String,
    due_second: i64,
    due_nanosecond: i32,
    attempts: u32,
    begun: bool,
    /// Counts the recordings, from 1.
    recorded: u32,
}

impl Stored {
    fn of(cleanup: &RoomCleanup, recorded: u32) -> Self {
        Self {
            key: cleanup.key.as_str().to_owned(),
            room: cleanup.room.as_ref().map(|room| room.as_str().to_owned()),
            teleconsultation: cleanup.teleconsultation.as_str().to_owned(),
            due_second: cleanup.due.as_second(),
            due_nanosecond: cleanup.due.subsec_nanosecond(),
            attempts: cleanup.attempts,
            begun: cleanup.begun,
            recorded,
        }
    }

    fn cleanup(self) -> Option<RoomCleanup> {
        Some(RoomCleanup {
            due: Timestamp::new(self.due_second, self.due_nanosecond).ok()?,
            teleconsultation: TeleconsultationId::parse(&self.teleconsultation).ok()?,
            room: self.room.map(RoomRef::new),
            attempts: self.attempts,
            begun: self.begun,
            key: RoomKey::from_stored(self.key),
        })
    }
}

/// The columns of a cleanup's draft. The due moment is the start, so that drafts can be asked for by it.
fn columns(cleanup: &RoomCleanup, recorded: u32) -> Value {
    json!({
        "bandyerRoomId": "",
        "participants": [{"service": {"cleanup": Stored::of(cleanup, recorded)}}],
        "participantsNumber": 0,
        "startDate": document::text(cleanup.due),
    })
}

/// A draft that was found.
struct Found {
    draft: Handle,
    stored: Stored,
}

impl Found {
    fn read(document: &Value) -> Option<Self> {
        let stored = &document["participants"][0]["service"]["cleanup"];
        let stored: Stored = serde_json::from_value(stored.clone()).ok()?;
        let draft = Handle { id: document["_id"].as_str()?.to_owned(), recorded: stored.recorded };
        Some(Self { draft, stored })
    }
}

/// The draft as it was.
fn unchanged(draft: &Handle) -> Wanted<'static> {
    Wanted::drafts(json!({RECORDED: draft.recorded}))
}

/// The drafts of a key: one, or none; more only if several recorded it at the same moment.
async fn of_key(collection: &Collection, key: &RoomKey) -> Result<Vec<Found>, PlatformError> {
    let wanted = Wanted::drafts(json!({KEY: key.as_str()}));
    let found = collection.list("read a room cleanup", &wanted, "createdAt,_id", PAGE_MAX).await?;
    Ok(found.iter().filter_map(Found::read).collect())
}

/// A cleanup that was recorded.
pub(crate) struct Recorded {
    pub(crate) draft: Handle,
    /// Whether its work had begun before.
    pub(crate) was_begun: bool,
}

/// Records a cleanup, in place of one with the same key. `None` if others kept recording it at the same moment.
pub(crate) async fn record(collection: &Collection, cleanup: &RoomCleanup) -> Result<Option<Recorded>, PlatformError> {
    const DOING: &str = "record a room cleanup";
    for _ in 0..RECORDINGS_MAX {
        let existing = of_key(collection, &cleanup.key).await?;
        let Some(first) = existing.first() else {
            let mut document = columns(cleanup, 1);
            document["__STATE__"] = json!(State::Draft.as_str());
            let id = collection.insert(DOING, document).await?;
            return Ok(Some(Recorded { draft: Handle { id, recorded: 1 }, was_begun: false }));
        };
        let recorded = first.draft.recorded.checked_add(1).unwrap_or(1);
        let commands = json!({ "$set": columns(cleanup, recorded) });
        if collection.change(DOING, &first.draft.id, &unchanged(&first.draft), commands).await?.is_none() {
            continue;
        }
        for other in &existing[1..] {
            collection.delete(DOING, &other.draft.id, &unchanged(&other.draft)).await?;
        }
        let was_begun = existing.iter().all(|found| found.stored.begun);
        return Ok(Some(Recorded { draft: Handle { recorded, ..first.draft.clone() }, was_begun }));
    }
    Ok(None)
}

/// Whether a room may be kept: its guard is there, and nobody has begun to delete the room.
pub(crate) async fn may_be_kept(collection: &Collection, key: &RoomKey) -> Result<bool, PlatformError> {
    let drafts = of_key(collection, key).await?;
    Ok(!drafts.is_empty() && drafts.iter().all(|found| !found.stored.begun))
}

/// Takes away the guard of a room that was kept; not a cleanup that was recorded since, because somebody is replacing the room. Returns
/// whether there was one.
pub(crate) async fn end_guard(collection: &Collection, key: &RoomKey) -> Result<bool, PlatformError> {
    let mut ended = false;
    for found in of_key(collection, key).await? {
        let guard = Wanted::drafts(json!({BEGUN: false}));
        ended |= collection.delete("end a room's guard", &found.draft.id, &guard).await?;
    }
    Ok(ended)
}

/// Takes away the cleanup of a key: those drafts that were given out as they were then, or all if none were.
pub(crate) async fn settle(
    collection: &Collection,
    key: &RoomKey,
    given_out: Option<Vec<Handle>>,
) -> Result<(), PlatformError> {
    let drafts = match given_out {
        Some(drafts) => drafts,
        None => of_key(collection, key).await?.into_iter().map(|found| found.draft).collect(),
    };
    for draft in drafts {
        collection.delete("settle a room cleanup", &draft.id, &unchanged(&draft)).await?;
    }
    Ok(())
}

/// The keys of all cleanups; `None` if there are more than `max`.
pub(crate) async fn keys(collection: &Collection, max: usize) -> Result<Option<BTreeSet<RoomKey>>, PlatformError> {
    let mut keys = BTreeSet::new();
    let mut after = String::new();
    loop {
        let mut filter = json!({KEY: {"$exists": true}});
        if !after.is_empty() {
            filter["_id"] = json!({"$gt": after});
        }
        let page = collection.list("read room cleanups", &Wanted::drafts(filter), "_id", PAGE_MAX).await?;
        let read = page.iter().filter_map(|document| document["participants"][0]["service"]["cleanup"]["key"].as_str());
        keys.extend(read.map(RoomKey::from_stored));
        if keys.len() > max {
            return Ok(None);
        }
        match page.last().and_then(|document| document["_id"].as_str()) {
            Some(last) if page.len() == PAGE_MAX => last.clone_into(&mut after),
            Some(_) | None => return Ok(Some(keys)),
        }
    }
}

/// A cleanup that is due, with its drafts.
pub(crate) struct Due {
    pub(crate) cleanup: RoomCleanup,
    pub(crate) drafts: Vec<Handle>,
}

/// Those due at `now`, at most a page, the longest overdue first, each once.
pub(crate) async fn due(collection: &Collection, now: Timestamp) -> Result<Vec<Due>, PlatformError> {
    let wanted = Wanted::drafts(json!({KEY: {"$exists": true}, "startDate": {"$lte": document::text(now)}}));
    let mut due: Vec<Due> = Vec::new();
    for document in collection.list("read due room cleanups", &wanted, "startDate", PAGE_MAX).await? {
        let Some((draft, cleanup)) =
            Found::read(&document).and_then(|found| Some((found.draft, found.stored.cleanup()?)))
        else {
            // It must not keep the others from being done.
            tracing::error!(draft = document["_id"].as_str(), "a room may stay: its cleanup cannot be read");
            continue;
        };
        if cleanup.due > now {
            // Later within the same millisecond.
            continue;
        }
        match due.iter_mut().find(|known| known.cleanup.key == cleanup.key) {
            Some(known) => {
                known.cleanup.begun |= cleanup.begun;
                known.cleanup.attempts = known.cleanup.attempts.min(cleanup.attempts);
                known.drafts.push(draft);
            }
            None => due.push(Due { cleanup, drafts: vec![draft] }),
        }
    }
    due.sort_by(|a, b| (a.cleanup.due, &a.cleanup.key).cmp(&(b.cleanup.due, &b.cleanup.key)));
    Ok(due)
}
