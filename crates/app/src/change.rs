//! Changing a teleconsultation (contract §6.2).

use domain::{Length, Teleconsultation, TeleconsultationId};
use jiff::Timestamp;

use crate::{ChangeError, Ctx, People, recognize::recognized, revise::revise, schedule::roster};

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// The whole list, in place of the old one.
    pub people: Option<People>,
    /// When it begins.
    pub start: Option<Timestamp>,
    /// When it ends.
    pub length: Option<Length>,
}

/// Changes a teleconsultation, and replaces its room if it needs another one.
pub async fn change(ctx: &Ctx, id: &TeleconsultationId, change: &Change) -> Result<(), ChangeError> {
    let people = match &change.people {
        Some(people) => Some(recognized(ctx, people).await?),
        None => None,
    };
    let newcomers = people.as_ref().map_or(&[][..], |people| &people.known);
    revise(ctx, id, newcomers, |current, users| {
        let finite = !ctx.policy.unlimited;
        let schedule = if change.start.is_none() && change.length.is_none() {
            // Dates that nobody touches need not keep rules that are newer than they.
            current.schedule
        } else {
            current.schedule.changed(change.start, change.length, finite)?
        };
        let roster = match &people {
            Some(people) => roster(users, people)?,
            None => current.roster.clone(),
        };
        Ok(Teleconsultation { schedule, roster, ..current.clone() })
    })
    .await
}
