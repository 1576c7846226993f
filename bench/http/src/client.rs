//! One keep-alive HTTP/1.1 connection that does no more than the measurement needs, so that it takes little of the processor that
//! the servers are measured on.

use std::io::{Error, ErrorKind, Result};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Longer answers than any that is measured.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// A connection to one of the servers.
pub struct Client {
    stream: TcpStream,
    received: Vec<u8>,
}

/// An answer's status and body.
pub struct Answer<'a> {
    /// Such as 200.
    pub status: u16,
    /// As it was sent.
    pub body: &'a [u8],
}

impl Client {
    /// Connects to the port on the loopback address.
    pub async fn connect(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(4096) })
    }

    /// Sends a whole request and waits for the whole answer.
    pub async fn send(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.received.clear();
        let head = loop {
            if let Some(end) = self.received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
            self.receive().await?;
        };
        let (status, length) = parse_head(&self.received[..head])?;
        while self.received.len() < head + length {
            self.receive().await?;
        }
        Ok(Answer { status, body: &self.received[head..head + length] })
    }

    async fn receive(&mut self) -> Result<()> {
        if self.received.len() > ANSWER_BYTES_MAX {
            return Err(invalid("the answer is too long"));
        }
        match self.stream.read_buf(&mut self.received).await? {
            0 => Err(invalid("the server closed the connection")),
            _ => Ok(()),
        }
    }
}

fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::InvalidData, message)
}

/// The status and the length of the body.
fn parse_head(head: &[u8]) -> Result<(u16, usize)> {
    let head = std::str::from_utf8(head).map_err(|_| invalid("the head is no text"))?;
    let status = head.get(9..12).and_then(|status| status.parse().ok()).ok_or_else(|| invalid("there is no status"))?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .ok_or_else(|| invalid("there is no content-length"))?;
    Ok((status, length))
}
