//! The program's traces where the store and the video provider are other services: the platform's are told which trace they belong to,
//! and Kaleyra, which is another company's, is not.
//!
//! One test, because spans go to one collector for a whole process.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

#[path = "../traces/collector.rs"]
mod collector;
#[path = "../traces/process.rs"]
mod process;

use std::sync::Arc;

use collector::{Span, text};
use crud_service_fake::{Collection, CrudServiceFake, Seen};
use kaleyra_fake::{Fault, KaleyraFake};
use ports::fake::FakeClock;
use process::{CALLERS_SPAN, CALLERS_TRACE, NAMES, Traced, booking, hex, in_trace};

/// The trace of the request at which Kaleyra fails.
const UNLUCKY_TRACE: &str = "a3ce929d0e0e47364bf92f3577b34da6";

/// The spans of one trace.
struct Trace(Vec<Span>);

impl Trace {
    fn the(&self, name: &str) -> &Span {
        self.0.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}: {:#?}", self.0))
    }

    /// Checks that the call was made by the use case, for the request of the caller.
    fn has_call(&self, name: &str, outcome: &str) {
        let request = self.the("POST /teleconsultation");
        assert_eq!(hex(&request.parent_span_id), CALLERS_SPAN);
        let use_case = self.the("schedule");
        assert_eq!(use_case.parent_span_id, request.span_id);
        let call = self.the(name);
        assert_eq!((&call.parent_span_id, text(call, "outcome").as_str()), (&use_case.span_id, outcome), "{name}");
    }
}

fn traceparent(seen: &Seen) -> Option<&str> {
    seen.headers.iter().find(|(name, _)| name == "traceparent").map(|(_, value)| value.as_str())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_platforms_services_are_told_the_trace_and_kaleyra_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(FakeClock::new("2026-01-01T00:00:00Z".parse().unwrap()));
    let collections = vec![Collection::teleconsultations(), Collection::user_id_map()];
    let crud = CrudServiceFake::start(collections, clock).await.unwrap();
    let kaleyra = KaleyraFake::start("v2").await.unwrap();
    let settings = [
        ("CRUD_SERVICE_URL", crud.url()),
        ("TELECONSULTATIONS_CRUD_NAME", "/bk-ts-teleconsultations".to_owned()),
        ("USER_ID_MAP_CRUD_NAME", "/bk-ts-userid-maps".to_owned()),
        ("BANDYER_BASE_URL", kaleyra.base_url().to_owned()),
        ("BANDYER_API_SECRET_KEY", "ak_live_0123456789abcdef01234567".to_owned()),
    ];
    let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
    let program = Traced::start(folder.path(), &settings).await;
    assert!(program.send("GET /-/ready", "", "").await.starts_with("HTTP/1.1 200 "));
    // What the program asked before is forgotten.
    crud.seen();
    kaleyra.heads();

    let answer = program.send("POST /teleconsultation", &in_trace(CALLERS_TRACE), &booking()).await;
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    let (asked, heads) = (crud.seen(), kaleyra.heads());
    kaleyra.fail("POST rooms", Fault::Before(500));
    let answer = program.send("POST /teleconsultation", &in_trace(UNLUCKY_TRACE), &booking()).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    let unlucky_heads = kaleyra.heads();
    let (posts, _) = program.end().await;

    assert!(posts.iter().all(|post| post.authorization.as_deref() == Some("Basic aGk=")));
    assert!(posts.iter().all(|post| post.service_name.as_deref() == Some("visits")));
    let spans: Vec<Span> = posts.into_iter().flat_map(|post| post.spans).collect();
    let trace = |id: &str| Trace(spans.iter().filter(|span| hex(&span.trace_id) == id).cloned().collect());
    let (lucky, unlucky) = (trace(CALLERS_TRACE), trace(UNLUCKY_TRACE));
    lucky.has_call("store insert_after", "ok");
    lucky.has_call("provider ensure_room_after", "ok");
    unlucky.has_call("provider ensure_room_after", "unavailable");

    // The platform's service goes on in the spans of the calls to it: whatever it was asked for this request, and nothing else.
    let calls: Vec<_> = lucky.0.iter().filter(|span| span.name.starts_with("store ")).collect();
    let told: Vec<_> = asked.iter().filter_map(|seen| Some((seen, traceparent(seen)?))).collect();
    for (seen, traceparent) in &told {
        let by_a_call =
            calls.iter().any(|call| *traceparent == format!("00-{CALLERS_TRACE}-{}-01", hex(&call.span_id)));
        assert!(by_a_call, "{seen:?}: {calls:#?}");
    }
    let insertion = hex(&lucky.the("store insert_after").span_id);
    let of_insertion = |(seen, traceparent): &&(&Seen, &str)| {
        traceparent.contains(&insertion) && seen.line.starts_with("POST /bk-ts-teleconsultations/")
    };
    assert!(told.iter().any(|told| of_insertion(&told)), "{asked:#?}");
    let written = asked.iter().filter(|seen| seen.line.starts_with("POST "));
    assert!(written.clone().count() > 1);
    for seen in written {
        assert!(traceparent(seen).is_some(), "only what the program does by itself is in no trace: {seen:?}");
    }

    // Another company learns nothing of it, by no header.
    assert!(heads.len() > 1 && !unlucky_heads.is_empty());
    for head in heads.iter().chain(&unlucky_heads) {
        assert!(head.contains_key("apikey"), "{head:?}");
        for name in ["traceparent", "tracestate", "baggage", "b3"] {
            assert!(!head.contains_key(name), "{head:?}");
        }
        let shown = format!("{head:?}");
        assert!(!shown.contains(CALLERS_TRACE) && !shown.contains(UNLUCKY_TRACE), "{shown}");
    }
    let shown = format!("{spans:#?}");
    for personal in NAMES {
        assert!(!shown.contains(personal), "{shown}");
    }
}
