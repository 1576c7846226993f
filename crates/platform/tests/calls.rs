//! Calls against a real HTTP server.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, Uri},
    response::Response,
};
use ports::Caller;
use serde_json::{Value, json};
use teleconsultation_platform::{
    ANSWER_BYTES_MAX, Address, Authorities, Outbound, PlatformError, Request, Service, Words,
};

type Script = Arc<Mutex<(VecDeque<(u16, String)>, Vec<(String, HeaderMap, Bytes)>)>>;

/// A service that answers as told, and the script in which it notes what it was asked.
async fn start(answers: &[(u16, &str)]) -> (Service, Script) {
    let answers = answers.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
    let script: Script = Arc::new(Mutex::new((answers, Vec::new())));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::parse(&listener.local_addr().unwrap().to_string()).unwrap();
    let router = Router::new().fallback(answer).with_state(Arc::clone(&script));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let address = address.collection("things").unwrap();
    (Service::new("the thing service", address, Outbound::new(&Authorities::default()).unwrap()), script)
}

async fn answer(State(script): State<Script>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let (answers, seen) = &mut *script.lock().unwrap();
    seen.push((format!("{method} {uri}"), headers, body));
    let (status, body) = answers.pop_front().unwrap();
    Response::builder().status(status).body(Body::from(body)).unwrap()
}

fn lines(script: &Script) -> Vec<String> {
    script.lock().unwrap().1.iter().map(|(line, _, _)| line.clone()).collect()
}

#[tokio::test]
async fn a_call_goes_where_it_should_with_the_callers_headers() {
    let (service, script) = start(&[(200, "[1]"), (200, "{}")]).await;
    let caller = Caller::new(vec![("miauserid".into(), "auth0|1".into()), ("x-bad".into(), "a\nb".into())]);
    let list = Request::get("list things").query("_q", r#"{"a":"è&b"}"#).query("_l", "25").on_behalf_of(&caller);
    assert_eq!(service.call(list).await.unwrap().json::<Vec<u8>>().unwrap(), [1]);
    let change = Request::patch("change a thing").below("a/b").json(json!({"$set": {"x": 1}}));
    service.call(change).await.unwrap();
    assert_eq!(lines(&script), ["GET /things/?_q=%7B%22a%22%3A%22%C3%A8%26b%22%7D&_l=25", "PATCH /things/a%2Fb"]);
    let (_, seen) = &*script.lock().unwrap();
    assert_eq!(seen[0].1["miauserid"], "auth0|1");
    assert!(!seen[0].1.contains_key("x-bad") && !seen[0].1.contains_key("content-type"));
    assert_eq!(seen[1].1["content-type"], "application/json;charset=utf-8");
    assert_eq!(seen[1].2, r#"{"$set":{"x":1}}"#);
}

#[tokio::test]
async fn a_call_says_which_trace_it_belongs_to_if_there_is_one() {
    let (untraced, script) = start(&[(200, "[]"), (200, "[]")]).await;
    untraced.call(Request::get("list things")).await.unwrap();
    let outbound = Outbound::new(&Authorities::default()).unwrap().in_trace(|| Some("00-1-2-01".to_owned()));
    Service::new("the thing service", untraced.address().clone(), outbound).call(Request::get("list")).await.unwrap();
    let (_, seen) = &*script.lock().unwrap();
    assert!(!seen[0].1.contains_key("traceparent"));
    assert_eq!(seen[1].1["traceparent"], "00-1-2-01");
}

#[tokio::test]
async fn what_only_reads_or_can_be_repeated_is_tried_again() {
    for request in [Request::get("read"), Request::post("make").repeatable()] {
        let (service, script) = start(&[(503, ""), (429, ""), (200, "{}")]).await;
        service.call(request).await.unwrap();
        assert_eq!(lines(&script).len(), 3);
    }
    let (service, script) = start(&[(503, ""), (500, ""), (502, "")]).await;
    let error = service.call(Request::get("read")).await.unwrap_err();
    assert_eq!(error.to_string(), "the thing service is unavailable; to read had no effect");
    assert!(!error.may_have_taken_effect());
    assert_eq!(lines(&script).len(), 3);
}

#[tokio::test]
async fn what_may_be_done_is_not_done_again() {
    let (service, script) = start(&[(500, "")]).await;
    let error = service.call(Request::post("make a thing")).await.unwrap_err();
    assert_eq!(error.to_string(), "the thing service is unavailable; to make a thing may have taken effect");
    assert!(error.may_have_taken_effect());
    assert_eq!(lines(&script).len(), 1);
}

#[tokio::test]
async fn a_service_that_is_not_there_cannot_have_done_anything() {
    // Bound, so that nobody else gets the port, but not listening.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = Address::parse(&socket.local_addr().unwrap().to_string()).unwrap();
    let service = Service::new("nobody", address, Outbound::new(&Authorities::default()).unwrap());
    let error = service.call(Request::post("make a thing")).await.unwrap_err();
    assert!(matches!(error, PlatformError::Unavailable { may_be_done: false, .. }), "{error:?}");
}

#[tokio::test]
async fn a_refusal_keeps_its_words_from_logs() {
    let cases = [
        (r#"{"statusCode":400,"error":"Bad Request","message":"Mario Rossi"}"#, Some("Mario Rossi")),
        (r#"{"error":"not found"}"#, Some("not found")),
        ("<html>", None),
        ("", None),
    ];
    for (body, expected) in cases {
        let (service, _) = start(&[(404, body)]).await;
        let error = service.call(Request::get("read a thing")).await.unwrap_err();
        assert_eq!(error.to_string(), "the thing service refused to read a thing (status 404)");
        assert!(!format!("{error:?}").contains("Mario"), "{error:?}");
        let PlatformError::Refused { message, status: 404, .. } = error else { panic!("{error:?}") };
        assert_eq!(message.as_ref().map(Words::expose), expected);
    }
}

#[tokio::test]
async fn odd_answers_are_errors_that_quote_nothing() {
    let long = "x".repeat(ANSWER_BYTES_MAX + 1);
    for (status, body) in [(200, "Mario"), (200, ""), (200, long.as_str()), (302, "Mario")] {
        let (service, _) = start(&[(status, body)]).await;
        let read = async { service.call(Request::get("read")).await?.json::<Value>() };
        let error = read.await.unwrap_err();
        assert!(matches!(error, PlatformError::Unexpected { .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("Mario"), "{error:?}");
    }
}

#[tokio::test]
async fn every_success_is_one() {
    for status in [200, 201, 202] {
        let (service, _) = start(&[(status, "{}")]).await;
        service.call(Request::post("make a thing")).await.unwrap();
    }
}
