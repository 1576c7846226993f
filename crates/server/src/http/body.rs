//! The body of a request: JSON or a form, of limited size; whatever its content type, an empty one is no body.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use http_body::Body as _;
use http_body_util::BodyExt;
use serde_json::{Map, Value};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::error::ApiError;

/// The longest body accepted, in bytes. The largest request, 25 people with long names and many groups, stays below half of it.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// Bodies up to this length, in bytes, are read without a place: every usual one. Those of all connections at once take 64 MB.
const SMALL_BODY_BYTES: usize = 16 * 1024;

/// Places for longer bodies, so that all of them at once take 64 MB too.
pub const LONG_BODIES_MAX: usize = 256;

/// The most fields of a form.
const FORM_FIELDS_MAX: usize = 256;

/// The parsed body. [`Value::Null`] if there is none.
pub struct RequestBody(pub Value);

/// Reads a body to its end, however slowly it comes; a long one needs one of `places` from then on until its request is answered.
pub async fn read(mut body: Body, places: &Semaphore) -> Result<(Bytes, Option<SemaphorePermit<'_>>), ApiError> {
    let too_long = || ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "Request body is too large");
    let mut bytes = Vec::new();
    let mut place = None;
    // What says its length is refused before it is sent.
    if body.size_hint().lower() > BODY_BYTES_MAX as u64 {
        return Err(too_long());
    }
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::bad_request("Request body could not be read to its end"))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > BODY_BYTES_MAX {
            return Err(too_long());
        }
        bytes.extend_from_slice(&data);
        if bytes.len() > SMALL_BODY_BYTES && place.is_none() {
            let taken = places.try_acquire();
            place =
                Some(taken.map_err(|_| ApiError::busy("There are too many long requests at once: try again later"))?);
        }
    }
    Ok((bytes.into(), place))
}

impl<S: Send + Sync> FromRequest<S> for RequestBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        // It was read before, see `limits`.
        let bytes = body.collect().await.map_err(|_| ApiError::internal())?.to_bytes();
        if bytes.is_empty() {
            // Platform clients send body-less requests as `text/html` (`mia-platform.md` §4).
            return Ok(Self(Value::Null));
        }
        parse(&parts.headers, &bytes).map(Self)
    }
}

fn parse(headers: &HeaderMap, bytes: &[u8]) -> Result<Value, ApiError> {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported content encoding"));
    }
    let content_type = headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media_type.as_str() {
        "application/json" => serde_json::from_slice(bytes)
            .map_err(|_| ApiError::bad_request("Body is not valid JSON but content-type is set to 'application/json'")),
        "application/x-www-form-urlencoded" => form(bytes),
        _ => Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type")),
    }
}

/// The fields of a form or of a query; a field that is there several times is an array.
pub fn form(bytes: &[u8]) -> Result<Value, ApiError> {
    let mut fields = Map::new();
    for (count, (name, value)) in form_urlencoded::parse(bytes).enumerate() {
        if count == FORM_FIELDS_MAX {
            return Err(ApiError::bad_request(format!("There are more than {FORM_FIELDS_MAX} fields")));
        }
        let value = Value::String(value.into_owned());
        match fields.get_mut(name.as_ref()) {
            None => {
                fields.insert(name.into_owned(), value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Ok(Value::Object(fields))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn repeated_fields_of_a_form_are_an_array() {
        assert_eq!(form(b"a=1&b=x+y&a=2&a=%C3%A9").unwrap(), json!({"a": ["1", "2", "é"], "b": "x y"}));
    }
}
