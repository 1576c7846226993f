//! Data packets through the room.

use std::time::Instant;

use livekit_proto::proto::{self, data_packet::Value};
use prost::Message as _;
use str0m::channel::ChannelId;

use super::Room;
use crate::{
    data::Delivery,
    ids::{ParticipantId, Target},
    limits::{CHANNELS_PER_PEER_MAX, DATA_BACKLOG_BYTES_MAX, DATA_PACKET_BYTES_MAX, DATA_PACKET_COST_BYTES},
    shared::Shared,
};

impl Room {
    pub(super) fn channel_opened(
        &mut self,
        id: ParticipantId,
        target: Target,
        channel: ChannelId,
        label: &str,
        shared: &mut Shared,
        now: Instant,
    ) {
        let usable =
            self.with_peer(id, target, shared, |peer, _| peer.channel_opened(channel, label, CHANNELS_PER_PEER_MAX));
        if usable == Some(true) {
            self.send_backlog(id, shared, now);
        }
    }

    /// Passes a client's data packet on to those it is for.
    pub(super) fn data_received(
        &mut self,
        id: ParticipantId,
        (target, channel): (Target, ChannelId),
        message: &[u8],
        shared: &mut Shared,
        now: Instant,
    ) {
        let Some(sender) = self.participants.get_mut(&id) else { return };
        let Some(delivery) = sender.peer(target).and_then(|peer| peer.delivery_of(channel)) else { return };
        if !sender.permissions.can_publish_data
            || message.len() > DATA_PACKET_BYTES_MAX
            || !sender.data_allowance.take(message.len() + DATA_PACKET_COST_BYTES, now)
        {
            shared.counts.data_refused += 1;
            return;
        }
        // Who speaks is the server's to say.
        let packet = proto::DataPacket::decode(message).ok();
        let Some(mut packet) = packet.filter(|packet| !matches!(packet.value, None | Some(Value::Speaker(_)))) else {
            shared.counts.data_refused += 1;
            return;
        };
        // Who is hidden sends as nobody.
        let (identity, sid) = if sender.permissions.hidden { ("", "") } else { (&*sender.identity, &*sender.sid) };
        stamp(&mut packet, identity, sid);
        self.deliver(Some(id), delivery, &packet, shared, now);
    }

    /// Sends a data packet to those it names, or to all, but not back to where it came from.
    pub(super) fn deliver(
        &mut self,
        from: Option<ParticipantId>,
        delivery: Delivery,
        packet: &proto::DataPacket,
        shared: &mut Shared,
        now: Instant,
    ) {
        let destinations = &packet.destination_identities;
        let receivers: Vec<_> = self
            .participants
            .values()
            .filter(|receiver| Some(receiver.id) != from)
            .filter(|receiver| destinations.is_empty() || destinations.contains(&receiver.identity))
            .map(|receiver| receiver.id)
            .collect();
        let message = packet.encode_to_vec();
        for receiver in receivers {
            self.send_data(receiver, delivery, &message, shared, now);
        }
    }

    fn send_data(&mut self, id: ParticipantId, delivery: Delivery, message: &[u8], shared: &mut Shared, now: Instant) {
        let Some(receiver) = self.participants.get(&id) else { return };
        let target = receiver.carrier_target();
        let must_wait = delivery == Delivery::Reliable && !receiver.data_backlog.is_empty();
        let sent = !must_wait
            && self.with_peer(id, target, shared, |peer, drained| peer.send_data(delivery, message, now, drained))
                == Some(true);
        if sent || delivery == Delivery::Lossy {
            return;
        }
        let Some(receiver) = self.participants.get_mut(&id) else { return };
        if receiver.data_backlog_bytes + message.len() <= DATA_BACKLOG_BYTES_MAX {
            receiver.data_backlog_bytes += message.len();
            receiver.data_backlog.push_back(message.to_vec());
        }
    }

    /// Sends what waits for room in somebody's channel.
    pub(super) fn send_backlog(&mut self, id: ParticipantId, shared: &mut Shared, now: Instant) {
        loop {
            let Some(receiver) = self.participants.get_mut(&id) else { return };
            let target = receiver.carrier_target();
            let Some(message) = receiver.data_backlog.pop_front() else { return };
            let sent = self.with_peer(id, target, shared, |peer, drained| {
                peer.send_data(Delivery::Reliable, &message, now, drained)
            });
            let Some(receiver) = self.participants.get_mut(&id) else { return };
            if sent == Some(true) {
                receiver.data_backlog_bytes = receiver.data_backlog_bytes.saturating_sub(message.len());
            } else {
                receiver.data_backlog.push_front(message);
                return;
            }
        }
    }
}

/// Says who a packet is from, whatever the client claimed, in the old place and the new one.
fn stamp(packet: &mut proto::DataPacket, identity: &str, sid: &str) {
    identity.clone_into(&mut packet.participant_identity);
    sid.clone_into(&mut packet.participant_sid);
    if let Some(Value::User(user)) = &mut packet.value {
        identity.clone_into(&mut user.participant_identity);
        sid.clone_into(&mut user.participant_sid);
        if packet.destination_identities.is_empty() {
            packet.destination_identities.clone_from(&user.destination_identities);
        }
    }
}
