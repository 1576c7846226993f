//! [`RoomStore`] on PostgreSQL.

use async_trait::async_trait;
use deadpool_postgres::{GenericClient, Transaction};
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
use store_document::{corrupt, decode_room, encode_room, moment};
use tokio_postgres::{Row, types::ToSql};

use crate::{
    Database, Fault, content,
    database::{read, write},
    deferred::Write,
    deliveries, sessions, teleconsultations,
};

/// The columns of a room with those of its open session, as [`state`] reads them.
const STATE: &str = "r.id, r.company, r.key, r.document, r.used_ms, r.closure, r.closed_ms,
                     s.id, s.room, s.opened_ms, s.ended_ms, s.document";

/// Where they are.
const ROOMS: &str = "video_rooms r LEFT JOIN video_sessions s ON s.room = r.id AND s.ended_ms IS NULL";

/// The columns of a user, as [`user`] reads them.
pub(crate) const USER_COLUMNS: &str = "id, role, allow_camera, active, language, created_ms";

/// Keeps what the embedded video service knows in a [`Database`].
#[derive(Clone, Debug)]
pub struct PostgresRooms {
    pub(crate) database: Database,
}

impl PostgresRooms {
    /// A store on that database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl RoomStore for PostgresRooms {
    async fn ensure_users(&self, users: &[User]) -> Result<(), StoreError> {
        const ENSURE: &str = "INSERT INTO video_users (company, id, role, allow_camera, active, language, created_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (company, id) DO UPDATE
             SET role = greatest(video_users.role, excluded.role),
                 language = coalesce(excluded.language, video_users.language)
             WHERE excluded.role > video_users.role
                OR (excluded.language IS NOT NULL AND excluded.language IS DISTINCT FROM video_users.language)";
        // In the order of their ids, so that two who ensure the same people do not wait for each other.
        let mut users: Vec<_> = users.iter().collect();
        users.sort_by(|a, b| (&a.company, &a.id).cmp(&(&b.company, &b.id)));
        write!(self.database, "making users exist", |transaction| {
            let statement = transaction.prepare_cached(ENSURE).await?;
            for user in &users {
                let (role, language) =
                    (i16::from(user.role == Role::Plus), user.language.as_ref().map(Language::as_str));
                let (id, created) = (user.id.as_str(), user.created.as_millisecond());
                let values: [&(dyn ToSql + Sync); 7] =
                    [&user.company.0, &id, &role, &user.allow_camera, &user.active, &language, &created];
                transaction.execute(&statement, &values).await?;
            }
            Ok(())
        })
    }

    async fn users(&self, company: &CompanyId, ids: &[ProviderUserId]) -> Result<Vec<User>, StoreError> {
        let query = format!("SELECT {USER_COLUMNS} FROM video_users WHERE company = $1 AND id = ANY ($2)");
        let ids: Vec<_> = ids.iter().map(ProviderUserId::as_str).collect();
        read!(self.database, "reading users", |client| {
            let statement = client.prepare_cached(&query).await?;
            let rows = client.query(&statement, &[&company.0, &ids]).await?;
            rows.iter().map(|row| user(company, row)).collect()
        })
    }

    async fn set_user_active(
        &self,
        company: &CompanyId,
        id: &ProviderUserId,
        active: bool,
    ) -> Result<bool, StoreError> {
        const SET: &str = "UPDATE video_users SET active = $3 WHERE company = $1 AND id = $2";
        write!(self.database, "changing a user", |transaction| {
            let statement = transaction.prepare_cached(SET).await?;
            Ok(transaction.execute(&statement, &[&company.0, &id.as_str(), &active]).await? > 0)
        })
    }

    async fn create_room(&self, room: &Room) -> Result<RoomCreation, StoreError> {
        const DOING: &str = "making a room";
        let document = encode_room(room).map_err(|corrupt| Fault::from(corrupt).into_store_error(DOING))?;
        write!(self.database, DOING, |transaction| create(transaction, room, &document).await)
    }

    async fn defer_room(&self, room: &Room) -> Result<Option<Deferred>, StoreError> {
        const DOING: &str = "making a room";
        let document = encode_room(room).map_err(|corrupt| Fault::from(corrupt).into_store_error(DOING))?;
        Ok(Some(Write::Room(Box::new(room.clone()), document).deferred(&self.database)))
    }

    async fn room(&self, id: &RoomRef) -> Result<Option<RoomState>, StoreError> {
        read!(self.database, "reading a room", |client| by_id(client, id, "").await)
    }

    async fn room_by_key(&self, company: &CompanyId, key: &RoomKey) -> Result<Option<RoomState>, StoreError> {
        read!(self.database, "reading a room", |client| by_key(client, company, key).await)
    }

    async fn room_by_link(&self, hash: &LinkHash) -> Result<Option<(RoomState, ProviderUserId)>, StoreError> {
        read!(self.database, "reading the room of a link", |client| {
            // One statement, so one moment for both: the room of a link that was found is not gone.
            let query = format!(
                "SELECT {STATE}, l.\"user\" FROM {ROOMS} JOIN video_links l ON l.room = r.id
                 WHERE l.hash = $1 AND r.document IS NOT NULL ORDER BY s.id LIMIT 1"
            );
            let statement = client.prepare_cached(&query).await?;
            let Some(row) = client.query_opt(&statement, &[&hash.0.as_slice()]).await? else { return Ok(None) };
            let (state, user) = (state(&row)?, row.try_get(12)?);
            let unreadable = || corrupt("link to room", state.room.id.as_str(), "its owner");
            let user = ProviderUserId::parse(user).map_err(|_| unreadable())?;
            Ok(Some((state, user)))
        })
    }

    async fn replace_link(
        &self,
        room: &RoomRef,
        user: &ProviderUserId,
        read: Option<&Link>,
        new: Option<&Link>,
    ) -> Result<(), StoreError> {
        write!(self.database, "replacing a link", |transaction| {
            let mut room = by_id(transaction, room, LOCKED).await?.ok_or(Fault::Conflict)?.room;
            let member = room.members.iter_mut().find(|member| member.user == *user && member.link.as_ref() == read);
            let member = member.ok_or(Fault::Conflict)?;
            (member.link, member.links_replaced) = (new.copied(), member.links_replaced.saturating_add(1));
            if let Some(new) = new {
                insert_link(transaction, new, &room.id, user).await?;
            }
            if let Some(read) = read {
                delete_link(transaction, &read.hash).await?;
            }
            rewrite(transaction, &room).await
        })
    }

    async fn delete_room(
        &self,
        company: &CompanyId,
        key: &RoomKey,
        room: Option<&RoomRef>,
    ) -> Result<Vec<RoomRef>, StoreError> {
        write!(self.database, "deleting a room", |transaction| delete(transaction, company, key, room).await)
    }

    async fn disable_room(&self, id: &RoomRef, at: Timestamp) -> Result<bool, StoreError> {
        const DISABLE: &str =
            "UPDATE video_rooms SET closure = 'disabled', closed_ms = $2 WHERE id = $1 AND closure IS NULL";
        write!(self.database, "disabling a room", |transaction| {
            let Some(RoomState { mut room, .. }) = by_id(transaction, id, LOCKED).await? else { return Ok(false) };
            if room.closure.is_none() {
                announce(transaction, Happening::RoomDisabled, &room, Some(at)).await?;
            }
            for member in &mut room.members {
                if let Some(link) = member.link.take() {
                    delete_link(transaction, &link.hash).await?;
                }
            }
            rewrite(transaction, &room).await?;
            let statement = transaction.prepare_cached(DISABLE).await?;
            transaction.execute(&statement, &[&id.as_str(), &at.as_millisecond()]).await?;
            Ok(true)
        })
    }

    async fn save_sessions(&self, saves: &[SessionSave]) -> Result<Vec<RoomRef>, StoreError> {
        write!(self.database, "saving sessions", |transaction| sessions::save(transaction, saves).await)
    }

    async fn open_sessions(&self, after: Option<&SessionId>, limit: u32) -> Result<Vec<Session>, StoreError> {
        read!(self.database, "reading open sessions", |client| sessions::open(client, after, limit).await)
    }

    async fn sessions(&self, room: &RoomRef, limit: u32) -> Result<Vec<Session>, StoreError> {
        read!(self.database, "reading sessions", |client| sessions::of_room(client, room, limit).await)
    }

    async fn connection_events(
        &self,
        session: &SessionId,
        from: u32,
        limit: u32,
    ) -> Result<Vec<ConnectionEvent>, StoreError> {
        read!(self.database, "reading connection events", |client| sessions::events(client, session, from, limit).await)
    }

    async fn health(&self) -> Result<(), StoreError> {
        teleconsultations::health(&self.database).await
    }
}

/// Keeps others from changing the room until the transaction ends.
pub(crate) const LOCKED: &str = " FOR UPDATE OF r";

pub(crate) async fn create(transaction: &Transaction<'_>, room: &Room, document: &str) -> Result<RoomCreation, Fault> {
    // Most keys are new, so the room is inserted first and only a key that exists is looked at.
    const INSERT: &str = "INSERT INTO video_rooms (company, key, id, document) VALUES ($1, $2, $3, $4)
                          ON CONFLICT (company, key) DO NOTHING";
    const LINKS: &str = "INSERT INTO video_links (hash, room, \"user\")
                         SELECT hash, $2, owner FROM unnest($1::bytea[], $3::text[]) AS link (hash, owner)";
    let statement = transaction.prepare_cached(INSERT).await?;
    let id = room.id.as_str();
    if transaction.execute(&statement, &[&room.company.0, &room.key.as_str(), &id, &document]).await? == 0 {
        let exists = by_key(transaction, &room.company, &room.key).await?;
        return Ok(exists.map_or(RoomCreation::KeyUsedUp, |state| RoomCreation::Exists(Box::new(state.room))));
    }
    let links = room.members.iter().filter_map(|member| Some((member.link?.hash.0, member.user.as_str())));
    let (hashes, owners): (Vec<_>, Vec<_>) = links.unzip();
    let hashes: Vec<&[u8]> = hashes.iter().map(<[u8; 32]>::as_slice).collect();
    let statement = transaction.prepare_cached(LINKS).await?;
    transaction.execute(&statement, &[&hashes, &id, &owners]).await?;
    announce(transaction, Happening::RoomCreated, room, Some(room.created)).await?;
    Ok(RoomCreation::Created)
}

async fn delete(
    transaction: &Transaction<'_>,
    company: &CompanyId,
    key: &RoomKey,
    room: Option<&RoomRef>,
) -> Result<Vec<RoomRef>, Fault> {
    const USE_UP: &str = "INSERT INTO video_rooms (company, key) VALUES ($1, $2) ON CONFLICT (company, key) DO NOTHING";
    const FIND: &str = "SELECT id FROM video_rooms WHERE company = $1 AND id IS NOT NULL AND (key = $2 OR id = $3)
                        ORDER BY id FOR UPDATE";
    const ERASE: &str = "UPDATE video_rooms SET document = NULL WHERE id = ANY ($1)";
    const LINKS: &str = "DELETE FROM video_links WHERE hash = ANY ($1)";
    const LINKS_OF_ROOM: &str = "DELETE FROM video_links WHERE room = $1";
    let statement = transaction.prepare_cached(USE_UP).await?;
    transaction.execute(&statement, &[&company.0, &key.as_str()]).await?;
    let statement = transaction.prepare_cached(FIND).await?;
    let rows = transaction.query(&statement, &[&company.0, &key.as_str(), &room.map(RoomRef::as_str)]).await?;
    let deleted: Vec<RoomRef> =
        rows.iter().map(|row| row.try_get::<_, String>(0).map(RoomRef::new)).collect::<Result<_, _>>()?;
    for id in &deleted {
        match by_id(transaction, id, "").await {
            Ok(None) => {}
            Ok(Some(state)) => {
                announce(transaction, Happening::RoomDeleted, &state.room, None).await?;
                let links: Vec<_> =
                    state.room.members.iter().filter_map(|member| Some(member.link?.hash.0.to_vec())).collect();
                let statement = transaction.prepare_cached(LINKS).await?;
                transaction.execute(&statement, &[&links]).await?;
            }
            // What cannot be read goes too. That looks at every link there is, and is hardly ever needed.
            Err(Fault::Corrupt { .. }) => {
                transaction.execute(LINKS_OF_ROOM, &[&id.as_str()]).await?;
            }
            Err(fault) => return Err(fault),
        }
    }
    let ids: Vec<_> = deleted.iter().map(RoomRef::as_str).collect();
    let statement = transaction.prepare_cached(ERASE).await?;
    transaction.execute(&statement, &[&ids]).await?;
    content::erase(transaction, &ids).await?;
    Ok(deleted)
}

/// Tells the webhooks what happened to a room.
async fn announce(
    transaction: &Transaction<'_>,
    what: fn(Box<Room>) -> Happening,
    room: &Room,
    at: Option<Timestamp>,
) -> Result<(), Fault> {
    let notice = Notice { room: room.id.clone(), at, what: what(Box::new(room.clone())) };
    deliveries::announce(transaction, &room.company, &notice).await
}

/// Puts others in the place of a room's members, and their links.
pub(crate) async fn replace_members(
    transaction: &Transaction<'_>,
    mut room: Room,
    new: &[Member],
) -> Result<(), Fault> {
    let has = |members: &[Member], link: Link| members.iter().any(|member| member.link == Some(link));
    for link in room.members.iter().filter_map(|member| member.link).filter(|link| !has(new, *link)) {
        delete_link(transaction, &link.hash).await?;
    }
    for member in new {
        if let Some(link) = member.link.filter(|link| !has(&room.members, *link)) {
            insert_link(transaction, &link, &room.id, &member.user).await?;
        }
    }
    room.members = new.to_vec();
    rewrite(transaction, &room).await
}

/// A part of a company's rooms, the newest first. `marked` is a text that their documents have.
pub(crate) async fn list(
    client: &impl GenericClient,
    company: &CompanyId,
    marked: Option<&str>,
    part: Part,
) -> Result<Vec<RoomState>, Fault> {
    let query = format!(
        "SELECT {STATE} FROM (SELECT * FROM video_rooms
                              WHERE company = $1 AND id IS NOT NULL AND document IS NOT NULL
                                AND ($2::text IS NULL OR position($2 in document) > 0)
                              ORDER BY id DESC LIMIT $3 OFFSET $4) r
         LEFT JOIN video_sessions s ON s.id =
              (SELECT min(o.id) FROM video_sessions o WHERE o.room = r.id AND o.ended_ms IS NULL)
         ORDER BY r.id DESC"
    );
    let statement = client.prepare_cached(&query).await?;
    let (limit, offset) = (i64::from(part.limit), i64::from(part.offset));
    let values: [&(dyn ToSql + Sync); 4] = [&company.0, &marked, &limit, &offset];
    client.query(&statement, &values).await?.iter().map(state).collect()
}

async fn insert_link(
    transaction: &Transaction<'_>,
    link: &Link,
    room: &RoomRef,
    user: &ProviderUserId,
) -> Result<(), Fault> {
    const INSERT: &str = "INSERT INTO video_links (hash, room, \"user\") VALUES ($1, $2, $3)";
    let statement = transaction.prepare_cached(INSERT).await?;
    transaction.execute(&statement, &[&link.hash.0.as_slice(), &room.as_str(), &user.as_str()]).await?;
    Ok(())
}

async fn delete_link(transaction: &Transaction<'_>, hash: &LinkHash) -> Result<(), Fault> {
    let statement = transaction.prepare_cached("DELETE FROM video_links WHERE hash = $1").await?;
    transaction.execute(&statement, &[&hash.0.as_slice()]).await?;
    Ok(())
}

async fn rewrite(transaction: &Transaction<'_>, room: &Room) -> Result<(), Fault> {
    const REWRITE: &str = "UPDATE video_rooms SET document = $2 WHERE id = $1";
    let statement = transaction.prepare_cached(REWRITE).await?;
    transaction.execute(&statement, &[&room.id.as_str(), &encode_room(room)?]).await?;
    Ok(())
}

pub(crate) async fn by_id(client: &impl GenericClient, id: &RoomRef, lock: &str) -> Result<Option<RoomState>, Fault> {
    let query =
        format!("SELECT {STATE} FROM {ROOMS} WHERE r.id = $1 AND r.document IS NOT NULL ORDER BY s.id LIMIT 1{lock}");
    let statement = client.prepare_cached(&query).await?;
    client.query_opt(&statement, &[&id.as_str()]).await?.as_ref().map(state).transpose()
}

async fn by_key(client: &impl GenericClient, company: &CompanyId, key: &RoomKey) -> Result<Option<RoomState>, Fault> {
    let query = format!(
        "SELECT {STATE} FROM {ROOMS} WHERE r.company = $1 AND r.key = $2 AND r.document IS NOT NULL ORDER BY s.id LIMIT 1"
    );
    let statement = client.prepare_cached(&query).await?;
    client.query_opt(&statement, &[&company.0, &key.as_str()]).await?.as_ref().map(state).transpose()
}

fn state(row: &Row) -> Result<RoomState, Fault> {
    let id: String = row.try_get(0)?;
    let mut room = decode_room(&id, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?)?;
    let used: i64 = row.try_get(4)?;
    room.used = std::time::Duration::from_millis(u64::try_from(used).unwrap_or(0));
    let reason: Option<&str> = row.try_get(5)?;
    room.closure = match reason {
        None => None,
        Some(reason) => Some(Closure {
            reason: match reason {
                "disabled" => ClosureReason::Disabled,
                "time_up" => ClosureReason::TimeUp,
                _ => return Err(corrupt("room", &id, "why it is closed").into()),
            },
            at: moment(row.try_get(6)?).ok_or_else(|| corrupt("room", &id, "when it was closed"))?,
        }),
    };
    let session: Option<&str> = row.try_get(7)?;
    let session = if session.is_some() { Some(sessions::read(row, 7)?) } else { None };
    Ok(RoomState { room, session })
}

/// Reads [`USER_COLUMNS`].
pub(crate) fn user(company: &CompanyId, row: &Row) -> Result<User, Fault> {
    let unreadable = |what| corrupt("a user", "of the video service", what);
    let role: i16 = row.try_get(1)?;
    let language: Option<&str> = row.try_get(4)?;
    Ok(User {
        company: company.clone(),
        id: ProviderUserId::parse(row.try_get(0)?).map_err(|_| unreadable("id"))?,
        role: if role > 0 { Role::Plus } else { Role::Basic },
        allow_camera: row.try_get(2)?,
        active: row.try_get(3)?,
        language: language.map(Language::parse).transpose().map_err(|_| unreadable("language"))?,
        created: moment(row.try_get(5)?).ok_or_else(|| unreadable("the moment they were made"))?,
    })
}
