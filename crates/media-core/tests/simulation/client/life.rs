//! What a client does as time passes.

use std::time::{Duration, Instant};

use livekit_proto::proto::{DataPacket, Ping, signal_request};
use prost::Message as _;
use str0m::{Event as RtcEvent, media::MediaKind};

use super::Client;

/// How often clients ping, as the engine asks them to.
const PING_INTERVAL: Duration = Duration::from_secs(5);

impl Client {
    /// Sends the media that is due and lets time pass.
    pub fn live(&mut self, now: Instant) {
        if self.ping_at <= now {
            self.ping_at = now + PING_INTERVAL;
            if !self.silent {
                self.say(signal_request::Message::PingReq(Ping::default()));
            }
        }
        for source in self.sources.iter_mut().filter(|source| source.next_at() <= now) {
            let packets = source.frame(&mut self.publisher.rtc, now);
            if self.publisher.connected {
                self.publisher.write(source.mid, packets, now);
            }
        }
        for peer in std::iter::once(&mut self.publisher).chain(&mut self.subscriber) {
            if peer.timeout <= now {
                peer.advance(now);
            }
        }
    }

    pub fn take_events(&mut self, now: Instant) {
        for event in std::mem::take(&mut self.publisher.events) {
            self.event(event, true, now);
        }
        let events = self.subscriber.as_mut().map(|peer| std::mem::take(&mut peer.events));
        for event in events.unwrap_or_default() {
            self.event(event, false, now);
        }
    }

    fn event(&mut self, event: RtcEvent, publisher: bool, now: Instant) {
        match event {
            RtcEvent::RtpPacket(packet) => {
                let peer = if publisher { &mut self.publisher } else { self.subscriber.as_mut().expect("a peer") };
                let stream = peer.rtc.direct_api().stream_rx(&packet.header.ssrc).map(|stream| stream.mid());
                let mid = stream.expect("a stream");
                let kind = peer.rtc.media(mid).map_or(MediaKind::Audio, str0m::media::Media::kind);
                let sid = self.sid_on(&mid.to_string()).cloned();
                self.ear.hear(&packet, kind, sid.as_ref(), now);
            }
            RtcEvent::KeyframeRequest(request) => {
                let encodings = self.sources.iter_mut().filter(|source| source.mid == request.mid);
                for encoding in encodings.flat_map(|source| &mut source.encodings) {
                    encoding.keyframe_wanted |= encoding.rid == request.rid;
                }
            }
            RtcEvent::ChannelData(data) => {
                self.data.push(DataPacket::decode(&data.data[..]).expect("a data packet"));
            }
            _ => {}
        }
    }
}
