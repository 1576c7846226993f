//! The people of a room, in v2 (`kaleyra-video-api.md` §6.5).

use axum::extract::State;
use domain::RoomRef;
use ports::rooms::{Member, Room};
use serde_json::json;
use video::{OrderError, ParticipantChange};

use crate::{
    Api,
    input::{Input, Path},
    new_room,
    page::PageRequest,
    refusal::Refusal,
    room, room_view, tools,
    wire::{self, Answer, done, made},
};

/// `GET /v2/rooms/{id}/participants`; `is_admin` asks for those who are, or are not.
pub async fn list(State(api): State<Api>, Path(id): Path<String>, input: Input) -> Answer {
    let page = PageRequest::read(&input)?;
    let is_admin = input.flag("is_admin")?;
    let room = room::known(&api, &id).await?.room;
    let wanted = |member: &&Member| is_admin.is_none_or(|is_admin| member.admin == is_admin);
    let members = page.cut(room.members.iter().filter(wanted).collect());
    let views = members.into_iter().map(|member| room_view::participant(&api, &room.id, member)).collect();
    done(page.answer(api.version, "participants", views))
}

/// `POST /v2/rooms/{id}/participants`
pub async fn add(State(api): State<Api>, Path(id): Path<String>, input: Input) -> Answer {
    let participant = new_room::read_participant(&input)?;
    let room = api.video.add_member(&*api.register, &RoomRef::new(id), &participant).await?;
    made(api.version, view(&api, &room, &participant.user)?)
}

/// `GET /v2/rooms/{id}/participants/{user}`
pub async fn read(State(api): State<Api>, Path((id, user)): Path<(String, String)>) -> Answer {
    let room = room::known(&api, &id).await?.room;
    done(view(&api, &room, &wire::user_id(&user)?)?)
}

/// `PUT /v2/rooms/{id}/participants/{user}`
pub async fn update(State(api): State<Api>, Path((id, user)): Path<(String, String)>, input: Input) -> Answer {
    let user = wire::user_id(&user)?;
    let tools = input.field("tools").map(|value| tools::read(Some(value))).transpose()?;
    let change = ParticipantChange { admin: input.flag("is_admin")?, tools };
    let room = api.video.change_member(&*api.register, &RoomRef::new(id), &user, change).await?;
    done(view(&api, &room, &user)?)
}

/// `DELETE /v2/rooms/{id}/participants/{user}`
pub async fn remove(State(api): State<Api>, Path((id, user)): Path<(String, String)>) -> Answer {
    let user = wire::user_id(&user)?;
    api.video.remove_member(&*api.register, &RoomRef::new(id), &user).await?;
    done(json!({ "user_id": user.as_str(), "message": "participant removed" }))
}

fn view(api: &Api, room: &Room, user: &domain::ProviderUserId) -> Result<serde_json::Value, Refusal> {
    let member = room.member(user).ok_or(OrderError::NoParticipant)?;
    Ok(room_view::participant(api, &room.id, member))
}
