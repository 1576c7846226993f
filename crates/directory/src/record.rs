//! A user as a directory writes it. Spellings differ between identity providers and their adapters (`mia-platform.md` §11).

use domain::{FullName, GroupName};
use ports::directory::Profile;
use serde_json::Value;

/// Where an id can be.
const IDS: [&str; 5] = ["user_id", "_id", "id", "sub", "userId"];

/// Where a name can be, the best first.
const NAMES: [&str; 3] = ["name", "nickname", "email"];

/// Where groups can be; in the record itself, or in one of these.
const METADATA: [&str; 2] = ["app_metadata", "user_metadata"];

/// Whether the record is about the person with this id.
pub(crate) fn is_about(record: &Value, id: &str) -> bool {
    IDS.iter().any(|name| record[*name].as_str() == Some(id))
}

/// The person's profile. Groups and names that cannot be any are left out.
pub(crate) fn profile(record: &Value) -> Profile {
    let groups = std::iter::once(record)
        .chain(METADATA.iter().map(|name| &record[*name]))
        .map(|place| &place["groups"])
        .find(|groups| !groups.is_null())
        .map(groups)
        .unwrap_or_default();
    let full_name = NAMES.iter().filter_map(|name| record[*name].as_str()).find_map(|text| FullName::parse(text).ok());
    Profile { groups, full_name }
}

/// An array of names, or one text with commas.
fn groups(value: &Value) -> Vec<GroupName> {
    let texts: Vec<&str> = match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        Value::String(text) => text.split(',').collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    };
    texts.into_iter().filter_map(|text| GroupName::parse(text).ok()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn groups_and_names_are_found_where_providers_put_them() {
        let cases = [
            (
                json!({"app_metadata": {"groups": ["doctor", " admin "]}, "name": "Ada"}),
                vec!["doctor", "admin"],
                Some("Ada"),
            ),
            (json!({"groups": "doctor, admin", "nickname": "ada"}), vec!["doctor", "admin"], Some("ada")),
            (
                json!({"user_metadata": {"groups": ["patient"]}, "name": "", "email": "a@h.test"}),
                vec!["patient"],
                Some("a@h.test"),
            ),
            (json!({"groups": [], "app_metadata": {"groups": ["doctor"]}}), vec![], None),
            (json!({"groups": {"doctor": true}, "name": 7}), vec![], None),
            (json!("odd"), vec![], None),
        ];
        for (record, groups, name) in cases {
            let profile = profile(&record);
            assert_eq!(profile.groups.iter().map(GroupName::as_str).collect::<Vec<_>>(), groups, "{record}");
            assert_eq!(profile.full_name.as_ref().map(FullName::as_str), name, "{record}");
        }
    }

    #[test]
    fn a_record_is_about_whoever_any_of_its_ids_names() {
        assert!(is_about(&json!({"user_id": "auth0|1"}), "auth0|1"));
        assert!(is_about(&json!({"_id": "65f0", "sub": "auth0|1"}), "auth0|1"));
        assert!(!is_about(&json!({"email": "auth0|1"}), "auth0|1"));
        assert!(!is_about(&json!(null), "auth0|1"));
    }
}
