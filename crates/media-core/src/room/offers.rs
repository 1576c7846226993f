//! A client's offer: what it publishes, and on which of its sections it can receive.

use std::time::Instant;

use livekit_proto::proto::{self, signal_response::Message};
use str0m::media::{MediaKind, Mid};

use super::{Room, Work, publishing};
use crate::{
    description::{self, OfferedSection, Statement},
    ids::{ParticipantId, PeerId, Target, TrackId},
    limits::SECTIONS_BEFORE_REUSE,
    line::Line,
    participant::Participant,
    peer::Fault,
    shared::Shared,
    track::Track,
};

impl Room {
    /// Answers an offer for the connection that the client makes.
    pub(super) fn offered(
        &mut self,
        id: ParticipantId,
        offer: &proto::SessionDescription,
        shared: &mut Shared,
        now: Instant,
    ) {
        let Ok(sections) = description::offered_sections(&offer.sdp) else {
            self.work.push_back(Work::Fault { participant: id, fault: Fault::Protocol });
            return;
        };
        let Some(participant) = self.participants.get_mut(&id) else { return };
        if !participant.offers.allowance.take(sections.len().saturating_mul(sections.len()), now) {
            participant.offers.waiting = Some(offer.clone());
            return;
        }
        participant.offers.waiting = None;
        let before = participant.publisher.ufrag().to_owned();
        let peer_id = PeerId { room: self.id, participant: id, target: Target::Publisher };
        let Some((answer, ufrag)) = self.answer_text(id, &offer.sdp, shared, now) else { return };
        if ufrag != before {
            shared.routes.remove_ufrag(&before);
            shared.routes.add_ufrag(&ufrag, peer_id);
        }
        let changed = self.publish_sections(id, &sections);
        let Some(participant) = self.participants.get_mut(&id) else { return };
        participant.incoming.clear();
        if participant.subscriber.is_none() {
            participant.take_lines(&sections);
            participant.bind_lines();
        }
        let statements = self.statements(id, &sections);
        let Some(participant) = self.participants.get_mut(&id) else { return };
        let mut text = description::stated(&answer, &statements);
        for track in participant.tracks.values().filter(|track| track.kind == MediaKind::Video) {
            if let (Some(mid), Some(codec)) = (track.mid, track.info.mime_type.strip_prefix("video/")) {
                text = description::with_codec_first(&text, mid, codec);
            }
        }
        let mid_to_track_id = statements
            .iter()
            .filter_map(|statement| Some((statement.mid.to_string(), statement.sends.as_ref()?.1.clone())))
            .collect();
        let answer =
            proto::SessionDescription { r#type: "answer".to_owned(), sdp: text, id: offer.id, mid_to_track_id };
        shared.signal(participant.presence.connection, Message::Answer(answer));
        if participant.subscriber.is_none() {
            participant.agree_lines();
            self.tell_received(id, shared);
            self.work.push_back(Work::Negotiate { participant: id });
            self.choose_layers(id, shared, now);
            self.ask_for_keyframes(shared, now);
        }
        if changed {
            self.published(id, shared);
        }
    }

    /// Answers the offer of one client that had to wait, the one whose turn it is.
    pub(super) fn answer_waiting(&mut self, shared: &mut Shared, now: Instant) {
        let waiting = |participant: &&mut Participant| participant.offers.waiting.is_some();
        let next = self.participants.values_mut().filter(waiting).min_by_key(|participant| participant.offers.tried_at);
        let Some(participant) = next else { return };
        participant.offers.tried_at = now;
        let id = participant.id;
        if let Some(offer) = participant.offers.waiting.take() {
            self.offered(id, &offer, shared, now);
        }
    }

    fn answer_text(
        &mut self,
        id: ParticipantId,
        offer: &str,
        shared: &mut Shared,
        now: Instant,
    ) -> Option<(String, String)> {
        // Taken apart, since the peer needs the engine's outputs and chance at once.
        let participant = self.participants.get_mut(&id)?;
        let Shared { outputs, peers, random, timers, .. } = shared;
        let target = Target::Publisher;
        let mut drained = crate::peer::Drained { outputs, work: &mut self.work, participant: id, target };
        let peer = &mut participant.publisher;
        match peer.answer(offer, peers, random, now, &mut drained) {
            Ok(text) => {
                let owner = crate::ids::TimerId::Peer(PeerId { room: self.id, participant: id, target });
                timers.set(owner, peer.deadline());
                Some((text, peer.ufrag().to_owned()))
            }
            Err(fault) => {
                self.work.push_back(Work::Fault { participant: id, fault });
                None
            }
        }
    }

    /// Gives announced tracks the sections that they are offered on, and ends those whose section is gone. Answers whether
    /// anything changed for the others.
    fn publish_sections(&mut self, id: ParticipantId, sections: &[OfferedSection]) -> bool {
        let Some(participant) = self.participants.get(&id) else { return false };
        let ended: Vec<TrackId> = participant
            .tracks
            .values()
            .filter(|track| track.mid.is_some_and(|mid| !still_sent(track, mid, sections, participant)))
            .map(|track| track.id)
            .collect();
        let mut changed = !ended.is_empty();
        for track in ended {
            self.withdraw(id, track);
        }
        let Some(participant) = self.participants.get_mut(&id) else { return changed };
        for section in sections.iter().filter(|section| section.sends) {
            if participant.track_on(section.mid).is_some() {
                continue;
            }
            let Some(track) = participant.announced_for(section, sections) else { continue };
            let Some(track) = participant.tracks.get_mut(&track) else { continue };
            track.mid = Some(section.mid);
            track.info.mid = section.mid.to_string();
            track.layers = publishing::layers(&section.rids);
            track.info.simulcast = track.layers.len() > 1;
            changed = true;
        }
        changed
    }

    /// What is said about each section of the connection that the client makes.
    fn statements(&self, id: ParticipantId, sections: &[OfferedSection]) -> Vec<Statement> {
        let Some(participant) = self.participants.get(&id) else { return Vec::new() };
        let carried = self.carried(participant);
        sections
            .iter()
            .map(|section| Statement {
                mid: section.mid,
                receives: section.sends && participant.track_on(section.mid).is_some(),
                sends: carried.iter().find(|(mid, _)| *mid == section.mid).map(|(_, names)| names.clone()),
            })
            .collect()
    }

    /// The sections on which something is sent to somebody, each with the names of stream and track.
    pub(super) fn carried(&self, participant: &Participant) -> Vec<(Mid, (String, String))> {
        let bound = participant.lines.iter().filter_map(|line| Some((line.mid, line.bound?)));
        bound
            .filter_map(|(mid, track)| {
                let publisher = self.participants.get(&participant.subscriptions.get(&track)?.publisher)?;
                let sid = &publisher.tracks.get(&track)?.info.sid;
                Some((mid, (format!("{}|{sid}", publisher.sid), sid.clone())))
            })
            .collect()
    }
}

/// Whether a section still carries its track: it is sent, and not named after another track that was announced.
fn still_sent(track: &Track, mid: Mid, sections: &[OfferedSection], participant: &Participant) -> bool {
    sections.iter().find(|section| section.mid == mid && section.sends).is_some_and(|section| {
        section.track.as_ref().is_none_or(|name| {
            *name == track.cid || !participant.tracks.values().any(|other| other.mid.is_none() && other.cid == *name)
        })
    })
}

impl Participant {
    /// The announced track that a section is for: the one named, else the first of its kind, since browsers may rename a
    /// track when it is put on a section that was used before.
    fn announced_for(&self, section: &OfferedSection, sections: &[OfferedSection]) -> Option<TrackId> {
        let named = |track: &&Track| sections.iter().any(|section| section.track.as_ref() == Some(&track.cid));
        let waiting = || self.tracks.values().filter(|track| track.mid.is_none() && track.kind == section.kind);
        waiting()
            .find(|track| section.track.as_ref() == Some(&track.cid))
            .or_else(|| waiting().find(|track| !named(track)))
            .map(|track| track.id)
    }

    /// Takes the sections on which the client receives as lines.
    fn take_lines(&mut self, sections: &[OfferedSection]) {
        for section in sections.iter().filter(|section| section.receives) {
            if !self.lines.iter().any(|line| line.mid == section.mid) {
                self.lines.push(Line::new(section.mid, section.kind));
            }
        }
        for line in &mut self.lines {
            line.offered = sections.iter().any(|section| section.mid == line.mid && section.receives);
            line.describe();
            if line.offered {
                continue;
            }
            if let Some(subscription) = line.bound.and_then(|track| self.subscriptions.get_mut(&track)) {
                line.release();
                subscription.line = None;
                subscription.present = None;
            }
        }
        let has = |kind| self.lines.iter().filter(|line| line.kind == kind).count();
        let (audio, video) = (has(MediaKind::Audio), has(MediaKind::Video));
        self.negotiation.offers_seen = true;
        if self.negotiation.requested.is_some_and(|requested| audio >= requested.audio && video >= requested.video) {
            self.negotiation.requested = None;
        }
    }

    /// Puts subscriptions that wait on lines that are free.
    pub(super) fn bind_lines(&mut self) {
        let reuse = self.lines.len() >= SECTIONS_BEFORE_REUSE;
        for (track, subscription) in &mut self.subscriptions {
            if subscription.line.is_some() {
                continue;
            }
            let fits = |line: &Line| line.kind == subscription.kind && line.is_free() && (reuse || !line.used);
            let free = self.lines.iter().position(fits);
            if let Some(index) = free {
                self.lines[index].bind(*track);
                subscription.line = Some(index);
                subscription.present = None;
            }
        }
    }

    /// The client has the description with all that is bound.
    pub(super) fn agree_lines(&mut self) {
        let Self { lines, publisher, subscriber, .. } = self;
        let carrier = subscriber.as_mut().unwrap_or(publisher);
        for line in lines {
            line.agree(carrier);
        }
    }
}
