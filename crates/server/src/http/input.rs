//! Reading the fields of a request, and naming the one that is wrong in the platform's words (contract §4.3).
//!
//! Values are coerced as the platform does: a number may come as a text and a text as a number. Unknown fields are ignored.

use std::{borrow::Cow, fmt};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{date_time, error::ApiError};

/// Says which field is wrong, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid(String);

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        Self::bad_request(invalid.0)
    }
}

/// One value of a request, with its path: `body.participants.number`.
#[derive(Clone)]
pub struct Input<'a> {
    path: String,
    value: &'a Value,
}

/// An object of a request.
pub struct Fields<'a> {
    path: String,
    map: &'a Map<String, Value>,
}

impl<'a> Input<'a> {
    /// A whole part of a request: `body` or `querystring`.
    pub fn new(part: &str, value: &'a Value) -> Self {
        Self { path: part.to_owned(), value }
    }

    /// A refusal that names this value.
    pub fn refused(&self, reason: impl fmt::Display) -> Invalid {
        Invalid(format!("{} {reason}", self.path))
    }

    /// The value as an object.
    pub fn object(&self) -> Result<Fields<'a>, Invalid> {
        let map = self.value.as_object().ok_or_else(|| self.refused("must be object"))?;
        Ok(Fields { path: self.path.clone(), map })
    }

    /// The elements of the value, which is an array of at most `max`.
    pub fn array(&self, max: usize) -> Result<Vec<Input<'a>>, Invalid> {
        let elements = self.value.as_array().ok_or_else(|| self.refused("must be array"))?;
        if elements.len() > max {
            return Err(self.refused(format_args!("must NOT have more than {max} items")));
        }
        let element = |(index, value)| Input { path: format!("{}.{index}", self.path), value };
        Ok(elements.iter().enumerate().map(element).collect())
    }

    /// Whether the value is an array.
    pub fn is_array(&self) -> bool {
        self.value.is_array()
    }

    /// The value as a text.
    pub fn text(&self) -> Result<Cow<'a, str>, Invalid> {
        match self.value {
            Value::String(text) => Ok(Cow::Borrowed(text)),
            Value::Number(number) => Ok(Cow::Owned(number.to_string())),
            Value::Bool(it) => Ok(Cow::Borrowed(if *it { "true" } else { "false" })),
            Value::Null => Ok(Cow::Borrowed("")),
            Value::Array(_) | Value::Object(_) => Err(self.refused("must be string")),
        }
    }

    /// The value as a whole number; one that is too large for the type is the largest.
    pub fn integer(&self) -> Result<i64, Invalid> {
        let number = match self.value {
            Value::Number(number) => number.as_i64().map_or_else(|| number.as_f64().and_then(whole), Some),
            Value::String(text) => match text.parse() {
                Ok(number) => Some(number),
                Err(_) if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                    text.parse().ok().and_then(whole)
                }
                Err(_) => None,
            },
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        number.ok_or_else(|| self.refused("must be integer"))
    }

    /// The value as a truth value.
    pub fn boolean(&self) -> Result<bool, Invalid> {
        match self.value {
            Value::Bool(it) => Ok(*it),
            Value::String(text) if text == "true" => Ok(true),
            Value::String(text) if text == "false" => Ok(false),
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                Err(self.refused("must be boolean"))
            }
        }
    }

    /// The value as a moment (RFC 3339), to the millisecond.
    pub fn date_time(&self) -> Result<Timestamp, Invalid> {
        let text = self.text()?;
        date_time::parse(&text).ok_or_else(|| self.refused("must match format \"date-time\""))
    }
}

impl<'a> Fields<'a> {
    /// The field, if it is there.
    pub fn optional(&self, name: &str) -> Option<Input<'a>> {
        let value = self.map.get(name)?;
        Some(Input { path: format!("{}.{name}", self.path), value })
    }

    /// The field, which must be there.
    pub fn required(&self, name: &str) -> Result<Input<'a>, Invalid> {
        self.optional(name).ok_or_else(|| self.refused(format_args!("must have required property '{name}'")))
    }

    /// A refusal that names the object.
    pub fn refused(&self, reason: impl fmt::Display) -> Invalid {
        Invalid(format!("{} {reason}", self.path))
    }

    /// Whether it has no field at all.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }
}

/// The whole number that a floating-point number is, if it is one; beyond the type's ends, the end.
#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` goes to the nearest end of the type, which is what is wanted"
)]
fn whole(number: f64) -> Option<i64> {
    (number.is_finite() && number.fract() == 0.0).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whole_numbers_come_as_numbers_or_texts() {
        let integer = |value: Value| Input::new("body", &value).integer().ok();
        assert_eq!(integer(json!(2)), Some(2));
        assert_eq!(integer(json!("2")), Some(2));
        assert_eq!(integer(json!(2.0)), Some(2));
        assert_eq!(integer(json!("3e2")), Some(300));
        assert_eq!(integer(json!(-7)), Some(-7));
        assert_eq!(integer(json!(1e300)), Some(i64::MAX));
        assert_eq!(integer(json!(u64::MAX)), Some(i64::MAX));
        for wrong in
            [json!(2.5), json!("2.5"), json!("two"), json!(""), json!("inf"), json!("NaN"), json!([2]), json!(null)]
        {
            assert_eq!(integer(wrong.clone()), None, "{wrong}");
        }
    }

    #[test]
    fn refusals_name_the_value_with_dots() {
        let body = json!({"participants": {"data": [{"userId": {}}]}});
        let participants = Input::new("body", &body).object().unwrap().required("participants").unwrap();
        let missing = participants.object().unwrap().required("number").err().unwrap();
        assert_eq!(missing.0, "body.participants must have required property 'number'");
        let people = participants.object().unwrap().required("data").unwrap().array(9).unwrap();
        let wrong = people[0].object().unwrap().required("userId").unwrap().text().err().unwrap();
        assert_eq!(wrong.0, "body.participants.data.0.userId must be string");
    }

    #[test]
    fn an_array_that_is_too_long_is_refused() {
        let refused = Input::new("body", &json!([1, 2, 3])).array(2).err().unwrap();
        assert_eq!(refused.0, "body must NOT have more than 2 items");
    }
}
