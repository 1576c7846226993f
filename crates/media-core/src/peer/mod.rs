//! One peer connection: str0m's `Rtc` with the rules of its use kept in one place.
//!
//! After every mutation of an `Rtc` it is drained to its timeout (str0m, "The single-mutation invariant"), and whatever goes
//! wrong in it, a panic included, is a [`Fault`] of this peer only: it is thrown away and nothing else has seen its state.
//!
//! The one mutation that is repeated before a drain is writing packets. It only puts them in a queue, which str0m lets be done
//! any number of times in answer to one event, and a drain costs several times as much as a write. And while those are sent,
//! str0m is told the time after each without being asked whether it wants to know: its pacer always does before the next one.

mod channels;
mod config;
mod drained;
mod dtls;
mod exchange;
mod rest;

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Instant,
};

use str0m::{
    Event as RtcEvent, Input as RtcInput, Output as RtcOutput, PacerReason, Reason, Rtc,
    bwe::Bitrate,
    change::SdpPendingOffer,
    media::{KeyframeRequestKind, MediaKind, Mid, Pt, Rid},
    net::{Protocol as RtcProtocol, Receive},
    rtp::{RtpWrite, Ssrc},
};

use self::{channels::Channels, rest::Rest};
pub(crate) use self::{config::PeerConfig, drained::Drained, exchange::OfferChanges};
use crate::{
    Protocol,
    limits::{
        BANDWIDTH_INITIAL_BPS, DOWNLINK_INTERVAL, DRAIN_STEPS_MAX, REPAIR_AGE_MAX, REPAIR_PACKETS_MAX,
        REPAIR_SHARE_MAX, SCTP_BUFFER_BYTES_MAX,
    },
    payload_types::PayloadTypes,
    random::Random,
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

/// A peer connection.
pub(crate) struct Peer {
    rtc: Rtc,
    ufrag: String,
    connected: bool,
    deadline: Option<Instant>,
    pending: Option<SdpPendingOffer>,
    pending_credentials: Option<str0m::IceCreds>,
    /// Those taken since ICE began. Descriptions repeat them.
    remote_candidates: BTreeSet<String>,
    payload_types: PayloadTypes,
    channels: Channels,
    bandwidth: Option<u64>,
    rest: Rest,
    /// Packets written since the last drain.
    written: usize,
    /// Whether it is on the list of those to be flushed.
    listed: bool,
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Peer").field("connected", &self.connected).finish_non_exhaustive()
    }
}

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
            .set_crypto_provider(Arc::clone(&config.crypto))
            .set_ice_lite(true)
            .set_rtp_mode(true)
            .set_local_ice_credentials(credentials)
            .set_stats_interval(Some(DOWNLINK_INTERVAL))
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
                remote_candidates: BTreeSet::new(),
                payload_types: PayloadTypes::default(),
                channels: Channels::default(),
                bandwidth: None,
                rest: Rest::default(),
                written: 0,
                listed: false,
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

    /// Puts an RTP packet on an outgoing stream, to be sent with the next [`Self::flush`] or whatever else drains it. Answers
    /// whether there was room for it.
    pub fn write(&mut self, ssrc: Ssrc, kind: MediaKind, queued_max: usize, packet: RtpWrite) -> Result<bool, Fault> {
        contained(|| {
            if kind == MediaKind::Video {
                self.wake();
            }
            let mut direct = self.rtc.direct_api();
            let Some(stream) = direct.stream_tx(&ssrc) else { return Ok(false) };
            // What str0m tells of the queue is from the last drain.
            if stream.queue_info().is_some_and(|queue| queue.packet_count() + self.written > queued_max) {
                return Ok(false);
            }
            stream.write_rtp(packet);
            self.written += 1;
            Ok(true)
        })
    }

    /// Packets that wait for [`Self::flush`].
    pub fn written(&self) -> usize {
        self.written
    }

    /// Whether it has to be put on the list of those to be flushed, which then counts as done.
    pub fn is_to_be_listed(&mut self) -> bool {
        self.written > 0 && !std::mem::replace(&mut self.listed, true)
    }

    /// It is off the list.
    pub fn unlist(&mut self) {
        self.listed = false;
    }

    /// Sends what was written, as far as the pacer lets it.
    pub fn flush(&mut self, now: Instant, drained: &mut Drained<'_>) -> Result<(), Fault> {
        if self.written == 0 {
            return Ok(());
        }
        self.advance(now, drained)
    }

    /// Polls until str0m has nothing to do before a later time.
    fn drain(&mut self, now: Instant, drained: &mut Drained<'_>) -> Result<(), Fault> {
        let mut waiting = std::mem::take(&mut self.written);
        let mut told_for_nothing = false;
        for _ in 0..DRAIN_STEPS_MAX {
            match self.rtc.poll_output().map_err(|_| Fault::Failed)? {
                RtcOutput::Timeout(at) => {
                    let to_send = self.wants_time_to_send() && !std::mem::replace(&mut told_for_nothing, true);
                    if at <= now || to_send {
                        self.rtc.handle_input(RtcInput::Timeout(now)).map_err(|_| Fault::Failed)?;
                        continue;
                    }
                    let alive = self.rtc.is_alive();
                    self.connected &= alive;
                    self.deadline = alive.then_some(at);
                    return Ok(());
                }
                RtcOutput::Transmit(transmit) => {
                    drained.transmit(transmit);
                    told_for_nothing = false;
                    waiting = waiting.saturating_sub(1);
                    if waiting > 0 {
                        // It would only be asked to answer that it wants to be told the time for the next packet, see below.
                        self.rtc.handle_input(RtcInput::Timeout(now)).map_err(|_| Fault::Failed)?;
                    }
                }
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

    /// Whether the pacer only waits to be told the time again before it looks for the next packet. It asks for that a
    /// microsecond later, which would be a turn of the whole engine for every packet, and is as content with the same time.
    fn wants_time_to_send(&self) -> bool {
        self.rtc.last_timeout_reason() == Reason::Pacer(PacerReason::Immediate)
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

    /// Says goodbye to the other side: RTCP BYE and DTLS `close_notify`.
    pub fn close(&mut self, now: Instant, drained: &mut Drained<'_>) {
        // A peer that cannot even be closed is dropped just the same.
        let _ = contained(|| {
            self.rtc.close().map_err(|_| Fault::Failed)?;
            self.drain(now, drained)
        });
    }
}
