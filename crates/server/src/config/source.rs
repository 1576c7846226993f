//! What was given for each setting, and where.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read as _},
};

use super::{
    ConfigError,
    settings::{self, Effect, Setting},
};

/// The most a settings or secret file may hold, in bytes: they have a few lines.
pub const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// How alike a name must be to be suggested for an unknown one (`strsim::jaro_winkler`).
const ALIKE_MIN: f64 = 0.8;

/// A value, and where it came from, for messages.
#[derive(Debug, Clone)]
pub struct Value {
    /// As it was written.
    pub text: String,
    /// `LOG_LEVEL`, or `LOG_LEVEL in settings.json`.
    pub place: String,
}

/// What was given, by the setting's name.
pub struct Given(BTreeMap<&'static str, Value>);

impl Given {
    /// Takes our settings from the environment, and from the file that it names.
    pub fn gather(environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let environment: BTreeMap<_, _> =
            environment.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect();
        let mut problems = Vec::new();
        let mut given = BTreeMap::new();
        if let Some(path) = environment.get(settings::SETTINGS_PATH) {
            match from_file(path) {
                Ok(values) => given.extend(values),
                Err(wrong) => problems.extend(wrong),
            }
        }
        for setting in settings::all() {
            match from_environment(setting, &environment) {
                Ok(Some(value)) => drop(given.insert(setting.name, value)),
                Ok(None) => {}
                Err(problem) => problems.push(problem),
            }
        }
        for Value { text, place } in given.values() {
            if let Some(placeholder) = placeholder(text) {
                problems
                    .push(format!("{place} has {placeholder}, a placeholder that was not replaced before the start"));
            }
        }
        if problems.is_empty() { Ok(Self(given)) } else { Err(ConfigError(problems)) }
    }

    /// What was given for a setting. The name must be one of [`settings::all`].
    pub fn value(&self, name: &str) -> Option<&Value> {
        debug_assert!(settings::all().any(|setting| setting.name == name), "{name} is not declared");
        self.0.get(name)
    }
}

/// The first `{{…}}` of a text. What is around it may be secret and is not shown.
fn placeholder(text: &str) -> Option<&str> {
    let begin = text.find("{{")?;
    let end = begin + text[begin..].find("}}")? + "}}".len();
    Some(&text[begin..end])
}

fn from_environment(setting: &Setting, environment: &BTreeMap<String, String>) -> Result<Option<Value>, String> {
    let mut names = vec![setting.name.to_owned()];
    names.extend(setting.alias.map(str::to_owned));
    let file = (setting.effect == Effect::Secret).then(|| format!("{}_FILE", setting.name));
    let mut found: Option<Value> = None;
    for name in names.into_iter().chain(file.clone()) {
        let Some(text) = environment.get(&name) else { continue };
        if let Some(other) = found.filter(|other| other.text != *text) {
            return Err(format!("{} and {name} are both set: set one of them", other.place));
        }
        let text = if Some(&name) == file.as_ref() { secret_file(&name, text)? } else { text.clone() };
        found = Some(Value { text, place: name });
    }
    Ok(found)
}

fn secret_file(name: &str, path: &str) -> Result<String, String> {
    let text = read_file(path).map_err(|problem| format!("{name}: {problem}"))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() { Err(format!("{name}: the file {path} is empty")) } else { Ok(text.to_owned()) }
}

/// Reads a text file of limited size; the error is a sentence.
pub fn read_file(path: &str) -> Result<String, String> {
    let failed = |error: io::Error| format!("the file {path} cannot be read: {error}");
    let mut text = String::new();
    // A pipe or a device does not say how long it is, so one byte more than may be there is read.
    let file = File::open(path).map_err(failed)?;
    file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(format!("the file {path} is longer than {FILE_BYTES_MAX} bytes"));
    }
    Ok(text)
}

fn from_file(path: &str) -> Result<Vec<(&'static str, Value)>, Vec<String>> {
    let setting = settings::SETTINGS_PATH;
    let text = read_file(path).map_err(|problem| vec![format!("{setting}: {problem}")])?;
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text)
        .map_err(|error| vec![format!("{setting}: the file {path} is not one JSON object: {error}")])?;
    let mut values = Vec::new();
    let mut problems = Vec::new();
    for (name, value) in object {
        let place = format!("{name} in {path}");
        let known = settings::all().find(|it| it.name == name && it.name != setting);
        let text = match value {
            serde_json::Value::String(text) => Some(text),
            serde_json::Value::Number(number) => Some(number.to_string()),
            serde_json::Value::Bool(it) => Some(it.to_string()),
            serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => None,
        };
        match (known, text) {
            (Some(known), Some(text)) if !text.trim().is_empty() => values.push((known.name, Value { text, place })),
            (Some(_), Some(_)) => {}
            (Some(_), None) => problems.push(format!("{place} must be a text, a number, true or false")),
            (None, _) => problems.push(format!("{place} is no setting{}", suggestion(&name))),
        }
    }
    if problems.is_empty() { Ok(values) } else { Err(problems) }
}

fn suggestion(name: &str) -> String {
    let likeness = |setting: &Setting| strsim::jaro_winkler(name, setting.name);
    let nearest = settings::all().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest.filter(|nearest| likeness(nearest) >= ALIKE_MIN) {
        Some(nearest) => format!("; is {} meant?", nearest.name),
        None => "; docs/configuration.md lists them all".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_an_end_is_not_read_for_ever() {
        assert!(read_file("/dev/zero").unwrap_err().ends_with("is longer than 1048576 bytes"));
    }
}
