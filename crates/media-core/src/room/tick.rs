//! What a room does from time to time.

use std::time::{Duration, Instant};

use livekit_proto::proto::{self, ConnectionQuality, signal_response::Message};

use super::{Room, Work};
use crate::{
    LeaveCause,
    ids::{ParticipantId, TimerId},
    limits::{
        ANNOUNCEMENTS_BURST, CONNECT_DEADLINE, QUALITY_INTERVAL, RESUME_GRACE, SIGNAL_SILENCE_MAX, SLEPT,
        SPEAKERS_INTERVAL, TICK,
    },
    participant::Participant,
    quality::{self, Signs},
    shared::Shared,
    signalling,
};

/// When what is next.
#[derive(Debug)]
pub(super) struct Schedule {
    tick: Instant,
    speakers: Instant,
    quality: Instant,
    running: bool,
}

impl Schedule {
    /// Starts with nobody in the room, so with nothing to do.
    pub fn new(now: Instant) -> Self {
        Self { tick: now, speakers: now, quality: now, running: false }
    }
}

impl Room {
    /// Starts the regular work when somebody comes into an empty room.
    pub(super) fn start_schedule(&mut self, shared: &mut Shared, now: Instant) {
        if self.participants.is_empty() || !self.schedule.running {
            self.schedule = Schedule {
                tick: now + TICK,
                speakers: now + SPEAKERS_INTERVAL,
                quality: now + QUALITY_INTERVAL,
                running: true,
            };
            shared.timers.set(TimerId::Room(self.id), Some(self.schedule.tick));
        }
    }

    /// Does the regular work.
    pub fn tick(&mut self, shared: &mut Shared, now: Instant) {
        let late = now.saturating_duration_since(self.schedule.tick);
        if late > SLEPT {
            self.forgive(late);
        }
        self.schedule.tick = now + TICK;
        self.end_stays(shared, now);
        self.answer_waiting(shared, now);
        self.settle(shared, now);

        let everybody: Vec<_> = self.participants.keys().copied().collect();
        for id in &everybody {
            self.choose_layers(*id, shared, now);
            self.work.push_back(Work::Negotiate { participant: *id });
        }
        self.announce_late(&everybody, shared);
        self.tell_wanted_layers(shared, now);
        self.ask_for_keyframes(shared, now);
        if now >= self.schedule.speakers {
            self.schedule.speakers = now + SPEAKERS_INTERVAL;
            self.tell_speakers(shared);
        }
        if now >= self.schedule.quality {
            self.schedule.quality = now + QUALITY_INTERVAL;
            self.tell_qualities(shared);
        }
        self.settle(shared, now);
        let next = (!self.participants.is_empty()).then_some(self.schedule.tick);
        self.schedule.running = next.is_some();
        shared.timers.set(TimerId::Room(self.id), next);
    }

    /// Time in which this program did not run counts against nobody.
    fn forgive(&mut self, late: Duration) {
        for participant in self.participants.values_mut() {
            let presence = &mut participant.presence;
            presence.heard_at += late;
            presence.lost_at = presence.lost_at.map(|at| at + late);
            presence.unconnected_since = presence.unconnected_since.map(|at| at + late);
        }
    }

    fn end_stays(&mut self, shared: &mut Shared, now: Instant) {
        let past = |since: Option<Instant>, allowed| {
            since.is_some_and(|since| now.saturating_duration_since(since) >= allowed)
        };
        for participant in self.participants.values_mut() {
            if past(Some(participant.presence.heard_at), SIGNAL_SILENCE_MAX)
                && let Some(connection) = participant.presence.connection.take()
            {
                participant.presence.lost_at = Some(now);
                shared.close(connection);
            }
        }
        let lost: Vec<_> = self
            .participants
            .values()
            .filter(|participant| {
                let presence = &participant.presence;
                past(presence.lost_at, RESUME_GRACE) || past(presence.unconnected_since, CONNECT_DEADLINE)
            })
            .map(|participant| participant.id)
            .collect();
        for id in lost {
            self.remove(id, LeaveCause::Lost, Some(signalling::leave_for_rejoin()), shared, now);
        }
    }

    /// Tells of changes that came too fast to be told at once.
    fn announce_late(&mut self, everybody: &[ParticipantId], shared: &mut Shared) {
        for id in everybody {
            let Some(participant) = self.participants.get_mut(id) else { continue };
            let announcements = &mut participant.announcements;
            announcements.left = (announcements.left + 1).min(ANNOUNCEMENTS_BURST);
            if announcements.due {
                self.announce(*id, shared);
            }
        }
    }

    fn tell_speakers(&mut self, shared: &mut Shared) {
        let mut speakers = Vec::new();
        for participant in self.participants.values_mut() {
            let mut level = 0_f32;
            for track in participant.tracks.values_mut() {
                let loudness = track.loudness.take();
                if !track.info.muted {
                    level = level.max(loudness);
                }
            }
            if participant.permissions.hidden || (participant.loudness - level).abs() < f32::EPSILON {
                continue;
            }
            participant.loudness = level;
            let sid = participant.sid.clone();
            speakers.push(proto::SpeakerInfo { sid, level, active: level > 0.0 });
        }
        if speakers.is_empty() {
            return;
        }
        let message = Message::SpeakersChanged(proto::SpeakersChanged { speakers });
        for participant in self.participants.values() {
            shared.signal(participant.presence.connection, message.clone());
        }
    }

    fn tell_qualities(&mut self, shared: &mut Shared) {
        let mut updates = Vec::new();
        for participant in self.participants.values_mut() {
            let (quality, score) = quality::judge(&participant.signs());
            participant.quality = quality;
            if !participant.permissions.hidden {
                updates.push(proto::ConnectionQualityInfo {
                    participant_sid: participant.sid.clone(),
                    quality: quality.into(),
                    score,
                });
            }
        }
        let message = Message::ConnectionQuality(proto::ConnectionQualityUpdate { updates });
        for participant in self.participants.values() {
            shared.signal(participant.presence.connection, message.clone());
        }
    }
}

impl Participant {
    /// What there is to judge the connection by since the last time.
    fn signs(&mut self) -> Signs {
        let (mut expected, mut received) = (0, 0);
        for layer in self.tracks.values_mut().flat_map(|track| &mut track.layers) {
            let (more_expected, more_received) = layer.continuity.take();
            expected += more_expected;
            received += more_received;
        }
        // Whose signals are gone and of whom nothing comes has closed the page, or lost the network: the others should not look at
        // a still picture and wait for an answer. Who is still arriving is not lost.
        let vanished = self.presence.lost_at.is_some() && received == 0;
        Signs {
            connected: !self.active || (self.presence.unconnected_since.is_none() && !vanished),
            expected,
            received,
            downlink_lost_percent: self.downlink.take_lost_percent(),
            starved: self.subscriptions.values().any(|subscription| subscription.starved),
        }
    }
}

/// What somebody's connection is taken to be before anything is known.
pub(super) const QUALITY_AT_FIRST: ConnectionQuality = ConnectionQuality::Excellent;
