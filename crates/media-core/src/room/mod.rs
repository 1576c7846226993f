//! A room: its people, and who hears and sees whom. It knows nothing of other rooms.
//!
//! Nothing here touches two participants' connections at once. What one causes for another becomes [`Work`], and
//! [`Room::settle`] does one piece at a time until none is left.

mod admission;
mod channels;
mod commands;
mod forwarding;
mod layers;
mod membership;
mod negotiation;
mod offers;
mod publishing;
mod signals;
mod subscribing;
mod tick;

use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

use livekit_proto::proto::{self, signal_response::Message};
use str0m::Event as RtcEvent;

use crate::{
    Event, LeaveCause, Protocol, RoomConfig,
    allowance::Allowance,
    ids::{ParticipantId, PeerId, RoomId, Target, TimerId},
    limits::ADDRESSES_PER_PEER_MAX,
    participant::Participant,
    peer::{Drained, Fault, Peer},
    shared::Shared,
    signalling, stun,
};

/// A room.
#[derive(Debug)]
pub(crate) struct Room {
    id: RoomId,
    sid: String,
    created_at_ms: i64,
    config: RoomConfig,
    participants: BTreeMap<ParticipantId, Participant>,
    identities: BTreeMap<String, ParticipantId>,
    /// How often each person came in of late.
    arrivals: BTreeMap<String, Allowance>,
    work: VecDeque<Work>,
    schedule: tick::Schedule,
}

/// Something to be done by itself.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all of it is packets, which are not to be allocated once more")]
pub(crate) enum Work {
    /// A peer connection has something to say.
    Rtc {
        /// Whose.
        participant: ParticipantId,
        /// Which of theirs.
        target: Target,
        /// What.
        event: RtcEvent,
    },
    /// A peer connection failed.
    Fault {
        /// Whose.
        participant: ParticipantId,
        /// How.
        fault: Fault,
    },
    /// What somebody receives may have changed.
    Reconcile {
        /// Who.
        participant: ParticipantId,
    },
    /// What somebody receives needs other lines.
    Negotiate {
        /// Who.
        participant: ParticipantId,
    },
}

impl Room {
    /// Opens a room.
    pub fn new(id: RoomId, config: RoomConfig, shared: &mut Shared, now: Instant) -> Self {
        let schedule = tick::Schedule::new(now);
        let sid = shared.random.sid("RM_");
        Self {
            id,
            sid,
            created_at_ms: shared.wall_clock.at_ms(now),
            config,
            participants: BTreeMap::new(),
            identities: BTreeMap::new(),
            arrivals: BTreeMap::new(),
            work: VecDeque::new(),
            schedule,
        }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// Those inside.
    #[cfg(test)]
    pub fn everybody_mut(&mut self) -> impl Iterator<Item = &mut Participant> {
        self.participants.values_mut()
    }

    /// Takes a datagram for one of its peers.
    pub fn datagram(
        &mut self,
        peer: PeerId,
        protocol: Protocol,
        addresses: (std::net::SocketAddr, std::net::SocketAddr),
        payload: &[u8],
        shared: &mut Shared,
        now: Instant,
    ) {
        let (participant, target) = (peer.participant, peer.target);
        let sender = self.participants.get_mut(&participant);
        if !sender.is_some_and(|sender| sender.datagram_allowance.take(1, now)) {
            shared.counts.datagrams_excess += 1;
            return;
        }
        let accepted = self.with_peer(participant, target, shared, |peer, drained| {
            peer.receive(protocol, addresses, payload, now, drained)
        });
        if accepted == Some(false) {
            shared.counts.datagrams_foreign += 1;
        } else if accepted.is_some() && stun::is_binding_request(payload) {
            self.remember_address(peer, protocol, addresses.0, shared, now);
        }
        self.settle(shared, now);
    }

    fn remember_address(
        &mut self,
        peer: PeerId,
        protocol: Protocol,
        source: std::net::SocketAddr,
        shared: &mut Shared,
        now: Instant,
    ) {
        if !shared.routes.add_address(protocol, source, peer, now) {
            return;
        }
        let Some(participant) = self.participants.get_mut(&peer.participant) else { return };
        participant.addresses.push_back((protocol, source, peer.target));
        if participant.addresses.len() > ADDRESSES_PER_PEER_MAX
            && let Some((protocol, source, target)) = participant.addresses.pop_front()
        {
            shared.routes.remove_address(protocol, source, PeerId { target, ..peer });
        }
    }

    /// Lets time pass for one of its peers.
    pub fn advance(&mut self, participant: ParticipantId, target: Target, shared: &mut Shared, now: Instant) {
        self.with_peer(participant, target, shared, |peer, drained| peer.advance(now, drained));
        self.settle(shared, now);
    }

    /// Sends what was written to one of its peers, which is off the list with that.
    pub fn send_written(&mut self, peer: PeerId, shared: &mut Shared, now: Instant) {
        let participant = self.participants.get_mut(&peer.participant);
        let Some(unlisted) = participant.and_then(|participant| participant.peer(peer.target)) else { return };
        unlisted.unlist();
        self.flush(peer.participant, peer.target, shared, now);
        self.settle(shared, now);
    }

    /// Lets one peer connection do something. `None` if there is none or it failed, which then is work.
    fn with_peer<T>(
        &mut self,
        participant: ParticipantId,
        target: Target,
        shared: &mut Shared,
        act: impl FnOnce(&mut Peer, &mut Drained<'_>) -> Result<T, Fault>,
    ) -> Option<T> {
        let peer = self.participants.get_mut(&participant)?.peer(target)?;
        let mut drained = Drained { outputs: &mut shared.outputs, work: &mut self.work, participant, target };
        let result = act(peer, &mut drained);
        let deadline = peer.deadline();
        let owner = TimerId::Peer(PeerId { room: self.id, participant, target });
        match result {
            Ok(value) => {
                shared.timers.set(owner, deadline);
                Some(value)
            }
            Err(fault) => {
                self.work.push_back(Work::Fault { participant, fault });
                None
            }
        }
    }

    /// Does all the work there is, one piece at a time.
    fn settle(&mut self, shared: &mut Shared, now: Instant) {
        while let Some(work) = self.work.pop_front() {
            match work {
                Work::Rtc { participant, target, event } => self.rtc_event(participant, target, event, shared, now),
                Work::Fault { participant, fault } => self.fail(participant, fault, shared, now),
                Work::Reconcile { participant } => self.reconcile(participant, shared),
                Work::Negotiate { participant } => self.negotiate(participant, shared, now),
            }
        }
    }

    fn rtc_event(&mut self, id: ParticipantId, target: Target, event: RtcEvent, shared: &mut Shared, now: Instant) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "the enum is open; the rest is of no use to us")]
        match event {
            RtcEvent::RtpPacket(packet) => self.forward(id, &packet, shared, now),
            RtcEvent::Connected => self.connected(id, target, shared, now),
            RtcEvent::IceConnectionStateChange(state) => self.ice_changed(id, target, state, now),
            RtcEvent::KeyframeRequest(request) => self.keyframe_requested(id, request.mid, shared, now),
            RtcEvent::EgressBitrateEstimate(kind) => self.bandwidth_changed(id, target, &kind, shared, now),
            RtcEvent::PeerStats(stats) => self.downlink_reported(id, target, &stats),
            RtcEvent::ChannelOpen(channel, label) => self.channel_opened(id, target, channel, &label, shared, now),
            RtcEvent::ChannelClose(channel) => {
                if let Some(peer) = self.participants.get_mut(&id).and_then(|participant| participant.peer(target)) {
                    peer.channel_closed(channel);
                }
            }
            RtcEvent::ChannelBufferedAmountLow(_) => self.send_backlog(id, shared, now),
            RtcEvent::ChannelData(data) => self.data_received(id, (target, data.id), &data.data, shared, now),
            RtcEvent::Closed => self.closed_by_peer(id, target, now),
            _ => {}
        }
    }

    fn connected(&mut self, id: ParticipantId, target: Target, shared: &mut Shared, now: Instant) {
        let Some(participant) = self.participants.get_mut(&id) else { return };
        if target != participant.carrier_target() {
            return;
        }
        participant.presence.unconnected_since = None;
        let first = !std::mem::replace(&mut participant.active, true);
        let identity = participant.identity.clone();
        if first {
            shared.tell(Event::Joined { room: self.config.name.clone(), identity });
            self.announce(id, shared);
        }
        self.choose_layers(id, shared, now);
        self.ask_for_keyframes(shared, now);
        self.send_backlog(id, shared, now);
    }

    fn ice_changed(&mut self, id: ParticipantId, target: Target, state: str0m::IceConnectionState, now: Instant) {
        let Some(participant) = self.participants.get_mut(&id) else { return };
        // Of two connections, the one to publish on may stand still for as long as its client likes.
        if target != participant.carrier_target() {
            return;
        }
        let since = &mut participant.presence.unconnected_since;
        if state.is_disconnected() {
            since.get_or_insert(now);
        } else if participant.active {
            *since = None;
        }
    }

    fn downlink_reported(&mut self, id: ParticipantId, target: Target, stats: &str0m::stats::PeerStats) {
        let Some(participant) = self.participants.get_mut(&id) else { return };
        if target == participant.carrier_target() {
            participant.downlink.add(stats.bytes_tx, stats.egress_loss_fraction);
        }
    }

    fn closed_by_peer(&mut self, id: ParticipantId, target: Target, now: Instant) {
        // The client made a new connection or is about to; if neither, the deadline ends it.
        let Some(participant) = self.participants.get_mut(&id) else { return };
        if target == participant.carrier_target() {
            participant.presence.unconnected_since.get_or_insert(now);
        }
    }

    fn fail(&mut self, id: ParticipantId, fault: Fault, shared: &mut Shared, now: Instant) {
        tracing::debug!(%fault, "A participant's connection failed and is ended");
        // A connection can have failed twice by the time that it is looked at.
        if !self.participants.contains_key(&id) {
            return;
        }
        let (count, goodbye) = match fault {
            Fault::Failed | Fault::Panicked => (&mut shared.counts.peer_failures, signalling::leave_for_rejoin()),
            // The same would happen again.
            Fault::Protocol => {
                (&mut shared.counts.participant_faults, signalling::leave(proto::DisconnectReason::StateMismatch))
            }
        };
        *count += 1;
        self.remove(id, LeaveCause::Fault, Some(goodbye), shared, now);
    }

    /// Tells everybody but one what the message says.
    fn tell_others(&mut self, but: ParticipantId, message: &Message, shared: &mut Shared) {
        for participant in self.participants.values().filter(|participant| participant.id != but) {
            shared.signal(participant.presence.connection, message.clone());
        }
    }

    /// Tells those who may see a participant what they are like now, themselves included. Many changes at once become one.
    fn announce(&mut self, id: ParticipantId, shared: &mut Shared) {
        let Some(participant) = self.participants.get_mut(&id) else { return };
        let left = participant.announcements.left.checked_sub(1);
        participant.announcements.due = left.is_none();
        let Some(left) = left else { return };
        participant.announcements.left = left;
        participant.announcements.version += 1;
        let hidden = participant.permissions.hidden;
        let message = signalling::update(vec![participant.info()]);
        shared.signal(participant.presence.connection, message.clone());
        if !hidden {
            self.tell_others(id, &message, shared);
        }
    }
}
