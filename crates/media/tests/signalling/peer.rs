//! Media connections over IPv6, by a real peer.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    time::{Duration, Instant},
};

use livekit_proto::proto::{self, signal_response};
use str0m::{
    Candidate, Event, Input, Output, Rtc,
    change::SdpAnswer,
    net::{Protocol, Receive, TcpType},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpStream, UdpSocket},
    time::{timeout, timeout_at},
};

use crate::house::{House, claims, request};

const LOOPBACK: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

/// Nothing takes that long when all is well.
const PATIENCE: Duration = Duration::from_secs(30);

/// How datagrams travel.
enum Wire {
    Udp(UdpSocket),
    /// Each behind its length (RFC 4571).
    Tcp(TcpStream),
}

impl Wire {
    fn address(&self) -> SocketAddr {
        match self {
            Self::Udp(socket) => socket.local_addr(),
            Self::Tcp(stream) => stream.local_addr(),
        }
        .expect("bound")
    }

    fn candidate(&self) -> Candidate {
        match self {
            Self::Udp(_) => Candidate::host(self.address(), "udp"),
            Self::Tcp(_) => Candidate::builder().tcp().host(self.address()).tcptype(TcpType::Active).build(),
        }
        .expect("an address")
    }

    fn protocol(&self) -> Protocol {
        match self {
            Self::Udp(_) => Protocol::Udp,
            Self::Tcp(_) => Protocol::Tcp,
        }
    }

    async fn send(&mut self, destination: SocketAddr, datagram: &[u8]) {
        match self {
            Self::Udp(socket) => drop(socket.send_to(datagram, destination).await.expect("sends")),
            Self::Tcp(stream) => {
                let length = u16::try_from(datagram.len()).expect("short");
                stream.write_all(&[&length.to_be_bytes(), datagram].concat()).await.expect("writes");
            }
        }
    }

    /// `None` after `deadline`. A frame of which a part was read is read to its end.
    async fn receive(&mut self, deadline: Instant) -> Option<(SocketAddr, Vec<u8>)> {
        match self {
            Self::Udp(socket) => {
                let mut buffer = vec![0; 2_000];
                let (length, source) =
                    timeout_at(deadline.into(), socket.recv_from(&mut buffer)).await.ok()?.expect("reads");
                buffer.truncate(length);
                Some((source, buffer))
            }
            Self::Tcp(stream) => {
                timeout_at(deadline.into(), stream.readable()).await.ok()?.expect("readable");
                let length = stream.read_u16().await.expect("a length");
                let mut frame = vec![0; usize::from(length)];
                stream.read_exact(&mut frame).await.expect("a frame");
                Some((stream.peer_addr().expect("connected"), frame))
            }
        }
    }
}

/// Joins `house` and gets a media connection over `wire`.
async fn connect(house: &House, mut wire: Wire) {
    let mut rtc = Rtc::builder().build(Instant::now());
    rtc.add_local_candidate(wire.candidate());
    let mut changes = rtc.sdp_api();
    changes.add_channel("_reliable".to_owned());
    let (offer, pending) = changes.apply().expect("a change");
    let offer = proto::SessionDescription {
        r#type: "offer".to_owned(),
        sdp: offer.to_sdp_string(),
        id: 1,
        ..Default::default()
    };
    let request = proto::JoinRequest { publisher_offer: Some(offer), ..request() };
    let mut guest = house.join_with(&claims("open", "ada"), &request).await;
    let answer = guest
        .hear(|message| if let signal_response::Message::Answer(answer) = message { Some(answer.sdp) } else { None })
        .await;
    let answer = SdpAnswer::from_sdp_string(&answer).expect("an answer");
    rtc.sdp_api().accept_answer(pending, answer).expect("fits");
    loop {
        match rtc.poll_output().expect("works") {
            Output::Transmit(transmit) => wire.send(transmit.destination, &transmit.contents).await,
            Output::Event(Event::Connected) => return,
            Output::Event(_) => {}
            Output::Timeout(at) => {
                let received = wire.receive(at).await;
                let input = match &received {
                    Some((source, datagram)) => {
                        let receive = Receive::new(wire.protocol(), *source, wire.address(), datagram);
                        Input::Receive(Instant::now(), receive.expect("something known"))
                    }
                    None => Input::Timeout(Instant::now()),
                };
                rtc.handle_input(input).expect("works");
            }
        }
    }
}

/// Whether this machine has IPv6 at all. Where it has not, there is nothing that could be tried.
async fn has_ipv6() -> bool {
    let socket = UdpSocket::bind((LOOPBACK, 0)).await;
    if let Err(error) = &socket {
        eprintln!("not tried, since this machine has no IPv6: {error}");
    }
    socket.is_ok()
}

#[tokio::test]
async fn media_connect_over_ipv6_by_udp() {
    if !has_ipv6().await {
        return;
    }
    let house = House::open_at(LOOPBACK, Some(0), None).await;
    let socket = UdpSocket::bind((LOOPBACK, 0)).await.expect("binds");
    timeout(PATIENCE, connect(&house, Wire::Udp(socket))).await.expect("in time");
    let counters = house.service.counters();
    assert!(counters.datagrams_received > 0 && counters.tcp_frames_received == 0);
}

#[tokio::test]
async fn media_connect_over_ipv6_by_tcp() {
    if !has_ipv6().await {
        return;
    }
    let house = House::open_at(LOOPBACK, None, Some(0)).await;
    let port = house.service.bound_ports().tcp.expect("on");
    let stream = TcpStream::connect((LOOPBACK, port)).await.expect("connects");
    timeout(PATIENCE, connect(&house, Wire::Tcp(stream))).await.expect("in time");
    let counters = house.service.counters();
    assert!(counters.tcp_frames_received > 0 && counters.datagrams_received == 0);
}
