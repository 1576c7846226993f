//! A calendar entry as text. Its escaping and folding are `icalendar`'s; what is in it is decided here.
//!
//! Times are in UTC, so that every calendar shows them in its own zone and no list of zones is needed. There is no `METHOD`: it is a file
//! to be kept, not an invitation to be answered (RFC 5546), which would need everybody's mail address.

use app::DeskView;
use domain::{FullName, Participant, ParticipantId, TeleconsultationId};
use icalendar::{Calendar, Component, Event, EventLike};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// What made the file (RFC 5545 §3.7.3).
const PRODUCT: &str = "-//Teleconsultation//Teleconsultation Service//EN";

/// What an entry says, in one language.
struct Words {
    summary: &'static str,
    with: &'static str,
    open: &'static str,
    later: &'static str,
}

const ENGLISH: Words = Words {
    summary: "Video consultation",
    with: "With",
    open: "Open your personal link a few minutes before it begins. It is only for you.",
    later: "You will get your personal link before it begins.",
};

const ITALIAN: Words = Words {
    summary: "Videoconsulto",
    with: "Con",
    open: "Apra il suo link personale qualche minuto prima dell'inizio. È solo per lei.",
    later: "Riceverà il suo link personale prima dell'inizio.",
};

const SPANISH: Words = Words {
    summary: "Videoconsulta",
    with: "Con",
    open: "Abra su enlace personal unos minutos antes del inicio. Es solo para usted.",
    later: "Recibirá su enlace personal antes del inicio.",
};

const GERMAN: Words = Words {
    summary: "Videosprechstunde",
    with: "Mit",
    open: "Öffnen Sie Ihren persönlichen Link einige Minuten vor Beginn. Er ist nur für Sie.",
    later: "Sie erhalten Ihren persönlichen Link vor Beginn.",
};

const FRENCH: Words = Words {
    summary: "Téléconsultation",
    with: "Avec",
    open: "Ouvrez votre lien personnel quelques minutes avant le début. Il n’est que pour vous.",
    later: "Vous recevrez votre lien personnel avant le début.",
};

/// The words for a language tag, by its first part.
fn words(tag: Option<&str>) -> &'static Words {
    let primary = tag.unwrap_or_default().split(['-', '_']).next().unwrap_or_default();
    [("it", &ITALIAN), ("es", &SPANISH), ("de", &GERMAN), ("fr", &FRENCH)]
        .into_iter()
        .find_map(|(code, words)| primary.eq_ignore_ascii_case(code).then_some(words))
        .unwrap_or(&ENGLISH)
}

/// One person's entry, with their link if there is one.
pub fn entry(seen: &DeskView, person: &Participant, link: Option<&str>, now: Timestamp) -> String {
    let one = &seen.teleconsultation;
    let words = words(person.language.as_ref().map(domain::Language::as_str));
    let others = one.roster.known().iter().filter(|other| other.id != person.id);
    let names: Vec<_> = others.filter_map(|other| other.full_name.as_ref()).map(FullName::as_str).collect();
    let mut lines = Vec::new();
    if !names.is_empty() {
        lines.push(format!("{}: {}", words.with, names.join(", ")));
    }
    match link {
        Some(link) => lines.extend([words.open.to_owned(), link.to_owned()]),
        None => lines.push(words.later.to_owned()),
    }
    let mut event = Event::new();
    event
        .uid(&uid(&one.id, &person.id))
        .add_property("DTSTAMP", moment(now))
        .add_property("DTSTART", moment(one.schedule.start()))
        .add_property("DTEND", moment(one.schedule.end()))
        .add_property("SEQUENCE", seen.sequence.to_string())
        .summary(words.summary)
        .description(&lines.join("\n"))
        .add_property("STATUS", "CONFIRMED")
        // Who else reads the calendar need not know with whom somebody is in treatment.
        .add_property("CLASS", "PRIVATE");
    if let Some(link) = link {
        event.location(link).url(link);
    }
    let mut calendar = Calendar::empty();
    calendar.append_property(("VERSION", "2.0")).append_property(("PRODID", PRODUCT));
    calendar.push(event.done()).done().to_string()
}

/// The same for ever, and no two people's. The person's id is not in it: it may be an address or a fiscal code.
fn uid(id: &TeleconsultationId, person: &ParticipantId) -> String {
    let digest = Sha256::new().chain_update(id.as_str()).chain_update(person.as_str()).finalize();
    format!("{id}-{}@teleconsultation", hex::encode(&digest[..8]))
}

/// In UTC, to the second (RFC 5545 §3.3.5, form 2).
fn moment(moment: Timestamp) -> String {
    moment.strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use domain::{Language, Length, ProviderUserId, Role, Roster, Schedule, Stage, Teleconsultation};
    use jiff::SignedDuration;

    use super::*;

    fn person(id: &str, name: &str, language: &str) -> Participant {
        Participant {
            id: ParticipantId::parse(id).unwrap(),
            provider_user: ProviderUserId::parse(id).unwrap(),
            role: Role::Plus,
            groups: vec![],
            full_name: Some(FullName::parse(name).unwrap()),
            language: Language::parse(language).ok(),
            access_link: None,
        }
    }

    fn seen(start: &str, name: &str) -> DeskView {
        let start: Timestamp = start.parse().unwrap();
        let people = vec![person("doctor", name, ""), person("patient", "Luca Conti", "de-AT")];
        let teleconsultation = Teleconsultation {
            id: TeleconsultationId::new(start, [7; 8]),
            schedule: Schedule::from_stored(start, Length::For(SignedDuration::from_mins(30))),
            roster: Roster::from_stored(2, people),
            stage: Stage::Pending,
        };
        DeskView { teleconsultation, is_frozen: false, sequence: 3 }
    }

    fn written(seen: &DeskView, index: usize, link: Option<&str>) -> String {
        let now = "2026-01-01T09:00:00.5Z".parse().unwrap();
        entry(seen, &seen.teleconsultation.roster.known()[index], link, now)
    }

    #[test]
    fn an_entry_has_the_link_and_times_in_utc_and_what_calendars_go_by() {
        let text = written(&seen("2026-03-29T01:30:00+01:00", "Ada Marino"), 1, Some("https://a.example/x"));
        for line in [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "DTSTAMP:20260101T090000Z",
            "DTSTART:20260329T003000Z",
            "DTEND:20260329T010000Z",
            "SEQUENCE:3",
            "SUMMARY:Videosprechstunde",
            "URL:https://a.example/x",
            "LOCATION:https://a.example/x",
        ] {
            assert!(text.contains(&format!("{line}\r\n")), "{line}\n{text}");
        }
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']) && text.lines().all(|line| line.len() <= 75));
    }

    #[test]
    fn a_name_is_never_more_than_a_name() {
        let name = "x, y; z\\n:BEGIN:VALARM \"q\" \u{202e}😀 ".repeat(4);
        let name = name.trim();
        let text = written(&seen("2026-01-01T10:00:00Z", name), 1, None);
        let unfolded = text.replace("\r\n ", "");
        assert!(!unfolded.lines().any(|line| line.starts_with("BEGIN:VALARM")), "{unfolded}");
        let escaped = name.replace('\\', "\\\\").replace(',', "\\,").replace(';', "\\;");
        assert!(unfolded.contains(&format!("DESCRIPTION:Mit: {escaped}\\nSie erhalten")), "{unfolded}");
    }

    #[test]
    fn each_persons_entry_has_a_name_of_its_own_that_stays() {
        let uid = |start: &str, index| {
            let text = written(&seen(start, "Ada Marino"), index, None);
            text.replace("\r\n ", "").lines().find(|line| line.starts_with("UID:")).unwrap().to_owned()
        };
        let first = uid("2026-01-01T10:00:00Z", 0);
        assert_eq!(first, uid("2026-01-01T10:00:00Z", 0));
        assert_ne!(first, uid("2026-01-01T10:00:00Z", 1));
        assert!(!first.contains("doctor"));
    }
}
