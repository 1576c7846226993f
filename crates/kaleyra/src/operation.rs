//! Every operation, with its method and path in each generation (contract §5). A correction is a change of one line here.
//!
//! `{}` stands for one path segment. Where the contract marks a path as inferred, the line says so.

use reqwest::Method;

/// An operation of the API.
#[derive(Clone, Copy)]
pub(crate) struct Operation {
    /// What it does, for errors and metrics.
    pub(crate) name: &'static str,
    /// How v1 does it, if it does.
    pub(crate) v1: Option<Route>,
    /// How v2 does it, if it does.
    pub(crate) v2: Option<Route>,
}

/// A method and a path below the base URL.
#[derive(Clone, Copy)]
pub(crate) struct Route {
    pub(crate) verb: Verb,
    pub(crate) path: &'static str,
}

/// What a route does to the service.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// Reads.
    Get,
    /// A `GET` that does something: v1's fast call makes a call.
    GetWithEffect,
    /// Does something each time.
    Post,
    /// Brings about a state.
    Put,
    /// Removes.
    Delete,
}

impl Verb {
    pub(crate) fn method(self) -> Method {
        match self {
            Verb::Get | Verb::GetWithEffect => Method::GET,
            Verb::Post => Method::POST,
            Verb::Put => Method::PUT,
            Verb::Delete => Method::DELETE,
        }
    }

    /// Returns whether doing it twice is the same as doing it once (contract §14.5).
    pub(crate) fn is_safe_to_repeat(self) -> bool {
        matches!(self, Verb::Get | Verb::Put | Verb::Delete)
    }

    /// Returns whether it changes nothing.
    pub(crate) fn only_reads(self) -> bool {
        self == Verb::Get
    }
}

// Wrapped, so that the table reads `get("/x")` beside `NONE`.
#[expect(clippy::unnecessary_wraps, reason = "the table has both")]
const fn get(path: &'static str) -> Option<Route> {
    Some(Route { verb: Verb::Get, path })
}

#[expect(clippy::unnecessary_wraps, reason = "the table has both")]
const fn post(path: &'static str) -> Option<Route> {
    Some(Route { verb: Verb::Post, path })
}

#[expect(clippy::unnecessary_wraps, reason = "the table has both")]
const fn put(path: &'static str) -> Option<Route> {
    Some(Route { verb: Verb::Put, path })
}

#[expect(clippy::unnecessary_wraps, reason = "the table has both")]
const fn delete(path: &'static str) -> Option<Route> {
    Some(Route { verb: Verb::Delete, path })
}

#[expect(clippy::unnecessary_wraps, reason = "the table has both")]
const fn get_with_effect(path: &'static str) -> Option<Route> {
    Some(Route { verb: Verb::GetWithEffect, path })
}

/// The generation has no such operation.
const NONE: Option<Route> = None;

macro_rules! operations {
    ($($id:ident $name:literal v1 $v1:expr, v2 $v2:expr;)*) => {
        $(pub(crate) const $id: Operation = Operation { name: $name, v1: $v1, v2: $v2 };)*

        /// All of them, for the tests of this table.
        #[cfg(test)]
        const ALL: &[Operation] = &[$($id),*];
    };
}

operations! {
    GET_COMPANY "get company" v1 get("/company"), v2 get("/company");
    UPDATE_COMPANY "update company" v1 post("/company/update"), v2 put("/company");
    GET_THEME "get theme" v1 get("/company/theme"), v2 get("/company/theme");
    UPDATE_THEME "update theme" v1 post("/company/theme"), v2 put("/company/theme");
    UPDATE_LOGO "update logo" v1 post("/company/logo/update"), v2 put("/company/theme/logo");
    LIST_BACKGROUNDS "list backgrounds" v1 get("/company/virtual-backgrounds"), v2 get("/company/virtual-backgrounds");
    CREATE_BACKGROUND "create background" v1 post("/company/virtual-background"), v2 post("/company/virtual-background");
    DELETE_BACKGROUND "delete background" v1 delete("/company/virtual-background"), v2 delete("/company/virtual-background");
    GET_TRANSLATIONS "get translations" v1 NONE, v2 get("/company/translations");
    UPDATE_TRANSLATION "update translation" v1 NONE, v2 put("/company/translations/{}");
    DELETE_TRANSLATION "delete translation" v1 NONE, v2 delete("/company/translations/{}");
    GET_RECORDING_SETTINGS "get recording settings" v1 get("/recording/config"), v2 get("/company/recording-settings");
    UPDATE_RECORDING_SETTINGS "update recording settings" v1 post("/recording/config"), v2 put("/company/recording-settings");
    LIST_ENCRYPTION_KEYS "list encryption keys" v1 get("/key/list"), v2 get("/company/encryption-keys");
    CREATE_ENCRYPTION_KEY "create encryption key" v1 post("/key/create"), v2 post("/company/encryption-keys");
    GET_ENCRYPTION_KEY "get encryption key" v1 get("/key/{}"), v2 get("/company/encryption-keys/{}");

    LIST_USERS "list users" v1 get("/user/list"), v2 get("/users");
    CREATE_USER "create user" v1 post("/user/create"), v2 post("/users");
    GET_USER "get user" v1 get("/user/list/{}"), v2 get("/users/{}");
    UPDATE_USER "update user" v1 put("/user/update/{}"), v2 put("/users/{}");
    DELETE_USER "delete user" v1 delete("/user/delete/{}"), v2 delete("/users/{}");
    UPDATE_AVATAR "update avatar" v1 put("/user/avatar/update/{}"), v2 put("/users/{}/avatar");
    DELETE_AVATAR "delete avatar" v1 NONE, v2 delete("/users/{}/avatar");
    UPDATE_ALL_PERMISSIONS "update all permissions" v1 put("/user/update/all/permissions"), v2 NONE;
    LIST_ROOMS_OF_USER "list rooms of user" v1 get("/user/room/list/{}"), v2 NONE;
    LIST_BROADCASTS_OF_USER "list broadcasts of user" v1 get("/user/broadcast/list/{}"), v2 NONE;
    LIST_CHATS_OF_USER "list chats of user" v1 get("/user/{}/chat/list"), v2 NONE;

    LIST_ROOMS "list rooms" v1 get("/room/list"), v2 get("/rooms");
    CREATE_ROOM "create room" v1 post("/room/create"), v2 post("/rooms");
    GET_ROOM "get room" v1 get("/room/info/{}"), v2 get("/rooms/{}");
    DELETE_ROOM "delete room" v1 delete("/room/delete/{}"), v2 delete("/rooms/{}");
    DISABLE_ROOM "disable room" v1 put("/room/disable/{}"), v2 put("/rooms/{}/disable");
    START_RECORDING "start recording" v1 NONE, v2 post("/rooms/{}/start-recording");
    STOP_RECORDING "stop recording" v1 NONE, v2 post("/rooms/{}/stop-recording");
    RING_ROOM "ring room" v1 NONE, v2 post("/rooms/{}/call");
    LIST_PARTICIPANTS "list participants" v1 NONE, v2 get("/rooms/{}/participants");
    ADD_PARTICIPANT "add participant" v1 NONE, v2 post("/rooms/{}/participants");
    GET_PARTICIPANT "get participant" v1 NONE, v2 get("/rooms/{}/participants/{}");
    UPDATE_PARTICIPANT "update participant" v1 NONE, v2 put("/rooms/{}/participants/{}");
    REMOVE_PARTICIPANT "remove participant" v1 NONE, v2 delete("/rooms/{}/participants/{}");

    LIST_SESSIONS "list sessions" v1 get("/session/list"), v2 get("/sessions");
    LIST_SESSIONS_OF_USER "list sessions of user" v1 get("/user/{}/session/list"), v2 get("/sessions");
    GET_SESSION "get session" v1 get("/session/{}"), v2 get("/sessions/{}");
    GET_RECORDING "get recording" v1 get("/room/recording/{}"), v2 get("/sessions/{}/recording");
    DELETE_RECORDING "delete recording" v1 NONE, v2 delete("/sessions/{}/recording");
    // The v2 path is inferred.
    LIST_CONNECTIONS "list connections" v1 get("/session/{}/connection/list"), v2 get("/sessions/{}/user-connections");
    // These four are inferred.
    GET_TRANSCRIPTION "get transcription" v1 NONE, v2 get("/sessions/{}/transcription");
    DELETE_TRANSCRIPTION "delete transcription" v1 NONE, v2 delete("/sessions/{}/transcription");
    GET_SUMMARIZATION "get summarization" v1 NONE, v2 get("/sessions/{}/summarization");
    DELETE_SUMMARIZATION "delete summarization" v1 NONE, v2 delete("/sessions/{}/summarization");

    // All v2 paths of channels and messages are inferred.
    LIST_CHANNELS "list channels" v1 NONE, v2 get("/channels");
    CREATE_CHANNEL "create channel" v1 NONE, v2 post("/channels");
    GET_CHANNEL "get channel" v1 NONE, v2 get("/channels/{}");
    DELETE_CHANNEL "delete channel" v1 NONE, v2 delete("/channels/{}");
    LIST_CHANNEL_MESSAGES "list channel messages" v1 NONE, v2 get("/channels/{}/messages");
    SEND_CHANNEL_MESSAGE "send channel message" v1 NONE, v2 post("/channels/{}/messages");
    ADD_CHAT "add chat" v1 post("/chat/add"), v2 NONE;
    REMOVE_CHAT "remove chat" v1 post("/chat/remove"), v2 NONE;
    LIST_CHAT_MESSAGES "list chat messages" v1 get("/chat/messages"), v2 NONE;
    SEND_CHAT_MESSAGE "send chat message" v1 post("/chat/messages"), v2 NONE;

    LIST_UPLOADS "list uploads" v1 get("/upload/list"), v2 get("/uploads");
    LIST_UPLOADS_OF_ROOM "list uploads of room" v1 get("/room/{}/upload/list"), v2 get("/uploads");
    LIST_UPLOADS_OF_SESSION "list uploads of session" v1 get("/session/{}/upload/list"), v2 get("/uploads");
    LIST_UPLOADS_OF_USER "list uploads of user" v1 get("/user/{}/upload/list"), v2 get("/uploads");
    GET_UPLOAD "get upload" v1 get("/upload/resource"), v2 get("/uploads/{}");
    DELETE_UPLOAD "delete upload" v1 delete("/upload/resource"), v2 delete("/uploads/{}");

    // The v2 paths of tags are inferred.
    LIST_TAGS "list tags" v1 get("/tag/list"), v2 get("/tags");
    ADD_TAGS "add tags" v1 post("/tag/add"), v2 post("/tags");
    REMOVE_TAG "remove tag" v1 post("/tag/remove"), v2 delete("/tags/{}");

    CREATE_ACCESS_TOKEN "create access token" v1 post("/sdk/credentials"), v2 post("/sdk/credentials");

    // The v2 paths of envelopes, templates and signatures are inferred.
    LIST_ENVELOPES "list envelopes" v1 NONE, v2 get("/envelopes");
    LIST_ENVELOPES_OF_ROOM "list envelopes of room" v1 get("/room/{}/envelope/list"), v2 NONE;
    GET_ENVELOPE "get envelope" v1 NONE, v2 get("/envelopes/{}");
    LIST_SIGNATURE_TEMPLATES "list signature templates" v1 NONE, v2 get("/signature-templates");
    CREATE_SIGNATURE_TEMPLATE "create signature template" v1 NONE, v2 post("/signature-templates");
    GET_SIGNATURE_TEMPLATE "get signature template" v1 NONE, v2 get("/signature-templates/{}");
    UPDATE_SIGNATURE_TEMPLATE "update signature template" v1 NONE, v2 put("/signature-templates/{}");
    DELETE_SIGNATURE_TEMPLATE "delete signature template" v1 NONE, v2 delete("/signature-templates/{}");
    CREATE_SIGNATURE "create signature" v1 NONE, v2 post("/signatures");

    LIST_WEBHOOKS "list webhooks" v1 NONE, v2 get("/webhooks");
    CREATE_WEBHOOK "create webhook" v1 NONE, v2 post("/webhooks");
    GET_WEBHOOK "get webhook" v1 NONE, v2 get("/webhooks/{}");
    UPDATE_WEBHOOK "update webhook" v1 NONE, v2 put("/webhooks/{}");
    DELETE_WEBHOOK "delete webhook" v1 NONE, v2 delete("/webhooks/{}");
    LIST_HOOKS "list hooks" v1 get("/{}/hook"), v2 NONE;
    CONFIGURE_HOOKS "configure hooks" v1 post("/{}/hook/configure"), v2 NONE;

    CREATE_BROADCAST "create broadcast" v1 post("/broadcast/create"), v2 NONE;
    GET_BROADCAST_LINK "get broadcast link" v1 get("/call/{}"), v2 NONE;
    LIST_BROADCASTS "list broadcasts" v1 get("/broadcast/list"), v2 NONE;
    GET_BROADCAST "get broadcast" v1 get("/broadcast/info/{}"), v2 NONE;
    GET_BROADCAST_RECORDING "get broadcast recording" v1 get("/broadcast/recording/{}"), v2 NONE;
    CHECK_LINK_TOKEN "check link token" v1 get("/token/check/{}"), v2 NONE;
    DELETE_LINK_TOKEN "delete link token" v1 delete("/token/delete/{}"), v2 NONE;
    LIST_ACTIVITIES "list activities" v1 get("/activity"), v2 NONE;
    FAST_CALL "fast call" v1 get_with_effect("/call/{}"), v2 NONE;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_has_a_name_of_its_own_and_a_route() {
        let names: BTreeSet<&str> = ALL.iter().map(|operation| operation.name).collect();
        assert_eq!(names.len(), ALL.len());
        assert!(ALL.iter().all(|operation| operation.v1.is_some() || operation.v2.is_some()));
    }

    #[test]
    fn what_does_something_each_time_is_not_repeated() {
        assert!(!Verb::Post.is_safe_to_repeat());
        assert!(!Verb::GetWithEffect.is_safe_to_repeat());
        assert!(Verb::Get.is_safe_to_repeat() && Verb::Put.is_safe_to_repeat() && Verb::Delete.is_safe_to_repeat());
    }
}
