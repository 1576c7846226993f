//! Asking whoever listens where the settings say whether it is this service, alive: for `teleconsultation health` and the doctor.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, lookup_host},
    time::timeout,
};

use crate::http::SERVICE_NAME;

/// How long an answer may take, from looking up the host to its last byte.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// The longest answer that is read, in bytes. The service's own has some 300.
const ANSWER_BYTES_MAX: u64 = 4096;

/// Why the service is not known to be alive.
#[derive(Debug, thiserror::Error)]
pub enum HealthError {
    /// Which port it has is known to itself alone.
    #[error("HTTP_PORT=0 lets the program take any port, so that it cannot be asked: set HTTP_PORT")]
    AnyPort,
    /// Nobody listens there, or hangs up.
    #[error("{host}:{port} cannot be asked (HTTP_HOST, HTTP_PORT)")]
    Connection {
        /// The host, as set.
        host: String,
        /// The port.
        port: u16,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Somebody listens and does not answer.
    #[error("{host}:{port} did not answer within {} s", ANSWER_TIMEOUT.as_secs())]
    Late {
        /// The host, as set.
        host: String,
        /// The port.
        port: u16,
    },
    /// The answer is another program's, or says that it is not alive.
    #[error("what answers at {host}:{port} is not this service, or is not alive")]
    Stranger {
        /// The host, as set.
        host: String,
        /// The port.
        port: u16,
    },
}

/// Asks `/-/healthz` of whoever listens on `host` and `port`, which mean what they mean to [`crate::listen::bind`].
pub async fn ask(host: &str, port: u16) -> Result<(), HealthError> {
    if port == 0 {
        return Err(HealthError::AnyPort);
    }
    match timeout(ANSWER_TIMEOUT, answer(host, port)).await {
        Err(_) => Err(HealthError::Late { host: host.to_owned(), port }),
        Ok(Err(source)) => Err(HealthError::Connection { host: host.to_owned(), port, source }),
        Ok(Ok(answer)) if is_alive(&answer) => Ok(()),
        Ok(Ok(_)) => Err(HealthError::Stranger { host: host.to_owned(), port }),
    }
}

async fn answer(host: &str, port: u16) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(&*addresses(host, port).await?).await?;
    let request = format!("GET /-/healthz HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", stream.peer_addr()?);
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).await?;
    Ok(answer)
}

/// Where this machine reaches whoever listens on `host`.
async fn addresses(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let loopbacks: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host == "localhost" {
        return Ok(loopbacks.map(|address| (address, port).into()).to_vec());
    }
    let named = lookup_host((host, port)).await?;
    Ok(named
        .map(|named| match named.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => (loopbacks[0], port).into(),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => (loopbacks[1], port).into(),
            IpAddr::V4(_) | IpAddr::V6(_) => named,
        })
        .collect())
}

fn is_alive(answer: &[u8]) -> bool {
    let answer = String::from_utf8_lossy(answer);
    answer.starts_with("HTTP/1.1 200 ") && answer.contains(SERVICE_NAME)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// Answers everybody who asks at `host` with `answer`; with nothing at all if there is none. Returns the port.
    async fn answering(host: &str, answer: Option<String>) -> u16 {
        let listener = TcpListener::bind((host, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let mut waiting = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                // Reads the request, so that closing does not take the answer back.
                let asked = stream.read(&mut [0; 1024]).await.unwrap();
                assert!(asked > 0);
                match &answer {
                    Some(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
                    None => waiting.push(stream),
                }
            }
        });
        port
    }

    fn alive() -> String {
        format!("HTTP/1.1 200 OK\r\n\r\n{{\"status\":\"OK\",\"name\":\"{SERVICE_NAME}\"}}")
    }

    #[tokio::test]
    async fn whoever_listens_on_every_address_is_asked_on_the_loopback_address() {
        for (listening, set) in
            [("0.0.0.0", "0.0.0.0"), ("::", "::"), ("::", "[::]"), ("127.0.0.1", "localhost"), ("::1", "localhost")]
        {
            let port = answering(listening, Some(alive())).await;
            assert!(ask(set, port).await.is_ok(), "{set} for {listening}");
        }
    }

    #[tokio::test]
    async fn who_is_another_or_not_alive_is_said() {
        let unwell = format!("HTTP/1.1 503 Service Unavailable\r\n\r\n{{\"name\":\"{SERVICE_NAME}\"}}");
        for answer in ["HTTP/1.1 200 OK\r\n\r\n{\"name\":\"another\"}", &unwell, ""] {
            let port = answering("127.0.0.1", Some(answer.to_owned())).await;
            let said = ask("localhost", port).await.unwrap_err().to_string();
            assert_eq!(said, format!("what answers at localhost:{port} is not this service, or is not alive"));
        }
    }

    #[tokio::test]
    async fn nobody_and_a_port_that_is_not_known_are_said() {
        // Bound, so that nobody else gets the port, but not listening.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let port = socket.local_addr().unwrap().port();
        assert!(matches!(ask("127.0.0.1", port).await, Err(HealthError::Connection { .. })));
        assert!(matches!(ask("127.0.0.1", 0).await, Err(HealthError::AnyPort)));
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_answer_is_waited_for_two_seconds() {
        let port = answering("127.0.0.1", None).await;
        let began = tokio::time::Instant::now();
        assert!(matches!(ask("127.0.0.1", port).await, Err(HealthError::Late { .. })));
        // Timers are exact to a millisecond.
        assert_eq!(began.elapsed().as_secs(), 2);
    }

    #[tokio::test]
    async fn an_answer_without_end_is_read_up_to_a_limit() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let endless = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            while stream.write_all(&[b' '; 1024]).await.is_ok() {}
        });
        assert!(matches!(ask("127.0.0.1", port).await, Err(HealthError::Stranger { .. })));
        endless.await.unwrap();
    }
}
