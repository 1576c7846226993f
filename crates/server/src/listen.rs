//! Listening for HTTP: addresses, connections, and their end.

mod places;

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream, lookup_host};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

pub use places::Places;

use crate::http::TrustedProxies;

/// How long the head of a request may take to arrive, and how long a connection may be idle: longer than a gateway's keep-alive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);

/// The longest head of a request, in bytes. A link with a token needs less than 1 kB; cookies of gateways some.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// How long what was sent may wait for the other side to take it, so that a client that reads nothing does not keep its connection.
#[cfg(target_os = "linux")]
const SEND_TIMEOUT: Duration = Duration::from_secs(30);

/// How long to wait when the system has no room for another connection.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// Why HTTP cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The host is no address and no known name.
    #[error("HTTP_HOST={host} is no address of this machine")]
    Host {
        /// As it was given.
        host: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The port is taken or not allowed.
    #[error("HTTP cannot listen on {address}; HTTP_PORT sets another port")]
    Port {
        /// Where.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Opens the port on every address of `host`; `localhost` is both loopback addresses, as far as this machine has them.
pub async fn bind(host: &str, port: u16) -> Result<Vec<TcpListener>, ListenError> {
    if host != "localhost" {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let no_host = |source| ListenError::Host { host: host.to_owned(), source };
        let address = lookup_host((host, port)).await.map_err(no_host)?.next();
        let address = address.ok_or_else(|| no_host(io::ErrorKind::NotFound.into()))?;
        return match bind_one(address).await {
            Ok(listener) => Ok(vec![listener]),
            Err(ListenError::Port { source, .. }) if source.kind() == io::ErrorKind::AddrNotAvailable => {
                Err(no_host(source))
            }
            Err(error) => Err(error),
        };
    }
    let first = bind_one((Ipv4Addr::LOCALHOST, port).into()).await?;
    let port_in_use = first.local_addr().map_or(port, |address| address.port());
    match bind_one((Ipv6Addr::LOCALHOST, port_in_use).into()).await {
        Ok(second) => Ok(vec![first, second]),
        // Without IPv6, or where any port would do, one address is enough. A port that was asked for and is another program's on
        // IPv6 would send half of the visitors there.
        Err(ListenError::Port { source, .. }) if port == 0 || source.kind() != io::ErrorKind::AddrInUse => {
            Ok(vec![first])
        }
        Err(error) => Err(error),
    }
}

async fn bind_one(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).await.map_err(|source| ListenError::Port { address, source })
}

/// Serves connections until it is told to stop.
pub struct Server {
    tasks: TaskTracker,
    /// No new connections, and no further request on those there are.
    stop: CancellationToken,
    places: Places,
}

impl Server {
    /// Serves `router` on every listener. Must be called within a Tokio runtime.
    pub fn start(listeners: Vec<TcpListener>, router: &Router, trusted: Arc<TrustedProxies>) -> Self {
        let server = Self { tasks: TaskTracker::new(), stop: CancellationToken::new(), places: Places::new(trusted) };
        for listener in listeners {
            let (tasks, stop) = (server.tasks.clone(), server.stop.clone());
            server.tasks.spawn(accept(listener, router.clone(), server.places.clone(), tasks, stop));
        }
        server
    }

    /// The places for its connections.
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// Accepts nobody any more and lets requests under way finish. Returns whether all did within `patience`.
    pub async fn stop(self, patience: Duration) -> bool {
        self.stop.cancel();
        self.tasks.close();
        tokio::time::timeout(patience, self.tasks.wait()).await.is_ok()
    }
}

async fn accept(listener: TcpListener, router: Router, places: Places, tasks: TaskTracker, stop: CancellationToken) {
    loop {
        // Whoever finds no place waits in the system's queue.
        let accepting = async { (places.free().await, listener.accept().await) };
        let (place, accepted) = tokio::select! {
            accepted = accepting => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                // A client that has its share is hung up on at once.
                let Some(place) = places.give(place, peer.ip()) else { continue };
                let connection = serve(stream, peer, router.clone(), stop.clone());
                tasks.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, peer: SocketAddr, router: Router, stop: CancellationToken) {
    if let Err(error) = set_up(&stream) {
        tracing::debug!(error = &error as &dyn std::error::Error, "a connection could not be set up as usual");
    }
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // A client that breaks off or sends what is no HTTP: its own business.
        tracing::debug!(error = &error as &dyn std::error::Error, "a connection ended early");
    }
}

/// Answers leave at once, and a client that takes none is cut off.
fn set_up(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    #[cfg(target_os = "linux")]
    rustix::net::sockopt::set_tcp_user_timeout(stream, u32::try_from(SEND_TIMEOUT.as_millis()).unwrap_or(u32::MAX))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_of_another_machine_is_not_mistaken_for_a_port_in_use() {
        // An address that no machine has (RFC 5737).
        let said = bind("203.0.113.9", 0).await.unwrap_err().to_string();
        assert_eq!(said, "HTTP_HOST=203.0.113.9 is no address of this machine");
        let taken = bind("127.0.0.1", 0).await.unwrap();
        let port = taken[0].local_addr().unwrap().port();
        let said = bind("127.0.0.1", port).await.unwrap_err().to_string();
        assert_eq!(said, format!("HTTP cannot listen on 127.0.0.1:{port}; HTTP_PORT sets another port"));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn who_takes_no_answer_is_cut_off() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (_client, accepted) = tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), async {
            listener.accept().await.unwrap().0
        });
        set_up(&accepted).unwrap();
        assert_eq!(rustix::net::sockopt::tcp_user_timeout(&accepted).unwrap(), 30_000);
    }
}
