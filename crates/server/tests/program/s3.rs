//! Files in S3, through the program's own settings: `FILES_URL`, and the variables of the environment that other programs have, too.
//!
//! Only a process of its own has an environment of its own, so each test runs a part of itself once more in one.

use std::{
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use serde_json::json;

use crate::{
    files::{begin, part, visit},
    logs,
    running::{Running, try_start},
    s3_server::{self, BUCKET, KEY_ID, SECRET},
    web_socket::Page,
};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

/// The folder that a test and its part share: that of the bucket's objects, or the one that gets [`OPENED`].
const FOLDER: &str = "FOLDER_OF_TEST";

/// The file that opens a bucket which comes late.
const OPENED: &str = "opened";

/// How long what was deleted may take to be gone.
const GONE_WITHIN: Duration = Duration::from_secs(30);

/// Runs one of the tests below in an environment in which S3 is at `endpoint` and called with `secret`.
async fn run(test: &str, endpoint: &str, secret: &str, folder: &Path) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--ignored", "--nocapture", &format!("s3::{test}")]).env(FOLDER, folder);
    let (success, said) = outcome(command, endpoint, secret).await;
    assert!(success && said.contains("1 passed"), "{said}");
}

/// Whether a command succeeded, and what it said.
async fn outcome(mut command: Command, endpoint: &str, secret: &str) -> (bool, String) {
    command
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_ALLOW_HTTP", "true")
        .env("AWS_REGION", "eu-south-1")
        .env("AWS_ACCESS_KEY_ID", KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", secret);
    let Output { status, stdout, stderr } =
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    (status.success(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

fn objects(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let count =
        |path: &Path| if path.is_dir() { objects(path) } else { usize::from(path.file_name().unwrap() != "heartbeat") };
    entries.map(|entry| count(&entry.unwrap().path())).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_lie_in_the_bucket_that_the_settings_name_and_go_from_there() {
    let (address, folder) = s3_server::serve().await;
    run("in_its_environment_files_come_and_go", &format!("http://{address}"), SECRET, &folder.path().join(BUCKET))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_is_told_before_anybody_needs_it() {
    let (address, folder) = s3_server::serve().await;
    run("in_its_environment_the_key_is_refused", &format!("http://{address}"), "another", folder.path()).await;
    assert_eq!(objects(folder.path()), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_refused_as_long_as_the_bucket_is_not_reached_and_taken_afterwards() {
    let gate = tempfile::tempdir().unwrap();
    let opened = gate.path().join(OPENED);
    let (address, folder) = s3_server::serve_while(move || opened.exists()).await;
    run("in_its_environment_the_bucket_comes_late", &format!("http://{address}"), SECRET, gate.path()).await;
    assert!(objects(&folder.path().join(BUCKET)) > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_says_how_the_bucket_is() {
    let (address, _folder) = s3_server::serve().await;
    let there = format!("http://{address}");
    let (away, _other) = s3_server::serve_while(|| false).await;
    let away = format!("http://{away}");
    for (endpoint, secret, bucket, said) in [
        (there.as_str(), SECRET, BUCKET, "the bucket clinic-files answers"),
        (&there, "another", BUCKET, "the bucket clinic-files: the bucket is refused to this key"),
        (&there, SECRET, "no-such-bucket", "the bucket no-such-bucket: there is no such bucket"),
        (&away, SECRET, BUCKET, "the bucket clinic-files: the bucket cannot be reached"),
    ] {
        let data = tempfile::tempdir().unwrap();
        let mut doctor = Command::new(env!("CARGO_BIN_EXE_teleconsultation"));
        doctor.arg("doctor").env("DATA_DIR", data.path()).env("FILES_URL", format!("s3://{bucket}"));
        let (_, told) = outcome(doctor, endpoint, secret).await;
        assert!(told.contains(said), "{told}");
        assert!(!told.contains(secret), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by another test, in an environment of its own"]
async fn in_its_environment_files_come_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let refused = try_start(folder.path(), &[("FILES_URL", "s3://no-such-bucket")]).await.unwrap_err();
    let said = said(&refused);
    assert!(
        said.contains("FILES_URL") && said.contains("no-such-bucket") && said.contains("there is no such bucket"),
        "{said}"
    );

    let program = Running::with(folder.path(), &[("FILES_URL", &format!("s3://{BUCKET}/visits"))]).await;
    let [doctors, patients, _] = visit(&program).await;
    let (mut doctor, _) = Page::open(program.port(), &doctors).await;
    let mut sent = Vec::new();
    for name in ["findings.pdf", "letter.pdf"] {
        let path =
            begin(&program, &patients, PDF.len(), &[("filename", name), ("kind", "file")]).await.location.unwrap();
        assert_eq!(part(&program, &patients, &path, 0, PDF).await.status, 204);
        let told = doctor.event("file").await["file"].clone();
        assert_eq!(told["name"], name);
        sent.push(told["file_id"].as_str().unwrap().to_owned());
    }
    let mut urls = Vec::new();
    for file in &sent {
        let url = doctor.ok(json!({"do": "file.link", "file_id": file})).await["url"].as_str().unwrap().to_owned();
        let fetched = program.get(&url).await;
        assert_eq!((fetched.status, fetched.body.as_bytes()), (200, PDF));
        urls.push(url);
    }
    // Whoever comes later finds both.
    let (_, welcome) = Page::open(program.port(), &patients).await;
    assert_eq!(welcome["files"].as_array().unwrap().len(), 2, "{welcome}");
    doctor.ok(json!({"do": "file.delete", "file_id": sent[0]})).await;
    assert_eq!(program.get(&urls[0]).await.status, 404);
    assert_eq!(program.get(&urls[1]).await.status, 200);
    let bucket = std::env::var_os(FOLDER).unwrap();
    let visits = Path::new(&bucket).join("visits");
    let gone = async {
        while objects(&visits.join(&sent[0])) > 0 {
            assert_eq!(program.get("/-/ready").await.status, 200);
        }
    };
    tokio::time::timeout(GONE_WITHIN, gone).await.unwrap();
    assert!(objects(&visits.join(&sent[1])) > 0, "the other one lies below the prefix");
    // It is also there for the program's next run.
    program.stop().await;
    let program = Running::with(folder.path(), &[("FILES_URL", &format!("s3://{BUCKET}/visits"))]).await;
    assert_eq!(program.get(&urls[1]).await.body.as_bytes(), PDF);
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by another test, in an environment of its own"]
async fn in_its_environment_the_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = try_start(folder.path(), &[("FILES_URL", &format!("s3://{BUCKET}"))]).await.unwrap_err();
    let said = said(&refused);
    assert!(said.contains("FILES_URL") && said.contains("AWS_") && said.contains("refused to this key"), "{said}");
    assert!(!said.contains("another"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by another test, in an environment of its own"]
async fn in_its_environment_the_bucket_comes_late() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::with(folder.path(), &[("FILES_URL", &format!("s3://{BUCKET}"))]).await;
    // Calls do not need it.
    assert_eq!(program.get("/-/ready").await.status, 200);
    let logged = logs::since_the_start();
    assert!(logged.contains("files cannot be kept for now"), "{logged}");
    let [doctors, patients, _] = visit(&program).await;
    let (mut doctor, _) = Page::open(program.port(), &doctors).await;
    let film = [PDF, &vec![b' '; 3_000_000]].concat();
    let named = [("filename", "film.pdf"), ("kind", "file")];
    let path = begin(&program, &patients, film.len(), &named).await.location.unwrap();
    let refused = part(&program, &patients, &path, 0, &film).await;
    assert_eq!(refused.status, 503, "{}", refused.body);

    let gate = std::env::var_os(FOLDER).unwrap();
    std::fs::write(Path::new(&gate).join(OPENED), b"").unwrap();
    // Who tries again goes on with the same upload.
    assert_eq!(part(&program, &patients, &path, 0, &film).await.status, 204);
    let told = doctor.event("file").await["file"].clone();
    let link = doctor.ok(json!({"do": "file.link", "file_id": told["file_id"]})).await;
    let fetched = program.get(link["url"].as_str().unwrap()).await;
    assert!(fetched.status == 200 && fetched.body.as_bytes() == film);
    program.stop().await;
}

/// An error with its causes.
fn said(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |said, cause| format!("{said}: {cause}"))
}
