//! The call channel in the program as it runs.

use serde_json::{Value, json};

use crate::{booking, running::Running, web_socket::Page};

const WITH_WAITING_ROOM: [(&str, &str); 1] = [("WAITING_ROOM", "true")];

/// A visit with a doctor and a patient, and the tokens of their links.
pub struct Visit {
    pub path: String,
    pub doctor: String,
    pub patient: String,
}

pub async fn book(program: &Running) -> Visit {
    let room_id = program.post("/teleconsultation", &booking()).await.ok(201)["roomId"].as_str().unwrap().to_owned();
    let path = format!("/teleconsultation/{room_id}");
    let token = async |user: &str| {
        let seen = program.read(&path, user).await.ok(200);
        seen["accessLinkURL"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
    };
    let (doctor, patient) = (token(crate::NAMES[0]).await, token(crate::NAMES[1]).await);
    Visit { path, doctor, patient }
}

async fn enter(program: &Running, token: &str) -> Value {
    program.post("/call/enter", &json!({"access_token": token})).await.ok(200)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_patient_knocks_is_let_in_and_what_was_left_is_there_after_a_restart_and_gone_with_the_room() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::with(folder.path(), &WITH_WAITING_ROOM).await;
    let visit = book(&program).await;
    let (port, entered) = (program.port(), enter(&program, &visit.patient).await);
    assert_eq!((&entered["livekit"], &entered["admission"]), (&Value::Null, &json!("required")));
    assert_eq!(enter(&program, &visit.doctor).await["admission"], "given");

    let (mut patient, welcome) = Page::open(port, &visit.patient).await;
    assert_eq!((&welcome["stage"], &welcome["hosts_present"]), (&json!("lobby"), &json!(false)));
    let patient_id = welcome["you"].clone();
    let (mut doctor, welcome) = Page::open(port, &visit.doctor).await;
    assert_eq!(welcome["stage"], "admitted");
    let doctor_id = welcome["you"].clone();
    assert_eq!(patient.event("hosts").await["present"], true);
    assert_eq!(patient.refused(json!({"do": "chat.send", "text": "hello"})).await, "wrong_stage");
    patient.ok(json!({"do": "knock"})).await;
    assert_eq!(doctor.event("person").await["person"]["stage"], "waiting");
    patient.ok(json!({"do": "chat.send", "text": "is it long?"})).await;
    assert_eq!(doctor.event("chat.message").await["message"]["text"], "is it long?");
    assert_eq!(patient.refused(json!({"do": "board.open", "board": "board"})).await, "wrong_stage");
    assert_eq!(patient.refused(json!({"do": "admit", "user_id": patient_id})).await, "not_allowed");

    doctor.ok(json!({"do": "chat.send", "text": "for the call"})).await;
    doctor.ok(json!({"do": "admit", "user_id": patient_id})).await;
    let told = patient.told().await;
    let messages = |event: &Value| {
        let messages = event["chat"]["messages"].as_array().cloned().unwrap_or_default();
        messages.iter().map(|message| message["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let welcome = told.iter().rposition(|event| event["event"] == "welcome").unwrap();
    let before = serde_json::to_string(&told[..welcome]).unwrap();
    assert!(!before.contains("for the call") && !before.contains(doctor_id.as_str().unwrap()), "{before}");
    assert_eq!(messages(&told[welcome]), ["is it long?", "for the call"]);
    assert!(enter(&program, &visit.patient).await["livekit"]["token"].is_string());

    let element =
        json!({"id": "e1", "type": "text", "version": 3, "versionNonce": 1, "text": "here it hurts", "x": 1.25});
    let drawn = patient.ok(json!({"do": "board.draw", "board": "board", "elements": [element]})).await;
    assert_eq!(drawn["kept"], json!(["e1"]));
    assert_eq!(doctor.event("board.drawn").await["elements"], json!([element]));
    doctor.ok(json!({"do": "rate", "stars": 4, "comment": "well"})).await;
    let stopping = program.begin_stop();
    assert_eq!((patient.closed().await, doctor.closed().await), (1001, 1001));
    stopping.await;

    let program = Running::on(folder.path(), port, &WITH_WAITING_ROOM).await;
    assert_eq!(enter(&program, &visit.patient).await["admission"], "given", "nobody waits twice");
    let (mut patient, welcome) = Page::open(port, &visit.patient).await;
    assert_eq!(messages(&welcome), ["is it long?", "for the call"]);
    assert_eq!(welcome["boards"], json!(["board"]));
    assert_eq!(patient.ok(json!({"do": "board.open", "board": "board"})).await["elements"], json!([element]));
    let (mut doctor, _) = Page::open(port, &visit.doctor).await;
    doctor.ok(json!({"do": "remove", "user_id": patient_id})).await;
    let stage = patient.event("stage").await;
    assert_eq!((&stage["stage"], &stage["removed"]), (&json!("lobby"), &json!(true)));
    assert_eq!(enter(&program, &visit.patient).await["admission"], "required");

    assert_eq!(program.delete(&visit.path).await.status, 204);
    assert_eq!((patient.closed().await, doctor.closed().await), (4404, 4404));
    let mut late = Page::silent(port).await;
    late.send(&json!({"id": 1, "do": "hello", "access_token": visit.patient}).to_string()).await;
    assert_eq!(late.closed().await, 4404);
    let figures = program.get("/-/metrics").await.body;
    let count = r#"teleconsultation_channel_commands_total{command="remove",outcome="ok"} 1"#;
    assert!(figures.lines().any(|line| line == count), "{figures}");
    assert!(figures.contains(r#"teleconsultation_channel_closed_total{code="4404"} 3"#), "{figures}");
    let logged = crate::logs::since_the_start();
    program.stop().await;
    for personal in ["here it hurts", "is it long", visit.patient.as_str(), visit.doctor.as_str(), "127.0.0.1"] {
        assert!(!logged.contains(personal), "{personal} was logged");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_page_of_the_same_person_takes_the_place_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::start(folder.path()).await;
    let visit = book(&program).await;
    let (first, _) = Page::open(program.port(), &visit.patient).await;
    let (mut second, welcome) = Page::open(program.port(), &visit.patient).await;
    assert_eq!((first.closed().await, &welcome["stage"]), (4409, &json!("admitted")), "without a waiting room");
    second.ok(json!({"do": "hand", "raised": true})).await;
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_hello_and_no_json_is_closed_and_what_is_wrong_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::start(folder.path()).await;
    let visit = book(&program).await;
    for frame in ["no json", "[]", r#"{"id":1}"#, r#"{"id":1,"do":"knock"}"#, r#"{"do":"hello","access_token":"x"}"#] {
        let mut page = Page::silent(program.port()).await;
        page.send(frame).await;
        assert_eq!(page.closed().await, 4400, "{frame}");
    }
    let mut page = Page::silent(program.port()).await;
    page.send(r#"{"id":1,"do":"hello","access_token":"nobodys"}"#).await;
    assert_eq!(page.closed().await, 4404);
    let (mut page, _) = Page::open(program.port(), &visit.patient).await;
    assert_eq!(page.refused(json!({"do": "chat.send", "text": ""})).await, "invalid");
    page.send("no json").await;
    assert_eq!(page.closed().await, 4400);
    let answer = program.get("/call/channel").await;
    assert_eq!(answer.status, 400);
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_late_knows_by_name_who_wrote_and_left_and_who_waits_learns_of_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::with(folder.path(), &WITH_WAITING_ROOM).await;
    let visit = book(&program).await;
    let (mut doctor, welcome) = Page::open(program.port(), &visit.doctor).await;
    let doctor_id = welcome["you"].clone();
    doctor.ok(json!({"do": "chat.send", "text": "I am back in ten minutes"})).await;
    let (mut patient, welcome) = Page::open(program.port(), &visit.patient).await;
    let patient_id = welcome["you"].clone();
    assert_eq!(welcome["names"], json!([]));
    assert!(!welcome.to_string().contains(crate::NAMES[2]), "{welcome}");
    doctor.ok(json!({"do": "admit", "user_id": patient_id})).await;
    patient.event("stage").await;
    doctor.leave().await;
    // Nobody is told twice of who is gone, so this says that the room has seen it.
    patient.event("people.gone").await;

    let (_, welcome) = Page::open(program.port(), &visit.patient).await;
    let people = welcome["people"].as_array().unwrap();
    assert!(people.iter().all(|person| person["user_id"] != doctor_id), "{welcome}");
    assert_eq!(welcome["chat"]["messages"][0]["from"], doctor_id);
    let names = welcome["names"].as_array().unwrap();
    let name =
        |user: &Value| names.iter().find(|name| name["user_id"] == *user).map(|name| name["display_name"].clone());
    assert_eq!((name(&doctor_id), name(&patient_id)), (Some(json!(crate::NAMES[2])), Some(json!(crate::NAMES[3]))));
    assert_eq!(names.len(), 2);
    program.stop().await;
}
