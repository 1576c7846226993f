//! The program in the place of the service that it replaces, in a project of the platform (contract §8, §12).

use serde_json::{Value, json};

use crate::{
    platform::{Platform, published},
    running::Running,
};

const DOCTOR: &str = "64a0000000000000000000d1";
const PATIENT: &str = "64a0000000000000000000a1";
const OTHER_PATIENT: &str = "64a0000000000000000000a2";
const VISITOR: &str = "64a0000000000000000000f1";

/// As the Appointment Manager sends it: all ids of all categories, in which the doctor is twice.
fn appointment(patient: &str, start: &str, end: &str) -> Value {
    json!({"participants": [DOCTOR, patient, DOCTOR], "start_date": start, "end_date": end})
}

fn teleconsultations(platform: &Platform) -> Vec<Value> {
    let documents = platform.crud.documents("/bk-ts-teleconsultations");
    documents.into_iter().filter(|document| document["__STATE__"] == "PUBLIC").collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_published_environment_and_file_start_the_program_which_keeps_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    let program = Running::in_environment(&data_dir, published()).await;
    let health = program.get("/-/healthz").await.ok(200);
    assert_eq!((&health["status"], &health["name"]), (&json!("OK"), &json!("teleconsultation-service-backend")));
    program.stop().await;
    assert!(!data_dir.exists(), "a read-only file system is enough");
}

/// The platform's catalogue entry (`mia-platform.md` §8): what it sets starts the program, and what it names is served.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_catalogue_entry_starts_the_program_and_names_what_it_serves() {
    let entry = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/mia-platform/teleconsultation.json");
    let entry: Value = serde_json::from_str(&std::fs::read_to_string(entry).unwrap()).unwrap();
    let service = &entry["resources"]["services"]["teleconsultation"];
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start().await;

    // The file lies where its setting says.
    let map = &service["defaultConfigMaps"][0];
    let file = &map["files"][0];
    let mounted = format!("{}/{}", map["mountPath"].as_str().unwrap(), file["name"].as_str().unwrap());
    let config = folder.path().join("config.json");
    std::fs::write(&config, file["content"].as_str().unwrap()).unwrap();

    // Whoever installs it replaces each placeholder and puts in the addresses of their services.
    let theirs = platform.environment();
    let mut placeholders = Vec::new();
    let mut environment = Vec::new();
    for variable in service["defaultEnvironmentVariables"].as_array().unwrap() {
        let (name, value) = (variable["name"].as_str().unwrap(), variable["value"].as_str().unwrap());
        let filled_in = theirs.iter().find(|(other, _)| other == name);
        let value = match (name, filled_in) {
            ("TELECONSULTATION_SERVICE_CONFIG_PATH", _) => {
                assert_eq!(value, mounted);
                config.to_str().unwrap()
            }
            (_, Some((_, filled_in))) if value.contains("{{") || name.contains("CRUD") => filled_in,
            _ => value,
        };
        if value.contains("{{") {
            placeholders.push(name.to_owned());
        }
        environment.push((name.to_owned(), value.to_owned()));
    }
    assert_eq!(placeholders, Vec::<String>::new(), "a placeholder that nothing replaces");
    let port = service["containerPorts"][0]["to"].to_string();
    assert!(environment.contains(&("HTTP_PORT".to_owned(), port)));

    let program = Running::in_environment(&folder.path().join("data"), environment).await;
    let probes = &service["defaultProbes"];
    let paths = [
        &probes["liveness"]["path"],
        &probes["readiness"]["path"],
        &service["defaultDocumentationPath"],
        &service["defaultMonitoring"]["endpoints"][0]["path"],
    ];
    for path in paths {
        assert_eq!(program.get(path.as_str().unwrap()).await.status, 200, "{path}");
    }
    let booking = appointment(PATIENT, "2999-01-01T10:00:00.000Z", "2999-01-01T10:30:00.000Z");
    program.post("/teleconsultation", &booking).await.ok(201);
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_appointment_managers_calls_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start().await;
    let program = Running::in_environment(&folder.path().join("data"), platform.environment()).await;
    program.get("/-/ready").await.ok(200);
    program.get("/-/check-up").await.ok(200);

    // An appointment becomes remote.
    let booking = appointment(PATIENT, "2999-01-01T10:00:00.000Z", "2999-01-01T10:30:00.000Z");
    let room_id = program.post("/teleconsultation", &booking).await.ok(201)["roomId"].as_str().unwrap().to_owned();
    let path = format!("/teleconsultation/{room_id}");
    assert_eq!(platform.kaleyra.rooms().len(), 1);
    assert_eq!(platform.kaleyra.users().len(), 2);
    let stored = &teleconsultations(&platform)[0];
    assert_eq!(stored["_id"], json!(room_id));
    assert_eq!(stored["participantsNumber"], 2);
    assert_eq!(stored["participants"][0]["receivedUserId"], "auth0|doctor-1");
    assert_eq!(stored["bandyerRoomId"], platform.kaleyra.rooms()[0]["id"]);

    // Its people see it as the identity provider names them; the link comes later, and nobody else sees it.
    let seen = program.read(&path, "auth0|patient-1").await.ok(200);
    assert_eq!(seen["accessLinkURL"], Value::Null);
    assert_eq!(seen["participantsBandyerCall"][0]["fullName"], "Ada Marino");
    assert_eq!(program.read(&path, PATIENT).await.status, 401);

    // Its dates change: the room stays, because rooms are without end here.
    let room = platform.kaleyra.rooms()[0]["id"].clone();
    let dates = json!({"start_date": "2999-01-01T11:00:00.000Z", "end_date": "2999-01-01T11:30:00.000Z"});
    assert_eq!(program.patch(&path, &dates).await.status, 204);
    assert_eq!(platform.kaleyra.rooms()[0]["id"], room);

    // Its people change: another room.
    let people = json!({"participants": [DOCTOR, OTHER_PATIENT, DOCTOR]});
    assert_eq!(program.patch(&path, &people).await.status, 204);
    assert_eq!(platform.kaleyra.rooms().len(), 1);
    assert_ne!(platform.kaleyra.rooms()[0]["id"], room);
    assert_eq!(program.read(&path, "auth0|patient-1").await.status, 401);

    // It begins earlier than now: the link, to Kaleyra's page, which is told who enters.
    let dates = json!({"start_date": "2026-01-01T10:00:00.000Z", "end_date": "2026-01-01T10:30:00.000Z"});
    assert_eq!(program.patch(&path, &dates).await.status, 204);
    let link = program.read(&path, "auth0|patient-2").await.ok(200)["accessLinkURL"].as_str().unwrap().to_owned();
    assert!(link.starts_with("https://clinic.example/eu/direct-rest-call-handler/"), "{link}");
    assert!(link.ends_with("?display_name=Mina%20Okafor"), "{link}");
    assert_eq!(program.patch(&path, &people).await.status, 400, "people rely on their links");

    // It is deleted, and again when it leaves the trash.
    assert_eq!(program.delete(&path).await.status, 204);
    assert_eq!(program.delete(&path).await.status, 204);
    assert_eq!(program.read(&path, "auth0|patient-2").await.status, 404);
    assert_eq!(platform.kaleyra.rooms(), [] as [Value; 0]);
    assert_eq!(teleconsultations(&platform), [] as [Value; 0]);
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_whom_the_directories_do_not_know_or_no_role_has_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start().await;
    let program = Running::in_environment(&folder.path().join("data"), platform.environment()).await;
    for (person, text) in [
        ("64a0000000000000000000ee", "user 64a0000000000000000000ee is not known to the identity provider"),
        (VISITOR, "user auth0|visitor-1 does not belong to any configured group"),
    ] {
        let booking = appointment(person, "2999-01-01T10:00:00Z", "2999-01-01T10:30:00Z");
        let refused = program.post("/teleconsultation", &booking).await.ok(400);
        assert_eq!(refused["message"], format!("Failed POST /teleconsultation: {text}"));
    }
    let twice =
        json!({"participants": [DOCTOR, DOCTOR], "start_date": "2999-01-01T10:00:00Z", "duration_in_seconds": 600});
    assert_eq!(program.post("/teleconsultation", &twice).await.status, 400, "one person is too few");
    assert_eq!((platform.kaleyra.rooms().len(), teleconsultations(&platform).len()), (0, 0));
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_of_the_platform_are_told_who_calls_and_kaleyra_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start().await;
    let program = Running::in_environment(&folder.path().join("data"), platform.environment()).await;
    let booking = appointment(PATIENT, "2999-01-01T10:00:00Z", "2999-01-01T10:30:00Z");
    platform.crud.seen();
    let headers = [("miauserid", "auth0|clerk"), ("cookie", "sid=s1"), ("x-request-id", "r1"), ("authorization", "b")];
    program.post_with("/teleconsultation", &headers, &booking).await.ok(201);

    let asked = platform.asked_about_people();
    assert_eq!(asked.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["/users/", "/auth/users"]);
    for (_, asked) in &asked {
        for (name, value) in [("miauserid", "auth0|clerk"), ("cookie", "sid=s1"), ("x-request-id", "r1")] {
            assert_eq!(asked[name], value, "{name}");
        }
        assert!(!asked.contains_key("authorization"), "it is not listed");
    }
    assert_eq!(asked[1].1["client-type"], "backoffice");
    let written = platform.crud.seen();
    let written = written.iter().find(|seen| seen.line.starts_with("POST /bk-ts-teleconsultations")).unwrap();
    assert!(written.headers.contains(&("miauserid".to_owned(), "auth0|clerk".to_owned())), "{written:?}");
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_that_we_gave_a_request_travels_on() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start().await;
    let program = Running::in_environment(&folder.path().join("data"), platform.environment()).await;
    let booking = appointment(PATIENT, "2999-01-01T10:00:00Z", "2999-01-01T10:30:00Z");
    program.post("/teleconsultation", &booking).await.ok(201);
    let asked = platform.asked_about_people();
    let [(_, projects), (_, identities)] = &asked[..] else { panic!("two services: {asked:?}") };
    let id = projects["x-request-id"].to_str().unwrap();
    assert_eq!((id.len(), identities["x-request-id"].to_str().unwrap()), (36, id));
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_and_names_that_the_caller_states_are_not_what_counts() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start().await;
    let program = Running::in_environment(&folder.path().join("data"), platform.environment()).await;
    let stated = |id: &str, group: &str| json!({"userId": id, "groups": [group], "fullName": "Somebody Else"});
    // The doctor as a patient, the patient as nobody that there is.
    let people = json!({"number": 2, "data": [stated(DOCTOR, "patient"), stated(PATIENT, "no such group")]});
    let booking =
        json!({"participants": people, "start_date": "2999-01-01T10:00:00Z", "end_date": "2999-01-01T10:30:00Z"});
    let room_id = program.post("/teleconsultation", &booking).await.ok(201)["roomId"].as_str().unwrap().to_owned();
    let seen = program.read(&format!("/teleconsultation/{room_id}"), "auth0|patient-1").await.ok(200);
    assert_eq!(seen["participantsBandyerCall"][0]["fullName"], "Ada Marino");
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_whom_the_replaced_service_stored_without_groups_keep_their_roles() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::start().await;
    // It looked groups up each time; one of these two has left since.
    platform.crud.plant(
        "/bk-ts-teleconsultations",
        json!({
            "_id": "65f0c0ffee0123456789abcd", "__STATE__": "PUBLIC", "creatorId": "public", "updaterId": "public",
            "createdAt": "2026-01-01T09:00:00.000Z", "updatedAt": "2026-01-01T09:00:00.000Z",
            "bandyerRoomId": "", "participantsNumber": 3,
            "startDate": "2999-01-01T10:00:00.000Z", "endDate": "2999-01-01T10:30:00.000Z",
            "participants": [
                {"userBandyerId": "usr_doctor", "receivedUserId": "auth0|doctor-1", "accessLinkURL": ""},
                {"userBandyerId": "usr_gone", "receivedUserId": "auth0|gone", "accessLinkURL": ""},
            ],
        }),
    );
    let program = Running::in_environment(&folder.path().join("data"), platform.environment()).await;
    let path = "/teleconsultation/65f0c0ffee0123456789abcd";
    let added = program.post(&format!("{path}/participants/data"), &json!({"userId": PATIENT})).await;
    assert_eq!(added.status, 201, "{}", added.body);
    assert_eq!(platform.kaleyra.rooms().len(), 1, "with a plus user");
    let stored = &teleconsultations(&platform)[0]["participants"];
    let people = [0, 1, 2].map(|index| (&stored[index]["role"], &stored[index]["groups"]));
    assert_eq!(people[0], (&json!("plus"), &json!(["doctor"])));
    assert_eq!(people[1], (&json!("basic"), &Value::Null));
    assert_eq!(people[2], (&json!("basic"), &json!(["patient"])));
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collection_may_name_its_documents_by_uuids() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::with_uuids().await;
    let program = Running::in_environment(&folder.path().join("data"), platform.environment()).await;
    let booking = appointment(PATIENT, "2999-01-01T10:00:00Z", "2999-01-01T10:30:00Z");
    let room_id = program.post("/teleconsultation", &booking).await.ok(201)["roomId"].as_str().unwrap().to_owned();
    assert_eq!(room_id, teleconsultations(&platform)[0]["_id"].as_str().unwrap());
    let groups: Vec<_> = room_id.split('-').map(str::len).collect();
    assert_eq!(groups, [8, 4, 4, 4, 12], "{room_id}");

    let path = format!("/teleconsultation/{room_id}");
    program.read(&path, "auth0|patient-1").await.ok(200);
    let page = program.get(&format!("/telecons-fe{path}")).await;
    assert_eq!(page.status, 200);
    // Another spelling of it is another text.
    let shouted = format!("/teleconsultation/{}", room_id.to_uppercase());
    assert_eq!(program.read(&shouted, "auth0|patient-1").await.status, 404);
    assert_eq!(program.delete(&path).await.status, 204);
    assert_eq!(program.read(&path, "auth0|patient-1").await.status, 404);
    program.stop().await;
}
