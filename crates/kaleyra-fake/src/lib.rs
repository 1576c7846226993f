//! Kaleyra Video as tests need it: users and rooms as it keeps them (`kaleyra-video-api.md` §6.1, §6.2, §7.2, §7.3) behind both
//! generations of its API, in memory, and its faults.
//!
//! The real one is a service that needs an account.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a fake whose own answer makes no sense fails its test"
)]

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, Uri},
    response::Response,
};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// How a request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Answered with this status, and nothing is done.
    Before(u16),
    /// Carried out, and answered with this status.
    After(u16),
    /// Carried out, and the connection breaks in the middle of the answer.
    Cut,
    /// Carried out, and the answer makes no sense.
    Garbage,
}

#[derive(Default)]
struct Company {
    users: Vec<Value>,
    rooms: Vec<Value>,
    uploads: Vec<Value>,
    sessions: Vec<Value>,
    /// Where a session's transcription is, and what is there.
    transcriptions: BTreeMap<String, (String, Vec<u8>)>,
    transcribes: bool,
    backgrounds: Vec<Value>,
    default_background: Value,
    default_background_as_text: bool,
    rooms_made: u32,
    /// When rooms are made at this moment, if it says.
    date: Option<String>,
    faults: VecDeque<(&'static str, Fault)>,
    seen: Vec<String>,
    heads: Vec<HeaderMap>,
}

/// A running service. It ends with this value.
pub struct KaleyraFake {
    company: Arc<Mutex<Company>>,
    base: String,
    server: JoinHandle<()>,
}

impl KaleyraFake {
    /// Starts a service with an empty company, of the generation that `path` names, `v2` or `rest`, on a port of its own.
    pub async fn start(path: &str) -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}/{path}", listener.local_addr()?);
        let company = Arc::<Mutex<Company>>::default();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&company));
        let server = tokio::spawn(async move {
            // Ends when the fake is dropped, never by itself.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { company, base, server })
    }

    /// Its base URL: `http://127.0.0.1:…/v2`.
    pub fn base_url(&self) -> &str {
        &self.base
    }

    /// Lets the next request fail whose method and last path segments are these, such as `POST rooms`.
    pub fn fail(&self, request: &'static str, fault: Fault) {
        locked(&self.company).faults.push_back((request, fault));
    }

    /// The rooms that exist.
    pub fn rooms(&self) -> Vec<Value> {
        locked(&self.company).rooms.clone()
    }

    /// The users that exist.
    pub fn users(&self) -> Vec<Value> {
        locked(&self.company).users.clone()
    }

    /// Says from now on that rooms are made at this moment (ISO 8601).
    pub fn tell_date(&self, date: &str) {
        locked(&self.company).date = Some(date.to_owned());
    }

    /// Deletes everybody, as a person at the dashboard can.
    pub fn lose_users(&self) {
        locked(&self.company).users.clear();
    }

    /// Shares files in a room. `room` is `null` for one in no room of this API.
    pub fn share(&self, room: &Value, keys: &[&str]) {
        let upload = |key: &&str| json!({"key": key, "upload_type": "file_upload", "room_id": room});
        locked(&self.company).uploads.extend(keys.iter().map(upload));
    }

    /// Holds a session in a room.
    pub fn hold(&self, session: &str, room: &str) {
        locked(&self.company).sessions.push(json!({"session_id": session, "room_id": room}));
    }

    /// Transcribes a session, with a link to a file of this service.
    pub fn transcribe(&self, session: &str, file: &[u8]) {
        let link = format!("{}/files/{session}", self.base);
        self.transcribe_at(session, &link, file);
    }

    /// Transcribes a session, with this link.
    pub fn transcribe_at(&self, session: &str, link: &str, file: &[u8]) {
        let transcription = (link.to_owned(), file.to_vec());
        locked(&self.company).transcriptions.insert(session.to_owned(), transcription);
    }

    /// Tells the default background as one of the documented samples does.
    pub fn tell_default_background_as_text(&self) {
        locked(&self.company).default_background_as_text = true;
    }

    /// Gives the company the feature of transcriptions.
    pub fn let_transcribe(&self) {
        locked(&self.company).transcribes = true;
    }

    /// The keys of the files that exist.
    pub fn uploads(&self) -> Vec<String> {
        let key = |upload: &Value| upload["key"].as_str().unwrap().to_owned();
        locked(&self.company).uploads.iter().map(key).collect()
    }

    /// The requests since the last time this was asked, without ids.
    pub fn seen(&self) -> Vec<String> {
        std::mem::take(&mut locked(&self.company).seen)
    }

    /// The headers of each request since the last time this was asked.
    pub fn heads(&self) -> Vec<HeaderMap> {
        std::mem::take(&mut locked(&self.company).heads)
    }
}

impl Drop for KaleyraFake {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn locked(company: &Mutex<Company>) -> MutexGuard<'_, Company> {
    // A request that panics fails its test by itself.
    company.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(
    State(company): State<Arc<Mutex<Company>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut company = locked(&company);
    company.heads.push(headers);
    let segments: Vec<&str> = uri.path().split('/').skip(2).collect();
    // As documented, it takes JPEG only.
    let is_other_image = body.starts_with(b"--") && !body.windows(3).any(|bytes| bytes == b"\xff\xd8\xff");
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let v1 = uri.path().starts_with("/rest/");
    let (name, id) = if v1 { v1_operation(&method, &segments) } else { v2_operation(&method, &segments) };
    company.seen.push(name.to_owned());
    let fault = company.faults.front().filter(|(request, _)| *request == name).map(|(_, fault)| *fault);
    if fault.is_some() {
        company.faults.pop_front();
    }
    if let Some(Fault::Before(status)) = fault {
        return json_answer(status, &json!({"message": "told to fail"}));
    }
    let query = uri.query().unwrap_or_default();
    if let Some((_, file)) = company.transcriptions.get(id).filter(|_| name == "GET files") {
        return Response::builder().status(200).body(Body::from(file.clone())).unwrap();
    }
    if is_other_image {
        let (status, answered) = refusal(422, "invalid_file");
        return json_answer(status, &answered);
    }
    let (status, answered) = company.carry_out(name, id, &body, query);
    match fault {
        Some(Fault::After(status)) => json_answer(status, &json!({"message": "told to fail"})),
        Some(Fault::Garbage) => Response::builder().status(status).body(Body::from("<html>\u{0}</html>")).unwrap(),
        Some(Fault::Cut) => {
            // Promises more than it sends.
            let length = answered.to_string().len() + 10;
            Response::builder()
                .status(status)
                .header("content-length", length)
                .body(Body::from_stream(futures_util::stream::iter([
                    Ok(Bytes::from(answered.to_string())),
                    Err(std::io::Error::other("told to break")),
                ])))
                .unwrap()
        }
        Some(Fault::Before(_)) | None => json_answer(status, &if v1 { in_v1(name, answered) } else { answered }),
    }
}

fn v2_operation<'a>(method: &Method, segments: &[&'a str]) -> (&'static str, &'a str) {
    match (method.as_str(), segments) {
        ("GET", ["company"]) => ("GET company", ""),
        ("PUT", ["company"]) => ("PUT company", ""),
        ("POST", ["company", "virtual-background"]) => ("POST background", ""),
        ("GET", ["company", "virtual-backgrounds"]) => ("LIST backgrounds", ""),
        ("POST", ["users"]) => ("POST users", ""),
        ("GET", ["users", id]) => ("GET users", id),
        ("PUT", ["users", id]) => ("PUT users", id),
        ("POST", ["rooms"]) => ("POST rooms", ""),
        ("GET", ["rooms"]) => ("LIST rooms", ""),
        ("GET", ["rooms", id]) => ("GET rooms", id),
        ("DELETE", ["rooms", id]) => ("DELETE rooms", id),
        ("POST", ["sdk", "credentials"]) => ("POST credentials", ""),
        ("GET", ["sessions", id]) => ("GET sessions", id),
        ("GET", ["sessions", id, "transcription"]) => ("GET transcription", id),
        ("GET", ["files", id]) => ("GET files", id),
        ("GET", ["uploads"]) => ("LIST uploads", ""),
        ("DELETE", ["uploads", key]) => ("DELETE uploads", key),
        _ => ("unknown", ""),
    }
}

fn v1_operation<'a>(method: &Method, segments: &[&'a str]) -> (&'static str, &'a str) {
    match (method.as_str(), segments) {
        ("GET", ["company"]) => ("GET company", ""),
        ("POST", ["company", "update"]) => ("PUT company", ""),
        ("POST", ["company", "virtual-background"]) => ("POST background", ""),
        ("GET", ["company", "virtual-backgrounds"]) => ("LIST backgrounds", ""),
        ("POST", ["user", "create"]) => ("POST users", ""),
        ("GET", ["user", "list", id]) => ("GET users", id),
        ("PUT", ["user", "update", id]) => ("PUT users", id),
        ("POST", ["room", "create"]) => ("POST rooms", ""),
        ("GET", ["room", "list"]) => ("LIST rooms", ""),
        ("GET", ["room", "info", id]) => ("GET rooms", id),
        ("DELETE", ["room", "delete", id]) => ("DELETE rooms", id),
        ("POST", ["sdk", "credentials"]) => ("POST credentials", ""),
        ("GET", ["room", id, "upload", "list"]) => ("LIST uploads", id),
        ("DELETE", ["upload", "resource"]) => ("DELETE uploads", ""),
        _ => ("unknown", ""),
    }
}

impl Company {
    fn carry_out(&mut self, name: &str, id: &str, body: &Value, query: &str) -> (u16, Value) {
        match name {
            "GET company" => (200, self.told()),
            "PUT company" => {
                let known = self.backgrounds.iter().find(|background| background["alias"] == body["background_alias"]);
                let Some(known) = known.cloned() else { return refusal(422, "invalid_background_alias") };
                self.default_background = known;
                (200, self.told())
            }
            "POST background" => {
                if self.backgrounds.len() == 10 {
                    return refusal(400, "exceeded_background_limit");
                }
                let alias = format!("{:032x}", self.backgrounds.len() + 1);
                let url = format!("https://clinic.example/{alias}.jpg");
                let background = json!({"alias": alias, "url": url, "creation_date": "2020-12-23T15:14:16.000"});
                self.backgrounds.push(background.clone());
                (200, background)
            }
            "LIST backgrounds" => (200, json!({"virtual_backgrounds": self.backgrounds, "has_more": false})),
            "POST users" => {
                if self.users.iter().any(|user| user["id"] == body["id"]) {
                    return refusal(400, "user_id_already_exists");
                }
                let mut user = body.clone();
                user["active"] = json!(true);
                self.users.push(user.clone());
                (201, user)
            }
            "GET users" | "PUT users" => match self.users.iter_mut().find(|user| user["id"] == id) {
                Some(user) => {
                    for (field, value) in body.as_object().into_iter().flatten() {
                        user[field] = value.clone();
                    }
                    (200, user.clone())
                }
                None => refusal(400, "invalid_user_id"),
            },
            "POST rooms" => self.create_room(body),
            "LIST rooms" => {
                let number = |name| query.split('&').find_map(|pair| pair.strip_prefix(name)?.parse::<usize>().ok());
                let offset = number("offset=").or(number("skip=")).unwrap();
                let newest_first = self.rooms.iter().rev().skip(offset).map(|room| {
                    let mut room = room.clone();
                    room.as_object_mut().unwrap().remove("participants");
                    room
                });
                let limit = number("limit=").unwrap();
                let rooms: Vec<Value> = newest_first.take(limit).collect();
                let has_more = offset + rooms.len() < self.rooms.len();
                (200, json!({"rooms": rooms, "offset": offset, "count": rooms.len(), "has_more": has_more}))
            }
            "GET rooms" => match self.rooms.iter().find(|room| room["id"] == id) {
                Some(room) => (200, room.clone()),
                None => refusal(404, "room_not_found"),
            },
            "DELETE rooms" => {
                let before = self.rooms.len();
                self.rooms.retain(|room| room["id"] != id);
                if self.rooms.len() < before { (200, json!({"id": id})) } else { refusal(404, "room_not_found") }
            }
            "GET sessions" => match self.sessions.iter().find(|session| session["session_id"] == id) {
                Some(session) => (200, session.clone()),
                None => refusal(404, "session_not_found"),
            },
            "GET transcription" => match self.transcriptions.get(id) {
                Some((link, _)) => (200, json!({"url": link})),
                None => refusal(400, "transcription_not_available"),
            },
            "POST credentials" => {
                if !(360..=86_400).contains(&body["expires_in"].as_u64().unwrap()) {
                    return refusal(422, "invalid_expires_in");
                }
                if !self.users.iter().any(|user| user["id"] == body["user_id"]) {
                    return refusal(400, "invalid_user_id");
                }
                let token = format!("jwt-{}-{}", body["user_id"].as_str().unwrap(), body["expires_in"]);
                (
                    201,
                    json!({"access_token": token, "expires_at": "2022-01-10T11:41:19.000Z", "user_id": body["user_id"]}),
                )
            }
            "LIST uploads" => {
                // Like an early revision of v2, which may not know the filter: v2 lists everybody's.
                let v1_room = (!id.is_empty()).then_some(id);
                let shown = |upload: &&Value| v1_room.is_none_or(|room| upload["room_id"] == room);
                let uploads: Vec<_> = self.uploads.iter().filter(shown).cloned().collect();
                (200, json!({"uploads": uploads, "count": uploads.len(), "has_more": false}))
            }
            "DELETE uploads" => {
                let key = body["upload_key"].as_str().map_or_else(|| id.replace("%2F", "/"), str::to_owned);
                let before = self.uploads.len();
                self.uploads.retain(|upload| upload["key"] != key.as_str());
                if self.uploads.len() < before {
                    (200, json!({"upload_key": key}))
                } else {
                    refusal(404, "upload_not_found")
                }
            }
            _ => refusal(404, "no_such_operation"),
        }
    }

    fn told(&self) -> Value {
        let alias = self.default_background.get("alias").filter(|_| self.default_background_as_text);
        let default = alias.unwrap_or(&self.default_background);
        json!({"name": "Clinic", "end_call_redirect_timeout_ms": 5000, "default_background": default})
    }

    fn create_room(&mut self, body: &Value) -> (u16, Value) {
        if body["offline_transcription"] == true && !self.transcribes {
            return refusal(400, "transcription_not_enabled");
        }
        let participants = body["participants"].as_array().unwrap();
        if !(2..=25).contains(&participants.len()) {
            return refusal(422, "invalid_participants_length");
        }
        let users: Vec<_> = participants
            .iter()
            .filter_map(|participant| self.users.iter().find(|user| user["id"] == participant["user_id"]))
            .collect();
        if users.len() < participants.len() {
            return refusal(400, "invalid_user_id");
        }
        if users.iter().all(|user| user["role"] != "plus") {
            return refusal(400, "no_plus_user");
        }
        self.rooms_made += 1;
        let id = format!("room_{:012x}", self.rooms_made);
        let mut room = body.clone();
        room["id"] = json!(id);
        room["status"] = json!("NOT_RUNNING");
        if let Some(date) = &self.date {
            room["creation_date"] = json!(date);
        }
        for (number, participant) in room["participants"].as_array_mut().unwrap().iter_mut().enumerate() {
            let token = format!("{:013x}{number:013x}", self.rooms_made);
            participant["url"] = json!(format!("https://clinic.example/eu/direct-rest-call-handler/{token}"));
        }
        self.rooms.push(room.clone());
        (201, room)
    }
}

/// An answer in v1's words (§5, §7).
fn in_v1(name: &str, answer: Value) -> Value {
    let room = |mut room: Value| {
        if let Some(fields) = room.as_object_mut() {
            for (v2, v1) in [
                ("id", "room_id"),
                ("participants", "user_urls"),
                ("recording", "record"),
                ("creation_date", "creationDate"),
            ] {
                if let Some(value) = fields.remove(v2) {
                    fields.insert(v1.to_owned(), value);
                }
            }
            for person in fields.get_mut("user_urls").and_then(Value::as_array_mut).into_iter().flatten() {
                person["user"] = person["user_id"].take();
            }
        }
        room
    };
    match name {
        "POST rooms" | "GET rooms" if answer.get("id").is_some() => json!({"room": room(answer)}),
        "LIST rooms" => {
            let mut answer = answer;
            for item in answer["rooms"].as_array_mut().unwrap() {
                *item = room(item.take());
            }
            answer
        }
        "POST users" | "GET users" | "PUT users" if answer.get("id").is_some() => json!({"user": answer}),
        "GET company" | "PUT company" if answer.get("code").is_none() => json!({"company": answer}),
        "POST background" if answer.get("alias").is_some() => json!({"virtual_background": answer}),
        "LIST backgrounds" => json!({"virtual_backgrounds": {"backgrounds": answer["virtual_backgrounds"]}}),
        _ => answer,
    }
}

fn refusal(status: u16, code: &str) -> (u16, Value) {
    (status, json!({"status": status, "name": "invalid_request_error", "code": code, "message": "refused"}))
}

fn json_answer(status: u16, answer: &Value) -> Response {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Body::from(answer.to_string()))
        .unwrap()
}
