//! Who calls, where a caller need not be named.

use domain::{ParticipantId, Teleconsultation};

/// What a request says of its caller.
///
/// Services within the cluster name nobody and are trusted: the gateway names everyone who comes from outside. Whoever is named
/// must be one of the people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nobody is named.
    Nobody,
    /// Somebody is named, but not so that one could tell who.
    Unreadable,
    /// Somebody is named.
    Person(ParticipantId),
}

impl Claim {
    /// Whether the caller may act on this teleconsultation.
    pub(crate) fn may_act_on(&self, teleconsultation: &Teleconsultation) -> bool {
        match self {
            Self::Nobody => true,
            Self::Unreadable => false,
            Self::Person(id) => teleconsultation.roster.participant(id).is_some(),
        }
    }
}
