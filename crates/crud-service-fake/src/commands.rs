//! Changes of a document (`mia-platform.md` §9.6).

use serde_json::{Map, Value};

use crate::{Collection, FieldType, refusal::Refusal, values};

/// The commands of a PATCH, checked.
#[derive(Debug)]
pub(crate) struct Commands(Vec<Command>);

#[derive(Debug)]
enum Command {
    Set(String, Value),
    Unset(String),
    Increment(String, f64),
    Push(String, Vec<Value>),
}

impl Commands {
    pub(crate) fn parse(collection: &Collection, body: &Value) -> Result<Self, Refusal> {
        let Value::Object(body) = body else { return Err(Refusal::invalid("body must be object")) };
        if body.is_empty() {
            return Err(Refusal::invalid("body must NOT have fewer than 1 properties"));
        }
        let mut commands = Vec::new();
        for (operator, fields) in body {
            let Value::Object(fields) = fields else {
                return Err(Refusal::invalid(format!("body/{operator} must be object")));
            };
            for (name, value) in fields {
                commands.push(command(collection, operator, name, value)?);
            }
        }
        Ok(Self(commands))
    }

    /// Applies them all.
    pub(crate) fn apply(&self, document: &mut Map<String, Value>) {
        for command in &self.0 {
            match command {
                Command::Set(name, value) => drop(document.insert(name.clone(), value.clone())),
                Command::Unset(name) => drop(document.remove(name)),
                Command::Increment(name, by) => {
                    let before = document.get(name).and_then(Value::as_f64).unwrap_or(0.0);
                    document.insert(name.clone(), Value::from(before + by));
                }
                Command::Push(name, items) => {
                    let list = document.entry(name.clone()).or_insert_with(|| Value::Array(Vec::new()));
                    if let Value::Array(list) = list {
                        list.extend(items.iter().cloned());
                    }
                }
            }
        }
    }
}

fn command(collection: &Collection, operator: &str, name: &str, value: &Value) -> Result<Command, Refusal> {
    if name.contains('.') {
        return Err(Refusal::not_faked("paths in commands"));
    }
    let field = collection.field(name).ok_or_else(|| {
        let reason = "is not defined in validation schema";
        let property = format!("Property \"{name}\" {reason}");
        Refusal::bad_request(format!("body/{operator} must NOT have additional properties. {property}"))
    })?;
    let name = name.to_owned();
    match operator {
        "$set" => Ok(Command::Set(name, values::cast(field, value)?)),
        "$unset" if field.required => Err(Refusal::bad_request("body/$unset must NOT have additional properties")),
        "$unset" if *value == Value::Bool(true) => Ok(Command::Unset(name)),
        "$unset" => Err(Refusal::invalid(format!("body/$unset/{name} must be equal to one of the allowed values"))),
        "$inc" if field.kind == FieldType::Number => match value.as_f64() {
            Some(by) => Ok(Command::Increment(name, by)),
            None => Err(Refusal::invalid(format!("body/$inc/{name} must be number"))),
        },
        "$push" if field.kind == FieldType::ArrayOfRawObjects => {
            let items = match value.get("$each") {
                Some(Value::Array(items)) => items.clone(),
                Some(_) => return Err(Refusal::invalid(format!("body/$push/{name}/$each must be array"))),
                None => vec![value.clone()],
            };
            if items.iter().all(Value::is_object) {
                Ok(Command::Push(name, items))
            } else {
                Err(Refusal::invalid(format!("body/$push/{name} must be object")))
            }
        }
        "$inc" | "$push" => Err(Refusal::bad_request(format!("body/{operator} must NOT have additional properties"))),
        "$mul" | "$currentDate" | "$pull" | "$addToSet" | "$setOnInsert" => Err(Refusal::not_faked(operator)),
        _ => Err(Refusal::bad_request("body must NOT have additional properties")),
    }
}
