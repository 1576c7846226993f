//! One peer connection of a client.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use str0m::{
    Candidate, Event, Input, Output, Rtc,
    media::Rid,
    net::{Protocol, Receive},
    rtp::RtpWrite,
};

use crate::network::Datagram;

pub struct Connection {
    pub rtc: Rtc,
    pub address: SocketAddr,
    pub timeout: Instant,
    pub connected: bool,
    /// It gave up, as a browser does after a while.
    pub failed: bool,
    pub events: Vec<Event>,
    pub sent: Vec<Datagram>,
}

impl Connection {
    pub fn new(address: SocketAddr, now: Instant) -> Self {
        let mut rtc =
            Rtc::builder().set_rtp_mode(true).clear_codecs().enable_opus(true, false).enable_vp8(true).build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp").expect("a candidate"));
        // str0m wants to know the time before it makes plans.
        rtc.handle_input(Input::Timeout(now)).expect("a new connection");
        Self { rtc, address, timeout: now, connected: false, failed: false, events: Vec::new(), sent: Vec::new() }
    }

    pub fn drain(&mut self, now: Instant) {
        while !self.failed {
            let Ok(output) = self.rtc.poll_output() else { break };
            match output {
                Output::Timeout(at) if at <= now => {
                    if self.rtc.handle_input(Input::Timeout(now)).is_err() {
                        break;
                    }
                }
                Output::Timeout(at) => {
                    self.timeout = at;
                    return;
                }
                Output::Transmit(transmit) => self.sent.push(Datagram {
                    source: transmit.source,
                    destination: transmit.destination,
                    payload: transmit.contents.into(),
                }),
                Output::Event(event) => {
                    self.connected |= matches!(event, Event::Connected);
                    self.events.push(event);
                }
            }
        }
        self.failed = true;
        self.timeout = now + Duration::from_hours(1_000);
    }

    pub fn advance(&mut self, now: Instant) {
        self.failed |= self.rtc.handle_input(Input::Timeout(now)).is_err();
        self.drain(now);
    }

    pub fn receive(&mut self, datagram: &Datagram, now: Instant) {
        let Ok(receive) = Receive::new(Protocol::Udp, datagram.source, datagram.destination, &datagram.payload) else {
            return;
        };
        let input = Input::Receive(now, receive);
        if self.rtc.accepts(&input) {
            self.failed |= self.rtc.handle_input(input).is_err();
            self.drain(now);
        }
    }

    pub fn write(&mut self, mid: str0m::media::Mid, packets: Vec<(Option<Rid>, RtpWrite)>, now: Instant) {
        for (rid, packet) in packets {
            if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, rid) {
                stream.write_rtp(packet);
            }
            self.drain(now);
        }
    }
}
