//! The program in this process, whose spans go to a collector and whose lines are kept.
//!
//! Once a process, because both are for all of it.

use std::{
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use platform::Authorities;
use serde_json::json;
use teleconsultation_server::{
    config::Config,
    program::{self, ServeError, Stop},
    telemetry::{Lines, LogLevel, traces::Traces},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

use crate::collector::{Collector, Post};

/// A trace that callers of these tests began, and their span in it.
pub const CALLERS_TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
pub const CALLERS_SPAN: &str = "00f067aa0ba902b7";

/// Made up, and found in no span.
pub const NAMES: [&str; 4] = ["dottoressa.marino@example.org", "CNTLCU80A01H501U", "Ada Marino", "Luca Conti"];

pub struct Traced {
    address: std::net::SocketAddr,
    collector: Collector,
    traces: Traces,
    lines: Lines,
    logged: Logged,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), ServeError>>,
}

impl Traced {
    /// Starts the program with its data in this folder, and these settings besides.
    pub async fn start(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let collector = Collector::start().await;
        let usual = [
            ("DATA_DIR", folder.to_str().unwrap()),
            ("MEDIA_UDP_PORT", "0"),
            ("MEDIA_TCP_PORT", "0"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%20aGk="),
            ("OTEL_SERVICE_NAME", "visits"),
        ];
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let config = Config::load(usual.iter().chain(settings).map(owned)).unwrap();
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
        Self { address, collector, traces, lines, logged, stop, serving }
    }

    /// Sends one request and returns the whole answer.
    pub async fn send(&self, target: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
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

    /// Ends the program. Returns what the collector has got, and what was logged.
    pub async fn end(self) -> (Vec<Post>, String) {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap().unwrap();
        let traces = self.traces;
        tokio::task::spawn_blocking(|| traces.stop(Duration::from_secs(30))).await.unwrap();
        assert!(self.lines.flush(Duration::from_secs(30)));
        let logged = String::from_utf8(self.logged.0.lock().unwrap().clone()).unwrap();
        (self.collector.requests(), logged)
    }
}

/// The header of a caller whose trace is this one.
pub fn in_trace(trace: &str) -> String {
    format!("traceparent: 00-{trace}-{CALLERS_SPAN}-01\r\n")
}

/// The booking of a doctor and a patient.
pub fn booking() -> String {
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

pub fn hex(bytes: &[u8]) -> String {
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
