//! A real HTTP server that answers as it is told and remembers what it was asked.

use std::{
    collections::VecDeque,
    future::Future,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, Uri},
    response::Response,
};
use kaleyra_video::{BaseUrl, Client, Pause, Settings};

/// The key that every client here has.
pub const API_KEY: &str = "ak_live_123456";

/// What was asked.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: Method,
    pub target: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What to answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

impl Answer {
    pub fn new(status: u16, body: &str) -> Answer {
        Answer { status, headers: Vec::new(), body: body.to_owned() }
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Answer {
        self.headers.push((name, value.to_owned()));
        self
    }
}

#[derive(Default)]
struct Script {
    seen: Mutex<Vec<Seen>>,
    answers: Mutex<VecDeque<Answer>>,
}

/// The server. Each request takes the next answer; the last one is given again and again.
pub struct Service {
    address: SocketAddr,
    script: Arc<Script>,
    pauses: Pauses,
}

impl Service {
    pub async fn start(answers: Vec<Answer>) -> Service {
        let script = Arc::new(Script { answers: Mutex::new(answers.into()), ..Script::default() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&script));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Service { address, script, pauses: Pauses::default() }
    }

    /// The address of a file here.
    pub fn link(&self, path: &str) -> kaleyra_video::DownloadUrl {
        format!("http://{}{path}", self.address).into()
    }

    /// A client of this server's generation that is under `path`: `v2` or `rest`.
    pub fn client(&self, path: &str) -> Client {
        self.client_with(path, Settings::default())
    }

    pub fn client_with(&self, path: &str, settings: Settings) -> Client {
        client(self.address, path, settings, self.pauses.clone())
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.script.seen.lock().unwrap().clone()
    }

    /// Checks that there was exactly one request, and all of it.
    pub fn saw(&self, line: &str, body: &[u8]) {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "requests");
        let seen = &seen[0];
        assert_eq!(format!("{} {}", seen.method, seen.target), line);
        assert_eq!(String::from_utf8_lossy(&seen.body), String::from_utf8_lossy(body));
        assert_eq!(seen.headers["apikey"], API_KEY);
        assert_eq!(seen.headers["accept"], "application/json");
        assert_eq!(seen.headers["user-agent"], concat!("kaleyra-video/", env!("CARGO_PKG_VERSION")));
        let content_type = seen.headers.get("content-type").map(|value| value.to_str().unwrap());
        let expected = match body.first() {
            None => None,
            Some(b'-') => Some("multipart/form-data; boundary=kaleyra-00000000000000070000000000000007"),
            Some(_) => Some("application/json"),
        };
        assert_eq!(content_type, expected);
    }

    /// How long the client waited, each time.
    pub fn pauses(&self) -> Vec<Duration> {
        self.pauses.0.lock().unwrap().clone()
    }
}

pub fn client(address: SocketAddr, path: &str, settings: Settings, pauses: Pauses) -> Client {
    let base = BaseUrl::parse(&format!("http://{address}/{path}")).unwrap();
    Client::with_pause(base, &API_KEY.into(), settings, || 7, pauses).unwrap()
}

async fn answer(
    State(script): State<Arc<Script>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    script.seen.lock().unwrap().push(Seen { method, target: uri.to_string(), headers, body });
    let mut answers = script.answers.lock().unwrap();
    let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }.unwrap();
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    response.body(Body::from(answer.body)).unwrap()
}

/// Lets no time pass and remembers how much was asked for.
#[derive(Debug, Clone, Default)]
pub struct Pauses(pub Arc<Mutex<Vec<Duration>>>);

impl Pause for Pauses {
    fn pause(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.0.lock().unwrap().push(duration);
        Box::pin(std::future::ready(()))
    }
}

/// Declares a test of one operation: the request it makes, byte for byte, and what it makes of the answer, if it gives anything.
macro_rules! operation {
    ($name:ident, $path:literal, $line:expr, $body:expr, $answer:expr, |$client:ident| $call:expr, |$result:ident| $check:expr) => {
        #[tokio::test]
        async fn $name() {
            let service = crate::service::Service::start(vec![crate::service::Answer::new(200, $answer)]).await;
            let $client = service.client($path);
            let $result = $call.await.unwrap();
            service.saw($line, AsRef::<[u8]>::as_ref($body));
            $check;
        }
    };
    ($name:ident, $path:literal, $line:expr, $body:expr, $answer:expr, |$client:ident| $call:expr) => {
        #[tokio::test]
        async fn $name() {
            let service = crate::service::Service::start(vec![crate::service::Answer::new(200, $answer)]).await;
            let $client = service.client($path);
            let () = $call.await.unwrap();
            service.saw($line, AsRef::<[u8]>::as_ref($body));
        }
    };
}

pub(crate) use operation;

/// The body of a form with one file, and texts after it.
pub fn form(field: &str, file: &kaleyra_video::File, texts: &[(&str, &str)]) -> Vec<u8> {
    const BOUNDARY: &str = "--kaleyra-00000000000000070000000000000007";
    let mut body = format!(
        "{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
        file.name, file.media_type
    )
    .into_bytes();
    body.extend_from_slice(&file.bytes);
    for (name, text) in texts {
        let part = format!("\r\n{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}");
        body.extend_from_slice(part.as_bytes());
    }
    body.extend_from_slice(format!("\r\n{BOUNDARY}--\r\n").as_bytes());
    body
}

pub fn image() -> kaleyra_video::File {
    kaleyra_video::File {
        name: "a.png".to_owned(),
        media_type: "image/png".to_owned(),
        bytes: Bytes::from_static(b"\x89PNG\r\n\x1a\n\0\xff"),
    }
}
