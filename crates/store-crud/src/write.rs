//! Writing a teleconsultation, with the changes to cleanups in an order that a crash at any point forgives.
//!
//! 1. Rooms to be kept: their guards must be there, and nobody may have begun to delete them.
//! 2. Cleanups to be recorded are recorded. If the write comes to nothing, they come to nothing: their rooms are found in use.
//! 3. One conditional call decides: the change of the document, or its move to where it is seen, or to the trash.
//! 4. Guards and settled cleanups are taken away. Those that stay are found to be of no use.
//!
//! Whoever begins to delete a room marks its cleanup *before* fencing off earlier writes. So a write that passed 1 before the mark either
//! decides before the fence, and the room is seen in use; or it is refused.

use domain::{RoomKey, Stage, Teleconsultation};
use ports::teleconsultations::{CleanupChange, StoreError, Version};
use serde_json::{Value, json};

use crate::{
    cleanups,
    collection::{Collection, State, Wanted},
    document,
    ours::Mark,
    reservation,
    revision::Revision,
    sorted::sorted,
    store::{CrudTeleconsultations, version},
};

const INSERTING: &str = "inserting a teleconsultation";
const REPLACING: &str = "replacing a teleconsultation";

impl CrudTeleconsultations {
    /// Puts the teleconsultation in place of the draft that reserved its id.
    pub(crate) async fn write_first(
        &self,
        teleconsultation: &Teleconsultation,
        changes: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        const FIRST: u32 = 1;
        let failed = sorted(INSERTING);
        let columns = self.columns().await.map_err(&failed)?;
        let (collection, id) = (self.teleconsultations(), teleconsultation.id.as_str());
        let reserved = reservation::reserved();
        self.prepare(INSERTING, &collection, id, &reserved, changes).await?;

        let filled = document::columned(teleconsultation, FIRST, Some(Mark::Filled), columns).commands();
        let filled = collection.change("fill a reservation", id, &reserved, filled).await.map_err(&failed)?;
        filled.ok_or(StoreError::Conflict)?;
        let state = state_of(teleconsultation);
        // From here on it is seen. If the draft is gone, then somebody has begun to delete its room.
        if !collection.move_to("publish a teleconsultation", id, state).await.map_err(&failed)? {
            return Err(StoreError::Conflict);
        }

        // Without the mark of a draft, it stays if somebody makes it one again by hand.
        let participants = document::participants(teleconsultation, FIRST, None, columns);
        let commands = json!({"$set": {"participants": participants}});
        let published = Wanted { states: &[state], filter: Some(reservation::is_filled()) };
        let completed = collection.change_surely("complete a teleconsultation", id, &published, commands).await;
        let document = if let Ok(Some(document)) = completed {
            document
        } else {
            // The mark is gone already, or stays: that is no failure of the write.
            let found = collection.find("read a new teleconsultation", id).await.map_err(&failed)?;
            found.ok_or(StoreError::Conflict)?
        };
        self.finish(id, changes).await;
        version(&teleconsultation.id, &document)
    }

    /// Writes the teleconsultation in place of what was read.
    pub(crate) async fn write_again(
        &self,
        teleconsultation: &Teleconsultation,
        read: Version,
        changes: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        let failed = sorted(REPLACING);
        let columns = self.columns().await.map_err(&failed)?;
        let (collection, id) = (self.teleconsultations(), teleconsultation.id.as_str());
        let revision = Revision::from_version(read);
        self.prepare(REPLACING, &collection, id, &revision.unchanged(), changes).await?;

        let commands = document::columned(teleconsultation, revision.next_count(), None, columns).commands();
        let written = match state_of(teleconsultation) {
            State::Trash => trash(&collection, id, revision, commands).await,
            State::Public | State::Draft => publish(&collection, id, revision, commands).await,
        };
        let document = written.map_err(&failed)?.ok_or(StoreError::Conflict)?;
        self.finish(id, changes).await;
        version(&teleconsultation.id, &document)
    }

    /// What comes before the write. Its condition is looked at first where that saves recording something in vain.
    async fn prepare(
        &self,
        doing: &'static str,
        collection: &Collection,
        id: &str,
        condition: &Wanted<'_>,
        changes: &[CleanupChange],
    ) -> Result<(), StoreError> {
        let ours = self.ours();
        for key in changes.iter().filter_map(kept) {
            if !cleanups::may_be_kept(&ours, key).await.map_err(sorted(doing))? {
                return Err(StoreError::Conflict);
            }
        }
        let records_any = changes.iter().any(|change| matches!(change, CleanupChange::Record(_)));
        if records_any && collection.read(doing, id, condition).await.map_err(sorted(doing))?.is_none() {
            return Err(StoreError::Conflict);
        }
        for change in changes {
            if let CleanupChange::Record(cleanup) = change {
                self.record(doing, cleanup).await?;
            }
        }
        Ok(())
    }

    /// What comes after the write. It is done, so what fails here is no failure of it.
    async fn finish(&self, id: &str, changes: &[CleanupChange]) {
        let ours = self.ours();
        for change in changes {
            let ended = match change {
                CleanupChange::Record(_) => continue,
                CleanupChange::KeepRoom(key) => cleanups::end_guard(&ours, key).await.map(drop),
                CleanupChange::Settle(key) => cleanups::settle(&ours, key, self.handed().take(key)).await,
            };
            if let Err(error) = ended {
                // It comes due, and then the teleconsultation tells that there is nothing to do.
                tracing::warn!(
                    teleconsultation.id = id,
                    error = &error as &dyn std::error::Error,
                    "a room cleanup could not be taken away; it will come to nothing"
                );
            }
        }
    }
}

/// Moves a document to the trash, then writes what it is to have there. Killed in between, it lies there as it was.
async fn trash(
    collection: &Collection,
    id: &str,
    revision: Revision,
    commands: Value,
) -> Result<Option<Value>, platform::PlatformError> {
    if !collection.move_if("trash a teleconsultation", id, &revision.filter(), State::Trash).await? {
        return Ok(None);
    }
    let trashed = Wanted { states: &[State::Trash], filter: Some(revision.count_filter()) };
    collection.change("empty a trashed teleconsultation", id, &trashed, commands).await
}

/// Changes a document, and takes it out of the trash if it lies there. No way leads from there to where it is seen but that over the
/// drafts (`mia-platform.md` §9.5).
async fn publish(
    collection: &Collection,
    id: &str,
    revision: Revision,
    commands: Value,
) -> Result<Option<Value>, platform::PlatformError> {
    const RESTORING: &str = "restore a teleconsultation";
    let changed = collection.change("change a teleconsultation", id, &revision.unchanged(), commands).await?;
    let Some(changed) = changed else { return Ok(None) };
    if State::of(&changed) != State::Trash {
        return Ok(Some(changed));
    }
    for state in [State::Draft, State::Public] {
        if !collection.move_to(RESTORING, id, state).await? {
            return Ok(None);
        }
    }
    collection.read(RESTORING, id, &Wanted { states: &[State::Public], filter: None }).await
}

fn state_of(teleconsultation: &Teleconsultation) -> State {
    match teleconsultation.stage {
        Stage::Pending | Stage::Ready(_) => State::Public,
        Stage::Trashed => State::Trash,
    }
}

fn kept(change: &CleanupChange) -> Option<&RoomKey> {
    match change {
        CleanupChange::KeepRoom(key) => Some(key),
        CleanupChange::Record(_) | CleanupChange::Settle(_) => None,
    }
}
