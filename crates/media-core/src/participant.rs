//! Somebody in a room: who they are, what they may do, their peer connections, tracks and subscriptions.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    net::SocketAddr,
    time::Instant,
};

use livekit_proto::proto;
use str0m::{
    format::PayloadParams,
    media::Mid,
    rtp::{RtpPacket, Ssrc},
};

use crate::{
    ConnectionId, Permissions, Protocol,
    allowance::Allowance,
    data::Backlog,
    ids::{ParticipantId, Target, TrackId},
    line::Line,
    peer::{Fault, Peer},
    quality::Downlink,
    subscription::{Subscription, Take},
    track::Track,
};

/// A participant.
#[derive(Debug)]
pub(crate) struct Participant {
    /// Their name inside the engine.
    pub id: ParticipantId,
    /// Their name for this stay, `PA_…`.
    pub sid: String,
    /// When they came in, by the wall clock.
    pub joined_at_ms: i64,
    /// Who they are, whatever the stay.
    pub identity: String,
    /// What they are called.
    pub name: String,
    /// Free text.
    pub metadata: String,
    /// Free texts by key.
    pub attributes: BTreeMap<String, String>,
    /// What they may do.
    pub permissions: Permissions,
    /// The protocol version of the client.
    pub client_protocol: i32,
    /// Whether media can flow, so that they count as active.
    pub active: bool,
    /// What the others were told about them.
    pub announcements: Announcements,
    /// Their signalling connection and how it fares.
    pub presence: Presence,
    /// The connection that the client offers.
    pub publisher: Peer,
    /// The connection that we offer, if the client has two.
    pub subscriber: Option<Peer>,
    /// Where their datagrams come from, the newest last.
    pub addresses: VecDeque<(Protocol, SocketAddr, Target)>,
    /// Their tracks.
    pub tracks: BTreeMap<TrackId, Track>,
    /// Which of their tracks an incoming stream belongs to, and which layer. Never iterated.
    pub incoming: HashMap<Ssrc, (TrackId, usize)>,
    /// What they receive.
    pub subscriptions: BTreeMap<TrackId, Subscription>,
    /// The sections that carry it.
    pub lines: Vec<Line>,
    /// What is under way to get more lines.
    pub negotiation: Negotiation,
    /// Whether they receive everything that they did not refuse.
    pub auto_subscribe: bool,
    /// What they asked for or refused, by the track's sid.
    pub wishes: BTreeMap<String, bool>,
    /// Who may receive their tracks.
    pub audience: Audience,
    /// How many datagrams they may send.
    pub datagram_allowance: Allowance,
    /// How many signals they may send.
    pub signal_allowance: Allowance,
    /// How much data they may send.
    pub data_allowance: Allowance,
    /// Reliable data that waits for their channel.
    pub data_backlog: Backlog,
    /// What offers they may still make.
    pub offers: Offers,
    /// How loud they are, as the others were told.
    pub loudness: f32,
    /// What did not arrive of what was sent to them.
    pub downlink: Downlink,
    /// What they were told about the quality of their connection.
    pub quality: proto::ConnectionQuality,
}

/// What the others were told about somebody.
#[derive(Debug)]
pub(crate) struct Announcements {
    /// How often they were told of changes.
    pub version: u32,
    /// How often they may be told before the next tick, which allows one more.
    pub left: u32,
    /// Something changed that they were not told of.
    pub due: bool,
}

/// What a client may still cost by its offers.
#[derive(Debug)]
pub(crate) struct Offers {
    /// In sections by sections, since that is how the cost of an offer grows.
    pub allowance: Allowance,
    /// The latest offer that has to wait. One that comes later takes its place: a client that did not wait for the answer to the
    /// first one takes only the answer to the last.
    pub waiting: Option<proto::SessionDescription>,
    /// When it was their turn last.
    pub tried_at: Instant,
}

/// A signalling connection and how it fares.
#[derive(Debug)]
pub(crate) struct Presence {
    /// By which connection signals come and go, if there is one.
    pub connection: Option<ConnectionId>,
    /// When they came in.
    pub joined_at: Instant,
    /// When the last signal came.
    pub heard_at: Instant,
    /// Since when there is no connection.
    pub lost_at: Option<Instant>,
    /// Since when media cannot flow.
    pub unconnected_since: Option<Instant>,
    /// The next resume is cut off, to exercise the client (`SimulateScenario`).
    pub cut_next_resume: bool,
}

/// What is under way to get lines for subscriptions.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each says another thing about the same exchange")]
pub(crate) struct Negotiation {
    /// The number of our last offer.
    pub offer_id: u32,
    /// Our offer that was not answered yet.
    pub offer_pending: Option<proto::SessionDescription>,
    /// Our next offer is to start ICE anew.
    pub restart: bool,
    /// Something changed while an offer was under way.
    pub again: bool,
    /// The data channels were offered.
    pub channels_offered: bool,
    /// The client made an offer at least once.
    pub offers_seen: bool,
    /// When the client was asked for an offer, and how many lines of each kind it will have then.
    pub requested: Option<Requested>,
}

/// A request for sections that the client has not followed yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Requested {
    /// When.
    pub at: Instant,
    /// Audio lines there will be.
    pub audio: usize,
    /// Video lines there will be.
    pub video: usize,
}

/// Who may receive a participant's tracks (`SubscriptionPermission`).
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Audience {
    /// Everybody.
    All,
    /// Those listed.
    Some(Vec<proto::TrackPermission>),
}

impl Audience {
    /// Whether somebody may receive a track.
    pub fn allows(&self, sid: &str, identity: &str, track: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some(permissions) => permissions.iter().any(|permission| {
                let meant = (!permission.participant_sid.is_empty() && permission.participant_sid == sid)
                    || (!permission.participant_identity.is_empty() && permission.participant_identity == identity);
                meant && (permission.all_tracks || permission.track_sids.iter().any(|sid| sid == track))
            }),
        }
    }
}

impl Participant {
    /// The connection that carries media to them.
    pub fn carrier(&mut self) -> (&mut Peer, Target) {
        match &mut self.subscriber {
            Some(subscriber) => (subscriber, Target::Subscriber),
            None => (&mut self.publisher, Target::Publisher),
        }
    }

    /// What can be sent to them in bits per second, as far as it was measured.
    pub fn carrier_bandwidth_bps(&self) -> Option<u64> {
        self.subscriber.as_ref().unwrap_or(&self.publisher).bandwidth_bps()
    }

    /// Whether media can flow to them.
    pub fn is_connected(&self) -> bool {
        self.subscriber.as_ref().unwrap_or(&self.publisher).is_connected()
    }

    /// One of their connections.
    pub fn peer(&mut self, target: Target) -> Option<&mut Peer> {
        match target {
            Target::Publisher => Some(&mut self.publisher),
            Target::Subscriber => self.subscriber.as_mut(),
        }
    }

    /// Which connection carries media to them.
    pub fn carrier_target(&self) -> Target {
        if self.subscriber.is_some() { Target::Subscriber } else { Target::Publisher }
    }

    /// One of their tracks by its sid.
    pub fn track_by_sid(&mut self, sid: &str) -> Option<&mut Track> {
        self.tracks.values_mut().find(|track| track.info.sid == sid)
    }

    /// The track that they publish on a section.
    pub fn track_on(&self, mid: Mid) -> Option<TrackId> {
        self.tracks.values().find(|track| track.mid == Some(mid)).map(|track| track.id)
    }

    /// What they and the others are told about them.
    pub fn info(&self) -> proto::ParticipantInfo {
        let state =
            if self.active { proto::participant_info::State::Active } else { proto::participant_info::State::Joined };
        let published = self.tracks.values().filter(|track| track.mid.is_some());
        let tracks: Vec<_> = published.map(|track| track.info.clone()).collect();
        proto::ParticipantInfo {
            sid: self.sid.clone(),
            identity: self.identity.clone(),
            state: state.into(),
            joined_at: self.joined_at_ms / 1000,
            joined_at_ms: self.joined_at_ms,
            is_publisher: !tracks.is_empty(),
            tracks,
            metadata: self.metadata.clone(),
            name: self.name.clone(),
            version: self.announcements.version,
            permission: Some(self.permission()),
            attributes: self.attributes.clone().into_iter().collect(),
            client_protocol: self.client_protocol,
            ..proto::ParticipantInfo::default()
        }
    }

    /// Their permissions as the protocol says it.
    pub fn permission(&self) -> proto::ParticipantPermission {
        let permissions = &self.permissions;
        proto::ParticipantPermission {
            can_subscribe: permissions.can_subscribe,
            can_publish: permissions.can_publish,
            can_publish_data: permissions.can_publish_data,
            can_publish_sources: permissions.can_publish_sources.iter().map(|source| (*source).into()).collect(),
            hidden: permissions.hidden,
            can_update_metadata: permissions.can_update_metadata,
            ..proto::ParticipantPermission::default()
        }
    }

    /// Writes them a packet of a track that they receive.
    pub fn forward(&mut self, packet: &Arrived<'_>, now: Instant) -> Result<(), Fault> {
        let Self { subscriptions, lines, publisher, subscriber, .. } = self;
        let Some(subscription) = subscriptions.get_mut(&packet.track) else { return Ok(()) };
        let Some(line) = subscription.line.and_then(|index| lines.get_mut(index)).filter(|line| line.agreed) else {
            return Ok(());
        };
        match subscription.takes(packet.layer, packet.starts_keyframe) {
            Take::Drop => return Ok(()),
            Take::Switch => line.interrupt(),
            Take::Forward => {}
        }
        let carrier = subscriber.as_mut().unwrap_or(publisher);
        if !line.send(carrier, packet.rtp, packet.codec, now)? {
            // What follows could not be decoded without this one.
            subscription.present = None;
            line.interrupt();
        }
        Ok(())
    }
}

/// A packet that came in, with what is known about it.
#[derive(Debug)]
pub(crate) struct Arrived<'a> {
    /// Of which track.
    pub track: TrackId,
    /// Of which layer.
    pub layer: usize,
    /// Whether a decoder may begin with it.
    pub starts_keyframe: bool,
    /// In which codec.
    pub codec: &'a PayloadParams,
    /// The packet.
    pub rtp: &'a RtpPacket,
}
