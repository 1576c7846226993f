//! The stored form of rooms and sessions, as JSON.
//!
//! Its names are this file format's own, and short, because one is written for every teleconsultation. A field that a later version
//! adds is tolerated. What changes by itself (a room's use and closure) is in columns and not here.

use std::{collections::BTreeSet, time::Duration};

use domain::{FullName, Language, ProviderUserId, RoomKey, RoomRef, Tools, WhiteboardTools};
use jiff::Timestamp;
use ports::{
    provider::{CallType, Recording},
    rooms::{CompanyId, Link, LinkHash, LinkNonce, Member, Room, Running, Session, SessionId},
};
use serde::{Deserialize, Serialize};

use crate::Corrupt;

#[derive(Serialize, Deserialize)]
struct StoredRoom {
    created_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    duration_s: Option<u64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    live: bool,
    recording: StoredRecording,
    call_type: StoredCallType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    members: Vec<StoredMember>,
}

#[derive(Serialize, Deserialize)]
struct StoredMember {
    user: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    admin: bool,
    /// See [`tools_to_bits`].
    tools: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<StoredLink>,
    #[serde(default, skip_serializing_if = "is_zero")]
    links_replaced: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Both in hexadecimal.
#[derive(Serialize, Deserialize)]
struct StoredLink {
    nonce: String,
    hash: String,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredRecording {
    None,
    Manual,
    Automatic,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::enum_variant_names, reason = "named so by the provider")]
enum StoredCallType {
    AudioOnly,
    AudioUpgradable,
    AudioVideo,
}

#[derive(Serialize, Deserialize)]
struct StoredSession {
    used_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    running: Option<StoredRunning>,
    counted_until_ms: i64,
    connected: Vec<String>,
    people: Vec<String>,
    connections: u32,
}

#[derive(Serialize, Deserialize)]
struct StoredRunning {
    since_ms: i64,
    used_before_ms: u64,
}

/// Writes what a room is made with.
pub fn encode_room(room: &Room) -> Result<String, Corrupt> {
    let stored = StoredRoom {
        created_ms: room.created.as_millisecond(),
        duration_s: room.duration.map(|duration| duration.as_secs()),
        live: room.live,
        recording: match room.recording {
            Recording::None => StoredRecording::None,
            Recording::Manual => StoredRecording::Manual,
            Recording::Automatic => StoredRecording::Automatic,
        },
        call_type: match room.call_type {
            CallType::AudioOnly => StoredCallType::AudioOnly,
            CallType::AudioUpgradable => StoredCallType::AudioUpgradable,
            CallType::AudioVideo => StoredCallType::AudioVideo,
        },
        description: room.description.clone(),
        members: room.members.iter().map(store_member).collect(),
    };
    serde_json::to_string(&stored).map_err(|error| corrupt("room", room.id.as_str(), unquoted(&error)))
}

/// Reads what [`encode_room`] wrote. Nothing is used of it yet, and it is not closed.
pub fn decode_room(id: &str, company: String, key: String, text: &str) -> Result<Room, Corrupt> {
    let stored: StoredRoom = serde_json::from_str(text).map_err(|error| corrupt("room", id, unquoted(&error)))?;
    let members = stored.members.into_iter().map(read_member).collect::<Option<_>>();
    Ok(Room {
        id: RoomRef::new(id),
        company: CompanyId(company),
        key: RoomKey::from_stored(key),
        members: members.ok_or_else(|| corrupt("room", id, "a member"))?,
        duration: stored.duration_s.map(Duration::from_secs),
        live: stored.live,
        recording: match stored.recording {
            StoredRecording::None => Recording::None,
            StoredRecording::Manual => Recording::Manual,
            StoredRecording::Automatic => Recording::Automatic,
        },
        call_type: match stored.call_type {
            StoredCallType::AudioOnly => CallType::AudioOnly,
            StoredCallType::AudioUpgradable => CallType::AudioUpgradable,
            StoredCallType::AudioVideo => CallType::AudioVideo,
        },
        description: stored.description,
        created: moment(stored.created_ms).ok_or_else(|| corrupt("room", id, "the moment it was made"))?,
        used: Duration::ZERO,
        closure: None,
    })
}

/// Writes what is not in a session's columns.
pub fn encode_session(session: &Session) -> Result<String, Corrupt> {
    let names = |users: &BTreeSet<ProviderUserId>| users.iter().map(|user| user.as_str().to_owned()).collect();
    let stored = StoredSession {
        used_ms: milliseconds(session.used),
        running: session.running.map(|running| StoredRunning {
            since_ms: running.since.as_millisecond(),
            used_before_ms: milliseconds(running.used_before),
        }),
        counted_until_ms: session.counted_until.as_millisecond(),
        connected: names(&session.connected),
        people: names(&session.people),
        connections: session.connections,
    };
    serde_json::to_string(&stored).map_err(|error| corrupt("session", &session.id.0, unquoted(&error)))
}

/// Reads what [`encode_session`] wrote, and the columns.
pub fn decode_session(
    id: String,
    room: String,
    opened_ms: i64,
    ended_ms: Option<i64>,
    text: &str,
) -> Result<Session, Corrupt> {
    let stored: StoredSession =
        serde_json::from_str(text).map_err(|error| corrupt("session", &id, unquoted(&error)))?;
    let unreadable = |what| corrupt("session", &id, what);
    let users = |names: &[String]| names.iter().map(|name| ProviderUserId::parse(name)).collect::<Result<_, _>>();
    let at = |ms| moment(ms).ok_or_else(|| unreadable("a moment"));
    Ok(Session {
        room: RoomRef::new(room),
        opened: at(opened_ms)?,
        ended: ended_ms.map(at).transpose()?,
        used: Duration::from_millis(stored.used_ms),
        running: match stored.running {
            Some(running) => Some(Running {
                since: at(running.since_ms)?,
                used_before: Duration::from_millis(running.used_before_ms),
            }),
            None => None,
        },
        counted_until: at(stored.counted_until_ms)?,
        connected: users(&stored.connected).map_err(|_| unreadable("a user"))?,
        people: users(&stored.people).map_err(|_| unreadable("a user"))?,
        connections: stored.connections,
        id: SessionId(id),
    })
}

/// Whole milliseconds, those that a file can hold.
pub fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A moment that was stored; `None` if there is no such one.
pub fn moment(ms: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(ms).ok()
}

/// What is wrong with a text, without any of it: the error's own words may quote somebody's name.
pub(crate) fn unquoted(error: &serde_json::Error) -> String {
    format!("{:?} error at column {}", error.classify(), error.column())
}

/// An error about the record of a `kind`. `why` must not quote it.
pub fn corrupt(kind: &str, id: &str, why: impl std::fmt::Display) -> Corrupt {
    Corrupt { what: format!("{kind} {id}: {why}") }
}

fn store_member(member: &Member) -> StoredMember {
    StoredMember {
        user: member.user.as_str().to_owned(),
        admin: member.admin,
        tools: tools_to_bits(&member.tools),
        name: member.display_name.as_ref().map(|name| name.as_str().to_owned()),
        language: member.language.as_ref().map(|language| language.as_str().to_owned()),
        link: member.link.map(|link| StoredLink { nonce: to_hex(&link.nonce.0), hash: to_hex(&link.hash.0) }),
        links_replaced: member.links_replaced,
    }
}

/// `None` if something in it cannot be read; what it is may be personal.
fn read_member(stored: StoredMember) -> Option<Member> {
    Some(Member {
        user: ProviderUserId::parse(&stored.user).ok()?,
        admin: stored.admin,
        tools: tools_from_bits(stored.tools),
        display_name: stored.name.map(|name| FullName::parse(&name)).transpose().ok()?,
        language: stored.language.map(|language| Language::parse(&language)).transpose().ok()?,
        link: match stored.link {
            Some(link) => {
                Some(Link { nonce: LinkNonce(from_hex(&link.nonce)?), hash: LinkHash(from_hex(&link.hash)?) })
            }
            None => None,
        },
        links_replaced: stored.links_replaced,
    })
}

/// One bit for each tool, in an order that never changes; new ones are added above.
fn tools_to_bits(tools: &Tools) -> u32 {
    let board = tools.whiteboard.as_ref();
    let part = |part: fn(&WhiteboardTools) -> bool| board.is_some_and(part);
    let bits = [
        tools.chat,
        tools.screen_sharing,
        tools.file_upload,
        tools.snapshot,
        tools.live_edit,
        tools.live_pointer,
        tools.present_to_everyone,
        board.is_some(),
        part(|board| board.add_file),
        part(|board| board.cursor),
        part(|board| board.text),
        part(|board| board.shape),
        part(|board| board.pen),
        part(|board| board.eraser),
    ];
    bits.iter().rev().fold(0, |all, bit| all << 1 | u32::from(*bit))
}

fn tools_from_bits(bits: u32) -> Tools {
    let bit = |place: u32| bits >> place & 1 == 1;
    Tools {
        chat: bit(0),
        screen_sharing: bit(1),
        file_upload: bit(2),
        snapshot: bit(3),
        live_edit: bit(4),
        live_pointer: bit(5),
        present_to_everyone: bit(6),
        whiteboard: bit(7).then(|| WhiteboardTools {
            add_file: bit(8),
            cursor: bit(9),
            text: bit(10),
            shape: bit(11),
            pen: bit(12),
            eraser: bit(13),
        }),
    }
}

fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() || pairs.len() != N {
        return None;
    }
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_named_without_quoting_it() {
        let room = |text: &str| decode_room("room_1", "default".to_owned(), "key".to_owned(), text).err();
        let session = |text: &str| decode_session("session_1".to_owned(), "room_1".to_owned(), 0, None, text).err();
        for text in [r#"{"created_ms":"Mario Rossi"}"#, r#"{"used_ms":"Mario Rossi"}"#, r#"["Mario Rossi"]"#, "Mario"] {
            for (fault, name) in [(room(text), "room room_1: "), (session(text), "session session_1: ")] {
                let Some(Corrupt { what }) = fault else { panic!("{text}: {fault:?}") };
                assert!(what.starts_with(name) && !what.contains("Mario"), "{what}");
            }
        }
    }

    #[test]
    fn tools_read_back_bit_by_bit() {
        for bits in (0..14).map(|place| 1 << place | 1 << 7).chain([0, (1 << 14) - 1]) {
            assert_eq!(tools_to_bits(&tools_from_bits(bits)), bits);
        }
        assert_eq!(tools_from_bits((1 << 14) - 1), Tools::all());
        assert_eq!(tools_from_bits(0), Tools::none());
    }

    #[test]
    fn bytes_read_back_from_hexadecimal_and_nothing_else_does() {
        let bytes = [0x00, 0x7f, 0xff, 0x1a];
        assert_eq!(to_hex(&bytes), "007fff1a");
        assert_eq!(from_hex("007fff1a"), Some(bytes));
        for wrong in ["", "007fff1", "007fff1a00", "007fff1g", "é7fff1a"] {
            assert_eq!(from_hex::<4>(wrong), None, "{wrong}");
        }
    }
}
