//! Deleting rooms that no teleconsultation has any more, or never got.

use std::time::Duration;

use domain::RoomKey;
use jiff::{SignedDuration, Timestamp};
use ports::{
    provider::ProviderError,
    teleconsultations::{CleanupChange, RoomCleanup, StoreError},
};
use tokio::time::{error::Elapsed, timeout};

use crate::{Ctx, moment::later};

/// The most cleanups taken on in one step, so that a step ends soon and a stop need not wait for it.
pub const CLEANUPS_AT_ONCE_MAX: u32 = 32;

/// The wait after the first failure; it doubles with each further one. Shorter asks a provider that is down more often.
const BACKOFF_MIN: SignedDuration = SignedDuration::from_secs(1);

/// The longest wait: how late at most a room is deleted once a provider is back.
const BACKOFF_MAX: SignedDuration = SignedDuration::from_mins(5);

/// How long the provider may take to delete a room, a quarter of the time that a request has. It is tried again, so a provider that
/// hangs must keep neither the other rooms nor the caller of a change waiting for longer.
pub const DELETION_TIMEOUT: Duration = Duration::from_secs(5);

/// What one step did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CleanupProgress {
    /// Cleanups that are over: the room is deleted, or in use after all.
    pub finished: u32,
    /// Cleanups that failed and will be tried again, and those of rooms that may yet come to be.
    pub postponed: u32,
}

/// What became of a cleanup that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finish {
    /// It is over, or somebody else's.
    Over,
    /// No room was found, and one may yet come to be: it is looked for once more, later.
    LookedOnce,
}

/// Why a cleanup is not over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CleanupError {
    #[error("deleting the room failed")]
    Provider(#[from] ProviderError),
    #[error("deleting the room took too long")]
    Late(#[from] Elapsed),
    #[error("settling the cleanup failed")]
    Store(#[from] StoreError),
}

/// Does what is due: one step of the worker. Any number of workers may do this at the same time.
pub async fn finish_due_cleanups(ctx: &Ctx) -> Result<CleanupProgress, StoreError> {
    let mut progress = CleanupProgress::default();
    for cleanup in ctx.store.due_cleanups(ctx.clock.now(), CLEANUPS_AT_ONCE_MAX).await? {
        match finish(ctx, &cleanup).await {
            Ok(Finish::Over) => progress.finished += 1,
            Ok(Finish::LookedOnce) => progress.postponed += 1,
            // What cannot be read will not be readable in a moment, and must not keep the others from being done.
            Err(CleanupError::Store(error @ StoreError::Corrupt { .. })) => {
                tracing::error!(
                    teleconsultation.id = %cleanup.teleconsultation,
                    attempts = cleanup.attempts + 1,
                    error = &error as &dyn std::error::Error,
                    "a room stays because its teleconsultation cannot be read; it will be tried again"
                );
                postpone(ctx, cleanup).await?;
                progress.postponed += 1;
            }
            Err(CleanupError::Store(error)) => return Err(error),
            Err(error @ (CleanupError::Provider(_) | CleanupError::Late(_))) => {
                tracing::warn!(
                    teleconsultation.id = %cleanup.teleconsultation,
                    attempts = cleanup.attempts + 1,
                    error = &error as &dyn std::error::Error,
                    "a room without a teleconsultation could not be deleted; it will be tried again"
                );
                postpone(ctx, cleanup).await?;
                progress.postponed += 1;
            }
        }
    }
    Ok(progress)
}

/// It has begun: whatever failed, the room may be gone, so nobody must take it any more.
async fn postpone(ctx: &Ctx, cleanup: RoomCleanup) -> Result<(), StoreError> {
    let attempts = cleanup.attempts.saturating_add(1);
    let due = later(ctx.clock.now(), backoff(attempts));
    ctx.store.change_cleanups(&[CleanupChange::Record(RoomCleanup { attempts, due, begun: true, ..cleanup })]).await
}

fn backoff(attempts: u32) -> SignedDuration {
    let factor = 2_i32.saturating_pow(attempts.saturating_sub(1));
    BACKOFF_MIN.checked_mul(factor).map_or(BACKOFF_MAX, |wait| wait.min(BACKOFF_MAX))
}

/// How long a cleanup that was tried so often has failed at least: the waits between its attempts.
pub fn failing_for_at_least(attempts: u32) -> SignedDuration {
    let waits = attempts.saturating_sub(1);
    let growing = (1..=waits).map(backoff).take_while(|wait| *wait < BACKOFF_MAX);
    let (count, grown) = growing.fold((0, SignedDuration::ZERO), |(count, sum), wait| (count + 1, sum + wait));
    let longest = BACKOFF_MAX.checked_mul(i32::try_from(waits - count).unwrap_or(i32::MAX));
    longest.map_or(SignedDuration::MAX, |longest| grown.saturating_add(longest))
}

/// Deletes the room unless its teleconsultation has it, then settles the cleanup.
pub(crate) async fn finish(ctx: &Ctx, cleanup: &RoomCleanup) -> Result<Finish, CleanupError> {
    if !cleanup.begun && !begin(ctx, cleanup).await? {
        return Ok(Finish::Over);
    }
    if !is_in_use(ctx, cleanup).await? {
        timeout(DELETION_TIMEOUT, ctx.provider.delete_room(&cleanup.key, cleanup.room.as_ref())).await??;
        if let Some(due) = last_look(ctx, cleanup) {
            let again = RoomCleanup { due, begun: true, ..cleanup.clone() };
            ctx.store.change_cleanups(&[CleanupChange::Record(again)]).await?;
            return Ok(Finish::LookedOnce);
        }
    }
    ctx.store.change_cleanups(&[CleanupChange::Settle(cleanup.key.clone())]).await?;
    Ok(Finish::Over)
}

/// Takes a guard on, so that nobody can take its room any more, however late a request is and whatever the clock did meanwhile.
/// Returns whether it is ours to finish: what was read of it may be old, and its room taken, or the work begun by another.
async fn begin(ctx: &Ctx, cleanup: &RoomCleanup) -> Result<bool, StoreError> {
    let begun = CleanupChange::Record(RoomCleanup { begun: true, ..cleanup.clone() });
    if !ctx.store.abilities().atomic {
        // Taking it away and recording it anew are two writes there, and between them nothing would guard the room. Such a store sees
        // to it by itself that what is seen after this stays so, and that no more is settled than was given out.
        ctx.store.change_cleanups(&[begun]).await?;
        return Ok(true);
    }
    match ctx.store.change_cleanups(&[CleanupChange::KeepRoom(cleanup.key.clone()), begun]).await {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn is_in_use(ctx: &Ctx, cleanup: &RoomCleanup) -> Result<bool, StoreError> {
    let teleconsultation = ctx.store.teleconsultation_or_trashed(&cleanup.teleconsultation).await?;
    Ok(teleconsultation.is_some_and(|(it, _)| it.room().is_some_and(|room| room.key == cleanup.key)))
}

/// When a room whose name was never learned is looked for once more: the request for it may have taken effect late. `None` if that
/// cannot be any more.
fn last_look(ctx: &Ctx, cleanup: &RoomCleanup) -> Option<Timestamp> {
    if cleanup.room.is_some() {
        return None;
    }
    let (_, asked) = cleanup.key.origin()?;
    let late_by = SignedDuration::try_from(ctx.provider.late_by()).unwrap_or(SignedDuration::MAX);
    Some(later(asked, late_by)).filter(|last| ctx.clock.now() < *last)
}

/// Does a recorded cleanup at once. A failure is no failure of the caller's change: the cleanup is on disk and due.
pub(crate) async fn finish_at_once(ctx: &Ctx, cleanup: &RoomCleanup) {
    if let Err(error) = finish(ctx, cleanup).await {
        tracing::warn!(
            teleconsultation.id = %cleanup.teleconsultation,
            error = &error as &dyn std::error::Error,
            "a room could not be deleted at once; it will be tried again"
        );
    }
}

/// Records that an unused room is to be deleted now rather than when its guard comes due, and does it.
pub(crate) async fn discard(ctx: &Ctx, cleanup: &RoomCleanup) {
    match ctx.store.change_cleanups(&[CleanupChange::Record(cleanup.clone())]).await {
        Ok(()) => finish_at_once(ctx, cleanup).await,
        Err(error) => tracing::warn!(
            teleconsultation.id = %cleanup.teleconsultation,
            error = &error as &dyn std::error::Error,
            "an unused room stays until its guard comes due"
        ),
    }
}

/// Ends the guard of a room that was not made. A failure leaves it, and costs one look when it comes due.
pub(crate) async fn lift(ctx: &Ctx, key: &RoomKey) {
    if let Err(error) = ctx.store.change_cleanups(&[CleanupChange::Settle(key.clone())]).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "a guard without a room stays until it comes due");
    }
}

/// The cleanup of a room that a teleconsultation is about to lose.
pub(crate) fn of_replaced(ctx: &Ctx, id: &domain::TeleconsultationId, room: &domain::OpenRoom) -> RoomCleanup {
    RoomCleanup {
        key: RoomKey::clone(&room.key),
        room: Some(room.room.clone()),
        teleconsultation: id.clone(),
        due: ctx.clock.now(),
        attempts: 0,
        begun: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_five_minutes() {
        let seconds = |attempts| backoff(attempts).as_secs();
        assert_eq!([1, 2, 3, 9, 10, 40, u32::MAX].map(seconds), [1, 2, 4, 256, 300, 300, 300]);
    }

    #[test]
    fn the_number_of_attempts_tells_how_long_a_cleanup_fails() {
        let seconds = |attempts| failing_for_at_least(attempts).as_secs();
        assert_eq!([0, 1, 2, 3, 10, 11, 12].map(seconds), [0, 0, 1, 3, 511, 811, 1111]);
        assert!(failing_for_at_least(u32::MAX) > failing_for_at_least(1_000_000));
    }
}
