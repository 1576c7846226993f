//! Trying the ports without starting, for those who examine a machine.

use std::net::IpAddr;

use crate::{StartError, addresses::Addresses, tcp, udp_socket};

/// Whether the UDP port can be had on every address family that [`crate::MediaService::start`] would use. It is free again at once.
pub fn try_udp_port(port: u16, advertised_ips: &[IpAddr]) -> Result<(), StartError> {
    let (ipv4, ipv6) = families(advertised_ips)?;
    let bound = udp_socket::bind(port, 1, ipv4, ipv6);
    bound.map(drop).map_err(|source| StartError::Port { transport: "UDP", port, source })
}

/// As [`try_udp_port`], for the TCP port.
pub fn try_tcp_port(port: u16, advertised_ips: &[IpAddr]) -> Result<(), StartError> {
    let (ipv4, ipv6) = families(advertised_ips)?;
    let bound = tcp::bind(port, ipv4, ipv6);
    bound.map(drop).map_err(|source| StartError::Port { transport: "TCP", port, source })
}

fn families(advertised_ips: &[IpAddr]) -> Result<(bool, bool), StartError> {
    let addresses = Addresses::new(advertised_ips);
    match addresses.advertised() {
        [] => Err(StartError::NoAddress),
        ips => Ok((ips.iter().any(IpAddr::is_ipv4), ips.iter().any(IpAddr::is_ipv6))),
    }
}
