//! Reading a teleconsultation as one of its people (contract §6.4).

use std::{collections::BTreeMap, time::Duration};

use domain::{
    Access, AccessLink, FullName, GroupName, Language, OpenRoom, Participant, ParticipantId, ProviderUserId,
    TeleconsultationId,
};
use ports::{provider::RoomDetails, teleconsultations::StoreError};
use tokio::time::timeout;

use crate::Ctx;

/// How long the provider may take to tell its record of a room. Pages poll every few seconds and have no use for a later answer.
pub const DETAILS_TIMEOUT: Duration = Duration::from_secs(2);

/// How long the directory may take to tell names that the record lacks, for the same reason.
pub const NAMES_TIMEOUT: Duration = Duration::from_secs(2);

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
    /// The person's name.
    pub full_name: Option<FullName>,
    /// The person's language.
    pub language: Option<Language>,
    /// The person's groups, as they were when the person was named.
    pub groups: Vec<GroupName>,
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
    let details = async {
        match teleconsultation.room() {
            Some(room) => details(ctx, id, room).await,
            None => None,
        }
    };
    let (details, names) = tokio::join!(details, names(ctx, id, teleconsultation.roster.known()));
    let name = |person: &Participant| person.full_name.clone().or_else(|| names.get(&person.id).cloned());
    let others = teleconsultation.roster.known().iter().filter(|other| other.id != caller.id);
    Ok(ParticipantView {
        user: caller.provider_user.clone(),
        full_name: name(caller),
        language: caller.language.clone(),
        groups: caller.groups.clone(),
        access_link,
        others: others
            .map(|other| OtherParticipant { user: other.provider_user.clone(), full_name: name(other) })
            .collect(),
        details,
    })
}

/// Names that the record lacks, as the directory knows them: records of the replaced service have none (contract §6.4).
async fn names(ctx: &Ctx, id: &TeleconsultationId, people: &[Participant]) -> BTreeMap<ParticipantId, FullName> {
    let nameless: Vec<_> =
        people.iter().filter(|person| person.full_name.is_none()).map(|person| person.id.clone()).collect();
    let Some(directories) = ctx.directories.as_ref().filter(|_| !nameless.is_empty()) else { return BTreeMap::new() };
    match timeout(NAMES_TIMEOUT, directories.users.profiles(&nameless, &ctx.caller)).await {
        Ok(Ok(profiles)) => {
            profiles.into_iter().filter_map(|(person, profile)| Some((person, profile.full_name?))).collect()
        }
        Ok(Err(error)) => {
            tracing::warn!(
                teleconsultation.id = %id,
                error = &error as &dyn std::error::Error,
                "the directory does not tell names; they are left out"
            );
            BTreeMap::new()
        }
        Err(_) => {
            tracing::warn!(
                teleconsultation.id = %id,
                timeout_ms = NAMES_TIMEOUT.as_millis(),
                "the directory does not tell names in time; they are left out"
            );
            BTreeMap::new()
        }
    }
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
