//! A teleconsultation as a document of its collection (`teleconsultation-service.md` §10.1).

use std::collections::BTreeMap;

use domain::{
    DURATION_FINITE_MAX, Length, OpenRoom, ParticipantId, Privileges, ProviderUserId, RoomKey, RoomRef, Roster,
    Schedule, Stage, Teleconsultation, TeleconsultationId,
};
use jiff::{SignedDuration, Timestamp};
use ports::teleconsultations::StoreError;
use serde_json::{Map, Value, json};

use crate::{
    collection::State,
    columns::Columns,
    ours::{Mark, Ours},
    participant,
};

/// The columns to set, and those to unset.
pub(crate) struct Columned {
    set: Map<String, Value>,
    unset: Map<String, Value>,
}

impl Columned {
    /// As the commands of a change.
    pub(crate) fn commands(self) -> Value {
        let mut commands = json!({ "$set": self.set });
        if !self.unset.is_empty() {
            commands["$unset"] = Value::Object(self.unset);
        }
        commands
    }
}

/// Writes a teleconsultation into the columns that its collection has.
pub(crate) fn columned(
    teleconsultation: &Teleconsultation,
    revision: u32,
    mark: Option<Mark>,
    columns: Columns,
) -> Columned {
    let (schedule, room) = (&teleconsultation.schedule, teleconsultation.room());
    let mut set = Map::new();
    let mut unset = Map::new();
    let mut put = |name: &str, value: Value| drop(set.insert(name.to_owned(), value));
    // No room yet: the column takes neither null nor absence.
    put("bandyerRoomId", json!(room.map_or("", |room| room.room.as_str())));
    put("participants", participants(teleconsultation, revision, mark, columns));
    put("participantsNumber", json!(teleconsultation.roster.expected()));
    put("startDate", json!(text(schedule.start())));
    if columns.end {
        put("endDate", json!(text(schedule.end())));
    }
    if columns.state {
        put("teleconsultationState", json!(if room.is_some() { "CREATED" } else { "PENDING" }));
    }
    if columns.duration {
        match schedule.length() {
            Length::For(duration) => put("duration", json!(duration.as_secs())),
            Length::Until(_) => drop(unset.insert("duration".to_owned(), json!(true))),
        }
    }
    Columned { set, unset }
}

/// The list of participants, with what is ours in the first element. While nobody is known, that is all there is in it.
pub(crate) fn participants(
    teleconsultation: &Teleconsultation,
    revision: u32,
    mark: Option<Mark>,
    columns: Columns,
) -> Value {
    let end_ms = (!columns.end).then(|| teleconsultation.schedule.end().as_millisecond());
    let ours = Ours { end_ms, draft: mark, ..Ours::of(teleconsultation, revision) };
    let mut elements: Vec<_> = teleconsultation.roster.known().iter().map(participant::element).collect();
    if elements.is_empty() {
        elements.push(Map::new());
    }
    elements[0].insert("service".to_owned(), json!(ours));
    Value::Array(elements.into_iter().map(Value::Object).collect())
}

/// The elements that are about somebody.
fn people(document: &Value) -> impl Iterator<Item = &Value> {
    let elements = document["participants"].as_array().into_iter().flatten();
    elements.filter(|element| !element.as_object().is_some_and(|keys| keys.keys().eq(["service"])))
}

/// Those of a document's participants whom only the map of ids can name.
pub(crate) fn unnamed(document: &Value) -> Vec<ProviderUserId> {
    people(document).filter_map(participant::unnamed).collect()
}

/// Reads a document, also one that the replaced service wrote, in any of its versions (§10.3).
pub(crate) fn read(
    id: TeleconsultationId,
    document: &Value,
    names: &BTreeMap<ProviderUserId, ParticipantId>,
    privileges: &Privileges,
) -> Result<Teleconsultation, StoreError> {
    let ours = Ours::read(document);
    let known: Result<Vec<_>, _> =
        people(document).map(|element| participant::read(element, names, privileges)).collect();
    let known = known.map_err(|what| StoreError::Corrupt { what: format!("teleconsultation {id}: {what}") })?;
    let expected = document["participantsNumber"].as_f64().map_or_else(|| clamped_count(known.len()), nearest_count);
    let room = document["bandyerRoomId"].as_str().filter(|room| !room.is_empty());
    let stage = match (State::of(document), room) {
        (State::Trash, _) => Stage::Trashed,
        (State::Public | State::Draft, None) => Stage::Pending,
        (State::Public | State::Draft, Some(room)) => Stage::Ready(OpenRoom {
            // A room of the replaced service has no name of ours. The provider's is as good: nobody will ask for that room again.
            key: ours.key(room).unwrap_or_else(|| RoomKey::from_stored(room)),
            room: RoomRef::new(room),
        }),
    };
    let schedule = schedule(document, &ours);
    Ok(Teleconsultation { schedule, roster: Roster::from_stored(expected, known), stage, id })
}

fn schedule(document: &Value, ours: &Ours) -> Schedule {
    // Without a start, it has started (§10.3).
    let start = moment(&document["startDate"]).or_else(|| moment(&document["createdAt"])).unwrap_or_default();
    let end = moment(&document["endDate"])
        .or_else(|| Some(Timestamp::from_millisecond(ours.end_ms?).unwrap_or(Timestamp::MAX)));
    let length = match (ours.duration(start, end), end, document["duration"].as_f64()) {
        (Some(duration), _, _) => Length::For(duration),
        (None, Some(end), _) => Length::Until(end),
        (None, None, Some(seconds)) => Length::For(SignedDuration::from_secs(nearest_seconds(seconds))),
        // Without a duration, rooms of the first versions had no end. This is the longest that a room with an end may last.
        (None, None, None) => Length::For(DURATION_FINITE_MAX),
    };
    Schedule::from_stored(start, length)
}

/// A moment as the service takes it: to the millisecond, in the years 0 to 9999; the nearest that can be written.
pub(crate) fn text(moment: Timestamp) -> String {
    const FIRST: &str = "0000-01-01T00:00:00.000Z";
    let text = format!("{moment:.3}");
    // Years before that have a sign and six digits. The last moment there is lies in 9999.
    if text.len() == FIRST.len() { text } else { FIRST.to_owned() }
}

fn moment(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

fn clamped_count(count: usize) -> u8 {
    u8::try_from(count).unwrap_or(u8::MAX)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what does not fit becomes the nearest that does"
)]
fn nearest_count(number: f64) -> u8 {
    number as u8
}

#[expect(clippy::cast_possible_truncation, reason = "what does not fit becomes the nearest that does")]
fn nearest_seconds(number: f64) -> i64 {
    number as i64
}

#[cfg(test)]
mod tests {
    use domain::{GroupName, RolePrivileges, Tools};

    use super::*;

    const ALL: Columns = Columns { state: true, duration: true, end: true };
    const FEWEST: Columns = Columns { state: false, duration: false, end: false };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn id() -> TeleconsultationId {
        TeleconsultationId::parse("65f0c0ffee0123456789abcd").unwrap()
    }

    fn read_back(document: &Value) -> Teleconsultation {
        let role = |group| RolePrivileges { groups: vec![GroupName::parse(group).unwrap()], tools: Tools::all() };
        let privileges = Privileges { basic: role("patient"), plus: role("doctor") };
        read(id(), document, &BTreeMap::new(), &privileges).unwrap()
    }

    fn nobody_yet(length: Length) -> Teleconsultation {
        Teleconsultation {
            id: id(),
            schedule: Schedule::from_stored(at("2026-01-01T10:00:00Z"), length),
            roster: Roster::from_stored(2, vec![]),
            stage: Stage::Pending,
        }
    }

    #[test]
    fn only_columns_of_the_collection_are_written_and_nothing_is_lost_for_it() {
        let lengths = [Length::Until(at("2026-01-01T11:00:00Z")), Length::For(SignedDuration::from_mins(60))];
        for length in lengths {
            let expected = nobody_yet(length);
            for (columns, names) in [
                (
                    ALL,
                    vec![
                        "bandyerRoomId",
                        "endDate",
                        "participants",
                        "participantsNumber",
                        "startDate",
                        "teleconsultationState",
                    ],
                ),
                (FEWEST, vec!["bandyerRoomId", "participants", "participantsNumber", "startDate"]),
            ] {
                let mut set = columned(&expected, 1, None, columns).set;
                assert_eq!(read_back(&Value::Object(set.clone())), expected, "{columns:?}");
                set.remove("duration");
                let mut written: Vec<_> = set.keys().map(String::as_str).collect();
                written.sort_unstable();
                assert_eq!(written, names);
            }
        }
    }

    #[test]
    fn the_column_for_a_duration_is_set_or_unset() {
        let commands = |length| columned(&nobody_yet(length), 1, None, ALL).commands();
        assert_eq!(commands(Length::For(SignedDuration::from_mins(60)))["$set"]["duration"], 3600);
        assert_eq!(commands(Length::Until(at("2026-01-01T11:00:00Z")))["$unset"], json!({"duration": true}));
    }

    #[test]
    fn what_old_versions_wrote_is_read() {
        let oldest = json!({"bandyerRoomId": "r", "duration": 3600, "createdAt": "2021-12-01T10:00:00.000Z",
            "participants": [{"bandyerId": "usr_1"}, {"bandyerId": "usr_2"}]});
        let read = read_back(&oldest);
        assert_eq!((read.roster.expected(), read.roster.known().len()), (2, 2));
        assert_eq!(read.schedule.start(), at("2021-12-01T10:00:00Z"));
        assert_eq!(read.schedule.end(), at("2021-12-01T11:00:00Z"));
        let room = read.room().unwrap();
        assert_eq!((room.key.as_str(), room.room.as_str()), ("r", "r"));

        let bare = read_back(&json!({"bandyerRoomId": null, "participants": null, "participantsNumber": null}));
        assert_eq!((bare.roster.expected(), bare.room()), (0, None));
        assert_eq!(bare.schedule.start(), Timestamp::UNIX_EPOCH);
        assert_eq!(bare.schedule.duration(), DURATION_FINITE_MAX);
    }

    #[test]
    fn numbers_out_of_range_become_the_nearest() {
        let read = read_back(&json!({"participantsNumber": 1e9, "duration": -1e300}));
        assert_eq!(read.roster.expected(), 255);
        assert_eq!(read_back(&json!({"participantsNumber": -3})).roster.expected(), 0);
    }

    #[test]
    fn moments_are_cut_to_milliseconds_of_years_with_four_digits() {
        assert_eq!(text(at("2026-01-01T10:00:00.1239Z")), "2026-01-01T10:00:00.123Z");
        assert_eq!(text(Timestamp::MAX), "9999-12-30T22:00:00.999Z");
        assert_eq!(text(Timestamp::MIN), "0000-01-01T00:00:00.000Z");
    }
}
