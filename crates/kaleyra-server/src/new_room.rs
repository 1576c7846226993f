//! A room as it is asked for (`kaleyra-video-api.md` §6.2, §7.3).

use std::time::Duration;

use ports::provider::{CallType, Recording, RoomParticipant};
use serde_json::Value;
use video::RoomOrder;

use crate::{
    Api, Version,
    input::{Input, flag},
    refusal::Refusal,
    tools, wire,
};

/// The longest description, in characters (§16, Q24).
const DESCRIPTION_CHARACTERS_MAX: usize = 1024;

/// Reads the order of a room.
pub fn read(api: &Api, input: &Input) -> Result<RoomOrder, Refusal> {
    if input.flag("offline_transcription")? == Some(true) {
        return Err(Refusal::request("transcription_not_enabled", "Transcription is not enabled."));
    }
    Ok(RoomOrder {
        participants: participants(input)?,
        duration: duration(input)?,
        live: input.flag("live")?.unwrap_or(false),
        recording: recording(api.version, input)?,
        call_type: call_type(input)?,
        description: description(input)?,
    })
}

fn participants(input: &Input) -> Result<Vec<RoomParticipant>, Refusal> {
    let wrong = || Refusal::invalid("invalid_participants_length", "participants must be a list of 2 to 25.");
    // v1's former name of it.
    let name = if input.field("participants").is_some() { "participants" } else { "user_list_in_call" };
    let list = input.list(name).map_err(|_| wrong())?.ok_or_else(wrong)?;
    list.into_iter().map(participant).collect()
}

/// A participant: an object, or an id alone.
fn participant(value: &Value) -> Result<RoomParticipant, Refusal> {
    match value {
        Value::String(id) => of_user(id, false, tools::read(None)?),
        Value::Object(fields) => {
            let fields = Input::of(fields.clone());
            read_participant(&fields)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            Err(Refusal::invalid("invalid_participants", "A participant is an object with a user_id."))
        }
    }
}

/// Reads a participant's object.
pub fn read_participant(fields: &Input) -> Result<RoomParticipant, Refusal> {
    let missing = || Refusal::invalid("invalid_participants", "A participant has no user_id.");
    let id = fields.text("user_id")?.ok_or_else(missing)?;
    of_user(id, fields.flag("is_admin")?.unwrap_or(false), tools::read(fields.field("tools"))?)
}

fn of_user(id: &str, admin: bool, tools: domain::Tools) -> Result<RoomParticipant, Refusal> {
    Ok(RoomParticipant { user: wire::user_id(id)?, admin, tools, display_name: None, language: None })
}

/// Nothing, or an empty text, is "without end". That it is within the limits, the service checks.
fn duration(input: &Input) -> Result<Option<Duration>, Refusal> {
    let seconds = input.number("duration").map_err(|refusal| refusal.with_code("invalid_duration"))?;
    Ok(seconds.map(Duration::from_secs))
}

fn call_type(input: &Input) -> Result<CallType, Refusal> {
    let wrong =
        || Refusal::invalid("invalid_call_type", "call_type must be audio_only, audio_upgradable or audio_video.");
    match input.text("call_type").map_err(|_| wrong())? {
        None | Some("audio_video") => Ok(CallType::AudioVideo),
        Some("audio_only") => Ok(CallType::AudioOnly),
        Some("audio_upgradable") => Ok(CallType::AudioUpgradable),
        Some(_) => Err(wrong()),
    }
}

/// One value in v2; in v1 a flag, `recording` or formerly `record`, and a type.
fn recording(version: Version, input: &Input) -> Result<Recording, Refusal> {
    let wrong = || Refusal::invalid("invalid_recording", "recording must be none, manual or automatic.");
    let kind = |text: &str| match text {
        "none" | "null" => Ok(Recording::None),
        "manual" => Ok(Recording::Manual),
        "automatic" => Ok(Recording::Automatic),
        _ => Err(wrong()),
    };
    let recorded_as = || input.text("recording_type").map_err(|_| wrong())?.map_or(Ok(Recording::Automatic), kind);
    let value = match version {
        Version::V1 => input.field("recording").or_else(|| input.field("record")),
        Version::V2 => input.field("recording"),
    };
    match value {
        None => Ok(Recording::None),
        Some(value) => match (flag(value), value.as_str()) {
            (Some(false), _) => Ok(Recording::None),
            (Some(true), _) => recorded_as(),
            (None, Some(text)) => kind(text),
            (None, None) => Err(wrong()),
        },
    }
}

fn description(input: &Input) -> Result<Option<String>, Refusal> {
    let text = input.text("description")?.filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.chars().count() > DESCRIPTION_CHARACTERS_MAX) {
        let message = format!("description has more than {DESCRIPTION_CHARACTERS_MAX} characters.");
        return Err(Refusal::invalid("invalid_description", message));
    }
    Ok(text.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn recorded(version: Version, said: Value) -> Option<Recording> {
        let Value::Object(said) = said else { panic!("no object") };
        recording(version, &Input::of(said)).ok()
    }

    #[test]
    fn how_a_room_is_recorded_is_understood_in_both_generations() {
        for (version, said, expected) in [
            (Version::V2, json!({"recording": "manual"}), Some(Recording::Manual)),
            (Version::V2, json!({"recording": null}), Some(Recording::None)),
            (Version::V2, json!({"recording": "none"}), Some(Recording::None)),
            (Version::V2, json!({"recording": "sometimes"}), None),
            (Version::V1, json!({"recording": true}), Some(Recording::Automatic)),
            (Version::V1, json!({"recording": true, "recording_type": "manual"}), Some(Recording::Manual)),
            (Version::V1, json!({"recording": false, "recording_type": "manual"}), Some(Recording::None)),
            (Version::V1, json!({"record": "1"}), Some(Recording::Automatic)),
            (Version::V1, json!({}), Some(Recording::None)),
        ] {
            assert_eq!(recorded(version, said.clone()), expected, "{said}");
        }
    }

    #[test]
    fn a_participant_is_an_object_or_an_id() {
        let by_id = participant(&json!("u1")).unwrap();
        let by_object = participant(&json!({"user_id": "u1"})).unwrap();
        assert_eq!(by_id, by_object);
        assert!(participant(&json!({"user_id": "u1", "is_admin": "1"})).unwrap().admin);
        for wrong in [json!(7), json!({}), json!({"user_id": "a b"}), json!({"user_id": "u1", "tools": 7})] {
            assert!(participant(&wrong).is_err(), "{wrong}");
        }
    }
}
