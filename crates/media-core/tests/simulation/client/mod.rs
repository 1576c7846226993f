//! A client: real str0m peers that speak the same signals as the ones in browsers.

mod connection;
mod life;
mod negotiation;

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    time::Instant,
};

use livekit_proto::proto::{self, DataPacket, data_packet, signal_request, signal_response};
use prost::Message as _;
use str0m::{channel::ChannelId, media::MediaKind};
use teleconsultation_media_core::{ConnectionId, Join, Permissions};

pub use self::connection::Connection;
use crate::media::{Ear, Source};

pub struct Client {
    pub identity: String,
    pub room: String,
    pub connection: Option<ConnectionId>,
    pub publisher: Connection,
    pub subscriber: Option<Connection>,
    pub sid: String,
    pub joined: u32,
    pub resumed: u32,
    pub left: Option<proto::LeaveRequest>,
    pub signal_closed: bool,
    pub others: BTreeMap<String, proto::ParticipantInfo>,
    pub own: proto::ParticipantInfo,
    pub room_info: proto::Room,
    pub published: BTreeMap<String, proto::TrackInfo>,
    pub refusals: Vec<proto::RequestResponse>,
    pub server_mutes: Vec<proto::MuteTrackRequest>,
    pub speaking: BTreeMap<String, bool>,
    pub qualities: BTreeMap<String, i32>,
    pub paused: BTreeMap<String, bool>,
    pub wanted_qualities: BTreeMap<String, Vec<bool>>,
    pub permission_updates: Vec<(String, bool)>,
    pub unpublished: Vec<String>,
    /// Own tracks of which it was told that somebody receives them.
    pub received: Vec<String>,
    pub sources: Vec<Source>,
    pub ear: Ear,
    pub ping_at: Instant,
    /// It does not ping.
    pub silent: bool,
    /// It wants every track that it does not refuse.
    pub auto_subscribe: bool,
    /// How often it was told what somebody is like.
    pub updates: u32,
    pub data: Vec<DataPacket>,
    /// To be sent to the engine.
    pub signals: VecDeque<signal_request::Message>,
    mid_to_sid: BTreeMap<String, String>,
    negotiation: negotiation::Negotiation,
    reliable: Option<ChannelId>,
    lossy: Option<ChannelId>,
}

impl Client {
    pub fn new(identity: &str, room: &str, addresses: [SocketAddr; 2], single: bool, now: Instant) -> Self {
        let mut client = Self {
            identity: identity.to_owned(),
            room: room.to_owned(),
            connection: None,
            publisher: Connection::new(addresses[0], now),
            subscriber: (!single).then(|| Connection::new(addresses[1], now)),
            sid: String::new(),
            joined: 0,
            resumed: 0,
            left: None,
            signal_closed: false,
            others: BTreeMap::new(),
            own: proto::ParticipantInfo::default(),
            room_info: proto::Room::default(),
            published: BTreeMap::new(),
            refusals: Vec::new(),
            server_mutes: Vec::new(),
            speaking: BTreeMap::new(),
            qualities: BTreeMap::new(),
            paused: BTreeMap::new(),
            wanted_qualities: BTreeMap::new(),
            permission_updates: Vec::new(),
            unpublished: Vec::new(),
            received: Vec::new(),
            sources: Vec::new(),
            ear: Ear::default(),
            ping_at: now,
            silent: false,
            auto_subscribe: true,
            updates: 0,
            data: Vec::new(),
            signals: VecDeque::new(),
            mid_to_sid: BTreeMap::new(),
            negotiation: negotiation::Negotiation::default(),
            reliable: None,
            lossy: None,
        };
        client.prepare();
        client
    }

    pub fn everything() -> Permissions {
        Permissions {
            can_publish: true,
            can_publish_sources: Vec::new(),
            can_subscribe: true,
            can_publish_data: true,
            can_update_metadata: true,
            hidden: false,
        }
    }

    /// The request to come in, with the first offer in it as browsers send it.
    pub fn join(&mut self, connection: ConnectionId, permissions: Permissions) -> Box<Join> {
        self.connection = Some(connection);
        let publisher_offer = self.subscriber.is_none().then(|| self.offer().expect("a first offer"));
        let request = proto::JoinRequest {
            client_info: Some(proto::ClientInfo { protocol: 16, ..proto::ClientInfo::default() }),
            connection_settings: Some(proto::ConnectionSettings {
                auto_subscribe: self.auto_subscribe,
                ..proto::ConnectionSettings::default()
            }),
            publisher_offer,
            ..proto::JoinRequest::default()
        };
        self.join_with(connection, permissions, request)
    }

    /// The request to go on after the signalling connection broke.
    pub fn resume(&mut self, connection: ConnectionId) -> Box<Join> {
        self.connection = Some(connection);
        self.signal_closed = false;
        let request =
            proto::JoinRequest { reconnect: true, participant_sid: self.sid.clone(), ..proto::JoinRequest::default() };
        self.join_with(connection, Self::everything(), request)
    }

    fn join_with(&self, connection: ConnectionId, permissions: Permissions, request: proto::JoinRequest) -> Box<Join> {
        Box::new(Join {
            connection,
            room: self.room.clone(),
            identity: self.identity.clone(),
            name: format!("Name of {}", self.identity),
            metadata: String::new(),
            attributes: Vec::new(),
            permissions,
            request,
            single_peer_connection: self.subscriber.is_none(),
        })
    }

    /// Announces a track and offers it.
    pub fn publish(&mut self, tag: u32, kind: MediaKind, rids: &'static [&'static str]) {
        let source = match kind {
            MediaKind::Audio => proto::TrackSource::Microphone,
            MediaKind::Video => proto::TrackSource::Camera,
        };
        self.publish_as(tag, kind, rids, source);
    }

    pub fn publish_as(&mut self, tag: u32, kind: MediaKind, rids: &'static [&'static str], source: proto::TrackSource) {
        let kind_of_track = match kind {
            MediaKind::Audio => proto::TrackType::Audio,
            MediaKind::Video => proto::TrackType::Video,
        };
        let layers = rids.iter().enumerate().map(|(rank, rid)| proto::VideoLayer {
            quality: rank as i32,
            width: 320 << rank,
            height: 180 << rank,
            bitrate: [160_000, 480_000, 1_120_000][rank],
            rid: (*rid).to_owned(),
            ..proto::VideoLayer::default()
        });
        self.say(signal_request::Message::AddTrack(proto::AddTrackRequest {
            cid: format!("cid-{tag}"),
            r#type: kind_of_track.into(),
            source: source.into(),
            layers: layers.collect(),
            ..proto::AddTrackRequest::default()
        }));
        self.negotiation.publish(tag, kind, rids);
        self.negotiate();
    }

    /// Stops sending a track and offers that.
    pub fn unpublish(&mut self, tag: u32) {
        let Some(index) = self.sources.iter().position(|source| source.tag == tag) else { return };
        let source = self.sources.remove(index);
        self.negotiation.stop(source.mid);
        self.negotiate();
    }

    pub fn say(&mut self, message: signal_request::Message) {
        self.signals.push_back(message);
    }

    /// The sid that the server gave a track.
    pub fn sid_of(&self, tag: u32) -> String {
        self.published[&format!("cid-{tag}")].sid.clone()
    }

    pub fn mute(&mut self, tag: u32, muted: bool) {
        let sid = self.sid_of(tag);
        self.sources.iter_mut().filter(|source| source.tag == tag).for_each(|source| source.muted = muted);
        self.say(signal_request::Message::Mute(proto::MuteTrackRequest { sid, muted }));
    }

    pub fn send_data(&mut self, text: &str, reliable: bool, destinations: &[&str]) {
        let packet = DataPacket {
            destination_identities: destinations.iter().map(|identity| (*identity).to_owned()).collect(),
            participant_identity: "somebody else".to_owned(),
            value: Some(data_packet::Value::User(proto::UserPacket {
                payload: text.as_bytes().to_vec(),
                ..proto::UserPacket::default()
            })),
            ..DataPacket::default()
        };
        self.send_raw_data(&packet.encode_to_vec(), reliable);
    }

    pub fn reliable_channel(&self) -> ChannelId {
        self.reliable.expect("a channel")
    }

    pub fn send_raw_data(&mut self, message: &[u8], reliable: bool) {
        let id = if reliable { self.reliable } else { self.lossy };
        let mut channel = self.publisher.rtc.channel(id.expect("a channel")).expect("an open channel");
        assert!(channel.write(true, message).expect("written"));
    }

    /// The texts of what came by data packets.
    pub fn texts(&self) -> Vec<(String, String)> {
        self.data
            .iter()
            .filter_map(|packet| match &packet.value {
                Some(data_packet::Value::User(user)) => {
                    Some((packet.participant_identity.clone(), String::from_utf8_lossy(&user.payload).into_owned()))
                }
                _ => None,
            })
            .collect()
    }

    /// The track that the signals say a section carries.
    pub fn sid_on(&self, mid: &str) -> Option<&String> {
        self.mid_to_sid.get(mid)
    }

    /// Takes what the engine says.
    pub fn hear_signal(&mut self, message: signal_response::Message) {
        use signal_response::Message;
        match message {
            Message::Join(join) => {
                self.joined += 1;
                let server = join.server_info.expect("a server");
                assert!(!server.version.is_empty() && server.protocol == 16);
                self.own = join.participant.expect("oneself");
                self.sid.clone_from(&self.own.sid);
                self.room_info = join.room.expect("a room");
                self.update(join.other_participants);
            }
            Message::Reconnect(_) => {
                self.resumed += 1;
                self.negotiation.restart = true;
                self.negotiation.pending_lost();
                self.negotiate();
            }
            Message::Answer(answer) => self.take_answer(&answer),
            Message::Offer(offer) => self.take_offer(&offer),
            Message::Update(update) => {
                self.updates += 1;
                self.update(update.participants);
            }
            Message::TrackPublished(published) => {
                self.published.insert(published.cid, published.track.expect("a track"));
            }
            Message::TrackUnpublished(gone) => self.unpublished.push(gone.track_sid),
            Message::TrackSubscribed(received) => self.received.push(received.track_sid),
            Message::Leave(leave) => self.left = Some(leave),
            Message::Mute(mute) => self.server_mutes.push(mute),
            Message::SpeakersChanged(changed) => {
                self.speaking.extend(changed.speakers.into_iter().map(|speaker| (speaker.sid, speaker.active)));
            }
            Message::RoomUpdate(update) => self.room_info = update.room.expect("a room"),
            Message::ConnectionQuality(update) => {
                self.qualities.extend(update.updates.into_iter().map(|info| (info.participant_sid, info.quality)));
            }
            Message::StreamStateUpdate(update) => {
                let paused = i32::from(proto::StreamState::Paused);
                let states = update.stream_states.into_iter();
                self.paused.extend(states.map(|state| (state.track_sid, state.state == paused)));
            }
            Message::SubscribedQualityUpdate(update) => {
                let qualities = &update.subscribed_codecs[0].qualities;
                let enabled: Vec<bool> = qualities.iter().map(|quality| quality.enabled).collect();
                self.wanted_qualities.insert(update.track_sid, enabled);
            }
            Message::SubscriptionPermissionUpdate(update) => {
                self.permission_updates.push((update.track_sid, update.allowed));
            }
            Message::RequestResponse(response) => self.refusals.push(response),
            Message::MediaSectionsRequirement(needed) => {
                self.negotiation.add_sections(needed.num_audios, needed.num_videos);
                self.negotiate();
            }
            other => assert!(
                matches!(other, Message::Pong(_) | Message::PongResp(_) | Message::Trickle(_)),
                "an unexpected message"
            ),
        }
    }

    fn update(&mut self, participants: Vec<proto::ParticipantInfo>) {
        for info in participants {
            if info.sid == self.sid {
                self.own = info;
            } else if info.state() == proto::participant_info::State::Disconnected {
                self.others.remove(&info.sid);
            } else {
                self.others.insert(info.sid.clone(), info);
            }
        }
    }

    /// The identities of the others that the client knows of.
    pub fn sees(&self) -> Vec<String> {
        let mut identities: Vec<_> = self.others.values().map(|info| info.identity.clone()).collect();
        identities.sort();
        identities
    }
}
