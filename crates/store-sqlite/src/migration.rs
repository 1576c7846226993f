//! The schema, as numbered steps that only ever add.

use rusqlite::{Connection, TransactionBehavior};

use crate::OpenError;

/// Marks a file as ours (`PRAGMA application_id`), so that another program's database is refused rather than altered: "TELE".
const APPLICATION_ID: i32 = 0x5445_4c45;

/// Every step in order. Step `n` (from 1) brings a database from `user_version` `n - 1` to `n`. A released step never changes.
pub(crate) const STEPS: &[&str] = &[
    include_str!("../migrations/0001_teleconsultations.sql"),
    include_str!("../migrations/0002_rooms.sql"),
    include_str!("../migrations/0003_begun_cleanups.sql"),
    include_str!("../migrations/0004_companies.sql"),
    include_str!("../migrations/0005_rooms_of_teleconsultations.sql"),
    include_str!("../migrations/0006_content.sql"),
    include_str!("../migrations/0007_teleconsultations_by_start.sql"),
];

/// Brings the database to the newest version that this program knows, all or nothing.
pub(crate) fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<(), OpenError> {
    // Immediate: of two programs that start at once, the second waits and then finds the work done.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction, steps)?;
    if found == Some(steps.len()) {
        return Ok(());
    }
    for step in &steps[found.unwrap_or(0)..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", steps.len())?;
    transaction.commit()?;
    Ok(())
}

/// The version that a database of ours has; `None`: it has nothing in it. Another program's and a newer program's are errors.
pub(crate) fn version(connection: &Connection, steps: &[&str]) -> Result<Option<usize>, OpenError> {
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let found: usize = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables: usize = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (tables > 0 || found > 0) {
        return Err(OpenError::Foreign);
    }
    if found > steps.len() {
        return Err(OpenError::Newer { found, known: steps.len() });
    }
    Ok((application == APPLICATION_ID).then_some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "CREATE TABLE t (a INTEGER) STRICT; INSERT INTO t VALUES (1);";
    const SECOND: &str = "ALTER TABLE t ADD COLUMN b INTEGER; UPDATE t SET b = a + 1;";

    fn memory() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    #[test]
    fn an_older_database_keeps_its_records_through_the_steps_it_lacks() {
        let mut connection = memory();
        migrate(&mut connection, &[FIRST]).unwrap();
        migrate(&mut connection, &[FIRST, SECOND]).unwrap();
        migrate(&mut connection, &[FIRST, SECOND]).unwrap();
        let row: (i64, i64) = connection.query_row("SELECT a, b FROM t", [], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
        assert_eq!(row, (1, 2));
    }

    #[test]
    fn a_step_that_fails_leaves_the_database_as_it_was() {
        let mut connection = memory();
        migrate(&mut connection, &[FIRST]).unwrap();
        let failing = "CREATE TABLE u (c INTEGER) STRICT; INSERT INTO nowhere VALUES (1);";
        assert!(matches!(migrate(&mut connection, &[FIRST, failing]), Err(OpenError::Sqlite(_))));
        let version: usize = connection.pragma_query_value(None, "user_version", |r| r.get(0)).unwrap();
        assert_eq!(version, 1);
        assert!(!connection.table_exists(None, "u").unwrap());
    }

    #[test]
    fn a_database_of_a_newer_program_is_refused_in_words() {
        let mut connection = memory();
        migrate(&mut connection, &[FIRST, SECOND]).unwrap();
        let error = migrate(&mut connection, &[FIRST]).unwrap_err();
        assert!(matches!(error, OpenError::Newer { found: 2, known: 1 }));
        assert_eq!(
            error.to_string(),
            "the database was written by a newer version of this program (schema 2, this program knows 1): start the newer \
             version, or restore a backup"
        );
    }

    #[test]
    fn a_database_of_another_program_is_refused_and_left_alone() {
        let mut connection = memory();
        connection.execute_batch("CREATE TABLE theirs (a INTEGER)").unwrap();
        assert!(matches!(migrate(&mut connection, STEPS), Err(OpenError::Foreign)));
        assert!(!connection.table_exists(None, "teleconsultations").unwrap());
    }

    #[test]
    fn the_released_steps_run_one_by_one_and_at_once() {
        let (mut stepwise, mut at_once) = (memory(), memory());
        for count in 1..=STEPS.len() {
            migrate(&mut stepwise, &STEPS[..count]).unwrap();
        }
        migrate(&mut at_once, STEPS).unwrap();
        let schema = |connection: &Connection| -> Vec<String> {
            let mut statement =
                connection.prepare("SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name").unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
        };
        assert_eq!(schema(&stepwise), schema(&at_once));
    }
}
