//! A teleconsultation and where it is in its life (contract §7).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::{AccessLink, Participant, ProviderUserId, RoomKey, RoomRef, Roster, Schedule, TeleconsultationId};

/// The room that a teleconsultation has at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRoom {
    /// Our name for it.
    pub key: RoomKey,
    /// The provider's name for it.
    pub room: RoomRef,
}

/// Where a teleconsultation is in its life. Each variant holds what is known only from then on.
///
/// Whether it can still change, and whether its links show, follows from the time: see [`Teleconsultation::is_frozen`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Somebody is not known yet, so there is no room.
    Pending,
    /// Everybody is known and the room exists.
    Ready(OpenRoom),
    /// Deleted, as the CRUD Service's state `TRASH`: kept, and invisible to every reader.
    Trashed,
}

/// What a participant gets on asking for their access link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access<'a> {
    /// The room may still change, or does not exist yet: come back later.
    NotYet,
    /// The room is final, and this is the personal link.
    Open(&'a AccessLink),
}

/// A scheduled video consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Teleconsultation {
    /// Its name for ever.
    pub id: TeleconsultationId,
    /// When it takes place.
    pub schedule: Schedule,
    /// Who takes part.
    pub roster: Roster,
    /// Where it is in its life.
    pub stage: Stage,
}

impl Teleconsultation {
    /// Whether it can no longer be changed: everyone is known and the start is at most `immutable_period` away.
    ///
    /// The stored start decides, never a requested one, else the window could be escaped by moving the date.
    pub fn is_frozen(&self, now: Timestamp, immutable_period: SignedDuration) -> bool {
        self.roster.is_complete() && self.schedule.start().duration_since(now) <= immutable_period
    }

    /// The personal link of one of its people, shown only once the room can no longer be replaced.
    pub fn access<'a>(
        &'a self,
        participant: &'a Participant,
        now: Timestamp,
        immutable_period: SignedDuration,
    ) -> Access<'a> {
        match &participant.access_link {
            Some(link) if self.is_frozen(now, immutable_period) => Access::Open(link),
            Some(_) | None => Access::NotYet,
        }
    }

    /// The room, if there is one.
    pub fn room(&self) -> Option<&OpenRoom> {
        match &self.stage {
            Stage::Ready(room) => Some(room),
            Stage::Pending | Stage::Trashed => None,
        }
    }

    /// Gives it a room and everyone their link to it.
    #[must_use]
    pub fn with_room(self, room: OpenRoom, mut links: BTreeMap<ProviderUserId, AccessLink>) -> Self {
        let roster = self.roster.with_links(|participant| links.remove(&participant.provider_user));
        Self { stage: Stage::Ready(room), roster, ..self }
    }

    /// Takes its room and everyone's links away: somebody is not known any more.
    #[must_use]
    pub fn without_room(self) -> Self {
        Self { stage: Stage::Pending, roster: self.roster.with_links(|_| None), ..self }
    }

    /// Deletes it. Deleting a deleted one changes nothing, so a retry is harmless.
    #[must_use]
    pub fn trashed(self) -> Self {
        Self { stage: Stage::Trashed, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Length, ParticipantId, Role};

    fn person(id: &str, role: Role) -> Participant {
        Participant {
            id: ParticipantId::parse(id).unwrap(),
            provider_user: ProviderUserId::parse(id).unwrap(),
            role,
            groups: vec![],
            full_name: None,
            language: None,
            access_link: None,
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn complete() -> Teleconsultation {
        let start = at("2026-01-01T11:00:00Z");
        Teleconsultation {
            id: TeleconsultationId::new(start, [7; 8]),
            schedule: Schedule::new(start, Length::For(SignedDuration::from_mins(30)), false).unwrap(),
            roster: Roster::new(2, vec![person("a", Role::Plus), person("b", Role::Basic)]).unwrap(),
            stage: Stage::Pending,
        }
        .with_room(
            OpenRoom { key: RoomKey::new([1; 16]), room: RoomRef::new("room_1") },
            [("a", "https://a"), ("b", "https://b")]
                .map(|(user, url)| (ProviderUserId::parse(user).unwrap(), AccessLink::new(url)))
                .into(),
        )
    }

    #[test]
    fn the_link_shows_from_the_very_instant_in_which_changes_end() {
        let (telecons, period) = (complete(), SignedDuration::from_mins(10));
        let doctor = &telecons.roster.known()[0];
        assert_eq!(telecons.access(doctor, at("2026-01-01T10:49:59.999Z"), period), Access::NotYet);
        assert!(!telecons.is_frozen(at("2026-01-01T10:49:59.999Z"), period));
        assert_eq!(
            telecons.access(doctor, at("2026-01-01T10:50:00Z"), period),
            Access::Open(&AccessLink::new("https://a"))
        );
        assert!(telecons.is_frozen(at("2026-01-01T10:50:00Z"), period));
    }

    #[test]
    fn an_incomplete_one_never_freezes() {
        let mut telecons = complete();
        telecons.roster = Roster::new(3, telecons.roster.known().to_vec()).unwrap();
        assert!(!telecons.is_frozen(at("2030-01-01T00:00:00Z"), SignedDuration::ZERO));
    }

    #[test]
    fn losing_the_room_takes_every_link_with_it() {
        let telecons = complete().without_room();
        assert_eq!(telecons.room(), None);
        assert!(telecons.roster.known().iter().all(|participant| participant.access_link.is_none()));
    }
}
