//! What a request says: its query and its body in one, whether the body is JSON or a form, also on a `GET`
//! (`kaleyra-video-api.md` §3.3). Values are read as generously as v1 wrote them.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header, request},
};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{limits::BODY_BYTES_MAX, refusal::Refusal};

/// The most fields of a query or a form.
const FIELDS_MAX: usize = 256;

/// What somebody asks to be done with a field that can be emptied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change<T> {
    /// It is not mentioned.
    Keep,
    /// It is `null` or empty.
    Clear,
    /// It is this.
    Set(T),
}

/// The fields of a request; a field of the body comes before one of the query.
#[derive(Debug, Default)]
pub struct Input(Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Input {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let mut fields = Map::new();
        form(parts.uri.query().unwrap_or_default().as_bytes(), &mut fields)?;
        let bytes = axum::body::to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| Refusal::too_long(BODY_BYTES_MAX))?;
        fields.extend(body_fields(&parts.headers, &bytes)?);
        Ok(Self(fields))
    }
}

/// The parts of a path. What cannot be read is answered in the layout of errors.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut request::Parts, state: &S) -> Result<Self, Refusal> {
        let unreadable = |_| Refusal::request("invalid_param", "The path cannot be read.");
        axum::extract::Path::from_request_parts(parts, state).await.map(|path| Self(path.0)).map_err(unreadable)
    }
}

fn body_fields(headers: &HeaderMap, bytes: &Bytes) -> Result<Map<String, Value>, Refusal> {
    let unreadable = || Refusal::request("invalid_body", "The body is neither a JSON object nor a form.");
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let is_form = media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded");
    if !is_form {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => return Ok(fields),
            // "No body", as some clients write it.
            Ok(Value::Null) => return Ok(Map::new()),
            // The vendor's own samples send forms that are said to be JSON (§7.1).
            Err(_) if bytes.contains(&b'=') && !bytes.starts_with(b"{") && std::str::from_utf8(bytes).is_ok() => {}
            Ok(_) | Err(_) => return Err(unreadable()),
        }
    }
    let mut fields = Map::new();
    form(bytes, &mut fields)?;
    Ok(fields)
}

/// Reads `a=1&b[]=2&c[d]=3`. A name that comes again makes a list.
fn form(bytes: &[u8], fields: &mut Map<String, Value>) -> Result<(), Refusal> {
    for (count, (name, value)) in form_urlencoded::parse(bytes).enumerate() {
        if count == FIELDS_MAX {
            return Err(Refusal::request("invalid_body", format!("There are more than {FIELDS_MAX} fields.")));
        }
        let value = Value::String(value.into_owned());
        match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            Some((list, "")) => match fields.entry(list).or_insert_with(|| Value::Array(Vec::new())) {
                Value::Array(values) => values.push(value),
                other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
                    *other = Value::Array(vec![other.take(), value]);
                }
            },
            Some((object, field)) => {
                let object = fields.entry(object).or_insert_with(|| Value::Object(Map::new()));
                if let Some(object) = object.as_object_mut() {
                    object.insert(field.to_owned(), value);
                }
            }
            None => match fields.get_mut(name.as_ref()) {
                None => {
                    fields.insert(name.into_owned(), value);
                }
                Some(Value::Array(values)) => values.push(value),
                Some(first) => *first = Value::Array(vec![first.take(), value]),
            },
        }
    }
    Ok(())
}

impl Input {
    /// The fields of an object inside a request.
    pub const fn of(fields: Map<String, Value>) -> Self {
        Self(fields)
    }

    /// A field that is there and not null.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Whether a field is there, if only as null.
    pub fn mentions(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The object in a field.
    pub fn object(&self, name: &str) -> Self {
        Self(self.field(name).and_then(Value::as_object).cloned().unwrap_or_default())
    }

    /// A text.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        match self.field(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) | Value::Null) => {
                Err(must_be(name, "a text"))
            }
        }
    }

    /// A text that can be emptied.
    pub fn change(&self, name: &str) -> Result<Change<&str>, Refusal> {
        Ok(match self.text(name)? {
            Some("") => Change::Clear,
            Some(text) => Change::Set(text),
            None if self.mentions(name) => Change::Clear,
            None => Change::Keep,
        })
    }

    /// A flag: `true`, `1` or `"1"` (§3.1).
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        self.field(name).map(|value| flag(value).ok_or_else(|| must_be(name, "true or false"))).transpose()
    }

    /// A whole number; a text of digits counts, and an empty text is no number.
    pub fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let wrong = || must_be(name, "a whole number");
        match self.field(name) {
            None => Ok(None),
            Some(Value::Number(number)) => number.as_u64().map(Some).ok_or_else(wrong),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => text.parse().map(Some).map_err(|_| wrong()),
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_) | Value::Null) => Err(wrong()),
        }
    }

    /// A moment in ISO 8601, with or without `Z`.
    pub fn moment(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        let Some(text) = self.text(name)?.filter(|text| !text.is_empty()) else { return Ok(None) };
        let moment = text.parse().or_else(|_| format!("{text}Z").parse());
        moment.map(Some).map_err(|_| must_be(name, "a moment in ISO 8601"))
    }

    /// A list; a single text is a list of one.
    pub fn list(&self, name: &str) -> Result<Option<Vec<&Value>>, Refusal> {
        match self.field(name) {
            None => Ok(None),
            Some(Value::Array(values)) => Ok(Some(values.iter().collect())),
            Some(value @ Value::String(_)) => Ok(Some(vec![value])),
            Some(Value::Bool(_) | Value::Number(_) | Value::Object(_) | Value::Null) => Err(must_be(name, "a list")),
        }
    }

    /// A list of texts.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<&str>>, Refusal> {
        let Some(values) = self.list(name)? else { return Ok(None) };
        let texts = values.into_iter().map(|value| value.as_str().ok_or_else(|| must_be(name, "a list of texts")));
        texts.collect::<Result<_, _>>().map(Some)
    }
}

/// A flag as v1 and v2 write it.
pub fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_u64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            Some(_) | None => None,
        },
        Value::String(text) => match text.as_str() {
            "0" | "false" => Some(false),
            "1" | "true" => Some(true),
            _ => None,
        },
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn must_be(name: &str, what: &str) -> Refusal {
    Refusal::invalid("invalid_param", format!("{name} must be {what}."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(content_type: &'static str, body: &'static [u8]) -> Result<Value, Refusal> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        body_fields(&headers, &Bytes::from_static(body)).map(Value::Object)
    }

    #[test]
    fn a_form_and_json_say_the_same() {
        for (content_type, body) in [
            ("application/json", &br#"{"user_id": "u1", "users": ["a", "b"], "filter": {"limit": "2"}}"#[..]),
            ("application/x-www-form-urlencoded", b"user_id=u1&users[]=a&users[]=b&filter[limit]=2"),
            ("application/json", b"user_id=u1&users[]=a&users[]=b&filter%5Blimit%5D=2"),
            ("application/x-www-form-urlencoded; charset=utf-8", b"user_id=u1&users=a&users=b&filter[limit]=2"),
        ] {
            let said = fields(content_type, body).unwrap();
            assert_eq!(said, json!({"user_id": "u1", "users": ["a", "b"], "filter": {"limit": "2"}}));
        }
        assert_eq!(fields("application/json", b" \n").unwrap(), json!({}));
        for body in [&b"[1]"[..], b"{\"a\":", b"\"a\"", b"\xff=1"] {
            assert!(fields("application/json", body).is_err());
        }
    }

    #[test]
    fn values_are_read_as_v1_writes_them() {
        let Value::Object(said) =
            json!({"a": "1", "b": 0, "c": true, "d": "yes", "e": "", "f": "60", "g": -1, "h": null})
        else {
            panic!("no object")
        };
        let input = Input(said);
        assert_eq!((input.flag("a").unwrap(), input.flag("b").unwrap()), (Some(true), Some(false)));
        assert_eq!((input.flag("c").unwrap(), input.flag("z").unwrap()), (Some(true), None));
        assert!(input.flag("d").is_err() && input.number("g").is_err());
        assert_eq!((input.number("e").unwrap(), input.number("f").unwrap()), (None, Some(60)));
        assert_eq!(input.change("h").unwrap(), Change::Clear);
        assert_eq!(input.change("z").unwrap(), Change::Keep);
        assert_eq!(input.change("d").unwrap(), Change::Set("yes"));
    }
}
