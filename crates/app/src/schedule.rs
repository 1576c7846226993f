//! Scheduling a teleconsultation (contract §6.1).

use domain::{Length, Roster, Schedule, Stage, Teleconsultation, TeleconsultationId};
use jiff::Timestamp;
use ports::{Deferred, provider::ProviderError, teleconsultations::StoreError};

use crate::{
    Ctx, DECISIONS_MAX, People, PeopleError, ScheduleTeleconsultationError,
    cleanup::discard,
    people::{Need, Users},
    recognize::recognized,
    room::{Guard, WantedRoom},
};

/// A teleconsultation to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// Who takes part.
    pub people: People,
    /// When it begins.
    pub start: Timestamp,
    /// When it ends.
    pub length: Length,
}

/// Schedules a teleconsultation, with its room if everyone is known. Nothing is made for a booking that cannot be.
pub async fn schedule(ctx: &Ctx, booking: &Booking) -> Result<TeleconsultationId, ScheduleTeleconsultationError> {
    let schedule = Schedule::new(booking.start, booking.length, !ctx.policy.unlimited)?;
    let people = &recognized(ctx, &booking.people).await?;
    let mut users = Users::derived(ctx);
    let roster = roster(&users, people)?;
    // Users and guard need not wait for each other, so they can share a commit. A guard without a room costs one look later.
    let need = if roster.is_complete() { Need::Room } else { Need::List };
    let ensuring = async { Ok::<_, ScheduleTeleconsultationError>(users.ensure(roster.known(), need).await?) };
    let guarding = async { Ok(begin(ctx, roster.is_complete()).await?) };
    let ((), (mut id, mut guard)) = tokio::try_join!(ensuring, guarding)?;
    let roster = self::roster(&users, people)?;

    for _ in 0..DECISIONS_MAX {
        let pending = Teleconsultation { id: id.clone(), schedule, roster: roster.clone(), stage: Stage::Pending };
        match insert(ctx, pending, guard).await {
            Ok(()) => return Ok(id),
            // The id exists, or the guard came due: another of each.
            Err(
                ScheduleTeleconsultationError::Store(StoreError::Conflict)
                | ScheduleTeleconsultationError::Provider(ProviderError::KeyUsedUp),
            ) => {}
            Err(error) => return Err(error),
        }
        (id, guard) = begin(ctx, roster.is_complete()).await?;
    }
    Err(StoreError::Conflict.into())
}

/// The id of a teleconsultation to be, and the guard of its room if it gets one.
async fn begin(ctx: &Ctx, with_room: bool) -> Result<(TeleconsultationId, Option<(Guard, Deferred)>), StoreError> {
    let id = ctx.store.reserve(new_id(ctx)).await?;
    let guard = if with_room { Some(Guard::defer(ctx, &id).await?) } else { None };
    Ok((id, guard))
}

fn new_id(ctx: &Ctx) -> TeleconsultationId {
    id_made_at(ctx.clock.now(), ctx.chance.bytes())
}

/// An id whose first two bytes of chance give way to the part of the second: ids of one time stand together in an index, so that
/// adding them changes few of its pages. The 48 bits of chance left are for ids made within 15 µs.
fn id_made_at(now: Timestamp, mut chance: [u8; 8]) -> TeleconsultationId {
    // The part of a moment before 1970, which an id cannot tell, is negative.
    let part = u64::from(now.subsec_nanosecond().unsigned_abs()) * (1 << 16) / 1_000_000_000;
    chance[..2].copy_from_slice(&part.to_be_bytes()[6..]);
    TeleconsultationId::new(now, chance)
}

/// Inserts the teleconsultation, with its room if it needs one. Then there is a guard.
async fn insert(
    ctx: &Ctx,
    pending: Teleconsultation,
    guard: Option<(Guard, Deferred)>,
) -> Result<(), ScheduleTeleconsultationError> {
    let (Some(wanted), Some((guard, before))) = (WantedRoom::of(&pending, &ctx.policy), guard) else {
        ctx.store.insert(&pending, &[]).await?;
        return Ok(());
    };
    let id = pending.id.clone();
    let (prepared, before) = guard.open_room_after(before, ctx, wanted).await?;
    let (ready, kept) = prepared.given_to(pending);
    let inserted = ctx.store.insert_after(before, &ready, &[kept]).await;
    // After any other error the write may still take effect, and with it the room: then only its guard may decide.
    if matches!(inserted, Err(StoreError::Conflict)) {
        discard(ctx, &prepared.cleanup(&id, ctx.clock.now())).await;
    }
    inserted?;
    Ok(())
}

/// The roster of the people listed, checked.
pub(crate) fn roster(users: &Users<'_>, people: &People) -> Result<Roster, PeopleError> {
    Ok(Roster::new(people.expected(), users.participants(&people.known)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_moment_they_were_made_at_also_within_a_second() {
        let id = |moment: &str, chance| id_made_at(moment.parse().unwrap(), [chance; 8]);
        assert_eq!(id("2026-01-01T00:00:00Z", 0xab).as_str(), "6955b9000000abababababab");
        assert_eq!(id("2026-01-01T00:00:00.999999999Z", 0xab).as_str(), "6955b900ffffabababababab");
        assert!(id("2026-01-01T00:00:00.5Z", 0xff) < id("2026-01-01T00:00:00.5001Z", 0));
        assert_ne!(id("2026-01-01T00:00:00Z", 1), id("2026-01-01T00:00:00Z", 2));
    }
}
