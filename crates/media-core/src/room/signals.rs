//! What clients say.

use std::{collections::HashMap, time::Instant};

use livekit_proto::proto::{
    self,
    request_response::{Reason, Request},
    signal_request::Message as RequestMessage,
    signal_response::Message,
    simulate_scenario::Scenario,
};
use str0m::media::Mid;

use super::{Room, Work};
use crate::{
    LeaveCause,
    ids::{ParticipantId, Target},
    limits::{ATTRIBUTES_BYTES_MAX, AUDIO_FEATURES_MAX, METADATA_BYTES_MAX, NAME_BYTES_MAX},
    peer::Fault,
    shared::Shared,
    signalling,
};

impl Room {
    /// Takes a message of a client.
    pub fn signal(&mut self, id: ParticipantId, message: RequestMessage, shared: &mut Shared, now: Instant) {
        let Some(participant) = self.participants.get_mut(&id) else { return };
        participant.presence.heard_at = now;
        if participant.signal_allowance.take(1, now) {
            self.obey(id, message, shared, now);
        } else {
            self.work.push_back(Work::Fault { participant: id, fault: Fault::Protocol });
        }
        self.settle(shared, now);
    }

    fn obey(&mut self, id: ParticipantId, message: RequestMessage, shared: &mut Shared, now: Instant) {
        match message {
            RequestMessage::Offer(offer) => self.offered(id, &offer, shared, now),
            RequestMessage::Answer(answer) => self.answered(id, &answer, shared, now),
            RequestMessage::Trickle(trickle) => self.trickled(id, &trickle, shared, now),
            RequestMessage::AddTrack(request) => self.add_track(id, request, shared, now),
            RequestMessage::Mute(mute) => self.muted(id, &mute.sid, mute.muted, shared),
            RequestMessage::Subscription(wish) => self.subscription_wished(id, &wish),
            RequestMessage::TrackSetting(update) => {
                self.track_settings(id, &update);
                self.choose_layers(id, shared, now);
                self.ask_for_keyframes(shared, now);
            }
            RequestMessage::UpdateLayers(update) => self.layers_updated(id, update, shared),
            RequestMessage::SubscriptionPermission(choice) => self.audience_chosen(id, choice),
            RequestMessage::SyncState(state) => self.synchronize(id, state, shared),
            RequestMessage::Simulate(simulation) => self.simulate(id, &simulation, shared, now),
            RequestMessage::Ping(at) => self.reply(id, Message::Pong(at), shared),
            RequestMessage::PingReq(ping) => {
                self.reply(id, Message::Pong(ping.timestamp), shared);
                // The shell puts the time of its clock in: the engine has none that a client could compare with its own.
                let answer = proto::Pong { last_ping_timestamp: ping.timestamp, timestamp: ping.timestamp };
                self.reply(id, Message::PongResp(answer), shared);
            }
            RequestMessage::UpdateMetadata(update) => self.metadata_updated(id, update, shared),
            RequestMessage::Leave(_) => self.remove(id, LeaveCause::Left, None, shared, now),
            RequestMessage::UpdateAudioTrack(update) => {
                let Some(participant) = self.participants.get_mut(&id) else { return };
                if let Some(track) = participant.track_by_sid(&update.track_sid) {
                    track.info.audio_features = update.features;
                    track.info.audio_features.truncate(AUDIO_FEATURES_MAX);
                    self.announce(id, shared);
                }
            }
            RequestMessage::UpdateVideoTrack(update) => {
                let Some(participant) = self.participants.get_mut(&id) else { return };
                if let Some(track) = participant.track_by_sid(&update.track_sid) {
                    (track.info.width, track.info.height) = (update.width, update.height);
                    self.announce(id, shared);
                }
            }
            // Data tracks and blobs are of protocol versions above the one announced.
            RequestMessage::PublishDataTrackRequest(_)
            | RequestMessage::UnpublishDataTrackRequest(_)
            | RequestMessage::UpdateDataSubscription(_)
            | RequestMessage::StoreDataBlobRequest(_)
            | RequestMessage::GetDataBlobRequest(_) => {}
        }
    }

    fn reply(&self, id: ParticipantId, message: Message, shared: &mut Shared) {
        if let Some(participant) = self.participants.get(&id) {
            shared.signal(participant.presence.connection, message);
        }
    }

    fn trickled(&mut self, id: ParticipantId, trickle: &proto::TrickleRequest, shared: &mut Shared, now: Instant) {
        let Some(candidate) = candidate_of(&trickle.candidate_init) else { return };
        let target = match trickle.target() {
            proto::SignalTarget::Publisher => Target::Publisher,
            proto::SignalTarget::Subscriber => Target::Subscriber,
        };
        self.with_peer(id, target, shared, |peer, drained| peer.add_candidate(&candidate, now, drained));
    }

    fn metadata_updated(&mut self, id: ParticipantId, update: proto::UpdateParticipantMetadata, shared: &mut Shared) {
        let Some(participant) = self.participants.get_mut(&id) else { return };
        let attributes = merged_bytes(participant, &update.attributes);
        let reason = if !participant.permissions.can_update_metadata {
            Reason::NotAllowed
        } else if update.metadata.len() > METADATA_BYTES_MAX
            || update.name.len() > NAME_BYTES_MAX
            || attributes > ATTRIBUTES_BYTES_MAX
        {
            Reason::LimitExceeded
        } else {
            Reason::Ok
        };
        if reason == Reason::Ok {
            if !update.metadata.is_empty() {
                participant.metadata.clone_from(&update.metadata);
            }
            if !update.name.is_empty() {
                participant.name.clone_from(&update.name);
            }
            for (key, value) in &update.attributes {
                if value.is_empty() {
                    participant.attributes.remove(key);
                } else {
                    participant.attributes.insert(key.clone(), value.clone());
                }
            }
            self.announce(id, shared);
        }
        let request_id = update.request_id;
        self.reply(id, signalling::refused(reason, Request::UpdateMetadata(update), request_id), shared);
    }

    /// A client that resumed says how it sees things.
    pub(super) fn synchronize(&mut self, id: ParticipantId, state: proto::SyncState, shared: &mut Shared) {
        let Some(participant) = self.participants.get_mut(&id) else { return };
        let auto_subscribe = participant.auto_subscribe;
        if let Some(wish) = state.subscription {
            // It lists the exceptions: what is refused where all is taken, what is wanted where nothing is.
            if wish.subscribe != auto_subscribe {
                self.subscription_wished(id, &wish);
            }
        }
        let disabled = proto::UpdateTrackSettings {
            track_sids: state.track_sids_disabled,
            disabled: true,
            ..proto::UpdateTrackSettings::default()
        };
        self.track_settings(id, &disabled);
        let Some(participant) = self.participants.get_mut(&id) else { return };
        let claimed: Vec<_> = state.publish_tracks.iter().filter_map(|published| published.track.as_ref()).collect();
        let mut changed = false;
        for track in participant.tracks.values_mut() {
            if let Some(claim) = claimed.iter().find(|claim| claim.sid == track.info.sid)
                && !track.silenced
            {
                changed |= track.info.muted != claim.muted;
                track.info.muted = claim.muted;
            }
        }
        if changed {
            self.announce(id, shared);
        }
    }

    /// Troubles that a client asks for to see how it copes. They are its own troubles only.
    fn simulate(&mut self, id: ParticipantId, simulation: &proto::SimulateScenario, shared: &mut Shared, now: Instant) {
        let Some(participant) = self.participants.get_mut(&id) else { return };
        let connection = participant.presence.connection;
        match simulation.scenario {
            Some(Scenario::NodeFailure(true)) => {
                self.remove(id, LeaveCause::Lost, None, shared, now);
            }
            Some(Scenario::ServerLeave(true)) => {
                let goodbye = signalling::leave(proto::DisconnectReason::ServerShutdown);
                self.remove(id, LeaveCause::Removed, Some(goodbye), shared, now);
            }
            Some(Scenario::LeaveRequestFullReconnect(true)) => {
                shared.signal(connection, signalling::leave_for_rejoin());
            }
            Some(Scenario::DisconnectSignalOnResume(true) | Scenario::DisconnectSignalOnResumeNoMessages(true)) => {
                participant.presence.cut_next_resume = true;
            }
            Some(Scenario::Migration(true)) => {
                shared.signal(connection, signalling::leave_for_resume());
            }
            _ => {}
        }
    }
}

fn merged_bytes(participant: &crate::participant::Participant, changes: &HashMap<String, String>) -> usize {
    let kept = participant.attributes.iter().filter(|(key, _)| !changes.contains_key(*key));
    kept.map(|(key, value)| key.len() + value.len()).sum::<usize>()
        + changes.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>()
}

/// The candidate in a `RTCIceCandidateInit` as JSON. Only one field is of interest, and its text has no escapes but `\/`.
fn candidate_of(init: &str) -> Option<String> {
    let (_, rest) = init.split_once("\"candidate\"")?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let (candidate, _) = rest.split_once('"')?;
    let candidate = candidate.replace("\\/", "/");
    (!candidate.is_empty() && candidate.len() <= NAME_BYTES_MAX).then_some(candidate)
}

/// Whether a section is one of those that carry something to a participant.
pub(super) fn line_on(participant: &crate::participant::Participant, mid: Mid) -> Option<crate::ids::TrackId> {
    participant.lines.iter().find(|line| line.mid == mid).and_then(|line| line.bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_candidate_is_found_in_json() {
        let init = r#"{"candidate":"candidate:1 1 udp 2122260223 192.0.2.1 5000 typ host","sdpMid":"0"}"#;
        assert_eq!(candidate_of(init).as_deref(), Some("candidate:1 1 udp 2122260223 192.0.2.1 5000 typ host"));
        assert_eq!(candidate_of(r#"{"candidate":"","sdpMid":"0"}"#), None);
        assert_eq!(candidate_of(r#"{"candidate":"#), None);
        assert_eq!(candidate_of(""), None);
    }
}
