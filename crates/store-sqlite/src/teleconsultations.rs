//! [`TeleconsultationStore`] on SQLite.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::{ParticipantId, ProviderUserId, RoomRef, Stage, Teleconsultation, TeleconsultationId};
use jiff::Timestamp;
use ports::{
    Deferred,
    teleconsultations::{
        CleanupChange, CleanupsWaiting, Listed, RoomCleanup, StartingBetween, StoreError, TeleconsultationStore,
        Version,
    },
};
use rusqlite::{Connection, OptionalExtension, params};
use store_document::{LinkSeal, decode_teleconsultation, encode_teleconsultation};

use crate::{Database, Fault, cleanups, listing};

/// The version of a record that was just added.
const FIRST: Version = Version(1);

/// Keeps teleconsultations in a [`Database`].
#[derive(Clone)]
pub struct SqliteTeleconsultations {
    database: Database,
    seal: LinkSeal,
}

impl SqliteTeleconsultations {
    /// A store on that database. Access links are written sealed; of two stores on one database, both need the same seal.
    pub fn new(database: Database, seal: LinkSeal) -> Self {
        Self { database, seal }
    }
}

/// What one row holds, ready to be written.
struct Row {
    id: String,
    state: &'static str,
    start_ms: i64,
    end_ms: i64,
    room: Option<String>,
    json: String,
}

impl Row {
    /// Made on the caller's thread, so that the writer only writes.
    fn new(teleconsultation: &Teleconsultation, seal: &LinkSeal) -> Result<Self, Fault> {
        Ok(Self {
            id: teleconsultation.id.as_str().to_owned(),
            state: match teleconsultation.stage {
                Stage::Pending => "pending",
                Stage::Ready(_) => "ready",
                Stage::Trashed => "trashed",
            },
            start_ms: teleconsultation.schedule.start().as_millisecond(),
            end_ms: teleconsultation.schedule.end().as_millisecond(),
            room: teleconsultation.room().map(|open| open.room.as_str().to_owned()),
            json: encode_teleconsultation(teleconsultation, seal)?,
        })
    }
}

#[async_trait]
impl TeleconsultationStore for SqliteTeleconsultations {
    async fn teleconsultation(
        &self,
        id: &TeleconsultationId,
    ) -> Result<Option<(Teleconsultation, Version)>, StoreError> {
        let found = self.teleconsultation_or_trashed(id).await?;
        Ok(found.filter(|(teleconsultation, _)| teleconsultation.stage != Stage::Trashed))
    }

    async fn teleconsultation_or_trashed(
        &self,
        id: &TeleconsultationId,
    ) -> Result<Option<(Teleconsultation, Version)>, StoreError> {
        let cache = &self.database.caches().teleconsultations;
        let ticket = match cache.record(id) {
            Ok(found) => return Ok(Some(found)),
            Err(ticket) => ticket,
        };
        let found =
            self.database.read("reading a teleconsultation", |connection| read(connection, id, &self.seal)).await?;
        if let Some(found) = &found {
            cache.keep(id.clone(), found.clone(), ticket);
        }
        Ok(found)
    }

    async fn teleconsultation_of_room(&self, room: &RoomRef) -> Result<Option<Teleconsultation>, StoreError> {
        const READ: &str = "SELECT id FROM teleconsultations WHERE room = ?1 ORDER BY id LIMIT 1";
        let id = |connection: &Connection| {
            let mut statement = connection.prepare_cached(READ)?;
            let id: Option<String> = statement.query_row([room.as_str()], |row| row.get(0)).optional()?;
            let unreadable = |_| Fault::Corrupt { what: "the id of a teleconsultation".to_owned() };
            id.map(|id| TeleconsultationId::parse(&id).map_err(unreadable)).transpose()
        };
        let Some(id) = self.database.read("finding a teleconsultation by its room", id).await? else {
            return Ok(None);
        };
        let found = self.teleconsultation(&id).await?.map(|(found, _)| found);
        // It may have been given another room meanwhile.
        Ok(found.filter(|found| found.room().is_some_and(|open| open.room == *room)))
    }

    async fn starting_between(&self, wanted: &StartingBetween) -> Result<Listed, StoreError> {
        let list = |connection: &Connection| listing::starting_between(connection, wanted, &self.seal);
        self.database.read("listing teleconsultations", list).await
    }

    async fn insert(
        &self,
        teleconsultation: &Teleconsultation,
        changes: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        self.insert_after(Deferred::none(), teleconsultation, changes).await
    }

    async fn insert_after(
        &self,
        before: Deferred,
        teleconsultation: &Teleconsultation,
        changes: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        const DOING: &str = "inserting a teleconsultation";
        const INSERT: &str = "INSERT INTO teleconsultations (id, version, state, start_ms, end_ms, document, room)
                              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let row = Row::new(teleconsultation, &self.seal).map_err(|fault| fault.into_store_error(DOING))?;
        let changes = changes.to_vec();
        let insert = move |connection: &Connection| {
            let version = to_column(FIRST)?;
            connection.prepare_cached(INSERT)?.execute(params![
                row.id,
                version,
                row.state,
                row.start_ms,
                row.end_ms,
                row.json,
                row.room
            ])?;
            cleanups::change(connection, &changes)?;
            Ok(FIRST)
        };
        self.database.write_after(before, DOING, insert).await
    }

    async fn replace(
        &self,
        teleconsultation: &Teleconsultation,
        read: Version,
        changes: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        const DOING: &str = "replacing a teleconsultation";
        const REPLACE: &str = "UPDATE teleconsultations
                               SET version = ?3, state = ?4, start_ms = ?5, end_ms = ?6, document = ?7, room = ?8
                               WHERE id = ?1 AND version = ?2";
        let row = Row::new(teleconsultation, &self.seal).map_err(|fault| fault.into_store_error(DOING))?;
        let changes = changes.to_vec();
        let replace = move |connection: &Connection| {
            let next = Version(read.0.checked_add(1).ok_or(Fault::Conflict)?);
            let replaced = connection.prepare_cached(REPLACE)?.execute(params![
                row.id,
                to_column(read)?,
                to_column(next)?,
                row.state,
                row.start_ms,
                row.end_ms,
                row.json,
                row.room
            ])?;
            if replaced == 0 {
                return Err(Fault::Conflict);
            }
            cleanups::change(connection, &changes)?;
            Ok(next)
        };
        let id = teleconsultation.id.clone();
        self.database.write_and_forget(DOING, replace, move |caches, _| caches.teleconsultations.forget(&id)).await
    }

    async fn provider_users(
        &self,
        ids: &[ParticipantId],
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError> {
        let cache = &self.database.caches().provider_users;
        let mut users = BTreeMap::new();
        let mut unseen = Vec::new();
        for id in ids {
            match cache.record(id) {
                Ok(user) => drop(users.insert(id.clone(), user)),
                Err(ticket) => unseen.push((id, ticket)),
            }
        }
        if unseen.is_empty() {
            return Ok(users);
        }
        let read = |connection: &Connection| provider_users(connection, unseen.iter().map(|(id, _)| *id));
        let read = self.database.read("reading provider users", read).await?;
        for (id, ticket) in unseen {
            if let Some(user) = read.get(id) {
                cache.keep(id.clone(), user.clone(), ticket);
            }
        }
        users.extend(read);
        Ok(users)
    }

    async fn remember_users(
        &self,
        users: &BTreeMap<ParticipantId, ProviderUserId>,
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError> {
        const REMEMBER: &str = "INSERT INTO provider_users (participant, provider_user) VALUES (?1, ?2)
                                ON CONFLICT (participant) DO NOTHING";
        let users = users.clone();
        let remember = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(REMEMBER)?;
            for (participant, user) in &users {
                statement.execute([participant.as_str(), user.as_str()])?;
            }
            provider_users(connection, users.keys())
        };
        self.database.write("remembering provider users", remember).await
    }

    async fn change_cleanups(&self, changes: &[CleanupChange]) -> Result<(), StoreError> {
        let changes = changes.to_vec();
        let change = move |connection: &Connection| cleanups::change(connection, &changes);
        self.database.write("changing room cleanups", change).await
    }

    async fn defer_cleanups(&self, changes: &[CleanupChange]) -> Result<Deferred, StoreError> {
        let changes = changes.to_vec();
        let change = move |connection: &Connection| cleanups::change(connection, &changes);
        Ok(self.database.defer("changing room cleanups", change))
    }

    async fn due_cleanups(&self, now: Timestamp, limit: u32) -> Result<Vec<RoomCleanup>, StoreError> {
        self.database.read("reading due room cleanups", |connection| cleanups::due(connection, now, limit)).await
    }

    async fn cleanups_waiting(&self) -> Result<CleanupsWaiting, StoreError> {
        self.database.read("counting room cleanups", cleanups::waiting).await
    }

    async fn health(&self) -> Result<(), StoreError> {
        // A write that is really written: a full disk is found out here rather than by the next patient.
        const BEAT: &str = "UPDATE heartbeat SET beats = beats + 1 WHERE only = 1";
        const READ: &str = "SELECT beats FROM heartbeat WHERE only = 1";
        const DOING: &str = "checking its health";
        let beat = |connection: &Connection| Ok(connection.prepare_cached(BEAT)?.execute([])?);
        self.database.write(DOING, beat).await?;
        self.database.read(DOING, |connection| Ok(connection.prepare_cached(READ)?.query_row([], |_| Ok(()))?)).await
    }
}

fn read(
    connection: &Connection,
    id: &TeleconsultationId,
    seal: &LinkSeal,
) -> Result<Option<(Teleconsultation, Version)>, Fault> {
    const READ: &str = "SELECT version, document FROM teleconsultations WHERE id = ?1";
    let mut statement = connection.prepare_cached(READ)?;
    let mut rows = statement.query([id.as_str()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let version: u64 = row.get(0)?;
    let text = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(Some((decode_teleconsultation(id.clone(), text, seal)?, Version(version))))
}

fn provider_users<'a>(
    connection: &Connection,
    ids: impl IntoIterator<Item = &'a ParticipantId>,
) -> Result<BTreeMap<ParticipantId, ProviderUserId>, Fault> {
    let mut statement = connection.prepare_cached("SELECT provider_user FROM provider_users WHERE participant = ?1")?;
    let mut users = BTreeMap::new();
    for id in ids {
        let user: Option<String> = statement.query_row([id.as_str()], |row| row.get(0)).optional()?;
        if let Some(user) = user {
            let user = ProviderUserId::parse(&user)
                .map_err(|_| Fault::Corrupt { what: "a participant's provider user".to_owned() })?;
            users.insert(id.clone(), user);
        }
    }
    Ok(users)
}

/// A version that SQLite cannot hold is one that no record has.
fn to_column(version: Version) -> Result<i64, Fault> {
    i64::try_from(version.0).map_err(|_| Fault::Conflict)
}
