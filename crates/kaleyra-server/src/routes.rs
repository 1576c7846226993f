//! Every route (`kaleyra-video-api.md` §5).

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{delete, get, post, put},
};
use tokio::sync::Semaphore;

use crate::{
    Api, Parts, Version, absent, auth, background, company, credentials, file, hook, key,
    limits::{self, PICTURES_AT_ONCE_MAX, REQUESTS_AT_ONCE_MAX},
    link_token, participant, recording_settings,
    refusal::Refusal,
    room, session, tag, theme, translation, uploads, user, webhook,
};

/// The API, v2 under `/v2` and v1 under `/rest`, and logos and people's pictures under `/company-files`.
pub fn router(parts: Parts) -> Router {
    let parts = Arc::new(parts);
    let uploads = Arc::new(Semaphore::new(PICTURES_AT_ONCE_MAX));
    let requests = Arc::new(Semaphore::new(REQUESTS_AT_ONCE_MAX));
    let api = |version| Api { parts: Arc::clone(&parts), version, uploads: Arc::clone(&uploads) };
    let whole = |routes: Router<Api>, version| {
        let api = api(version);
        routes
            .fallback(unknown)
            .method_not_allowed_fallback(unknown)
            // The last layer is the outermost: the key is looked at first, and a request without it takes no place.
            .layer(DefaultBodyLimit::disable())
            .layer(middleware::from_fn_with_state(Arc::clone(&requests), limits::apply))
            .layer(middleware::from_fn_with_state(api.clone(), auth::check))
            .with_state(api)
    };
    let files = Router::new()
        .route(&format!("{}/{{name}}/{{signature}}", file::PATH), get(file::read))
        .layer(middleware::from_fn_with_state(Arc::clone(&requests), limits::apply))
        .with_state(api(Version::V2));
    Router::new().nest("/v2", whole(v2(), Version::V2)).nest("/rest", whole(v1(), Version::V1)).merge(files)
}

fn v2() -> Router<Api> {
    let company = Router::new()
        .route("/company", get(company::read).put(company::update))
        .route("/company/theme", get(theme::read).put(theme::update))
        .route("/company/theme/logo", put(theme::update_logo))
        .route("/company/virtual-backgrounds", get(background::list))
        .route("/company/virtual-background", post(background::create).delete(background::delete))
        .route("/company/translations", get(translation::list))
        .route("/company/translations/{language}", put(translation::update).delete(translation::delete))
        .route("/company/recording-settings", get(recording_settings::read).put(recording_settings::update))
        .route("/company/encryption-keys", get(key::list).post(key::create))
        .route("/company/encryption-keys/{id}", get(key::read))
        .route("/webhooks", get(webhook::list).post(webhook::create))
        .route("/webhooks/{id}", get(webhook::read).put(webhook::update).delete(webhook::delete))
        .route("/tags", get(tag::list).post(tag::add))
        .route("/tags/{tag}", delete(tag::delete))
        .route("/sdk/credentials", post(credentials::create));
    let people = Router::new()
        .route("/users", get(user::list).post(user::create))
        .route("/users/{id}", get(user::read).put(user::update).delete(user::delete))
        .route("/users/{id}/avatar", put(user::update_avatar).delete(user::delete_avatar));
    let mut rooms = Router::new()
        .route("/rooms", get(room::list).post(room::create))
        .route("/rooms/{id}", get(room::read).delete(room::delete))
        .route("/rooms/{id}/disable", put(room::disable))
        .route("/rooms/{id}/call", post(room::ring))
        .route("/rooms/{id}/start-recording", post(absent::record))
        .route("/rooms/{id}/stop-recording", post(absent::record));
    // Both spellings (§6.5).
    for name in ["participants", "partecipants"] {
        rooms = rooms.route(&format!("/rooms/{{id}}/{name}"), get(participant::list).post(participant::add)).route(
            &format!("/rooms/{{id}}/{name}/{{user}}"),
            get(participant::read).put(participant::update).delete(participant::remove),
        );
    }
    let sessions = Router::new()
        .route("/sessions", get(session::list))
        .route("/sessions/{id}", get(session::read))
        .route("/sessions/{id}/user-connections", get(session::connections))
        .route("/sessions/{id}/recording", get(absent::recording).delete(absent::recording))
        .route("/sessions/{id}/transcription", get(absent::transcription).delete(absent::transcription))
        .route("/sessions/{id}/summarization", get(absent::summarization).delete(absent::summarization));
    let absent = Router::new()
        .route("/uploads", get(uploads::list))
        // A key has slashes in it, escaped or not (§6.7).
        .route("/uploads/{*key}", get(uploads::read_by_path).delete(uploads::delete_by_path))
        .route("/channels", get(absent::channels).post(absent::chat))
        .route("/channels/{id}", get(absent::channel).delete(absent::channel))
        .route("/channels/{id}/messages", get(absent::channel).post(absent::channel))
        .route("/envelopes", get(absent::envelopes))
        .route("/envelopes/{id}", get(absent::envelope))
        .route("/signature-templates", get(absent::templates).post(absent::sign))
        .route("/signature-templates/{id}", get(absent::template).put(absent::template).delete(absent::template))
        .route("/signatures", post(absent::sign));
    company.merge(people).merge(rooms).merge(sessions).merge(absent)
}

fn v1() -> Router<Api> {
    let mut company = Router::new()
        .route("/company", get(company::read))
        .route("/company/update", post(company::update))
        .route("/company/theme", get(theme::read).post(theme::update))
        .route("/company/logo/update", post(theme::update_logo))
        .route("/company/virtual-backgrounds", get(background::list))
        .route("/company/virtual-background", post(background::create).delete(background::delete))
        .route("/recording/config", get(recording_settings::read).post(recording_settings::update))
        .route("/key/list", get(key::list))
        .route("/key/create", post(key::create))
        .route("/key/{id}", get(key::read))
        .route("/tag/list", get(tag::list))
        .route("/tag/add", post(tag::add))
        .route("/tag/remove", post(tag::remove))
        .route("/sdk/credentials", post(credentials::create));
    // The version may be left out (§10.2).
    for prefix in ["", "/{version}"] {
        company = company
            .route(&format!("{prefix}/hook"), get(hook::list))
            .route(&format!("{prefix}/hook/configure"), post(hook::configure));
    }
    let people = Router::new()
        .route("/user/list", get(user::list))
        .route("/user/create", post(user::create))
        .route("/user/list/{id}", get(user::read))
        .route("/user/update/{id}", put(user::update))
        .route("/user/update/all/permissions", put(user::update_all))
        .route("/user/delete/{id}", delete(user::delete))
        .route("/user/avatar/update/{id}", put(user::update_avatar))
        .route("/user/room/list/{id}", get(room::list_of_user))
        .route("/user/broadcast/list/{id}", get(absent::broadcasts_of_user))
        .route("/user/{id}/chat/list", get(absent::chats_of_user))
        .route("/user/{id}/upload/list", get(uploads::list_of_user))
        .route("/user/{id}/session/list", get(session::list_of_user));
    let rooms = Router::new()
        .route("/room/list", get(room::list))
        .route("/room/create", post(room::create))
        .route("/room/info/{id}", get(room::read))
        .route("/room/delete/{id}", delete(room::delete))
        .route("/room/disable/{id}", put(room::disable))
        .route("/room/recording/{id}", get(absent::recording))
        .route("/room/{id}/upload/list", get(uploads::list_of_room))
        .route("/room/{id}/envelope/list", get(absent::envelopes_of_room))
        .route("/session/list", get(session::list))
        .route("/session/{id}", get(session::read))
        .route("/session/{id}/connection/list", get(session::connections))
        .route("/session/{id}/upload/list", get(uploads::list_of_session))
        .route("/token/check/{token}", get(link_token::check))
        .route("/token/delete/{token}", delete(link_token::delete));
    let absent = Router::new()
        .route("/upload/list", get(uploads::list))
        .route("/upload/resource", get(uploads::read_by_field).delete(uploads::delete_by_field))
        .route("/chat/messages", get(absent::chat).post(absent::chat))
        .route("/chat/add", post(absent::chat))
        .route("/chat/remove", post(absent::chat))
        .route("/broadcast/create", post(absent::create_broadcast))
        .route("/broadcast/list", get(absent::broadcasts))
        .route("/broadcast/info/{id}", get(absent::broadcast))
        .route("/broadcast/recording/{id}", get(absent::recording))
        .route("/call/{id}", get(absent::call))
        .route("/activity", get(absent::activities).post(absent::activities));
    company.merge(people).merge(rooms).merge(absent)
}

async fn unknown() -> Refusal {
    Refusal::missing("unknown_route", "There is no such operation.")
}
