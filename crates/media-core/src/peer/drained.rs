//! Where a peer puts what it has to say.

use std::collections::VecDeque;

use str0m::{Event as RtcEvent, net::Protocol as RtcProtocol};

use crate::{
    Output, Protocol, Transmit,
    ids::{ParticipantId, Target},
    limits::OUTPUTS_MAX,
    room::Work,
};

/// Where a drain puts what it finds.
pub(crate) struct Drained<'a> {
    /// The engine's outputs.
    pub outputs: &'a mut VecDeque<Output>,
    /// The room's work: the peer's events, to be dealt with after the drain.
    pub work: &'a mut VecDeque<Work>,
    /// Whose peer it is.
    pub participant: ParticipantId,
    /// Which of theirs.
    pub target: Target,
}

impl Drained<'_> {
    /// Takes an event.
    pub(super) fn event(&mut self, event: RtcEvent) {
        self.work.push_back(Work::Rtc { participant: self.participant, target: self.target, event });
    }

    /// Takes a datagram.
    pub(super) fn transmit(&mut self, transmit: str0m::net::Transmit) {
        if self.outputs.len() >= OUTPUTS_MAX {
            return;
        }
        let protocol = match transmit.proto {
            RtcProtocol::Udp => Protocol::Udp,
            RtcProtocol::Tcp | RtcProtocol::SslTcp | RtcProtocol::Tls => Protocol::Tcp,
        };
        self.outputs.push_back(Output::Transmit(Transmit {
            protocol,
            source: transmit.source,
            destination: transmit.destination,
            payload: transmit.contents.into(),
        }));
    }
}
