//! Rooms (`kaleyra-video-api.md` §6.2, §7.2, §7.3).

use axum::extract::State;
use domain::{ProviderUserId, RoomRef};
use ports::{
    deliveries::{Happening, Notice},
    register::Part,
    rooms::RoomState,
};
use serde_json::{Value, json};

use crate::{
    Api,
    input::{Input, Path},
    new_room,
    page::{LIMIT_MAX, PageRequest},
    refusal::Refusal,
    room_view, user,
    wire::{self, Answer, done, made},
};

/// The most rooms in v1's list of somebody's rooms, which has no pages.
const ROOMS_OF_USER_MAX: u32 = 10_000;

/// `GET /v2/rooms`, `GET /rest/room/list`. In v2 `user_id` asks for the rooms of one person.
pub async fn list(State(api): State<Api>, input: Input) -> Answer {
    let page = PageRequest::read(&input)?;
    let member = if api.is_v1() { None } else { input.text("user_id")?.map(wire::user_id).transpose()? };
    let rooms = api.register.list_rooms(api.company(), member.as_ref(), page.part()).await?;
    let view = |state: &RoomState| if api.is_v1() { room_view::v1_row(state) } else { room_view::v2(&api, state) };
    done(page.answer(api.version, "rooms", rooms.iter().map(view).collect()))
}

/// `POST /v2/rooms`, `POST /rest/room/create`
pub async fn create(State(api): State<Api>, input: Input) -> Answer {
    let order = new_room::read(&api, &input)?;
    if let Some(initiator) = input.text("initiatorAlias")?.filter(|_| api.is_v1()) {
        user::known(&api, initiator).await?;
    }
    let direct_call = input.flag("directCall")?.unwrap_or(false);
    let room = api.video.order_room(order).await?;
    let answer = if api.is_v1() {
        room_view::v1_made(&api, &room, direct_call)
    } else {
        room_view::v2(&api, &RoomState { room, session: None })
    };
    made(api.version, answer)
}

/// `GET /v2/rooms/{id}`, `GET /rest/room/info/{id}`
pub async fn read(State(api): State<Api>, Path(id): Path<String>) -> Answer {
    let state = known(&api, &id).await?;
    done(if api.is_v1() { room_view::v1_whole(&api, &state).await? } else { room_view::v2(&api, &state) })
}

/// `DELETE /v2/rooms/{id}`, `DELETE /rest/room/delete/{id}`
pub async fn delete(State(api): State<Api>, Path(id): Path<String>) -> Answer {
    let room = RoomRef::new(id);
    if !api.video.delete_known_room(&room).await? {
        return Err(Refusal::room());
    }
    done(ended(&api, &room, "deleted"))
}

/// `PUT /v2/rooms/{id}/disable`, `PUT /rest/room/disable/{id}`
pub async fn disable(State(api): State<Api>, Path(id): Path<String>) -> Answer {
    let room = RoomRef::new(id);
    if !api.video.disable_room(&room).await? {
        return Err(Refusal::room());
    }
    done(ended(&api, &room, "disabled"))
}

/// `GET /rest/user/room/list/{id}`. Somebody unknown has no rooms.
pub async fn list_of_user(State(api): State<Api>, Path(id): Path<String>, input: Input) -> Answer {
    let Ok(user) = ProviderUserId::parse(&id) else { return done(json!({ "room_list": [] })) };
    let filter = input.object("filter");
    let bounded = |number: Option<u64>| number.map_or(0, |number| u32::try_from(number).unwrap_or(u32::MAX));
    let (skip, limit) = (bounded(filter.number("skip")?), bounded(filter.number("limit")?));
    // 0 is "all of them" (§3.3).
    let limit = if limit == 0 { ROOMS_OF_USER_MAX } else { limit.min(ROOMS_OF_USER_MAX) };
    let part = Part { offset: skip.min(ROOMS_OF_USER_MAX), limit };
    let rooms = api.register.list_rooms(api.company(), Some(&user), part).await?;
    done(json!({ "room_list": rooms.iter().map(room_view::v1_row_of_user).collect::<Vec<_>>() }))
}

/// `POST /v2/rooms/{id}/call`: calls people into the room. There are no telephones of ours to ring; whoever has a webhook for it is told.
pub async fn ring(State(api): State<Api>, Path(id): Path<String>, input: Input) -> Answer {
    let state = known(&api, &id).await?;
    if !video::is_open(&state.room) {
        return Err(Refusal::request("room_closed", "The room is closed."));
    }
    let member = |id: &str| {
        let user = wire::user_id(id)?;
        if state.room.member(&user).is_some() { Ok(user) } else { Err(Refusal::user()) }
    };
    let initiator = input.text("initiator")?.map(member).transpose()?;
    let named = match input.texts("participants")? {
        Some(named) => Some(named),
        None => input.texts("users")?,
    };
    let users = match named {
        Some(named) if named.len() <= LIMIT_MAX as usize => named.into_iter().map(member).collect::<Result<_, _>>()?,
        Some(_) => return Err(Refusal::invalid("invalid_param", "participants has too many people.")),
        None => {
            let others = state.room.members.iter().map(|member| &member.user);
            others.filter(|user| Some(*user) != initiator.as_ref()).cloned().collect()
        }
    };
    let what = Happening::CallIncoming { room: Box::new(state.room.clone()), initiator, users };
    let notice = Notice { room: state.room.id.clone(), at: Some(api.clock.now()), what };
    api.deliveries.announce(api.company(), &notice).await?;
    done(room_view::v2(&api, &state))
}

/// A room that exists.
pub async fn known(api: &Api, id: &str) -> Result<RoomState, Refusal> {
    api.video.known_room(&RoomRef::new(id)).await?.ok_or_else(Refusal::room)
}

fn ended(api: &Api, room: &RoomRef, how: &str) -> Value {
    let id = room.as_str();
    let message = format!("The room {id} and its links were {how}.");
    if api.is_v1() {
        json!({ "room": { "room_id": id, "message": message } })
    } else {
        json!({ "id": id, "room_id": id, "message": message })
    }
}
