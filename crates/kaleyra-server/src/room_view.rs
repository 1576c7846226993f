//! A room as it is answered (`kaleyra-video-api.md` §6.2, §7.3).

use std::collections::{BTreeMap, BTreeSet};

use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;
use ports::{
    provider::Recording,
    register::Part,
    rooms::{ClosureReason, ConnectionEvent, ConnectionKind, Member, Room, RoomState, Session},
};
use serde_json::{Map, Value, json};

use crate::{Api, refusal::Refusal, session, tools, wire};

/// How many of a room's sessions v1's room tells of: the latest.
const DIAL_SESSIONS_MAX: u32 = 20;

/// How many connection events of each it tells of: the latest.
const DIAL_EVENTS_MAX: u32 = 500;

/// v2's room.
pub fn v2(api: &Api, state: &RoomState) -> Value {
    let (room, session) = (&state.room, state.session.as_ref());
    json!({
        "id": room.id.as_str(),
        "room_id": room.id.as_str(),
        "recording": wire::recording(room.recording),
        "duration": room.duration.map(|duration| duration.as_secs()),
        "duration_used": video::used_at(room, session, api.clock.now()).as_secs(),
        "call_type": wire::call_type(room.call_type),
        "live": room.live,
        "description": room.description,
        "offline_transcription": false,
        "status": status(state),
        "disabled": is_disabled(room),
        "creation_date": wire::date(room.created),
        "participants": room.members.iter().map(|member| participant(api, &room.id, member)).collect::<Vec<_>>(),
    })
}

/// v2's participant: with the link under both of its names; without, if it was taken back.
pub fn participant(api: &Api, room: &RoomRef, member: &Member) -> Value {
    let mut view = Map::new();
    view.insert("user_id".to_owned(), json!(member.user.as_str()));
    view.insert("is_admin".to_owned(), json!(member.admin));
    view.insert("tools".to_owned(), tools::view(&member.tools));
    if let Some(link) = api.video.link(room, member) {
        view.insert("url".to_owned(), json!(link.expose()));
        view.insert("access_link".to_owned(), json!(link.expose()));
    }
    Value::Object(view)
}

/// v1's answer to the order of a room.
pub fn v1_made(api: &Api, room: &Room, direct_call: bool) -> Value {
    let mut view = v1_core(room, json!(u8::from(room.recording != Recording::None)));
    view.insert("duration".to_owned(), json!(duration(room)));
    view.insert("directCall".to_owned(), json!(direct_call));
    let people = room.members.iter().filter_map(|member| v1_participant(api, &room.id, member));
    view.insert("user_urls".to_owned(), people.collect());
    json!({ "room": view })
}

/// v1's row in a list of rooms.
pub fn v1_row(state: &RoomState) -> Value {
    let mut view = v1_core(&state.room, json!(state.room.recording != Recording::None));
    view.insert("status".to_owned(), json!(status(state)));
    view.insert("creationDate".to_owned(), json!(wire::date(state.room.created)));
    mark_disabled(&mut view, &state.room);
    Value::Object(view)
}

/// v1's row in the list of somebody's rooms.
pub fn v1_row_of_user(state: &RoomState) -> Value {
    let mut view = Map::new();
    view.insert("room_id".to_owned(), json!(state.room.id.as_str()));
    view.insert("creation_date".to_owned(), json!(wire::date(state.room.created)));
    mark_disabled(&mut view, &state.room);
    Value::Object(view)
}

/// v1's room with what happened in it.
pub async fn v1_whole(api: &Api, state: &RoomState) -> Result<Value, Refusal> {
    let (room, session) = (&state.room, state.session.as_ref());
    let mut view = v1_core(room, json!(u8::from(room.recording != Recording::None)));
    view.insert("duration".to_owned(), json!(duration(room)));
    view.insert("durationUsed".to_owned(), json!(video::used_at(room, session, api.clock.now()).as_secs()));
    view.insert("status".to_owned(), json!(status(state)));
    mark_disabled(&mut view, room);
    let people = room.members.iter().filter_map(|member| v1_participant(api, &room.id, member));
    view.insert("user_urls".to_owned(), people.collect());
    view.insert("dialInfo".to_owned(), dial_info(api, &room.id).await?);
    Ok(json!({ "room": view }))
}

fn v1_core(room: &Room, record: Value) -> Map<String, Value> {
    let mut view = Map::new();
    view.insert("room_id".to_owned(), json!(room.id.as_str()));
    view.insert("record".to_owned(), record);
    if room.recording != Recording::None {
        view.insert("recording_type".to_owned(), json!(wire::recording(room.recording)));
    }
    view.insert("call_type".to_owned(), json!(wire::call_type(room.call_type)));
    view.insert("live".to_owned(), json!(room.live));
    view.insert("description".to_owned(), json!(room.description));
    view
}

/// `None` without a link: a disabled room lists nobody.
pub fn v1_participant(api: &Api, room: &RoomRef, member: &Member) -> Option<Value> {
    let link = api.video.link(room, member)?;
    Some(json!({
        "user": member.user.as_str(),
        "url": link.expose(),
        "tools": tools::view(&member.tools),
        "is_admin": member.admin,
    }))
}

/// 0 is "without end".
fn duration(room: &Room) -> u64 {
    room.duration.map_or(0, |duration| duration.as_secs())
}

fn status(state: &RoomState) -> &'static str {
    video::status_on_wire(video::status(&state.room, state.session.as_ref()))
}

fn is_disabled(room: &Room) -> bool {
    room.closure.is_some_and(|closure| closure.reason == ClosureReason::Disabled)
}

/// v1 says it only where it is so.
fn mark_disabled(view: &mut Map<String, Value>, room: &Room) {
    if is_disabled(room) {
        view.insert("disabled".to_owned(), Value::Bool(true));
    }
}

async fn dial_info(api: &Api, room: &RoomRef) -> Result<Value, Refusal> {
    let sessions = api.rooms.sessions(room, DIAL_SESSIONS_MAX).await?;
    let mut details = Vec::with_capacity(sessions.len());
    for session in &sessions {
        let part = Part { offset: 0, limit: DIAL_EVENTS_MAX };
        let mut events = api.register.list_connection_events(&session.id, part).await?;
        events.reverse();
        details.push(dial_session(session, &events));
    }
    let people: BTreeSet<_> = sessions.iter().flat_map(|session| &session.people).map(ProviderUserId::as_str).collect();
    let seconds = sessions.iter().map(|session| session.used.as_secs()).sum();
    let mut all = clock_time(seconds);
    all.insert("number".to_owned(), json!(sessions.len()));
    all.insert("users".to_owned(), json!(people));
    all.insert("details".to_owned(), json!(details));
    Ok(json!({ "sessions": all }))
}

fn dial_session(session: &Session, events: &[ConnectionEvent]) -> Value {
    let mut view = clock_time(session.used.as_secs());
    let event = |event: &ConnectionEvent| {
        json!({
            "user": event.user.as_str(),
            "timestamp": wire::date(event.at),
            "event": session::kind(event.kind),
        })
    };
    view.insert("session".to_owned(), json!(session.id.0));
    view.insert("creationDate".to_owned(), json!(wire::date(session.opened)));
    view.insert("users".to_owned(), json!(session.people.iter().map(ProviderUserId::as_str).collect::<Vec<_>>()));
    view.insert("userEvents".to_owned(), events.iter().map(event).collect());
    view.insert("userActivities".to_owned(), activities(events));
    Value::Object(view)
}

/// From when until when each person was connected. Who still is, has no such row yet.
fn activities(events: &[ConnectionEvent]) -> Value {
    let mut since: BTreeMap<&str, Timestamp> = BTreeMap::new();
    let mut rows = Vec::new();
    for event in events {
        match event.kind {
            ConnectionKind::Connected => {
                since.entry(event.user.as_str()).or_insert(event.at);
            }
            ConnectionKind::Disconnected | ConnectionKind::Crashed => {
                if let Some(start) = since.remove(event.user.as_str()) {
                    rows.push(json!({
                        "user": event.user.as_str(),
                        "startTime": wire::date(start),
                        "stopTime": wire::date(event.at),
                        "seconds": event.at.duration_since(start).as_secs().max(0),
                    }));
                }
            }
        }
    }
    Value::Array(rows)
}

fn clock_time(seconds: u64) -> Map<String, Value> {
    let mut view = Map::new();
    view.insert("hours".to_owned(), json!(seconds / 3600));
    view.insert("minutes".to_owned(), json!(seconds / 60 % 60));
    view.insert("seconds".to_owned(), json!(seconds % 60));
    view
}
