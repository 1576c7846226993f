//! Carries letters to addresses that the company's settings name, and to none that would lead into the network that this program
//! stands in, unless a setting allows it.
//!
//! What is checked is what is connected to: a name is resolved once, and only its allowed addresses are given on. Nothing follows a
//! redirection.

use std::{
    error::Error,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use kaleyra_server::webhooks::{ANSWER_BYTES_MAX, Letter, Post, PostError, Reply};
use kaleyra_video::is_public_address;
use platform::{Authorities, OutboundError};
use reqwest::{
    Client, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::CONTENT_TYPE,
    redirect::Policy,
};
use url::Host;

/// Which addresses may be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Those that anybody on the internet could mean.
    Public,
    /// All, also those of this machine and its network.
    Everything,
}

impl Reach {
    fn allows(self, address: IpAddr) -> bool {
        match self {
            Self::Public => is_public_address(address),
            Self::Everything => true,
        }
    }
}

/// A name that leads to no address that may be reached.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to no address that may be reached")]
struct NotAllowed;

/// Resolves names to the addresses that may be reached.
struct Allowed(Reach);

impl Resolve for Allowed {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| reach.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(NotAllowed.into());
            }
            let allowed: Addrs = Box::new(allowed.into_iter());
            Ok(allowed)
        })
    }
}

/// Carries letters.
pub struct Courier {
    http: Client,
    reach: Reach,
}

impl Courier {
    /// Makes a courier that trusts the authorities of the system and these.
    pub fn new(reach: Reach, authorities: &Authorities) -> Result<Self, OutboundError> {
        let builder = Client::builder()
            .user_agent(concat!("teleconsultation/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .dns_resolver(Arc::new(Allowed(reach)))
            .tls_certs_merge(authorities.certificates());
        Ok(Self { http: builder.build().map_err(|error| OutboundError::Http(Box::new(error)))?, reach })
    }

    /// Whether the address can be reached as far as its text tells: one that is a number is not resolved.
    fn may_reach(&self, url: &Url) -> bool {
        match url.host() {
            Some(Host::Ipv4(address)) => self.reach.allows(address.into()),
            Some(Host::Ipv6(address)) => self.reach.allows(address.into()),
            Some(Host::Domain(_)) => true,
            None => false,
        }
    }
}

#[async_trait]
impl Post for Courier {
    async fn send(&self, letter: Letter) -> Result<Reply, PostError> {
        let url = Url::parse(&letter.url).map_err(|_| PostError::Forbidden)?;
        if !self.may_reach(&url) {
            return Err(PostError::Forbidden);
        }
        let (header, value) = letter.header;
        let request = self
            .http
            .post(url)
            .timeout(letter.timeout)
            .header(CONTENT_TYPE, "application/json")
            .header(header, value)
            .body(letter.body);
        let mut answer = request.send().await.map_err(|error| failed(&error))?;
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(PostError::Failed("the answer is too long".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, body })
    }
}

/// Sorts a failure. Its text loses the address, which may hold a secret of the receiver's.
fn failed(error: &reqwest::Error) -> PostError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(current) = cause {
        if current.is::<NotAllowed>() {
            return PostError::Forbidden;
        }
        cause = current.source();
    }
    let kind = if error.is_timeout() {
        "it took too long"
    } else if error.is_connect() {
        "there is no connection"
    } else {
        "the connection broke off"
    };
    PostError::Failed(kind.to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    fn letter(url: &str) -> Letter {
        let header = ("bandyer-signature", "t=1,v0=00".to_owned());
        Letter { url: url.to_owned(), header, body: b"{}".to_vec(), timeout: Duration::from_secs(10) }
    }

    #[tokio::test]
    async fn nobody_is_reached_within_the_network() {
        let courier = Courier::new(Reach::Public, &Authorities::default()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in ["127.0.0.1", "localhost", "[::1]", "0x7f.1", "2130706433", "10.0.0.1", "[::ffff:127.0.0.1]"] {
            let sent = courier.send(letter(&format!("http://{host}:{port}/hook"))).await;
            assert!(matches!(sent, Err(PostError::Forbidden)), "{host}: {sent:?}");
        }
    }

    #[tokio::test]
    async fn where_it_is_allowed_a_letter_arrives_and_no_redirection_is_followed() {
        let courier = Courier::new(Reach::Everything, &Authorities::default()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let receiver = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"{}") {
                let mut buffer = [0; 1024];
                let count = stream.read(&mut buffer).await.unwrap();
                request.extend_from_slice(&buffer[..count]);
            }
            let answer =
                format!("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{port}/\r\ncontent-length: 2\r\n\r\nok");
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8(request).unwrap()
        });
        let reply = courier.send(letter(&format!("http://localhost:{port}/hook"))).await.unwrap();
        assert_eq!((reply.status, reply.body.as_slice()), (302, &b"ok"[..]));
        let request = receiver.await.unwrap().to_lowercase();
        assert!(request.starts_with("post /hook http/1.1\r\n") && request.contains("bandyer-signature: t=1,v0=00\r\n"));
    }
}
