//! The addresses that clients are told, and those that this machine has.

use std::net::{IpAddr, SocketAddr};

use nix::ifaddrs;

/// The most addresses that clients are told. Each is one more pair for every client to check.
const ADVERTISED_MAX: usize = 8;

/// Where clients send to, and what that is on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    advertised: Vec<IpAddr>,
    local: Vec<IpAddr>,
}

impl Addresses {
    /// Uses the configured addresses, else this machine's own.
    pub(crate) fn new(configured: &[IpAddr]) -> Self {
        let local = local_ips();
        let mut advertised = if configured.is_empty() { local.clone() } else { configured.to_vec() };
        advertised.truncate(ADVERTISED_MAX);
        Self { advertised, local }
    }

    /// The advertised addresses, best first.
    pub(crate) fn advertised(&self) -> &[IpAddr] {
        &self.advertised
    }

    /// The advertised addresses with a port.
    pub(crate) fn candidates(&self, port: Option<u16>) -> Vec<SocketAddr> {
        port.map(|port| self.advertised.iter().map(|ip| SocketAddr::new(*ip, port)).collect()).unwrap_or_default()
    }

    /// The advertised address by which something that arrived at `local` was sent. Behind an address translator that is not
    /// the address it arrived at; then it is the best advertised one of the same family.
    pub(crate) fn advertised_for(&self, local: IpAddr) -> IpAddr {
        if self.advertised.contains(&local) {
            return local;
        }
        self.advertised.iter().copied().find(|ip| ip.is_ipv4() == local.is_ipv4()).unwrap_or(local)
    }

    /// The address to send from so that it seems to come from `advertised`; `None`: the translator will see to it.
    pub(crate) fn source_for(&self, advertised: IpAddr) -> Option<IpAddr> {
        self.local.contains(&advertised).then_some(advertised)
    }
}

/// This machine's addresses that a client could reach, IPv4 before IPv6, loopback last: that serves two browsers on the machine
/// itself.
fn local_ips() -> Vec<IpAddr> {
    let interfaces = ifaddrs::getifaddrs().into_iter().flatten();
    let mut ips: Vec<IpAddr> = interfaces
        .filter_map(|interface| interface.address)
        .filter_map(|address| {
            let v4 = address.as_sockaddr_in().map(|address| IpAddr::V4(address.ip()));
            v4.or_else(|| address.as_sockaddr_in6().map(|address| IpAddr::V6(address.ip())))
        })
        .filter(|ip| match ip {
            IpAddr::V4(ip) => !ip.is_link_local() && !ip.is_unspecified(),
            // A link-local address means nothing without the interface, which a candidate cannot name.
            IpAddr::V6(ip) => !ip.is_unicast_link_local() && !ip.is_unspecified(),
        })
        .collect();
    ips.sort_by_key(|ip| (ip.is_loopback(), ip.is_ipv6()));
    ips.dedup();
    ips
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn behind_a_translator() -> Addresses {
        Addresses {
            advertised: vec![ip("203.0.113.7"), ip("2001:db8::7")],
            local: vec![ip("10.0.0.2"), ip("2001:db8::7")],
        }
    }

    #[test]
    fn what_arrives_at_an_advertised_address_stays_there() {
        assert_eq!(behind_a_translator().advertised_for(ip("2001:db8::7")), ip("2001:db8::7"));
        assert_eq!(behind_a_translator().source_for(ip("2001:db8::7")), Some(ip("2001:db8::7")));
    }

    #[test]
    fn what_arrives_through_a_translator_was_sent_to_the_advertised_address() {
        assert_eq!(behind_a_translator().advertised_for(ip("10.0.0.2")), ip("203.0.113.7"));
        assert_eq!(behind_a_translator().source_for(ip("203.0.113.7")), None);
    }

    #[test]
    fn this_machine_has_an_address() {
        let addresses = Addresses::new(&[]);
        assert!(!addresses.candidates(Some(7882)).is_empty());
        assert!(addresses.candidates(None).is_empty());
    }
}
