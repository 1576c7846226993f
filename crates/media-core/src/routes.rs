//! Which peer connection a datagram belongs to.

use std::{collections::HashMap, net::SocketAddr, time::Instant};

use crate::{
    Protocol,
    ids::{PeerId, RoomId},
    limits::ADDRESS_HELD,
};

/// Peers by ICE user name fragment and by source address. The maps are never iterated, so hashing decides no order.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    by_ufrag: HashMap<String, PeerId>,
    by_address: HashMap<(Protocol, SocketAddr), Owner>,
}

#[derive(Debug)]
struct Owner {
    peer: PeerId,
    heard_at: Instant,
}

impl Routes {
    /// Whom a datagram is for: a STUN request names its receiver, everything else is known by where it comes from.
    pub fn peer_of(&mut self, protocol: Protocol, source: SocketAddr, payload: &[u8], now: Instant) -> Option<PeerId> {
        if let Some(ufrag) = local_ufrag(payload) {
            return self.by_ufrag.get(ufrag).copied();
        }
        let owner = self.by_address.get_mut(&(protocol, source))?;
        owner.heard_at = now;
        Some(owner.peer)
    }

    /// Adds the name of a peer.
    pub fn add_ufrag(&mut self, ufrag: &str, peer: PeerId) {
        self.by_ufrag.insert(ufrag.to_owned(), peer);
    }

    /// Forgets a name.
    pub fn remove_ufrag(&mut self, ufrag: &str) {
        self.by_ufrag.remove(ufrag);
    }

    /// Remembers that a peer proved to be at an address; answers whether that is new. An address at which another one was
    /// heard just now stays that one's: who knows a password of its own may not take over what another receives.
    pub fn add_address(&mut self, protocol: Protocol, source: SocketAddr, peer: PeerId, now: Instant) -> bool {
        match self.by_address.get_mut(&(protocol, source)) {
            Some(owner) if owner.peer == peer => {
                owner.heard_at = now;
                false
            }
            Some(owner) if now.saturating_duration_since(owner.heard_at) < ADDRESS_HELD => false,
            _ => {
                self.by_address.insert((protocol, source), Owner { peer, heard_at: now });
                true
            }
        }
    }

    /// Forgets all of a room's peers.
    pub fn forget(&mut self, room: RoomId) {
        self.by_ufrag.retain(|_, peer| peer.room != room);
        self.by_address.retain(|_, owner| owner.peer.room != room);
    }

    /// Whether nobody is known.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.by_ufrag.is_empty() && self.by_address.is_empty()
    }

    /// Forgets an address, if it still is this peer's.
    pub fn remove_address(&mut self, protocol: Protocol, source: SocketAddr, peer: PeerId) {
        if self.by_address.get(&(protocol, source)).is_some_and(|owner| owner.peer == peer) {
            self.by_address.remove(&(protocol, source));
        }
    }
}

/// The magic cookie of STUN (RFC 8489, 5).
const COOKIE: [u8; 4] = 0x2112_A442_u32.to_be_bytes();
/// The type of a binding request (RFC 8489, 5).
const BINDING_REQUEST: [u8; 2] = [0, 1];
/// The USERNAME attribute (RFC 8489, 14.3).
const USERNAME: u16 = 0x0006;

/// Whether a datagram is a STUN binding request.
pub(crate) fn is_stun_request(payload: &[u8]) -> bool {
    payload.starts_with(&BINDING_REQUEST) && payload.get(4..8) == Some(&COOKIE)
}

/// The receiver's name in a STUN binding request: `USERNAME` is `<receiver>:<sender>` (RFC 8445, 7.2.2).
fn local_ufrag(payload: &[u8]) -> Option<&str> {
    if !is_stun_request(payload) {
        return None;
    }
    let mut rest = payload.get(20..)?;
    while let [a, b, c, d, value @ ..] = rest {
        let kind = u16::from_be_bytes([*a, *b]);
        let length = usize::from(u16::from_be_bytes([*c, *d]));
        if kind == USERNAME {
            let name = std::str::from_utf8(value.get(..length)?).ok()?;
            return name.split_once(':').map(|(local, _)| local);
        }
        rest = value.get(length.next_multiple_of(4)..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ids::{ParticipantId, RoomId, Target};

    fn request(name: &str) -> Vec<u8> {
        let mut datagram = vec![0, 1, 0, 0];
        datagram.extend(COOKIE);
        datagram.extend([0; 12]);
        datagram.extend([0x80, 0x22, 0, 2, b'x', b'y', 0, 0]);
        datagram.extend(USERNAME.to_be_bytes());
        datagram.extend(u16::try_from(name.len()).expect("short").to_be_bytes());
        datagram.extend(name.as_bytes());
        datagram
    }

    fn peer(number: u64) -> PeerId {
        PeerId { room: RoomId(1), participant: ParticipantId(number), target: Target::Publisher }
    }

    #[test]
    fn a_request_is_routed_by_name_and_the_rest_by_address() {
        let now = Instant::now();
        let address: SocketAddr = "192.0.2.1:5000".parse().expect("an address");
        let mut routes = Routes::default();
        routes.add_ufrag("ours", peer(1));
        assert_eq!(routes.peer_of(Protocol::Udp, address, &request("ours:theirs"), now), Some(peer(1)));
        assert_eq!(routes.peer_of(Protocol::Udp, address, &request("other:theirs"), now), None);
        assert_eq!(routes.peer_of(Protocol::Udp, address, &[0x80; 20], now), None);
        assert!(routes.add_address(Protocol::Udp, address, peer(1), now));
        assert_eq!(routes.peer_of(Protocol::Udp, address, &[0x80; 20], now), Some(peer(1)));
        assert_eq!(routes.peer_of(Protocol::Tcp, address, &[0x80; 20], now), None);
    }

    #[test]
    fn an_address_in_use_is_not_taken_over() {
        let now = Instant::now();
        let address: SocketAddr = "192.0.2.1:5000".parse().expect("an address");
        let mut routes = Routes::default();
        assert!(routes.add_address(Protocol::Udp, address, peer(1), now));
        assert!(!routes.add_address(Protocol::Udp, address, peer(2), now + Duration::from_secs(1)));
        assert!(routes.add_address(Protocol::Udp, address, peer(2), now + Duration::from_secs(30)));
        routes.remove_address(Protocol::Udp, address, peer(1));
        assert_eq!(routes.peer_of(Protocol::Udp, address, &[0x80; 20], now), Some(peer(2)));
    }

    #[test]
    fn cut_off_requests_name_nobody() {
        let whole = request("ours:theirs");
        for length in 0..whole.len() {
            assert_eq!(local_ufrag(&whole[..length]), None, "cut at {length}");
        }
    }
}
