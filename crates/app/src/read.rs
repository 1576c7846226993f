//! Reading a teleconsultation as one of its people (contract §6.4).

use std::time::Duration;

use domain::{Access, AccessLink, FullName, OpenRoom, ParticipantId, ProviderUserId, TeleconsultationId};
use ports::{provider::RoomDetails, teleconsultations::StoreError};
use tokio::time::timeout;

use crate::Ctx;

/// How long the provider may take to tell its record of a room. Pages poll every few seconds and have no use for a later answer.
pub const DETAILS_TIMEOUT: Duration = Duration::from_secs(2);

/// Why a teleconsultation was not shown.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is none.
    #[error("there is no such teleconsultation")]
    NotFound,
    /// The caller is nobody, or none of its people.
    #[error("the caller is not a participant")]
    NotParticipant,
    /// The store did not answer.
    #[error("reading the teleconsultation failed")]
    Store(#[from] StoreError),
}

/// Somebody else in the teleconsultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherParticipant {
    /// The provider's id of the person.
    pub user: ProviderUserId,
    /// The person's name.
    pub full_name: Option<FullName>,
}

/// A teleconsultation as one of its people sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParticipantView {
    /// The provider's id of the person who asks.
    pub user: ProviderUserId,
    /// The person's link, once the room can no longer change.
    pub access_link: Option<AccessLink>,
    /// Everyone else who is known.
    pub others: Vec<OtherParticipant>,
    /// The provider's record of the room, if there is one and the provider tells.
    pub details: Option<RoomDetails>,
}

/// Shows a teleconsultation to one of its people. Pages poll this, so it makes nothing anywhere.
pub async fn read(
    ctx: &Ctx,
    caller: Option<&ParticipantId>,
    id: &TeleconsultationId,
) -> Result<ParticipantView, ReadError> {
    let (teleconsultation, _) = ctx.store.teleconsultation(id).await?.ok_or(ReadError::NotFound)?;
    let caller = caller.and_then(|caller| teleconsultation.roster.participant(caller));
    let caller = caller.ok_or(ReadError::NotParticipant)?;
    let access_link = match teleconsultation.access(caller, ctx.clock.now(), ctx.policy.immutable_period) {
        Access::Open(link) => Some(link.clone()),
        Access::NotYet => None,
    };
    let others = teleconsultation
        .roster
        .known()
        .iter()
        .filter(|other| other.id != caller.id)
        .map(|other| OtherParticipant { user: other.provider_user.clone(), full_name: other.full_name.clone() })
        .collect();
    let details = match teleconsultation.room() {
        Some(room) => details(ctx, id, room).await,
        None => None,
    };
    Ok(ParticipantView { user: caller.provider_user.clone(), access_link, others, details })
}

/// The link is what a patient waits for: a provider that does not tell its record, or not in time, must not withhold it.
async fn details(ctx: &Ctx, id: &TeleconsultationId, room: &OpenRoom) -> Option<RoomDetails> {
    match timeout(DETAILS_TIMEOUT, ctx.provider.room(&room.room)).await {
        Ok(Ok(details)) => details,
        Ok(Err(error)) => {
            tracing::warn!(
                teleconsultation.id = %id,
                error = &error as &dyn std::error::Error,
                "the provider does not tell a room's details; they are left out"
            );
            None
        }
        Err(_) => {
            tracing::warn!(
                teleconsultation.id = %id,
                timeout_ms = DETAILS_TIMEOUT.as_millis(),
                "the provider does not tell a room's details in time; they are left out"
            );
            None
        }
    }
}
