//! The use cases, each with what was there before it and what it makes of that.

use app::{
    Booking, Change, ChangeError, Ctx, DeleteError, Expected, ORPHAN_AGE_MIN, People, Person, ROOM_GUARD, ReadError,
    ScheduleTeleconsultationError, Sweep, SweepError, add_participant, change, delete, finish_due_cleanups, read,
    schedule, sweep,
};
use domain::{
    FullName, GroupName, Length, ParticipantId, ProviderUserId, Role, RoomKey, Stage, Teleconsultation,
    TeleconsultationId, Tools,
};
use jiff::{SignedDuration, Timestamp};
use ports::{
    provider::{ProviderError, Recording, RoomParticipant, RoomSpec, UserSpec},
    teleconsultations::{CleanupChange, RoomCleanup, StoreError},
};

use crate::{beside, world::World};

/// A use case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    ScheduleComplete,
    ScheduleIncomplete,
    ChangeDates,
    ChangePeople,
    ChangeToIncomplete,
    AddTheLast,
    Delete,
    Read,
    DeleteFiles,
    Credentials,
    ReadWhatWasSaid,
    Background,
    LookAfter,
    CleanUp,
    Sweep,
}

pub const CASES: [Case; 15] = [
    Case::ScheduleComplete,
    Case::ScheduleIncomplete,
    Case::ChangeDates,
    Case::ChangePeople,
    Case::ChangeToIncomplete,
    Case::AddTheLast,
    Case::Delete,
    Case::Read,
    Case::DeleteFiles,
    Case::Credentials,
    Case::ReadWhatWasSaid,
    Case::Background,
    Case::LookAfter,
    Case::CleanUp,
    Case::Sweep,
];

/// How a use case was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// With success, and with the id of what was scheduled.
    Done(Option<TeleconsultationId>),
    /// With a failure of this kind.
    Failed(&'static str),
    /// Not at all.
    Killed,
}

impl Answer {
    pub fn text(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Failed(kind) => kind,
            Self::Killed => "killed",
        }
    }
}

pub fn begin() -> Timestamp {
    "2026-01-01T10:00:00Z".parse().unwrap()
}

fn start() -> Timestamp {
    begin() + SignedDuration::from_hours(2)
}

fn later_start() -> Timestamp {
    begin() + SignedDuration::from_hours(4)
}

fn person(name: &str) -> Person {
    let group = if name == "doctor" { "doctor" } else { "patient" };
    Person {
        id: ParticipantId::parse(name).unwrap(),
        groups: vec![GroupName::parse(group).unwrap()],
        full_name: Some(FullName::parse(name).unwrap()),
        language: None,
    }
}

fn people(names: &[&str], expected: u64) -> People {
    People { expected: Expected::Number(expected), known: names.iter().map(|name| person(name)).collect() }
}

fn booking(names: &[&str], expected: u64) -> Booking {
    Booking { people: people(names, expected), start: start(), length: Length::For(SignedDuration::from_mins(30)) }
}

fn names(it: &Teleconsultation) -> Vec<&str> {
    it.roster.known().iter().map(|participant| participant.id.as_str()).collect()
}

impl Case {
    pub fn name(self) -> &'static str {
        match self {
            Self::ScheduleComplete => "schedule, everybody known",
            Self::ScheduleIncomplete => "schedule, somebody not known yet",
            Self::ChangeDates => "change the dates, the room stays",
            Self::ChangePeople => "change the people, another room",
            Self::ChangeToIncomplete => "change the people, no room any more",
            Self::AddTheLast => "add the last person, a room",
            Self::Delete => "delete",
            Self::Read => "read",
            Self::DeleteFiles => "delete the files that were shared",
            Self::Credentials => "make an access token for somebody new",
            Self::ReadWhatWasSaid => "show what was said",
            Self::Background => "add a background, make it the default",
            Self::LookAfter => "probes and figures",
            Self::CleanUp => "worker: clean up after a killed process",
            Self::Sweep => "worker: sweep",
        }
    }

    /// Makes what was there before, without faults. Returns the teleconsultation that the use case is about.
    pub async fn set_up(self, ctx: &Ctx, world: &World) -> Option<TeleconsultationId> {
        let whole = async || Some(schedule(ctx, &booking(&["doctor", "patient"], 2)).await.unwrap());
        match self {
            Self::ScheduleComplete | Self::ScheduleIncomplete => None,
            Self::ChangeDates
            | Self::ChangePeople
            | Self::ChangeToIncomplete
            | Self::Delete
            | Self::Credentials
            | Self::Background
            | Self::LookAfter => whole().await,
            Self::DeleteFiles | Self::ReadWhatWasSaid => {
                let id = whole().await;
                world.leave_things().await;
                id
            }
            Self::AddTheLast => Some(schedule(ctx, &booking(&["doctor"], 2)).await.unwrap()),
            Self::Read => {
                let id = whole().await;
                world.clock.set(start());
                id
            }
            Self::CleanUp => {
                let id = whole().await;
                leave_a_room_behind(ctx, true).await;
                world.clock.advance(ROOM_GUARD);
                id
            }
            Self::Sweep => {
                let id = whole().await;
                if world.needs_sweeping() {
                    leave_a_room_behind(ctx, false).await;
                }
                world.clock.advance(ORPHAN_AGE_MIN);
                id
            }
        }
    }

    pub async fn run(self, ctx: &Ctx, id: Option<&TeleconsultationId>) -> Answer {
        let of = || id.unwrap();
        let done = |outcome: Result<(), &'static str>| match outcome {
            Ok(()) => Answer::Done(None),
            Err(kind) => Answer::Failed(kind),
        };
        let scheduled = |outcome: Result<TeleconsultationId, ScheduleTeleconsultationError>| match outcome {
            Ok(id) => Answer::Done(Some(id)),
            Err(error) => Answer::Failed(schedule_kind(&error)),
        };
        match self {
            Self::ScheduleComplete => scheduled(schedule(ctx, &booking(&["doctor", "patient"], 2)).await),
            Self::ScheduleIncomplete => scheduled(schedule(ctx, &booking(&["doctor"], 2)).await),
            Self::ChangeDates => {
                let dates = Change { start: Some(later_start()), ..Change::default() };
                done(change(ctx, of(), &dates).await.map_err(|error| change_kind(&error)))
            }
            Self::ChangePeople => {
                let others = Change { people: Some(people(&["doctor", "relative"], 2)), ..Change::default() };
                done(change(ctx, of(), &others).await.map_err(|error| change_kind(&error)))
            }
            Self::ChangeToIncomplete => {
                let fewer = Change { people: Some(people(&["doctor"], 3)), ..Change::default() };
                done(change(ctx, of(), &fewer).await.map_err(|error| change_kind(&error)))
            }
            Self::AddTheLast => {
                done(add_participant(ctx, of(), &person("patient")).await.map_err(|error| change_kind(&error)))
            }
            Self::Delete => done(delete(ctx, of()).await.map_err(|error| match error {
                DeleteError::NotFound => "not found",
                DeleteError::Contended => "contended",
                DeleteError::Store(error) => store_kind(&error),
            })),
            Self::Read => {
                let seen = read(ctx, Some(&ParticipantId::parse("patient").unwrap()), of()).await;
                done(match seen {
                    Ok(seen) => {
                        assert!(seen.access_link.is_some(), "the link is not withheld");
                        Ok(())
                    }
                    Err(ReadError::NotFound | ReadError::NotParticipant) => Err("not found"),
                    Err(ReadError::Store(error)) => Err(store_kind(&error)),
                })
            }
            Self::DeleteFiles => done(beside::delete_files(ctx, of()).await),
            Self::Credentials => done(beside::make_credentials(ctx).await),
            Self::ReadWhatWasSaid => done(beside::read_what_was_said(ctx, of()).await),
            Self::Background => done(beside::choose_a_background(ctx).await),
            Self::LookAfter => done(beside::look_after(ctx).await),
            Self::CleanUp => done(finish_due_cleanups(ctx).await.map(drop).map_err(|error| store_kind(&error))),
            Self::Sweep => {
                let swept = sweep(ctx, &mut Sweep::default()).await;
                done(swept.map(drop).map_err(|error| match error {
                    SweepError::Provider(error) => provider_kind(&error),
                    SweepError::Store(error) => store_kind(&error),
                }))
            }
        }
    }

    /// Whether this is what the use case makes of what was there before.
    pub fn is_done(self, before: Option<&Teleconsultation>, after: &Teleconsultation) -> bool {
        match self {
            Self::ScheduleComplete | Self::AddTheLast => {
                names(after) == ["doctor", "patient"] && after.room().is_some()
            }
            Self::ScheduleIncomplete | Self::ChangeToIncomplete => {
                names(after) == ["doctor"] && after.stage == Stage::Pending
            }
            Self::ChangeDates => {
                let moved = before.map(|before| {
                    let length = before.schedule.length();
                    Teleconsultation {
                        schedule: domain::Schedule::from_stored(later_start(), length),
                        ..before.clone()
                    }
                });
                moved.as_ref() == Some(after)
            }
            Self::ChangePeople => {
                let had = before.and_then(Teleconsultation::room);
                names(after) == ["doctor", "relative"] && after.room().is_some() && after.room() != had
            }
            Self::Delete => after.stage == Stage::Trashed,
            Self::Read
            | Self::DeleteFiles
            | Self::Credentials
            | Self::ReadWhatWasSaid
            | Self::Background
            | Self::LookAfter
            | Self::CleanUp
            | Self::Sweep => before == Some(after),
        }
    }
}

/// What a process that was killed leaves: a room that no teleconsultation has, with its guard; or, where the store forgot that, without.
async fn leave_a_room_behind(ctx: &Ctx, guarded: bool) {
    let id = TeleconsultationId::new(ctx.clock.now(), [7; 8]);
    let key = RoomKey::of(&id, ctx.clock.now(), [7; 4]);
    if guarded {
        let due = ctx.clock.now() + ROOM_GUARD;
        let guard = RoomCleanup { key: key.clone(), room: None, teleconsultation: id, due, attempts: 0, begun: false };
        ctx.store.change_cleanups(&[CleanupChange::Record(guard)]).await.unwrap();
    }
    let user = |name| ctx.user_id_key.provider_user(&ParticipantId::parse(name).unwrap());
    let participant = |user: ProviderUserId, admin| RoomParticipant {
        user,
        admin,
        tools: Tools::all(),
        display_name: None,
        language: None,
    };
    let users = [(user("doctor"), Role::Plus), (user("patient"), Role::Basic)];
    let users = users.map(|(id, role)| UserSpec { id, role, language: None });
    ctx.provider.ensure_users(&users).await.unwrap();
    let spec = RoomSpec {
        key,
        participants: vec![participant(user("doctor"), true), participant(user("patient"), false)],
        duration: None,
        live: true,
        recording: Recording::None,
    };
    ctx.provider.ensure_room(&spec).await.unwrap();
}

fn schedule_kind(error: &ScheduleTeleconsultationError) -> &'static str {
    match error {
        ScheduleTeleconsultationError::Dates(_)
        | ScheduleTeleconsultationError::People(_)
        | ScheduleTeleconsultationError::Directory(_) => "refused",
        ScheduleTeleconsultationError::Provider(error) => provider_kind(error),
        ScheduleTeleconsultationError::Store(error) => store_kind(error),
    }
}

fn change_kind(error: &ChangeError) -> &'static str {
    match error {
        ChangeError::NotFound => "not found",
        ChangeError::Frozen | ChangeError::Dates(_) | ChangeError::People(_) | ChangeError::Directory(_) => "refused",
        ChangeError::Contended => "contended",
        ChangeError::Provider(error) => provider_kind(error),
        ChangeError::Store(error) => store_kind(error),
    }
}

/// As the API answers them: 503, 502 or 500.
pub fn provider_kind(error: &ProviderError) -> &'static str {
    match error {
        ProviderError::Busy { .. } | ProviderError::KeyUsedUp | ProviderError::Unavailable { .. } => "503",
        ProviderError::Refused { .. } | ProviderError::Unexpected { .. } => "502",
    }
}

pub fn store_kind(error: &StoreError) -> &'static str {
    match error {
        StoreError::Conflict => "409",
        StoreError::Unavailable { .. } => "503",
        StoreError::Corrupt { .. } => "500",
    }
}
