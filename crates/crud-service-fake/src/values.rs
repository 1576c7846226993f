//! What is in a body, checked and brought into the form in which it is kept (`mia-platform.md` §9.7).

use serde_json::{Map, Value};

use crate::{Collection, FieldType, State, collection::Field, moment, refusal::Refusal};

/// Columns that only the service writes.
const MANAGED: [&str; 5] = ["_id", "creatorId", "createdAt", "updaterId", "updatedAt"];

/// Checks a document to be inserted.
pub(crate) fn document(collection: &Collection, body: &Value) -> Result<Map<String, Value>, Refusal> {
    let Value::Object(body) = body else { return Err(Refusal::invalid("body must be object")) };
    let mut document = Map::new();
    for (name, value) in body {
        if name == "__STATE__" {
            let state = value.as_str().and_then(State::parse);
            state.ok_or_else(|| Refusal::invalid("body/__STATE__ must be equal to one of the allowed values"))?;
            document.insert(name.clone(), value.clone());
            continue;
        }
        let field = collection.field(name).filter(|_| !MANAGED.contains(&name.as_str()));
        let field = field.ok_or_else(|| unknown(name))?;
        document.insert(name.clone(), cast(field, value)?);
    }
    for field in collection.fields.iter().filter(|field| field.required) {
        if !document.contains_key(field.name) {
            return Err(Refusal::invalid(format!("body must have required property '{}'", field.name)));
        }
    }
    Ok(document)
}

fn unknown(name: &str) -> Refusal {
    let reason = "is not defined in validation schema";
    Refusal::bad_request(format!("body must NOT have additional properties. Property \"{name}\" {reason}"))
}

/// Brings a value into its column's form. Texts and numbers pass for each other; `null` is an empty text.
pub(crate) fn cast(field: &Field, value: &Value) -> Result<Value, Refusal> {
    let (cast, must_be) = match field.kind {
        FieldType::String => (text(value), "string"),
        FieldType::Number => (number(value), "number"),
        FieldType::Boolean => (flag(value), "boolean"),
        FieldType::Date => (date(value), "a date that matches the pattern"),
        FieldType::ArrayOfRawObjects => {
            let items = value.as_array().filter(|items| items.iter().all(Value::is_object));
            (items.map(|_| value.clone()), "array of objects")
        }
        FieldType::RawObject => (value.is_object().then(|| value.clone()), "object"),
    };
    cast.ok_or_else(|| Refusal::invalid(format!("body/{} must be {must_be}", field.name)))
}

fn text(value: &Value) -> Option<Value> {
    match value {
        Value::Null => Some(Value::from("")),
        Value::String(_) => Some(value.clone()),
        Value::Number(_) | Value::Bool(_) => Some(Value::from(value.to_string())),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn number(value: &Value) -> Option<Value> {
    let parsed = || value.as_str()?.parse().ok().map(Value::Number);
    if value.is_number() { Some(value.clone()) } else { parsed() }
}

fn flag(value: &Value) -> Option<Value> {
    let flag = value.as_bool().or_else(|| value.as_str()?.parse().ok());
    flag.map(Value::Bool)
}

fn date(value: &Value) -> Option<Value> {
    value.as_str().and_then(moment::parse).map(|moment| Value::from(moment::text(moment)))
}
