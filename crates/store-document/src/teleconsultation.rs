//! The stored form of a teleconsultation, as JSON.
//!
//! Its names are this file format's own: renaming a field of the domain changes nothing here. Fields that a later version adds are
//! tolerated; one that is missing here is either optional or makes the record unreadable.

use std::borrow::Cow;

use domain::{
    AccessLink, FullName, GroupName, Language, Length, OpenRoom, Participant, ParticipantId, ProviderUserId, Role,
    RoomKey, RoomRef, Roster, Schedule, Stage, Teleconsultation, TeleconsultationId,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Corrupt, LinkSeal};

#[derive(Serialize, Deserialize)]
struct Document<'a> {
    start: Timestamp,
    length: StoredLength,
    stage: StoredStage<'a>,
    expected: u8,
    #[serde(borrow)]
    participants: Vec<StoredParticipant<'a>>,
}

/// How the caller said when it ends: `{"until": "2026-01-01T10:00:00Z"}` or `{"for": [1800, 0]}` (seconds and nanoseconds of the
/// same sign).
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredLength {
    Until(Timestamp),
    For(i64, i32),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredStage<'a> {
    Pending,
    Ready {
        #[serde(borrow)]
        key: Cow<'a, str>,
        #[serde(borrow)]
        room: Cow<'a, str>,
    },
    Trashed,
}

#[derive(Serialize, Deserialize)]
struct StoredParticipant<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    provider_user: Cow<'a, str>,
    role: StoredRole,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    full_name: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    language: Option<Cow<'a, str>>,
    /// In clear: read from records that an earlier version wrote, never written.
    #[serde(borrow, default, skip_serializing)]
    access_link: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    sealed_link: Option<Cow<'a, str>>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredRole {
    Basic,
    Plus,
}

/// Writes everything but the id, which is the row's key.
pub fn encode_teleconsultation(teleconsultation: &Teleconsultation, seal: &LinkSeal) -> Result<String, Corrupt> {
    let id = &teleconsultation.id;
    let schedule = &teleconsultation.schedule;
    let document = Document {
        start: schedule.start(),
        length: match schedule.length() {
            Length::Until(end) => StoredLength::Until(end),
            Length::For(duration) => StoredLength::For(duration.as_secs(), duration.subsec_nanos()),
        },
        stage: match &teleconsultation.stage {
            Stage::Pending => StoredStage::Pending,
            Stage::Ready(room) => StoredStage::Ready { key: room.key.as_str().into(), room: room.room.as_str().into() },
            Stage::Trashed => StoredStage::Trashed,
        },
        expected: teleconsultation.roster.expected(),
        participants: teleconsultation
            .roster
            .known()
            .iter()
            .map(|participant| StoredParticipant::new(id, participant, seal))
            .collect::<Option<_>>()
            .ok_or_else(|| unreadable(id, "an access link cannot be sealed"))?,
    };
    serde_json::to_string(&document).map_err(|_| unreadable(id, "it cannot be written as JSON"))
}

/// Reads what [`encode_teleconsultation`] wrote.
pub fn decode_teleconsultation(
    id: TeleconsultationId,
    text: &str,
    seal: &LinkSeal,
) -> Result<Teleconsultation, Corrupt> {
    let document: Document<'_> = serde_json::from_str(text).map_err(|error| {
        // The error's own text may quote the record.
        unreadable(&id, format_args!("{:?} error at column {}", error.classify(), error.column()))
    })?;
    let length = match document.length {
        StoredLength::Until(end) => Length::Until(end),
        // Below a second's nanoseconds, adding them to the seconds cannot overflow.
        StoredLength::For(seconds, nanoseconds) if nanoseconds.unsigned_abs() < 1_000_000_000 => {
            Length::For(SignedDuration::new(seconds, nanoseconds))
        }
        StoredLength::For(..) => return Err(unreadable(&id, "a duration out of range")),
    };
    let stage = match document.stage {
        StoredStage::Pending => Stage::Pending,
        StoredStage::Ready { key, room } => {
            Stage::Ready(OpenRoom { key: RoomKey::from_stored(key), room: RoomRef::new(room) })
        }
        StoredStage::Trashed => Stage::Trashed,
    };
    let known = document
        .participants
        .into_iter()
        .map(|stored| stored.into_domain(&id, seal).map_err(|reason| unreadable(&id, reason)))
        .collect::<Result<_, _>>()?;
    Ok(Teleconsultation {
        id,
        schedule: Schedule::from_stored(document.start, length),
        roster: Roster::from_stored(document.expected, known),
        stage,
    })
}

fn unreadable(id: &TeleconsultationId, why: impl std::fmt::Display) -> Corrupt {
    Corrupt { what: format!("teleconsultation {id}: {why}") }
}

impl<'a> StoredParticipant<'a> {
    /// `None` if the link cannot be sealed.
    fn new(teleconsultation: &TeleconsultationId, participant: &'a Participant, seal: &LinkSeal) -> Option<Self> {
        let sealed_link = match &participant.access_link {
            Some(link) => Some(seal.seal(teleconsultation, &participant.provider_user, link)?.into()),
            None => None,
        };
        Some(Self {
            id: participant.id.as_str().into(),
            provider_user: participant.provider_user.as_str().into(),
            role: match participant.role {
                Role::Basic => StoredRole::Basic,
                Role::Plus => StoredRole::Plus,
            },
            groups: participant.groups.iter().map(|group| group.as_str().into()).collect(),
            full_name: participant.full_name.as_ref().map(|name| name.as_str().into()),
            language: participant.language.as_ref().map(|language| language.as_str().into()),
            access_link: None,
            sealed_link,
        })
    }

    /// Fails with the name of the field that cannot be read: its text may be personal.
    fn into_domain(self, teleconsultation: &TeleconsultationId, seal: &LinkSeal) -> Result<Participant, &'static str> {
        let provider_user = ProviderUserId::parse(&self.provider_user).map_err(|_| "a participant's provider_user")?;
        let access_link = match self.sealed_link {
            // Without its link the record is as good as ever: it can be changed, which makes new links, and deleted.
            Some(sealed) => seal.open(teleconsultation, &provider_user, &sealed).or_else(|| {
                tracing::error!(
                    teleconsultation.id = %teleconsultation,
                    "an access link is left out: it was sealed with another link.secret, or changed by somebody"
                );
                None
            }),
            None => self.access_link.map(AccessLink::new),
        };
        Ok(Participant {
            id: ParticipantId::parse(&self.id).map_err(|_| "a participant's id")?,
            provider_user,
            role: match self.role {
                StoredRole::Basic => Role::Basic,
                StoredRole::Plus => Role::Plus,
            },
            groups: self
                .groups
                .iter()
                .map(|group| GroupName::parse(group))
                .collect::<Result<_, _>>()
                .map_err(|_| "a participant's groups")?,
            full_name: self
                .full_name
                .map(|name| FullName::parse(&name))
                .transpose()
                .map_err(|_| "a participant's full_name")?,
            language: self
                .language
                .map(|language| Language::parse(&language))
                .transpose()
                .map_err(|_| "a participant's language")?,
            access_link,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the first version wrote it, with links in clear: this must be readable for ever.
    const STORED_IN_CLEAR: &str = r#"{"start":"2026-03-01T09:00:00.5Z","length":{"for":[1800,0]},"stage":{"ready":{"key":"01","room":"room_1"}},"expected":2,"participants":[{"id":"auth0|1","provider_user":"usr_1","role":"plus","groups":["doctor"],"full_name":"Zoë \"Z\"","language":"it","access_link":"https://video.example/1"},{"id":"2","provider_user":"usr_2","role":"basic"}]}"#;

    /// As it is written: this too must be readable for ever, with the same secret.
    const STORED: &str = r#"{"start":"2026-03-01T09:00:00.5Z","length":{"for":[1800,0]},"stage":{"ready":{"key":"01","room":"room_1"}},"expected":2,"participants":[{"id":"auth0|1","provider_user":"usr_1","role":"plus","groups":["doctor"],"full_name":"Zoë \"Z\"","language":"it","sealed_link":"c408244f473954526714e79e890bd73a9ea89f252df5c53b3fb91d1ad370394bde1b3ef54c1655"},{"id":"2","provider_user":"usr_2","role":"basic"}]}"#;

    fn id() -> TeleconsultationId {
        TeleconsultationId::parse("65f0c0ffee0123456789abcd").unwrap()
    }

    fn expected() -> Teleconsultation {
        let doctor = Participant {
            id: ParticipantId::parse("auth0|1").unwrap(),
            provider_user: ProviderUserId::parse("usr_1").unwrap(),
            role: Role::Plus,
            groups: vec![GroupName::parse("doctor").unwrap()],
            full_name: Some(FullName::parse("Zoë \"Z\"").unwrap()),
            language: Some(Language::parse("it").unwrap()),
            access_link: Some(AccessLink::new("https://video.example/1")),
        };
        let patient = Participant {
            id: ParticipantId::parse("2").unwrap(),
            provider_user: ProviderUserId::parse("usr_2").unwrap(),
            role: Role::Basic,
            groups: vec![],
            full_name: None,
            language: None,
            access_link: None,
        };
        let start = "2026-03-01T09:00:00.5Z".parse().unwrap();
        Teleconsultation {
            id: id(),
            schedule: Schedule::from_stored(start, Length::For(SignedDuration::from_mins(30))),
            roster: Roster::from_stored(2, vec![doctor, patient]),
            stage: Stage::Ready(OpenRoom { key: RoomKey::from_stored("01"), room: RoomRef::new("room_1") }),
        }
    }

    fn seal() -> LinkSeal {
        LinkSeal::new(&[7; 32])
    }

    #[test]
    fn the_format_is_what_it_always_was() {
        assert_eq!(encode_teleconsultation(&expected(), &seal()).unwrap(), STORED);
        assert_eq!(decode_teleconsultation(id(), STORED, &seal()).unwrap(), expected());
        assert_eq!(decode_teleconsultation(id(), STORED_IN_CLEAR, &seal()).unwrap(), expected());
    }

    #[test]
    fn no_link_is_written_in_clear_and_none_is_read_with_another_secret() {
        assert!(!encode_teleconsultation(&expected(), &seal()).unwrap().contains("video.example"));
        let stranger = decode_teleconsultation(id(), STORED, &LinkSeal::new(&[8; 32])).unwrap();
        assert!(stranger.roster.known().iter().all(|participant| participant.access_link.is_none()));
        assert_eq!((stranger.stage, stranger.schedule), (expected().stage, expected().schedule));
    }

    #[test]
    fn fields_of_a_later_version_are_tolerated_everywhere() {
        let later = STORED
            .replace(r#"{"start""#, r#"{"later":{"a":[1]},"start""#)
            .replace(r#""key":"01""#, r#""key":"01","later":null"#)
            .replace(r#""role":"plus""#, r#""role":"plus","later":"x""#);
        assert_eq!(decode_teleconsultation(id(), &later, &seal()).unwrap(), expected());
    }

    #[test]
    fn what_cannot_be_read_is_named_without_quoting_it() {
        let role = STORED.replace("\"plus\"", "\"Mario Rossi\"");
        let user = STORED.replace("usr_1", "Mario Rossi");
        let duration = STORED.replace("[1800,0]", "[1800,1000000000]");
        for broken in ["", "{", &STORED[..200], &role, &user, &duration, &STORED.replace("2026", "Mario Rossi")] {
            match decode_teleconsultation(id(), broken, &seal()) {
                Err(Corrupt { what }) => {
                    assert!(what.starts_with("teleconsultation 65f0c0ffee0123456789abcd: "), "{what}");
                    assert!(!what.contains("Mario"), "{what}");
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
