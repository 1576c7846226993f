//! Prints how many durable writes and how many reads the store does in a second, asked by 64 tasks at once.
//!
//! `cargo run --release -p teleconsultation-store-sqlite --example throughput [-- <directory> [<seconds>]]`. The directory should lie
//! on the disk that is measured; by default it is one in the system's temporary directory, removed afterwards.

#![expect(clippy::print_stdout, reason = "it prints its measurements")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be taken ends the program")]

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{
    AccessLink, FullName, GroupName, Language, Length, OpenRoom, Participant, ParticipantId, ProviderUserId, Role,
    RoomKey, RoomRef, Roster, Schedule, Stage, Teleconsultation, TeleconsultationId,
};
use jiff::{SignedDuration, Timestamp};
use ports::teleconsultations::{CleanupChange, TeleconsultationStore};
use store_document::LinkSeal;
use teleconsultation_store_sqlite::{Database, SqliteTeleconsultations};

const TASKS: u64 = 64;

/// Made before reads are measured: more than the page caches hold.
const RECORDS: u64 = 100_000;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let temporary = tempfile::tempdir().unwrap();
    let directory = arguments.next().map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let duration = Duration::from_secs(arguments.next().map_or(5, |text| text.parse().unwrap()));
    let database = Database::open(&directory.join("throughput.db")).unwrap();
    let store: Arc<dyn TeleconsultationStore> =
        Arc::new(SqliteTeleconsultations::new(database.clone(), LinkSeal::new(&[7; 32])));

    let made = Arc::new(AtomicU64::new(0));
    let insert = |store: Arc<dyn TeleconsultationStore>, number| async move {
        let settle = [CleanupChange::Settle(RoomKey::new([3; 16]))];
        store.insert(&teleconsultation(number), &settle).await.unwrap();
    };
    report("durable inserts", &measure(&store, duration, &made, insert).await);

    let prefilled = made.load(Ordering::Relaxed).max(RECORDS);
    fill(&store, made.load(Ordering::Relaxed), prefilled).await;
    let read = move |store: Arc<dyn TeleconsultationStore>, number: u64| async move {
        let wanted = id(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % prefilled);
        assert!(store.teleconsultation(&wanted).await.unwrap().is_some());
    };
    report("reads all over", &measure(&store, duration, &Arc::default(), read).await);
    let poll = |store: Arc<dyn TeleconsultationStore>, number: u64| async move {
        assert!(store.teleconsultation(&id(number % TASKS)).await.unwrap().is_some());
    };
    report("reads of 64", &measure(&store, duration, &Arc::default(), poll).await);

    let (new, reads) = (Arc::new(AtomicU64::new(prefilled)), Arc::default());
    let both = tokio::join!(measure(&store, duration, &new, insert), measure(&store, duration, &reads, read),);
    report("inserts while reading", &both.0);
    report("reads while inserting", &both.1);
    database.close().await;
}

async fn fill(store: &Arc<dyn TeleconsultationStore>, from: u64, to: u64) {
    let tasks = (0..TASKS).map(|task| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            for number in (from + task..to).step_by(64) {
                store.insert(&teleconsultation(number), &[]).await.unwrap();
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

struct Measured {
    latencies: Vec<Duration>,
    elapsed: Duration,
}

/// Lets all tasks repeat `operation` with numbers from `next` on.
async fn measure<F>(
    store: &Arc<dyn TeleconsultationStore>,
    duration: Duration,
    next: &Arc<AtomicU64>,
    operation: impl Fn(Arc<dyn TeleconsultationStore>, u64) -> F + Clone + Send + 'static,
) -> Measured
where
    F: Future<Output = ()> + Send,
{
    let stop = Arc::new(AtomicBool::new(false));
    let start = Instant::now();
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (store, next, stop, operation) =
                (Arc::clone(store), Arc::clone(next), Arc::clone(&stop), operation.clone());
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let begun = Instant::now();
                    operation(Arc::clone(&store), next.fetch_add(1, Ordering::Relaxed)).await;
                    latencies.push(begun.elapsed());
                    // As after an answer to one request, others get their turn.
                    tokio::task::yield_now().await;
                }
                latencies
            })
        })
        .collect();
    tokio::time::sleep(duration).await;
    stop.store(true, Ordering::Relaxed);
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await.unwrap());
    }
    let elapsed = start.elapsed();
    latencies.sort_unstable();
    Measured { latencies, elapsed }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a few seconds are small")]
fn report(what: &str, measured: &Measured) {
    let count = measured.latencies.len();
    let per_second = count as f64 / measured.elapsed.as_secs_f64();
    let percentile = |percent: usize| measured.latencies[(count - 1) * percent / 100];
    println!("{what:<24} {per_second:>9.0}/s   p50 {:>9.1?}   p99 {:>9.1?}", percentile(50), percentile(99));
}

fn id(number: u64) -> TeleconsultationId {
    let created: Timestamp = "2026-03-01T09:00:00Z".parse().unwrap();
    let seconds = i64::try_from(number / 1000).unwrap();
    // Ids of one second are in no order, as chance makes them.
    let chance = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
    TeleconsultationId::new(created + SignedDuration::from_secs(seconds), chance)
}

/// Two people with everything.
fn teleconsultation(number: u64) -> Teleconsultation {
    let person = |who: &str, role, group: &str| Participant {
        id: ParticipantId::parse(&format!("auth0|{who}{number}")).unwrap(),
        provider_user: ProviderUserId::parse(&format!("usr_{who}_{number:032x}")).unwrap(),
        role,
        groups: vec![GroupName::parse(group).unwrap()],
        full_name: Some(FullName::parse("Maria Rossi").unwrap()),
        language: Some(Language::parse("it").unwrap()),
        access_link: Some(AccessLink::new(format!("https://video.example/call/{number:043x}"))),
    };
    let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
    Teleconsultation {
        id: id(number),
        schedule: Schedule::new(start, Length::For(SignedDuration::from_mins(30)), true).unwrap(),
        roster: Roster::new(2, vec![person("doctor", Role::Plus, "doctor"), person("patient", Role::Basic, "patient")])
            .unwrap(),
        stage: Stage::Ready(OpenRoom {
            key: RoomKey::new(u128::from(number).to_be_bytes()),
            room: RoomRef::new(format!("room_{number:024x}")),
        }),
    }
}
