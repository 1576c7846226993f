//! The TCP port for media of clients whose UDP is blocked.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use tokio::{net::TcpListener, sync::Semaphore, time::sleep};

use crate::{counters, shard::Common, tcp_peer};

/// The most connections at once: every second participant of a busy machine.
const CONNECTIONS_MAX: usize = 4096;
/// The most connections from one address at once. A ward behind one address fits; each participant needs one or two.
const CONNECTIONS_PER_IP_MAX: usize = 256;
/// Connections that the system may hold before they are accepted.
const BACKLOG: i32 = 256;
/// How long to wait after the system could not accept, which is when file descriptors are used up.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Binds one listener for each address family to the same port.
pub(crate) fn bind(port: u16, ipv4: bool, ipv6: bool) -> io::Result<Vec<std::net::TcpListener>> {
    let mut port = port;
    let mut listeners = Vec::new();
    for (wanted, any) in [(ipv4, IpAddr::from(Ipv4Addr::UNSPECIFIED)), (ipv6, IpAddr::from(Ipv6Addr::UNSPECIFIED))] {
        if !wanted {
            continue;
        }
        let domain = if any.is_ipv4() { Domain::IPV4 } else { Domain::IPV6 };
        let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        if any.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        // Or the port could not be used for a minute after a restart.
        socket.set_reuse_address(true)?;
        socket.bind(&SockAddr::from(SocketAddr::new(any, port)))?;
        socket.listen(BACKLOG)?;
        socket.set_nonblocking(true)?;
        let listener = std::net::TcpListener::from(socket);
        port = listener.local_addr()?.port();
        listeners.push(listener);
    }
    Ok(listeners)
}

/// Accepts connections until the task is dropped.
pub(crate) async fn accept(listener: TcpListener, common: Arc<Common>, limits: Arc<TcpLimits>) {
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(kind = ?error.kind(), "cannot accept a media connection");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(place) = limits.take(peer.ip()) else {
            counters::count(&common.counters.tcp_refused);
            continue;
        };
        let Ok(local) = stream.local_addr() else { continue };
        let common = Arc::clone(&common);
        tokio::spawn(async move {
            tcp_peer::serve(stream, peer, local, common).await;
            drop(place);
        });
    }
}

/// How many connections there are, in all and from each address.
#[derive(Debug)]
pub(crate) struct TcpLimits {
    all: Arc<Semaphore>,
    by_ip: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection that counts.
#[derive(Debug)]
pub(crate) struct TcpPlace {
    limits: Arc<TcpLimits>,
    ip: IpAddr,
    _one: tokio::sync::OwnedSemaphorePermit,
}

impl TcpLimits {
    pub(crate) fn new() -> Self {
        Self { all: Arc::new(Semaphore::new(CONNECTIONS_MAX)), by_ip: Mutex::default() }
    }

    fn take(self: &Arc<Self>, ip: IpAddr) -> Option<TcpPlace> {
        let one = Arc::clone(&self.all).try_acquire_owned().ok()?;
        let mut by_ip = self.by_ip.lock().unwrap_or_else(PoisonError::into_inner);
        let connections = by_ip.entry(ip).or_default();
        if *connections >= CONNECTIONS_PER_IP_MAX {
            return None;
        }
        *connections += 1;
        Some(TcpPlace { limits: Arc::clone(self), ip, _one: one })
    }
}

impl Drop for TcpPlace {
    fn drop(&mut self) {
        let mut by_ip = self.limits.by_ip.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connections) = by_ip.get_mut(&self.ip) {
            *connections -= 1;
            if *connections == 0 {
                by_ip.remove(&self.ip);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_all_places() {
        let limits = Arc::new(TcpLimits::new());
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let mut places: Vec<_> = (0..CONNECTIONS_PER_IP_MAX).map(|_| limits.take(one)).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(limits.take(one).is_none());
        assert!(limits.take(other).is_some());
        places.pop();
        assert!(limits.take(one).is_some());
    }
}
