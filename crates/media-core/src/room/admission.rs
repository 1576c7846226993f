//! Joining and resuming.

use std::{collections::BTreeMap, time::Instant};

use livekit_proto::proto;
use str0m::media::MediaKind;

use super::{Room, Work};
use crate::{
    Join, LeaveCause,
    allowance::Allowance,
    data::Backlog,
    ids::{ParticipantId, PeerId, Target, TimerId},
    limits::{
        ANNOUNCEMENTS_BURST, ARRIVALS_BURST, ARRIVALS_PER_SECOND, ARRIVALS_REMEMBERED_MAX, ATTRIBUTES_BYTES_MAX,
        DATA_BYTES_BURST, DATA_BYTES_PER_SECOND, DATAGRAMS_BURST, DATAGRAMS_PER_SECOND, METADATA_BYTES_MAX,
        OFFER_COST_BURST, OFFER_COST_PER_SECOND, SIGNALS_BURST, SIGNALS_PER_SECOND, TRACKS_PER_PARTICIPANT_MAX,
    },
    participant::{Announcements, Audience, Negotiation, Offers, Participant, Presence},
    peer::{Fault, Peer},
    quality::Downlink,
    shared::Shared,
    signalling,
};

impl Room {
    /// Lets somebody in, or lets them go on.
    pub fn join(&mut self, join: Join, shared: &mut Shared, now: Instant) {
        if !self.may_arrive(&join.identity, now) {
            shared.counts.joins_refused += 1;
            shared.signal(Some(join.connection), signalling::leave(proto::DisconnectReason::JoinFailure));
            shared.close(join.connection);
            return;
        }
        if join.request.reconnect {
            self.resume(join, shared, now);
        } else {
            self.enter(join, shared, now);
        }
        self.settle(shared, now);
    }

    /// Whether somebody does not come again and again too fast.
    fn may_arrive(&mut self, identity: &str, now: Instant) -> bool {
        if let Some(arrivals) = self.arrivals.get_mut(identity) {
            return arrivals.take(1, now);
        }
        if self.arrivals.len() >= ARRIVALS_REMEMBERED_MAX {
            // Those who have not come for so long that it makes no difference.
            self.arrivals.retain(|_, arrivals| !arrivals.is_full(now));
        }
        if self.arrivals.len() >= ARRIVALS_REMEMBERED_MAX {
            return false;
        }
        let mut arrivals = Allowance::new(ARRIVALS_PER_SECOND, ARRIVALS_BURST, now);
        let may = arrivals.take(1, now);
        self.arrivals.insert(identity.to_owned(), arrivals);
        may
    }

    fn enter(&mut self, mut join: Join, shared: &mut Shared, now: Instant) {
        let connection = join.connection;
        if let Some(present) = self.identities.get(&join.identity).copied() {
            let message = signalling::leave(proto::DisconnectReason::DuplicateIdentity);
            self.remove(present, LeaveCause::Replaced, Some(message), shared, now);
        }
        if self.participants.len() >= self.config.participants_max as usize {
            shared.counts.joins_refused += 1;
            shared.signal(Some(connection), signalling::leave(proto::DisconnectReason::JoinFailure));
            shared.close(connection);
            return;
        }
        let add_tracks = std::mem::take(&mut join.request.add_track_requests);
        let offer = join.request.publisher_offer.take();
        let id = ParticipantId(shared.fresh_id());
        let Ok(participant) = participant(id, join, shared, now) else {
            shared.signal(Some(connection), signalling::leave(proto::DisconnectReason::JoinFailure));
            shared.close(connection);
            return;
        };
        self.admit(participant, shared, now);
        for request in add_tracks.into_iter().take(TRACKS_PER_PARTICIPANT_MAX) {
            self.add_track(id, request, shared, now);
        }
        match offer {
            Some(offer) if !offer.sdp.is_empty() => self.offered(id, &offer, shared, now),
            _ => {}
        }
        self.work.push_back(Work::Negotiate { participant: id });
    }

    fn admit(&mut self, participant: Participant, shared: &mut Shared, now: Instant) {
        let (id, connection) = (participant.id, participant.presence.connection);
        if let Some(connection) = connection {
            shared.connections.insert(connection, (self.id, id));
        }
        for (target, peer) in
            [(Target::Publisher, Some(&participant.publisher)), (Target::Subscriber, participant.subscriber.as_ref())]
        {
            if let Some(peer) = peer {
                let peer_id = PeerId { room: self.id, participant: id, target };
                shared.routes.add_ufrag(peer.ufrag(), peer_id);
                shared.timers.set(TimerId::Peer(peer_id), Some(now));
            }
        }
        self.start_schedule(shared, now);
        self.identities.insert(participant.identity.clone(), id);
        let info = participant.info();
        let subscriber_primary = participant.subscriber.is_some();
        self.participants.insert(id, participant);
        let others = self.visible_to(id);
        shared.signal(connection, signalling::joined(self.info(), info, others, subscriber_primary));
        self.announce(id, shared);
        // What is there already is taken before the first answer, so that it needs no second one.
        self.reconcile(id, shared);
    }

    /// The others, as far as they show themselves.
    pub(super) fn visible_to(&self, id: ParticipantId) -> Vec<proto::ParticipantInfo> {
        let others = self.participants.values().filter(|other| other.id != id && !other.permissions.hidden);
        others.map(Participant::info).collect()
    }

    /// What clients are told about the room.
    pub(super) fn info(&self) -> proto::Room {
        let shown = self.participants.values().filter(|participant| !participant.permissions.hidden);
        let publishers = shown.clone().filter(|participant| participant.tracks.values().any(|t| t.mid.is_some()));
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        proto::Room {
            sid: self.sid.clone(),
            name: self.config.name.clone(),
            creation_time: self.created_at_ms / 1000,
            creation_time_ms: self.created_at_ms,
            max_participants: self.config.participants_max,
            enabled_codecs: signalling::codecs(),
            metadata: self.config.metadata.clone(),
            num_participants: count(shown.clone().count()),
            num_publishers: count(publishers.count()),
            ..proto::Room::default()
        }
    }

    fn resume(&mut self, join: Join, shared: &mut Shared, now: Instant) {
        let connection = join.connection;
        let found = self.identities.get(&join.identity).copied();
        let participant = found.and_then(|id| self.participants.get_mut(&id));
        let Some(participant) = participant.filter(|participant| participant.sid == join.request.participant_sid)
        else {
            shared.signal(Some(connection), signalling::leave_for_rejoin());
            shared.close(connection);
            return;
        };
        let id = participant.id;
        if let Some(before) = participant.presence.connection.replace(connection) {
            shared.close(before);
        }
        participant.presence.heard_at = now;
        participant.presence.lost_at = None;
        participant.negotiation.requested = None;
        let cut = std::mem::take(&mut participant.presence.cut_next_resume);
        shared.connections.insert(connection, (self.id, id));
        shared.signal(Some(connection), signalling::resumed());
        if cut {
            shared.close(connection);
            self.connection_lost(id, now);
            return;
        }
        // Whatever was said while nobody listened is said again.
        let others = self.visible_to(id);
        let Some(participant) = self.participants.get_mut(&id) else { return };
        let mut everybody = vec![participant.info()];
        everybody.extend(others);
        if participant.subscriber.is_some() {
            self.offer_restart(id, shared, now);
        }
        shared.signal(Some(connection), signalling::update(everybody));
        let room = proto::RoomUpdate { room: Some(self.info()) };
        shared.signal(Some(connection), proto::signal_response::Message::RoomUpdate(room));
        self.tell_again(id, shared);
        let everybody: Vec<_> = self.participants.keys().copied().collect();
        for viewer in everybody {
            self.tell_received(viewer, shared);
        }
        if let Some(offer) = join.request.publisher_offer.filter(|offer| !offer.sdp.is_empty()) {
            self.offered(id, &offer, shared, now);
        }
        if let Some(state) = join.request.sync_state {
            self.synchronize(id, state, shared);
        }
        self.work.push_back(Work::Reconcile { participant: id });
        self.work.push_back(Work::Negotiate { participant: id });
    }
}

impl Room {
    /// Says again what is else said only when it changes, to somebody who may have missed it: who speaks, which pictures are
    /// paused, and which layers of theirs are wanted. The latter two follow with the next tick.
    fn tell_again(&mut self, id: ParticipantId, shared: &mut Shared) {
        let others = self.participants.values().filter(|other| other.id != id && !other.permissions.hidden);
        let speakers: Vec<_> = others
            .map(|other| {
                let (sid, level) = (other.sid.clone(), other.loudness);
                proto::SpeakerInfo { sid, level, active: level > 0.0 }
            })
            .collect();
        let Some(participant) = self.participants.get_mut(&id) else { return };
        let message = proto::signal_response::Message::SpeakersChanged(proto::SpeakersChanged { speakers });
        shared.signal(participant.presence.connection, message);
        for subscription in participant.subscriptions.values_mut().filter(|s| s.kind == MediaKind::Video) {
            subscription.told_paused = !subscription.starved;
        }
        for track in participant.tracks.values_mut() {
            track.wanted_told = false;
        }
    }
}

/// Makes a participant out of a join that was allowed. What is too long is left out: it came from the client, and the token's
/// part was bounded by the token.
fn participant(id: ParticipantId, join: Join, shared: &mut Shared, now: Instant) -> Result<Participant, Fault> {
    let publisher = Peer::new(&shared.peers, &mut shared.random, now)?;
    let subscriber =
        if join.single_peer_connection { None } else { Some(Peer::new(&shared.peers, &mut shared.random, now)?) };
    let request = join.request;
    let mut metadata = join.metadata;
    let mut attributes: BTreeMap<_, _> = join.attributes.into_iter().collect();
    if join.permissions.can_update_metadata {
        if !request.metadata.is_empty() && request.metadata.len() <= METADATA_BYTES_MAX {
            metadata = request.metadata;
        }
        let bytes: usize = request.participant_attributes.iter().map(|(key, value)| key.len() + value.len()).sum();
        if bytes <= ATTRIBUTES_BYTES_MAX {
            attributes.extend(request.participant_attributes);
        }
    }
    let client = request.client_info.unwrap_or_default();
    // Without settings the client takes everything, as it does in the protocol's older form.
    let auto_subscribe = request.connection_settings.is_none_or(|settings| settings.auto_subscribe);
    Ok(Participant {
        id,
        sid: shared.random.sid("PA_"),
        joined_at_ms: shared.wall_clock.at_ms(now),
        identity: join.identity,
        name: join.name,
        metadata,
        attributes,
        permissions: join.permissions,
        client_protocol: client.client_protocol,
        active: false,
        announcements: Announcements { version: 0, left: ANNOUNCEMENTS_BURST, due: false },
        presence: Presence {
            connection: Some(join.connection),
            joined_at: now,
            heard_at: now,
            lost_at: None,
            unconnected_since: Some(now),
            cut_next_resume: false,
        },
        publisher,
        subscriber,
        addresses: std::collections::VecDeque::new(),
        tracks: BTreeMap::new(),
        incoming: std::collections::HashMap::new(),
        subscriptions: BTreeMap::new(),
        lines: Vec::new(),
        negotiation: Negotiation::default(),
        auto_subscribe,
        wishes: BTreeMap::new(),
        audience: Audience::All,
        datagram_allowance: Allowance::new(DATAGRAMS_PER_SECOND, DATAGRAMS_BURST, now),
        signal_allowance: Allowance::new(SIGNALS_PER_SECOND, SIGNALS_BURST, now),
        data_allowance: Allowance::new(DATA_BYTES_PER_SECOND, DATA_BYTES_BURST, now),
        data_backlog: Backlog::default(),
        offers: Offers {
            allowance: Allowance::new(OFFER_COST_PER_SECOND, OFFER_COST_BURST, now),
            waiting: None,
            tried_at: now,
        },
        loudness: 0.0,
        downlink: Downlink::default(),
        quality: super::tick::QUALITY_AT_FIRST,
    })
}
