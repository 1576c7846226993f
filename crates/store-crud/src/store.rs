//! [`TeleconsultationStore`] on the CRUD Service.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
};

use async_trait::async_trait;
use domain::{ParticipantId, Privileges, ProviderUserId, RoomKey, RoomRef, Teleconsultation, TeleconsultationId};
use jiff::Timestamp;
use platform::{Outbound, PlatformError, Service};
use ports::{
    Caller, Clock,
    teleconsultations::{
        Abilities, CleanupChange, CleanupsWaiting, Listed, RoomCleanup, StartingBetween, StoreError,
        TeleconsultationStore, Version,
    },
};
use serde_json::{Value, json};

use crate::{
    CrudConfig, CrudConfigError,
    cleanups::{self, Recorded},
    collection::{Collection, PAGE_MAX, SERVICE, State, Wanted},
    columns::{Columns, MapColumns},
    document,
    fence::fence,
    handed::Handed,
    listing,
    ours::Ours,
    reservation,
    revision::Revision,
    sorted::sorted,
    users,
};

/// How often drafts that came to nothing are looked for, in milliseconds: seldom beside the hour after which they are deleted.
const UNUSED_DRAFTS_EVERY_MS: i64 = 10 * 60 * 1000;

const READING: &str = "read a teleconsultation";

/// An id that no document has: asking for it tells whether the collection is there.
const NO_ID: &str = "000000000000000000000000";

/// Keeps teleconsultations in the collections of a deployment. Clones are the same store.
#[derive(Clone)]
pub struct CrudTeleconsultations {
    shared: Arc<Shared>,
    caller: Caller,
}

struct Shared {
    teleconsultations: Service,
    user_id_map: Service,
    privileges: Privileges,
    clock: Arc<dyn Clock>,
    columns: OnceLock<Columns>,
    map_columns: OnceLock<MapColumns>,
    handed: Handed,
    unused_drafts_looked_for_ms: AtomicI64,
}

impl CrudTeleconsultations {
    /// The store, which calls nobody before it is asked to.
    pub fn new(config: CrudConfig, outbound: Outbound, clock: Arc<dyn Clock>) -> Result<Self, CrudConfigError> {
        let teleconsultations =
            config.service.collection(&config.teleconsultations).map_err(CrudConfigError::Teleconsultations)?;
        let user_id_map = config.service.collection(&config.user_id_map).map_err(CrudConfigError::UserIdMap)?;
        let shared = Shared {
            teleconsultations: Service::new(SERVICE, teleconsultations, outbound.clone()),
            user_id_map: Service::new(SERVICE, user_id_map, outbound),
            privileges: config.privileges,
            clock,
            columns: OnceLock::new(),
            map_columns: OnceLock::new(),
            handed: Handed::default(),
            unused_drafts_looked_for_ms: AtomicI64::new(0),
        };
        Ok(Self { shared: Arc::new(shared), caller: Caller::nobody() })
    }

    pub(crate) fn teleconsultations(&self) -> Collection {
        Collection { service: self.shared.teleconsultations.clone(), caller: self.caller.clone() }
    }

    fn user_id_map(&self) -> Collection {
        Collection { service: self.shared.user_id_map.clone(), caller: self.caller.clone() }
    }

    /// The teleconsultations, for what we do by ourselves.
    pub(crate) fn ours(&self) -> Collection {
        self.teleconsultations().by_ourselves()
    }

    pub(crate) fn handed(&self) -> &Handed {
        &self.shared.handed
    }

    pub(crate) async fn columns(&self) -> Result<Columns, PlatformError> {
        if let Some(columns) = self.shared.columns.get() {
            return Ok(*columns);
        }
        let read = Columns::read(&self.ours()).await?;
        // What is only assumed is asked for again: that it does not tell may be a moment's fault.
        Ok(read.map_or(Columns::ASSUMED, |read| *self.shared.columns.get_or_init(|| read)))
    }

    async fn map_columns(&self) -> Result<MapColumns, PlatformError> {
        if let Some(columns) = self.shared.map_columns.get() {
            return Ok(*columns);
        }
        let read = MapColumns::read(&self.user_id_map().by_ourselves()).await?;
        Ok(read.map_or(MapColumns::ASSUMED, |read| *self.shared.map_columns.get_or_init(|| read)))
    }

    /// What is in a document that was found, if it is a teleconsultation.
    async fn decoded(
        &self,
        id: &TeleconsultationId,
        found: Option<Value>,
    ) -> Result<Option<(Teleconsultation, Version)>, StoreError> {
        let Some(found) = found.filter(is_teleconsultation) else { return Ok(None) };
        let version = version(id, &found)?;
        let names = self.names("reading whose users the participants are", document::unnamed(&found)).await?;
        Ok(Some((document::read(id.clone(), &found, &names, &self.shared.privileges)?, version)))
    }

    /// The ids of those whom only the map can name.
    async fn names(
        &self,
        doing: &'static str,
        unnamed: impl IntoIterator<Item = ProviderUserId>,
    ) -> Result<BTreeMap<ProviderUserId, ParticipantId>, StoreError> {
        let unnamed: Vec<_> = unnamed.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        if unnamed.is_empty() {
            return Ok(BTreeMap::new());
        }
        let failed = sorted(doing);
        let columns = self.map_columns().await.map_err(&failed)?;
        users::names(&self.user_id_map(), columns, &unnamed).await.map_err(&failed)
    }

    /// What is in a document of a list.
    fn listed(
        &self,
        found: &Value,
        names: &BTreeMap<ProviderUserId, ParticipantId>,
    ) -> Result<(Teleconsultation, Version), StoreError> {
        let id = found["_id"].as_str().and_then(|id| TeleconsultationId::parse(id).ok());
        let id = id.ok_or_else(|| StoreError::Corrupt { what: "the id of a teleconsultation".to_owned() })?;
        let version = version(&id, found)?;
        Ok((document::read(id, found, names, &self.shared.privileges)?, version))
    }

    /// Records a cleanup, by ourselves.
    pub(crate) async fn record(&self, doing: &'static str, cleanup: &RoomCleanup) -> Result<Recorded, StoreError> {
        let recorded = cleanups::record(&self.ours(), cleanup).await.map_err(sorted(doing))?;
        let source = || "others record this room's cleanup all the time".into();
        recorded.ok_or_else(|| StoreError::Unavailable { doing, source: source() })
    }

    /// Looks for drafts that came to nothing, now and then.
    async fn delete_unused_drafts(&self, now: Timestamp) {
        let (last, now_ms) = (&self.shared.unused_drafts_looked_for_ms, now.as_millisecond());
        let due = last.load(Ordering::Relaxed).saturating_add(UNUSED_DRAFTS_EVERY_MS) <= now_ms;
        if due
            && last.swap(now_ms, Ordering::Relaxed) != now_ms
            && let Err(error) = reservation::delete_unused(&self.ours(), now).await
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "unused drafts could not be deleted");
        }
    }
}

/// Drafts of ours are none, in whatever state they are found.
fn is_teleconsultation(document: &Value) -> bool {
    let is_reserved = Ours::read(document).draft.is_some() && State::of(document) == State::Draft;
    !is_reserved && document["participants"][0]["service"]["cleanup"].is_null()
}

pub(crate) fn version(id: &TeleconsultationId, document: &Value) -> Result<Version, StoreError> {
    let revision = Revision::of(document);
    let revision = revision.ok_or_else(|| StoreError::Corrupt { what: format!("teleconsultation {id}: updatedAt") })?;
    Ok(revision.version())
}

#[async_trait]
impl TeleconsultationStore for CrudTeleconsultations {
    fn abilities(&self) -> Abilities {
        Abilities { atomic: false, exact: false }
    }

    fn for_caller(&self, caller: &Caller) -> Option<Arc<dyn TeleconsultationStore>> {
        Some(Arc::new(Self { shared: Arc::clone(&self.shared), caller: caller.clone() }))
    }

    async fn reserve(&self, _proposed: TeleconsultationId) -> Result<TeleconsultationId, StoreError> {
        let id = reservation::make(&self.teleconsultations(), self.shared.clock.now()).await;
        let id = id.map_err(sorted("reserving an id"))?;
        TeleconsultationId::parse(&id).map_err(|_| StoreError::Corrupt { what: "a reserved id".to_owned() })
    }

    async fn teleconsultation(
        &self,
        id: &TeleconsultationId,
    ) -> Result<Option<(Teleconsultation, Version)>, StoreError> {
        let public = Wanted { states: &[State::Public], filter: None };
        let found = self.teleconsultations().read(READING, id.as_str(), &public).await;
        self.decoded(id, found.map_err(sorted("reading a teleconsultation"))?).await
    }

    /// Also one that somebody made a draft by hand: it can come back, so its room is in use.
    async fn teleconsultation_or_trashed(
        &self,
        id: &TeleconsultationId,
    ) -> Result<Option<(Teleconsultation, Version)>, StoreError> {
        let found = self.teleconsultations().find(READING, id.as_str()).await;
        self.decoded(id, found.map_err(sorted("reading a teleconsultation"))?).await
    }

    async fn teleconsultation_of_room(&self, room: &RoomRef) -> Result<Option<Teleconsultation>, StoreError> {
        // Those without a room have an empty name there.
        if room.as_str().is_empty() {
            return Ok(None);
        }
        let of_room = Wanted { states: &[State::Public], filter: Some(json!({"bandyerRoomId": room.as_str()})) };
        let found = self.teleconsultations().list(READING, &of_room, "_id", 1).await;
        let Some(found) = found.map_err(sorted("finding a teleconsultation by its room"))?.pop() else {
            return Ok(None);
        };
        let id = found["_id"].as_str().and_then(|id| TeleconsultationId::parse(id).ok());
        let id = id.ok_or_else(|| StoreError::Corrupt { what: "the id of a teleconsultation".to_owned() })?;
        let found = self.decoded(&id, Some(found)).await?.map(|(found, _)| found);
        // What is not looked at as asked for is not believed: some other room's people would read what was said in this one.
        Ok(found.filter(|found| found.room().is_some_and(|open| open.room == *room)))
    }

    async fn starting_between(&self, wanted: &StartingBetween) -> Result<Listed, StoreError> {
        const DOING: &str = "listing teleconsultations";
        let filter = Wanted { states: &[State::Public], filter: Some(listing::filter(wanted)) };
        let page = usize::try_from(wanted.page()).unwrap_or(PAGE_MAX);
        let found = self.teleconsultations().list("list teleconsultations", &filter, listing::ORDER, page).await;
        let found = found.map_err(sorted(DOING))?;
        let next = if found.len() < page { None } else { found.last().and_then(listing::place) };
        let found: Vec<_> = found.into_iter().filter(is_teleconsultation).collect();
        let names = self.names(DOING, found.iter().flat_map(document::unnamed)).await?;
        let mut listed = Listed { teleconsultations: Vec::with_capacity(found.len()), next, unreadable: 0 };
        for found in found {
            match self.listed(&found, &names) {
                Ok(one) => listed.teleconsultations.push(one),
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "a record is left out of a list");
                    listed.unreadable += 1;
                }
            }
        }
        Ok(listed)
    }

    fn sequence(&self, version: Version) -> i32 {
        Revision::from_version(version).sequence()
    }

    async fn insert(
        &self,
        teleconsultation: &Teleconsultation,
        changes: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        self.write_first(teleconsultation, changes).await
    }

    async fn replace(
        &self,
        teleconsultation: &Teleconsultation,
        read: Version,
        changes: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        self.write_again(teleconsultation, read, changes).await
    }

    async fn provider_users(
        &self,
        ids: &[ParticipantId],
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError> {
        let failed = sorted("reading provider users");
        let columns = self.map_columns().await.map_err(&failed)?;
        let ids: Vec<_> = ids.iter().collect();
        users::of(&self.user_id_map(), columns, &ids).await.map_err(&failed)
    }

    async fn remember_users(
        &self,
        users: &BTreeMap<ParticipantId, ProviderUserId>,
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError> {
        let failed = sorted("remembering provider users");
        let columns = self.map_columns().await.map_err(&failed)?;
        users::remember(&self.user_id_map(), columns, users).await.map_err(&failed)
    }

    async fn change_cleanups(&self, changes: &[CleanupChange]) -> Result<(), StoreError> {
        const DOING: &str = "changing room cleanups";
        let ours = self.ours();
        for change in changes {
            match change {
                CleanupChange::Record(cleanup) => {
                    let recorded = self.record(DOING, cleanup).await?;
                    self.handed().is_recorded(&cleanup.key, recorded.draft);
                    // Before one is tried again, earlier writes are fenced off as it is given out.
                    if cleanup.begun && (cleanup.attempts == 0 || !recorded.was_begun) {
                        fence(&ours, &cleanup.teleconsultation).await.map_err(sorted(DOING))?;
                    }
                }
                CleanupChange::KeepRoom(key) => {
                    let may_be_kept = cleanups::may_be_kept(&ours, key).await.map_err(sorted(DOING))?;
                    if !may_be_kept || !cleanups::end_guard(&ours, key).await.map_err(sorted(DOING))? {
                        return Err(StoreError::Conflict);
                    }
                }
                CleanupChange::Settle(key) => {
                    cleanups::settle(&ours, key, self.handed().take(key)).await.map_err(sorted(DOING))?;
                }
            }
        }
        Ok(())
    }

    async fn due_cleanups(&self, now: Timestamp, limit: u32) -> Result<Vec<RoomCleanup>, StoreError> {
        const DOING: &str = "reading due room cleanups";
        self.delete_unused_drafts(now).await;
        let ours = self.ours();
        let mut due = cleanups::due(&ours, now).await.map_err(sorted(DOING))?;
        due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let mut given = Vec::with_capacity(due.len());
        for due in due {
            if due.cleanup.begun {
                // Whoever recorded it for a write may not have written yet. Those that have not begun are fenced off when they begin.
                match fence(&ours, &due.cleanup.teleconsultation).await {
                    Ok(()) => {}
                    Err(error @ PlatformError::Unavailable { .. }) => return Err(sorted(DOING)(error)),
                    Err(error @ (PlatformError::Refused { .. } | PlatformError::Unexpected { .. })) => {
                        tracing::warn!(
                            teleconsultation.id = %due.cleanup.teleconsultation,
                            error = &error as &dyn std::error::Error,
                            "a room stays because earlier changes of its teleconsultation could not be fenced off"
                        );
                        continue;
                    }
                }
            }
            given.push(due);
        }
        self.handed().give_out(given.iter().map(|due| (due.cleanup.key.clone(), due.drafts.clone())).collect());
        Ok(given.into_iter().map(|due| due.cleanup).collect())
    }

    async fn cleanup_keys(&self, max: u32) -> Result<Option<BTreeSet<RoomKey>>, StoreError> {
        // Who only asks for them ends none, so nothing is fenced off and nothing is handed out.
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        cleanups::keys(&self.ours(), max).await.map_err(sorted("reading whose room cleanups there are"))
    }

    async fn cleanups_waiting(&self) -> Result<CleanupsWaiting, StoreError> {
        let all = cleanups::due(&self.ours(), Timestamp::MAX).await.map_err(sorted("counting room cleanups"))?;
        Ok(CleanupsWaiting::of(&all.into_iter().map(|due| due.cleanup).collect::<Vec<_>>()))
    }

    async fn health(&self) -> Result<(), StoreError> {
        let nothing = Wanted { states: &[State::Public], filter: Some(json!({"_id": NO_ID})) };
        for collection in [self.ours(), self.user_id_map().by_ourselves()] {
            let listed = collection.list("find a collection", &nothing, "_id", 1).await;
            listed.map_err(sorted("checking its health"))?;
        }
        Ok(())
    }
}
