//! A published track and the layers that its media comes in.

use std::time::{Duration, Instant};

use livekit_proto::proto;
use str0m::{
    format::PayloadParams,
    media::{MediaKind, Mid, Rid},
};

use crate::{
    ids::{ParticipantId, TrackId},
    limits::{KEYFRAME_REQUEST_INTERVAL, LAYER_SILENT},
    loudness::Loudness,
};

/// The most layers of a track: low, middle and high.
pub(crate) const LAYERS_MAX: usize = 3;

/// A track that a client announced, and publishes once it has a media section.
#[derive(Debug)]
pub(crate) struct Track {
    /// Its name inside the engine.
    pub id: TrackId,
    /// The client's name for it.
    pub cid: String,
    /// What the others are told.
    pub info: proto::TrackInfo,
    /// Audio or video.
    pub kind: MediaKind,
    /// When it was announced.
    pub announced_at: Instant,
    /// The publisher's media section. `None` until it is offered.
    pub mid: Option<Mid>,
    /// Its layers, the lowest first. One if there is no simulcast.
    pub layers: Vec<Layer>,
    /// Who receives it.
    pub subscribers: Vec<ParticipantId>,
    /// The codec of the last packet.
    pub codec: Option<PayloadParams>,
    /// How loud it is, for audio.
    pub loudness: Loudness,
    /// The best layer that anybody wants; what the publisher was told last.
    pub wanted_layer: Wanted,
    /// Whether the publisher has heard that, or is to be told again.
    pub wanted_told: bool,
    /// Since when nobody wants a layer that the publisher was told to send.
    pub unwanted_since: Option<Instant>,
    /// Whether the publisher was told that somebody receives it.
    pub received_told: bool,
    /// The server muted it: nothing is forwarded, whatever the client sends.
    pub silenced: bool,
}

/// What a publisher was told about the layers that anybody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Nothing, so it sends all it has.
    Everything,
    /// Those up to this one.
    UpTo(usize),
    /// None at all.
    Nothing,
}

/// One encoding of a track.
#[derive(Debug)]
pub(crate) struct Layer {
    /// Its name in the publisher's section, if it is one of several.
    pub rid: Option<Rid>,
    /// When its last packet came.
    pub heard_at: Option<Instant>,
    /// What it takes.
    pub rate: Rate,
    /// Sequence numbers seen, for the loss on the publisher's way to us.
    pub continuity: Continuity,
    keyframe_wanted: bool,
    keyframe_asked_at: Option<Instant>,
}

impl Layer {
    /// A layer that no packet came of.
    pub fn new(rid: Option<Rid>) -> Self {
        Self {
            rid,
            heard_at: None,
            rate: Rate::default(),
            continuity: Continuity::default(),
            keyframe_wanted: false,
            keyframe_asked_at: None,
        }
    }

    /// Whether packets are coming.
    pub fn is_flowing(&self, now: Instant) -> bool {
        self.heard_at.is_some_and(|at| now.saturating_duration_since(at) < LAYER_SILENT)
    }

    /// Notes that somebody needs a keyframe. Requests that come close together become one.
    pub fn want_keyframe(&mut self) {
        self.keyframe_wanted = true;
    }

    /// Whether a keyframe is to be asked for at this moment; if so, that counts as done.
    pub fn take_keyframe_request(&mut self, now: Instant) -> bool {
        let asked_lately =
            self.keyframe_asked_at.is_some_and(|at| now.saturating_duration_since(at) < KEYFRAME_REQUEST_INTERVAL);
        if !self.keyframe_wanted || asked_lately {
            return false;
        }
        self.keyframe_wanted = false;
        self.keyframe_asked_at = Some(now);
        true
    }
}

impl Track {
    /// The rank of a layer by its name in the publisher's section.
    pub fn layer_of(&self, rid: Option<Rid>) -> Option<usize> {
        self.layers.iter().position(|layer| layer.rid == rid)
    }

    /// What a layer takes in bits per second: as measured while it flows, else as announced.
    pub fn layer_bps(&self, layer: usize, now: Instant) -> u64 {
        let measured = self.layers.get(layer).filter(|layer| layer.is_flowing(now)).map_or(0, |layer| layer.rate.bps());
        if measured > 0 {
            return measured;
        }
        let announced = self.info.layers.get(layer).map_or(0, |layer| u64::from(layer.bitrate));
        if announced > 0 { announced } else { DEFAULT_LAYER_BPS[layer.min(LAYERS_MAX - 1)] }
    }

    /// The lowest layer that is at least as large as a picture is shown.
    pub fn layer_for_size(&self, width: u32, height: u32) -> usize {
        let top = self.layers.len().saturating_sub(1);
        let announced = self.info.layers.iter().take(self.layers.len());
        announced
            .enumerate()
            .find(|(_, layer)| layer.width >= width && layer.height >= height)
            .map_or(top, |(rank, _)| rank)
    }
}

/// What a layer takes if it was never measured nor announced, in bits per second: livekit-client's presets for 720p.
const DEFAULT_LAYER_BPS: [u64; LAYERS_MAX] = [160_000, 450_000, 1_700_000];

/// The order of a layer name among those of the browsers' and LiveKit's simulcast: quarter, half and full size.
pub(crate) fn layer_rank(rid: &str) -> Option<usize> {
    match rid {
        "q" => Some(0),
        "h" => Some(1),
        "f" => Some(2),
        _ => None,
    }
}

/// Bits per second over the last second or so.
#[derive(Debug, Default)]
pub(crate) struct Rate {
    bytes: u64,
    since: Option<Instant>,
    bps: u64,
}

/// Over how long a rate is measured. Longer is steadier, shorter sees a change sooner.
const RATE_WINDOW: Duration = Duration::from_secs(1);

impl Rate {
    /// Counts a packet.
    pub fn add(&mut self, bytes: usize, now: Instant) {
        self.bytes += bytes as u64;
        let since = *self.since.get_or_insert(now);
        let passed = now.saturating_duration_since(since);
        if passed >= RATE_WINDOW {
            let latest = self.bytes.saturating_mul(8_000_000) / u64::try_from(passed.as_micros()).unwrap_or(u64::MAX);
            self.bps = if self.bps == 0 { latest } else { self.bps.midpoint(latest) };
            self.bytes = 0;
            self.since = Some(now);
        }
    }

    /// The last measurement, 0 before the first.
    pub fn bps(&self) -> u64 {
        self.bps
    }
}

/// How much of a stream arrived, by its sequence numbers.
#[derive(Debug, Default)]
pub(crate) struct Continuity {
    highest: Option<u64>,
    expected: u64,
    received: u64,
}

impl Continuity {
    /// Counts a packet.
    pub fn add(&mut self, sequence: u64) {
        self.received += 1;
        match self.highest {
            Some(highest) if sequence <= highest => {}
            Some(highest) => {
                self.expected += sequence - highest;
                self.highest = Some(sequence);
            }
            None => {
                self.expected += 1;
                self.highest = Some(sequence);
            }
        }
    }

    /// Packets expected and received since the last call.
    pub fn take(&mut self) -> (u64, u64) {
        (std::mem::take(&mut self.expected), std::mem::take(&mut self.received))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_measured_over_its_window() {
        let start = Instant::now();
        let mut rate = Rate::default();
        for packet in 0..=100_u32 {
            rate.add(1_250, start + Duration::from_millis(10) * packet);
        }
        assert!((990_000..=1_020_000).contains(&rate.bps()), "{}", rate.bps());
    }

    #[test]
    fn lost_packets_are_missing_and_late_ones_are_not() {
        let mut continuity = Continuity::default();
        for sequence in [1, 2, 4, 3, 7] {
            continuity.add(sequence);
        }
        assert_eq!(continuity.take(), (7, 5));
        assert_eq!(continuity.take(), (0, 0));
    }

    #[test]
    fn keyframes_are_asked_for_once_in_a_while() {
        let now = Instant::now();
        let mut layer = Layer::new(None);
        assert!(!layer.take_keyframe_request(now));
        layer.want_keyframe();
        assert!(layer.take_keyframe_request(now));
        layer.want_keyframe();
        assert!(!layer.take_keyframe_request(now + KEYFRAME_REQUEST_INTERVAL / 2));
        assert!(layer.take_keyframe_request(now + KEYFRAME_REQUEST_INTERVAL));
    }
}
