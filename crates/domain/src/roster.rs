//! Who takes part, and whether everyone is known yet (contract §4.1).

use crate::{Participant, ParticipantId, Role};

/// The fewest people that a room is for.
pub const PARTICIPANTS_MIN: u8 = 2;

/// The most people that a room is for (`kaleyra-video-api.md` §4).
pub const PARTICIPANTS_MAX: u8 = 25;

/// A list of people that no teleconsultation can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// Fewer than [`PARTICIPANTS_MIN`] are expected.
    #[error("at least 2 participants are needed")]
    TooFew,
    /// More than [`PARTICIPANTS_MAX`] are expected.
    #[error("at most 25 participants are allowed")]
    TooMany,
    /// More people are listed than are expected.
    #[error("there are more participants than the expected number")]
    MoreThanExpected,
    /// Everyone is known and nobody among them is a plus user.
    #[error("no plus user in room")]
    NoPlusUser,
    /// Everyone is known already, so nobody can be added.
    #[error("all participants are already known")]
    Complete,
}

/// The people of a teleconsultation: how many are expected and those known so far, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    expected: u8,
    known: Vec<Participant>,
}

impl Roster {
    /// Checks a list. Of several entries for one person the first counts. A complete list needs a plus user.
    pub fn new(expected: u64, listed: Vec<Participant>) -> Result<Self, RosterError> {
        if expected < u64::from(PARTICIPANTS_MIN) {
            return Err(RosterError::TooFew);
        }
        let expected = u8::try_from(expected).ok().filter(|n| *n <= PARTICIPANTS_MAX).ok_or(RosterError::TooMany)?;
        let mut known: Vec<Participant> = Vec::with_capacity(listed.len());
        for participant in listed {
            if !known.iter().any(|other| other.id == participant.id) {
                known.push(participant);
            }
        }
        if known.len() > usize::from(expected) {
            return Err(RosterError::MoreThanExpected);
        }
        Self { expected, known }.with_a_plus_user_if_complete()
    }

    /// Takes back a list that was checked when it was stored, under rules that may have been others.
    pub fn from_stored(expected: u8, known: Vec<Participant>) -> Self {
        Self { expected, known }
    }

    /// Adds a person, or replaces what is known of a person who is listed already.
    pub fn with(mut self, participant: Participant) -> Result<Self, RosterError> {
        let listed_at = self.known.iter().position(|known| known.id == participant.id);
        match listed_at {
            Some(index) => self.known[index] = participant,
            None if self.is_complete() => return Err(RosterError::Complete),
            None => self.known.push(participant),
        }
        self.with_a_plus_user_if_complete()
    }

    fn with_a_plus_user_if_complete(self) -> Result<Self, RosterError> {
        if self.is_complete() && !self.known.iter().any(|participant| participant.role == Role::Plus) {
            return Err(RosterError::NoPlusUser);
        }
        Ok(self)
    }

    /// How many people are expected.
    pub fn expected(&self) -> u8 {
        self.expected
    }

    /// The people known so far, in the order they were given.
    pub fn known(&self) -> &[Participant] {
        &self.known
    }

    /// Whether everyone is known.
    pub fn is_complete(&self) -> bool {
        self.known.len() == usize::from(self.expected)
    }

    /// What is known of one person.
    pub fn participant(&self, id: &ParticipantId) -> Option<&Participant> {
        self.known.iter().find(|participant| participant.id == *id)
    }

    /// Gives every person the link that `link_of` has for them, or takes it away.
    pub(crate) fn with_links(mut self, mut link_of: impl FnMut(&Participant) -> Option<crate::AccessLink>) -> Self {
        for participant in &mut self.known {
            participant.access_link = link_of(participant);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ProviderUserId;

    fn person(id: &str, role: Role) -> Participant {
        Participant {
            id: ParticipantId::parse(id).unwrap(),
            provider_user: ProviderUserId::parse(&format!("usr_{id}")).unwrap(),
            role,
            groups: vec![],
            full_name: None,
            language: None,
            access_link: None,
        }
    }

    #[test]
    fn a_room_is_for_two_to_twenty_five() {
        assert_eq!(Roster::new(1, vec![]), Err(RosterError::TooFew));
        assert!(Roster::new(2, vec![]).is_ok());
        assert!(Roster::new(25, vec![]).is_ok());
        assert_eq!(Roster::new(26, vec![]), Err(RosterError::TooMany));
        assert_eq!(Roster::new(u64::MAX, vec![]), Err(RosterError::TooMany));
    }

    #[test]
    fn the_plus_user_is_asked_for_only_once_everyone_is_known() {
        let patient = || person("patient", Role::Basic);
        let roster = Roster::new(2, vec![patient()]).unwrap();
        assert!(!roster.is_complete());
        assert_eq!(roster.clone().with(person("other", Role::Basic)), Err(RosterError::NoPlusUser));
        assert!(roster.with(person("doctor", Role::Plus)).unwrap().is_complete());
        assert_eq!(Roster::new(2, vec![patient(), person("other", Role::Basic)]), Err(RosterError::NoPlusUser));
    }

    #[test]
    fn somebody_listed_twice_counts_once_and_the_first_entry_holds() {
        let roster = Roster::new(2, vec![person("a", Role::Plus), person("a", Role::Basic)]).unwrap();
        assert!(!roster.is_complete());
        assert_eq!(roster.known()[0].role, Role::Plus);
    }

    #[test]
    fn a_complete_list_takes_no_one_else_but_lets_itself_be_corrected() {
        let roster = Roster::new(2, vec![person("a", Role::Plus), person("b", Role::Basic)]).unwrap();
        assert_eq!(roster.clone().with(person("c", Role::Basic)), Err(RosterError::Complete));
        assert_eq!(roster.clone().with(person("b", Role::Plus)).unwrap().known()[1].role, Role::Plus);
        assert_eq!(roster.with(person("a", Role::Basic)), Err(RosterError::NoPlusUser));
        assert_eq!(
            Roster::new(2, vec![person("a", Role::Plus), person("b", Role::Basic), person("c", Role::Basic)]),
            Err(RosterError::MoreThanExpected)
        );
    }
}
