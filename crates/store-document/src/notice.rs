//! The stored form of what webhooks are to be told, as JSON. A field that a later version adds is tolerated.

use std::time::Duration;

use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;
use ports::{
    deliveries::{Happening, Notice, SessionStep},
    rooms::{CompanyId, Room, SessionId},
};
use serde::{Deserialize, Serialize};

use crate::{
    Corrupt, corrupt,
    room::{decode_room, encode_room, milliseconds, unquoted},
};

#[derive(Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
enum Stored {
    RoomCreated(StoredRoom),
    RoomDisabled(StoredRoom),
    RoomDeleted(StoredRoom),
    CallIncoming {
        room: StoredRoom,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        initiator: Option<String>,
        users: Vec<String>,
    },
    Session {
        session: String,
        step: StoredStep,
        connected: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        duration_s: Option<u64>,
        used_ms: u64,
    },
    Connection {
        session: String,
        user: String,
        came: bool,
        connected: u32,
    },
    CallEnded {},
}

/// The room's own document, as text in text: what reads rooms reads it.
#[derive(Serialize, Deserialize)]
struct StoredRoom {
    key: String,
    document: String,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredStep {
    Started,
    Resumed,
    Paused,
    Ended,
}

/// Writes what happened. The room's id, the company and the moment are in columns.
pub fn encode_happening(what: &Happening) -> Result<String, Corrupt> {
    let stored = match what {
        Happening::RoomCreated(room) => Stored::RoomCreated(store_room(room)?),
        Happening::RoomDisabled(room) => Stored::RoomDisabled(store_room(room)?),
        Happening::RoomDeleted(room) => Stored::RoomDeleted(store_room(room)?),
        Happening::CallIncoming { room, initiator, users } => Stored::CallIncoming {
            room: store_room(room)?,
            initiator: initiator.as_ref().map(|user| user.as_str().to_owned()),
            users: names(users),
        },
        Happening::Session { session, step, connected, duration, used } => Stored::Session {
            session: session.0.clone(),
            step: match step {
                SessionStep::Started => StoredStep::Started,
                SessionStep::Resumed => StoredStep::Resumed,
                SessionStep::Paused => StoredStep::Paused,
                SessionStep::Ended => StoredStep::Ended,
            },
            connected: names(connected),
            duration_s: duration.map(|duration| duration.as_secs()),
            used_ms: milliseconds(*used),
        },
        Happening::Connection { session, user, came, connected } => Stored::Connection {
            session: session.0.clone(),
            user: user.as_str().to_owned(),
            came: *came,
            connected: *connected,
        },
        Happening::CallEnded => Stored::CallEnded {},
    };
    serde_json::to_string(&stored).map_err(|error| corrupt("a notice", "to be told", unquoted(&error)))
}

/// Reads what [`encode_happening`] wrote, and the columns.
pub fn decode_notice(company: &CompanyId, room: &str, at: Option<Timestamp>, text: &str) -> Result<Notice, Corrupt> {
    let unreadable = |why: &str| corrupt("a notice about room", room, why);
    let stored: Stored = serde_json::from_str(text).map_err(|error| unreadable(&unquoted(&error)))?;
    let whole = |stored: StoredRoom| -> Result<Box<Room>, Corrupt> {
        Ok(Box::new(decode_room(room, company.0.clone(), stored.key, &stored.document)?))
    };
    let user = |name: &String| ProviderUserId::parse(name).map_err(|_| unreadable("a user"));
    let users = |names: &[String]| names.iter().map(user).collect::<Result<Vec<_>, _>>();
    let what = match stored {
        Stored::RoomCreated(room) => Happening::RoomCreated(whole(room)?),
        Stored::RoomDisabled(room) => Happening::RoomDisabled(whole(room)?),
        Stored::RoomDeleted(room) => Happening::RoomDeleted(whole(room)?),
        Stored::CallIncoming { room, initiator, users: called } => Happening::CallIncoming {
            room: whole(room)?,
            initiator: initiator.as_ref().map(user).transpose()?,
            users: users(&called)?,
        },
        Stored::Session { session, step, connected, duration_s, used_ms } => Happening::Session {
            session: SessionId(session),
            step: match step {
                StoredStep::Started => SessionStep::Started,
                StoredStep::Resumed => SessionStep::Resumed,
                StoredStep::Paused => SessionStep::Paused,
                StoredStep::Ended => SessionStep::Ended,
            },
            connected: users(&connected)?,
            duration: duration_s.map(Duration::from_secs),
            used: Duration::from_millis(used_ms),
        },
        Stored::Connection { session, user: name, came, connected } => {
            Happening::Connection { session: SessionId(session), user: user(&name)?, came, connected }
        }
        Stored::CallEnded {} => Happening::CallEnded,
    };
    Ok(Notice { room: RoomRef::new(room), at, what })
}

fn store_room(room: &Room) -> Result<StoredRoom, Corrupt> {
    Ok(StoredRoom { key: room.key.as_str().to_owned(), document: encode_room(room)? })
}

fn names(users: &[ProviderUserId]) -> Vec<String> {
    users.iter().map(|user| user.as_str().to_owned()).collect()
}
