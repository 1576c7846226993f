//! What a room must be like to be made (`kaleyra-video-api.md` §4 and §6.2), and what it is in afterwards.

use std::{collections::BTreeSet, time::Duration};

use domain::{PARTICIPANTS_MAX, PARTICIPANTS_MIN, Role};
use jiff::Timestamp;
use ports::{
    provider::{RoomSpec, RoomStatus},
    rooms::{Closure, ClosureReason, Room, Session, User},
};

use crate::limits::{RATING_WITHIN, STEP_MAX};

/// The shortest duration of a room.
pub const DURATION_MIN: Duration = Duration::from_mins(1);

/// The longest duration of a room that has one: 24 hours.
pub const DURATION_MAX: Duration = Duration::from_hours(24);

/// Why a room is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RoomRefused {
    /// Fewer than 2.
    #[error("a room needs at least 2 participants")]
    TooFew,
    /// More than 25.
    #[error("a room has at most 25 participants")]
    TooMany,
    /// Somebody is listed twice.
    #[error("a participant is listed twice")]
    Twice,
    /// Somebody is no user.
    #[error("a participant is not a user")]
    UnknownUser,
    /// Somebody may not use the service.
    #[error("a participant is not active")]
    InactiveUser,
    /// Nobody is plus.
    #[error("a room needs at least one plus user")]
    NoPlusUser,
    /// Less than 60 s, more than 24 h, or not in whole seconds.
    #[error("the duration must be 60 to 86400 whole seconds")]
    Duration,
}

/// Checks a room that is to be made; `users` are those of its people who exist.
pub fn check(spec: &RoomSpec, users: &[User]) -> Result<(), RoomRefused> {
    check_shape(spec)?;
    let mut plus = false;
    for participant in &spec.participants {
        let user = users.iter().find(|user| user.id == participant.user).ok_or(RoomRefused::UnknownUser)?;
        if !user.active {
            return Err(RoomRefused::InactiveUser);
        }
        plus |= user.role == Role::Plus;
    }
    if plus { Ok(()) } else { Err(RoomRefused::NoPlusUser) }
}

/// The part of [`check`] that needs no store.
pub fn check_shape(spec: &RoomSpec) -> Result<(), RoomRefused> {
    if spec.participants.len() < usize::from(PARTICIPANTS_MIN) {
        return Err(RoomRefused::TooFew);
    }
    if spec.participants.len() > usize::from(PARTICIPANTS_MAX) {
        return Err(RoomRefused::TooMany);
    }
    let distinct: BTreeSet<_> = spec.participants.iter().map(|participant| &participant.user).collect();
    if distinct.len() < spec.participants.len() {
        return Err(RoomRefused::Twice);
    }
    match spec.duration {
        Some(length) if !(DURATION_MIN..=DURATION_MAX).contains(&length) || length.subsec_nanos() != 0 => {
            Err(RoomRefused::Duration)
        }
        Some(_) | None => Ok(()),
    }
}

/// Whether somebody can still enter the room.
pub fn is_open(room: &Room) -> bool {
    room.closure.is_none() && room.duration.is_none_or(|duration| room.used < duration)
}

/// Whether its people can say how a call in the room was: as long as it is open, and for [`RATING_WITHIN`] after its time was up. A room
/// that was disabled takes none: whoever did that wanted nothing more of it.
pub fn takes_ratings(room: &Room, now: Timestamp) -> bool {
    match room.closure {
        None => true,
        Some(Closure { reason: ClosureReason::Disabled, .. }) => false,
        Some(Closure { reason: ClosureReason::TimeUp, at }) => {
            let age = now.duration_since(at);
            age.is_negative() || Duration::try_from(age).is_ok_and(|age| age < RATING_WITHIN)
        }
    }
}

/// What happens in the room.
pub fn status(room: &Room, session: Option<&Session>) -> RoomStatus {
    if !is_open(room) {
        RoomStatus::Closed
    } else if session.is_some_and(|session| session.running.is_some()) {
        RoomStatus::Running
    } else {
        RoomStatus::NotRunning
    }
}

/// How much of the room's duration is used at this moment, as far as the store can tell: what was written down, and the time since,
/// which is never more than one step.
pub fn used_at(room: &Room, session: Option<&Session>, now: Timestamp) -> Duration {
    let since = match session {
        Some(session) if session.running.is_some() => {
            Duration::try_from(now.duration_since(session.counted_until)).unwrap_or_default().min(STEP_MAX)
        }
        Some(_) | None => Duration::ZERO,
    };
    let used = room.used.saturating_add(since);
    room.duration.map_or(used, |duration| used.min(duration))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, at, room_spec, user};

    fn pair() -> (RoomSpec, Vec<User>) {
        (room_spec(&["anna", "bert"]), vec![user("anna", Role::Plus), user("bert", Role::Basic)])
    }

    #[test]
    fn two_people_one_of_them_plus_are_a_room() {
        let (spec, users) = pair();
        assert_eq!(check(&spec, &users), Ok(()));
    }

    #[test]
    fn a_room_of_basic_users_is_refused() {
        let (spec, users) = pair();
        let basic: Vec<_> = users.into_iter().map(|user| User { role: Role::Basic, ..user }).collect();
        assert_eq!(check(&spec, &basic), Err(RoomRefused::NoPlusUser));
    }

    #[test]
    fn one_and_twenty_six_people_are_refused_and_twenty_five_are_not() {
        let names: Vec<String> = (0..26).map(|n| format!("user{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let users: Vec<_> = names.iter().map(|name| user(name, Role::Plus)).collect();
        assert_eq!(check(&room_spec(&names[..1]), &users), Err(RoomRefused::TooFew));
        assert_eq!(check(&room_spec(&names[..25]), &users), Ok(()));
        assert_eq!(check(&room_spec(&names), &users), Err(RoomRefused::TooMany));
    }

    #[test]
    fn people_who_are_unknown_inactive_or_listed_twice_are_refused() {
        let (spec, mut users) = pair();
        assert_eq!(check(&spec, &users[..1]), Err(RoomRefused::UnknownUser));
        assert_eq!(check(&room_spec(&["anna", "anna"]), &users), Err(RoomRefused::Twice));
        users[1].active = false;
        assert_eq!(check(&spec, &users), Err(RoomRefused::InactiveUser));
    }

    #[test]
    fn durations_outside_the_limits_or_not_in_whole_seconds_are_refused() {
        let (spec, users) = pair();
        let with = |duration| check(&RoomSpec { duration: Some(duration), ..spec.clone() }, &users);
        assert_eq!(with(Duration::from_mins(1)), Ok(()));
        assert_eq!(with(Duration::from_hours(24)), Ok(()));
        for wrong in
            [Duration::ZERO, Duration::from_secs(59), Duration::from_secs(86_401), Duration::from_millis(60_500)]
        {
            assert_eq!(with(wrong), Err(RoomRefused::Duration), "{wrong:?}");
        }
    }

    #[test]
    fn a_room_is_closed_by_its_closure_or_by_its_use() {
        let (_, mut room) = crate::testing::room("room", &["anna", "bert"]);
        assert_eq!(status(&room, None), RoomStatus::NotRunning);
        room.duration = Some(Duration::from_mins(1));
        room.used = Duration::from_mins(1);
        assert_eq!(status(&room, None), RoomStatus::Closed);
        room.used = Duration::from_secs(59);
        assert_eq!(status(&room, None), RoomStatus::NotRunning);
        room.closure = Some(ports::rooms::Closure { reason: ports::rooms::ClosureReason::Disabled, at: at(0) });
        assert_eq!(status(&room, None), RoomStatus::Closed);
    }

    #[test]
    fn a_room_takes_ratings_until_a_day_after_its_time_was_up() {
        let (_, mut room) = testing::room("room_1", &["anna", "bert"]);
        let within = RATING_WITHIN.as_secs();
        assert!(takes_ratings(&room, at(u64::MAX >> 32)), "while it is open");
        room.closure = Some(Closure { reason: ClosureReason::TimeUp, at: at(100) });
        for (now, taken) in [(50, true), (100, true), (100 + within - 1, true), (100 + within, false)] {
            assert_eq!(takes_ratings(&room, at(now)), taken, "{now}");
        }
        room.closure = Some(Closure { reason: ClosureReason::Disabled, at: at(100) });
        assert!(!takes_ratings(&room, at(100)));
    }

    #[test]
    fn use_since_the_last_count_is_never_negative_or_more_than_a_step() {
        let (session, mut room) = crate::testing::room("room", &["anna", "bert"]);
        room.used = Duration::from_secs(100);
        let used = |seconds| used_at(&room, Some(&session), at(seconds)).as_secs();
        assert_eq!(session.counted_until, at(100));
        assert_eq!(used(107), 107);
        assert_eq!(used(50), 100);
        assert_eq!(used(1_000_000), 100 + STEP_MAX.as_secs());
        assert_eq!(used_at(&room, None, at(107)).as_secs(), 100);
    }
}
