//! Having a database to oneself: for what only one instance at a time may do.

use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Object};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_postgres::error::SqlState;

use crate::{Database, Fault};

/// The advisory lock's name: any number that nothing else in the database uses.
const LOCK: i64 = 0x7465_6c65_636f_6e31;

/// How long the lock is waited for, in PostgreSQL's words. The server keeps that of a connection that has ended until it has noticed: so one
/// instance can follow another at once.
const WAIT_MAX: &str = "SET lock_timeout = '5s'";

/// How often the connection is tried, and how long it may take to answer: how long a lost lock can go unnoticed.
const TRY_EVERY: Duration = Duration::from_secs(2);

/// That no other instance has the database, for as long as this value and its connection live.
pub struct Alone(ClientWrapper);

impl Database {
    /// Takes the database for this instance; `None`: another instance has it and has kept it for five seconds.
    pub async fn alone(&self) -> Result<Option<Alone>, Fault> {
        // The lock belongs to the connection, which must therefore never go back to the others.
        let client = Object::take(self.client().await?);
        client.batch_execute(WAIT_MAX).await?;
        match client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await {
            Ok(_) => Ok(Some(Alone(client))),
            Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl Alone {
    /// Waits until the connection is gone, and with it the lock.
    pub async fn lost(&self) {
        let mut ticks = interval(TRY_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match timeout(TRY_EVERY, self.0.simple_query("")).await {
                Ok(Ok(_)) => {}
                Ok(Err(_)) | Err(_) => return,
            }
        }
    }
}
