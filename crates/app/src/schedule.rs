//! Scheduling a teleconsultation (contract §6.1).

use domain::{Length, Roster, Schedule, Stage, Teleconsultation, TeleconsultationId};
use jiff::Timestamp;
use ports::teleconsultations::StoreError;

use crate::{
    Ctx, DECISIONS_MAX, People, PeopleError, ScheduleTeleconsultationError,
    cleanup::discard,
    people::Users,
    room::{WantedRoom, prepare},
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
    let mut users = Users::derived(ctx);
    let roster = roster(&users, &booking.people)?;
    users.ensure(roster.known()).await?;
    let roster = self::roster(&users, &booking.people)?;

    let mut decisions = 0;
    loop {
        decisions += 1;
        let id = TeleconsultationId::new(ctx.clock.now(), ctx.chance.bytes());
        let pending = Teleconsultation { id: id.clone(), schedule, roster: roster.clone(), stage: Stage::Pending };
        let stored = match WantedRoom::of(&pending, &ctx.policy) {
            None => ctx.store.insert(&pending, &[]).await,
            Some(wanted) => {
                let prepared = prepare(ctx, &id, wanted).await?;
                let (ready, settled) = prepared.given_to(pending);
                let stored = ctx.store.insert(&ready, &[settled]).await;
                if matches!(stored, Err(StoreError::Conflict)) {
                    discard(ctx, &prepared.cleanup(&id, ctx.clock.now())).await;
                }
                stored
            }
        };
        match stored {
            Ok(_) => return Ok(id),
            // The id exists: another one.
            Err(StoreError::Conflict) if decisions < DECISIONS_MAX => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The roster of the people listed, checked.
pub(crate) fn roster(users: &Users<'_>, people: &People) -> Result<Roster, PeopleError> {
    Ok(Roster::new(people.expected, users.participants(&people.known)?)?)
}
