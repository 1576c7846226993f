//! [`RoomRegister`] on PostgreSQL.

use async_trait::async_trait;
use domain::{Language, ProviderUserId, Role, RoomRef};
use ports::{
    register::{Part, RoomRegister, SessionFilter, UserChange},
    rooms::{CompanyId, ConnectionEvent, Member, RoomState, Session, SessionId, User},
    teleconsultations::StoreError,
};
use tokio_postgres::types::ToSql;

use crate::{
    Fault,
    database::{read, write},
    rooms::{self, LOCKED, PostgresRooms, USER_COLUMNS, user},
    sessions,
};

#[async_trait]
impl RoomRegister for PostgresRooms {
    async fn add_user(&self, user: &User) -> Result<bool, StoreError> {
        const ADD: &str = "INSERT INTO video_users (company, id, role, allow_camera, active, language, created_ms)
                           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (company, id) DO NOTHING";
        write!(self.database, "adding a user", |transaction| {
            let statement = transaction.prepare_cached(ADD).await?;
            let (id, language) = (user.id.as_str(), user.language.as_ref().map(Language::as_str));
            let (role, created) = (role_number(user.role), user.created.as_millisecond());
            let values: [&(dyn ToSql + Sync); 7] =
                [&user.company.0, &id, &role, &user.allow_camera, &user.active, &language, &created];
            Ok(transaction.execute(&statement, &values).await? > 0)
        })
    }

    async fn change_user(
        &self,
        company: &CompanyId,
        id: &ProviderUserId,
        change: &UserChange,
    ) -> Result<Option<User>, StoreError> {
        write!(self.database, "changing a user", |transaction| {
            let query = format!(
                "UPDATE video_users SET role = coalesce($3, role), allow_camera = coalesce($4, allow_camera),
                        active = coalesce($5, active), language = coalesce($6, language)
                 WHERE company = $1 AND id = $2 RETURNING {USER_COLUMNS}"
            );
            let statement = transaction.prepare_cached(&query).await?;
            let (role, language) = (change.role.map(role_number), change.language.as_ref().map(Language::as_str));
            let id = id.as_str();
            let values: [&(dyn ToSql + Sync); 6] =
                [&company.0, &id, &role, &change.allow_camera, &change.active, &language];
            transaction.query_opt(&statement, &values).await?.map(|row| user(company, &row)).transpose()
        })
    }

    async fn change_all_cameras(&self, company: &CompanyId, allow: bool) -> Result<u64, StoreError> {
        const CHANGE: &str = "UPDATE video_users SET allow_camera = $2 WHERE company = $1";
        write!(self.database, "changing users", |transaction| {
            Ok(transaction.execute(&transaction.prepare_cached(CHANGE).await?, &[&company.0, &allow]).await?)
        })
    }

    async fn remove_user(&self, company: &CompanyId, id: &ProviderUserId) -> Result<bool, StoreError> {
        const REMOVE: &str = "DELETE FROM video_users WHERE company = $1 AND id = $2";
        write!(self.database, "removing a user", |transaction| {
            let statement = transaction.prepare_cached(REMOVE).await?;
            Ok(transaction.execute(&statement, &[&company.0, &id.as_str()]).await? > 0)
        })
    }

    async fn list_users(&self, company: &CompanyId, part: Part) -> Result<Vec<User>, StoreError> {
        read!(self.database, "listing users", |client| {
            let query =
                format!("SELECT {USER_COLUMNS} FROM video_users WHERE company = $1 ORDER BY id LIMIT $2 OFFSET $3");
            let statement = client.prepare_cached(&query).await?;
            let values: [&(dyn ToSql + Sync); 3] = [&company.0, &i64::from(part.limit), &i64::from(part.offset)];
            client.query(&statement, &values).await?.iter().map(|row| user(company, row)).collect()
        })
    }

    async fn list_rooms(
        &self,
        company: &CompanyId,
        member: Option<&ProviderUserId>,
        part: Part,
    ) -> Result<Vec<RoomState>, StoreError> {
        // In a document no text has a quotation mark in it that is not escaped, so this is found as a member and as nothing else.
        let member = member.map(|member| format!("\"user\":\"{member}\""));
        read!(self.database, "listing rooms", |client| rooms::list(client, company, member.as_deref(), part).await)
    }

    async fn replace_members(&self, room: &RoomRef, read: &[Member], new: &[Member]) -> Result<(), StoreError> {
        write!(self.database, "changing who is in a room", |transaction| {
            let found = rooms::by_id(transaction, room, LOCKED).await?.ok_or(Fault::Conflict)?;
            if found.room.members != read {
                return Err(Fault::Conflict);
            }
            rooms::replace_members(transaction, found.room, new).await
        })
    }

    async fn session(&self, company: &CompanyId, id: &SessionId) -> Result<Option<Session>, StoreError> {
        read!(self.database, "reading a session", |client| sessions::by_id(client, company, id).await)
    }

    async fn list_sessions(
        &self,
        company: &CompanyId,
        filter: &SessionFilter,
        part: Part,
    ) -> Result<Vec<Session>, StoreError> {
        read!(self.database, "listing sessions", |client| sessions::list(client, company, filter, part).await)
    }

    async fn list_connection_events(
        &self,
        session: &SessionId,
        part: Part,
    ) -> Result<Vec<ConnectionEvent>, StoreError> {
        read!(self.database, "listing connection events", |client| {
            sessions::latest_events(client, session, part).await
        })
    }
}

const fn role_number(role: Role) -> i16 {
    match role {
        Role::Basic => 0,
        Role::Plus => 1,
    }
}
