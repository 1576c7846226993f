//! From the people whom a caller names to those whom the directories know (contract §3, modes A and A+).
//!
//! Without directories (mode B) people are as the caller describes them. With them, the directories' word counts: groups decide what
//! somebody may do, and must not come from whoever books.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use domain::{Participant, ParticipantId, Roster, Teleconsultation};
use ports::directory::{DirectoryError, Profile};

use crate::{Ctx, Directories, People, Person};

/// The people under their ids at the identity provider, each once, with the groups and names known there.
pub(crate) async fn recognized<'a>(ctx: &Ctx, people: &'a People) -> Result<Cow<'a, People>, DirectoryError> {
    let Some(directories) = &ctx.directories else { return Ok(Cow::Borrowed(people)) };
    let known = introduced(ctx, directories, &people.known).await?;
    Ok(Cow::Owned(People { expected: people.expected, known }))
}

/// As [`recognized`], for one person.
pub(crate) async fn recognized_person<'a>(ctx: &Ctx, person: &'a Person) -> Result<Cow<'a, Person>, DirectoryError> {
    let Some(directories) = &ctx.directories else { return Ok(Cow::Borrowed(person)) };
    let introduced = introduced(ctx, directories, std::slice::from_ref(person)).await?;
    let unknown = || DirectoryError::Unknown { ids: vec![person.id.clone()] };
    Ok(Cow::Owned(introduced.into_iter().next().ok_or_else(unknown)?))
}

/// The teleconsultation as it is stored, with the groups of those who were stored without any: of people whom an identity provider knows,
/// the replaced service kept none and asked each time (contract §10.1). Whom it does not know any more stays as stored.
pub(crate) async fn regrouped(ctx: &Ctx, stored: Teleconsultation) -> Result<Teleconsultation, DirectoryError> {
    let Some(directories) = &ctx.directories else { return Ok(stored) };
    let known = stored.roster.known();
    let groupless: Vec<_> = known.iter().filter(|one| one.groups.is_empty()).map(|one| one.id.clone()).collect();
    let profiles = profiles_of_the_known(ctx, directories, groupless).await?;
    if profiles.is_empty() {
        return Ok(stored);
    }
    let regrouped = |participant: &Participant| {
        let profile = profiles.get(&participant.id).filter(|_| participant.groups.is_empty());
        profile.map_or_else(
            || participant.clone(),
            |profile| Participant {
                role: ctx.policy.privileges.role_of(&profile.groups).unwrap_or(participant.role),
                groups: profile.groups.clone(),
                full_name: participant.full_name.clone().or_else(|| profile.full_name.clone()),
                ..participant.clone()
            },
        )
    };
    let roster = Roster::from_stored(stored.roster.expected(), known.iter().map(regrouped).collect());
    Ok(Teleconsultation { roster, ..stored })
}

/// The profiles of those of these people who are known.
async fn profiles_of_the_known(
    ctx: &Ctx,
    directories: &Directories,
    mut ids: Vec<ParticipantId>,
) -> Result<BTreeMap<ParticipantId, Profile>, DirectoryError> {
    let mut asked_again = false;
    while !ids.is_empty() {
        match directories.users.profiles(&ids, &ctx.caller).await {
            Err(DirectoryError::Unknown { ids: unknown }) if !asked_again => {
                ids.retain(|id| !unknown.contains(id));
                asked_again = true;
            }
            answer => return answer,
        }
    }
    Ok(BTreeMap::new())
}

async fn introduced(ctx: &Ctx, directories: &Directories, people: &[Person]) -> Result<Vec<Person>, DirectoryError> {
    let people = under_their_identities(ctx, directories, people).await?;
    if people.is_empty() {
        return Ok(people);
    }
    let ids = ids(&people);
    let mut profiles = directories.users.profiles(&ids, &ctx.caller).await?;
    people
        .into_iter()
        .map(|person| {
            let profile = profiles.remove(&person.id);
            let profile = profile.ok_or_else(|| DirectoryError::Unknown { ids: vec![person.id.clone()] })?;
            // The caller's name is better than none.
            Ok(Person { groups: profile.groups, full_name: profile.full_name.or(person.full_name.clone()), ..person })
        })
        .collect()
}

/// The people under their ids at the identity provider. Two ids of a project may be one person; the first counts.
async fn under_their_identities(
    ctx: &Ctx,
    directories: &Directories,
    people: &[Person],
) -> Result<Vec<Person>, DirectoryError> {
    let identities = match &directories.custom_ids {
        Some(custom_ids) if !people.is_empty() => Some(custom_ids.identities(&ids(people), &ctx.caller).await?),
        Some(_) | None => None,
    };
    let mut seen = BTreeSet::new();
    let mut named = Vec::with_capacity(people.len());
    for person in people {
        let id = match &identities {
            None => person.id.clone(),
            Some(identities) => {
                let identity = identities.get(&person.id);
                identity.ok_or_else(|| DirectoryError::Unknown { ids: vec![person.id.clone()] })?.clone()
            }
        };
        if seen.insert(id.clone()) {
            named.push(Person { id, ..person.clone() });
        }
    }
    Ok(named)
}

fn ids(people: &[Person]) -> Vec<ParticipantId> {
    people.iter().map(|person| person.id.clone()).collect()
}
