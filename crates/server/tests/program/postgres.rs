//! The program on PostgreSQL.

use serde_json::json;

use crate::{
    booking,
    running::{Running, try_start},
};

/// The address of a new database with nothing in it.
async fn empty(name: &str) -> String {
    let server = std::env::var("TEST_POSTGRES_URL");
    let server = server.expect("run these tests with tests/with-postgres, which sets TEST_POSTGRES_URL");
    let name = format!("program_{}_{name}", std::process::id());
    let (client, connection) = tokio_postgres::connect(&server, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).await.unwrap();
    server.replace("/postgres?", &format!("/{name}?"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_scheduled_and_entered_and_are_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let url = empty("restart").await;
    let settings = [("DATABASE_URL", url.as_str())];
    let program = Running::with(folder.path(), &settings).await;
    let room_id = program.post("/teleconsultation", &booking()).await.ok(201)["roomId"].as_str().unwrap().to_owned();
    let path = format!("/teleconsultation/{room_id}");
    let patient = crate::NAMES[1];
    let link = program.read(&path, patient).await.ok(200)["accessLinkURL"].as_str().unwrap().to_owned();
    let port = program.port();
    program.stop().await;

    let program = Running::on(folder.path(), port, &settings).await;
    assert_eq!(program.read(&path, patient).await.ok(200)["accessLinkURL"], json!(link));
    let token = link.rsplit('/').next().unwrap();
    let entered = program.post("/call/enter", &json!({"access_token": token})).await.ok(200);
    assert_eq!(entered["participant"]["display_name"], crate::NAMES[3]);
    program.stop().await;
    assert!(!folder.path().join("teleconsultation.sqlite").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_programs_do_not_carry_calls_of_one_database() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let url = empty("alone").await;
    let settings = [("DATABASE_URL", url.as_str())];
    let program = Running::with(folder.path(), &settings).await;
    program.get("/-/ready").await.ok(200);
    let refused = try_start(other.path(), &settings).await.unwrap_err().to_string();
    assert!(refused.starts_with("another teleconsultation process carries calls with this database"), "{refused}");
    program.stop().await;
    try_start(other.path(), &settings).await.unwrap();
}
