//! [`RoomStore`] on SQLite.

use async_trait::async_trait;
use domain::{Language, ProviderUserId, Role, RoomKey, RoomRef};
use jiff::Timestamp;
use ports::{
    Deferred,
    deliveries::{Happening, Notice},
    register::Part,
    rooms::{
        Closure, ClosureReason, CompanyId, ConnectionEvent, Link, LinkHash, Member, Room, RoomCreation, RoomState,
        RoomStore, Session, SessionId, SessionSave, User,
    },
    teleconsultations::StoreError,
};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params, types::ToSqlOutput};
use store_document::{corrupt, decode_room, encode_room, moment};

use crate::{Database, Fault, content, database::Caches, deliveries, sessions};

/// The columns of a room with those of its open session, as [`state`] reads them.
const STATE: &str = "SELECT r.id, r.company, r.key, r.document, r.used_ms, r.closure, r.closed_ms,
                            s.id, s.room, s.opened_ms, s.ended_ms, s.document
                     FROM video_rooms r LEFT JOIN video_sessions s ON s.room = r.id AND s.ended_ms IS NULL";

/// The columns of a user, as [`user`] reads them.
pub(crate) const USER_COLUMNS: &str = "id, role, allow_camera, active, language, created_ms";

/// Keeps what the embedded video service knows in a [`Database`].
#[derive(Clone)]
pub struct SqliteRooms {
    pub(crate) database: Database,
}

impl SqliteRooms {
    /// A store on that database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl RoomStore for SqliteRooms {
    async fn ensure_users(&self, users: &[User]) -> Result<(), StoreError> {
        const ENSURE: &str = "INSERT INTO video_users (company, id, role, allow_camera, active, language, created_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (company, id) DO UPDATE
             SET role = max(role, excluded.role), language = coalesce(excluded.language, language)
             WHERE excluded.role > role OR (excluded.language IS NOT NULL AND excluded.language IS NOT language)";
        let users = users.to_vec();
        let changed: Vec<_> = users.iter().map(|user| user.id.clone()).collect();
        let forget = move |caches: &Caches, (): &()| changed.iter().for_each(|id| caches.users.forget(id));
        let ensure = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(ENSURE)?;
            for user in &users {
                statement.execute(params![
                    user.company.0,
                    user.id.as_str(),
                    user.role == Role::Plus,
                    user.allow_camera,
                    user.active,
                    user.language.as_ref().map(Language::as_str),
                    user.created.as_millisecond(),
                ])?;
            }
            Ok(())
        };
        self.database.write_and_forget("making users exist", ensure, forget).await
    }

    async fn users(&self, company: &CompanyId, ids: &[ProviderUserId]) -> Result<Vec<User>, StoreError> {
        let query = format!("SELECT {USER_COLUMNS} FROM video_users WHERE company = ?1 AND id = ?2");
        let cache = &self.database.caches().users;
        let mut users = Vec::with_capacity(ids.len());
        let mut unseen = Vec::new();
        for id in ids {
            match cache.record(id) {
                Ok(user) if user.company == *company => users.push(user),
                // Another company's: that one stays.
                Ok(_) => unseen.push((id, None)),
                Err(ticket) => unseen.push((id, Some(ticket))),
            }
        }
        if unseen.is_empty() {
            return Ok(users);
        }
        let read = |connection: &Connection| {
            let mut statement = connection.prepare_cached(&query)?;
            for (id, ticket) in unseen {
                let mut rows = statement.query([company.0.as_str(), id.as_str()])?;
                let Some(row) = rows.next()? else { continue };
                let user = user(company, row)?;
                if let Some(ticket) = ticket {
                    cache.keep(id.clone(), user.clone(), ticket);
                }
                users.push(user);
            }
            Ok(users)
        };
        self.database.read("reading users", read).await
    }

    async fn set_user_active(
        &self,
        company: &CompanyId,
        id: &ProviderUserId,
        active: bool,
    ) -> Result<bool, StoreError> {
        const SET: &str = "UPDATE video_users SET active = ?3 WHERE company = ?1 AND id = ?2";
        let (company, id, changed) = (company.clone(), id.clone(), id.clone());
        let set = move |connection: &Connection| {
            Ok(connection.prepare_cached(SET)?.execute(params![company.0, id.as_str(), active])? > 0)
        };
        let forget = move |caches: &Caches, _: &bool| caches.users.forget(&changed);
        self.database.write_and_forget("changing a user", set, forget).await
    }

    async fn create_room(&self, room: &Room) -> Result<RoomCreation, StoreError> {
        const DOING: &str = "making a room";
        let document = encode_room(room).map_err(|corrupt| Fault::from(corrupt).into_store_error(DOING))?;
        let room = room.clone();
        self.database.write(DOING, move |connection| create(connection, &room, &document)).await
    }

    async fn defer_room(&self, room: &Room) -> Result<Option<Deferred>, StoreError> {
        const DOING: &str = "making a room";
        let document = encode_room(room).map_err(|corrupt| Fault::from(corrupt).into_store_error(DOING))?;
        let room = room.clone();
        let make = move |connection: &Connection| match create(connection, &room, &document)? {
            RoomCreation::Created => Ok(()),
            RoomCreation::Exists(_) | RoomCreation::KeyUsedUp => Err(Fault::Conflict),
        };
        Ok(Some(self.database.defer(DOING, make)))
    }

    async fn room(&self, id: &RoomRef) -> Result<Option<RoomState>, StoreError> {
        let cache = &self.database.caches().rooms;
        let ticket = match cache.record(id) {
            Ok(found) => return Ok(Some(found)),
            Err(ticket) => ticket,
        };
        let found = self.database.read("reading a room", |connection| by_id(connection, id)).await?;
        if let Some(found) = &found {
            cache.keep(id.clone(), found.clone(), ticket);
        }
        Ok(found)
    }

    async fn room_by_key(&self, company: &CompanyId, key: &RoomKey) -> Result<Option<RoomState>, StoreError> {
        self.database.read("reading a room", |connection| by_key(connection, company, key)).await
    }

    async fn room_by_link(&self, hash: &LinkHash) -> Result<Option<(RoomState, ProviderUserId)>, StoreError> {
        const OWNER: &str = "SELECT room, user FROM video_links WHERE hash = ?1";
        let read = |connection: &Connection| {
            // One moment for both: the room of a link that was found must not be gone.
            let moment = connection.unchecked_transaction()?;
            let mut statement = moment.prepare_cached(OWNER)?;
            let owner = statement.query_row([Hash(hash)], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let Some((room, user)): Option<(String, String)> = owner else { return Ok(None) };
            let user = ProviderUserId::parse(&user).map_err(|_| corrupt("link to room", &room, "its owner"))?;
            Ok(by_id(&moment, &RoomRef::new(room))?.map(|state| (state, user)))
        };
        self.database.read("reading the room of a link", read).await
    }

    async fn replace_link(
        &self,
        room: &RoomRef,
        user: &ProviderUserId,
        read: Option<&Link>,
        new: Option<&Link>,
    ) -> Result<(), StoreError> {
        let (changed, room, user, read, new) = (room.clone(), room.clone(), user.clone(), read.copied(), new.copied());
        let replace = move |connection: &Connection| {
            let mut room = by_id(connection, &room)?.ok_or(Fault::Conflict)?.room;
            let member = room.members.iter_mut().find(|member| member.user == user && member.link == read);
            let member = member.ok_or(Fault::Conflict)?;
            (member.link, member.links_replaced) = (new, member.links_replaced.saturating_add(1));
            if let Some(new) = &new {
                insert_link(connection, new, &room.id, &user)?;
            }
            if let Some(read) = &read {
                delete_link(connection, &read.hash)?;
            }
            rewrite(connection, &room)
        };
        self.database
            .write_and_forget("replacing a link", replace, move |caches, ()| caches.rooms.forget(&changed))
            .await
    }

    async fn delete_room(
        &self,
        company: &CompanyId,
        key: &RoomKey,
        room: Option<&RoomRef>,
    ) -> Result<Vec<RoomRef>, StoreError> {
        let (company, key, room) = (company.clone(), key.clone(), room.cloned());
        let delete = move |connection: &Connection| delete(connection, &company, &key, room.as_ref());
        let forget = |caches: &Caches, deleted: &Vec<RoomRef>| deleted.iter().for_each(|id| caches.rooms.forget(id));
        self.database.write_and_forget("deleting a room", delete, forget).await
    }

    async fn disable_room(&self, id: &RoomRef, at: Timestamp) -> Result<bool, StoreError> {
        const DISABLE: &str =
            "UPDATE video_rooms SET closure = 'disabled', closed_ms = ?2 WHERE id = ?1 AND closure IS NULL";
        let (changed, id) = (id.clone(), id.clone());
        let disable = move |connection: &Connection| {
            let Some(RoomState { mut room, .. }) = by_id(connection, &id)? else { return Ok(false) };
            if room.closure.is_none() {
                announce(connection, Happening::RoomDisabled, &room, Some(at))?;
            }
            for link in room.members.iter_mut().filter_map(|member| member.link.take()) {
                delete_link(connection, &link.hash)?;
            }
            rewrite(connection, &room)?;
            connection.prepare_cached(DISABLE)?.execute(params![id.as_str(), at.as_millisecond()])?;
            Ok(true)
        };
        self.database
            .write_and_forget("disabling a room", disable, move |caches, _| caches.rooms.forget(&changed))
            .await
    }

    async fn save_sessions(&self, saves: &[SessionSave]) -> Result<Vec<RoomRef>, StoreError> {
        let saves = saves.to_vec();
        let changed: Vec<_> = saves.iter().map(|save| save.session.room.clone()).collect();
        let forget = move |caches: &Caches, _: &Vec<RoomRef>| changed.iter().for_each(|id| caches.rooms.forget(id));
        let save = move |connection: &Connection| sessions::save(connection, &saves);
        self.database.write_and_forget("saving sessions", save, forget).await
    }

    async fn open_sessions(&self, after: Option<&SessionId>, limit: u32) -> Result<Vec<Session>, StoreError> {
        let read = |connection: &Connection| sessions::open(connection, after, limit);
        self.database.read("reading open sessions", read).await
    }

    async fn sessions(&self, room: &RoomRef, limit: u32) -> Result<Vec<Session>, StoreError> {
        self.database.read("reading sessions", |connection| sessions::of_room(connection, room, limit)).await
    }

    async fn connection_events(
        &self,
        session: &SessionId,
        from: u32,
        limit: u32,
    ) -> Result<Vec<ConnectionEvent>, StoreError> {
        let read = |connection: &Connection| sessions::events(connection, session, from, limit);
        self.database.read("reading connection events", read).await
    }

    async fn health(&self) -> Result<(), StoreError> {
        // A write that is really written: a full disk is found out here rather than by the next patient.
        const BEAT: &str = "UPDATE heartbeat SET beats = beats + 1 WHERE only = 1";
        let beat = |connection: &Connection| Ok(connection.prepare_cached(BEAT)?.execute([])?);
        self.database.write("checking its health", beat).await.map(drop)
    }
}

/// A hash as SQLite takes it.
struct Hash<'a>(&'a LinkHash);

impl ToSql for Hash<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.0.as_slice().to_sql()
    }
}

fn create(connection: &Connection, room: &Room, document: &str) -> Result<RoomCreation, Fault> {
    // Most keys are new, so the room is inserted first and only a key that exists is looked at.
    const INSERT: &str = "INSERT INTO video_rooms (company, key, id, document) VALUES (?1, ?2, ?3, ?4)
                          ON CONFLICT (company, key) DO NOTHING";
    let mut insert = connection.prepare_cached(INSERT)?;
    let made = insert.execute(params![room.company.0, room.key.as_str(), room.id.as_str(), document])? > 0;
    if !made {
        let exists = by_key(connection, &room.company, &room.key)?;
        return Ok(exists.map_or(RoomCreation::KeyUsedUp, |state| RoomCreation::Exists(Box::new(state.room))));
    }
    for member in &room.members {
        if let Some(link) = &member.link {
            insert_link(connection, link, &room.id, &member.user)?;
        }
    }
    announce(connection, Happening::RoomCreated, room, Some(room.created))?;
    Ok(RoomCreation::Created)
}

fn delete(
    connection: &Connection,
    company: &CompanyId,
    key: &RoomKey,
    room: Option<&RoomRef>,
) -> Result<Vec<RoomRef>, Fault> {
    const USE_UP: &str = "INSERT INTO video_rooms (company, key) VALUES (?1, ?2) ON CONFLICT (company, key) DO NOTHING";
    const OF_KEY: &str = "SELECT id FROM video_rooms WHERE company = ?1 AND key = ?2 AND id IS NOT NULL";
    const OF_COMPANY: &str = "SELECT id FROM video_rooms WHERE company = ?1 AND id = ?2";
    connection.prepare_cached(USE_UP)?.execute([company.0.as_str(), key.as_str()])?;
    let find = |query: &str, name: &str| -> Result<Option<RoomRef>, Fault> {
        let mut statement = connection.prepare_cached(query)?;
        let id = statement.query_row([company.0.as_str(), name], |row| row.get::<_, String>(0)).optional()?;
        Ok(id.map(RoomRef::new))
    };
    let mut deleted: Vec<_> = find(OF_KEY, key.as_str())?.into_iter().collect();
    if let Some(room) = room.filter(|room| !deleted.contains(room)) {
        deleted.extend(find(OF_COMPANY, room.as_str())?);
    }
    for id in &deleted {
        erase(connection, id)?;
    }
    Ok(deleted)
}

/// Takes everything of a room but its key, its id and how much it was used. One that is erased already stays so.
fn erase(connection: &Connection, id: &RoomRef) -> Result<(), Fault> {
    const ERASE: &str = "UPDATE video_rooms SET document = NULL WHERE id = ?1";
    const ITS_LINKS: &str = "DELETE FROM video_links WHERE room = ?1";
    match by_id(connection, id) {
        Ok(None) => return Ok(()),
        Ok(Some(state)) => {
            announce(connection, Happening::RoomDeleted, &state.room, None)?;
            for link in state.room.members.iter().filter_map(|member| member.link) {
                delete_link(connection, &link.hash)?;
            }
        }
        // What cannot be read goes too. That looks at every link there is, and is hardly ever needed.
        Err(Fault::Corrupt { .. }) => drop(connection.prepare_cached(ITS_LINKS)?.execute([id.as_str()])?),
        Err(fault) => return Err(fault),
    }
    connection.prepare_cached(ERASE)?.execute([id.as_str()])?;
    content::erase(connection, id)
}

/// Tells the webhooks what happened to a room.
fn announce(
    connection: &Connection,
    what: fn(Box<Room>) -> Happening,
    room: &Room,
    at: Option<Timestamp>,
) -> Result<(), Fault> {
    let notice = Notice { room: room.id.clone(), at, what: what(Box::new(room.clone())) };
    deliveries::announce(connection, &room.company, &notice)
}

/// Puts others in the place of a room's members, and their links.
pub(crate) fn replace_members(connection: &Connection, mut room: Room, new: Vec<Member>) -> Result<(), Fault> {
    let has = |members: &[Member], link: Link| members.iter().any(|member| member.link == Some(link));
    for link in room.members.iter().filter_map(|member| member.link).filter(|link| !has(&new, *link)) {
        delete_link(connection, &link.hash)?;
    }
    for member in &new {
        if let Some(link) = member.link.filter(|link| !has(&room.members, *link)) {
            insert_link(connection, &link, &room.id, &member.user)?;
        }
    }
    room.members = new;
    rewrite(connection, &room)
}

/// A part of a company's rooms, the newest first. `marked` is a text that their documents have.
pub(crate) fn list(
    connection: &Connection,
    company: &CompanyId,
    marked: Option<&str>,
    part: Part,
) -> Result<Vec<RoomState>, Fault> {
    const LIST: &str = "SELECT r.id, r.company, r.key, r.document, r.used_ms, r.closure, r.closed_ms,
                               s.id, s.room, s.opened_ms, s.ended_ms, s.document
                        FROM (SELECT * FROM video_rooms
                              WHERE company = ?1 AND id IS NOT NULL AND document IS NOT NULL
                                AND (?2 IS NULL OR instr(document, ?2) > 0)
                              ORDER BY id DESC LIMIT ?3 OFFSET ?4) r
                        LEFT JOIN video_sessions s ON s.id =
                             (SELECT min(o.id) FROM video_sessions o WHERE o.room = r.id AND o.ended_ms IS NULL)
                        ORDER BY r.id DESC";
    let mut statement = connection.prepare_cached(LIST)?;
    let mut rows = statement.query(params![company.0, marked, part.limit, part.offset])?;
    let mut rooms = Vec::new();
    while let Some(row) = rows.next()? {
        rooms.push(state(row)?);
    }
    Ok(rooms)
}

fn insert_link(connection: &Connection, link: &Link, room: &RoomRef, user: &ProviderUserId) -> Result<(), Fault> {
    const INSERT: &str = "INSERT INTO video_links (hash, room, user) VALUES (?1, ?2, ?3)";
    connection.prepare_cached(INSERT)?.execute(params![Hash(&link.hash), room.as_str(), user.as_str()])?;
    Ok(())
}

fn delete_link(connection: &Connection, hash: &LinkHash) -> Result<(), Fault> {
    connection.prepare_cached("DELETE FROM video_links WHERE hash = ?1")?.execute([Hash(hash)])?;
    Ok(())
}

fn rewrite(connection: &Connection, room: &Room) -> Result<(), Fault> {
    const REWRITE: &str = "UPDATE video_rooms SET document = ?2 WHERE id = ?1";
    connection.prepare_cached(REWRITE)?.execute(params![room.id.as_str(), encode_room(room)?])?;
    Ok(())
}

pub(crate) fn by_id(connection: &Connection, id: &RoomRef) -> Result<Option<RoomState>, Fault> {
    let query = format!("{STATE} WHERE r.id = ?1 AND r.document IS NOT NULL ORDER BY s.id LIMIT 1");
    let mut statement = connection.prepare_cached(&query)?;
    let mut rows = statement.query([id.as_str()])?;
    rows.next()?.map(state).transpose()
}

fn by_key(connection: &Connection, company: &CompanyId, key: &RoomKey) -> Result<Option<RoomState>, Fault> {
    let query = format!("{STATE} WHERE r.company = ?1 AND r.key = ?2 AND r.document IS NOT NULL ORDER BY s.id LIMIT 1");
    let mut statement = connection.prepare_cached(&query)?;
    let mut rows = statement.query([company.0.as_str(), key.as_str()])?;
    rows.next()?.map(state).transpose()
}

fn state(row: &Row<'_>) -> Result<RoomState, Fault> {
    let id: String = row.get(0)?;
    let mut room =
        decode_room(&id, row.get(1)?, row.get(2)?, row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?)?;
    room.used = std::time::Duration::from_millis(row.get(4)?);
    let reason: Option<String> = row.get(5)?;
    room.closure = match reason.as_deref() {
        None => None,
        Some(reason) => Some(Closure {
            reason: match reason {
                "disabled" => ClosureReason::Disabled,
                "time_up" => ClosureReason::TimeUp,
                _ => return Err(corrupt("room", &id, "why it is closed").into()),
            },
            at: moment(row.get(6)?).ok_or_else(|| corrupt("room", &id, "when it was closed"))?,
        }),
    };
    let has_session = row.get_ref(7)? != rusqlite::types::ValueRef::Null;
    let session = if has_session { Some(sessions::read(row, 7)?) } else { None };
    Ok(RoomState { room, session })
}

/// Reads [`USER_COLUMNS`].
pub(crate) fn user(company: &CompanyId, row: &Row<'_>) -> Result<User, Fault> {
    let id: String = row.get(0)?;
    let unreadable = |what| corrupt("a user", "of the video service", what);
    let language: Option<String> = row.get(4)?;
    Ok(User {
        company: company.clone(),
        id: ProviderUserId::parse(&id).map_err(|_| unreadable("id"))?,
        role: if row.get(1)? { Role::Plus } else { Role::Basic },
        allow_camera: row.get(2)?,
        active: row.get(3)?,
        language: language.map(|tag| Language::parse(&tag)).transpose().map_err(|_| unreadable("language"))?,
        created: moment(row.get(5)?).ok_or_else(|| unreadable("the moment they were made"))?,
    })
}
