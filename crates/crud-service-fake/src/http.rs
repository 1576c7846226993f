//! The routes (`mia-platform.md` §9.4).

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State as Extracted,
    http::{HeaderMap, Method, Uri, header::CONTENT_TYPE},
    response::Response,
};
use serde_json::{Map, Value, json};

use crate::{
    Collection, Fault, FieldType, Seen, Shared,
    filter::Filter,
    gate,
    gate::{Lost, Verdict},
    locked,
    query::Query,
    refusal::Refusal,
    store::Context,
};

/// The header with the caller's id, as the Booking Module configures it (§9.1).
const USER_ID_HEADER: &str = "miauserid";

/// More than anybody should read.
const ENORMOUS_BYTES: usize = 16 * 1024 * 1024;

pub(crate) fn router(shared: Arc<Mutex<Shared>>) -> Router {
    Router::new().fallback(answer).with_state(shared)
}

async fn answer(
    Extracted(shared): Extracted<Arc<Mutex<Shared>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let seen = Seen { line: format!("{method} {uri}"), headers: texts(&headers) };
    let gate = {
        let mut shared = locked(&shared);
        shared.seen.push(seen.clone());
        shared.gate.clone()
    };
    let told = match gate {
        None => None,
        Some(gate) => match gate.pass(seen.clone()).await {
            Ok(told) => told,
            Err(Lost) => return gate::never().await,
        },
    };
    let Some((verdict, carried_out)) = told else {
        let mut shared = locked(&shared);
        let fault = next_fault(&mut shared, &seen.line);
        return answered(&mut shared, fault, &method, &uri, &headers, &body);
    };
    let fault = match verdict {
        Verdict::Answer | Verdict::Swallow => None,
        Verdict::Fail(fault) => Some(fault),
    };
    let response = answered(&mut locked(&shared), fault, &method, &uri, &headers, &body);
    // Whoever told what to do may not wait for it.
    let _ = carried_out.send(());
    if verdict == Verdict::Swallow { gate::never().await } else { response }
}

/// The fault that was ordered for such a request.
fn next_fault(shared: &mut Shared, line: &str) -> Option<Fault> {
    let fault = shared.faults.front().filter(|(begin, _)| line.starts_with(begin.as_str())).map(|(_, fault)| *fault);
    if fault.is_some() {
        shared.faults.pop_front();
    }
    fault
}

fn answered(
    shared: &mut Shared,
    fault: Option<Fault>,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    if let Some(Fault::Before(status)) = fault {
        return response(status, Some(&json!({"message": "told to fail"})));
    }
    match (fault, carry_out(shared, method, uri, headers, body)) {
        (Some(Fault::After(status)), Ok(_)) => response(status, Some(&json!({"message": "told to fail"}))),
        (Some(Fault::Garbage), Ok(_)) => raw("text/html", "<html>\u{0}</html>".to_owned()),
        (Some(Fault::Half), Ok(value)) => {
            let text = value.map(|value| value.to_string()).unwrap_or_default();
            let half: String = text.chars().take(text.chars().count() / 2).collect();
            raw("application/json; charset=utf-8", half)
        }
        (Some(Fault::Enormous), Ok(value)) => {
            let text = value.map(|value| value.to_string()).unwrap_or_default();
            raw("application/json; charset=utf-8", text + &" ".repeat(ENORMOUS_BYTES))
        }
        (_, Ok(Some(value))) => response(200, Some(&value)),
        (_, Ok(None)) => response(204, None),
        (_, Err(refusal)) => response(refusal.status, Some(&refusal.body)),
    }
}

fn raw(kind: &'static str, body: String) -> Response {
    let mut answer = Response::new(Body::from(body));
    answer.headers_mut().insert(CONTENT_TYPE, axum::http::HeaderValue::from_static(kind));
    answer
}

/// Gives what there is to tell, or nothing for 204.
fn carry_out(
    shared: &mut Shared,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Option<Value>, Refusal> {
    for name in ["acl_rows", "acl_read_columns", "acl_write_columns", "json-query-params-encoding"] {
        if headers.contains_key(name) {
            return Err(Refusal::not_faked(name));
        }
    }
    let path = uri.path();
    let root = path[1..].find('/').map_or(path.len(), |end| end + 1);
    let (collection, rest) = path.split_at(root);
    let query = Query::parse(shared.store.collection(collection)?, uri.query().unwrap_or_default())?;
    let context = Context { user: user(headers), now: shared.clock.now() };
    let segments: Vec<&str> = rest.trim_start_matches('/').split('/').collect();
    let Shared { store, .. } = shared;
    match (method.as_str(), segments.as_slice()) {
        ("GET", ["schema"]) => Ok(Some(schema(store.collection(collection)?))),
        ("GET", ["count"]) => store.count(collection, &query).map(Some),
        ("GET", [""]) if rest == "/" => store.list(collection, &query).map(Some),
        ("GET", [id]) if !id.is_empty() => store.read(collection, id, &query).map(Some),
        ("POST", [""]) if rest == "/" => store.insert(collection, &json_body(headers, body)?, &context).map(Some),
        ("PATCH", [id]) if !id.is_empty() => {
            store.patch(collection, id, &query, &json_body(headers, body)?, &context).map(Some)
        }
        ("DELETE", [id]) if !id.is_empty() => store.delete(collection, id, &query).map(|()| None),
        ("POST", [id, "state"]) => {
            let filter: &Filter = &query.filter;
            store.change_state(collection, id, filter, &json_body(headers, body)?, &context).map(|()| None)
        }
        ("PATCH" | "DELETE", [""]) => Err(Refusal::not_faked("changing many documents at once")),
        _ => Err(Refusal::not_found()),
    }
}

fn json_body(headers: &HeaderMap, body: &[u8]) -> Result<Value, Refusal> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/json") {
        let mut refusal = Refusal::bad_request(format!("Unsupported Media Type: {kind}"));
        refusal.status = 415;
        return Err(refusal);
    }
    serde_json::from_slice(body).map_err(|error| Refusal::bad_request(error.to_string()))
}

/// Who asks: `public` without the header, or if it is empty or a word for nothing (§9.1).
fn user(headers: &HeaderMap) -> String {
    let given = headers.get(USER_ID_HEADER).and_then(|value| value.to_str().ok());
    given.filter(|text| !matches!(*text, "" | "null" | "undefined")).unwrap_or("public").to_owned()
}

fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

/// The collection's columns as a JSON schema.
fn schema(collection: &Collection) -> Value {
    let kind = |kind: FieldType| match kind {
        FieldType::String => json!({"type": "string"}),
        FieldType::Number => json!({"type": "number"}),
        FieldType::Boolean => json!({"type": "boolean"}),
        FieldType::Date => json!({"type": "string", "format": "date-time"}),
        FieldType::ArrayOfRawObjects => json!({"type": "array", "items": {"type": "object"}}),
        FieldType::RawObject => json!({"type": "object"}),
    };
    let mut properties: Map<String, Value> =
        collection.fields.iter().map(|field| (field.name.to_owned(), kind(field.kind))).collect();
    for name in ["_id", "creatorId", "createdAt", "updaterId", "updatedAt", "__STATE__"] {
        properties.insert(name.to_owned(), json!({"type": "string"}));
    }
    let required: Vec<_> = collection.fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

fn response(status: u16, body: Option<&Value>) -> Response {
    let builder = Response::builder().status(status);
    let built = match body {
        Some(body) => {
            builder.header(CONTENT_TYPE, "application/json; charset=utf-8").body(Body::from(body.to_string()))
        }
        None => builder.body(Body::empty()),
    };
    // Statuses are between 100 and 999 here, and headers are constants.
    built.expect("a status and constant headers make a response")
}
