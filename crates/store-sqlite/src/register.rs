//! [`RoomRegister`] on SQLite.

use async_trait::async_trait;
use domain::{Language, ProviderUserId, Role, RoomRef};
use ports::{
    register::{Part, RoomRegister, SessionFilter, UserChange},
    rooms::{CompanyId, ConnectionEvent, Member, RoomState, Session, SessionId, User},
    teleconsultations::StoreError,
};
use rusqlite::{Connection, params};

use crate::{
    Fault,
    database::Caches,
    rooms::{self, SqliteRooms, USER_COLUMNS, user},
    sessions,
};

#[async_trait]
impl RoomRegister for SqliteRooms {
    async fn add_user(&self, user: &User) -> Result<bool, StoreError> {
        const ADD: &str = "INSERT INTO video_users (company, id, role, allow_camera, active, language, created_ms)
                           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (company, id) DO NOTHING";
        let user = user.clone();
        let add = move |connection: &Connection| {
            let added = connection.prepare_cached(ADD)?.execute(params![
                user.company.0,
                user.id.as_str(),
                user.role == Role::Plus,
                user.allow_camera,
                user.active,
                user.language.as_ref().map(Language::as_str),
                user.created.as_millisecond(),
            ])?;
            Ok(added > 0)
        };
        self.database.write("adding a user", add).await
    }

    async fn change_user(
        &self,
        company: &CompanyId,
        id: &ProviderUserId,
        change: &UserChange,
    ) -> Result<Option<User>, StoreError> {
        const CHANGE: &str =
            "UPDATE video_users SET role = coalesce(?3, role), allow_camera = coalesce(?4, allow_camera),
                                     active = coalesce(?5, active), language = coalesce(?6, language)
                              WHERE company = ?1 AND id = ?2";
        let (company, id, change, changed) = (company.clone(), id.clone(), change.clone(), id.clone());
        let change = move |connection: &Connection| {
            connection.prepare_cached(CHANGE)?.execute(params![
                company.0,
                id.as_str(),
                change.role.map(|role| role == Role::Plus),
                change.allow_camera,
                change.active,
                change.language.as_ref().map(Language::as_str),
            ])?;
            let query = format!("SELECT {USER_COLUMNS} FROM video_users WHERE company = ?1 AND id = ?2");
            let mut statement = connection.prepare_cached(&query)?;
            let mut rows = statement.query([company.0.as_str(), id.as_str()])?;
            rows.next()?.map(|row| user(&company, row)).transpose()
        };
        let forget = move |caches: &Caches, _: &Option<User>| caches.users.forget(&changed);
        self.database.write_and_forget("changing a user", change, forget).await
    }

    async fn change_all_cameras(&self, company: &CompanyId, allow: bool) -> Result<u64, StoreError> {
        const CHANGE: &str = "UPDATE video_users SET allow_camera = ?2 WHERE company = ?1";
        let company = company.clone();
        let change = move |connection: &Connection| {
            let changed = connection.prepare_cached(CHANGE)?.execute(params![company.0, allow])?;
            Ok(u64::try_from(changed).unwrap_or(u64::MAX))
        };
        let forget = |caches: &Caches, _: &u64| caches.users.forget_all();
        self.database.write_and_forget("changing users", change, forget).await
    }

    async fn remove_user(&self, company: &CompanyId, id: &ProviderUserId) -> Result<bool, StoreError> {
        const REMOVE: &str = "DELETE FROM video_users WHERE company = ?1 AND id = ?2";
        let (company, id, removed) = (company.clone(), id.clone(), id.clone());
        let remove = move |connection: &Connection| {
            Ok(connection.prepare_cached(REMOVE)?.execute([company.0.as_str(), id.as_str()])? > 0)
        };
        let forget = move |caches: &Caches, _: &bool| caches.users.forget(&removed);
        self.database.write_and_forget("removing a user", remove, forget).await
    }

    async fn list_users(&self, company: &CompanyId, part: Part) -> Result<Vec<User>, StoreError> {
        let read = |connection: &Connection| {
            let query =
                format!("SELECT {USER_COLUMNS} FROM video_users WHERE company = ?1 ORDER BY id LIMIT ?2 OFFSET ?3");
            let mut statement = connection.prepare_cached(&query)?;
            let mut rows = statement.query(params![company.0, part.limit, part.offset])?;
            let mut users = Vec::new();
            while let Some(row) = rows.next()? {
                users.push(user(company, row)?);
            }
            Ok(users)
        };
        self.database.read("listing users", read).await
    }

    async fn list_rooms(
        &self,
        company: &CompanyId,
        member: Option<&ProviderUserId>,
        part: Part,
    ) -> Result<Vec<RoomState>, StoreError> {
        // In a document no text has a quotation mark in it that is not escaped, so this is found as a member and as nothing else.
        let member = member.map(|member| format!("\"user\":\"{member}\""));
        let read = |connection: &Connection| rooms::list(connection, company, member.as_deref(), part);
        self.database.read("listing rooms", read).await
    }

    async fn replace_members(&self, room: &RoomRef, read: &[Member], new: &[Member]) -> Result<(), StoreError> {
        let (changed, room, read, new) = (room.clone(), room.clone(), read.to_vec(), new.to_vec());
        let replace = move |connection: &Connection| {
            let found = rooms::by_id(connection, &room)?.ok_or(Fault::Conflict)?;
            if found.room.members != read {
                return Err(Fault::Conflict);
            }
            rooms::replace_members(connection, found.room, new)
        };
        let forget = move |caches: &Caches, (): &()| caches.rooms.forget(&changed);
        self.database.write_and_forget("changing who is in a room", replace, forget).await
    }

    async fn session(&self, company: &CompanyId, id: &SessionId) -> Result<Option<Session>, StoreError> {
        self.database.read("reading a session", |connection| sessions::by_id(connection, company, id)).await
    }

    async fn list_sessions(
        &self,
        company: &CompanyId,
        filter: &SessionFilter,
        part: Part,
    ) -> Result<Vec<Session>, StoreError> {
        self.database.read("listing sessions", |connection| sessions::list(connection, company, filter, part)).await
    }

    async fn list_connection_events(
        &self,
        session: &SessionId,
        part: Part,
    ) -> Result<Vec<ConnectionEvent>, StoreError> {
        let read = |connection: &Connection| sessions::latest_events(connection, session, part);
        self.database.read("listing connection events", read).await
    }
}
