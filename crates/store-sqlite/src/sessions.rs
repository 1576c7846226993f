//! The sessions held in rooms, and who came and went in them, as rows.

use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;
use ports::{
    register::{Part, SessionFilter},
    rooms::{CompanyId, ConnectionEvent, ConnectionKind, Session, SessionId, SessionSave},
};
use rusqlite::{Connection, OptionalExtension, Row, Rows, params};
use store_document::{corrupt, decode_session, encode_session, milliseconds, moment};

use crate::{Fault, deliveries};

const COLUMNS: &str = "id, room, opened_ms, ended_ms, document";

/// Writes them all down, and returns those of their rooms that are closed or deleted.
pub(crate) fn save(connection: &Connection, saves: &[SessionSave]) -> Result<Vec<RoomRef>, Fault> {
    let mut closed = Vec::new();
    for save in saves {
        save_session(connection, &save.session)?;
        for event in &save.events {
            save_event(connection, event)?;
        }
        announce(connection, save)?;
        if is_closed_after(connection, save)? && !closed.contains(&save.session.room) {
            closed.push(save.session.room.clone());
        }
    }
    Ok(closed)
}

fn save_session(connection: &Connection, session: &Session) -> Result<(), Fault> {
    const SAVE: &str =
        "INSERT INTO video_sessions (id, room, opened_ms, ended_ms, document) VALUES (?1, ?2, ?3, ?4, ?5)
                        ON CONFLICT (id) DO UPDATE SET ended_ms = excluded.ended_ms, document = excluded.document";
    connection.prepare_cached(SAVE)?.execute(params![
        session.id.0,
        session.room.as_str(),
        session.opened.as_millisecond(),
        session.ended.map(jiff::Timestamp::as_millisecond),
        encode_session(session)?,
    ])?;
    Ok(())
}

fn save_event(connection: &Connection, event: &ConnectionEvent) -> Result<(), Fault> {
    const SAVE: &str = "INSERT INTO video_connection_events (session, number, user, kind, at_ms)
                        VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (session, number) DO NOTHING";
    let kind = match event.kind {
        ConnectionKind::Connected => "user_connect",
        ConnectionKind::Disconnected => "user_disconnect",
        ConnectionKind::Crashed => "user_crashed",
    };
    let at = event.at.as_millisecond();
    connection.prepare_cached(SAVE)?.execute(params![event.session.0, event.number, event.user.as_str(), kind, at])?;
    Ok(())
}

/// Tells the webhooks of the room's company.
fn announce(connection: &Connection, save: &SessionSave) -> Result<(), Fault> {
    const OWNER: &str = "SELECT company FROM video_rooms WHERE id = ?1";
    if save.notices.is_empty() {
        return Ok(());
    }
    let mut statement = connection.prepare_cached(OWNER)?;
    let owner = statement.query_row([save.session.room.as_str()], |row| Ok(CompanyId(row.get(0)?))).optional()?;
    let Some(owner) = owner else { return Ok(()) };
    save.notices.iter().try_for_each(|notice| deliveries::announce(connection, &owner, notice))
}

/// Writes down the use of the session's room, and closes it if its time is up.
fn is_closed_after(connection: &Connection, save: &SessionSave) -> Result<bool, Fault> {
    const USE: &str = "UPDATE video_rooms
                       SET used_ms = max(used_ms, ?2),
                           closure = CASE WHEN ?3 IS NULL THEN closure ELSE coalesce(closure, 'time_up') END,
                           closed_ms = coalesce(closed_ms, ?3)
                       WHERE id = ?1 AND document IS NOT NULL
                       RETURNING closure IS NOT NULL";
    let used = milliseconds(save.room_used);
    let time_up = save.time_up.map(jiff::Timestamp::as_millisecond);
    let mut statement = connection.prepare_cached(USE)?;
    let closed = statement.query_row(params![save.session.room.as_str(), used, time_up], |row| row.get(0));
    Ok(closed.optional()?.unwrap_or(true))
}

/// A page of those that have not ended, by id. One that cannot be read must not keep the others from going on: it is left out.
pub(crate) fn open(connection: &Connection, after: Option<&SessionId>, limit: u32) -> Result<Vec<Session>, Fault> {
    let query = format!("SELECT {COLUMNS} FROM video_sessions WHERE ended_ms IS NULL AND id > ?1 ORDER BY id LIMIT ?2");
    let mut statement = connection.prepare_cached(&query)?;
    // No id is the empty text, so all are after it.
    let mut rows = statement.query(params![after.map_or("", |after| after.0.as_str()), limit])?;
    let mut sessions = Vec::new();
    while let Some(row) = rows.next()? {
        match read(row, 0) {
            Err(Fault::Corrupt { what }) => tracing::error!(what, "A session is left alone: it cannot be read."),
            session => sessions.push(session?),
        }
    }
    Ok(sessions)
}

/// Those of one room, the latest first.
pub(crate) fn of_room(connection: &Connection, room: &RoomRef, limit: u32) -> Result<Vec<Session>, Fault> {
    let query =
        format!("SELECT {COLUMNS} FROM video_sessions WHERE room = ?1 ORDER BY opened_ms DESC, id DESC LIMIT ?2");
    let mut statement = connection.prepare_cached(&query)?;
    let mut rows = statement.query(params![room.as_str(), limit])?;
    let mut sessions = Vec::new();
    while let Some(row) = rows.next()? {
        sessions.push(read(row, 0)?);
    }
    Ok(sessions)
}

/// The session, if its room is or was the company's.
pub(crate) fn by_id(connection: &Connection, company: &CompanyId, id: &SessionId) -> Result<Option<Session>, Fault> {
    const BY_ID: &str = "SELECT s.id, s.room, s.opened_ms, s.ended_ms, s.document
                         FROM video_sessions s JOIN video_rooms r ON r.id = s.room WHERE r.company = ?1 AND s.id = ?2";
    let mut statement = connection.prepare_cached(BY_ID)?;
    let mut rows = statement.query([company.0.as_str(), id.0.as_str()])?;
    rows.next()?.map(|row| read(row, 0)).transpose()
}

/// A part of a company's sessions, the latest first.
pub(crate) fn list(
    connection: &Connection,
    company: &CompanyId,
    filter: &SessionFilter,
    part: Part,
) -> Result<Vec<Session>, Fault> {
    const LIST: &str = "SELECT s.id, s.room, s.opened_ms, s.ended_ms, s.document
                        FROM video_sessions s JOIN video_rooms r ON r.id = s.room
                        WHERE r.company = ?1 AND (?2 IS NULL OR s.room = ?2)
                          AND (?3 IS NULL OR instr(s.document, ?3) > 0 OR instr(s.document, ?4) > 0)
                          AND (?5 IS NULL OR s.opened_ms > ?5) AND (?6 IS NULL OR s.opened_ms < ?6)
                        ORDER BY s.opened_ms DESC, s.id DESC LIMIT ?7 OFFSET ?8";
    // In a document a person is one of a list; its keys are followed by a colon, and its texts have no bare quotation marks.
    let (in_list, last) = match &filter.user {
        Some(user) => (Some(format!("\"{user}\",")), Some(format!("\"{user}\"]"))),
        None => (None, None),
    };
    let mut statement = connection.prepare_cached(LIST)?;
    let mut rows = statement.query(params![
        company.0,
        filter.room.as_ref().map(RoomRef::as_str),
        in_list,
        last,
        filter.after.map(Timestamp::as_millisecond),
        filter.before.map(Timestamp::as_millisecond),
        part.limit,
        part.offset,
    ])?;
    let mut sessions = Vec::new();
    while let Some(row) = rows.next()? {
        sessions.push(read(row, 0)?);
    }
    Ok(sessions)
}

/// Reads [`COLUMNS`] from column `first` on.
pub(crate) fn read(row: &Row<'_>, first: usize) -> Result<Session, Fault> {
    let document = row.get_ref(first + 4)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(decode_session(row.get(first)?, row.get(first + 1)?, row.get(first + 2)?, row.get(first + 3)?, document)?)
}

/// Who came and went in one session, in order.
pub(crate) fn events(
    connection: &Connection,
    session: &SessionId,
    from: u32,
    limit: u32,
) -> Result<Vec<ConnectionEvent>, Fault> {
    const EVENTS: &str = "SELECT number, user, kind, at_ms FROM video_connection_events
                          WHERE session = ?1 AND number >= ?2 ORDER BY number LIMIT ?3";
    read_events(session, connection.prepare_cached(EVENTS)?.query(params![session.0, from, limit])?)
}

/// A part of who came and went in one session, the latest first.
pub(crate) fn latest_events(
    connection: &Connection,
    session: &SessionId,
    part: Part,
) -> Result<Vec<ConnectionEvent>, Fault> {
    const EVENTS: &str = "SELECT number, user, kind, at_ms FROM video_connection_events
                          WHERE session = ?1 ORDER BY number DESC LIMIT ?2 OFFSET ?3";
    read_events(session, connection.prepare_cached(EVENTS)?.query(params![session.0, part.limit, part.offset])?)
}

fn read_events(session: &SessionId, mut rows: Rows<'_>) -> Result<Vec<ConnectionEvent>, Fault> {
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let unreadable = |what| corrupt("a connection event of session", &session.0, what);
        let (user, kind): (String, String) = (row.get(1)?, row.get(2)?);
        events.push(ConnectionEvent {
            session: session.clone(),
            number: row.get(0)?,
            user: ProviderUserId::parse(&user).map_err(|_| unreadable("user"))?,
            kind: match kind.as_str() {
                "user_connect" => ConnectionKind::Connected,
                "user_disconnect" => ConnectionKind::Disconnected,
                "user_crashed" => ConnectionKind::Crashed,
                _ => return Err(unreadable("kind").into()),
            },
            at: moment(row.get(3)?).ok_or_else(|| unreadable("moment"))?,
        });
    }
    Ok(events)
}
