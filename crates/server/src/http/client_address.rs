//! The address of the client, through proxies that are trusted (`mia-platform.md` §2.1). Used to limit rates, never logged.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, HeaderName, request::Parts},
};

/// The most entries of `x-forwarded-for` that are looked at, from the nearest proxy outwards.
const HOPS_MAX: usize = 16;

/// The networks whose word about a client's address is believed (`TRUSTED_PROXIES`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u8,
}

impl TrustedProxies {
    /// Reads a comma list of addresses and CIDR networks.
    pub fn parse(text: &str) -> Result<Self, String> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(Network::parse).collect::<Result<_, _>>().map(Self)
    }

    /// Whether one of the networks has the address.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// The nearest address on the way to us that no trusted proxy has. `None` if the connection has no address (in tests).
    pub fn client(&self, parts: &Parts) -> Option<IpAddr> {
        let ConnectInfo(peer) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
        let mut client = peer.ip().to_canonical();
        for hop in forwarded_for(&parts.headers).into_iter().rev().take(HOPS_MAX) {
            if !self.contains(client) {
                break;
            }
            match hop {
                Some(address) => client = address,
                None => break,
            }
        }
        Some(client)
    }
}

/// What one client has: an IPv4 address, or the 64 bits of an IPv6 network, in which it can choose its address (RFC 4291 §2.5.1).
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

fn forwarded_for(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let values = headers.get_all(HeaderName::from_static("x-forwarded-for")).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|hop| hop.trim().parse().ok().map(|address: IpAddr| address.to_canonical()))
        .collect()
}

impl Network {
    fn parse(text: &str) -> Result<Self, String> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let no_network = || format!("{text:?} is no address and no network such as 10.0.0.0/8");
        let address: IpAddr = address.parse().map_err(|_| no_network())?;
        let bits_max = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= bits_max).ok_or_else(no_network)?,
            None => bits_max,
        };
        Ok(Self { address, bits })
    }

    fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differing = u32::from(network) ^ u32::from(address);
                differing.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differing = u128::from(network) ^ u128::from(address);
                differing.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn client(proxies: &str, peer: &str, forwarded_for: &str) -> String {
        let request = Request::get("/").header("x-forwarded-for", forwarded_for);
        let peer = SocketAddr::new(peer.parse().unwrap(), 1234);
        let (parts, ()) = request.extension(ConnectInfo(peer)).body(()).unwrap().into_parts();
        TrustedProxies::parse(proxies).unwrap().client(&parts).unwrap().to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", "198.51.100.7"), "198.51.100.7");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", "203.0.113.1, 198.51.100.7"), "198.51.100.7");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", "198.51.100.7, 10.9.9.9"), "198.51.100.7");
        assert_eq!(client("10.0.0.0/8", "192.0.2.1", "198.51.100.7"), "192.0.2.1");
        assert_eq!(client("", "10.1.2.3", "198.51.100.7"), "10.1.2.3");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", "not an address"), "10.1.2.3");
        assert_eq!(client("::ffff:0:0/96,2001:db8::/32", "2001:db8::1", "198.51.100.7"), "198.51.100.7");
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["ten", "10.0.0.0/33", "10.0.0.0/x", "::/129"] {
            assert!(TrustedProxies::parse(text).is_err(), "{text}");
        }
    }
}
