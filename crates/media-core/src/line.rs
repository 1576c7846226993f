//! A media section on which something is sent to a client, and what it carries at the time.

use std::time::Instant;

use str0m::{
    format::{Codec, PayloadParams},
    media::{MediaKind, Mid, Pt},
    rtp::{ExtensionValues, RtpPacket, RtpWrite, SeqNo, Ssrc},
};

use crate::{
    ids::TrackId,
    keyframe::PictureIds,
    limits::{PAYLOAD_BYTES_MAX, SEND_QUEUE_PACKETS_MAX},
    peer::{Fault, Peer},
    rewrite::Rewriter,
};

/// A sending section.
#[derive(Debug)]
pub(crate) struct Line {
    /// Its name.
    pub mid: Mid,
    /// Audio or video.
    pub kind: MediaKind,
    /// The track that it carries.
    pub bound: Option<TrackId>,
    /// Whether the client was told of the track, so that media may flow.
    pub agreed: bool,
    /// Whether the client receives on it at all.
    pub offered: bool,
    /// Whether it has carried a track that it carries no more.
    pub used: bool,
    rest: Option<Rest>,
    ssrc: Option<Ssrc>,
    rewriter: Rewriter,
    pictures: PictureIds,
    payload_type: Option<(Pt, Pt)>,
}

/// How far a line is that carried a track until now: the client has to see it without one before it gets the next, or would
/// take the new track for the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// The client does not know yet.
    Due,
    /// It is in the description that is on its way.
    Told,
}

impl Line {
    /// A section that carries nothing.
    pub fn new(mid: Mid, kind: MediaKind) -> Self {
        Self {
            mid,
            kind,
            bound: None,
            agreed: false,
            offered: true,
            used: false,
            rest: None,
            ssrc: None,
            rewriter: Rewriter::new(),
            pictures: PictureIds::default(),
            payload_type: None,
        }
    }

    /// Whether a track may be put on it.
    pub fn is_free(&self) -> bool {
        self.bound.is_none() && self.rest.is_none() && self.offered
    }

    /// Whether a track may be put on it after the next description or the one after.
    pub fn is_resting(&self) -> bool {
        self.rest.is_some() && self.offered
    }

    /// Whether the client still has to be told that it carries nothing.
    pub fn is_rest_due(&self) -> bool {
        self.rest == Some(Rest::Due)
    }

    /// It is in the description that is being made as it is now.
    pub fn describe(&mut self) {
        if self.rest.is_some() {
            self.rest = Some(Rest::Told);
        }
    }

    /// Puts a track on it.
    pub fn bind(&mut self, track: TrackId) {
        self.bound = Some(track);
        self.agreed = false;
        self.interrupt();
    }

    /// Takes the track off.
    pub fn release(&mut self) {
        self.bound = None;
        self.agreed = false;
        self.used = true;
        self.rest = Some(Rest::Due);
        self.interrupt();
    }

    /// The client has the last description: media may flow.
    pub fn agree(&mut self, peer: &mut Peer) {
        if self.rest == Some(Rest::Told) {
            self.rest = None;
        }
        if self.bound.is_none() {
            return;
        }
        if self.ssrc.is_none() {
            self.ssrc = peer.outgoing(self.mid);
        }
        self.agreed = self.ssrc.is_some();
        // Payload types are the client's to choose anew in every description.
        self.payload_type = None;
    }

    /// The next packet does not follow the last one in its source.
    pub fn interrupt(&mut self) {
        self.rewriter.detach();
        self.pictures.detach();
        self.payload_type = None;
    }

    /// Writes a packet of the track that it carries. Answers whether it can be sent: not if the client cannot play the codec,
    /// or takes packets more slowly than they come.
    pub fn send(
        &mut self,
        peer: &mut Peer,
        packet: &RtpPacket,
        codec: &PayloadParams,
        now: Instant,
    ) -> Result<bool, Fault> {
        let Some(ssrc) = self.ssrc.filter(|_| self.agreed && peer.is_connected()) else { return Ok(false) };
        if packet.payload.len() > PAYLOAD_BYTES_MAX {
            return Ok(false);
        }
        let Some(payload_type) = self.payload_type(peer, codec) else { return Ok(false) };
        let clock_rate = codec.spec().clock_rate.get();
        let Some(placed) = self.rewriter.place(*packet.seq_no, packet.header.timestamp, clock_rate, now) else {
            return Ok(true);
        };
        let sequence = SeqNo::from(placed.sequence);
        let extensions = &packet.header.ext_vals;
        let mut write = RtpWrite::new(payload_type, sequence, placed.time, now, packet.payload.clone())
            .marker(packet.header.marker)
            .nackable(self.kind == MediaKind::Video)
            .ext_vals(ExtensionValues {
                audio_level: extensions.audio_level,
                voice_activity: extensions.voice_activity,
                video_orientation: extensions.video_orientation,
                ..ExtensionValues::default()
            });
        if codec.spec().codec == Codec::Vp8
            && let Some(patch) = self.pictures.patch(&packet.payload)
        {
            write = write.vp8_patch(patch);
        }
        peer.write(ssrc, self.kind, SEND_QUEUE_PACKETS_MAX, write)
    }

    fn payload_type(&mut self, peer: &Peer, codec: &PayloadParams) -> Option<Pt> {
        if let Some((from, to)) = self.payload_type
            && from == codec.pt()
        {
            return Some(to);
        }
        let to = peer.payload_type(self.mid, codec)?;
        self.payload_type = Some((codec.pt(), to));
        Some(to)
    }
}
