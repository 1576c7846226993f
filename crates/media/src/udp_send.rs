//! Sending datagrams with as few system calls as can be.
//!
//! A system call costs more than all else that is done for a forwarded packet. A video frame arrives as several packets, mostly
//! of one size, which are read in one batch; so what is to go to one destination after such a batch is mostly of one size too,
//! and the kernel can be given it as one large datagram to be cut into segments (UDP GSO). The order of the datagrams to one
//! destination is kept. Datagrams to different destinations may overtake each other, as on any network.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
};

use media_core::Transmit;

use crate::udp_socket::UdpPort;

/// The most bytes in one send: what an IP packet can hold, less its headers.
const SEND_BYTES_MAX: usize = 65_000;

/// Datagrams that a browser's pacer lets out at once at a usual bitrate. More would only take memory for the time of a flush.
const SEGMENTS_USUAL: usize = 8;

/// Datagrams on their way out.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    groups: Vec<Group>,
    /// The group of each destination that is still growing.
    open: HashMap<SocketAddr, usize>,
}

/// Datagrams to one destination, all of one size but for the last, which may be smaller.
#[derive(Debug)]
struct Group {
    source: IpAddr,
    destination: SocketAddr,
    segment_bytes: usize,
    segments: usize,
    contents: Vec<u8>,
}

/// What became of a flush.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) sends: u64,
    pub(crate) datagrams: u64,
    pub(crate) bytes: u64,
    pub(crate) unsent: u64,
}

impl Sent {
    fn took(&mut self, datagrams: usize, bytes: usize) {
        self.datagrams += datagrams as u64;
        self.bytes += bytes as u64;
    }
}

impl Outbox {
    /// Takes a datagram to be sent with the next flush.
    pub(crate) fn push(&mut self, transmit: Transmit, segments_max: usize) {
        let Transmit { source, destination, payload, .. } = transmit;
        if let Some(&place) = self.open.get(&destination) {
            let group = &mut self.groups[place];
            let fits = group.segments < segments_max
                && group.source == source.ip()
                && payload.len() <= group.segment_bytes
                && group.contents.len() + payload.len() <= SEND_BYTES_MAX;
            if fits {
                if group.segments == 1 {
                    // Where there are two there are mostly some more; growing by doubling would copy them again and again.
                    group.contents.reserve(group.segment_bytes * SEGMENTS_USUAL);
                }
                // Only the last segment may be shorter.
                let is_last = payload.len() < group.segment_bytes;
                group.contents.extend_from_slice(&payload);
                group.segments += 1;
                if is_last {
                    self.open.remove(&destination);
                }
                return;
            }
        }
        self.open.insert(destination, self.groups.len());
        let segment_bytes = payload.len();
        self.groups.push(Group { source: source.ip(), destination, segment_bytes, segments: 1, contents: payload });
    }

    /// Sends everything. `source_for` gives the local address to send from. What the system does not take is dropped: whoever
    /// misses it asks again, and a shard that waited would let everybody wait.
    pub(crate) fn flush(&mut self, ports: &[UdpPort], source_for: impl Fn(IpAddr) -> Option<IpAddr>) -> Sent {
        let mut sent = Sent::default();
        self.open.clear();
        for group in self.groups.drain(..) {
            let Some(port) = ports.iter().find(|port| port.is_ipv4 == group.destination.is_ipv4()) else {
                sent.unsent += group.segments as u64;
                continue;
            };
            group.send(port, source_for(group.source), &mut sent);
        }
        sent
    }
}

impl Group {
    fn send(&self, port: &UdpPort, src_ip: Option<IpAddr>, sent: &mut Sent) {
        sent.sends += 1;
        match self.send_bytes(port, src_ip, &self.contents, (self.segments > 1).then_some(self.segment_bytes)) {
            Ok(()) => sent.took(self.segments, self.contents.len()),
            // Some network drivers do not cut; `UdpSocketState` notices and says so from then on. These go one by one.
            Err(error) if self.segments > 1 && error.kind() != io::ErrorKind::WouldBlock => {
                for datagram in self.contents.chunks(self.segment_bytes) {
                    sent.sends += 1;
                    match self.send_bytes(port, src_ip, datagram, None) {
                        Ok(()) => sent.took(1, datagram.len()),
                        Err(_) => sent.unsent += 1,
                    }
                }
            }
            Err(_) => sent.unsent += self.segments as u64,
        }
    }

    fn send_bytes(
        &self,
        port: &UdpPort,
        src_ip: Option<IpAddr>,
        contents: &[u8],
        segment_size: Option<usize>,
    ) -> io::Result<()> {
        let transmit = quinn_udp::Transmit { destination: self.destination, ecn: None, contents, segment_size, src_ip };
        port.state.try_send(port.socket(), &transmit)
    }
}

#[cfg(test)]
mod tests {
    use media_core::Protocol;

    use super::*;

    fn transmit(port: u16, bytes: usize) -> Transmit {
        Transmit {
            protocol: Protocol::Udp,
            source: "127.0.0.1:7882".parse().expect("an address"),
            destination: SocketAddr::from(([127, 0, 0, 1], port)),
            payload: vec![1; bytes],
        }
    }

    fn shapes(outbox: &Outbox) -> Vec<(u16, usize, usize)> {
        outbox.groups.iter().map(|group| (group.destination.port(), group.segment_bytes, group.segments)).collect()
    }

    #[test]
    fn equal_datagrams_to_one_destination_become_one_send() {
        let mut outbox = Outbox::default();
        for _ in 0..3 {
            outbox.push(transmit(1, 1000), 64);
            outbox.push(transmit(2, 500), 64);
        }
        assert_eq!(shapes(&outbox), [(1, 1000, 3), (2, 500, 3)]);
    }

    #[test]
    fn a_shorter_datagram_ends_a_send_and_a_longer_one_begins_another() {
        let mut outbox = Outbox::default();
        for bytes in [1000, 1000, 900, 1000, 1100] {
            outbox.push(transmit(1, bytes), 64);
        }
        assert_eq!(shapes(&outbox), [(1, 1000, 3), (1, 1000, 1), (1, 1100, 1)]);
    }

    #[test]
    fn a_send_is_no_larger_than_the_kernel_takes() {
        let mut outbox = Outbox::default();
        for _ in 0..70 {
            outbox.push(transmit(1, 1000), 64);
        }
        assert_eq!(shapes(&outbox), [(1, 1000, 64), (1, 1000, 6)]);
        let mut outbox = Outbox::default();
        for _ in 0..3 {
            outbox.push(transmit(1, 30_000), 64);
        }
        assert_eq!(shapes(&outbox), [(1, 30_000, 2), (1, 30_000, 1)]);
    }

    #[test]
    fn every_datagram_arrives_whole_and_in_order() {
        let peer = std::net::UdpSocket::bind("127.0.0.1:0").expect("binds");
        let ports = crate::udp_socket::bind(0, 1, true, false).expect("binds");
        let mut outbox = Outbox::default();
        let payloads: Vec<Vec<u8>> =
            [1000, 1000, 1000, 700, 1200, 1000].iter().zip(0_u8..).map(|(bytes, fill)| vec![fill; *bytes]).collect();
        for payload in &payloads {
            let destination = peer.local_addr().expect("bound");
            outbox.push(Transmit { payload: payload.clone(), destination, ..transmit(1, 0) }, 64);
        }
        let sent = outbox.flush(&ports[0], |_| None);
        assert_eq!((sent.datagrams, sent.unsent), (6, 0));
        let mut buffer = [0; 2000];
        for payload in &payloads {
            let length = peer.recv(&mut buffer).expect("there");
            assert_eq!(&buffer[..length], payload);
        }
    }
}
