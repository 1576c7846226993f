//! Reading answers: tolerant of everything that is documented to vary (contract §14.2), strict about the rest.
//!
//! Answers are read by hand and not derived, because a service may send both spellings of a field in one object.

use jiff::{Timestamp, civil, tz::TimeZone};
use serde_json::{Map, Value};

/// An answer of another shape than documented. It names the field and never its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` is not {expected}")]
pub struct Malformed {
    /// The field, by its first spelling.
    pub field: &'static str,
    /// What it should have been.
    pub expected: &'static str,
}

/// A value that can be read from an answer.
pub(crate) trait FromAnswer: Sized {
    /// Reads the value. Unknown fields are ignored.
    fn from_answer(answer: &Value) -> Result<Self, Malformed>;
}

/// An answer as it came, for operations whose fields are not documented.
impl FromAnswer for Value {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        Ok(answer.clone())
    }
}

/// Returns what is inside a wrapper object such as v1's `{"room": {...}}`, or the answer itself if there is no wrapper.
pub(crate) fn unwrap<'a>(answer: &'a Value, wrapper: &str) -> &'a Value {
    answer.get(wrapper).filter(|inside| inside.is_object()).unwrap_or(answer)
}

/// An object in an answer. Each method takes the spellings of a field; `null` counts as missing.
#[derive(Clone, Copy)]
pub(crate) struct Object<'a>(&'a Map<String, Value>);

impl<'a> Object<'a> {
    /// Reads an object; `field` names it in the error.
    pub(crate) fn of(value: &'a Value, field: &'static str) -> Result<Self, Malformed> {
        value.as_object().map(Object).ok_or(Malformed { field, expected: "an object" })
    }

    /// Returns the first spelling that is there.
    pub(crate) fn find(self, names: &[&'static str]) -> Option<&'a Value> {
        names.iter().filter_map(|name| self.0.get(*name)).find(|value| !value.is_null())
    }

    /// Reads a text that must be there and not be empty: an id.
    pub(crate) fn id<T: From<String>>(self, names: &[&'static str]) -> Result<T, Malformed> {
        let malformed = malformed(names, "a text");
        self.text::<String>(names)?.filter(|text| !text.is_empty()).map(T::from).ok_or(malformed)
    }

    /// Reads a text.
    pub(crate) fn text<T: From<String>>(self, names: &[&'static str]) -> Result<Option<T>, Malformed> {
        match self.find(names) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(T::from(text.clone()))),
            Some(_) => Err(malformed(names, "a text")),
        }
    }

    /// Reads a flag: a boolean, `0` or `1`, as number or text.
    pub(crate) fn flag(self, names: &[&'static str]) -> Result<Option<bool>, Malformed> {
        match self.find(names) {
            None => Ok(None),
            Some(value) => flag(value).map(Some).ok_or(malformed(names, "a flag")),
        }
    }

    /// Reads a whole number that is not negative. A text of digits is one; an empty text is missing; a fraction is cut off.
    pub(crate) fn number(self, names: &[&'static str]) -> Result<Option<u64>, Malformed> {
        match self.find(names) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(value) => number(value).map(Some).ok_or(malformed(names, "a number")),
        }
    }

    /// Reads a number for which `0` means that there is none.
    pub(crate) fn positive(self, names: &[&'static str]) -> Result<Option<u64>, Malformed> {
        Ok(self.number(names)?.filter(|number| *number > 0))
    }

    /// Reads a moment: ISO 8601, UTC where no offset is given, or seconds or milliseconds since 1970.
    pub(crate) fn moment(self, names: &[&'static str]) -> Result<Option<Timestamp>, Malformed> {
        match self.find(names) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(value) => moment(value).map(Some).ok_or(malformed(names, "a date")),
        }
    }

    /// Reads a value with its own shape.
    pub(crate) fn value<T: FromAnswer>(self, names: &[&'static str]) -> Result<Option<T>, Malformed> {
        self.find(names).map(T::from_answer).transpose()
    }

    /// Reads a list; a missing one is empty.
    pub(crate) fn list<T: FromAnswer>(self, names: &[&'static str]) -> Result<Vec<T>, Malformed> {
        match self.find(names) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items.iter().map(T::from_answer).collect(),
            Some(_) => Err(malformed(names, "a list")),
        }
    }

    /// Reads a list that must be there.
    pub(crate) fn required_list<T: FromAnswer>(self, names: &[&'static str]) -> Result<Vec<T>, Malformed> {
        if self.find(names).is_none() {
            return Err(malformed(names, "a list"));
        }
        self.list(names)
    }

    /// Reads a list of texts; a missing one is empty.
    pub(crate) fn texts<T: From<String>>(self, names: &[&'static str]) -> Result<Vec<T>, Malformed> {
        match self.find(names) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => texts(items).ok_or(malformed(names, "a list of texts")),
            Some(_) => Err(malformed(names, "a list of texts")),
        }
    }
}

/// Reads a boolean, `0` or `1`, as number or text.
pub(crate) fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) if number.as_u64() == Some(0) => Some(false),
        Value::Number(number) if number.as_u64() == Some(1) => Some(true),
        Value::String(text) => match text.as_str() {
            "0" | "false" => Some(false),
            "1" | "true" => Some(true),
            _ => None,
        },
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64().or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Cuts the fraction off. Beyond 2^53 a float does not name one whole number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within 0 to 2^53, where the cast is exact"
)]
fn whole(number: f64) -> Option<u64> {
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    (0.0..=EXACT_MAX).contains(&number).then_some(number as u64)
}

/// Numbers above this are milliseconds, others seconds: the documentation names both units for one field (contract §10.4).
const SECONDS_MAX: i64 = 100_000_000_000;

fn moment(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok().or_else(|| {
            let civil: civil::DateTime = text.parse().ok()?;
            TimeZone::UTC.to_timestamp(civil).ok()
        }),
        Value::Number(number) => {
            let number = number.as_i64()?;
            if number > SECONDS_MAX {
                Timestamp::from_millisecond(number).ok()
            } else {
                Timestamp::from_second(number).ok()
            }
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn texts<T: From<String>>(items: &[Value]) -> Option<Vec<T>> {
    items.iter().map(|item| item.as_str().map(|text| T::from(text.to_owned()))).collect()
}

fn malformed(names: &[&'static str], expected: &'static str) -> Malformed {
    Malformed { field: names.first().copied().unwrap_or("answer"), expected }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn flags_come_in_many_forms() {
        for (value, expected) in [
            (json!(true), Some(true)),
            (json!(0), Some(false)),
            (json!(1), Some(true)),
            (json!("1"), Some(true)),
            (json!("0"), Some(false)),
            (json!("maybe"), None),
            (json!(2), None),
            (json!([]), None),
        ] {
            assert_eq!(flag(&value), expected, "{value}");
        }
    }

    #[test]
    fn dates_come_in_many_forms() {
        let expected: Timestamp = "2020-12-23T15:14:16Z".parse().unwrap();
        for value in [
            json!("2020-12-23T15:14:16.000Z"),
            json!("2020-12-23T15:14:16.000"),
            json!("2020-12-23T16:14:16+01:00"),
            json!(1_608_736_456),
            json!(1_608_736_456_000_i64),
        ] {
            assert_eq!(moment(&value), Some(expected), "{value}");
        }
        for value in [json!("yesterday"), json!(i64::MAX), json!(i64::MIN), json!(1.5), json!({})] {
            assert_eq!(moment(&value), None, "{value}");
        }
    }

    #[test]
    fn the_first_spelling_that_is_there_counts() {
        let value = json!({"id": null, "room_id": "room_1", "url": "a", "link": "b"});
        let object = Object::of(&value, "room").unwrap();
        assert_eq!(object.id::<String>(&["id", "room_id"]), Ok("room_1".to_owned()));
        assert_eq!(object.text::<String>(&["url", "link"]), Ok(Some("a".to_owned())));
        assert_eq!(object.text::<String>(&["nothing"]), Ok(None));
        assert_eq!(object.id::<String>(&["nothing"]), Err(Malformed { field: "nothing", expected: "a text" }));
    }

    #[test]
    fn numbers_come_in_many_forms() {
        let value = json!({"a": 60, "b": "60", "c": 60.9, "d": "", "e": null, "f": -1, "g": 1e300, "h": "x", "i": 0});
        let object = Object::of(&value, "answer").unwrap();
        assert_eq!(object.number(&["a"]), Ok(Some(60)));
        assert_eq!(object.number(&["b"]), Ok(Some(60)));
        assert_eq!(object.number(&["c"]), Ok(Some(60)));
        assert_eq!(object.number(&["d"]), Ok(None));
        assert_eq!(object.number(&["e"]), Ok(None));
        assert_eq!(object.positive(&["i"]), Ok(None));
        for name in ["f", "g", "h"] {
            assert_eq!(object.number(&[name]), Err(Malformed { field: name, expected: "a number" }));
        }
    }

    proptest! {
        #[test]
        fn any_number_is_read_or_refused(bits: u64) {
            let value = Value::from(f64::from_bits(bits));
            let _ = (number(&value), moment(&value), flag(&value));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            let value = Value::from(text);
            let _ = (number(&value), moment(&value), flag(&value));
        }
    }
}
