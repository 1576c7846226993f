//! The UDP sockets: one for each shard and address family, all on one port.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    os::fd::{AsFd, BorrowedFd},
};

use quinn_udp::{UdpSockRef, UdpSocketState};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

/// What the kernel may hold for a shard that is busy, in each direction: about 30 ms of the load that saturates a core. The
/// system may give less (`net.core.rmem_max`).
const SOCKET_BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// A socket of one shard.
#[derive(Debug)]
pub(crate) struct UdpPort {
    socket: UdpSocket,
    pub(crate) state: UdpSocketState,
    pub(crate) port: u16,
    pub(crate) is_ipv4: bool,
}

impl UdpPort {
    pub(crate) fn socket(&self) -> UdpSockRef<'_> {
        (&self.socket).into()
    }
}

impl AsFd for UdpPort {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Binds one socket for each shard and family to the same port: a list of sockets for each shard.
pub(crate) fn bind(port: u16, shards: usize, ipv4: bool, ipv6: bool) -> io::Result<Vec<Vec<UdpPort>>> {
    let mut sockets: Vec<Vec<UdpPort>> = (0..shards).map(|_| Vec::new()).collect();
    let mut port = port;
    for (wanted, any) in [(ipv4, IpAddr::from(Ipv4Addr::UNSPECIFIED)), (ipv6, IpAddr::from(Ipv6Addr::UNSPECIFIED))] {
        if !wanted {
            continue;
        }
        // The first one is bound without sharing, so that a port used by another program, or by another instance of this one,
        // is an error and not a competition for datagrams. From then on it shares.
        let first = open(any)?;
        first.bind(&SockAddr::from(SocketAddr::new(any, port)))?;
        first.set_reuse_port(true)?;
        port = first.local_addr()?.as_socket().map_or(port, |address| address.port());
        let mut first = Some(first);
        for shard in &mut sockets {
            let socket = if let Some(first) = first.take() {
                first
            } else {
                let socket = open(any)?;
                socket.set_reuse_port(true)?;
                socket.bind(&SockAddr::from(SocketAddr::new(any, port)))?;
                socket
            };
            shard.push(into_port(socket, port, any.is_ipv4())?);
        }
    }
    Ok(sockets)
}

fn open(any: IpAddr) -> io::Result<Socket> {
    let domain = if any.is_ipv4() { Domain::IPV4 } else { Domain::IPV6 };
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    if any.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    Ok(socket)
}

fn into_port(socket: Socket, port: u16, is_ipv4: bool) -> io::Result<UdpPort> {
    // The system caps these silently; a smaller buffer only drops sooner.
    socket.set_recv_buffer_size(SOCKET_BUFFER_BYTES)?;
    socket.set_send_buffer_size(SOCKET_BUFFER_BYTES)?;
    let socket = UdpSocket::from(socket);
    let state = UdpSocketState::new((&socket).into())?;
    Ok(UdpPort { socket, state, port, is_ipv4 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_shards_share_one_port() {
        let sockets = bind(0, 3, true, false).expect("binds");
        let port = sockets[0][0].port;
        assert_ne!(port, 0);
        assert!(sockets.iter().flatten().all(|socket| socket.port == port));
    }

    #[test]
    fn a_port_that_another_uses_is_refused() {
        let sockets = bind(0, 2, true, false).expect("binds");
        assert_eq!(
            bind(sockets[0][0].port, 2, true, false).map(|_| ()).map_err(|error| error.kind()),
            Err(io::ErrorKind::AddrInUse)
        );
    }
}
