//! One peer connection: str0m's `Rtc` with the rules of its use kept in one place.
//!
//! After every mutation of an `Rtc` it is drained to its timeout (str0m, "The single-mutation invariant"), and whatever goes
//! wrong in it, a panic included, is a [`Fault`] of this peer only: it is thrown away and nothing else has seen its state.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

use str0m::{
    Candidate, Event as RtcEvent, Input as RtcInput, Output as RtcOutput, Rtc,
    bwe::Bitrate,
    change::{SdpAnswer, SdpOffer, SdpPendingOffer},
    channel::{ChannelConfig, ChannelId, Reliability},
    config::DtlsCert,
    media::{Direction, KeyframeRequestKind, MediaKind, Mid, Pt, Rid},
    net::{Protocol as RtcProtocol, Receive, TcpType},
    rtp::{RtpWrite, Ssrc},
};

use crate::{
    EngineConfig, Output, Protocol, Transmit,
    data::Delivery,
    ids::{ParticipantId, Target},
    limits::{
        BANDWIDTH_INITIAL_BPS, DRAIN_STEPS_MAX, OUTPUTS_MAX, REMOTE_CANDIDATES_MAX, REPAIR_AGE_MAX, REPAIR_PACKETS_MAX,
        REPAIR_SHARE_MAX, SCTP_BUFFER_BYTES_MAX,
    },
    random::Random,
    room::Work,
};

/// The peer connection is unusable and is to be thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// str0m refused an input or found its own state broken.
    #[error("the peer connection failed")]
    Failed,
    /// str0m panicked.
    #[error("the peer connection panicked")]
    Panicked,
    /// The other side broke a rule of the protocol or a limit.
    #[error("the peer broke the protocol")]
    Protocol,
}

/// What every peer connection of an engine shares.
#[derive(Debug)]
pub(crate) struct PeerConfig {
    certificate: Option<DtlsCert>,
    ufrag_prefix: String,
    candidates: Vec<Candidate>,
}

impl PeerConfig {
    /// Takes the engine's part. Candidate addresses that no peer could use are left out.
    pub fn new(config: &EngineConfig) -> Self {
        let udp = config.udp_candidates.iter().filter_map(|address| Candidate::host(*address, "udp").ok());
        let tcp = config
            .tcp_candidates
            .iter()
            .filter_map(|address| Candidate::builder().tcp().host(*address).tcptype(TcpType::Passive).build().ok());
        Self {
            // One certificate for all: making one costs more than the rest of a join together.
            certificate: str0m::crypto::from_feature_flags().dtls_provider.generate_certificate(),
            ufrag_prefix: config.ice_ufrag_prefix.clone(),
            candidates: udp.chain(tcp).collect(),
        }
    }

    fn credentials(&self, random: &mut Random) -> str0m::IceCreds {
        let fresh = str0m::IceCreds::new();
        // The name may be guessed, the password not: it stays str0m's.
        str0m::IceCreds { ufrag: format!("{}{}", self.ufrag_prefix, random.sid("")), pass: fresh.pass }
    }
}

/// A peer connection.
pub(crate) struct Peer {
    rtc: Rtc,
    ufrag: String,
    connected: bool,
    deadline: Option<Instant>,
    pending: Option<SdpPendingOffer>,
    pending_credentials: Option<str0m::IceCreds>,
    remote_candidates: usize,
    channels: Channels,
    bandwidth: Option<u64>,
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Peer").field("connected", &self.connected).finish_non_exhaustive()
    }
}

/// The data channels that the protocol names.
#[derive(Debug, Default)]
struct Channels {
    open: usize,
    reliable: Option<ChannelId>,
    lossy: Option<ChannelId>,
}

/// The label of the channel for [`Delivery::Reliable`].
const RELIABLE: &str = "_reliable";
/// The label of the channel for [`Delivery::Lossy`].
const LOSSY: &str = "_lossy";

fn contained<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    // The peer is thrown away after a panic, so nobody sees what it left half done.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Fault::Panicked))
}

impl Peer {
    /// Makes a peer connection that answers ICE checks.
    pub fn new(config: &PeerConfig, random: &mut Random, now: Instant) -> Result<Self, Fault> {
        let credentials = config.credentials(random);
        let ufrag = credentials.ufrag.clone();
        let mut builder = Rtc::builder()
            .set_ice_lite(true)
            .set_rtp_mode(true)
            .set_local_ice_credentials(credentials)
            .enable_bwe(Some(Bitrate::bps(BANDWIDTH_INITIAL_BPS)))
            .set_send_buffer_video(REPAIR_PACKETS_MAX)
            .set_sctp_max_buffered_amount(SCTP_BUFFER_BYTES_MAX)
            .clear_codecs()
            // RED inside would have to be taken apart for receivers that did not agree to it.
            .enable_opus(true, false)
            .enable_vp8(true)
            .enable_h264(true);
        if let Some(certificate) = &config.certificate {
            builder = builder.set_dtls_cert(certificate.clone());
        }
        contained(|| {
            let mut rtc = builder.build(now);
            for candidate in &config.candidates {
                rtc.add_local_candidate(candidate.clone());
            }
            Ok(Self {
                rtc,
                ufrag,
                connected: false,
                deadline: None,
                pending: None,
                pending_credentials: None,
                remote_candidates: 0,
                channels: Channels::default(),
                bandwidth: None,
            })
        })
    }

    /// The local ICE user name fragment.
    pub fn ufrag(&self) -> &str {
        &self.ufrag
    }

    /// Whether media can flow.
    pub fn is_connected(&self) -> bool {
        self.connected
    }

    /// When [`Self::advance`] is wanted.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// What can be sent at present in bits per second, as far as it was measured.
    pub fn bandwidth_bps(&self) -> Option<u64> {
        self.bandwidth
    }

    /// Takes a datagram. Answers whether it was one of this peer's.
    pub fn receive(
        &mut self,
        protocol: Protocol,
        (source, destination): (SocketAddr, SocketAddr),
        payload: &[u8],
        now: Instant,
        drained: &mut Drained<'_>,
    ) -> Result<bool, Fault> {
        contained(|| {
            let protocol = match protocol {
                Protocol::Udp => RtcProtocol::Udp,
                Protocol::Tcp => RtcProtocol::Tcp,
            };
            let Ok(receive) = Receive::new(protocol, source, destination, payload) else { return Ok(false) };
            let input = RtcInput::Receive(now, receive);
            if !self.rtc.accepts(&input) {
                return Ok(false);
            }
            self.rtc.handle_input(input).map_err(|_| Fault::Failed)?;
            self.drain(now, drained)?;
            Ok(true)
        })
    }

    /// Lets time pass.
    pub fn advance(&mut self, now: Instant, drained: &mut Drained<'_>) -> Result<(), Fault> {
        contained(|| {
            self.rtc.handle_input(RtcInput::Timeout(now)).map_err(|_| Fault::Failed)?;
            self.drain(now, drained)
        })
    }

    /// Sends an RTP packet on an outgoing stream. Answers whether there was room for it.
    pub fn write(
        &mut self,
        ssrc: Ssrc,
        queued_max: usize,
        packet: RtpWrite,
        now: Instant,
        drained: &mut Drained<'_>,
    ) -> Result<bool, Fault> {
        contained(|| {
            let mut direct = self.rtc.direct_api();
            let Some(stream) = direct.stream_tx(&ssrc) else { return Ok(false) };
            if stream.queue_info().is_some_and(|queue| queue.packet_count() > queued_max) {
                return Ok(false);
            }
            stream.write_rtp(packet);
            self.drain(now, drained)?;
            Ok(true)
        })
    }

    /// Polls until str0m has nothing to do before a later time.
    fn drain(&mut self, now: Instant, drained: &mut Drained<'_>) -> Result<(), Fault> {
        for _ in 0..DRAIN_STEPS_MAX {
            match self.rtc.poll_output().map_err(|_| Fault::Failed)? {
                RtcOutput::Timeout(at) if at <= now => {
                    self.rtc.handle_input(RtcInput::Timeout(now)).map_err(|_| Fault::Failed)?;
                }
                RtcOutput::Timeout(at) => {
                    let alive = self.rtc.is_alive();
                    self.connected &= alive;
                    self.deadline = alive.then_some(at);
                    return Ok(());
                }
                RtcOutput::Transmit(transmit) => drained.transmit(transmit),
                RtcOutput::Event(event) => {
                    if matches!(event, RtcEvent::Connected) {
                        self.connected = true;
                    }
                    drained.event(event);
                }
            }
        }
        Err(Fault::Failed)
    }

    /// Remembers a measurement of what can be sent.
    pub fn set_bandwidth(&mut self, bandwidth_bps: Option<u64>) {
        self.bandwidth = bandwidth_bps;
    }

    /// Tells the estimator what would be sent with the next better picture, which it makes up for with padding as far as there
    /// is room, and what would be sent at best, for which it probes.
    pub fn want_bandwidth(
        &mut self,
        next_bps: u64,
        wanted_bps: u64,
        now: Instant,
        drained: &mut Drained<'_>,
    ) -> Result<(), Fault> {
        contained(|| {
            self.rtc.bwe().set_bitrate(Bitrate::bps(next_bps), Bitrate::bps(wanted_bps));
            self.drain(now, drained)
        })
    }

    /// Asks the other side for a keyframe of one incoming layer.
    pub fn request_keyframe(
        &mut self,
        mid: Mid,
        rid: Option<Rid>,
        now: Instant,
        drained: &mut Drained<'_>,
    ) -> Result<(), Fault> {
        contained(|| {
            if let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(mid, rid) {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
            self.drain(now, drained)
        })
    }

    /// To which section and layer an incoming stream belongs.
    pub fn incoming(&mut self, ssrc: Ssrc) -> Option<(Mid, Option<Rid>)> {
        self.rtc.direct_api().stream_rx(&ssrc).map(|stream| (stream.mid(), stream.rid()))
    }

    /// The stream that a section sends on.
    pub fn outgoing(&mut self, mid: Mid) -> Option<Ssrc> {
        self.rtc.direct_api().stream_tx_by_mid(mid, None).map(|stream| {
            stream.set_rtx_cache(REPAIR_PACKETS_MAX, REPAIR_AGE_MAX, Some(REPAIR_SHARE_MAX));
            stream.ssrc()
        })
    }

    /// Codecs by payload type, as negotiated for the whole connection.
    pub fn codecs(&self) -> &[str0m::format::PayloadParams] {
        self.rtc.codec_config().params()
    }

    /// The payload type under which the section `mid` takes what comes as `like`. `None` if it cannot play that.
    pub fn payload_type(&self, mid: Mid, like: &str0m::format::PayloadParams) -> Option<Pt> {
        let accepted = self.rtc.media(mid)?.remote_pts();
        let candidates = || {
            self.codecs()
                .iter()
                .filter(|own| accepted.contains(&own.pt()) && own.spec().codec == like.spec().codec)
                .filter(|own| own.spec().format.packetization_mode == like.spec().format.packetization_mode)
        };
        // H.264 has several profiles; one that is the same is best, any other is worth a try.
        candidates()
            .find(|own| own.spec().format.profile_level_id == like.spec().format.profile_level_id)
            .or_else(|| candidates().next())
            .map(str0m::format::PayloadParams::pt)
    }

    /// Answers an offer. The answer is str0m's text; what it promises per section is the negotiation's to correct.
    pub fn answer(
        &mut self,
        offer: &str,
        config: &PeerConfig,
        random: &mut Random,
        now: Instant,
        drained: &mut Drained<'_>,
    ) -> Result<String, Fault> {
        contained(|| {
            let offer = SdpOffer::from_sdp_string(offer).map_err(|_| Fault::Protocol)?;
            let answer = self.rtc.sdp_api().accept_offer(offer).map_err(|_| Fault::Protocol)?;
            self.pending = None;
            let text = self.with_own_credentials(answer.to_sdp_string(), config, random);
            self.drain(now, drained)?;
            Ok(text)
        })
    }

    /// On an ICE restart str0m makes credentials of its own; the shell finds us by the prefix, so they are replaced.
    fn with_own_credentials(&mut self, text: String, config: &PeerConfig, random: &mut Random) -> String {
        let present = self.rtc.direct_api().local_ice_credentials();
        if present.ufrag == self.ufrag {
            return text;
        }
        let own = config.credentials(random);
        let text = text.replace(&present.ufrag, &own.ufrag).replace(&present.pass, &own.pass);
        self.ufrag.clone_from(&own.ufrag);
        self.remote_candidates = 0;
        self.rtc.direct_api().set_local_ice_credentials(own);
        text
    }

    /// Makes an offer out of changes to the sending sections. `None` if nothing is to be negotiated.
    pub fn offer(
        &mut self,
        changes: &OfferChanges<'_>,
        config: &PeerConfig,
        random: &mut Random,
        now: Instant,
        drained: &mut Drained<'_>,
    ) -> Result<Option<Offered>, Fault> {
        contained(|| {
            let mut api = self.rtc.sdp_api();
            let added =
                changes.added.iter().map(|kind| api.add_media(*kind, Direction::SendOnly, None, None, None)).collect();
            for (mid, direction) in changes.directions {
                api.set_direction(*mid, *direction);
            }
            let restarted = changes.restart.then(|| api.ice_restart(true));
            let channels = changes.channels.then(|| {
                let reliable = api.add_channel(RELIABLE.to_owned());
                let lossy = api.add_channel_with_config(ChannelConfig {
                    label: LOSSY.to_owned(),
                    ordered: false,
                    reliability: Reliability::MaxRetransmits { retransmits: 0 },
                    ..ChannelConfig::default()
                });
                (reliable, lossy)
            });
            let Some((offer, pending)) = api.apply() else { return Ok(None) };
            if let Some((reliable, lossy)) = channels {
                self.channels.reliable = Some(reliable);
                self.channels.lossy = Some(lossy);
            }
            self.pending = Some(pending);
            let mut description = offer.to_sdp_string();
            self.pending_credentials = restarted.map(|fresh| {
                let own = config.credentials(random);
                description = description.replace(&fresh.ufrag, &own.ufrag).replace(&fresh.pass, &own.pass);
                own
            });
            self.drain(now, drained)?;
            Ok(Some(Offered { description, added }))
        })
    }

    /// Takes the answer to the last offer. Answers whether there was one to answer.
    pub fn accept_answer(&mut self, answer: &str, now: Instant, drained: &mut Drained<'_>) -> Result<bool, Fault> {
        contained(|| {
            let Some(pending) = self.pending.take() else { return Ok(false) };
            let answer = SdpAnswer::from_sdp_string(answer).map_err(|_| Fault::Protocol)?;
            self.rtc.sdp_api().accept_answer(pending, answer).map_err(|_| Fault::Protocol)?;
            if let Some(own) = self.pending_credentials.take() {
                self.ufrag.clone_from(&own.ufrag);
                self.remote_candidates = 0;
                self.rtc.direct_api().set_local_ice_credentials(own);
            }
            self.drain(now, drained)?;
            Ok(true)
        })
    }

    /// Takes a remote candidate as in `a=candidate:`. Names that only the other host can resolve are passed over: the peer's
    /// own checks will show its address.
    pub fn add_candidate(&mut self, candidate: &str, now: Instant, drained: &mut Drained<'_>) -> Result<(), Fault> {
        contained(|| {
            let Ok(candidate) = Candidate::from_sdp_string(candidate) else { return Ok(()) };
            if self.remote_candidates >= REMOTE_CANDIDATES_MAX {
                return Ok(());
            }
            self.remote_candidates += 1;
            self.rtc.add_remote_candidate(candidate);
            self.drain(now, drained)
        })
    }

    /// Remembers a channel that opened. Answers whether one of the protocol's became usable.
    pub fn channel_opened(&mut self, id: ChannelId, label: &str, channels_max: usize) -> Result<bool, Fault> {
        self.channels.open += 1;
        if self.channels.open > channels_max {
            return Err(Fault::Protocol);
        }
        match label {
            RELIABLE => self.channels.reliable = Some(id),
            LOSSY => self.channels.lossy = Some(id),
            _ => return Ok(false),
        }
        contained(|| {
            if let Some(mut channel) = self.rtc.channel(id) {
                channel.set_buffered_amount_low_threshold(SCTP_BUFFER_BYTES_MAX / 4);
            }
            Ok(true)
        })
    }

    /// Forgets a channel that closed.
    pub fn channel_closed(&mut self, id: ChannelId) {
        self.channels.open = self.channels.open.saturating_sub(1);
        if self.channels.reliable == Some(id) {
            self.channels.reliable = None;
        }
        if self.channels.lossy == Some(id) {
            self.channels.lossy = None;
        }
    }

    /// By which of the protocol's channels data came.
    pub fn delivery_of(&self, id: ChannelId) -> Option<Delivery> {
        if self.channels.reliable == Some(id) {
            Some(Delivery::Reliable)
        } else if self.channels.lossy == Some(id) {
            Some(Delivery::Lossy)
        } else {
            None
        }
    }

    /// Sends a message. Answers whether there was an open channel with room for it.
    pub fn send_data(
        &mut self,
        delivery: Delivery,
        message: &[u8],
        now: Instant,
        drained: &mut Drained<'_>,
    ) -> Result<bool, Fault> {
        contained(|| {
            let id = match delivery {
                Delivery::Reliable => self.channels.reliable,
                Delivery::Lossy => self.channels.lossy,
            };
            let Some(mut channel) = id.and_then(|id| self.rtc.channel(id)) else { return Ok(false) };
            let taken = channel.write(true, message).map_err(|_| Fault::Failed)?;
            self.drain(now, drained)?;
            Ok(taken)
        })
    }

    /// Says goodbye to the other side: RTCP BYE and DTLS `close_notify`.
    pub fn close(&mut self, now: Instant, drained: &mut Drained<'_>) {
        // A peer that cannot even be closed is dropped just the same.
        let _ = contained(|| {
            self.rtc.close().map_err(|_| Fault::Failed)?;
            self.drain(now, drained)
        });
    }
}

/// What an offer is to change.
#[derive(Debug, Default)]
pub(crate) struct OfferChanges<'a> {
    /// Sections to add, to send on.
    pub added: &'a [MediaKind],
    /// Sections to change.
    pub directions: &'a [(Mid, Direction)],
    /// Whether ICE starts anew.
    pub restart: bool,
    /// Whether the two data channels are made.
    pub channels: bool,
}

/// An offer that waits for its answer.
#[derive(Debug)]
pub(crate) struct Offered {
    /// str0m's text.
    pub description: String,
    /// The sections added, in the order asked for.
    pub added: Vec<Mid>,
}

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
    fn event(&mut self, event: RtcEvent) {
        self.work.push_back(Work::Rtc { participant: self.participant, target: self.target, event });
    }

    fn transmit(&mut self, transmit: str0m::net::Transmit) {
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
