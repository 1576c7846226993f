//! Tracks from the announcement to the end.

use std::time::Instant;

use livekit_proto::proto::{
    self, TrackSource,
    request_response::{Reason, Request},
    signal_response::Message,
};
use str0m::media::{MediaKind, Rid};

use super::{Room, Work};
use crate::{
    ids::{ParticipantId, TrackId},
    limits::{ANNOUNCEMENT_LIFETIME, AUDIO_FEATURES_MAX, NAME_BYTES_MAX, TRACKS_PER_PARTICIPANT_MAX},
    loudness::Loudness,
    participant::Participant,
    shared::Shared,
    signalling,
    track::{LAYERS_MAX, Layer, Track, Wanted, layer_rank},
};

impl Participant {
    /// Whether they may publish from a source at all.
    fn may_publish(&self, source: TrackSource) -> bool {
        let permissions = &self.permissions;
        let sources = &permissions.can_publish_sources;
        // Who is hidden is not heard either: nobody could tell where the voice comes from.
        permissions.can_publish && !permissions.hidden && (sources.is_empty() || sources.contains(&source))
    }

    /// Makes room where a client announced tracks and then thought better of it.
    fn forget_stale_announcements(&mut self, now: Instant) {
        self.tracks.retain(|_, track| {
            track.mid.is_some() || now.saturating_duration_since(track.announced_at) < ANNOUNCEMENT_LIFETIME
        });
    }
}

impl Room {
    /// Somebody announces a track.
    pub(super) fn add_track(
        &mut self,
        id: ParticipantId,
        request: proto::AddTrackRequest,
        shared: &mut Shared,
        now: Instant,
    ) {
        let Some(participant) = self.participants.get_mut(&id) else { return };
        let connection = participant.presence.connection;
        participant.forget_stale_announcements(now);
        let texts = [&request.cid, &request.name, &request.stream];
        let refusal = if !participant.may_publish(request.source()) || !is_fit(request.source(), request.r#type()) {
            Some(Reason::NotAllowed)
        } else if participant.tracks.len() >= TRACKS_PER_PARTICIPANT_MAX
            || request.cid.is_empty()
            || texts.iter().any(|text| text.len() > NAME_BYTES_MAX)
            || request.audio_features.len() > AUDIO_FEATURES_MAX
            || !are_bounded(&request.layers)
        {
            Some(Reason::LimitExceeded)
        } else {
            None
        };
        if let Some(reason) = refusal {
            shared.signal(connection, signalling::refused(reason, Request::AddTrack(request), 0));
            return;
        }
        // Announced twice: the client did not hear the answer.
        let known = participant.tracks.values().find(|track| track.cid == request.cid && track.mid.is_none());
        let (cid, info) = if let Some(track) = known {
            (track.cid.clone(), track.info.clone())
        } else {
            let track = announced(TrackId(shared.fresh_id()), request, &mut shared.random, now);
            let told = (track.cid.clone(), track.info.clone());
            participant.tracks.insert(track.id, track);
            told
        };
        let published = proto::TrackPublishedResponse { cid, track: Some(info) };
        shared.signal(connection, Message::TrackPublished(published));
    }

    /// A track has its media section: it can be received from here on.
    pub(super) fn published(&mut self, id: ParticipantId, shared: &mut Shared) {
        self.announce(id, shared);
        self.reconcile_all();
    }

    /// Ends a track against the publisher's will. They are told; the others see it in the update.
    fn unpublish(&mut self, id: ParticipantId, track: TrackId, shared: &mut Shared) {
        let Some(participant) = self.participants.get(&id) else { return };
        let connection = participant.presence.connection;
        let Some(sid) = participant.tracks.get(&track).map(|track| track.info.sid.clone()) else { return };
        self.withdraw(id, track);
        let message = proto::TrackUnpublishedResponse { track_sid: sid };
        shared.signal(connection, Message::TrackUnpublished(message));
    }

    /// A client muted or unmuted its track.
    pub(super) fn muted(&mut self, id: ParticipantId, sid: &str, muted: bool, shared: &mut Shared) {
        let Some(participant) = self.participants.get_mut(&id) else { return };
        let Some(track) = participant.track_by_sid(sid) else { return };
        if track.info.muted == muted && !track.silenced {
            return;
        }
        track.info.muted = muted;
        // Unmuting is the publisher's right; the server muted so that they notice.
        track.silenced = false;
        self.announce(id, shared);
    }

    /// A client says what its layers are like.
    pub(super) fn layers_updated(&mut self, id: ParticipantId, update: proto::UpdateVideoLayers, shared: &mut Shared) {
        if !are_bounded(&update.layers) {
            return;
        }
        let Some(participant) = self.participants.get_mut(&id) else { return };
        let Some(track) = participant.track_by_sid(&update.track_sid) else { return };
        track.info.layers = update.layers;
        track.info.layers.sort_by_key(|layer| layer.quality);
        self.announce(id, shared);
    }

    /// Ends what somebody publishes without the right to.
    pub(super) fn revoke_publishing(&mut self, id: ParticipantId, shared: &mut Shared) {
        let Some(participant) = self.participants.get(&id) else { return };
        let refused: Vec<_> = participant
            .tracks
            .values()
            .filter(|track| !participant.may_publish(track.info.source()))
            .map(|track| track.id)
            .collect();
        for track in refused {
            self.unpublish(id, track, shared);
        }
        self.work.push_back(Work::Reconcile { participant: id });
    }
}

/// Whether a track of this type can come from this source: a permission for the microphone is none for a picture, whatever it
/// is called. Data do not travel as tracks in this version of the protocol.
fn is_fit(source: TrackSource, kind: proto::TrackType) -> bool {
    match source {
        TrackSource::Unknown => kind != proto::TrackType::Data,
        TrackSource::Camera | TrackSource::ScreenShare => kind == proto::TrackType::Video,
        TrackSource::Microphone | TrackSource::ScreenShareAudio => kind == proto::TrackType::Audio,
    }
}

/// Whether layers are as few and as short as those of any encoder.
fn are_bounded(layers: &[proto::VideoLayer]) -> bool {
    layers.len() <= LAYERS_MAX && layers.iter().all(|layer| layer.rid.len() <= NAME_BYTES_MAX)
}

/// A track as it is before it has a section.
fn announced(id: TrackId, request: proto::AddTrackRequest, random: &mut crate::random::Random, now: Instant) -> Track {
    let kind = match request.r#type() {
        proto::TrackType::Audio | proto::TrackType::Data => MediaKind::Audio,
        proto::TrackType::Video => MediaKind::Video,
    };
    let prefix = match (kind, request.source()) {
        (_, TrackSource::Camera) => "TR_VC",
        (_, TrackSource::Microphone) => "TR_AM",
        (_, TrackSource::ScreenShare) => "TR_VS",
        (_, TrackSource::ScreenShareAudio) => "TR_AS",
        (MediaKind::Audio, TrackSource::Unknown) => "TR_A",
        (MediaKind::Video, TrackSource::Unknown) => "TR_V",
    };
    let mime_type = match kind {
        MediaKind::Audio => "audio/opus".to_owned(),
        MediaKind::Video => {
            let wanted = request.simulcast_codecs.first().map_or("vp8", |codec| codec.codec.as_str());
            let wanted = wanted.rsplit('/').next().unwrap_or(wanted);
            if wanted.eq_ignore_ascii_case("h264") { "video/H264".to_owned() } else { "video/VP8".to_owned() }
        }
    };
    let mut layers = request.layers;
    layers.sort_by_key(|layer| layer.quality);
    let codec = proto::SimulcastCodecInfo {
        mime_type: mime_type.clone(),
        cid: request.cid.clone(),
        layers: layers.clone(),
        ..proto::SimulcastCodecInfo::default()
    };
    let info = proto::TrackInfo {
        sid: random.sid(prefix),
        r#type: request.r#type,
        name: request.name,
        muted: request.muted,
        width: request.width,
        height: request.height,
        simulcast: layers.len() > 1,
        disable_dtx: request.disable_dtx,
        source: request.source,
        layers,
        mime_type,
        codecs: vec![codec],
        stereo: request.stereo,
        // Audio comes without redundancy, so nobody is to expect it.
        disable_red: true,
        encryption: request.encryption,
        stream: request.stream,
        audio_features: request.audio_features,
        ..proto::TrackInfo::default()
    };
    Track {
        id,
        cid: request.cid,
        info,
        kind,
        announced_at: now,
        mid: None,
        layers: vec![Layer::new(None)],
        subscribers: Vec::new(),
        codec: None,
        loudness: Loudness::default(),
        wanted_layer: Wanted::Everything,
        wanted_told: true,
        unwanted_since: None,
        received_told: false,
        silenced: false,
    }
}

/// The layers that a section announces, lowest first.
pub(super) fn layers(rids: &[String]) -> Vec<Layer> {
    if rids.is_empty() {
        return vec![Layer::new(None)];
    }
    let mut rids: Vec<_> = rids.iter().take(LAYERS_MAX).collect();
    // Browsers name the layers in any order; where the names say nothing, lowest first is the custom.
    if rids.iter().all(|rid| layer_rank(rid).is_some()) {
        rids.sort_by_key(|rid| layer_rank(rid));
    }
    rids.into_iter().map(|rid| Layer::new(Some(Rid::from(rid.as_str())))).collect()
}
