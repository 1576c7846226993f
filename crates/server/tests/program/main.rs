//! The real program: SQLite, video service and media engine, over real sockets on free ports. Everything that it logs is kept, and
//! nothing personal may be in it.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod after;
mod channel;
mod channel_in_call;
mod client;
mod files;
mod full_disk;
mod logs;
mod platform;
mod postgres;
mod revoked;
mod running;
mod s3;
#[path = "../../../store-files/tests/s3_server/mod.rs"]
mod s3_server;
mod swapped;
mod video_api;
mod web_socket;

use running::Running;
use serde_json::{Value, json};

/// Made up, and found in no log.
const NAMES: [&str; 6] =
    ["dottoressa.marino@example.org", "CNTLCU80A01H501U", "Ada Marino", "Luca Conti", "Mina Okafor", "MNKFRA"];

fn booking() -> Value {
    json!({
        "start_date": "2026-01-01T10:00:00Z",
        "duration_in_seconds": 1800,
        "participants": {"number": 2, "data": [
            {"userId": NAMES[0], "groups": ["doctor"], "fullName": NAMES[2], "language": "it"},
            {"userId": NAMES[1], "groups": ["patient"], "fullName": NAMES[3]},
        ]},
    })
}

fn later_booking() -> Value {
    let mut booking = booking();
    booking["start_date"] = json!("2999-01-01T10:00:00Z");
    booking
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_booking_to_the_door_of_the_call_and_nothing_personal_is_logged() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::start(folder.path()).await;

    let room_id = program.post("/teleconsultation", &booking()).await.ok(201)["roomId"].as_str().unwrap().to_owned();
    let path = format!("/teleconsultation/{room_id}");
    let seen = program.read(&path, NAMES[1]).await.ok(200);
    let link = seen["accessLinkURL"].as_str().unwrap().to_owned();
    assert!(link.starts_with(&program.url("/eu/direct-rest-call-handler/")), "{link}");
    let token = link.rsplit('/').next().unwrap().to_owned();

    let pages = [
        format!("/eu/direct-rest-call-handler/{token}"),
        format!("/connect/direct-rest-call-handler/{token}"),
        format!("/connect/rest-call-handler/{token}"),
        format!("/telecons-fe/teleconsultation/{room_id}"),
    ];
    for address in pages.iter().flat_map(|address| [address.clone(), format!("{address}/")]) {
        let page = program.get(&address).await;
        assert!(page.status == 200 && page.body.starts_with("<!doctype html>"), "{address}");
    }

    let entered = program.post("/call/enter", &json!({"access_token": token})).await.ok(200);
    assert_eq!(entered["participant"]["display_name"], NAMES[3]);
    assert_eq!(entered["livekit"]["url"], program.url("").replace("http", "ws"));
    let media_token = entered["livekit"]["token"].as_str().unwrap().to_owned();
    let signalling = program.get(&format!("/rtc/validate?access_token={media_token}")).await;
    assert_eq!((signalling.status, signalling.body.as_str()), (200, "success"));

    assert_eq!(program.delete(&path).await.status, 204);
    let refused = program.post("/call/enter", &json!({"access_token": token})).await;
    assert_eq!((refused.status, &refused.json()["code"]), (404, &json!("invalid_access_link")));
    assert_eq!(program.get(&format!("/no/{token}?name={}", NAMES[5])).await.status, 404);
    assert_eq!(program.post("/teleconsultation", &json!({"participants": NAMES[4]})).await.status, 400);

    let logged = logs::since_the_start();
    program.stop().await;
    assert!(logged.contains("request completed") && logged.contains(&room_id), "{logged}");
    for personal in NAMES.iter().copied().chain([token.as_str(), media_token.as_str(), link.as_str(), "127.0.0.1"]) {
        assert!(!logged.contains(personal), "{personal} was logged: {logged}");
    }
    for text in logged.lines() {
        let entry: Value = serde_json::from_str(text).unwrap();
        assert!(entry["level"].is_u64() && entry["time"].is_u64() && entry["msg"].is_string(), "{entry}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_part_shows_its_figures_under_names_of_one_form_and_without_anybodys_data() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::start(folder.path()).await;
    let room_id = program.post("/teleconsultation", &booking()).await.ok(201)["roomId"].as_str().unwrap().to_owned();
    program.read(&format!("/teleconsultation/{room_id}"), NAMES[1]).await.ok(200);
    let text = program.get("/-/metrics").await.body;
    program.stop().await;
    for line in [
        "teleconsultation_provider_calls_total{operation=\"ensure_room_after\",outcome=\"ok\"} 1",
        "teleconsultation_provider_calls_total{operation=\"delete_room\",outcome=\"unavailable\"} 0",
        "teleconsultation_store_calls_total{operation=\"insert_after\",outcome=\"ok\"} 1",
        "teleconsultation_cleanups_waiting 0",
        "teleconsultation_cleanups_postponed_total 0",
        "teleconsultation_provider_spared 0",
        "teleconsultation_sessions_running 0",
        "teleconsultation_media_participants 0",
        "# TYPE teleconsultation_media_joins_total counter",
    ] {
        assert!(text.lines().any(|it| it == line), "{line}\n{text}");
    }
    // The one that asks; others that are closed may still be counted for a moment.
    let connections = text.lines().find_map(|line| line.strip_prefix("teleconsultation_http_connections "));
    assert!(connections.is_some_and(|count| count != "0"), "{text}");
    for personal in NAMES.iter().copied().chain([room_id.as_str()]) {
        assert!(!text.contains(personal), "{personal}\n{text}");
    }
    let families = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    for (name, kind) in families {
        assert!(["teleconsultation_", "http_request_", "process_"].iter().any(|part| name.starts_with(part)), "{name}");
        assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_that_are_not_to_be_exposed_are_an_unknown_route() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::with(folder.path(), &[("EXPOSE_METRICS", "false")]).await;
    let answer = program.get("/-/metrics").await;
    assert_eq!((answer.status, &answer.json()["message"]), (404, &json!("Route GET:/-/metrics not found")));
    assert_eq!(program.get("/-/ready").await.status, 200);
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_completes_the_list_within_the_window_opens_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::with(folder.path(), &[("IMMUTABLE_PERIOD_MS", "31536000000")]).await;
    let mut pending = booking();
    pending["participants"]["number"] = json!(3);
    let room_id = program.post("/teleconsultation", &pending).await.ok(201)["roomId"].as_str().unwrap().to_owned();
    let path = format!("/teleconsultation/{room_id}");
    let third = json!({"userId": "third", "group": "patient", "fullName": NAMES[4]});
    assert_eq!(program.read(&path, NAMES[0]).await.ok(200)["accessLinkURL"], Value::Null);
    assert_eq!(program.post(&format!("{path}/participants/data"), &third).await.status, 201);
    let link = program.read(&path, "third").await.ok(200)["accessLinkURL"].as_str().unwrap().to_owned();
    let token = link.rsplit('/').next().unwrap();
    program.post("/call/enter", &json!({"access_token": token})).await.ok(200);
    assert_eq!(program.patch(&path, &json!({"duration_in_seconds": 600})).await.status, 400);
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_a_link_checks_the_way_to_the_engine_in_a_room_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::start(folder.path()).await;
    let room_id = program.post("/teleconsultation", &booking()).await.ok(201)["roomId"].as_str().unwrap().to_owned();
    let link = program.read(&format!("/teleconsultation/{room_id}"), NAMES[0]).await.ok(200);
    let token = link["accessLinkURL"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();

    let check = program.post("/call/check", &json!({"access_token": token})).await.ok(200);
    assert_eq!(check["livekit"]["url"], program.url("").replace("http", "ws"));
    let media_token = check["livekit"]["token"].as_str().unwrap();
    let signalling = program.get(&format!("/rtc/validate?access_token={media_token}")).await;
    assert_eq!((signalling.status, signalling.body.as_str()), (200, "success"));

    let bytes_url = check["bytes_url"].as_str().unwrap();
    let fetched = async || reqwest::get(program.url(bytes_url)).await.unwrap();
    for _ in 0..2 {
        assert_eq!(fetched().await.bytes().await.unwrap().len(), 1 << 20);
    }
    assert_eq!(fetched().await.status(), 404, "a check has two downloads");
    assert_eq!(program.get("/call/check/bytes/0").await.status, 404);

    let refused = program.post("/call/check", &json!({"access_token": "nobodys"})).await;
    assert_eq!((refused.status, &refused.json()["code"]), (404, &json!("invalid_access_link")));
    let wrong = program.post("/call/check", &json!({"access_token": []})).await;
    assert!(wrong.status == 400 && wrong.body.contains("access_token"), "{}", wrong.body);

    let mut statuses = Vec::new();
    while statuses.last() != Some(&429) && statuses.len() < 40 {
        statuses.push(program.post("/call/check", &json!({"access_token": token})).await.status);
    }
    assert!(statuses.starts_with(&[200; 20]) && statuses.ends_with(&[429]), "{statuses:?}");
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_is_there_after_a_restart_and_links_stay_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::start(folder.path()).await;
    let now = program.post("/teleconsultation", &booking()).await.ok(201)["roomId"].as_str().unwrap().to_owned();
    let later =
        program.post("/teleconsultation", &later_booking()).await.ok(201)["roomId"].as_str().unwrap().to_owned();
    let before = program.read(&format!("/teleconsultation/{now}"), NAMES[0]).await.ok(200);
    let port = program.port();
    program.stop().await;

    let program = Running::on(folder.path(), port, &[]).await;
    let after = program.read(&format!("/teleconsultation/{now}"), NAMES[0]).await.ok(200);
    assert_eq!(before["accessLinkURL"], after["accessLinkURL"]);
    let token = after["accessLinkURL"].as_str().unwrap().rsplit('/').next().unwrap();
    program.post("/call/enter", &json!({"access_token": token})).await.ok(200);
    let path = format!("/teleconsultation/{later}");
    assert_eq!(program.patch(&path, &json!({"start_date": "2998-01-01T10:00:00Z"})).await.status, 204);
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_program_on_the_same_data_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::start(folder.path()).await;
    assert_eq!(program.get("/-/ready").await.status, 200);
    let refused = running::try_start(folder.path(), &[]).await.unwrap_err();
    assert!(refused.to_string().contains("DATA_DIR"), "{refused}");
    assert_eq!(program.get("/-/ready").await.status, 200);
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_program_on_the_same_database_does_not_start_from_another_data_folder() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let program = Running::start(folder.path()).await;
    assert_eq!(program.get("/-/ready").await.status, 200);
    let url = format!("sqlite:{}", folder.path().join("teleconsultation.sqlite").display());
    let refused = running::try_start(other.path(), &[("DATABASE_URL", &url)]).await.unwrap_err();
    assert!(refused.to_string().contains("DATABASE_URL"), "{refused}");
    assert_eq!(program.get("/-/ready").await.status, 200);
    program.stop().await;
    running::try_start(other.path(), &[("DATABASE_URL", &url)]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_under_way_is_finished_when_the_program_is_told_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::start(folder.path()).await;
    let mut request = program.begin_post("/teleconsultation", &booking()).await;
    request.send_head().await;
    let stopping = program.begin_stop();
    request.send_rest().await;
    assert_eq!(request.answer().await.status, 201);
    stopping.await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_added_at_the_same_moment_are_all_there() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::start(folder.path()).await;
    let people: Vec<_> =
        (0..8).map(|n| json!({"userId": format!("p{n}"), "group": "patient", "fullName": format!("P {n}")})).collect();
    let mut pending = later_booking();
    pending["participants"]["number"] = json!(10);
    let room_id = program.post("/teleconsultation", &pending).await.ok(201)["roomId"].as_str().unwrap().to_owned();
    let path = format!("/teleconsultation/{room_id}");
    let adding = people.iter().map(|person| {
        let (program, path) = (&program, format!("{path}/participants/data"));
        async move { program.post(&path, person).await.status }
    });
    let statuses = futures_util::future::join_all(adding).await;
    assert_eq!(statuses, [201; 8]);
    let seen = program.read(&path, NAMES[0]).await.ok(200);
    assert_eq!(seen["participantsBandyerCall"].as_array().unwrap().len(), 9);
    assert!(seen["details"].is_object(), "the last one brought the room: {seen}");
    program.stop().await;
}
