//! What the embedded service does not have: recordings, transcriptions, chats outside calls, signatures, broadcasts, the
//! log of activities, fast calls. There is none of any of these, and that is what is answered: an empty list in the documented shape,
//! or the documented refusal (`kaleyra-video-api.md` §13). Nothing pretends to have been done.

use axum::extract::State;
use serde_json::json;

use crate::{
    Api,
    input::{Input, Path},
    page::PageRequest,
    refusal::Refusal,
    room, session, user,
    wire::{Answer, done},
};

/// An empty page.
fn nothing(api: &Api, input: &Input, name: &str) -> Answer {
    done(PageRequest::read(input)?.answer(api.version, name, Vec::new()))
}

/// `POST /v2/rooms/{id}/start-recording`, `POST /v2/rooms/{id}/stop-recording`
pub async fn record(State(api): State<Api>, Path(id): Path<String>) -> Answer {
    room::known(&api, &id).await?;
    Err(Refusal::request("room_no_recordable", "Rooms cannot be recorded."))
}

/// Recordings: `GET` and `DELETE /v2/sessions/{id}/recording`, `GET /rest/room/recording/{id}`, `GET /rest/broadcast/recording/{id}`
pub async fn recording() -> Answer {
    Err(Refusal::request("recording_not_found", "There is no such recording."))
}

/// `GET` and `DELETE /v2/sessions/{id}/transcription`
pub async fn transcription(State(api): State<Api>, Path(id): Path<String>) -> Answer {
    session::known(&api, &id).await?;
    Err(Refusal::missing("transcription_not_found", "The session was not transcribed."))
}

/// `GET` and `DELETE /v2/sessions/{id}/summarization`
pub async fn summarization(State(api): State<Api>, Path(id): Path<String>) -> Answer {
    session::known(&api, &id).await?;
    Err(Refusal::missing("summarization_not_found", "The session was not summarized."))
}

/// `GET /v2/channels`
pub async fn channels(State(api): State<Api>, input: Input) -> Answer {
    nothing(&api, &input, "channels")
}

/// `GET /rest/user/{id}/chat/list`
pub async fn chats_of_user(State(api): State<Api>, Path(id): Path<String>) -> Answer {
    let user = user::known(&api, &id).await?;
    done(json!({ "user_id": user.id.as_str(), "chat_list": [] }))
}

/// Chats that are to be made or written in: `POST /v2/channels`, `POST /rest/chat/add`, `/remove` and `/messages`, `GET /rest/chat/messages`
pub async fn chat() -> Answer {
    Err(Refusal::request("chat_service_disabled", "There are no chats outside of calls."))
}

/// One channel, and what is under it.
pub async fn channel() -> Answer {
    Err(Refusal::missing("chat_not_found", "There is no such channel."))
}

/// `GET /v2/envelopes`
pub async fn envelopes(State(api): State<Api>, input: Input) -> Answer {
    nothing(&api, &input, "envelopes")
}

/// `GET /rest/room/{id}/envelope/list`
pub async fn envelopes_of_room(State(api): State<Api>, Path(id): Path<String>, input: Input) -> Answer {
    room::known(&api, &id).await?;
    nothing(&api, &input, "envelopes")
}

/// `GET /v2/envelopes/{id}`
pub async fn envelope() -> Answer {
    Err(Refusal::missing("envelope_not_found", "There is no such envelope."))
}

/// `GET /v2/signature-templates`
pub async fn templates(State(api): State<Api>, input: Input) -> Answer {
    nothing(&api, &input, "signature_templates")
}

/// One template.
pub async fn template() -> Answer {
    Err(Refusal::missing("signature_template_not_found", "There is no such template."))
}

/// `POST /v2/signature-templates`, `POST /v2/signatures`
pub async fn sign() -> Answer {
    Err(Refusal::request("signature_service_disabled", "Nothing can be signed."))
}

/// `GET /rest/broadcast/list`
pub async fn broadcasts(State(api): State<Api>, input: Input) -> Answer {
    nothing(&api, &input, "broadcasts")
}

/// `GET /rest/user/broadcast/list/{id}`
pub async fn broadcasts_of_user() -> Answer {
    done(json!({ "broadcast_list": [] }))
}

/// `POST /rest/broadcast/create`
pub async fn create_broadcast() -> Answer {
    Err(Refusal::request("broadcast_service_disabled", "There are no broadcasts."))
}

/// `GET /rest/broadcast/info/{id}`
pub async fn broadcast() -> Answer {
    Err(no_broadcast())
}

/// `GET /rest/call/{id}`: the link of a broadcast, or a fast call.
pub async fn call(State(api): State<Api>, Path(id): Path<String>, input: Input) -> Answer {
    if input.field("broadcast_id").is_some() {
        return Err(no_broadcast());
    }
    user::known(&api, &id).await?;
    Err(Refusal::request("fast_call_disabled", "Fast calls are withdrawn: make a room."))
}

/// `/rest/activity`
pub async fn activities() -> Answer {
    done(json!({ "activities": [] }))
}

fn no_broadcast() -> Refusal {
    Refusal::missing("invalid_broadcast_id", "There is no such broadcast.")
}
