//! What is sent to a webhook, in both shapes (`kaleyra-video-api.md` §10.4, §10.6).

use std::time::Duration;

use domain::ProviderUserId;
use jiff::Timestamp;
use ports::{
    company::PayloadVersion,
    deliveries::{Delivery, Happening, SessionStep},
    provider::Recording,
    rooms::{Room, SessionId},
};
use serde_json::{Value, json};
use video::VideoService;

use crate::{tools, wire};

/// The body; the same at every attempt. `None` if the event does not exist in this shape.
pub fn body(video: &VideoService, delivery: &Delivery) -> Option<Vec<u8>> {
    let at = delivery.notice.at.unwrap_or(Timestamp::UNIX_EPOCH);
    let event = delivery.notice.what.event();
    let room = delivery.notice.room.as_str();
    let payload = match delivery.webhook.version {
        PayloadVersion::V0 => {
            let data = v0(video, room, at, &delivery.notice.what);
            // An object for the events of calls, a text with an object in it for all others.
            let data = match delivery.notice.what {
                Happening::CallIncoming { .. } | Happening::CallEnded => data,
                Happening::RoomCreated(_)
                | Happening::RoomDisabled(_)
                | Happening::RoomDeleted(_)
                | Happening::Session { .. }
                | Happening::Connection { .. } => Value::String(data.to_string()),
            };
            json!({ "event": event, "room_id": room, "data": data })
        }
        PayloadVersion::V1 => json!({
            "event": event,
            "event_version": "1.0",
            "namespace": namespace(&delivery.notice.what),
            "timestamp": at.as_millisecond(),
            "data": v1(video, room, at, &delivery.notice.what)?,
        }),
    };
    serde_json::to_vec(&payload).ok()
}

const fn namespace(what: &Happening) -> &'static str {
    match what {
        Happening::RoomCreated(_)
        | Happening::RoomDisabled(_)
        | Happening::RoomDeleted(_)
        | Happening::CallIncoming { .. }
        | Happening::CallEnded => "room",
        Happening::Session { .. } => "session",
        Happening::Connection { .. } => "user",
    }
}

fn v1(video: &VideoService, room_id: &str, at: Timestamp, what: &Happening) -> Option<Value> {
    Some(match what {
        Happening::RoomCreated(room) => {
            let mut data = created(video, room, "recording", "participants");
            data["call_type"] = json!(wire::call_type(room.call_type));
            data
        }
        Happening::RoomDisabled(room) => json!({ "room_id": room_id, "disabled_links": links(video, room) }),
        Happening::RoomDeleted(room) => json!({ "room_id": room_id, "deleted_links": links(video, room) }),
        Happening::Session { session: SessionId(session), step, connected, duration, used } => {
            let mut data = json!({ "room_id": room_id, "session_id": session, "timestamp": wire::date(at) });
            if matches!(step, SessionStep::Started | SessionStep::Resumed) {
                data["connected_participants"] = ids(connected);
            }
            if let Some(duration) = duration {
                data["duration"] = json!({ "total_duration": duration.as_secs(), "elapsed_time": used.as_secs() });
            }
            data
        }
        Happening::Connection { session: SessionId(session), user, connected, .. } => json!({
            "room_id": room_id,
            "session_id": session,
            "user_id": user.as_str(),
            "connected_users_count": connected,
        }),
        // These are in the older shape only.
        Happening::CallIncoming { .. } | Happening::CallEnded => return None,
    })
}

fn v0(video: &VideoService, room_id: &str, at: Timestamp, what: &Happening) -> Value {
    let message =
        |how: &str| json!({ "room_id": room_id, "message": format!("The room {room_id} and its links were {how}.") });
    match what {
        Happening::RoomCreated(room) => {
            let mut data = created(video, room, "record", "user_urls");
            // Links lead into the call at once.
            data["directCall"] = json!(true);
            data
        }
        Happening::RoomDisabled(_) => message("disabled"),
        Happening::RoomDeleted(_) => message("deleted"),
        Happening::CallIncoming { room, initiator, users } => json!({
            "initiator": initiator.as_ref().map(ProviderUserId::as_str),
            "users": users.iter().map(invited).collect::<Vec<_>>(),
            "roomAlias": room_id,
            "options": {
                "duration": seconds(room.duration),
                "record": room.recording != Recording::None,
                "recordingType": recording_type(room),
                "creationDate": wire::date(room.created),
                "callType": wire::call_type(room.call_type),
                "live": room.live,
            },
        }),
        Happening::Session { connected, duration, used, .. } => {
            let mut data =
                json!({ "room_id": room_id, "connected_users": connected.len(), "timestamp": wire::date(at) });
            if let Some(duration) = duration {
                let left = duration.saturating_sub(*used).as_secs();
                data["duration"] = json!({ "total_duration": duration.as_secs(), "duration_remained": left });
            }
            data
        }
        // Names and addresses are not kept.
        Happening::Connection { user, connected, .. } => json!({
            "user_id": user.as_str(),
            "first_name": null,
            "last_name": null,
            "email": null,
            "room": { "room_id": room_id, "connected_users": connected },
            "timestamp": wire::date(at),
        }),
        Happening::CallEnded => json!({ "room_id": room_id }),
    }
}

fn created(video: &VideoService, room: &Room, record: &str, people: &str) -> Value {
    let person = |member: &ports::rooms::Member| {
        json!({
            "user": member.user.as_str(),
            "url": video.link(&room.id, member).map(|link| link.expose().to_owned()),
            "tools": tools::view(&member.tools),
            "is_admin": member.admin,
        })
    };
    json!({
        "room_id": room.id.as_str(),
        record: u8::from(room.recording != Recording::None),
        "recording_type": recording_type(room),
        "duration": seconds(room.duration),
        "live": room.live,
        "description": room.description,
        people: room.members.iter().map(person).collect::<Vec<_>>(),
    })
}

fn links(video: &VideoService, room: &Room) -> Vec<Value> {
    let link = |member: &ports::rooms::Member| {
        let link = video.link(&room.id, member)?;
        Some(json!({ "user_id": member.user.as_str(), "link": link.expose() }))
    };
    room.members.iter().filter_map(link).collect()
}

fn invited(user: &ProviderUserId) -> Value {
    json!({ "user": { "userAlias": user.as_str() }, "status": "invited" })
}

fn ids(users: &[ProviderUserId]) -> Value {
    users.iter().map(|user| json!(user.as_str())).collect()
}

/// 0 is "without end".
fn seconds(duration: Option<Duration>) -> u64 {
    duration.map_or(0, |duration| duration.as_secs())
}

fn recording_type(room: &Room) -> Value {
    match room.recording {
        Recording::None => Value::Null,
        Recording::Manual | Recording::Automatic => json!(wire::recording(room.recording)),
    }
}
