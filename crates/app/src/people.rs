//! From the people that a caller lists to participants with a role and a user at the provider.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use domain::{FullName, GroupName, Language, Participant, ParticipantId, ProviderUserId};
use ports::{
    provider::{ProviderError, UserSpec},
    teleconsultations::StoreError,
};

use tokio::time::timeout;

use crate::{Ctx, PeopleError};

/// A person as the caller describes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// How the caller names the person.
    pub id: ParticipantId,
    /// The groups that decide the person's role, unless a directory knows them.
    pub groups: Vec<GroupName>,
    /// Shown to the others, unless a directory knows another name.
    pub full_name: Option<FullName>,
    /// Preferred language of the pages.
    pub language: Option<Language>,
}

/// The people as the caller lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct People {
    /// How many there will be.
    pub expected: Expected,
    /// Those known so far; somebody listed twice counts once, as listed first.
    pub known: Vec<Person>,
}

/// How many people there will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// So many.
    Number(u64),
    /// Those who are listed, somebody listed twice counted once.
    AllListed,
}

impl People {
    /// How many there will be.
    pub(crate) fn expected(&self) -> u64 {
        match self.expected {
            Expected::Number(number) => number,
            Expected::AllListed => self.known.iter().map(|person| &person.id).collect::<BTreeSet<_>>().len() as u64,
        }
    }
}

/// How long the provider may take to look after people whom it most likely knows: a quarter of the time that a request has.
pub const KNOWN_USERS_TIMEOUT: Duration = Duration::from_secs(5);

/// What users are needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// A room is made for them next, so each must be there.
    Room,
    /// They are listed. Those who are remembered have been asked for before and will be again before there is a room, so a provider that
    /// is down holds up nobody.
    List,
}

/// Who is whose user at the provider: what is remembered, else what is derived.
pub(crate) struct Users<'a> {
    ctx: &'a Ctx,
    in_force: BTreeMap<ParticipantId, ProviderUserId>,
}

impl<'a> Users<'a> {
    /// Knows nobody yet: every user is derived, which is enough to check whether people can be together at all.
    pub(crate) fn derived(ctx: &'a Ctx) -> Self {
        Self { ctx, in_force: BTreeMap::new() }
    }

    /// The person with their role and user.
    pub(crate) fn participant(&self, person: &Person) -> Result<Participant, PeopleError> {
        let role = self.ctx.policy.privileges.role_of(&person.groups);
        let role = role.ok_or_else(|| PeopleError::UnknownGroup { id: person.id.clone() })?;
        let known = self.in_force.get(&person.id).cloned();
        Ok(Participant {
            id: person.id.clone(),
            provider_user: known.unwrap_or_else(|| self.ctx.user_id_key.provider_user(&person.id)),
            role,
            groups: person.groups.clone(),
            full_name: person.full_name.clone(),
            language: person.language.clone(),
            access_link: None,
        })
    }

    /// All of them, in the order given.
    pub(crate) fn participants(&self, people: &[Person]) -> Result<Vec<Participant>, PeopleError> {
        people.iter().map(|person| self.participant(person)).collect()
    }

    /// Makes those of `participants` who lack a user at the provider, and remembers them. A user is never taken away again:
    /// whoever was once named keeps one.
    pub(crate) async fn ensure(&mut self, participants: &[Participant], need: Need) -> Result<(), EnsureUsersError> {
        if participants.is_empty() {
            return Ok(());
        }
        // Somebody listed twice counts once, as listed first.
        let mut seen = BTreeSet::new();
        let participants: Vec<_> = participants.iter().filter(|participant| seen.insert(&participant.id)).collect();
        let ids: Vec<_> = participants.iter().map(|participant| participant.id.clone()).collect();
        self.in_force = self.ctx.store.provider_users(&ids).await?;

        let unknown: BTreeMap<_, _> = participants
            .iter()
            .filter(|participant| !self.in_force.contains_key(&participant.id))
            .map(|participant| (participant.id.clone(), participant.provider_user.clone()))
            .collect();
        // Also for those who are remembered: their role may be a higher one than last time. Neither of the two writes needs the
        // other, so they can share a commit; whatever happens to one, repeating both mends it.
        let specs = self.specs(&participants);
        let making = async {
            if need == Need::List && unknown.is_empty() {
                Ok::<_, EnsureUsersError>(self.ensure_if_possible(&specs).await?)
            } else {
                Ok(self.ctx.provider.ensure_users(&specs).await?)
            }
        };
        let remembering = async {
            if unknown.is_empty() { Ok(BTreeMap::new()) } else { Ok(self.ctx.store.remember_users(&unknown).await?) }
        };
        let ((), remembered) = tokio::try_join!(making, remembering)?;
        self.in_force.extend(remembered);

        // Somebody else, with another key, remembered another user for one of them at the same moment: that one holds.
        let in_force = self.specs(&participants);
        let others: Vec<_> = in_force.into_iter().filter(|spec| specs.iter().all(|made| made.id != spec.id)).collect();
        if !others.is_empty() {
            self.ctx.provider.ensure_users(&others).await?;
        }
        Ok(())
    }

    /// Raises roles and makes up for lost users where the provider answers.
    async fn ensure_if_possible(&self, specs: &[UserSpec]) -> Result<(), ProviderError> {
        match timeout(KNOWN_USERS_TIMEOUT, self.ctx.provider.ensure_users(specs)).await {
            Ok(Err(
                error @ (ProviderError::Busy { .. }
                | ProviderError::Unavailable { .. }
                | ProviderError::Unexpected { .. }),
            )) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the provider does not look after users that are known; they are listed without it"
                );
                Ok(())
            }
            Ok(done) => done,
            Err(_) => {
                tracing::warn!(
                    timeout_ms = KNOWN_USERS_TIMEOUT.as_millis(),
                    "the provider does not look after users that are known in time; they are listed without it"
                );
                Ok(())
            }
        }
    }

    fn specs(&self, participants: &[&Participant]) -> Vec<UserSpec> {
        let spec = |participant: &&Participant| UserSpec {
            id: self.in_force.get(&participant.id).unwrap_or(&participant.provider_user).clone(),
            role: participant.role,
            language: participant.language.clone(),
        };
        participants.iter().map(spec).collect()
    }
}

/// Why users could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EnsureUsersError {
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<EnsureUsersError> for crate::ChangeError {
    fn from(error: EnsureUsersError) -> Self {
        match error {
            EnsureUsersError::Provider(error) => error.into(),
            EnsureUsersError::Store(error) => error.into(),
        }
    }
}

impl From<EnsureUsersError> for crate::ScheduleTeleconsultationError {
    fn from(error: EnsureUsersError) -> Self {
        match error {
            EnsureUsersError::Provider(error) => error.into(),
            EnsureUsersError::Store(error) => error.into(),
        }
    }
}
