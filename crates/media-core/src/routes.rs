//! Which peer connection a datagram belongs to.

use std::{collections::HashMap, net::SocketAddr, time::Instant};

use crate::{
    Protocol,
    ids::{PeerId, RoomId},
    limits::ADDRESS_HELD,
    stun,
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

/// The receiver's name in an ICE check: the user name is `<receiver>:<sender>` (RFC 8445, 7.2.2).
fn local_ufrag(payload: &[u8]) -> Option<&str> {
    let name = stun::username(payload).filter(|_| stun::is_binding_request(payload))?;
    std::str::from_utf8(name).ok()?.split_once(':').map(|(local, _)| local)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        ids::{ParticipantId, RoomId, Target},
        stun::tests::binding_request,
    };

    fn request(name: &str) -> Vec<u8> {
        binding_request(name.as_bytes())
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
