//! Filters in the language of MongoDB (`mia-platform.md` §9.2).

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::{Collection, FieldType, collection::IdKind, moment, refusal::Refusal};

/// A filter, checked, with its values in the form in which documents have them.
#[derive(Debug, Clone)]
pub(crate) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Field(String, Vec<Condition>),
}

#[derive(Debug, Clone)]
pub(crate) enum Condition {
    Equal(Value),
    NotEqual(Value),
    In(Vec<Value>),
    NotIn(Vec<Value>),
    Order(&'static [Ordering], Value),
    Exists(bool),
    Size(usize),
}

impl Filter {
    /// Everything.
    pub(crate) fn everything() -> Self {
        Self::All(Vec::new())
    }

    /// Both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self::All(vec![self, other])
    }

    pub(crate) fn parse(collection: &Collection, filter: &Value) -> Result<Self, Refusal> {
        let Value::Object(filter) = filter else { return Err(Refusal::internal("the filter is no object")) };
        let mut parts = Vec::new();
        for (name, value) in filter {
            parts.push(match name.as_str() {
                "$and" => Self::All(list(collection, value)?),
                "$or" => Self::Any(list(collection, value)?),
                "$text" => return Err(Refusal::not_faked("$text")),
                _ if name.starts_with('$') => return Err(Refusal::bad_request(format!("Unknown operator: {name}"))),
                _ => Self::Field(name.clone(), conditions(collection, name, value)?),
            });
        }
        Ok(Self::All(parts))
    }

    /// Equality, as a query parameter says it.
    pub(crate) fn equal(collection: &Collection, name: &str, text: &str) -> Result<Self, Refusal> {
        let kind = collection.kind(name);
        let value = match kind {
            Some(FieldType::Number) => {
                let number: Result<serde_json::Number, _> = text.parse();
                number.map(Value::Number).map_err(|_| Refusal::invalid(format!("querystring/{name} must be number")))?
            }
            Some(FieldType::Boolean) => Value::from(text == "true"),
            Some(FieldType::String | FieldType::Date) => Value::from(text),
            Some(FieldType::ArrayOfRawObjects | FieldType::RawObject) | None => {
                let reason = "is not defined in validation schema";
                let property = format!("Property \"{name}\" {reason}");
                return Err(Refusal::bad_request(format!(
                    "querystring must NOT have additional properties. {property}"
                )));
            }
        };
        Ok(Self::Field(name.to_owned(), vec![Condition::Equal(cast(collection, kind, name, &value)?)]))
    }

    pub(crate) fn matches(&self, document: &Map<String, Value>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(document)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(document)),
            Self::Field(path, conditions) => {
                let values = at(document, path);
                conditions.iter().all(|condition| condition.holds(&values))
            }
        }
    }
}

fn list(collection: &Collection, value: &Value) -> Result<Vec<Filter>, Refusal> {
    let Value::Array(filters) = value else { return Err(Refusal::internal("forEach is not a function")) };
    filters.iter().map(|filter| Filter::parse(collection, filter)).collect()
}

fn conditions(collection: &Collection, path: &str, value: &Value) -> Result<Vec<Condition>, Refusal> {
    let root = path.split('.').next().unwrap_or(path);
    let kind = collection.kind(root).ok_or_else(|| Refusal::bad_request(format!("Unknown field: {path}")))?;
    // Only a whole column has a type.
    let kind = (root == path).then_some(kind);
    let operators = value.as_object().filter(|object| object.keys().any(|key| key.starts_with('$')));
    let Some(operators) = operators else { return Ok(vec![Condition::Equal(cast(collection, kind, path, value)?)]) };
    operators.iter().map(|(operator, value)| condition(collection, kind, path, operator, value)).collect()
}

fn condition(
    collection: &Collection,
    kind: Option<FieldType>,
    path: &str,
    operator: &str,
    value: &Value,
) -> Result<Condition, Refusal> {
    let cast = |value: &Value| cast(collection, kind, path, value);
    let several = || {
        let values = value.as_array().ok_or_else(|| Refusal::internal("array.map is not a function"))?;
        values.iter().map(cast).collect::<Result<Vec<_>, _>>()
    };
    Ok(match operator {
        "$eq" => Condition::Equal(cast(value)?),
        "$ne" => Condition::NotEqual(cast(value)?),
        "$in" => Condition::In(several()?),
        "$nin" => Condition::NotIn(several()?),
        "$gt" => Condition::Order(&[Ordering::Greater], cast(value)?),
        "$gte" => Condition::Order(&[Ordering::Greater, Ordering::Equal], cast(value)?),
        "$lt" => Condition::Order(&[Ordering::Less], cast(value)?),
        "$lte" => Condition::Order(&[Ordering::Less, Ordering::Equal], cast(value)?),
        "$exists" => Condition::Exists(value.as_bool().unwrap_or(true)),
        "$size" => {
            let size = value.as_u64().and_then(|size| usize::try_from(size).ok());
            Condition::Size(size.ok_or_else(|| Refusal::internal("$size must be a whole number"))?)
        }
        "$all" | "$nearSphere" | "$regex" | "$options" | "$elemMatch" => return Err(Refusal::not_faked(operator)),
        _ => return Err(Refusal::bad_request(format!("Unsupported operator: {operator}"))),
    })
}

fn cast(collection: &Collection, kind: Option<FieldType>, path: &str, value: &Value) -> Result<Value, Refusal> {
    match (kind, value) {
        (_, Value::Null) => Ok(Value::Null),
        (Some(FieldType::Date), Value::String(text)) => match moment::parse(text) {
            Some(moment) => Ok(Value::from(moment::text(moment))),
            None => Err(Refusal::bad_request("Invalid Date")),
        },
        (Some(FieldType::Date), _) => Err(Refusal::bad_request("Invalid Date")),
        _ if path == "_id" => match value.as_str() {
            Some(text) if collection.id_kind == IdKind::Uuid || is_object_id(text) => Ok(value.clone()),
            Some(_) | None => Err(Refusal::bad_request("Invalid objectId")),
        },
        _ => Ok(value.clone()),
    }
}

pub(crate) fn is_object_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The values at a path. An array on the way stands for each of its elements; one at the end, for itself and each of them.
fn at<'a>(document: &'a Map<String, Value>, path: &str) -> Vec<&'a Value> {
    let mut segments = path.split('.');
    let mut values: Vec<&Value> = segments.next().and_then(|name| document.get(name)).into_iter().collect();
    for segment in segments {
        values = values
            .into_iter()
            .flat_map(|value| match (value.as_array(), segment.parse::<usize>()) {
                (Some(items), Ok(index)) => items.get(index).into_iter().collect::<Vec<_>>(),
                (Some(items), Err(_)) => items.iter().filter_map(|item| item.get(segment)).collect(),
                (None, _) => value.get(segment).into_iter().collect(),
            })
            .collect();
    }
    values
}

impl Condition {
    fn holds(&self, values: &[&Value]) -> bool {
        let is = |wanted: &Value| {
            let among =
                |value: &&Value| **value == *wanted || value.as_array().is_some_and(|items| items.contains(wanted));
            values.iter().any(among) || (wanted.is_null() && values.is_empty())
        };
        match self {
            Self::Equal(wanted) => is(wanted),
            Self::NotEqual(wanted) => !is(wanted),
            Self::In(wanted) => wanted.iter().any(is),
            Self::NotIn(wanted) => !wanted.iter().any(is),
            Self::Order(orders, limit) => {
                values.iter().any(|value| order(value, limit).is_some_and(|order| orders.contains(&order)))
            }
            Self::Exists(wanted) => values.is_empty() != *wanted,
            Self::Size(size) => values.iter().any(|value| value.as_array().is_some_and(|items| items.len() == *size)),
        }
    }
}

/// The order of two values of one type. Moments are texts of one form, so their order is that of the texts.
pub(crate) fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    }
}
