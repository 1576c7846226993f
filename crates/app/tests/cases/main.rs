//! Single cases that the simulation does not come across.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

extern crate teleconsultation_app as app;

mod cleanups;
mod moody;
mod provider_down;
mod sweeping;

use std::sync::Arc;

use app::{
    Booking, Change, CleanupProgress, Ctx, Expected, People, Person, Policy, UserIdKey, change, delete,
    finish_due_cleanups, read, schedule,
};
use domain::{
    FullName, GroupName, Length, ParticipantId, Privileges, RolePrivileges, RoomKey, Roster, Schedule, Stage,
    Teleconsultation, TeleconsultationId, Tools,
};
use jiff::{SignedDuration, Timestamp};
use moody::MoodyProvider;
use ports::{
    Caller,
    fake::{FakeChance, FakeClock, FakeTeleconsultationStore, FakeVideoProvider},
    provider::{Recording, VideoProvider},
    teleconsultations::{CleanupChange, RoomCleanup, TeleconsultationStore},
};

fn ctx(store: Arc<dyn TeleconsultationStore>, provider: Arc<dyn VideoProvider>, now: Timestamp) -> Ctx {
    ctx_by(store, provider, Arc::new(FakeClock::new(now)))
}

fn ctx_by(store: Arc<dyn TeleconsultationStore>, provider: Arc<dyn VideoProvider>, clock: Arc<FakeClock>) -> Ctx {
    let role = |group| RolePrivileges { groups: vec![GroupName::parse(group).unwrap()], tools: Tools::none() };
    Ctx {
        store,
        provider,
        clock,
        chance: Arc::new(FakeChance::default()),
        policy: Arc::new(Policy {
            privileges: Privileges { basic: role("patient"), plus: role("doctor") },
            immutable_period: SignedDuration::ZERO,
            unlimited: false,
            live: true,
            recording: Recording::None,
            delete_uploads: true,
            transcription_bytes_max: 1024,
        }),
        user_id_key: UserIdKey::new(b"ak_live_0123456789abcdef01234567"),
        directories: None,
        caller: Caller::nobody(),
    }
}

/// A patient, unless the name says otherwise.
fn person(name: &str) -> Person {
    let group = if name == "doctor" { "doctor" } else { "patient" };
    Person {
        id: ParticipantId::parse(name).unwrap(),
        groups: vec![GroupName::parse(group).unwrap()],
        full_name: Some(FullName::parse(name).unwrap()),
        language: None,
    }
}

/// These people, half an hour, two hours after the tests' clock begins.
fn booking(names: &[&str], expected: u64) -> Booking {
    Booking {
        people: People { expected: Expected::Number(expected), known: names.iter().map(|name| person(name)).collect() },
        start: begin() + SignedDuration::from_hours(2),
        length: Length::For(SignedDuration::from_mins(30)),
    }
}

/// When the tests' clock begins.
fn begin() -> Timestamp {
    "2026-01-01T10:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn one_that_cannot_be_read_does_not_hold_up_the_others() {
    let store = Arc::new(FakeTeleconsultationStore::new());
    let now: Timestamp = "2026-01-01T10:00:00Z".parse().unwrap();
    let cleanup = |number: u8| RoomCleanup {
        key: RoomKey::new([number; 16]),
        room: None,
        teleconsultation: TeleconsultationId::new(now, [number; 8]),
        due: now,
        attempts: 0,
        begun: false,
    };
    let changes: Vec<_> = (1..=3).map(|number| CleanupChange::Record(cleanup(number))).collect();
    store.change_cleanups(&changes).await.unwrap();
    store.damage(&cleanup(1).teleconsultation);

    let progress = finish_due_cleanups(&ctx(store.clone(), Arc::new(FakeVideoProvider::new()), now)).await.unwrap();
    assert_eq!(progress, CleanupProgress { finished: 2, postponed: 1 });
    let left = store.cleanups();
    assert_eq!((left.len(), &left[0].key, left[0].attempts), (1, &cleanup(1).key, 1));
    assert!(left[0].due > now);
    // Nobody can take a room of which it is not known whether it was deleted.
    assert!(left[0].begun);
}

#[tokio::test]
async fn one_of_more_than_a_day_from_before_lengths_were_enforced_gets_a_room_for_a_day() {
    let (store, provider) = (Arc::new(FakeTeleconsultationStore::new()), Arc::new(FakeVideoProvider::new()));
    let now: Timestamp = "2026-01-01T10:00:00Z".parse().unwrap();
    let id = TeleconsultationId::new(now, [1; 8]);
    let long = Teleconsultation {
        id: id.clone(),
        schedule: Schedule::from_stored(
            now + SignedDuration::from_hours(1),
            Length::For(SignedDuration::from_hours(30)),
        ),
        roster: Roster::new(2, vec![]).unwrap(),
        stage: Stage::Pending,
    };
    store.insert(&long, &[]).await.unwrap();
    let people = People { expected: Expected::Number(2), known: vec![person("doctor"), person("patient")] };
    let ctx = ctx(store, provider.clone(), now);
    change(&ctx, &id, &Change { people: Some(people), ..Change::default() }).await.unwrap();
    let durations: Vec<_> = provider.rooms().into_values().map(|room| room.spec.duration).collect();
    assert_eq!(durations, [Some(std::time::Duration::from_hours(24))]);
}

#[tokio::test]
async fn a_change_gives_links_to_those_whose_links_were_lost() {
    let (store, provider) = (Arc::new(FakeTeleconsultationStore::new()), Arc::new(FakeVideoProvider::new()));
    let now: Timestamp = "2026-01-01T10:00:00Z".parse().unwrap();
    let (start, length) = (now + SignedDuration::from_hours(1), Length::For(SignedDuration::from_mins(30)));
    let ctx = ctx(store.clone(), provider.clone(), now);
    let people = People { expected: Expected::Number(2), known: vec![person("doctor"), person("patient")] };
    let id = schedule(&ctx, &Booking { people, start, length }).await.unwrap();
    let (whole, version) = store.teleconsultation(&id).await.unwrap().unwrap();
    let room = whole.room().unwrap().clone();
    store.replace(&whole.with_room(room, [].into()), version, &[]).await.unwrap();

    change(&ctx, &id, &Change { start: Some(start), ..Change::default() }).await.unwrap();
    let (mended, _) = store.teleconsultation(&id).await.unwrap().unwrap();
    assert!(mended.roster.known().iter().all(|participant| participant.access_link.is_some()));
    assert_eq!((provider.rooms().len(), provider.rooms_made()), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_does_not_answer_withholds_no_link() {
    let now: Timestamp = "2026-01-01T10:00:00Z".parse().unwrap();
    let store = Arc::new(FakeTeleconsultationStore::new());
    let ctx = ctx(store, Arc::new(MoodyProvider::silent()), now);
    let people = People { expected: Expected::Number(2), known: vec![person("doctor"), person("patient")] };
    let booking = Booking { people, start: now, length: Length::For(SignedDuration::from_mins(30)) };
    let id = schedule(&ctx, &booking).await.unwrap();
    let asked = tokio::time::Instant::now();
    let seen = read(&ctx, Some(&ParticipantId::parse("patient").unwrap()), &id).await.unwrap();
    assert!(seen.access_link.is_some());
    assert_eq!((seen.details, asked.elapsed()), (None, app::DETAILS_TIMEOUT));
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_does_not_answer_holds_up_neither_a_deletion_nor_the_worker() {
    let now: Timestamp = "2026-01-01T10:00:00Z".parse().unwrap();
    let store = Arc::new(FakeTeleconsultationStore::new());
    let ctx = ctx(store.clone(), Arc::new(MoodyProvider::silent()), now);
    let people = People { expected: Expected::Number(2), known: vec![person("doctor"), person("patient")] };
    let booking = Booking { people, start: now, length: Length::For(SignedDuration::from_mins(30)) };
    let id = schedule(&ctx, &booking).await.unwrap();

    let asked = tokio::time::Instant::now();
    delete(&ctx, &id).await.unwrap();
    assert_eq!(asked.elapsed(), app::DELETION_TIMEOUT);
    assert_eq!(store.cleanups().len(), 1, "the room is still to be deleted");
    let progress = finish_due_cleanups(&ctx).await.unwrap();
    assert_eq!((progress, asked.elapsed()), (CleanupProgress { finished: 0, postponed: 1 }, 2 * app::DELETION_TIMEOUT));
    assert!(store.cleanups()[0].due > now);
}
