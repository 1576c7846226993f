//! HTTP/1.1 as far as a proxy between our own client and our own fakes needs it: one request a connection.

use std::io;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The longest head and body: the fakes are sent less.
const REQUEST_BYTES_MAX: usize = 1024 * 1024;

/// A request as it came.
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path, with its query.
    pub(crate) target: String,
    /// All of it, for a server that shall close the connection after it.
    pub(crate) bytes: Vec<u8>,
    /// Where its body begins in that.
    pub(crate) body: usize,
}

/// Reads a request; `None` if the connection ends before it.
pub(crate) async fn read_request(stream: &mut TcpStream) -> io::Result<Option<Request>> {
    let mut bytes = Vec::new();
    let head_len = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if !read_more(stream, &mut bytes).await? {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_len]).into_owned();
    let mut lines = head.trim_end().split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (first.next().unwrap_or_default().to_owned(), first.next().unwrap_or_default().to_owned());
    let mut forwarded = format!("{method} {target} HTTP/1.1\r\nconnection: close\r\n");
    let mut body_len = 0;
    for line in lines {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        if name == "connection" {
            continue;
        }
        if name == "content-length" {
            body_len = line.split(':').nth(1).and_then(|text| text.trim().parse().ok()).unwrap_or(0);
        }
        forwarded.push_str(line);
        forwarded.push_str("\r\n");
    }
    forwarded.push_str("\r\n");
    while bytes.len() < head_len + body_len {
        if !read_more(stream, &mut bytes).await? {
            return Ok(None);
        }
    }
    let mut all = forwarded.into_bytes();
    let body = all.len();
    all.extend_from_slice(&bytes[head_len..]);
    Ok(Some(Request { method, target, bytes: all, body }))
}

async fn read_more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<bool> {
    if bytes.len() > REQUEST_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(stream.read_buf(bytes).await? > 0)
}

/// Has the request answered by another server.
pub(crate) async fn forward(server: std::net::SocketAddr, request: &Request) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(&request.bytes).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(answer)
}

/// An answer after which the connection is closed.
pub(crate) fn answer(status: &str, kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
}

/// Waits until the client has had enough.
pub(crate) async fn hold(mut stream: TcpStream) -> io::Result<()> {
    let mut nothing = [0; 1];
    while stream.read(&mut nothing).await? > 0 {}
    Ok(())
}
