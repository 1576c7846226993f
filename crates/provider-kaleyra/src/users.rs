//! Making people exist at Kaleyra (`kaleyra-video-api.md` §6.1).

use domain::{Language, Role};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kaleyra_video::{Error, NewUser, User, UserId, UserUpdate};
use ports::provider::{ProviderError, RoomParticipant, UserSpec};

use crate::{KaleyraProvider, failure};

/// How many users of one booking are made at the same time: quick enough for 25, and no flood.
const AT_ONCE_MAX: usize = 4;

/// The languages that Kaleyra knows (§12.4). Another is left to the company's default rather than refused.
const LANGUAGES: [&str; 6] = ["en", "it", "es", "de", "fr", "pl"];

impl KaleyraProvider {
    pub(crate) async fn ensure_all(&self, users: &[UserSpec]) -> Result<(), ProviderError> {
        let calls: Vec<_> = users.iter().map(|user| self.ensure(user)).collect();
        stream::iter(calls).buffer_unordered(AT_ONCE_MAX).try_collect().await
    }

    /// Makes users exist again who do not although we know them.
    pub(crate) async fn make_anew(&self, people: &[RoomParticipant]) -> Result<(), ProviderError> {
        let forget = |person: &RoomParticipant| self.users.forget(&UserId::from(person.user.as_str()));
        let known: Vec<_> = people.iter().filter_map(forget).collect();
        self.ensure_all(&known).await
    }

    async fn ensure(&self, spec: &UserSpec) -> Result<(), ProviderError> {
        let id = UserId::from(spec.id.as_str());
        let known = self.users.value(&id);
        if known.as_ref().is_some_and(|known| has(known, spec)) {
            return Ok(());
        }
        // Those who are known exist, unless somebody deleted them; the others most likely do not.
        let existing = if known.is_some() { self.existing(&id).await? } else { None };
        let existing = match existing {
            Some(existing) => existing,
            None => match self.created(&id, spec).await? {
                None => return Ok(()),
                Some(existing) => existing,
            },
        };
        if let Some(update) = difference(&existing, spec) {
            self.gate.pass(self.client.update_user(&id, &update)).await?;
        }
        self.note(id, spec, existing.role.as_ref());
        Ok(())
    }

    async fn existing(&self, id: &UserId) -> Result<Option<User>, ProviderError> {
        match self.gate.pass_raw(self.client.user(id)).await? {
            Ok(existing) => Ok(Some(existing)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failure::sorted(error)),
        }
    }

    /// Creates the user. If there is one already, returns that one.
    async fn created(&self, id: &UserId, spec: &UserSpec) -> Result<Option<User>, ProviderError> {
        let new = NewUser {
            language: spec.language.as_ref().and_then(language),
            ..NewUser::new(id.clone(), role(spec.role))
        };
        let Err(error) = self.gate.pass_raw(self.client.create_user(&new)).await? else {
            self.note(id.clone(), spec, None);
            return Ok(None);
        };
        // An id that is taken is a refusal, whose layout is not documented (Q1); and after an answer that was lost, the user is the
        // one that was asked for. In either case, who is there says what became of it.
        let refused = matches!(error, Error::Refused { .. });
        if !refused && !error.may_have_taken_effect() {
            return Err(failure::sorted(error));
        }
        match self.existing(id).await {
            Ok(Some(existing)) => Ok(Some(existing)),
            // A refusal of what is there may have meant just that, so that it cannot be known is what went wrong.
            Err(unknown) if refused => Err(unknown),
            Ok(None) | Err(_) => Err(failure::sorted(error)),
        }
    }

    fn note(&self, id: UserId, spec: &UserSpec, role_before: Option<&kaleyra_video::Role>) {
        let role = if role_before == Some(&kaleyra_video::Role::Plus) { Role::Plus } else { spec.role };
        self.users.note(id, UserSpec { role, ..spec.clone() });
    }
}

/// Whether making a user exist as `spec` would change nothing for one who exists as `known`.
fn has(known: &UserSpec, spec: &UserSpec) -> bool {
    known.role >= spec.role && (spec.language.is_none() || known.language == spec.language)
}

/// What must change about the user; a higher role is never taken away.
fn difference(existing: &User, spec: &UserSpec) -> Option<UserUpdate> {
    let is_plus = existing.role == Some(kaleyra_video::Role::Plus);
    let wanted = spec.language.as_ref().and_then(language);
    let update = UserUpdate {
        role: (spec.role == Role::Plus && !is_plus).then_some(kaleyra_video::Role::Plus),
        language: wanted.filter(|wanted| existing.language.as_ref() != Some(wanted)),
        ..UserUpdate::default()
    };
    (update != UserUpdate::default()).then_some(update)
}

fn role(role: Role) -> kaleyra_video::Role {
    match role {
        Role::Basic => kaleyra_video::Role::Basic,
        Role::Plus => kaleyra_video::Role::Plus,
    }
}

/// The language as Kaleyra knows it: `it` for `it-IT`.
fn language(tag: &Language) -> Option<kaleyra_video::Language> {
    let primary = tag.as_str().split(['-', '_']).next()?.to_ascii_lowercase();
    LANGUAGES.contains(&primary.as_str()).then(|| primary.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_told_as_kaleyra_knows_it_or_not_at_all() {
        let told = |tag| language(&Language::parse(tag).unwrap()).map(|told| told.as_str().to_owned());
        assert_eq!(told("it-IT").as_deref(), Some("it"));
        assert_eq!(told("EN_gb").as_deref(), Some("en"));
        assert_eq!(told("pt"), None);
    }
}
