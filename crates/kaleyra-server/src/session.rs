//! Sessions, and who came and went in them (`kaleyra-video-api.md` §6.6, §7.6).

use axum::extract::State;
use domain::{ProviderUserId, RoomRef};
use ports::{
    register::SessionFilter,
    rooms::{ConnectionEvent, ConnectionKind, Session, SessionId},
};
use serde_json::{Value, json};

use crate::{
    Api,
    input::{Input, Path},
    page::PageRequest,
    refusal::Refusal,
    user,
    wire::{self, Answer, done},
};

/// `GET /v2/sessions`, `GET /rest/session/list`
pub async fn list(State(api): State<Api>, input: Input) -> Answer {
    let user = if api.is_v1() { None } else { input.text("user_id")? };
    let room = if api.is_v1() { None } else { input.text("room_id")? };
    let filter =
        SessionFilter { room: room.map(RoomRef::new), user: user.map(wire::user_id).transpose()?, ..dates(&input)? };
    answer(&api, &input, &filter).await
}

/// `GET /rest/user/{id}/session/list`
pub async fn list_of_user(State(api): State<Api>, Path(id): Path<String>, input: Input) -> Answer {
    let user = user::known(&api, &id).await?;
    answer(&api, &input, &SessionFilter { user: Some(user.id), ..dates(&input)? }).await
}

/// `GET /v2/sessions/{id}`, `GET /rest/session/{id}`
pub async fn read(State(api): State<Api>, Path(id): Path<String>) -> Answer {
    let session = known(&api, &id).await?;
    done(view(&session))
}

/// `GET /v2/sessions/{id}/user-connections`, `GET /rest/session/{id}/connection/list`
pub async fn connections(State(api): State<Api>, Path(id): Path<String>, input: Input) -> Answer {
    let page = PageRequest::read(&input)?;
    let session = known(&api, &id).await?;
    let events = api.register.list_connection_events(&session.id, page.part()).await?;
    let row = |event: &ConnectionEvent| {
        json!({
            "user_id": event.user.as_str(),
            "timestamp": wire::date(event.at),
            "event": kind(event.kind),
        })
    };
    let mut answer = page.answer(api.version, "connection_events", events.iter().map(row).collect());
    answer["session_id"] = json!(session.id.0);
    done(answer)
}

/// A session that exists.
pub async fn known(api: &Api, id: &str) -> Result<Session, Refusal> {
    let missing = || Refusal::missing("session_not_found", "There is no such session.");
    api.register.session(api.company(), &SessionId(id.to_owned())).await?.ok_or_else(missing)
}

/// A connection event by its name.
pub const fn kind(kind: ConnectionKind) -> &'static str {
    match kind {
        ConnectionKind::Connected => "user_connect",
        ConnectionKind::Disconnected => "user_disconnect",
        ConnectionKind::Crashed => "user_crashed",
    }
}

async fn answer(api: &Api, input: &Input, filter: &SessionFilter) -> Answer {
    let page = PageRequest::read(input)?;
    let sessions = api.register.list_sessions(api.company(), filter, page.part()).await?;
    done(page.answer(api.version, "sessions", sessions.iter().map(view).collect()))
}

fn dates(input: &Input) -> Result<SessionFilter, Refusal> {
    let (after, before) = (input.moment("start_date")?, input.moment("end_date")?);
    Ok(SessionFilter { after, before, ..SessionFilter::default() })
}

/// A session under way has no duration yet.
fn view(session: &Session) -> Value {
    json!({
        "id": session.id.0,
        "session_id": session.id.0,
        "room_id": session.room.as_str(),
        "broadcast_id": null,
        "creation_date": wire::date(session.opened),
        "duration": session.ended.map(|_| session.used.as_secs()),
        "connected_participants": session.people.iter().map(ProviderUserId::as_str).collect::<Vec<_>>(),
    })
}
