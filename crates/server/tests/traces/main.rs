//! The program's traces as a collector gets them: over OTLP, from the program that serves requests on a socket.
//!
//! One test, because spans go to one collector for a whole process.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod collector;
mod process;

use collector::{Span, text};
use process::{CALLERS_SPAN, CALLERS_TRACE, NAMES, Traced, booking, hex, in_trace};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_with_its_use_case_and_its_calls_is_one_trace_of_its_caller() {
    let folder = tempfile::tempdir().unwrap();
    let program = Traced::start(folder.path(), &[]).await;
    let traceparent = in_trace(CALLERS_TRACE);
    assert!(program.send("POST /teleconsultation", &traceparent, &booking()).await.starts_with("HTTP/1.1 201 "));
    assert!(program.send("POST /teleconsultation", "", "{}").await.starts_with("HTTP/1.1 400 "));
    assert!(program.send("GET /-/ready", &traceparent, "").await.starts_with("HTTP/1.1 200 "));
    let (posts, logged) = program.end().await;

    assert!(!posts.is_empty() && posts.iter().all(|post| post.authorization.as_deref() == Some("Basic aGk=")));
    assert!(posts.iter().all(|post| post.service_name.as_deref() == Some("visits")));
    let spans: Vec<Span> = posts.into_iter().flat_map(|post| post.spans).collect();
    let shown = format!("{spans:#?}");
    let ours: Vec<_> = spans.iter().filter(|span| hex(&span.trace_id) == CALLERS_TRACE).collect();
    let the = |name: &str| *ours.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}: {shown}"));

    let request = the("POST /teleconsultation");
    assert_eq!(hex(&request.parent_span_id), CALLERS_SPAN);
    assert_eq!(text(request, "http.response.status_code"), "201");
    assert_eq!(text(request, "http.route"), "/teleconsultation");
    let use_case = the("schedule");
    assert_eq!(use_case.parent_span_id, request.span_id);
    let provider = the("provider ensure_room_after");
    assert_eq!(provider.parent_span_id, use_case.span_id);
    assert_eq!(text(provider, "outcome"), "ok");
    assert_eq!(the("store insert_after").parent_span_id, use_case.span_id);

    let other = spans.iter().find(|span| text(span, "http.response.status_code") == "400").unwrap();
    assert!(other.parent_span_id.is_empty() && hex(&other.trace_id) != CALLERS_TRACE, "{shown}");
    let unasked = ["/-/ready", "health", "due_cleanups"];
    assert!(!spans.iter().any(|span| unasked.iter().any(|part| span.name.contains(part))), "{shown}");
    for personal in NAMES {
        assert!(!shown.contains(personal), "{shown}");
    }

    let in_trace = format!(r#""trace":{{"id":"{CALLERS_TRACE}"}}"#);
    assert_eq!(logged.matches(&in_trace).count(), 1, "{logged}");
    assert!(!logged.contains("outcome"), "spans are no lines: {logged}");
}
