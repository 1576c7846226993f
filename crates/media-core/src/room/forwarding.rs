//! Media on its way through the room, and keyframes on demand.

use std::time::Instant;

use str0m::{
    bwe::BweKind,
    media::{MediaKind, Mid},
    rtp::RtpPacket,
};

use super::{Room, Work, signals::line_on};
use crate::{
    ids::{ParticipantId, PeerId, Target, TrackId},
    keyframe::starts_keyframe,
    limits::{INCOMING_STREAMS_MAX, WRITES_PER_FLUSH_MAX},
    participant::{Arrived, Participant},
    shared::Shared,
};

impl Participant {
    /// The track and layer that a packet belongs to, once something is known about its stream.
    fn origin(&mut self, packet: &RtpPacket) -> Option<(TrackId, usize)> {
        let ssrc = packet.header.ssrc;
        if let Some(known) = self.incoming.get(&ssrc) {
            return Some(*known);
        }
        let (mid, rid) = self.publisher.incoming(ssrc)?;
        let track = self.track_on(mid)?;
        let layer = self.tracks.get(&track)?.layer_of(rid)?;
        if self.incoming.len() >= INCOMING_STREAMS_MAX {
            self.incoming.clear();
        }
        self.incoming.insert(ssrc, (track, layer));
        Some((track, layer))
    }
}

impl Room {
    /// Passes a packet on to all who receive its track.
    pub(super) fn forward(&mut self, id: ParticipantId, packet: &RtpPacket, shared: &mut Shared, now: Instant) {
        let Some(publisher) = self.participants.get_mut(&id) else { return };
        let Some((track_id, layer)) = publisher.origin(packet) else { return };
        let Participant { tracks, publisher: peer, .. } = publisher;
        let Some(track) = tracks.get_mut(&track_id) else { return };
        let payload_type = packet.header.payload_type;
        let known = track.codec.filter(|codec| codec.pt() == payload_type);
        let codec = known.or_else(|| peer.codecs().iter().find(|codec| codec.pt() == payload_type).copied());
        let Some(codec) = codec else { return };
        track.codec = Some(codec);
        if let Some(layer) = track.layers.get_mut(layer) {
            layer.heard_at = Some(now);
            layer.rate.add(packet.payload.len(), now);
            layer.continuity.add(*packet.seq_no);
        }
        if track.silenced {
            return;
        }
        if let (MediaKind::Audio, Some(level)) = (track.kind, packet.header.ext_vals.audio_level) {
            track.loudness.add(level.unsigned_abs());
        }
        if track.subscribers.is_empty() {
            return;
        }
        let arrived = Arrived {
            track: track_id,
            layer,
            starts_keyframe: starts_keyframe(codec.spec().codec, &packet.payload),
            codec: &codec,
            rtp: packet,
        };
        let subscribers = std::mem::take(&mut track.subscribers);
        for subscriber in &subscribers {
            self.forward_to(*subscriber, &arrived, shared, now);
        }
        let publisher = self.participants.get_mut(&id);
        if let Some(track) = publisher.and_then(|publisher| publisher.tracks.get_mut(&track_id)) {
            track.subscribers = subscribers;
        }
    }

    fn forward_to(&mut self, subscriber: ParticipantId, arrived: &Arrived<'_>, shared: &mut Shared, now: Instant) {
        let Some(viewer) = self.participants.get_mut(&subscriber) else { return };
        if let Err(fault) = viewer.forward(arrived, now) {
            self.work.push_back(Work::Fault { participant: subscriber, fault });
            return;
        }
        let (carrier, target) = viewer.carrier();
        if carrier.written() >= WRITES_PER_FLUSH_MAX {
            self.flush(subscriber, target, shared, now);
        } else if carrier.is_to_be_listed() {
            shared.unsent.push(PeerId { room: self.id, participant: subscriber, target });
        }
    }

    /// Sends what was written to one of its peers.
    pub(super) fn flush(&mut self, participant: ParticipantId, target: Target, shared: &mut Shared, now: Instant) {
        self.with_peer(participant, target, shared, |peer, drained| peer.flush(now, drained));
    }

    /// A receiver cannot go on without a keyframe.
    pub(super) fn keyframe_requested(&mut self, id: ParticipantId, mid: Mid, shared: &mut Shared, now: Instant) {
        let Some(viewer) = self.participants.get(&id) else { return };
        let Some(track) = line_on(viewer, mid) else { return };
        let Some(subscription) = viewer.subscriptions.get(&track) else { return };
        let (publisher, layer) = (subscription.publisher, subscription.present.or(subscription.target));
        let owner = self.participants.get_mut(&publisher);
        let track = owner.and_then(|owner| owner.tracks.get_mut(&track));
        if let Some(layer) = track.and_then(|track| track.layers.get_mut(layer?)) {
            layer.want_keyframe();
        }
        self.ask_for_keyframes(shared, now);
    }

    /// Notes the keyframes that somebody waits for.
    pub(super) fn want_all_keyframes(&mut self, id: ParticipantId, now: Instant) {
        // A keyframe that comes before it can be passed on is wasted, and the next one is not asked for so soon.
        let Some(viewer) = self.participants.get(&id).filter(|viewer| viewer.is_connected()) else { return };
        let agreed = |line: Option<usize>| line.and_then(|line| viewer.lines.get(line)).is_some_and(|line| line.agreed);
        let waiting: Vec<_> = viewer
            .subscriptions
            .iter()
            .filter(|(_, wanted)| wanted.kind == MediaKind::Video && agreed(wanted.line))
            .filter(|(_, wanted)| wanted.target.is_some() && wanted.present != wanted.target)
            .filter_map(|(track, wanted)| Some((*track, wanted.publisher, wanted.target?)))
            .collect();
        for (track, publisher, target) in waiting {
            let owner = self.participants.get_mut(&publisher);
            let Some(track) = owner.and_then(|owner| owner.tracks.get_mut(&track)) else { continue };
            let flowing = |layer: usize| track.layers.get(layer).is_some_and(|layer| layer.is_flowing(now));
            let layer = if flowing(target) { Some(target) } else { (0..track.layers.len()).find(|l| flowing(*l)) };
            if let Some(layer) = track.layers.get_mut(layer.unwrap_or(target)) {
                layer.want_keyframe();
            }
        }
    }

    /// Asks the publishers for the keyframes that somebody waits for.
    pub(super) fn ask_for_keyframes(&mut self, shared: &mut Shared, now: Instant) {
        let mut requests = Vec::new();
        for publisher in self.participants.values_mut() {
            for track in publisher.tracks.values_mut() {
                let Some(mid) = track.mid else { continue };
                for layer in &mut track.layers {
                    if layer.take_keyframe_request(now) {
                        requests.push((publisher.id, mid, layer.rid));
                    }
                }
            }
        }
        for (publisher, mid, rid) in requests {
            self.with_peer(publisher, Target::Publisher, shared, |peer, drained| {
                peer.request_keyframe(mid, rid, now, drained)
            });
        }
    }

    /// What can be sent to somebody was measured anew.
    pub(super) fn bandwidth_changed(
        &mut self,
        id: ParticipantId,
        target: Target,
        kind: &BweKind,
        shared: &mut Shared,
        now: Instant,
    ) {
        let Some(participant) = self.participants.get_mut(&id) else { return };
        if target != participant.carrier_target() {
            return;
        }
        // Receivers that only send REMB are not slowed down: all current ones report per packet.
        if let BweKind::Twcc { estimate, can_probe } = kind {
            let (carrier, _) = participant.carrier();
            // A fall is acted on at once, a rise with the next tick.
            if carrier.set_bandwidth(can_probe.then_some(estimate.as_u64())) {
                self.choose_layers(id, shared, now);
            }
        }
    }
}
