//! What the reception desk sees: teleconsultations with all their people, whoever they are.

use domain::{Teleconsultation, TeleconsultationId};
use ports::teleconsultations::{ListPlace, Listed, StartingBetween, StoreError, Version};

use crate::Ctx;

/// A teleconsultation as the desk sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskView {
    /// The whole record, links included. Until it is frozen a change may still replace them.
    pub teleconsultation: Teleconsultation,
    /// Whether it can no longer be changed: its links are final.
    pub is_frozen: bool,
    /// Grows with its changes; for calendars (RFC 5545 §3.8.7.4).
    pub sequence: i32,
}

/// One page of what the desk sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskPage {
    /// In the order in which they begin.
    pub views: Vec<DeskView>,
    /// Where the next page begins after, if there is one.
    pub next: Option<ListPlace>,
    /// How many of this page are left out because they cannot be read.
    pub unreadable: u32,
}

/// Lists teleconsultations in the order in which they begin.
pub async fn desk_list(ctx: &Ctx, wanted: &StartingBetween) -> Result<DeskPage, StoreError> {
    let Listed { teleconsultations, next, unreadable } = ctx.store.starting_between(wanted).await?;
    let views = teleconsultations.into_iter().map(|found| seen(ctx, found)).collect();
    Ok(DeskPage { views, next, unreadable })
}

/// One teleconsultation; `None` if there is none, or it is in the trash.
pub async fn desk_view(ctx: &Ctx, id: &TeleconsultationId) -> Result<Option<DeskView>, StoreError> {
    Ok(ctx.store.teleconsultation(id).await?.map(|found| seen(ctx, found)))
}

fn seen(ctx: &Ctx, (teleconsultation, version): (Teleconsultation, Version)) -> DeskView {
    let is_frozen = teleconsultation.is_frozen(ctx.clock.now(), ctx.policy.immutable_period);
    DeskView { is_frozen, sequence: ctx.store.sequence(version), teleconsultation }
}
