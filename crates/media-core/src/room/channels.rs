//! Data packets through the room.

use std::time::Instant;

use livekit_proto::proto::{self, data_packet::Value};
use prost::Message as _;
use str0m::channel::ChannelId;

use super::Room;
use crate::{
    data::{Delivery, Sender},
    ids::{ParticipantId, Target},
    limits::{CHANNELS_PER_PEER_MAX, DATA_PACKET_BYTES_MAX, DATA_PACKET_COST_BYTES},
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
        from: Sender,
        delivery: Delivery,
        packet: &proto::DataPacket,
        shared: &mut Shared,
        now: Instant,
    ) {
        let destinations = &packet.destination_identities;
        // Old clients name stays instead of people. What is for some must not become for all.
        let stays = if let Some(Value::User(user)) = &packet.value { &user.destination_sids[..] } else { &[] };
        let receivers: Vec<_> = self
            .participants
            .values()
            .filter(|receiver| Some(receiver.id) != from)
            .filter(|receiver| {
                (destinations.is_empty() && stays.is_empty())
                    || destinations.contains(&receiver.identity)
                    || stays.contains(&receiver.sid)
            })
            .map(|receiver| receiver.id)
            .collect();
        let message = packet.encode_to_vec();
        for receiver in receivers {
            self.send_data((from, receiver), delivery, &message, shared, now);
        }
    }

    fn send_data(
        &mut self,
        (from, to): (Sender, ParticipantId),
        delivery: Delivery,
        message: &[u8],
        shared: &mut Shared,
        now: Instant,
    ) {
        let Some(receiver) = self.participants.get(&to) else { return };
        let target = receiver.carrier_target();
        let must_wait = delivery == Delivery::Reliable && !receiver.data_backlog.is_empty();
        let sent = !must_wait
            && self.with_peer(to, target, shared, |peer, drained| peer.send_data(delivery, message, now, drained))
                == Some(true);
        if sent {
            return;
        }
        shared.counts.data_dropped += match (delivery, self.participants.get_mut(&to)) {
            (Delivery::Reliable, Some(receiver)) => receiver.data_backlog.push(from, message.to_vec()),
            _ => 1,
        };
    }

    /// Sends what waits for room in somebody's channel.
    pub(super) fn send_backlog(&mut self, id: ParticipantId, shared: &mut Shared, now: Instant) {
        loop {
            let Some(receiver) = self.participants.get_mut(&id) else { return };
            let target = receiver.carrier_target();
            let Some((sender, message)) = receiver.data_backlog.pop() else { return };
            let sent = self.with_peer(id, target, shared, |peer, drained| {
                peer.send_data(Delivery::Reliable, &message, now, drained)
            });
            if sent != Some(true) {
                if let Some(receiver) = self.participants.get_mut(&id) {
                    receiver.data_backlog.put_back(sender, message);
                }
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
