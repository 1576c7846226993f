//! Databases of the tests' own.

use std::sync::atomic::{AtomicU32, Ordering};

use secrecy::SecretString;
use teleconsultation_store_postgres::Database;
use tokio_postgres::{Client, NoTls};

/// Where the server is.
fn server() -> String {
    std::env::var("TEST_POSTGRES_URL").expect("run these tests with tests/with-postgres, which sets TEST_POSTGRES_URL")
}

/// The address of a new database with nothing in it.
pub async fn empty() -> SecretString {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    client(&server().into()).await.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).await.unwrap();
    server().replace("/postgres?", &format!("/{name}?")).into()
}

/// A new database with our schema.
pub async fn database() -> Database {
    Database::open(&empty().await).await.unwrap()
}

/// A connection past the store.
pub async fn client(url: &SecretString) -> Client {
    use secrecy::ExposeSecret as _;

    let (client, connection) = tokio_postgres::connect(url.expose_secret(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
