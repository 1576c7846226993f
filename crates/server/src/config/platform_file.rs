//! The platform's `config.json` (contract §8.2): roles, tools and where the caller's id is. Unknown properties are tolerated.

use domain::{GroupName, Privileges, RolePrivileges, Tools};
use serde_json::{Map, Value};
use video::tools::{ToolsRequest, WhiteboardParts, WhiteboardRequest, resolve};

use super::{brand, source::read_file};
use crate::http::{
    brand::Brand,
    identity::{IdentityPath, Step},
};

/// What the file says.
#[derive(Debug, Default)]
pub struct PlatformFile {
    /// Roles and tools.
    pub privileges: Option<Privileges>,
    /// Where the caller's id is.
    pub identity: Option<IdentityPath>,
    /// The fields that tell who is whom.
    pub custom_id: Option<CustomIdFields>,
    /// The colours and the logo of the pages.
    pub brand: Brand,
    /// Whose camera starts with the company's virtual background.
    pub groups_with_background: Vec<GroupName>,
    /// What has no effect.
    pub notes: Vec<String>,
}

/// The fields of a project's users that tell who is whom (`customUserId`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomIdFields {
    /// The field with the id that callers send.
    pub source: String,
    /// The field with the id at the identity provider.
    pub target: String,
}

impl Default for CustomIdFields {
    fn default() -> Self {
        Self { source: "_id".to_owned(), target: "authUserId".to_owned() }
    }
}

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
    let custom_id = file.get("customUserId").map(custom_id).transpose()?;
    let groups_with_background = match file.get("groupsWithBackgroundList") {
        None | Some(Value::Null) => Vec::new(),
        Some(listed) => groups(listed, "groupsWithBackgroundList")?,
    };
    let (brand, notes) = brand::read(&file);
    Ok(PlatformFile { privileges: Some(privileges), identity, custom_id, brand, groups_with_background, notes })
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
    let listed = role.get("groups").ok_or_else(|| format!("{path}.groups is missing"))?;
    let groups = groups(listed, &format!("{path}.groups"))?;
    let tools = match role.get("tools") {
        None => resolve(None),
        Some(_) => tools(object(role.get("tools"), &format!("{path}.tools"))?, &format!("{path}.tools"))?,
    };
    Ok(RolePrivileges { groups, tools })
}

fn groups(listed: &Value, path: &str) -> Result<Vec<GroupName>, String> {
    let wrong = || format!("{path} must be an array of texts");
    let group = |value: &Value| {
        let text = value.as_str().ok_or_else(wrong)?;
        GroupName::parse(text).map_err(|error| format!("{path} has {text:?}, which {error}"))
    };
    listed.as_array().ok_or_else(wrong)?.iter().map(group).collect()
}

/// `customUserId`; each of its two fields has a default.
fn custom_id(value: &Value) -> Result<CustomIdFields, String> {
    let object = object(Some(value), "customUserId")?;
    let field = |name: &str, default: String| match object.get(name) {
        None | Some(Value::Null) => Ok(default),
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        Some(_) => Err(format!("customUserId.{name} must be the name of a field")),
    };
    let CustomIdFields { source, target } = CustomIdFields::default();
    Ok(CustomIdFields { source: field("source", source)?, target: field("target", target)? })
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
    fn a_shipped_file_is_read_as_it_is() {
        let file = parse(BOOKING_MODULE).unwrap();
        let privileges = file.privileges.unwrap();
        assert_eq!(privileges.role_of(&[GroupName::parse("superadmin").unwrap()]), Some(Role::Plus));
        assert_eq!(privileges.plus.tools, Tools::all());
        let basic = privileges.basic.tools;
        assert!(basic.chat && !basic.screen_sharing && basic.whiteboard.is_some_and(|it| it.pen && !it.eraser));
        assert!(file.identity.is_some());
        assert_eq!(file.notes, [] as [&str; 0]);
        assert_eq!(file.brand.light.accent, crate::http::brand::Colour::parse("#480ca8"));
        assert_eq!(file.custom_id, Some(CustomIdFields::default()));
        assert!(file.groups_with_background.is_empty());
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
