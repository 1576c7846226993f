//! The schema, as numbered steps that only ever add.

use tokio_postgres::Client;

use crate::OpenError;

/// Every step in order. Step `n` (from 1) brings a database from version `n - 1` to `n`. A released step never changes.
pub(crate) const STEPS: &[&str] = &[
    include_str!("../migrations/0001_teleconsultations.sql"),
    include_str!("../migrations/0002_rooms.sql"),
    include_str!("../migrations/0003_companies.sql"),
    include_str!("../migrations/0004_rooms_of_teleconsultations.sql"),
    include_str!("../migrations/0005_content.sql"),
    include_str!("../migrations/0006_teleconsultations_by_start.sql"),
];

/// Held while steps are done, so that of several instances that start at once one does them and the others wait: "TELE".
const LOCK: i64 = 0x5445_4c45;

/// Brings the database to the newest version that this program knows, all or nothing.
pub(crate) async fn migrate(client: &mut Client, steps: &[&str]) -> Result<(), OpenError> {
    const TABLE: &str = "CREATE TABLE IF NOT EXISTS teleconsultation_schema
                         (only_one boolean PRIMARY KEY CHECK (only_one), version bigint NOT NULL);
                         INSERT INTO teleconsultation_schema VALUES (true, 0) ON CONFLICT DO NOTHING;";
    let transaction = client.transaction().await?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    transaction.batch_execute(TABLE).await?;
    let row = transaction.query_one("SELECT version FROM teleconsultation_schema", &[]).await?;
    let version: i64 = row.get(0);
    let found = usize::try_from(version).unwrap_or(usize::MAX);
    if found > steps.len() {
        return Err(OpenError::Newer { found, known: steps.len() });
    }
    for step in &steps[found..] {
        transaction.batch_execute(step).await?;
    }
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    transaction.execute("UPDATE teleconsultation_schema SET version = $1", &[&known]).await?;
    transaction.commit().await?;
    Ok(())
}
