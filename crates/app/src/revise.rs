//! The loop that every change goes through: read, decide, prepare the room, write; and if someone else was faster, again.

use domain::{OpenRoom, Teleconsultation, TeleconsultationId};
use ports::{
    provider::ProviderError,
    teleconsultations::{CleanupChange, StoreError},
};

use crate::{
    ChangeError, Ctx, Person,
    cleanup::{discard, finish_at_once, of_replaced},
    people::{Need, Users},
    recognize::regrouped,
    room::{Guard, PreparedRoom, WantedRoom},
};

/// How often a change is decided before it gives up. Every lost race means that someone else's change was written, so up to this
/// many changes at the same moment all succeed: as when the largest list is filled by 25 calls at once.
pub const DECISIONS_MAX: u32 = 32;

/// Applies `decide` to the teleconsultation as it is stored. `newcomers` are the people whom the decision may add: they get their
/// users at the provider once the decision has stood the rules.
pub(crate) async fn revise(
    ctx: &Ctx,
    id: &TeleconsultationId,
    newcomers: &[Person],
    decide: impl Fn(&Teleconsultation, &Users<'_>) -> Result<Teleconsultation, ChangeError>,
) -> Result<(), ChangeError> {
    let mut prepared = None;
    let outcome = decide_and_write(ctx, id, newcomers, decide, &mut prepared).await;
    if let Some(unused) = prepared {
        discard(ctx, &PreparedRoom::cleanup(&unused, id, ctx.clock.now())).await;
    }
    if let Some(replaced) = outcome? {
        finish_at_once(ctx, &of_replaced(ctx, id, &replaced)).await;
    }
    Ok(())
}

/// Returns the room that the teleconsultation lost, and leaves in `prepared` a room that it did not take.
async fn decide_and_write(
    ctx: &Ctx,
    id: &TeleconsultationId,
    newcomers: &[Person],
    decide: impl Fn(&Teleconsultation, &Users<'_>) -> Result<Teleconsultation, ChangeError>,
    prepared: &mut Option<PreparedRoom>,
) -> Result<Option<OpenRoom>, ChangeError> {
    let mut users = Users::derived(ctx);
    let mut users_exist = false;
    let mut refused_at = None;
    for _ in 0..DECISIONS_MAX {
        let (current, version) = ctx.store.teleconsultation(id).await?.ok_or(ChangeError::NotFound)?;
        if refused_at == Some(version) {
            // Nobody changed the teleconsultation, so the write was refused because the prepared room's guard came due.
            if let Some(late) = prepared.take() {
                discard(ctx, &late.cleanup(id, ctx.clock.now())).await;
            }
        }
        if current.is_frozen(ctx.clock.now(), ctx.policy.immutable_period) {
            return Err(ChangeError::Frozen);
        }
        let current = regrouped(ctx, current).await?;
        let mut revised = decide(&current, &users)?;
        if !users_exist {
            users.ensure(&users.participants(newcomers)?, Need::List).await?;
            users_exist = true;
            revised = decide(&current, &users)?;
        }

        let mut cleanups = Vec::new();
        let had = current.room().cloned();
        let needed = WantedRoom::of(&revised, &ctx.policy);
        let (revised, lost) = match needed {
            None => (revised.without_room(), had),
            Some(wanted) => match had {
                Some(room)
                    if WantedRoom::of(&current, &ctx.policy).as_ref() == Some(&wanted) && has_every_link(&current) =>
                {
                    (keeping(room, &current, revised), None)
                }
                had => {
                    let room = match fitting(ctx, id, wanted, prepared).await {
                        // The new room's guard came due before the room was there: another key.
                        Err(ChangeError::Provider(ProviderError::KeyUsedUp)) => continue,
                        room => room?,
                    };
                    let (revised, kept) = room.given_to(revised);
                    cleanups.push(kept);
                    (revised, had)
                }
            },
        };
        cleanups.extend(lost.as_ref().map(|room| CleanupChange::Record(of_replaced(ctx, id, room))));

        // Making users and a room takes time. Meanwhile people may have been shown the links that this write would end.
        if current.is_frozen(ctx.clock.now(), ctx.policy.immutable_period) {
            return Err(ChangeError::Frozen);
        }
        match ctx.store.replace(&revised, version, &cleanups).await {
            Ok(_) => {
                if cleanups.iter().any(|change| matches!(change, CleanupChange::KeepRoom(_))) {
                    *prepared = None;
                }
                return Ok(lost);
            }
            Err(StoreError::Conflict) => refused_at = Some(version),
            Err(error) => {
                // The write may still take effect, and with it the room: only its guard may decide, long after.
                *prepared = None;
                return Err(error.into());
            }
        }
    }
    Err(ChangeError::Contended)
}

/// The room prepared before the race was lost, if it is still the right one; else a new one.
async fn fitting<'a>(
    ctx: &Ctx,
    id: &TeleconsultationId,
    wanted: WantedRoom,
    prepared: &'a mut Option<PreparedRoom>,
) -> Result<&'a PreparedRoom, ChangeError> {
    let unfit = prepared.take_if(|room| !room.fits(&wanted));
    if let Some(unfit) = unfit {
        discard(ctx, &unfit.cleanup(id, ctx.clock.now())).await;
    }
    match prepared {
        Some(room) => Ok(room),
        none => {
            // Those who were named before too: the provider may have been down then, or have lost them since.
            ctx.provider.ensure_users(&wanted.users()).await?;
            Ok(none.insert(Guard::write(ctx, id).await?.open_room(ctx, wanted).await?))
        }
    }
}

/// Whether everyone can enter the room. A store that could not read links leaves them out; then another room is the remedy.
fn has_every_link(teleconsultation: &Teleconsultation) -> bool {
    teleconsultation.roster.known().iter().all(|participant| participant.access_link.is_some())
}

/// The revised teleconsultation with the room and the links it had.
fn keeping(room: OpenRoom, current: &Teleconsultation, revised: Teleconsultation) -> Teleconsultation {
    let links = current
        .roster
        .known()
        .iter()
        .filter_map(|participant| Some((participant.provider_user.clone(), participant.access_link.clone()?)))
        .collect();
    revised.with_room(room, links)
}
