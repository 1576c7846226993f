//! PostgreSQL, one database for each deployment.

use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};

use secrecy::{ExposeSecret as _, SecretString};
use store_postgres::Database;
use tokio_postgres::{Client, NoTls};

/// Takes away all that our migrations did not put there. Whoever was killed meanwhile has no transaction any more: it ends with the
/// connection's next use, for which this waits.
const EMPTY: &str = "SET session_replication_role = replica;
    DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
            AND tablename NOT IN ('heartbeat', 'teleconsultation_schema')
        LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
    END $$";

/// Those that nobody has: making a database takes much longer than emptying one.
static FREE: Mutex<Vec<Kept>> = Mutex::new(Vec::new());

struct Kept {
    database: Database,
    /// A connection past the store.
    beside: Client,
}

/// A database with our schema and nothing in it, which is somebody else's once this is dropped.
pub struct Lent(Option<Kept>);

impl Lent {
    pub async fn new() -> Self {
        let free = FREE.lock().unwrap().pop();
        let kept = match free {
            Some(kept) => {
                kept.beside.batch_execute(EMPTY).await.unwrap();
                kept
            }
            None => made().await,
        };
        Self(Some(kept))
    }

    pub fn database(&self) -> Database {
        self.0.as_ref().unwrap().database.clone()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        FREE.lock().unwrap().extend(self.0.take());
    }
}

async fn made() -> Kept {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var("TEST_POSTGRES_URL")
        .expect("run this test with tests/with-postgres, which sets TEST_POSTGRES_URL");
    let name = format!("matrix_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let create = format!("CREATE DATABASE {name} TEMPLATE template0");
    connection(&server).await.batch_execute(&create).await.unwrap();
    let url = SecretString::from(server.replace("/postgres?", &format!("/{name}?")));
    let database = Database::open(&url).await.unwrap();
    Kept { database, beside: connection(url.expose_secret()).await }
}

async fn connection(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    // It ends with the client, and then there is nobody to tell.
    drop(tokio::spawn(connection));
    client
}
