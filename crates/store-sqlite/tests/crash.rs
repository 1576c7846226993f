//! Killed at any instruction, the database opens again with every answered write, each of them whole.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use common::{key, link_seal, pending, ready, record};
use jiff::Timestamp;
use ports::teleconsultations::{CleanupChange, TeleconsultationStore};
use teleconsultation_store_sqlite::{Database, Fault, SqliteTeleconsultations};

const TEST: &str = "every_answered_write_survives_kill_9_and_is_whole";

/// Set for the child: where the database is, and the first number that is free.
const DATABASE: &str = "STORE_CRASH_DATABASE";
const FIRST: &str = "STORE_CRASH_FIRST";

/// Answers after which the child is killed, round by round: at once, so before or while the schema is made, and then in all
/// phases of filling and emptying the log.
const ROUNDS: [usize; 16] = [0, 0, 1, 0, 3, 10, 50, 100, 200, 400, 800, 1600, 3000, 5000, 700, 20];

/// More than one round can use up.
const NUMBERS_PER_ROUND: u64 = 1_000_000;

#[derive(Default)]
struct Answered {
    inserted: BTreeSet<u64>,
    replaced: BTreeSet<u64>,
}

#[test]
fn every_answered_write_survives_kill_9_and_is_whole() {
    if let (Ok(path), Ok(first)) = (std::env::var(DATABASE), std::env::var(FIRST)) {
        write_until_killed(Path::new(&path), first.parse().unwrap());
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("crash.db");
    let mut answered = Answered::default();
    for (round, answers) in (0..).zip(ROUNDS) {
        kill_after(answers, &path, round * NUMBERS_PER_ROUND, &mut answered);
        check(&path, &answered);
    }
    assert!(answered.inserted.len() > 1000 && answered.replaced.len() > 1000);
}

/// Starts this test again as the child and kills it after so many answers.
fn kill_after(answers: usize, path: &Path, first: u64, answered: &mut Answered) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", TEST, "--nocapture"])
        .env(DATABASE, path)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    if answers == 0 {
        child.kill().unwrap();
    }
    let mut seen = 0;
    for line in lines {
        let line = line.unwrap();
        // The test harness prints lines of its own.
        let (set, number) = match line.split_once(' ') {
            Some(("inserted", number)) => (&mut answered.inserted, number),
            Some(("replaced", number)) => (&mut answered.replaced, number),
            Some(_) | None => continue,
        };
        set.insert(number.parse().unwrap());
        seen += 1;
        if seen == answers {
            child.kill().unwrap();
        }
    }
    assert!(!child.wait().unwrap().success(), "the child ends by being killed");
    assert!(seen >= answers);
}

/// Inserts and replaces from 32 tasks, and prints each answer. Each write changes two cleanups.
#[tokio::main]
async fn write_until_killed(path: &Path, first: u64) {
    let store = SqliteTeleconsultations::new(Database::open(path).unwrap(), link_seal());
    let tasks: Vec<_> = (0..32)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                for number in (first + task..first + NUMBERS_PER_ROUND).step_by(32) {
                    let cleanups = [record(number, "a"), record(number, "c")];
                    let version = store.insert(&pending(number), &cleanups).await.unwrap();
                    say(&format!("inserted {number}\n"));
                    let cleanups = [CleanupChange::Settle(key(number, "a")), record(number, "b")];
                    store.replace(&ready(number), version, &cleanups).await.unwrap();
                    say(&format!("replaced {number}\n"));
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

fn say(line: &str) {
    // One write: the parent never sees a part of a number as a whole one.
    io::stdout().lock().write_all(line.as_bytes()).unwrap();
}

#[tokio::main]
async fn check(path: &Path, answered: &Answered) {
    let database = Database::open(path).unwrap();
    let store = SqliteTeleconsultations::new(database.clone(), link_seal());
    let verdict: String = database
        .read("checking", |c| Ok(c.pragma_query_value(None, "integrity_check", |row| row.get(0))?))
        .await
        .unwrap();
    assert_eq!(verdict, "ok");

    let versions = database.read("listing", versions).await.unwrap();
    for number in &answered.inserted {
        assert!(versions.contains_key(number), "the answered insert {number} is there");
    }
    for number in &answered.replaced {
        assert_eq!(versions.get(number), Some(&2), "the answered replace {number} is there");
    }
    let mut expected = BTreeSet::new();
    for (number, version) in &versions {
        let replaced = *version == 2;
        expected.insert(key(*number, if replaced { "b" } else { "a" }));
        expected.insert(key(*number, "c"));
    }
    let cleanups = store.due_cleanups(Timestamp::MAX, u32::MAX).await.unwrap();
    let found: BTreeSet<_> = cleanups.into_iter().map(|cleanup| cleanup.key).collect();
    assert!(found == expected, "each write is there with both its cleanups or with neither");
    if let Some(number) = versions.keys().next_back() {
        assert!(store.teleconsultation(&common::id(*number)).await.unwrap().is_some());
    }
    database.close().await;
}

fn versions(connection: &rusqlite::Connection) -> Result<BTreeMap<u64, i64>, Fault> {
    let mut statement = connection.prepare("SELECT id, version FROM teleconsultations")?;
    let rows = statement.query_map([], |row| {
        let id: String = row.get(0)?;
        Ok((u64::from_str_radix(&id[8..], 16).unwrap(), row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
