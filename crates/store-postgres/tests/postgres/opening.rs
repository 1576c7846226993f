//! Databases that cannot be used say why.

use jiff::Timestamp;
use ports::teleconsultations::TeleconsultationStore as _;
use store_document::LinkSeal;
use teleconsultation_store_postgres::{Database, OpenError, PostgresTeleconsultations};

use crate::server::{client, empty};

#[tokio::test]
async fn a_database_of_a_newer_program_is_left_alone() {
    let url = empty().await;
    Database::open(&url).await.unwrap();
    Database::open(&url).await.unwrap();
    client(&url).await.batch_execute("UPDATE teleconsultation_schema SET version = 1000").await.unwrap();
    let error = Database::open(&url).await.unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 1000, .. }), "{error}");
}

#[tokio::test]
async fn a_database_that_answers_before_it_has_written_is_refused() {
    let url = empty().await;
    let name: String = client(&url).await.query_one("SELECT current_database()", &[]).await.unwrap().get(0);
    let off = format!("ALTER DATABASE {name} SET synchronous_commit = off");
    client(&url).await.batch_execute(&off).await.unwrap();
    let error = Database::open(&url).await.unwrap_err();
    assert!(matches!(error, OpenError::NotDurable), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error() {
    let error = Database::open(&"postgresql:///clinic?host=/nowhere".into()).await.unwrap_err();
    assert!(matches!(error, OpenError::Connect(_)), "{error}");
    let error = Database::open(&"mysql://db/clinic".into()).await.unwrap_err();
    assert!(matches!(error, OpenError::Url(_)), "{error}");
}

#[tokio::test]
async fn connections_that_ended_are_replaced_without_a_word() {
    let url = empty().await;
    let database = Database::open(&url).await.unwrap();
    let store = PostgresTeleconsultations::new(database, LinkSeal::new(&[7; 32]));
    store.health().await.unwrap();
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND application_name = 'teleconsultation'";
    client(&url).await.execute(cut, &[]).await.unwrap();
    store.health().await.unwrap();
    client(&url).await.execute(cut, &[]).await.unwrap();
    assert_eq!(store.due_cleanups(Timestamp::MAX, 1).await.unwrap(), []);
}
