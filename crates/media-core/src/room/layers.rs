//! Which layers are sent to whom, and which are wanted at all.

use std::time::Instant;

use livekit_proto::proto::{self, signal_response::Message};
use str0m::media::MediaKind;

use super::Room;
use crate::{
    allocation::{Want, allocate},
    ids::{ParticipantId, TrackId},
    limits::LAYER_UNWANTED,
    shared::Shared,
    subscription::Settings,
    track::{LAYERS_MAX, Track, Wanted},
};

/// The best layer that a receiver wants of a track, `None` if it does not show it.
fn layer_wanted(track: &Track, settings: &Settings) -> Option<usize> {
    if settings.disabled {
        return None;
    }
    let top = track.layers.len().saturating_sub(1);
    match (settings.size, settings.quality) {
        (Some((width, height)), _) => Some(track.layer_for_size(width, height)),
        (None, Some(quality)) => Some(quality.min(top)),
        (None, None) => Some(top),
    }
}

impl Room {
    /// Chooses anew which layer of each track somebody gets.
    pub(super) fn choose_layers(&mut self, id: ParticipantId, shared: &mut Shared, now: Instant) {
        let Some(viewer) = self.participants.get(&id) else { return };
        let budget = viewer.carrier_bandwidth_bps();
        let mut audio_bps = 0;
        let mut tracks: Vec<(TrackId, Option<usize>)> = Vec::new();
        let mut wants = Vec::new();
        let mut hidden_bps = 0;
        for (track_id, subscription) in &viewer.subscriptions {
            let publisher = self.participants.get(&subscription.publisher);
            let Some(track) = publisher.and_then(|publisher| publisher.tracks.get(track_id)) else { continue };
            let wanted = layer_wanted(track, &subscription.settings);
            if subscription.kind == MediaKind::Audio {
                // Voice comes first: it is never traded for pictures.
                audio_bps += track.layers.first().map_or(0, |layer| layer.rate.bps());
                tracks.push((*track_id, wanted.map(|_| 0)));
                continue;
            }
            let flowing = |layer: usize| track.layers.get(layer).is_some_and(|l| l.is_flowing(now));
            let (Some(layer_max), Some(_)) = (wanted, subscription.line) else {
                tracks.push((*track_id, None));
                hidden_bps += track.layer_bps(track.layers.len().saturating_sub(1), now);
                continue;
            };
            tracks.push((*track_id, Some(layer_max)));
            let screen = track.info.source() == proto::TrackSource::ScreenShare;
            wants.push((
                *track_id,
                Want {
                    // What is shown on a screen is what people talk about.
                    priority: subscription.settings.priority.saturating_mul(2).saturating_add(u32::from(screen)),
                    layer_max,
                    layers: std::array::from_fn(|layer| flowing(layer).then(|| track.layer_bps(layer, now))),
                    present: subscription.present,
                },
            ));
        }
        let (ids, wants): (Vec<_>, Vec<_>) = wants.into_iter().unzip();
        let chosen = allocate(&wants, budget.map(|budget| budget.saturating_sub(audio_bps)));
        let sent: u64 =
            wants.iter().zip(&chosen).filter_map(|(want, layer)| want.layers.get((*layer)?).copied().flatten()).sum();
        // What is not shown may be shown again: capacity that is known should not be forgotten until then.
        let shown: u64 = wants.iter().map(Want::bps_max).sum();
        let wanted = shown + hidden_bps;
        let raised =
            sent + wants.iter().zip(&chosen).filter_map(|(want, layer)| want.raise_bps(*layer)).min().unwrap_or(0);
        let chosen: Vec<_> =
            ids.into_iter().zip(&wants).zip(chosen).map(|((id, want), layer)| (id, layer, want.lowest())).collect();
        self.apply_layers(id, &tracks, &chosen, shared, now);
        self.want_all_keyframes(id, now);
        let Some(target) = self.participants.get(&id).map(crate::participant::Participant::carrier_target) else {
            return;
        };
        self.with_peer(id, target, shared, |peer, drained| {
            if shown == 0 {
                return peer.want_no_bandwidth(now, drained);
            }
            peer.want_bandwidth(raised + audio_bps, wanted + audio_bps, now, drained)
        });
    }

    fn apply_layers(
        &mut self,
        id: ParticipantId,
        wished: &[(TrackId, Option<usize>)],
        chosen: &[(TrackId, Option<usize>, Option<usize>)],
        shared: &mut Shared,
        now: Instant,
    ) {
        let Some(viewer) = self.participants.get_mut(&id) else { return };
        let mut states = Vec::new();
        for (track, wish) in wished {
            let Some(subscription) = viewer.subscriptions.get_mut(track) else { continue };
            match (wish, chosen.iter().find(|(chosen, ..)| chosen == track)) {
                (Some(_), Some((_, layer, lowest))) => subscription.choose(*layer, *lowest, now),
                (Some(wish), None) => subscription.choose(Some(*wish), None, now),
                (None, _) => subscription.rest(),
            }
            if subscription.target.is_none()
                && subscription.present.take().is_some()
                && let Some(line) = subscription.line.and_then(|line| viewer.lines.get_mut(line))
            {
                line.interrupt();
            }
            if subscription.told_paused != subscription.starved {
                subscription.told_paused = subscription.starved;
                states.push((*track, subscription.publisher, subscription.starved));
            }
        }
        let connection = viewer.presence.connection;
        let stream_states: Vec<_> = states
            .into_iter()
            .filter_map(|(track, publisher, starved)| {
                let publisher = self.participants.get(&publisher)?;
                let state = if starved { proto::StreamState::Paused } else { proto::StreamState::Active };
                Some(proto::StreamStateInfo {
                    participant_sid: publisher.sid.clone(),
                    track_sid: publisher.tracks.get(&track)?.info.sid.clone(),
                    state: state.into(),
                })
            })
            .collect();
        if !stream_states.is_empty() {
            shared.signal(connection, Message::StreamStateUpdate(proto::StreamStateUpdate { stream_states }));
        }
    }

    /// Tells publishers which layers anybody wants, so that they can stop the others.
    pub(super) fn tell_wanted_layers(&mut self, shared: &mut Shared, now: Instant) {
        let mut wanted = Vec::new();
        for publisher in self.participants.values() {
            for track in publisher.tracks.values().filter(|t| t.kind == MediaKind::Video && t.mid.is_some()) {
                let viewers = track.subscribers.iter().filter_map(|viewer| self.participants.get(viewer));
                let subscriptions = viewers.filter_map(|viewer| viewer.subscriptions.get(&track.id));
                let best = subscriptions.filter_map(|subscription| layer_wanted(track, &subscription.settings)).max();
                wanted.push((publisher.id, track.id, best));
            }
        }
        for (publisher, track, best) in wanted {
            let Some(publisher) = self.participants.get_mut(&publisher) else { continue };
            let connection = publisher.presence.connection;
            let Some(track) = publisher.tracks.get_mut(&track) else { continue };
            if let Some(message) = track.told_wanted(best, now) {
                shared.signal(connection, message);
            }
        }
    }
}

impl Track {
    /// Notes the best layer that anybody wants. The message to the publisher, if it is time for one.
    fn told_wanted(&mut self, best: Option<usize>, now: Instant) -> Option<Message> {
        let top = self.layers.len().saturating_sub(1);
        let told = match self.wanted_layer {
            Wanted::Everything => Some(top),
            Wanted::UpTo(layer) => Some(layer),
            Wanted::Nothing => None,
        };
        if best == told {
            self.unwanted_since = None;
            if self.wanted_told {
                return None;
            }
        } else if best < told {
            let since = *self.unwanted_since.get_or_insert(now);
            if now.saturating_duration_since(since) < LAYER_UNWANTED {
                return None;
            }
        }
        self.unwanted_since = None;
        self.wanted_told = true;
        self.wanted_layer = best.map_or(Wanted::Nothing, Wanted::UpTo);
        let qualities: Vec<_> = (0..LAYERS_MAX)
            .map(|rank| proto::SubscribedQuality {
                quality: i32::try_from(rank).unwrap_or(0),
                // The names of the qualities are those of three layers; the best of fewer is all of them.
                enabled: best.is_some_and(|best| rank <= best || best >= top),
            })
            .collect();
        let codec = self.info.mime_type.rsplit('/').next().unwrap_or_default().to_lowercase();
        Some(Message::SubscribedQualityUpdate(proto::SubscribedQualityUpdate {
            track_sid: self.info.sid.clone(),
            subscribed_qualities: qualities.clone(),
            subscribed_codecs: vec![proto::SubscribedCodec { codec, qualities }],
        }))
    }
}
