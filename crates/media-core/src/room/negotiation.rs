//! Getting lines for what somebody receives: by asking for an offer, or by making one.

use std::time::Instant;

use livekit_proto::proto::{self, signal_response::Message};
use str0m::media::{Direction, MediaKind};

use super::{Room, Work};
use crate::{
    description::{self, Statement},
    ids::{ParticipantId, PeerId, Target, TimerId},
    limits::{FIRST_OFFER_WAIT, SECTIONS_BEFORE_REUSE, SECTIONS_REQUEST_REPEAT},
    line::Line,
    participant::{Participant, Requested},
    peer::{Drained, Fault, OfferChanges},
    shared::Shared,
};

impl Room {
    /// Does what is missing for somebody's subscriptions to have lines and unused lines to rest.
    pub(super) fn negotiate(&mut self, id: ParticipantId, shared: &mut Shared, now: Instant) {
        let Some(participant) = self.participants.get_mut(&id) else { return };
        if participant.subscriber.is_some() {
            self.offer(id, shared, now);
        } else if let Some(message) = participant.sections_request(now) {
            shared.signal(participant.presence.connection, message);
        }
    }

    /// Offers anew with other ICE credentials, after the client's network changed.
    ///
    /// If an offer was on its way, nobody knows whether the client has it. It is sent again as it was, since the client may
    /// have taken its sections; the restart follows after the answer.
    pub(super) fn offer_restart(&mut self, id: ParticipantId, shared: &mut Shared, now: Instant) {
        let Some(participant) = self.participants.get_mut(&id) else { return };
        participant.negotiation.restart = true;
        if let Some(offer) = participant.negotiation.offer_pending.clone() {
            shared.signal(participant.presence.connection, Message::Offer(offer));
            return;
        }
        self.offer(id, shared, now);
    }

    fn offer(&mut self, id: ParticipantId, shared: &mut Shared, now: Instant) {
        let Some(participant) = self.participants.get_mut(&id) else { return };
        if participant.negotiation.offer_pending.is_some() {
            participant.negotiation.again = true;
            return;
        }
        let restart = std::mem::take(&mut participant.negotiation.restart);
        let (added, directions) = participant.line_changes();
        let channels = !participant.negotiation.channels_offered;
        if added.is_empty() && directions.is_empty() && !channels && !restart {
            return;
        }
        let changes = OfferChanges { added: &added, directions: &directions, restart, channels };
        let Shared { outputs, peers, random, timers, .. } = shared;
        let target = Target::Subscriber;
        let Some(peer) = &mut participant.subscriber else { return };
        let mut drained = Drained { outputs, work: &mut self.work, participant: id, target };
        let offered = match peer.offer(&changes, peers, random, now, &mut drained) {
            Ok(Some(offered)) => offered,
            Ok(None) => return,
            Err(fault) => {
                self.work.push_back(Work::Fault { participant: id, fault });
                return;
            }
        };
        timers.set(TimerId::Peer(PeerId { room: self.id, participant: id, target }), peer.deadline());
        participant.lines.extend(offered.added.iter().zip(&added).map(|(mid, kind)| Line::new(*mid, *kind)));
        participant.lines.iter_mut().for_each(Line::describe);
        participant.bind_lines();
        participant.negotiation.channels_offered = true;
        participant.negotiation.again = false;
        participant.negotiation.offer_id += 1;
        let (offer_id, connection) = (participant.negotiation.offer_id, participant.presence.connection);
        let Some(participant) = self.participants.get(&id) else { return };
        let carried = self.carried(participant);
        let statements: Vec<_> = participant
            .lines
            .iter()
            .map(|line| Statement {
                mid: line.mid,
                receives: false,
                sends: carried.iter().find(|(mid, _)| *mid == line.mid).map(|(_, names)| names.clone()),
            })
            .collect();
        let offer = proto::SessionDescription {
            r#type: "offer".to_owned(),
            sdp: description::stated(&offered.description, &statements),
            id: offer_id,
            mid_to_track_id: carried.into_iter().map(|(mid, (_, track))| (mid.to_string(), track)).collect(),
        };
        shared.signal(connection, Message::Offer(offer.clone()));
        if let Some(participant) = self.participants.get_mut(&id) {
            participant.negotiation.offer_pending = Some(offer);
        }
    }

    /// Takes the answer to our offer.
    pub(super) fn answered(
        &mut self,
        id: ParticipantId,
        answer: &proto::SessionDescription,
        shared: &mut Shared,
        now: Instant,
    ) {
        let Some(participant) = self.participants.get_mut(&id) else { return };
        if participant.subscriber.is_none() || participant.negotiation.offer_pending.is_none() {
            return;
        }
        if answer.id != 0 && answer.id != participant.negotiation.offer_id {
            return;
        }
        if description::offered_sections(&answer.sdp).is_err() {
            self.work.push_back(Work::Fault { participant: id, fault: Fault::Protocol });
            return;
        }
        let before = participant.subscriber.as_ref().map(|peer| peer.ufrag().to_owned());
        let taken = self
            .with_peer(id, Target::Subscriber, shared, |peer, drained| peer.accept_answer(&answer.sdp, now, drained));
        if taken != Some(true) {
            return;
        }
        let Some(participant) = self.participants.get_mut(&id) else { return };
        if let (Some(before), Some(peer)) = (before, &participant.subscriber)
            && before != peer.ufrag()
        {
            let peer_id = PeerId { room: self.id, participant: id, target: Target::Subscriber };
            shared.routes.remove_ufrag(&before);
            shared.routes.add_ufrag(peer.ufrag(), peer_id);
        }
        participant.negotiation.offer_pending = None;
        participant.agree_lines();
        self.tell_received(id, shared);
        let Some(participant) = self.participants.get_mut(&id) else { return };
        let again = std::mem::take(&mut participant.negotiation.again) || participant.negotiation.restart;
        self.choose_layers(id, shared, now);
        self.ask_for_keyframes(shared, now);
        if again || self.participants.get(&id).is_some_and(Participant::has_changes) {
            self.work.push_back(Work::Negotiate { participant: id });
        }
    }
}

impl Participant {
    /// Whether the client would show a track that is put on a line.
    fn may_use(&self, line: &Line) -> bool {
        !line.used || self.lines.len() >= SECTIONS_BEFORE_REUSE
    }

    fn waiting(&self, kind: MediaKind) -> usize {
        self.subscriptions
            .values()
            .filter(|subscription| subscription.kind == kind && subscription.line.is_none())
            .count()
    }

    fn count_lines(&self, kind: MediaKind, is: impl Fn(&Line) -> bool) -> usize {
        self.lines.iter().filter(|line| line.kind == kind && is(line)).count()
    }

    /// Whether another offer would change anything.
    fn has_changes(&self) -> bool {
        self.lines.iter().any(Line::is_rest_due)
            || self.waiting(MediaKind::Audio) > 0
            || self.waiting(MediaKind::Video) > 0
    }

    /// For a client that makes the offers: asks for one, with as many more sections as are missing. `None` if nothing is
    /// missing, or it was asked already.
    fn sections_request(&mut self, now: Instant) -> Option<Message> {
        if !self.has_changes() {
            return None;
        }
        // The first offer comes by itself, with sections to spare.
        if !self.negotiation.offers_seen && now.saturating_duration_since(self.presence.joined_at) < FIRST_OFFER_WAIT {
            return None;
        }
        // Resting lines are used again after one more round.
        let needed = |kind| {
            let present = self.count_lines(kind, |line| line.offered);
            let usable = self.count_lines(kind, |line| self.may_use(line) && (line.is_free() || line.is_resting()));
            present + self.waiting(kind).saturating_sub(usable)
        };
        let needed = Requested { at: now, audio: needed(MediaKind::Audio), video: needed(MediaKind::Video) };
        let present = |kind| self.count_lines(kind, |line| line.offered);
        let (mut audio, mut video) = (present(MediaKind::Audio), present(MediaKind::Video));
        if let Some(asked) = self.negotiation.requested
            && now.saturating_duration_since(asked.at) < SECTIONS_REQUEST_REPEAT
        {
            if needed.audio <= asked.audio && needed.video <= asked.video {
                return None;
            }
            (audio, video) = (audio.max(asked.audio), video.max(asked.video));
        }
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let message = proto::MediaSectionsRequirement {
            num_audios: count(needed.audio.saturating_sub(audio)),
            num_videos: count(needed.video.saturating_sub(video)),
        };
        self.negotiation.requested =
            Some(Requested { at: now, audio: needed.audio.max(audio), video: needed.video.max(video) });
        Some(Message::MediaSectionsRequirement(message))
    }

    /// For a client that takes our offers: the sections to add, and those to change the direction of.
    fn line_changes(&self) -> (Vec<MediaKind>, Vec<(str0m::media::Mid, Direction)>) {
        let mut added = Vec::new();
        let mut directions: Vec<_> =
            self.lines.iter().filter(|line| line.is_rest_due()).map(|line| (line.mid, Direction::Inactive)).collect();
        for kind in [MediaKind::Audio, MediaKind::Video] {
            let waiting = self.waiting(kind);
            let free: Vec<_> =
                self.lines.iter().filter(|line| line.kind == kind && line.is_free() && self.may_use(line)).collect();
            directions.extend(free.iter().take(waiting).map(|line| (line.mid, Direction::SendOnly)));
            added.extend(std::iter::repeat_n(kind, waiting.saturating_sub(free.len())));
        }
        (added, directions)
    }
}
