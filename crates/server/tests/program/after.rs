//! What comes after a call: ratings, over HTTP and on disk.

use std::{collections::BTreeSet, path::Path, time::Duration};

use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;
use ports::{
    content::{Rating, RatingStore},
    rooms::{RoomStore, Session, SessionId, SessionSave},
};
use serde_json::{Value, json};
use store_sqlite::{Database, SqliteRooms};

use crate::{channel::book, running::Running, web_socket::Page};

const DESK_KEY: &str = "a-key-of-the-desk-0123456789";
const SESSION: &str = "session_aaaaaaaaaaaa";

/// The present moment, as the program under test knows it.
#[expect(clippy::disallowed_methods, reason = "the program as it runs has the machine's clock")]
pub fn real_now() -> Timestamp {
    Timestamp::now()
}

/// What the program keeps of rooms, while it does not run.
pub async fn kept<T>(folder: &Path, look: impl AsyncFnOnce(&SqliteRooms) -> T) -> T {
    let database = Database::open(&folder.join("teleconsultation.sqlite")).unwrap();
    let found = look(&SqliteRooms::new(database.clone())).await;
    database.close().await;
    found
}

/// Writes down that two have used up all the time of a room, as the program does when that happens.
async fn use_up(rooms: &SqliteRooms, room: &str, session: &str, at: Timestamp) {
    let (room, used) = (RoomRef::new(room), Duration::from_mins(30));
    let session = Session {
        id: SessionId(session.to_owned()),
        room: room.clone(),
        opened: at - used,
        ended: Some(at),
        used,
        running: None,
        counted_until: at,
        connected: BTreeSet::new(),
        people: BTreeSet::new(),
        connections: 0,
    };
    let (events, notices) = (Vec::new(), Vec::new());
    let save = SessionSave { session, room_used: used, time_up: Some(at), events, notices };
    assert_eq!(rooms.save_sessions(&[save]).await.unwrap(), [room]);
}

#[expect(clippy::needless_pass_by_value, reason = "values are written where they are passed")]
fn rating(token: &str, stars: Value, comment: Value) -> Value {
    json!({"access_token": token, "stars": stars, "comment": comment})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_there_rates_after_the_time_was_up_once_and_for_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::start(folder.path()).await;
    let (visit, old) = (book(&program).await, book(&program).await);
    let room = async |token: &str| {
        let entered = program.post("/call/enter", &json!({"access_token": token})).await.ok(200);
        entered["room"]["id"].as_str().unwrap().to_owned()
    };
    let (ended, ended_long_ago) = (room(&visit.patient).await, room(&old.patient).await);
    program.stop().await;
    let now = real_now();
    kept(folder.path(), async |rooms| {
        use_up(rooms, &ended, SESSION, now).await;
        let long_ago = now - video::RATING_WITHIN - Duration::from_secs(1);
        use_up(rooms, &ended_long_ago, "session_bbbbbbbbbbbb", long_ago).await;
    })
    .await;

    let program = Running::with(folder.path(), &[("DESK_KEY", DESK_KEY)]).await;
    let refused = program.post("/call/enter", &json!({"access_token": visit.patient})).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (410, Some("room_closed")));
    let mut page = Page::silent(program.port()).await;
    page.send(&json!({"id": 1, "do": "hello", "access_token": visit.patient}).to_string()).await;
    assert_eq!(page.closed().await, 4410);

    let rate = async |body: &Value| program.post("/call/rating", body).await;
    let words = "così così, \u{202e}grazie\u{202c} <b>";
    assert_eq!(rate(&rating(&visit.patient, json!(2), json!(words))).await.status, 204);
    assert_eq!(rate(&rating(&visit.patient, json!(5), json!("x".repeat(1000)))).await.status, 204);
    assert_eq!(rate(&rating(&visit.doctor, json!(3), Value::Null)).await.status, 204);
    for (stars, comment, wrong) in [
        (json!(0), json!(null), "body.stars must be 1 to 5"),
        (json!(6), json!(null), "body.stars must be 1 to 5"),
        (json!(-1), json!(null), "body.stars must be 1 to 5"),
        (json!(261), json!(null), "body.stars must be 1 to 5"),
        (json!(1e300), json!(null), "body.stars must be 1 to 5"),
        (json!(2.5), json!(null), "body.stars must be integer"),
        (json!(null), json!(null), "body.stars must be integer"),
        (json!([3]), json!(null), "body.stars must be integer"),
        (json!(3), json!("x".repeat(1001)), "body.comment must NOT have more than 1000 characters"),
        (json!(3), json!("a\0b"), "body.comment must NOT contain the character NUL"),
        (json!(3), json!({}), "body.comment must be string"),
    ] {
        let refused = rate(&rating(&visit.patient, stars.clone(), comment)).await;
        assert_eq!((refused.status, refused.json()["message"].as_str()), (400, Some(wrong)), "{stars}");
    }
    for (body, wrong) in [
        (json!({"access_token": visit.patient}), "body must have required property 'stars'"),
        (json!({"stars": 3}), "body must have required property 'access_token'"),
        (json!([]), "body must be object"),
    ] {
        let refused = rate(&body).await;
        assert_eq!((refused.status, refused.json()["message"].as_str()), (400, Some(wrong)));
    }
    for (token, status, code) in [("nobodys", 404, "invalid_access_link"), (old.patient.as_str(), 410, "room_closed")] {
        let refused = rate(&rating(token, json!(3), Value::Null)).await;
        assert_eq!((refused.status, refused.json()["code"].as_str()), (status, Some(code)), "{code}");
    }
    // Where the desk reads them, a comment is text as it was written.
    assert_eq!(rate(&rating(&visit.doctor, json!(3), json!(words))).await.status, 204);
    let key = format!("Bearer {DESK_KEY}");
    let desk = [("authorization", key.as_str())];
    let shown = program.send_with("GET", &format!("{}/ratings", visit.path), &desk, &Value::Null).await.ok(200);
    let said: BTreeSet<_> = shown["ratings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["stars"].as_u64(), one["comment"].as_str()))
        .collect();
    assert_eq!(said, BTreeSet::from([(Some(3), Some(words)), (Some(5), Some("x".repeat(1000).as_str()))]));
    let logged = crate::logs::since_the_start();
    program.stop().await;
    for personal in [words, visit.patient.as_str()] {
        assert!(!logged.contains(personal), "{personal} was logged");
    }

    let ratings = kept(folder.path(), async |rooms| {
        let of_ended = rooms.ratings(&RoomRef::new(&ended), 9).await.unwrap();
        assert!(rooms.ratings(&RoomRef::new(&ended_long_ago), 9).await.unwrap().is_empty());
        of_ended
    })
    .await;
    let said = |Rating { session, stars, comment, .. }: &Rating| {
        (session.as_ref().map(|it| it.0.clone()), *stars, comment.as_ref().map(String::len))
    };
    let session = Some(SESSION.to_owned());
    let mut said: Vec<_> = ratings.iter().map(said).collect();
    said.sort();
    assert_eq!(
        said,
        [(session.clone(), 3, Some(words.len())), (session, 5, Some(1000))],
        "one of each person, the last one"
    );
    let people: BTreeSet<ProviderUserId> = ratings.into_iter().map(|rating| rating.user).collect();
    assert_eq!(people.len(), 2);

    // With the room, what was said of it goes, and nothing more can be said.
    let program = Running::start(folder.path()).await;
    assert_eq!(program.delete(&visit.path).await.status, 204);
    assert_eq!(program.post("/call/rating", &rating(&visit.patient, json!(1), Value::Null)).await.status, 404);
    program.stop().await;
    let left = kept(folder.path(), async |rooms| rooms.ratings(&RoomRef::new(&ended), 9).await.unwrap().len()).await;
    assert_eq!(left, 0);
}
