//! A client: a real str0m peer on a real socket, which publishes a video or receives them.

use std::{
    error::Error,
    io,
    net::{SocketAddr, UdpSocket},
    os::fd::{AsFd, BorrowedFd},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use livekit_proto::proto::{self, signal_request, signal_response};
use nix::sys::socket::{setsockopt, sockopt::ReceiveTimestampns};
use quinn_udp::{RecvMeta, Transmit, UdpSocketState};
use str0m::{
    Candidate, Event, Input, Output, Rtc,
    change::{SdpAnswer, SdpPendingOffer},
    format::{Codec, PayloadParams},
    media::{Direction, MediaKind, Mid, Pt},
    net::{Protocol, Receive},
    rtp::{RtpWrite, SeqNo},
};

use crate::signalling::Say;

/// Payload of a video packet; with headers what libwebrtc sends at most.
const PAYLOAD_BYTES: usize = 1100;
/// The VP8 descriptor in front: a start of a picture with a picture id of 15 bits (RFC 7741).
const DESCRIPTOR_BYTES: usize = 5;
/// The clock of video (RFC 7741, section 6.1).
const VIDEO_HZ: u64 = 90_000;

/// What came since the counters were last set to zero.
#[derive(Default)]
pub struct Counts {
    pub packets: u64,
    /// From the moment before a packet was given to the kernel to the moment when the kernel had what was made of it for the
    /// receiver, in nanoseconds.
    pub delays_ns: Vec<u64>,
}

pub struct Client {
    rtc: Rtc,
    socket: UdpSocket,
    state: UdpSocketState,
    address: SocketAddr,
    pub say: Option<Say>,
    pub timeout: Instant,
    pending: Option<SdpPendingOffer>,
    offers: u32,
    receiving: Vec<Mid>,
    pub publishing: Option<Publishing>,
    pub connected: bool,
    pub first_packet: Option<Instant>,
    pub counts: Counts,
    outgoing: Vec<(SocketAddr, Vec<u8>)>,
    /// The last moment that `rtc` was told: time does not go backwards for it.
    told: Instant,
}

/// A video on its way out.
pub struct Publishing {
    mid: Mid,
    pt: Option<Pt>,
    sequence: u64,
    picture: u16,
    keyframe_wanted: bool,
    started: Instant,
}

impl AsFd for Client {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Client {
    /// A client with a socket of its own, and its first offer.
    pub fn new(publishes: bool, now: Instant) -> Result<(Self, proto::JoinRequest), Box<dyn Error>> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        setsockopt(&socket, ReceiveTimestampns, &true)?;
        let state = UdpSocketState::new((&socket).into())?;
        state.set_recv_buffer_size((&socket).into(), 2 << 20)?;
        let address = socket.local_addr()?;
        let mut rtc =
            Rtc::builder().set_rtp_mode(true).clear_codecs().enable_opus(true, false).enable_vp8(true).build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp")?);
        rtc.handle_input(Input::Timeout(now))?;
        let mut client = Self {
            rtc,
            socket,
            state,
            address,
            say: None,
            timeout: now,
            pending: None,
            offers: 0,
            receiving: Vec::new(),
            publishing: None,
            connected: false,
            first_packet: None,
            counts: Counts::default(),
            outgoing: Vec::new(),
            told: now,
        };
        let add = if publishes { (0, 0) } else { (1, 1) };
        let offer = client.offer(add, publishes).ok_or("no offer")?;
        let track = proto::AddTrackRequest {
            cid: "camera".to_owned(),
            r#type: proto::TrackType::Video.into(),
            source: proto::TrackSource::Camera.into(),
            width: 1280,
            height: 720,
            ..proto::AddTrackRequest::default()
        };
        let request = proto::JoinRequest {
            client_info: Some(proto::ClientInfo {
                sdk: proto::client_info::Sdk::Js.into(),
                protocol: 16,
                ..proto::ClientInfo::default()
            }),
            connection_settings: Some(proto::ConnectionSettings {
                auto_subscribe: !publishes,
                ..proto::ConnectionSettings::default()
            }),
            add_track_requests: if publishes { vec![track] } else { Vec::new() },
            publisher_offer: Some(offer),
            ..proto::JoinRequest::default()
        };
        Ok((client, request))
    }

    fn offer(&mut self, (audio, video): (u32, u32), publish: bool) -> Option<proto::SessionDescription> {
        let mut api = self.rtc.sdp_api();
        if self.offers == 0 {
            api.add_channel("_reliable".to_owned());
        }
        for mid in &self.receiving {
            // A browser goes on wanting to receive whatever was answered; the detour makes str0m offer it again.
            api.set_direction(*mid, Direction::Inactive);
            api.set_direction(*mid, Direction::RecvOnly);
        }
        for (number, kind) in [(audio, MediaKind::Audio), (video, MediaKind::Video)] {
            for _ in 0..number {
                self.receiving.push(api.add_media(kind, Direction::RecvOnly, None, None, None));
            }
        }
        if publish {
            let (stream, track) = (Some("stream".to_owned()), Some("camera".to_owned()));
            let mid = api.add_media(MediaKind::Video, Direction::SendOnly, stream, track, None);
            self.publishing = Some(Publishing {
                mid,
                pt: None,
                sequence: 1,
                picture: 1,
                keyframe_wanted: true,
                started: Instant::now(),
            });
        }
        let (offer, pending) = api.apply()?;
        self.offers += 1;
        self.pending = Some(pending);
        let sdp = offer.to_sdp_string();
        Some(proto::SessionDescription { r#type: "offer".to_owned(), sdp, id: self.offers, ..Default::default() })
    }

    /// Takes what the server says.
    pub fn hear(&mut self, message: signal_response::Message, now: Instant) -> Result<(), Box<dyn Error>> {
        if let signal_response::Message::Answer(answer) = message {
            let pending = self.pending.take().ok_or("an answer to nothing")?;
            self.rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(&answer.sdp)?)?;
            self.drain(now)?;
        } else if let signal_response::Message::MediaSectionsRequirement(needed) = message
            && self.pending.is_none()
            && let Some(offer) = self.offer((needed.num_audios, needed.num_videos), false)
            && let Some(say) = &self.say
        {
            say.send(signal_request::Message::Offer(offer))?;
        }
        Ok(())
    }

    /// Reads what is there.
    pub fn receive(&mut self, buffer: &mut [u8], now: Instant) -> Result<(), Box<dyn Error>> {
        loop {
            let mut meta = [RecvMeta::default()];
            let mut slices = [io::IoSliceMut::new(buffer)];
            match self.state.recv((&self.socket).into(), &mut slices, &mut meta) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
            let [meta] = meta;
            let arrived = meta.timestamp;
            // When the kernel had it, as browsers report it too. With the moment at which this process came to it, all of them would
            // seem to be behind paths that are congested whenever this process is late.
            let at = match arrived {
                Some(arrived) => now_or_before(now, arrived)?.max(self.told),
                None => now,
            };
            self.told = at;
            for start in (0..meta.len).step_by(meta.stride.max(1)) {
                let datagram = &buffer[start..meta.len.min(start + meta.stride)];
                let Ok(receive) = Receive::new(Protocol::Udp, meta.addr, self.address, datagram) else { continue };
                let input = Input::Receive(at, receive);
                if self.rtc.accepts(&input) {
                    self.rtc.handle_input(input)?;
                    self.drain_from(at, arrived)?;
                }
            }
        }
        self.flush()
    }

    /// Lets time pass.
    pub fn advance(&mut self, now: Instant) -> Result<(), Box<dyn Error>> {
        self.told = now;
        self.rtc.handle_input(Input::Timeout(now))?;
        self.drain(now)?;
        self.flush()
    }

    /// Sends some packets of the current picture. How many it could send.
    pub fn film(&mut self, packets: usize, ends_picture: bool, now: Instant) -> Result<usize, Box<dyn Error>> {
        let Some(publishing) = &mut self.publishing else { return Ok(0) };
        if !self.connected {
            return Ok(0);
        }
        if publishing.pt.is_none() {
            let accepted = self.rtc.media(publishing.mid).map(|media| media.remote_pts().to_vec()).unwrap_or_default();
            let params = self.rtc.codec_config().params();
            publishing.pt = params
                .iter()
                .find(|p| p.spec().codec == Codec::Vp8 && accepted.contains(&p.pt()))
                .map(PayloadParams::pt);
        }
        let Some(pt) = publishing.pt else { return Ok(0) };
        let elapsed = now.duration_since(publishing.started).as_millis();
        let time = u32::try_from(elapsed * u128::from(VIDEO_HZ / 1000) % (1 << 32))?;
        for index in 0..packets {
            let publishing = self.publishing.as_mut().ok_or("not publishing")?;
            publishing.sequence += 1;
            let [high, low] = publishing.picture.to_be_bytes();
            let key = std::mem::take(&mut publishing.keyframe_wanted);
            // libwebrtc cuts a frame into packets whose sizes differ by one byte, the larger ones last.
            let bytes = PAYLOAD_BYTES - usize::from(index < packets / 3);
            let mut payload = vec![0x90, 0x80, 0x80 | high, low, u8::from(!key)];
            payload.extend(since_epoch()?.to_be_bytes());
            payload.resize(bytes, 0xaa);
            let is_last = ends_picture && index + 1 == packets;
            let write =
                RtpWrite::new(pt, SeqNo::from(publishing.sequence), time, now, payload).marker(is_last).nackable(true);
            let mid = publishing.mid;
            if is_last {
                publishing.picture = (publishing.picture + 1) & 0x7fff;
            }
            if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, None) {
                stream.write_rtp(write);
            }
            self.drain(now)?;
        }
        self.flush()?;
        Ok(packets)
    }

    fn drain(&mut self, now: Instant) -> Result<(), Box<dyn Error>> {
        self.told = now;
        self.drain_from(now, None)
    }

    fn drain_from(&mut self, now: Instant, arrived: Option<Duration>) -> Result<(), Box<dyn Error>> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(at) if at <= now => self.rtc.handle_input(Input::Timeout(now))?,
                Output::Timeout(at) => {
                    self.timeout = at;
                    return Ok(());
                }
                Output::Transmit(transmit) => self.outgoing.push((transmit.destination, transmit.contents.into())),
                Output::Event(Event::Connected) => self.connected = true,
                Output::Event(Event::KeyframeRequest(_)) => {
                    if let Some(publishing) = &mut self.publishing {
                        publishing.keyframe_wanted = true;
                    }
                }
                Output::Event(Event::RtpPacket(packet)) => {
                    if packet.payload.len() > DESCRIPTOR_BYTES + 8 {
                        self.count(&packet.payload, arrived)?;
                    }
                }
                Output::Event(_) => {}
            }
        }
    }

    fn count(&mut self, payload: &[u8], arrived: Option<Duration>) -> Result<(), Box<dyn Error>> {
        self.first_packet.get_or_insert_with(Instant::now);
        self.counts.packets += 1;
        let sent = u64::from_be_bytes(payload[DESCRIPTOR_BYTES..DESCRIPTOR_BYTES + 8].try_into()?);
        if let Some(arrived) = arrived {
            self.counts.delays_ns.push(u64::try_from(arrived.as_nanos())?.saturating_sub(sent));
        }
        Ok(())
    }

    /// Sends what is to be sent, datagrams of one size together.
    fn flush(&mut self) -> Result<(), Box<dyn Error>> {
        let segments_max = self.state.max_gso_segments();
        let mut outgoing = std::mem::take(&mut self.outgoing).into_iter().peekable();
        while let Some((destination, mut contents)) = outgoing.next() {
            let bytes = contents.len();
            let mut segments = 1;
            while segments < segments_max
                && contents.len() + bytes < 65_000
                && let Some((_, next)) = outgoing.next_if(|(to, next)| *to == destination && next.len() == bytes)
            {
                contents.extend(next);
                segments += 1;
            }
            let segment_size = (segments > 1).then_some(bytes);
            let transmit = Transmit { destination, ecn: None, contents: &contents, segment_size, src_ip: None };
            match self.state.try_send((&self.socket).into(), &transmit) {
                Ok(()) => {}
                // The network drops, too.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// The moment at which the kernel's clock stood so, if that was before `now`.
fn now_or_before(now: Instant, since_epoch: Duration) -> Result<Instant, Box<dyn Error>> {
    let age = Duration::from_nanos(self::since_epoch()?).saturating_sub(since_epoch);
    // `now` was read before the packets were: what came since then is not older than it.
    let age = age.saturating_sub(now.elapsed());
    Ok(now.checked_sub(age).unwrap_or(now))
}

fn since_epoch() -> Result<u64, Box<dyn Error>> {
    Ok(u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos())?)
}
