//! A link that is taken back or replaced, before the call and in it.

use serde_json::{Value, json};

use crate::{files, running::Running, web_socket::Page};

const KEY: &str = "ak_live_0123456789abcdef01234567";

/// A room of three, made through the video service's own API.
struct Room {
    program: Running,
    id: String,
    participants: Value,
}

fn token(participant: &Value) -> String {
    participant["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

impl Room {
    async fn new(folder: &std::path::Path) -> Self {
        let program = Running::with(folder, &[("BANDYER_API_SECRET_KEY", KEY)]).await;
        let post = async |path: &str, body: Value| {
            let answer = program.send_with("POST", path, &[("apikey", KEY)], &body).await;
            assert!(answer.status < 300, "{path}: {}", answer.body);
            answer.json()
        };
        for (name, role) in [("anna", "plus"), ("bert", "basic"), ("carl", "basic")] {
            post("/v2/users", json!({"id": name, "role": role})).await;
        }
        let participants = ["anna", "bert", "carl"].map(|name| json!({"user_id": name}));
        let made = post("/v2/rooms", json!({ "participants": participants })).await;
        Self { id: made["id"].as_str().unwrap().to_owned(), participants: made["participants"].clone(), program }
    }

    fn token(&self, user: &str) -> String {
        let mut participants = self.participants.as_array().unwrap().iter();
        token(participants.find(|participant| participant["user_id"] == user).unwrap())
    }

    /// Everything answers whoever comes with this token that it is nobody's.
    async fn is_refused_everywhere(&self, token: &str) {
        let body = json!({"access_token": token, "stars": 3});
        for path in ["/call/enter", "/call/check", "/call/rating"] {
            let refused = self.program.post(path, &body).await;
            assert_eq!((refused.status, &refused.json()["code"]), (404, &json!("invalid_access_link")), "{path}");
        }
        let metadata = [("filename", "a.pdf"), ("kind", "file")];
        let refused = files::begin(&self.program, token, 9, &metadata).await;
        assert_eq!((refused.status, &refused.json()["code"]), (401, &json!("invalid_access_link")));
        let mut page = Page::silent(self.program.port()).await;
        page.send(&json!({"id": 1, "do": "hello", "access_token": token}).to_string()).await;
        assert_eq!(page.closed().await, 4404);
    }
}

/// Waits until somebody is told that this person is not here any more.
async fn gone(page: &mut Page, user: &str) {
    while page.event("people.gone").await["user_id"] != user {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_taken_back_ends_at_once_for_who_is_connected_and_for_who_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let room = Room::new(folder.path()).await;
    let (annas, berts, carls) = (room.token("anna"), room.token("bert"), room.token("carl"));
    let (mut anna, _) = Page::open(room.program.port(), &annas).await;
    let (bert, welcome) = Page::open(room.program.port(), &berts).await;
    assert_eq!((&welcome["you"], &welcome["stage"]), (&json!("bert"), &json!("admitted")));
    for token in [&berts, &carls] {
        let path = format!("/rest/token/delete/{token}");
        let deleted = room.program.send_with("DELETE", &path, &[("apikey", KEY)], &json!({})).await;
        assert_eq!(deleted.status, 200, "{}", deleted.body);
    }
    assert_eq!(bert.closed().await, 4404);
    gone(&mut anna, "bert").await;
    room.is_refused_everywhere(&berts).await;
    room.is_refused_everywhere(&carls).await;
    // Nobody else notices.
    anna.ok(json!({"do": "hand", "raised": true})).await;
    room.program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_no_participant_any_more_is_out_at_once_and_comes_back_by_a_new_link_only() {
    let folder = tempfile::tempdir().unwrap();
    let room = Room::new(folder.path()).await;
    let (annas, berts) = (room.token("anna"), room.token("bert"));
    let (mut anna, _) = Page::open(room.program.port(), &annas).await;
    let (bert, _) = Page::open(room.program.port(), &berts).await;
    let path = format!("/v2/rooms/{}/participants", room.id);
    let of_bert = format!("{path}/bert");
    let removed = room.program.send_with("DELETE", &of_bert, &[("apikey", KEY)], &json!({})).await;
    assert_eq!(removed.status, 200, "{}", removed.body);
    assert_eq!(bert.closed().await, 4404);
    gone(&mut anna, "bert").await;
    room.is_refused_everywhere(&berts).await;

    let again = room.program.send_with("POST", &path, &[("apikey", KEY)], &json!({"user_id": "bert"})).await;
    assert!(again.status < 300, "{}", again.body);
    let new = token(&again.json());
    assert_ne!(new, berts);
    let (_, welcome) = Page::open(room.program.port(), &new).await;
    assert_eq!(welcome["you"], "bert");
    room.is_refused_everywhere(&berts).await;
    room.program.stop().await;
}
