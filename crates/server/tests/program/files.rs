//! Files in the program as it runs: over the real channel and HTTP, in a real folder.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{booking, client::Answer, running::Running, web_socket::Page};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
const GIF: &[u8] = b"GIF89a a picture";
const THIRD: &str = "MNKFRA80A01H501U";

/// Begins to send a file.
pub async fn begin(program: &Running, token: &str, size: usize, metadata: &[(&str, &str)]) -> Answer {
    let member = |(name, value): &(&str, &str)| format!("{name} {}", STANDARD.encode(value));
    let metadata = metadata.iter().map(member).collect::<Vec<_>>().join(",");
    let size = size.to_string();
    let headers = [("upload-length", size.as_str()), ("upload-metadata", metadata.as_str())];
    program.tus(token, "POST", "/call/files", &headers, b"").await
}

/// Sends a part of a file.
pub async fn part(program: &Running, token: &str, path: &str, offset: usize, bytes: &[u8]) -> Answer {
    let offset = offset.to_string();
    let headers = [("content-type", "application/offset+octet-stream"), ("upload-offset", offset.as_str())];
    program.tus(token, "PATCH", path, &headers, bytes).await
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

fn names(told: &[Value]) -> Vec<&str> {
    told.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

/// A visit of a doctor and two patients, who have these tools: the tokens of their links, the doctor's first.
pub async fn visit(program: &Running) -> [String; 3] {
    let mut booking = booking();
    booking["participants"]["number"] = json!(3);
    let third = json!({"userId": THIRD, "groups": ["patient"], "fullName": crate::NAMES[4]});
    booking["participants"]["data"].as_array_mut().unwrap().push(third);
    let room_id = program.post("/teleconsultation", &booking).await.ok(201)["roomId"].as_str().unwrap().to_owned();
    let token = async |user: &str| {
        let seen = program.read(&format!("/teleconsultation/{room_id}"), user).await.ok(200);
        seen["accessLinkURL"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
    };
    [token(crate::NAMES[0]).await, token(crate::NAMES[1]).await, token(THIRD).await]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_and_snapshots_are_for_those_who_are_let_in_and_may_and_go_when_they_are_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    let tools = json!({"chat": true, "file_upload": true});
    let privileges = json!({"basic": {"groups": ["patient"], "tools": tools}, "plus": {"groups": ["doctor"]}});
    std::fs::write(&config, json!({ "privileges": privileges }).to_string()).unwrap();
    let settings = [("WAITING_ROOM", "true"), ("TELECONSULTATION_SERVICE_CONFIG_PATH", config.to_str().unwrap())];
    let program = Running::with(folder.path(), &settings).await;
    let [doctors, patients, thirds] = visit(&program).await;
    let (mut doctor, _) = Page::open(program.port(), &doctors).await;
    let (mut patient, welcome) = Page::open(program.port(), &patients).await;
    let patient_id = welcome["you"].as_str().unwrap().to_owned();
    let (mut third, welcome) = Page::open(program.port(), &thirds).await;
    let third_id = welcome["you"].as_str().unwrap().to_owned();
    doctor.ok(json!({"do": "admit", "user_id": patient_id})).await;

    let metadata = [("filename", "findings.pdf"), ("kind", "file")];
    assert_eq!(code(&begin(&program, &thirds, PDF.len(), &metadata).await), (403, "wrong_stage".to_owned()));
    let path = begin(&program, &patients, PDF.len(), &metadata).await.location.unwrap();
    assert_eq!(part(&program, &patients, &path, 0, PDF).await.status, 204);
    let told = doctor.event("file").await["file"].clone();
    assert_eq!(
        (&told["name"], &told["from"], &told["kind"]),
        (&json!("findings.pdf"), &json!(patient_id), &json!("file"))
    );
    let file = told["file_id"].as_str().unwrap().to_owned();
    let on_disk = folder.path().join("files").join(&file);
    assert!(on_disk.is_dir(), "{}", on_disk.display());

    // Who has not been let in is told of nothing and gets nothing.
    assert!(!names(&third.told().await).contains(&"file"));
    for command in ["file.link", "file.delete"] {
        assert_eq!(third.refused(json!({"do": command, "file_id": file})).await, "wrong_stage", "{command}");
    }
    let url = doctor.ok(json!({"do": "file.link", "file_id": file})).await["url"].as_str().unwrap().to_owned();
    let fetched = program.get(&url).await;
    assert_eq!((fetched.status, fetched.body.as_bytes()), (200, PDF));
    let forged = url.replace(&file, "file_0123456789abcdef01234567");
    assert_eq!(program.get(&forged).await.status, 403, "a link is for one file");

    doctor.ok(json!({"do": "admit", "user_id": third_id})).await;
    third.ok(json!({"do": "file.link", "file_id": file})).await;
    assert_eq!(third.refused(json!({"do": "file.delete", "file_id": file})).await, "not_allowed", "another's file");
    assert_eq!(patient.refused(json!({"do": "file.link", "file_id": "file_none"})).await, "unknown");
    assert_eq!(patient.refused(json!({"do": "file.delete", "file_id": "../etc/passwd"})).await, "unknown");

    // A snapshot: with the tool, of somebody in the room, and a picture.
    let still =
        |of: &str| [("filename", "still.gif".to_owned()), ("kind", "snapshot".to_owned()), ("of", of.to_owned())];
    let begin_still = async |token: &str, of: &str| {
        let metadata = still(of);
        let metadata = metadata.each_ref().map(|(name, value)| (*name, value.as_str()));
        begin(&program, token, GIF.len(), &metadata).await
    };
    let ask = json!({"do": "snapshot.request", "user_id": patient_id});
    assert_eq!(third.refused(ask.clone()).await, "not_allowed");
    assert_eq!(doctor.refused(ask).await, "wrong_stage", "there is no picture of who is not in the call yet");
    assert_eq!(code(&begin_still(&patients, &third_id).await), (403, "not_allowed".to_owned()));
    assert_eq!(code(&begin_still(&doctors, "user_of_nobody").await), (400, "invalid".to_owned()));
    let no_picture = begin_still(&doctors, &patient_id).await.location.unwrap();
    let refused = part(&program, &doctors, &no_picture, 0, &PDF[..GIF.len()]).await;
    assert_eq!(code(&refused), (415, "unsupported_type".to_owned()));
    let path = begin_still(&doctors, &patient_id).await.location.unwrap();
    assert_eq!(part(&program, &doctors, &path, 0, GIF).await.status, 204);
    let told = third.event("file").await["file"].clone();
    assert_eq!(
        (&told["kind"], &told["of"], &told["media_type"]),
        (&json!("snapshot"), &json!(patient_id), &json!("image/gif"))
    );

    // Its sender deletes the one, an admin may delete any; then it is gone for everybody, by its old link too.
    patient.ok(json!({"do": "file.delete", "file_id": file})).await;
    for page in [&mut doctor, &mut third] {
        assert_eq!(page.event("file.deleted").await["file_id"], json!(file));
    }
    assert_eq!(patient.refused(json!({"do": "file.link", "file_id": file})).await, "unknown");
    assert_eq!(program.get(&url).await.status, 404);
    let (_, welcome) = Page::open(program.port(), &thirds).await;
    assert_eq!(welcome["files"], json!([told]), "what is left, for who comes later");

    let figures = program.get("/-/metrics").await.body;
    for line in [
        "teleconsultation_file_uploads_total{outcome=\"begun\"} 3".to_owned(),
        "teleconsultation_file_uploads_total{outcome=\"completed\"} 2".to_owned(),
        "teleconsultation_file_uploads_total{outcome=\"not_allowed\"} 3".to_owned(),
        "teleconsultation_file_uploads_total{outcome=\"unsupported_type\"} 1".to_owned(),
        "teleconsultation_file_uploads_total{outcome=\"no_space\"} 0".to_owned(),
        format!("teleconsultation_file_bytes_stored_total {}", PDF.len() + GIF.len()),
    ] {
        assert!(figures.lines().any(|it| it == line), "{line}\n{figures}");
    }
    program.stop().await;
}
