//! [`TeleconsultationStore`] on PostgreSQL.

use std::collections::BTreeMap;

use async_trait::async_trait;
use deadpool_postgres::GenericClient;
use domain::{ParticipantId, ProviderUserId, RoomRef, Stage, Teleconsultation, TeleconsultationId};
use jiff::Timestamp;
use ports::{
    Deferred,
    teleconsultations::{
        CleanupChange, CleanupsWaiting, Listed, RoomCleanup, StartingBetween, StoreError, TeleconsultationStore,
        Version,
    },
};
use store_document::{LinkSeal, decode_teleconsultation, encode_teleconsultation};

use crate::{
    Database, Fault, cleanups,
    database::{read, write},
    deferred,
    deferred::Write,
    listing,
};

/// The version of a record that was just added.
const FIRST: Version = Version(1);

/// Keeps teleconsultations in a [`Database`].
#[derive(Clone, Debug)]
pub struct PostgresTeleconsultations {
    database: Database,
    seal: LinkSeal,
}

impl PostgresTeleconsultations {
    /// A store on that database. Access links are written sealed; all instances on one database need the same seal.
    pub fn new(database: Database, seal: LinkSeal) -> Self {
        Self { database, seal }
    }
}

/// What one row holds, ready to be written.
struct Row<'a> {
    id: &'a str,
    state: &'static str,
    start_ms: i64,
    end_ms: i64,
    room: Option<&'a str>,
    json: String,
}

impl<'a> Row<'a> {
    fn new(teleconsultation: &'a Teleconsultation, seal: &LinkSeal) -> Result<Self, Fault> {
        Ok(Self {
            id: teleconsultation.id.as_str(),
            state: match teleconsultation.stage {
                Stage::Pending => "pending",
                Stage::Ready(_) => "ready",
                Stage::Trashed => "trashed",
            },
            start_ms: teleconsultation.schedule.start().as_millisecond(),
            end_ms: teleconsultation.schedule.end().as_millisecond(),
            // PostgreSQL keeps no text with a NUL, and no provider names a room so: such a one is not found by its room.
            room: teleconsultation.room().map(|open| open.room.as_str()).filter(|name| !name.contains('\0')),
            json: encode_teleconsultation(teleconsultation, seal)?,
        })
    }
}

#[async_trait]
impl TeleconsultationStore for PostgresTeleconsultations {
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
        const READ: &str = "SELECT version, document FROM teleconsultations WHERE id = $1";
        read!(self.database, "reading a teleconsultation", |client| {
            let statement = client.prepare_cached(READ).await?;
            let Some(row) = client.query_opt(&statement, &[&id.as_str()]).await? else { return Ok(None) };
            let version: i64 = row.try_get(0)?;
            let version = u64::try_from(version)
                .map_err(|_| Fault::Corrupt { what: format!("the version of teleconsultation {id}") })?;
            Ok(Some((decode_teleconsultation(id.clone(), row.try_get(1)?, &self.seal)?, Version(version))))
        })
    }

    async fn teleconsultation_of_room(&self, room: &RoomRef) -> Result<Option<Teleconsultation>, StoreError> {
        const READ: &str = "SELECT id, document FROM teleconsultations WHERE room = $1 ORDER BY id LIMIT 1";
        if room.as_str().contains('\0') {
            return Ok(None);
        }
        read!(self.database, "finding a teleconsultation by its room", |client| {
            let statement = client.prepare_cached(READ).await?;
            let Some(row) = client.query_opt(&statement, &[&room.as_str()]).await? else { return Ok(None) };
            let id = TeleconsultationId::parse(row.try_get(0)?)
                .map_err(|_| Fault::Corrupt { what: "the id of a teleconsultation".to_owned() })?;
            Ok(Some(decode_teleconsultation(id, row.try_get(1)?, &self.seal)?))
        })
    }

    async fn starting_between(&self, wanted: &StartingBetween) -> Result<Listed, StoreError> {
        read!(self.database, "listing teleconsultations", |client| {
            listing::starting_between(client, wanted, &self.seal).await
        })
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
                              VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING";
        let row = Row::new(teleconsultation, &self.seal).map_err(|fault| fault.into_store_error(DOING))?;
        let before = deferred::ours(&self.database, before).await?;
        write!(self.database, DOING, |transaction| {
            for write in &before {
                write.carry_out(transaction).await?;
            }
            let statement = transaction.prepare_cached(INSERT).await?;
            let version = to_column(FIRST)?;
            let values: [&(dyn tokio_postgres::types::ToSql + Sync); 7] =
                [&row.id, &version, &row.state, &row.start_ms, &row.end_ms, &row.json, &row.room];
            if transaction.execute(&statement, &values).await? == 0 {
                return Err(Fault::Conflict);
            }
            cleanups::change(transaction, changes).await?;
            Ok(FIRST)
        })
    }

    async fn replace(
        &self,
        teleconsultation: &Teleconsultation,
        read: Version,
        changes: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        const DOING: &str = "replacing a teleconsultation";
        const REPLACE: &str = "UPDATE teleconsultations
                               SET version = $3, state = $4, start_ms = $5, end_ms = $6, document = $7, room = $8
                               WHERE id = $1 AND version = $2";
        let row = Row::new(teleconsultation, &self.seal).map_err(|fault| fault.into_store_error(DOING))?;
        write!(self.database, DOING, |transaction| {
            let next = Version(read.0.checked_add(1).ok_or(Fault::Conflict)?);
            let statement = transaction.prepare_cached(REPLACE).await?;
            let (read, version) = (to_column(read)?, to_column(next)?);
            let values: [&(dyn tokio_postgres::types::ToSql + Sync); 8] =
                [&row.id, &read, &version, &row.state, &row.start_ms, &row.end_ms, &row.json, &row.room];
            if transaction.execute(&statement, &values).await? == 0 {
                return Err(Fault::Conflict);
            }
            cleanups::change(transaction, changes).await?;
            Ok(next)
        })
    }

    async fn provider_users(
        &self,
        ids: &[ParticipantId],
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError> {
        read!(self.database, "reading provider users", |client| users(client, ids.iter()).await)
    }

    async fn remember_users(
        &self,
        remembered: &BTreeMap<ParticipantId, ProviderUserId>,
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError> {
        // In the order of their ids, so that two who remember the same people do not wait for each other.
        const REMEMBER: &str = "INSERT INTO provider_users (participant, provider_user)
                                SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT (participant) DO NOTHING";
        write!(self.database, "remembering provider users", |transaction| {
            let participants: Vec<_> = remembered.keys().map(ParticipantId::as_str).collect();
            let provider_users: Vec<_> = remembered.values().map(ProviderUserId::as_str).collect();
            let statement = transaction.prepare_cached(REMEMBER).await?;
            transaction.execute(&statement, &[&participants, &provider_users]).await?;
            users(transaction, remembered.keys()).await
        })
    }

    async fn change_cleanups(&self, changes: &[CleanupChange]) -> Result<(), StoreError> {
        write!(self.database, "changing room cleanups", |transaction| cleanups::change(transaction, changes).await)
    }

    async fn defer_cleanups(&self, changes: &[CleanupChange]) -> Result<Deferred, StoreError> {
        Ok(Write::Cleanups(changes.to_vec()).deferred(&self.database))
    }

    async fn due_cleanups(&self, now: Timestamp, limit: u32) -> Result<Vec<RoomCleanup>, StoreError> {
        read!(self.database, "reading due room cleanups", |client| cleanups::due(client, now, limit).await)
    }

    async fn cleanups_waiting(&self) -> Result<CleanupsWaiting, StoreError> {
        read!(self.database, "counting room cleanups", |client| cleanups::waiting(client).await)
    }

    async fn health(&self) -> Result<(), StoreError> {
        health(&self.database).await
    }
}

/// A write that is really written: a full disk, or a database that became a replica, is found out here rather than by the next patient.
pub(crate) async fn health(database: &Database) -> Result<(), StoreError> {
    const BEAT: &str = "UPDATE heartbeat SET beats = beats + 1";
    write!(database, "checking its health", |transaction| {
        let statement = transaction.prepare_cached(BEAT).await?;
        transaction.execute(&statement, &[]).await?;
        Ok(())
    })
}

async fn users<'a>(
    client: &impl GenericClient,
    ids: impl Iterator<Item = &'a ParticipantId>,
) -> Result<BTreeMap<ParticipantId, ProviderUserId>, Fault> {
    const READ: &str = "SELECT participant, provider_user FROM provider_users WHERE participant = ANY ($1)";
    let unreadable = || Fault::Corrupt { what: "a participant's provider user".to_owned() };
    let ids: Vec<_> = ids.map(ParticipantId::as_str).collect();
    let statement = client.prepare_cached(READ).await?;
    let mut users = BTreeMap::new();
    for row in client.query(&statement, &[&ids]).await? {
        let participant = ParticipantId::parse(row.try_get(0)?).map_err(|_| unreadable())?;
        let user = ProviderUserId::parse(row.try_get(1)?).map_err(|_| unreadable())?;
        users.insert(participant, user);
    }
    Ok(users)
}

/// A version that PostgreSQL cannot hold is one that no record has.
fn to_column(version: Version) -> Result<i64, Fault> {
    i64::try_from(version.0).map_err(|_| Fault::Conflict)
}
