//! Finding rooms at the provider that no teleconsultation has and no cleanup names.
//!
//! There are none while nothing but this program changes its store: each room is guarded (see `room`). But a store that was restored
//! from a backup has forgotten what was done since, and a provider may carry a request out twice. So all rooms that carry our mark are
//! looked through, a few at a time. Rooms that nobody has get a cleanup like any other, so they are deleted by the same rules: whoever
//! has one after all keeps it.

use domain::TeleconsultationId;
use jiff::{SignedDuration, Timestamp};
use ports::{
    provider::{MarkedRoom, ProviderError},
    teleconsultations::{CleanupChange, RoomCleanup, StoreError},
};
use tokio::time::timeout;

use crate::{Ctx, cleanup::DELETION_TIMEOUT, moment::later};

/// How old a room is at least before it is judged: whoever asked for it has taken it by then, and its guard has come due and been
/// looked at for the last time.
pub const ORPHAN_AGE_MIN: SignedDuration = SignedDuration::from_hours(3);

/// How long a room is left alone after it was found that the store has never heard of its teleconsultation. If that is because the
/// program was given another store by mistake, there is a day to notice, and the cleanup is in that store.
pub const ORPHAN_GRACE: SignedDuration = SignedDuration::from_hours(24);

/// The most cleanups among which a sweep looks for a room's. With more, the worker has enough to do and the sweep waits.
pub const PENDING_CLEANUPS_MAX: u32 = 10_000;

/// How far a sweep has come. A new one begins with the provider's first room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sweep {
    from: u64,
}

/// What one step of a sweep met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweepProgress {
    /// Rooms of ours that were looked at.
    pub seen: u32,
    /// Those of them that nobody has: they are deleted now or get a cleanup.
    pub orphans: u32,
    /// Whether the provider's last room has been looked at, so that the next step begins anew.
    pub round_done: bool,
}

/// Why a step of a sweep ended early. The next one begins where it began.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The provider does not tell of its rooms.
    #[error("the provider does not tell of its rooms")]
    Provider(#[from] ProviderError),
    /// The store did not answer.
    #[error("looking up whose rooms they are failed")]
    Store(#[from] StoreError),
}

/// What is to be done about a room.
enum Verdict {
    /// Nothing: it is in use, too young to be judged, or not one of our making.
    Leave,
    /// Its teleconsultation has another room under the same key, so nobody can ever have this one.
    Double,
    /// Nobody has it: it gets a cleanup, due at this moment.
    Orphan(TeleconsultationId, Timestamp),
}

/// Looks at some of the provider's rooms and sees to it that those which nobody has go: one step of a sweep. Several may go on at the
/// same time.
pub async fn sweep(ctx: &Ctx, sweep: &mut Sweep) -> Result<SweepProgress, SweepError> {
    let page = ctx.provider.marked_rooms(sweep.from).await?;
    let mut progress = SweepProgress { round_done: page.next.is_none(), ..SweepProgress::default() };
    if !page.rooms.is_empty() {
        let Some(pending) = ctx.store.cleanup_keys(PENDING_CLEANUPS_MAX).await? else {
            return Ok(SweepProgress::default());
        };
        for room in page.rooms.iter().filter(|room| !pending.contains(&room.key)) {
            progress.seen += 1;
            progress.orphans += u32::from(settle(ctx, room).await?);
        }
    }
    sweep.from = page.next.unwrap_or(0);
    Ok(progress)
}

/// Does what the room's verdict asks for, and returns whether it is an orphan.
async fn settle(ctx: &Ctx, room: &MarkedRoom) -> Result<bool, StoreError> {
    match judge(ctx, room).await? {
        Verdict::Leave => return Ok(false),
        Verdict::Double => match timeout(DELETION_TIMEOUT, ctx.provider.delete_marked(room)).await {
            Ok(Ok(())) => tracing::warn!("a room that was made twice is deleted"),
            Ok(Err(error)) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a room that was made twice could not be deleted; the next sweep tries again"
            ),
            Err(_) => tracing::warn!("deleting a room that was made twice took too long; the next sweep tries again"),
        },
        Verdict::Orphan(teleconsultation, due) => {
            tracing::warn!(
                teleconsultation.id = %teleconsultation,
                delete_at = %due,
                "a room at the provider has no teleconsultation and will be deleted"
            );
            let (key, room) = (room.key.clone(), Some(room.room.clone()));
            let cleanup = RoomCleanup { key, room, teleconsultation, due, attempts: 0, begun: true };
            ctx.store.change_cleanups(&[CleanupChange::Record(cleanup)]).await?;
        }
    }
    Ok(true)
}

async fn judge(ctx: &Ctx, room: &MarkedRoom) -> Result<Verdict, StoreError> {
    let Some((id, made)) = room.key.origin() else { return Ok(Verdict::Leave) };
    let now = ctx.clock.now();
    // Those who are in a room now are not thrown out, whoever let them in.
    if room.running || now < later(made, ORPHAN_AGE_MIN) {
        return Ok(Verdict::Leave);
    }
    let whose = match ctx.store.teleconsultation_or_trashed(&id).await {
        Ok(found) => found.map(|(teleconsultation, _)| teleconsultation),
        // Whether it has the room cannot be known, and it must not keep the others from being judged.
        Err(error @ StoreError::Corrupt { .. }) => {
            tracing::error!(
                teleconsultation.id = %id,
                error = &error as &dyn std::error::Error,
                "a room stays because its teleconsultation cannot be read"
            );
            return Ok(Verdict::Leave);
        }
        Err(error) => return Err(error),
    };
    Ok(match whose.as_ref().map(|teleconsultation| teleconsultation.room()) {
        Some(Some(open)) if open.key == room.key && open.room == room.room => Verdict::Leave,
        Some(Some(open)) if open.key == room.key => Verdict::Double,
        Some(_) => Verdict::Orphan(id, now),
        None => Verdict::Orphan(id, later(now, ORPHAN_GRACE)),
    })
}
