//! Who calls: the configured path into the request (contract §8.3).

use app::Claim;
use axum::http::{HeaderMap, request::Parts};
use domain::ParticipantId;
use serde_json::{Map, Value};

use super::body;

/// How one step of the path reads what the steps before it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Takes a property.
    Object(String),
    /// Parses a text as JSON, then takes a property.
    Json(String),
    /// Takes an element.
    Array(usize),
}

/// Where in a request the caller's id is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityPath {
    part: Part,
    steps: Vec<Step>,
}

/// The part of the request that the path begins in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Headers,
    Query,
    Params,
}

impl IdentityPath {
    /// The value of one header.
    pub fn header(name: &str) -> Self {
        Self { part: Part::Headers, steps: vec![Step::Object(name.to_owned())] }
    }

    /// Reads a path; the error is a sentence about it.
    pub fn new(steps: Vec<Step>) -> Result<Self, String> {
        let mut steps = steps.into_iter();
        let part = match steps.next() {
            Some(Step::Object(part)) => match part.as_str() {
                "headers" => Part::Headers,
                "query" => Part::Query,
                "params" => Part::Params,
                _ => return Err(format!("the first step must extract headers, query or params, not {part}")),
            },
            Some(Step::Json(_) | Step::Array(_)) => return Err("the first step must be from object".to_owned()),
            None => return Err("there must be at least one step".to_owned()),
        };
        Ok(Self { part, steps: steps.collect() })
    }

    /// The caller's id; `None` if a step finds nothing, or nothing that can be an id.
    pub fn caller(&self, request: &Parts, params: &[(&str, &str)]) -> Option<ParticipantId> {
        match self.claim(request, params) {
            Claim::Person(id) => Some(id),
            Claim::Nobody | Claim::Unreadable => None,
        }
    }

    /// What the request says of its caller. It names nobody if the first place is not there or empty.
    pub fn claim(&self, request: &Parts, params: &[(&str, &str)]) -> Claim {
        let Some((first, rest)) = self.steps.split_first() else { return Claim::Unreadable };
        let found = match self.part {
            Part::Headers => match first {
                // Only the header asked for is copied, and its name is of any case.
                Step::Object(name) => header_value(&request.headers, name),
                Step::Json(_) | Step::Array(_) => return Claim::Unreadable,
            },
            Part::Query => match body::form(request.uri.query().unwrap_or_default().as_bytes()) {
                Ok(query) => first.take(query),
                Err(_) => return Claim::Unreadable,
            },
            Part::Params => {
                let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), Value::from(*value));
                first.take(Value::Object(params.iter().map(pair).collect::<Map<_, _>>()))
            }
        };
        let Some(found) = found.filter(|value| value.as_str() != Some("")) else { return Claim::Nobody };
        let found = rest.iter().try_fold(found, |value, step| step.take(value));
        let text = match found {
            Some(Value::String(text)) => text,
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => return Claim::Unreadable,
        };
        ParticipantId::parse(&text).map_or(Claim::Unreadable, Claim::Person)
    }
}

impl Step {
    fn take(&self, value: Value) -> Option<Value> {
        match (self, value) {
            (Self::Object(name), Value::Object(mut map)) => map.remove(name),
            (Self::Json(name), Value::String(text)) => match serde_json::from_str(&text).ok()? {
                Value::Object(mut map) => map.remove(name),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
            },
            (Self::Array(index), Value::Array(mut elements)) if *index < elements.len() => {
                Some(elements.swap_remove(*index))
            }
            _ => None,
        }
    }
}

/// A header as the platform's services see it: several values joined, bytes that are no UTF-8 read as Latin-1.
fn header_value(headers: &HeaderMap, name: &str) -> Option<Value> {
    let read = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    let values: Vec<_> = headers.get_all(name).iter().map(|value| read(value.as_bytes())).collect();
    (!values.is_empty()).then(|| Value::String(values.join(", ")))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn caller(path: &IdentityPath, uri: &str, headers: &[(&str, &str)]) -> Option<String> {
        let mut request = Request::get(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        path.caller(&parts, &[("roomId", "room")]).map(|id| id.as_str().to_owned())
    }

    fn object(name: &str) -> Step {
        Step::Object(name.to_owned())
    }

    #[test]
    fn a_header_of_any_case_names_the_caller_and_an_empty_one_does_not() {
        let path = IdentityPath::header("MiaUserId");
        assert_eq!(caller(&path, "/", &[("miauserid", "mario")]).as_deref(), Some("mario"));
        assert_eq!(caller(&path, "/", &[("miauserid", "")]), None);
        assert_eq!(caller(&path, "/", &[]), None);
    }

    #[test]
    fn the_diagrams_path_looks_into_json_in_a_header() {
        let steps = vec![object("headers"), object("miauserproperties"), Step::Json("customUserId".to_owned())];
        let path = IdentityPath::new(steps).unwrap();
        let with = |value| caller(&path, "/", &[("miauserproperties", value)]);
        assert_eq!(with(r#"{"customUserId":"mario"}"#).as_deref(), Some("mario"));
        assert_eq!(with(r#"{"customUserId":7}"#).as_deref(), Some("7"));
        for wrong in [r#"{"customUserId":{}}"#, r#"{"other":"x"}"#, "[]", "{", "null"] {
            assert_eq!(with(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_caller_who_is_named_unreadably_is_not_nobody() {
        let steps = vec![object("headers"), object("miauserproperties"), Step::Json("customUserId".to_owned())];
        let path = IdentityPath::new(steps).unwrap();
        let claim = |headers: &[(&str, &str)]| {
            let mut request = Request::get("/");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            path.claim(&request.body(()).unwrap().into_parts().0, &[])
        };
        assert_eq!(claim(&[]), Claim::Nobody);
        assert_eq!(claim(&[("miauserproperties", "")]), Claim::Nobody);
        for unreadable in ["{}", "x", r#"{"customUserId":null}"#, r#"{"customUserId":""}"#] {
            assert_eq!(claim(&[("miauserproperties", unreadable)]), Claim::Unreadable, "{unreadable}");
        }
        let person = Claim::Person(ParticipantId::parse("mario").unwrap());
        assert_eq!(claim(&[("miauserproperties", r#"{"customUserId":"mario"}"#)]), person);
    }

    #[test]
    fn query_and_params_can_name_the_caller() {
        let query = IdentityPath::new(vec![object("query"), object("ids"), Step::Array(1)]).unwrap();
        assert_eq!(caller(&query, "/?ids=a&ids=b", &[]).as_deref(), Some("b"));
        assert_eq!(caller(&query, "/?ids=a", &[]), None);
        let params = IdentityPath::new(vec![object("params"), object("roomId")]).unwrap();
        assert_eq!(caller(&params, "/", &[]).as_deref(), Some("room"));
    }

    #[test]
    fn a_path_that_begins_nowhere_is_refused() {
        assert!(IdentityPath::new(vec![]).is_err());
        assert!(IdentityPath::new(vec![object("socket")]).is_err());
        assert!(IdentityPath::new(vec![Step::Json("headers".to_owned())]).is_err());
    }
}
