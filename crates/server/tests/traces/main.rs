//! The program's traces as a collector gets them: over OTLP, from the program that serves requests on a socket.
//!
//! One test, because spans go to one collector for a whole process.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod collector;

use std::{
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use collector::{Collector, Span, text};
use platform::Authorities;
use serde_json::json;
use teleconsultation_server::{
    config::Config,
    program::{self, Stop},
    telemetry::{Lines, LogLevel, traces::Traces},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

const CALLERS_TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLERS_SPAN: &str = "00f067aa0ba902b7";

/// Made up, and found in no span.
const NAMES: [&str; 4] = ["dottoressa.marino@example.org", "CNTLCU80A01H501U", "Ada Marino", "Luca Conti"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_with_its_use_case_and_its_calls_is_one_trace_of_its_caller() {
    let folder = tempfile::tempdir().unwrap();
    let collector = Collector::start().await;
    let config = config(folder.path(), &collector.url);
    let logged = Logged::default();
    let clock = Arc::new(ports::fake::FakeClock::new(jiff::Timestamp::UNIX_EPOCH));
    let lines = Lines::new(logged.clone(), clock, LogLevel::Info).unwrap();
    let traces = Traces::start(config.observability.traces.as_ref().unwrap(), &Authorities::default()).unwrap();
    tracing::subscriber::set_global_default(lines.subscriber_with(&traces)).unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async {
        let _ = stopped.await;
        Stop::Now
    };
    let serving = tokio::spawn(program::serve(vec![listener], config, shutdown));
    let stream = TcpStream::connect(address).await.unwrap();
    let traceparent = format!("traceparent: 00-{CALLERS_TRACE}-{CALLERS_SPAN}-01\r\n");
    assert!(send(stream, "POST /teleconsultation", &traceparent, &booking()).await.starts_with("HTTP/1.1 201 "));
    let stream = TcpStream::connect(address).await.unwrap();
    assert!(send(stream, "POST /teleconsultation", "", "{}").await.starts_with("HTTP/1.1 400 "));
    let stream = TcpStream::connect(address).await.unwrap();
    assert!(send(stream, "GET /-/ready", &traceparent, "").await.starts_with("HTTP/1.1 200 "));
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    tokio::task::spawn_blocking(|| traces.stop(Duration::from_secs(30))).await.unwrap();

    let posts = collector.requests();
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

    assert!(lines.flush(Duration::from_secs(30)));
    let logged = String::from_utf8(logged.0.lock().unwrap().clone()).unwrap();
    let in_trace = format!(r#""trace":{{"id":"{CALLERS_TRACE}"}}"#);
    assert_eq!(logged.matches(&in_trace).count(), 1, "{logged}");
    assert!(!logged.contains("outcome"), "spans are no lines: {logged}");
}

fn config(folder: &Path, collector: &str) -> Config {
    let settings = [
        ("DATA_DIR", folder.to_str().unwrap()),
        ("MEDIA_UDP_PORT", "0"),
        ("MEDIA_TCP_PORT", "0"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%20aGk="),
        ("OTEL_SERVICE_NAME", "visits"),
    ];
    Config::load(settings.map(|(name, value)| (name.to_owned(), value.to_owned()))).unwrap()
}

fn booking() -> String {
    let booking = json!({
        "start_date": "2026-01-01T10:00:00Z",
        "duration_in_seconds": 1800,
        "participants": {"number": 2, "data": [
            {"userId": NAMES[0], "groups": ["doctor"], "fullName": NAMES[2]},
            {"userId": NAMES[1], "groups": ["patient"], "fullName": NAMES[3]},
        ]},
    });
    booking.to_string()
}

/// Sends one request and returns the whole answer.
async fn send(mut stream: TcpStream, target: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    let request = format!(
        "{target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n{headers}\
         content-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
