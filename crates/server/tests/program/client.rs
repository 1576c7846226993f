//! A small HTTP client, because a test must be able to stop in the middle of a request.

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// The header `location`, if there is one.
    pub location: Option<String>,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The body, if the status is as it should be.
    pub fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.json()
    }
}

/// A request of which some was sent.
pub struct Request {
    stream: TcpStream,
    bytes: Vec<u8>,
    sent: usize,
}

impl Request {
    pub async fn new(port: u16, method: &str, path: &str, user: Option<&str>, body: Option<&Value>) -> Self {
        let body = body.map(Value::to_string).unwrap_or_default();
        let content_type = if body.is_empty() { "text/html" } else { "application/json;charset=utf-8" };
        let user = user.map(|user| format!("miauserid: {user}\r\n")).unwrap_or_default();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\ncontent-type: {content_type}\r\n\
             {user}content-length: {}\r\n\r\n",
            body.len()
        );
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        Self { stream, bytes: (head + &body).into_bytes(), sent: 0 }
    }

    /// A request with any body, or none, and these headers.
    pub async fn with_bytes(port: u16, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let mut request = Self { stream, bytes: head.into_bytes(), sent: 0 };
        request.add_headers(headers);
        request.bytes.extend_from_slice(body);
        request
    }

    /// Sends the head alone, and waits until the program asks for the body: from then on it is working on the request.
    pub async fn send_head(&mut self) {
        let head = self.bytes.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        self.bytes.splice(head..head, b"\r\nexpect: 100-continue".iter().copied());
        self.send_until(head + "\r\nexpect: 100-continue\r\n\r\n".len()).await;
        let mut asked = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
        self.stream.read_exact(&mut asked).await.unwrap();
        assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    }

    /// Adds headers to what is not sent yet.
    pub fn add_headers(&mut self, headers: &[(&str, &str)]) {
        let end = self.bytes.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        let lines = headers.iter().flat_map(|(name, value)| ["\r\n", name, ": ", value]);
        let text: String = lines.collect();
        self.bytes.splice(end..end, text.into_bytes());
    }

    pub async fn send_rest(&mut self) {
        self.send_until(self.bytes.len()).await;
    }

    async fn send_until(&mut self, end: usize) {
        self.stream.write_all(&self.bytes[self.sent..end]).await.unwrap();
        self.sent = end;
    }

    pub async fn answer(mut self) -> Answer {
        let mut bytes = Vec::new();
        self.stream.read_to_end(&mut bytes).await.unwrap();
        // A picture is no text, and nobody looks into it.
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let header = |line: &str| {
            line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("location"))?.1.to_owned().into()
        };
        Answer { status, location: head.lines().find_map(header), body: body.to_owned() }
    }
}
