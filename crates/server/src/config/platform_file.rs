//! The platform's `config.json` (contract §8.2): roles, tools and where the caller's id is. Unknown properties are tolerated.

use domain::{GroupName, Privileges, RolePrivileges, Tools};
use serde_json::{Map, Value};
use video::tools::{ToolsRequest, WhiteboardParts, WhiteboardRequest, resolve};

use super::source::read_file;
use crate::http::identity::{IdentityPath, Step};

/// What the file says.
#[derive(Debug, Default)]
pub struct PlatformFile {
    /// Roles and tools.
    pub privileges: Option<Privileges>,
    /// Where the caller's id is.
    pub identity: Option<IdentityPath>,
    /// What has no effect.
    pub notes: Vec<String>,
}

/// Properties that belong to parts that this version has not.
const WITHOUT_EFFECT: [&str; 4] = ["theme", "companyLogo", "groupsWithBackgroundList", "customUserId"];

/// Reads the file; the error is a sentence.
pub fn read(path: &str) -> Result<PlatformFile, String> {
    parse(&read_file(path)?)
}

fn parse(text: &str) -> Result<PlatformFile, String> {
    if text.contains("{{") {
        return Err("there is a {{placeholder}} in the file that was not replaced before the start".to_owned());
    }
    let file: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| format!("the file is not one JSON object: {error}"))?;
    let privileges = object(file.get("privileges"), "privileges")?;
    let privileges = Privileges {
        basic: role(privileges, "privileges.basic", "basic")?,
        plus: role(privileges, "privileges.plus", "plus")?,
    };
    let identity = file.get("userIdPathInRequest").map(identity).transpose()?;
    let idle: Vec<_> = WITHOUT_EFFECT.into_iter().filter(|name| file.contains_key(*name)).collect();
    let notes =
        if idle.is_empty() { vec![] } else { vec![format!("{} have no effect in this version", idle.join(", "))] };
    Ok(PlatformFile { privileges: Some(privileges), identity, notes })
}

fn object<'a>(value: Option<&'a Value>, path: &str) -> Result<&'a Map<String, Value>, String> {
    match value {
        Some(Value::Object(map)) => Ok(map),
        Some(_) => Err(format!("{path} must be an object")),
        None => Err(format!("{path} is missing")),
    }
}

fn role(privileges: &Map<String, Value>, path: &str, name: &str) -> Result<RolePrivileges, String> {
    let role = object(privileges.get(name), path)?;
    let groups = match role.get("groups") {
        Some(Value::Array(groups)) => groups,
        Some(_) => return Err(format!("{path}.groups must be an array of texts")),
        None => return Err(format!("{path}.groups is missing")),
    };
    let group = |value: &Value| {
        let text = value.as_str().ok_or_else(|| format!("{path}.groups must be an array of texts"))?;
        GroupName::parse(text).map_err(|error| format!("{path}.groups has {text:?}, which {error}"))
    };
    let groups = groups.iter().map(group).collect::<Result<_, _>>()?;
    let tools = match role.get("tools") {
        None => resolve(None),
        Some(_) => tools(object(role.get("tools"), &format!("{path}.tools"))?, &format!("{path}.tools"))?,
    };
    Ok(RolePrivileges { groups, tools })
}

fn tools(listed: &Map<String, Value>, path: &str) -> Result<Tools, String> {
    let flag = |name: &str| flag(listed, name, path);
    let whiteboard = match listed.get("whiteboard") {
        None => None,
        Some(Value::Bool(whole)) => Some(WhiteboardRequest::Whole(*whole)),
        Some(Value::Object(parts)) => {
            let part = |name: &str| self::flag(parts, name, &format!("{path}.whiteboard"));
            Some(WhiteboardRequest::Parts(WhiteboardParts {
                add_file: part("wb_add_file")?,
                cursor: part("wb_cursor")?,
                text: part("wb_text")?,
                shape: part("wb_shape")?,
                pen: part("wb_pen")?,
                eraser: part("wb_eraser")?,
            }))
        }
        Some(_) => return Err(format!("{path}.whiteboard must be true, false or an object")),
    };
    Ok(resolve(Some(&ToolsRequest {
        chat: flag("chat")?,
        screen_sharing: flag("screen_sharing")?,
        file_upload: flag("file_upload")?,
        whiteboard,
        snapshot: flag("snapshot")?,
        live_edit: flag("live_edit")?,
        live_pointer: flag("live_pointer")?,
        present_to_everyone: flag("present_to_everyone")?,
    })))
}

fn flag(listed: &Map<String, Value>, name: &str, path: &str) -> Result<Option<bool>, String> {
    match listed.get(name) {
        None => Ok(None),
        Some(Value::Bool(it)) => Ok(Some(*it)),
        Some(_) => Err(format!("{path}.{name} must be true or false")),
    }
}

fn identity(value: &Value) -> Result<IdentityPath, String> {
    let path = "userIdPathInRequest";
    let steps = value.as_array().ok_or_else(|| format!("{path} must be an array"))?;
    let step = |(index, step): (usize, &Value)| {
        let wrong = || {
            format!(
                "{path}[{index}] must be {{\"from\": \"object\", \"json\" or \"array\", \"extract\": a name or index}}"
            )
        };
        let extract = match step.get("extract") {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => return Err(wrong()),
        };
        match step.get("from").and_then(Value::as_str) {
            Some("object") => Ok(Step::Object(extract)),
            Some("json") => Ok(Step::Json(extract)),
            Some("array") => extract.parse().map(Step::Array).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    };
    let steps = steps.iter().enumerate().map(step).collect::<Result<_, _>>()?;
    IdentityPath::new(steps).map_err(|problem| format!("{path}: {problem}"))
}

#[cfg(test)]
mod tests {
    use domain::Role;

    use super::*;

    /// As shipped with the Booking Module (contract §8.2).
    const BOOKING_MODULE: &str = r##"{
        "privileges": {
            "basic": {"groups": ["patient"], "tools": {"chat": true, "whiteboard": {"wb_pen": true}}},
            "plus": {"groups": ["doctor", "admin", "superadmin"]}
        },
        "environment": "sandbox", "mode": "window",
        "theme": {"light": {"primaryColor": "#fff", "accentColor": "#480ca8"}},
        "customUserId": {"source": "_id", "target": "authUserId"},
        "userIdPathInRequest": [{"from": "object", "extract": "headers"}, {"from": "object", "extract": "miauserproperties"}, {"from": "json", "extract": "customUserId"}]
    }"##;

    #[test]
    fn a_shipped_file_is_read_and_says_what_has_no_effect() {
        let file = parse(BOOKING_MODULE).unwrap();
        let privileges = file.privileges.unwrap();
        assert_eq!(privileges.role_of(&[GroupName::parse("superadmin").unwrap()]), Some(Role::Plus));
        assert_eq!(privileges.plus.tools, Tools::all());
        let basic = privileges.basic.tools;
        assert!(basic.chat && !basic.screen_sharing && basic.whiteboard.is_some_and(|it| it.pen && !it.eraser));
        assert!(file.identity.is_some());
        assert_eq!(file.notes, ["theme, customUserId have no effect in this version"]);
    }

    #[test]
    fn a_whiteboard_without_any_part_is_none() {
        let file = r#"{"privileges": {"basic": {"groups": [], "tools": {"whiteboard": {"wb_pen": false}}}, "plus": {"groups": []}}}"#;
        assert_eq!(parse(file).unwrap().privileges.unwrap().basic.tools, Tools::none());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, problem) in [
            ("[]", "the file is not one JSON object"),
            ("{", "the file is not one JSON object"),
            ("{}", "privileges is missing"),
            (r#"{"privileges": {"basic": {"groups": []}}}"#, "privileges.plus is missing"),
            (r#"{"privileges": {"basic": {}, "plus": {"groups": []}}}"#, "privileges.basic.groups is missing"),
            (
                r#"{"privileges": {"basic": {"groups": [1]}, "plus": {"groups": []}}}"#,
                "privileges.basic.groups must be",
            ),
            (
                r#"{"privileges": {"basic": {"groups": [], "tools": {"chat": 1}}, "plus": {"groups": []}}}"#,
                "privileges.basic.tools.chat must be",
            ),
            (
                r#"{"privileges": {"basic": {"groups": []}, "plus": {"groups": []}}, "userIdPathInRequest": [{"from": "json", "extract": "a"}]}"#,
                "userIdPathInRequest: the first step",
            ),
            (r#"{"privileges": "{{PRIVILEGES}}"}"#, "there is a {{placeholder}}"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(problem), "{text}: {error}");
        }
    }
}
