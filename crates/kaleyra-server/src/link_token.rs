//! The tokens in links, in v1 (`kaleyra-video-api.md` §7.5).

use axum::extract::State;
use serde_json::json;
use video::Reissue;

use crate::{
    Api,
    input::Path,
    wire::{Answer, done},
};

/// `GET /rest/token/check/{token}`; also one that nobody has gets an answer.
pub async fn check(State(api): State<Api>, Path(token): Path<String>) -> Answer {
    let (code, message) = match api.video.owner_of(&token).await? {
        Some(_) => ("ACTIVE_TOKEN", "The token is active."),
        None => ("NOT_ACTIVE_TOKEN", "The token is not active."),
    };
    done(json!({ "token": token, "code": code, "message": message }))
}

/// `DELETE /rest/token/delete/{token}`: the link ends, and its owner is disconnected.
pub async fn delete(State(api): State<Api>, Path(token): Path<String>) -> Answer {
    if let Some((state, owner)) = api.video.owner_of(&token).await? {
        api.video.revoke_link(&state.room.id, &owner, Reissue::None).await?;
    }
    done(json!({ "token": token, "message": "The token is not active." }))
}
