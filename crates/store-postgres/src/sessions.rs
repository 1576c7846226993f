//! The sessions held in rooms, and who came and went in them, as rows.

use deadpool_postgres::{Client, Transaction};
use domain::{ProviderUserId, RoomRef};
use ports::{
    register::{Part, SessionFilter},
    rooms::{CompanyId, ConnectionEvent, ConnectionKind, Session, SessionId, SessionSave},
};
use store_document::{corrupt, decode_session, encode_session, milliseconds, moment};
use tokio_postgres::{Row, types::ToSql};

use crate::{Fault, deliveries};

const COLUMNS: &str = "id, room, opened_ms, ended_ms, document";

/// Writes them all down, and returns those of their rooms that are closed or deleted.
pub(crate) async fn save(transaction: &Transaction<'_>, saves: &[SessionSave]) -> Result<Vec<RoomRef>, Fault> {
    let mut closed = Vec::new();
    for save in saves {
        save_session(transaction, &save.session).await?;
        for event in &save.events {
            save_event(transaction, event).await?;
        }
        announce(transaction, save).await?;
        if is_closed_after(transaction, save).await? && !closed.contains(&save.session.room) {
            closed.push(save.session.room.clone());
        }
    }
    Ok(closed)
}

async fn save_session(transaction: &Transaction<'_>, session: &Session) -> Result<(), Fault> {
    const SAVE: &str =
        "INSERT INTO video_sessions (id, room, opened_ms, ended_ms, document) VALUES ($1, $2, $3, $4, $5)
                        ON CONFLICT (id) DO UPDATE SET ended_ms = excluded.ended_ms, document = excluded.document";
    let statement = transaction.prepare_cached(SAVE).await?;
    let (opened, ended) = (session.opened.as_millisecond(), session.ended.map(jiff::Timestamp::as_millisecond));
    let (room, document) = (session.room.as_str(), encode_session(session)?);
    let values: [&(dyn ToSql + Sync); 5] = [&session.id.0, &room, &opened, &ended, &document];
    transaction.execute(&statement, &values).await?;
    Ok(())
}

async fn save_event(transaction: &Transaction<'_>, event: &ConnectionEvent) -> Result<(), Fault> {
    const SAVE: &str = "INSERT INTO video_connection_events (session, number, \"user\", kind, at_ms)
                        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (session, number) DO NOTHING";
    let kind = match event.kind {
        ConnectionKind::Connected => "user_connect",
        ConnectionKind::Disconnected => "user_disconnect",
        ConnectionKind::Crashed => "user_crashed",
    };
    let (number, at) = (i64::from(event.number), event.at.as_millisecond());
    let statement = transaction.prepare_cached(SAVE).await?;
    let values: [&(dyn ToSql + Sync); 5] = [&event.session.0, &number, &event.user.as_str(), &kind, &at];
    transaction.execute(&statement, &values).await?;
    Ok(())
}

/// Tells the webhooks of the room's company.
async fn announce(transaction: &Transaction<'_>, save: &SessionSave) -> Result<(), Fault> {
    const OWNER: &str = "SELECT company FROM video_rooms WHERE id = $1";
    if save.notices.is_empty() {
        return Ok(());
    }
    let statement = transaction.prepare_cached(OWNER).await?;
    let owner = transaction.query_opt(&statement, &[&save.session.room.as_str()]).await?;
    let Some(owner) = owner else { return Ok(()) };
    let owner = CompanyId(owner.try_get(0)?);
    for notice in &save.notices {
        deliveries::announce(transaction, &owner, notice).await?;
    }
    Ok(())
}

/// Writes down the use of the session's room, and closes it if its time is up.
async fn is_closed_after(transaction: &Transaction<'_>, save: &SessionSave) -> Result<bool, Fault> {
    const USE: &str = "UPDATE video_rooms
                       SET used_ms = greatest(used_ms, $2),
                           closure = CASE WHEN $3::bigint IS NULL THEN closure ELSE coalesce(closure, 'time_up') END,
                           closed_ms = coalesce(closed_ms, $3::bigint)
                       WHERE id = $1 AND document IS NOT NULL
                       RETURNING closure IS NOT NULL";
    let used = i64::try_from(milliseconds(save.room_used)).unwrap_or(i64::MAX);
    let time_up = save.time_up.map(jiff::Timestamp::as_millisecond);
    let statement = transaction.prepare_cached(USE).await?;
    let row = transaction.query_opt(&statement, &[&save.session.room.as_str(), &used, &time_up]).await?;
    Ok(match row {
        Some(row) => row.try_get(0)?,
        None => true,
    })
}

/// A page of those that have not ended, by id. One that cannot be read must not keep the others from going on: it is left out.
pub(crate) async fn open(client: &Client, after: Option<&SessionId>, limit: u32) -> Result<Vec<Session>, Fault> {
    let query = format!("SELECT {COLUMNS} FROM video_sessions WHERE ended_ms IS NULL AND id > $1 ORDER BY id LIMIT $2");
    let statement = client.prepare_cached(&query).await?;
    // No id is the empty text, so all are after it.
    let after = after.map_or("", |after| after.0.as_str());
    let mut sessions = Vec::new();
    for row in client.query(&statement, &[&after, &i64::from(limit)]).await? {
        match read(&row, 0) {
            Err(Fault::Corrupt { what }) => tracing::error!(what, "a session is left alone: it cannot be read"),
            session => sessions.push(session?),
        }
    }
    Ok(sessions)
}

/// Those of one room, the latest first.
pub(crate) async fn of_room(client: &Client, room: &RoomRef, limit: u32) -> Result<Vec<Session>, Fault> {
    let query =
        format!("SELECT {COLUMNS} FROM video_sessions WHERE room = $1 ORDER BY opened_ms DESC, id DESC LIMIT $2");
    let statement = client.prepare_cached(&query).await?;
    let rows = client.query(&statement, &[&room.as_str(), &i64::from(limit)]).await?;
    rows.iter().map(|row| read(row, 0)).collect()
}

/// The session, if its room is or was the company's.
pub(crate) async fn by_id(client: &Client, company: &CompanyId, id: &SessionId) -> Result<Option<Session>, Fault> {
    const BY_ID: &str = "SELECT s.id, s.room, s.opened_ms, s.ended_ms, s.document
                         FROM video_sessions s JOIN video_rooms r ON r.id = s.room WHERE r.company = $1 AND s.id = $2";
    let statement = client.prepare_cached(BY_ID).await?;
    client.query_opt(&statement, &[&company.0, &id.0]).await?.map(|row| read(&row, 0)).transpose()
}

/// A part of a company's sessions, the latest first.
pub(crate) async fn list(
    client: &Client,
    company: &CompanyId,
    filter: &SessionFilter,
    part: Part,
) -> Result<Vec<Session>, Fault> {
    const LIST: &str = "SELECT s.id, s.room, s.opened_ms, s.ended_ms, s.document
                        FROM video_sessions s JOIN video_rooms r ON r.id = s.room
                        WHERE r.company = $1 AND ($2::text IS NULL OR s.room = $2)
                          AND ($3::text IS NULL OR position($3 in s.document) > 0 OR position($4::text in s.document) > 0)
                          AND ($5::bigint IS NULL OR s.opened_ms > $5) AND ($6::bigint IS NULL OR s.opened_ms < $6)
                        ORDER BY s.opened_ms DESC, s.id DESC LIMIT $7 OFFSET $8";
    // In a document a person is one of a list; its keys are followed by a colon, and its texts have no bare quotation marks.
    let (in_list, last) = match &filter.user {
        Some(user) => (Some(format!("\"{user}\",")), Some(format!("\"{user}\"]"))),
        None => (None, None),
    };
    let statement = client.prepare_cached(LIST).await?;
    let room = filter.room.as_ref().map(RoomRef::as_str);
    let (after, before) =
        (filter.after.map(jiff::Timestamp::as_millisecond), filter.before.map(jiff::Timestamp::as_millisecond));
    let (limit, offset) = (i64::from(part.limit), i64::from(part.offset));
    let values: [&(dyn ToSql + Sync); 8] = [&company.0, &room, &in_list, &last, &after, &before, &limit, &offset];
    client.query(&statement, &values).await?.iter().map(|row| read(row, 0)).collect()
}

/// Reads [`COLUMNS`] from column `first` on.
pub(crate) fn read(row: &Row, first: usize) -> Result<Session, Fault> {
    Ok(decode_session(
        row.try_get(first)?,
        row.try_get(first + 1)?,
        row.try_get(first + 2)?,
        row.try_get(first + 3)?,
        row.try_get(first + 4)?,
    )?)
}

/// Who came and went in one session, in order.
pub(crate) async fn events(
    client: &Client,
    session: &SessionId,
    from: u32,
    limit: u32,
) -> Result<Vec<ConnectionEvent>, Fault> {
    const EVENTS: &str = "SELECT number, \"user\", kind, at_ms FROM video_connection_events
                          WHERE session = $1 AND number >= $2 ORDER BY number LIMIT $3";
    let statement = client.prepare_cached(EVENTS).await?;
    let rows = client.query(&statement, &[&session.0, &i64::from(from), &i64::from(limit)]).await?;
    rows.iter().map(|row| event(session, row)).collect()
}

/// A part of who came and went in one session, the latest first.
pub(crate) async fn latest_events(
    client: &Client,
    session: &SessionId,
    part: Part,
) -> Result<Vec<ConnectionEvent>, Fault> {
    const EVENTS: &str = "SELECT number, \"user\", kind, at_ms FROM video_connection_events
                          WHERE session = $1 ORDER BY number DESC LIMIT $2 OFFSET $3";
    let statement = client.prepare_cached(EVENTS).await?;
    let rows = client.query(&statement, &[&session.0, &i64::from(part.limit), &i64::from(part.offset)]).await?;
    rows.iter().map(|row| event(session, row)).collect()
}

fn event(session: &SessionId, row: &Row) -> Result<ConnectionEvent, Fault> {
    let unreadable = |what| corrupt("a connection event of session", &session.0, what);
    let (number, kind): (i64, &str) = (row.try_get(0)?, row.try_get(2)?);
    Ok(ConnectionEvent {
        session: session.clone(),
        number: u32::try_from(number).map_err(|_| unreadable("number"))?,
        user: ProviderUserId::parse(row.try_get(1)?).map_err(|_| unreadable("user"))?,
        kind: match kind {
            "user_connect" => ConnectionKind::Connected,
            "user_disconnect" => ConnectionKind::Disconnected,
            "user_crashed" => ConnectionKind::Crashed,
            _ => return Err(unreadable("kind").into()),
        },
        at: moment(row.try_get(3)?).ok_or_else(|| unreadable("moment"))?,
    })
}
