//! Media that tells where it is from, and what arrives of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use str0m::{
    Rtc,
    format::{Codec, PayloadParams},
    media::{MediaKind, Mid, Rid},
    rtp::{ExtensionValues, RtpPacket, RtpWrite, SeqNo},
};

/// A track that a client sends.
pub struct Source {
    pub tag: u32,
    pub kind: MediaKind,
    pub mid: Mid,
    pub muted: bool,
    pub encodings: Vec<Encoding>,
    next_at: Instant,
    frame: u32,
    /// Voice at this many decibels below the loudest.
    pub level: i8,
}

/// One layer of it.
pub struct Encoding {
    pub rid: Option<Rid>,
    pub active: bool,
    pub keyframe_wanted: bool,
    pub keyframes: u32,
    packets_per_frame: u32,
    sequence: u64,
    time: u32,
    picture: u16,
}

const PACKET_BYTES: usize = 1000;

impl Source {
    pub fn new(tag: u32, kind: MediaKind, mid: Mid, rids: &[&str], now: Instant) -> Self {
        let rids: Vec<Option<Rid>> =
            if rids.is_empty() { vec![None] } else { rids.iter().map(|rid| Some(Rid::from(*rid))).collect() };
        let encodings = rids
            .into_iter()
            .enumerate()
            .map(|(rank, rid)| Encoding {
                rid,
                active: true,
                keyframe_wanted: true,
                keyframes: 0,
                // 160, 480 and 1120 kbit/s with 20 frames a second.
                packets_per_frame: if rid.is_some() { [1, 3, 7][rank.min(2)] } else { 3 },
                sequence: 100 + u64::from(tag) * 37 + rank as u64 * 11,
                time: tag.wrapping_mul(1_000_003).wrapping_add(rank as u32 * 777_777),
                picture: 5_000 * (rank as u16 + 1),
            })
            .collect();
        Self { tag, kind, mid, muted: false, encodings, next_at: now, frame: 0, level: -20 }
    }

    pub fn interval(&self) -> Duration {
        if self.kind == MediaKind::Audio { Duration::from_millis(20) } else { Duration::from_millis(50) }
    }

    pub fn next_at(&self) -> Instant {
        self.next_at
    }

    /// The packets of the next frame, with the layer each is of. The caller writes and drains them one by one.
    pub fn frame(&mut self, rtc: &mut Rtc, now: Instant) -> Vec<(Option<Rid>, RtpWrite)> {
        // Whoever slept does not make up for it.
        self.next_at = self.next_at.max(now) + self.interval();
        self.frame += 1;
        if self.muted {
            return Vec::new();
        }
        let codec = if self.kind == MediaKind::Audio { Codec::Opus } else { Codec::Vp8 };
        let Some(media) = rtc.media(self.mid) else { return Vec::new() };
        let accepted = media.remote_pts().to_vec();
        let own = rtc.codec_config().params();
        let Some(pt) =
            own.iter().find(|p| p.spec().codec == codec && accepted.contains(&p.pt())).map(PayloadParams::pt)
        else {
            return Vec::new();
        };
        let mut packets = Vec::new();
        for (rank, encoding) in self.encodings.iter_mut().enumerate().filter(|(_, encoding)| encoding.active) {
            let stamp = Stamp { tag: self.tag, layer: rank as u8, frame: self.frame };
            let count = if self.kind == MediaKind::Audio { 1 } else { encoding.packets_per_frame };
            let key = self.kind == MediaKind::Video && std::mem::take(&mut encoding.keyframe_wanted);
            encoding.keyframes += u32::from(key);
            encoding.time = encoding.time.wrapping_add(if self.kind == MediaKind::Audio { 960 } else { 4_500 });
            encoding.picture = (encoding.picture + 1) & 0x7fff;
            for index in 0..count {
                encoding.sequence += 1;
                let payload = match self.kind {
                    MediaKind::Audio => stamp.payload(&[], 80),
                    MediaKind::Video => {
                        let [high, low] = encoding.picture.to_be_bytes();
                        let start = if index == 0 { 0x90 } else { 0x80 };
                        stamp.payload(&[start, 0x80, 0x80 | high, low, u8::from(!key)], PACKET_BYTES)
                    }
                };
                let extensions = ExtensionValues {
                    audio_level: (self.kind == MediaKind::Audio).then_some(self.level),
                    voice_activity: (self.kind == MediaKind::Audio).then_some(true),
                    ..ExtensionValues::default()
                };
                let sequence = SeqNo::from(encoding.sequence);
                let write = RtpWrite::new(pt, sequence, encoding.time, now, payload)
                    .marker(index + 1 == count)
                    .nackable(self.kind == MediaKind::Video)
                    .ext_vals(extensions);
                packets.push((encoding.rid, write));
            }
        }
        packets
    }
}

/// What every payload says about itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Stamp {
    tag: u32,
    layer: u8,
    frame: u32,
}

impl Stamp {
    fn payload(self, head: &[u8], size: usize) -> Vec<u8> {
        let mut payload = head.to_vec();
        payload.extend(self.tag.to_be_bytes());
        payload.push(self.layer);
        payload.extend(self.frame.to_be_bytes());
        payload.resize(size, 0xAA);
        payload
    }

    fn read(payload: &[u8]) -> Option<Self> {
        let tag = payload.get(0..4)?.try_into().ok()?;
        let frame = payload.get(5..9)?.try_into().ok()?;
        Some(Self { tag: u32::from_be_bytes(tag), layer: *payload.get(4)?, frame: u32::from_be_bytes(frame) })
    }
}

/// What came of one track.
#[derive(Default, Debug)]
pub struct Reception {
    pub packets: u64,
    pub frames: BTreeSet<u32>,
    /// Packets by layer.
    pub layers: [u64; 3],
    pub last_at: Option<Instant>,
    /// The track that the signals said the section carries.
    pub sids: BTreeSet<String>,
}

/// Everything that a client heard and saw.
#[derive(Default, Debug)]
pub struct Ear {
    pub tracks: BTreeMap<u32, Reception>,
    streams: BTreeMap<u32, Stream>,
}

#[derive(Default, Debug)]
struct Stream {
    seen: BTreeSet<u64>,
    last: Option<(u64, u32, Option<u16>)>,
    backward: u64,
}

impl Stream {
    fn holes(&self) -> u64 {
        let ends = self.seen.first().zip(self.seen.last());
        ends.map_or(0, |(first, last)| last - first + 1 - self.seen.len() as u64)
    }
}

impl Ear {
    pub fn hear(&mut self, packet: &RtpPacket, kind: MediaKind, sid: Option<&String>, now: Instant) {
        if packet.payload.is_empty() {
            return;
        }
        let head = if kind == MediaKind::Audio { 0 } else { 5 };
        let stamp = Stamp::read(packet.payload.get(head..).unwrap_or_default()).expect("our own payload");
        let reception = self.tracks.entry(stamp.tag).or_default();
        reception.packets += 1;
        reception.frames.insert(stamp.frame);
        reception.layers[usize::from(stamp.layer)] += 1;
        reception.last_at = Some(now);
        reception.sids.extend(sid.cloned());

        let picture =
            (kind == MediaKind::Video).then(|| u16::from_be_bytes([packet.payload[2] & 0x7f, packet.payload[3]]));
        let stream = self.streams.entry(*packet.header.ssrc).or_default();
        let sequence = *packet.seq_no;
        assert!(stream.seen.insert(sequence), "a sequence number was used twice");
        if let Some((last, time, last_picture)) = stream.last {
            let time_ahead = packet.header.timestamp.wrapping_sub(time);
            let picture_ahead = picture.zip(last_picture).map(|(new, old)| new.wrapping_sub(old) & 0x7fff);
            if sequence > last && (time_ahead > u32::MAX / 2 || picture_ahead.is_some_and(|ahead| ahead > 0x3fff)) {
                stream.backward += 1;
            }
        }
        if stream.last.is_none_or(|(last, ..)| sequence > last) {
            stream.last = Some((sequence, packet.header.timestamp, picture));
        }
    }

    /// Sequence numbers that never came, over all streams, those of the last few packets aside.
    pub fn holes(&self) -> u64 {
        self.streams.values().map(Stream::holes).sum()
    }

    /// As [`Self::holes`], in streams of pictures only: nobody asks again for a sound.
    pub fn picture_holes(&self) -> u64 {
        let pictures = |stream: &&Stream| stream.last.is_some_and(|(_, _, picture)| picture.is_some());
        self.streams.values().filter(pictures).map(Stream::holes).sum()
    }

    /// Packets whose time or picture went back although their sequence number went on.
    pub fn backward(&self) -> u64 {
        self.streams.values().map(|stream| stream.backward).sum()
    }

    pub fn frames(&self, tag: u32) -> usize {
        self.tracks.get(&tag).map_or(0, |reception| reception.frames.len())
    }

    pub fn packets(&self, tag: u32) -> u64 {
        self.tracks.get(&tag).map_or(0, |reception| reception.packets)
    }

    pub fn layers(&self, tag: u32) -> [u64; 3] {
        self.tracks.get(&tag).map_or([0; 3], |reception| reception.layers)
    }
}
