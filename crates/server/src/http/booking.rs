//! What bodies say about people and dates (contract §4).

use app::{Booking, Change, Ctx, Expected, People, Person};
use domain::{DURATION_MIN, FullName, GroupName, InvalidText, Language, Length, ParticipantId};
use jiff::{SignedDuration, Timestamp};

use super::input::{Fields, Input, Invalid};

/// The most entries that a list of people may have. Callers concatenate lists, so a person may be there more than once; four times
/// the most people covers that.
pub const ENTRIES_MAX: usize = 100;

/// The most groups of one person: some directories put people into dozens.
pub const GROUPS_MAX: usize = 64;

/// Who tells people's groups and names (contract §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// The caller, for everyone (mode B).
    Caller,
    /// The identity provider (modes A and A+); what the caller says of groups and names need not be there.
    Directory,
}

impl Naming {
    /// Who does it with these ports.
    pub fn of(ctx: &Ctx) -> Self {
        if ctx.directories.is_some() { Self::Directory } else { Self::Caller }
    }
}

/// Reads the body of `POST /teleconsultation`.
pub fn booking(body: &Input<'_>, naming: Naming) -> Result<Booking, Invalid> {
    let fields = body.object()?;
    let people = fields.required("participants")?;
    let start = fields.required("start_date")?;
    let (people, start) = (self::people(&people, naming)?, start.date_time()?);
    let length = length(&fields)?
        .ok_or_else(|| fields.refused("must have required property 'end_date' or 'duration_in_seconds'"))?;
    Ok(Booking { people, start, length })
}

/// Reads the body of `PATCH /teleconsultation/:roomId`.
pub fn change(body: &Input<'_>, naming: Naming) -> Result<Change, Invalid> {
    let fields = body.object()?;
    if fields.is_empty() {
        return Err(fields.refused("must NOT have fewer than 1 properties"));
    }
    let people = fields.optional("participants").map(|input| people(&input, naming)).transpose()?;
    let start = fields.optional("start_date").map(|input| input.date_time()).transpose()?;
    Ok(Change { people, start, length: length(&fields)? })
}

/// Reads one person: an element of `participants.data`, or the body of `participants/data`.
pub fn person(input: &Input<'_>, naming: Naming) -> Result<Person, Invalid> {
    let fields = input.object()?;
    let id = id(&fields)?;
    let (groups, full_name) = match naming {
        Naming::Caller => (groups(&fields)?, Some(text(&fields.required("fullName")?, FullName::parse)?)),
        // Its word counts, so what the caller says is not even looked at, but for a name in case it knows none.
        Naming::Directory => {
            let name = fields.optional("fullName").and_then(|name| name.text().ok());
            (Vec::new(), name.and_then(|name| FullName::parse(&name).ok()))
        }
    };
    let language = match fields.optional("language") {
        Some(language) if !language.text()?.trim().is_empty() => Some(text(&language, Language::parse)?),
        Some(_) | None => None,
    };
    Ok(Person { id, groups, full_name, language })
}

fn people(input: &Input<'_>, naming: Naming) -> Result<People, Invalid> {
    if input.is_array() {
        return match naming {
            Naming::Caller => Err(input.refused("must be object: without AUTH_SERVICE a list of ids is not enough")),
            Naming::Directory => listed(input),
        };
    }
    let fields = input.object()?;
    let number = fields.required("number")?;
    let data = fields.required("data")?;
    let expected = number.integer()?;
    let known = data.array(ENTRIES_MAX)?.iter().map(|entry| person(entry, naming)).collect::<Result<_, _>>()?;
    // A negative number is too few, like 0.
    Ok(People { expected: Expected::Number(u64::try_from(expected).unwrap_or(0)), known })
}

/// A list of ids: everyone is known.
fn listed(ids: &Input<'_>) -> Result<People, Invalid> {
    let person = |input: &Input<'_>| {
        let id = ParticipantId::parse(&input.text()?).map_err(|error| input.refused(error))?;
        Ok(Person { id, groups: Vec::new(), full_name: None, language: None })
    };
    let known = ids.array(ENTRIES_MAX)?.iter().map(person).collect::<Result<_, _>>()?;
    Ok(People { expected: Expected::AllListed, known })
}

/// `userId`, or its older spelling.
fn id(fields: &Fields<'_>) -> Result<ParticipantId, Invalid> {
    let (newer, older) = (fields.optional("userId"), fields.optional("userExternalId"));
    let input = match (newer, older) {
        (Some(newer), Some(older)) => {
            if newer.text()? != older.text()? {
                return Err(fields.refused("must NOT have a 'userId' and a 'userExternalId' that differ"));
            }
            newer
        }
        (Some(input), None) | (None, Some(input)) => input,
        (None, None) => return Err(fields.refused("must have required property 'userId'")),
    };
    ParticipantId::parse(&input.text()?).map_err(|error| input.refused(error))
}

/// `groups` and `group`, each a text or an array of texts.
fn groups(fields: &Fields<'_>) -> Result<Vec<GroupName>, Invalid> {
    let given: Vec<_> = ["groups", "group"].into_iter().filter_map(|name| fields.optional(name)).collect();
    if given.is_empty() {
        return Err(fields.refused("must have required property 'groups'"));
    }
    let mut groups = Vec::new();
    for input in given {
        let names = if input.is_array() { input.array(GROUPS_MAX)? } else { vec![input] };
        for name in names {
            let group = text(&name, GroupName::parse)?;
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
    }
    Ok(groups)
}

fn length(fields: &Fields<'_>) -> Result<Option<Length>, Invalid> {
    let end: Option<Timestamp> = fields.optional("end_date").map(|input| input.date_time()).transpose()?;
    let seconds = fields.optional("duration_in_seconds").map(|input| seconds(&input)).transpose()?;
    match (end, seconds) {
        (Some(_), Some(_)) => {
            Err(fields.refused("must NOT have both 'end_date' and 'duration_in_seconds': only one can be specified"))
        }
        (Some(end), None) => Ok(Some(Length::Until(end))),
        (None, Some(seconds)) => Ok(Some(Length::For(SignedDuration::from_secs(seconds)))),
        (None, None) => Ok(None),
    }
}

/// A length of time. What is too short for a teleconsultation is found out with its other dates; less than nothing is no length.
fn seconds(input: &Input<'_>) -> Result<i64, Invalid> {
    let seconds = input.integer()?;
    if seconds < 0 {
        return Err(input.refused(format_args!("must be >= {}", DURATION_MIN.as_secs())));
    }
    Ok(seconds)
}

fn text<T>(input: &Input<'_>, parse: impl FnOnce(&str) -> Result<T, InvalidText>) -> Result<T, Invalid> {
    parse(&input.text()?).map_err(|error| input.refused(error))
}
