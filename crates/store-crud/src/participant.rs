//! A participant's element, in every spelling that collections have (`teleconsultation-service.md` §10.1).

use std::collections::BTreeMap;

use domain::{AccessLink, FullName, GroupName, Language, Participant, ParticipantId, Privileges, ProviderUserId, Role};
use serde_json::{Map, Value, json};

/// Spellings of the provider's id.
const PROVIDER_USER: [&str; 3] = ["bandyerId", "userBandyerId", "bandyerUserId"];

/// Spellings of the caller's id.
const RECEIVED: [&str; 3] = ["receivedUserId", "userExternalId", "userId"];

/// The element of a participant, under both current spellings of the provider's id.
pub(crate) fn element(participant: &Participant) -> Map<String, Value> {
    let mut element = Map::new();
    let mut put = |name: &str, value: Value| drop(element.insert(name.to_owned(), value));
    put("bandyerId", json!(participant.provider_user.as_str()));
    put("userBandyerId", json!(participant.provider_user.as_str()));
    // Read as nobody whom anybody knows, and so kept: the map may tell one day.
    if participant.id.as_str() != participant.provider_user.as_str() {
        put("receivedUserId", json!(participant.id.as_str()));
    }
    // A list without a room has no links; the key is always there, because other readers expect it.
    put("accessLinkURL", json!(participant.access_link.as_ref().map_or("", AccessLink::expose)));
    put("role", json!(role_text(participant.role)));
    if !participant.groups.is_empty() {
        put("groups", participant.groups.iter().map(GroupName::as_str).collect());
    }
    if let Some(name) = &participant.full_name {
        put("fullName", json!(name.as_str()));
    }
    if let Some(language) = &participant.language {
        put("language", json!(language.as_str()));
    }
    element
}

/// The provider's id of an element that does not say the caller's. The map of ids knows whose it is.
pub(crate) fn unnamed(element: &Value) -> Option<ProviderUserId> {
    if text(element, &RECEIVED).is_some() { None } else { provider_user(element) }
}

/// The participant; else the name of the field that cannot be read, whose value may be personal.
pub(crate) fn read(
    element: &Value,
    names: &BTreeMap<ProviderUserId, ParticipantId>,
    privileges: &Privileges,
) -> Result<Participant, &'static str> {
    let provider_user = provider_user(element).ok_or("a participant's id at the provider")?;
    let id = match text(element, &RECEIVED) {
        Some(text) => ParticipantId::parse(text),
        // Somebody whom the map does not know either cannot enter. The others can, and the list keeps its length.
        None => names.get(&provider_user).cloned().map_or_else(|| ParticipantId::parse(provider_user.as_str()), Ok),
    };
    let groups: Vec<_> = groups(element).filter_map(|text| GroupName::parse(text).ok()).collect();
    Ok(Participant {
        id: id.map_err(|_| "a participant's id")?,
        role: match element["role"].as_str() {
            Some("plus") => Role::Plus,
            Some("basic") => Role::Basic,
            // Written by the replaced service, which derived it each time.
            Some(_) | None => privileges.role_of(&groups).unwrap_or(Role::Basic),
        },
        provider_user,
        groups,
        full_name: text(element, &["fullName"]).and_then(|name| FullName::parse(name).ok()),
        language: text(element, &["language"]).and_then(|tag| Language::parse(tag).ok()),
        access_link: text(element, &["accessLinkURL"]).map(AccessLink::new),
    })
}

fn role_text(role: Role) -> &'static str {
    match role {
        Role::Basic => "basic",
        Role::Plus => "plus",
    }
}

fn provider_user(element: &Value) -> Option<ProviderUserId> {
    text(element, &PROVIDER_USER).and_then(|text| ProviderUserId::parse(text).ok())
}

/// The first of these that is a text, and not an empty one.
fn text<'a>(element: &'a Value, names: &[&str]) -> Option<&'a str> {
    names.iter().filter_map(|name| element[*name].as_str()).find(|text| !text.is_empty())
}

/// `groups` or `group`, one or several.
fn groups(element: &Value) -> impl Iterator<Item = &str> {
    ["groups", "group"].into_iter().flat_map(|name| {
        let value = &element[name];
        let several = value.as_array().into_iter().flatten().filter_map(Value::as_str);
        several.chain(value.as_str())
    })
}

#[cfg(test)]
mod tests {
    use domain::{RolePrivileges, Tools};

    use super::*;

    fn privileges() -> Privileges {
        let role = |group| RolePrivileges { groups: vec![GroupName::parse(group).unwrap()], tools: Tools::all() };
        Privileges { basic: role("patient"), plus: role("doctor") }
    }

    fn ada() -> Participant {
        Participant {
            id: ParticipantId::parse("auth0|1").unwrap(),
            provider_user: ProviderUserId::parse("usr_1").unwrap(),
            role: Role::Plus,
            groups: vec![GroupName::parse("doctor").unwrap()],
            full_name: FullName::parse("Ada Marino").ok(),
            language: Language::parse("it").ok(),
            access_link: Some(AccessLink::new("https://video.example/1")),
        }
    }

    #[test]
    fn an_element_is_written_for_every_reader_and_reads_back() {
        let written = Value::Object(element(&ada()));
        let expected = json!({"bandyerId": "usr_1", "userBandyerId": "usr_1", "receivedUserId": "auth0|1",
            "accessLinkURL": "https://video.example/1", "role": "plus", "groups": ["doctor"],
            "fullName": "Ada Marino", "language": "it"});
        assert_eq!(written, expected);
        assert_eq!(read(&written, &BTreeMap::new(), &privileges()), Ok(ada()));
    }

    #[test]
    fn every_old_spelling_is_read() {
        let names = BTreeMap::from([(ada().provider_user, ada().id)]);
        for old in [
            json!({"userBandyerId": "usr_1", "accessLinkURL": "https://video.example/1", "groups": ["doctor"],
                "fullName": "Ada Marino", "language": "it"}),
            json!({"bandyerUserId": "usr_1", "userExternalId": "auth0|1", "group": "doctor", "fullName": "Ada Marino",
                "language": "it", "accessLinkURL": "https://video.example/1"}),
            json!({"bandyerId": "usr_1", "userId": "auth0|1", "groups": "doctor", "fullName": "Ada Marino",
                "language": "it", "accessLinkURL": "https://video.example/1", "later": 1}),
        ] {
            assert_eq!(read(&old, &names, &privileges()), Ok(ada()), "{old}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_and_not_quoted() {
        let names = BTreeMap::new();
        let read = |element| read(&element, &names, &privileges());
        assert_eq!(read(json!({"receivedUserId": "Mario"})), Err("a participant's id at the provider"));
        assert_eq!(read(json!({"bandyerId": "usr_9", "userId": "Mario\n"})), Err("a participant's id"));
        for element in [json!("Mario"), json!(null), json!({"bandyerId": 7}), json!({"bandyerId": "not an id"})] {
            assert_eq!(read(element), Err("a participant's id at the provider"));
        }
    }

    #[test]
    fn somebody_whom_nobody_knows_stays_so_and_keeps_their_place() {
        let stranger = json!({"bandyerId": "usr_9", "groups": null, "accessLinkURL": null, "fullName": "\u{1}"});
        let read = read(&stranger, &BTreeMap::new(), &privileges()).unwrap();
        assert_eq!((read.id.as_str(), read.role, read.access_link.as_ref()), ("usr_9", Role::Basic, None));
        let written = Value::Object(element(&read));
        assert_eq!(unnamed(&written), Some(read.provider_user));
    }
}
