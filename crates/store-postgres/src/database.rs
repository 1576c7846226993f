//! The connections to one database.

use std::{str::FromStr, sync::Arc, time::Duration};

use deadpool_postgres::{Client, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts};
use secrecy::{ExposeSecret, SecretString};
use tokio_postgres::Config;

use crate::{Fault, migration, tls};

/// The most connections of one instance: a PostgreSQL as installed allows 100, so that several instances fit.
pub const CONNECTIONS_MAX: usize = 16;

/// How long connecting may take, and how long to wait for a connection that others are using.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a statement may run, so that nothing waits for ever on a lock or a sick disk.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);

/// How often at most something is tried that PostgreSQL undoes for the sake of others, or that meets connections which have ended.
pub(crate) const ATTEMPTS_MAX: u32 = 8;

/// Reads, in one statement: `read!(database, doing, |client| …)`, where `…` is an expression with `?` that gives a `Result<_, Fault>`.
///
/// These are macros, because the compiler cannot yet tell that the future of a closure that borrows can move between threads.
macro_rules! read {
    ($database:expr, $doing:expr, |$client:ident| $body:expr) => {
        $crate::database::again!($doing, {
            let client = $database.client().await?;
            let $client = &client;
            let read: Result<_, $crate::Fault> = async { $body }.await;
            read.map_err($crate::Fault::of_read)
        })
    };
}

/// Writes, all or nothing: `write!(database, doing, |transaction| …)`, where `…` is as for [`read!`].
macro_rules! write {
    ($database:expr, $doing:expr, |$transaction:ident| $body:expr) => {
        $crate::database::again!($doing, {
            let mut client = $database.client().await?;
            let transaction = client.build_transaction().start().await.map_err($crate::Fault::of_first)?;
            let written: Result<_, $crate::Fault> = {
                let $transaction = &transaction;
                async { $body }.await
            };
            // Dropped on an error, it is undone.
            let written = written?;
            transaction.commit().await?;
            Ok(written)
        })
    };
}

/// Does something again, from the start, as long as nothing was done and it can be.
macro_rules! again {
    ($doing:expr, $body:expr) => {{
        let mut attempt = 1;
        loop {
            let outcome: Result<_, $crate::Fault> = async { $body }.await;
            match outcome {
                Err(fault) if fault.is_passing() && attempt < $crate::database::ATTEMPTS_MAX => attempt += 1,
                outcome => break outcome.map_err(|fault| fault.into_store_error($doing)),
            }
        }
    }};
}

pub(crate) use {again, read, write};

/// Why a text is no address of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be postgres://user:password@host:port/database, with options that PostgreSQL's clients know")]
pub struct DatabaseUrlError;

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is none.
    #[error(transparent)]
    Url(#[from] DatabaseUrlError),
    /// TLS could not be set up.
    #[error("TLS could not be set up")]
    Tls(#[from] tokio_rustls::rustls::Error),
    /// It cannot be reached, or refuses us.
    #[error("the database cannot be reached")]
    Connect(#[source] Fault),
    /// A statement of the schema failed.
    #[error("the schema cannot be made")]
    Schema(#[from] tokio_postgres::Error),
    /// A newer program has used it.
    #[error("the database has schema {found}, and this program knows {known}: use the newer program")]
    Newer {
        /// The version that was found.
        found: usize,
        /// The newest that this program knows.
        known: usize,
    },
    /// It may answer before what was written is on disk.
    #[error("synchronous_commit is off for this database: what was answered could be lost; turn it on")]
    NotDurable,
    /// Not every text can be stored.
    #[error("the database's encoding is {0}; make one with UTF8")]
    Encoding(String),
}

/// Whether a text is the address of a PostgreSQL database. It need not be there.
pub fn check_url(url: &str) -> Result<(), DatabaseUrlError> {
    config(url).map(drop)
}

fn config(url: &str) -> Result<Config, DatabaseUrlError> {
    // Certificates are verified in every mode that uses TLS, so the stricter modes of other clients mean the same here.
    let url = url.replace("sslmode=verify-full", "sslmode=require").replace("sslmode=verify-ca", "sslmode=require");
    let is_url = url.starts_with("postgres://") || url.starts_with("postgresql://");
    Config::from_str(&url).ok().filter(|config| is_url && !config.get_hosts().is_empty()).ok_or(DatabaseUrlError)
}

/// A pool of connections to one database. Clones share it.
#[derive(Clone)]
pub struct Database(Arc<Pool>);

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Database(..)")
    }
}

impl Database {
    /// Connects, checks that what is answered is on disk, and brings the schema to its newest version. Any number of instances may do
    /// this at the same time.
    pub async fn open(url: &SecretString) -> Result<Self, OpenError> {
        let database = Self::connected(url).await?;
        let mut client = database.client().await.map_err(OpenError::Connect)?;
        migration::migrate(&mut client, migration::STEPS).await?;
        Ok(database)
    }

    /// Connects and checks as [`Self::open`] does, and changes nothing.
    pub async fn examine(url: &SecretString) -> Result<(), OpenError> {
        Self::connected(url).await.map(|database| database.close())
    }

    async fn connected(url: &SecretString) -> Result<Self, OpenError> {
        let mut config = config(url.expose_secret())?;
        let limits = format!("-c statement_timeout={}", STATEMENT_TIMEOUT.as_millis());
        let options = config.get_options().map_or_else(|| limits.clone(), |options| format!("{options} {limits}"));
        config.options(options).connect_timeout(CONNECT_TIMEOUT).application_name("teleconsultation");
        let manager =
            Manager::from_config(config, tls::connector()?, ManagerConfig { recycling_method: RecyclingMethod::Fast });
        let timeouts =
            Timeouts { wait: Some(CONNECT_TIMEOUT), create: Some(CONNECT_TIMEOUT), recycle: Some(CONNECT_TIMEOUT) };
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS_MAX)
            .timeouts(timeouts)
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| OpenError::Connect(Fault::Pool(Box::new(error))))?;
        let database = Self(Arc::new(pool));
        let client = database.client().await.map_err(OpenError::Connect)?;
        check(&client).await?;
        drop(client);
        Ok(database)
    }

    /// Ends the connections. Whoever still uses the database gets `Unavailable`.
    pub fn close(&self) {
        self.0.close();
    }

    pub(crate) async fn client(&self) -> Result<Client, Fault> {
        Ok(self.0.get().await?)
    }

    /// Whether both are the same connections, so that one transaction can write for both.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

async fn check(client: &Client) -> Result<(), OpenError> {
    let row = client.query_one("SELECT current_setting('synchronous_commit'), current_setting('server_encoding')", &[]);
    let row = row.await?;
    let (commit, encoding): (String, String) = (row.get(0), row.get(1));
    if commit == "off" {
        return Err(OpenError::NotDurable);
    }
    if encoding != "UTF8" {
        return Err(OpenError::Encoding(encoding));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_host() {
        for url in [
            "postgres://ada:secret@db.example.org:5432/clinic",
            "postgresql:///clinic?host=/var/run/postgresql",
            "postgres://db/clinic?sslmode=verify-full",
        ] {
            assert_eq!(check_url(url), Ok(()), "{url}");
        }
        for url in ["", "postgres://", "mysql://db/clinic", "host=db", "postgres://db:port/clinic"] {
            assert_eq!(check_url(url), Err(DatabaseUrlError), "{url}");
        }
    }
}
