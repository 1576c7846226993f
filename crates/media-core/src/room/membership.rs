//! Leaving, in all its ways.

use std::time::Instant;

use livekit_proto::proto::{self, signal_response::Message};

use super::{Room, Work};
use crate::{
    Event, LeaveCause,
    ids::{ParticipantId, PeerId, Target, TimerId},
    peer::Drained,
    shared::Shared,
    signalling,
};

impl Room {
    /// Takes somebody out of the room with everything that is theirs. `goodbye` is sent to them first, if they can hear it.
    pub(super) fn remove(
        &mut self,
        id: ParticipantId,
        cause: LeaveCause,
        goodbye: Option<Message>,
        shared: &mut Shared,
        now: Instant,
    ) {
        let tracks: Vec<_> = self.participants.get(&id).map_or_else(Vec::new, |p| p.tracks.keys().copied().collect());
        for track in tracks {
            self.withdraw(id, track);
        }
        let Some(mut gone) = self.participants.remove(&id) else { return };
        self.identities.remove(&gone.identity);
        for (track, subscription) in std::mem::take(&mut gone.subscriptions) {
            self.forget_subscriber(subscription.publisher, track, id);
        }
        if let Some(connection) = gone.presence.connection {
            if let Some(goodbye) = goodbye {
                shared.signal(Some(connection), goodbye);
            }
            shared.close(connection);
        }
        for (protocol, source, target) in std::mem::take(&mut gone.addresses) {
            shared.routes.remove_address(protocol, source, PeerId { room: self.id, participant: id, target });
        }
        // Only for what is sent: what the dead connection still has to say concerns nobody.
        let mut ignored = std::collections::VecDeque::new();
        for target in [Target::Publisher, Target::Subscriber] {
            let Some(peer) = gone.peer(target) else { continue };
            let mut drained = Drained { outputs: &mut shared.outputs, work: &mut ignored, participant: id, target };
            if cause != LeaveCause::Fault {
                peer.close(now, &mut drained);
            }
            shared.routes.remove_ufrag(peer.ufrag());
            shared.timers.set(TimerId::Peer(PeerId { room: self.id, participant: id, target }), None);
        }
        if gone.active {
            shared.tell(Event::Left { room: self.config.name.clone(), identity: gone.identity.clone(), cause });
        }
        if !gone.permissions.hidden {
            gone.announcements.version += 1;
            let reason = match cause {
                LeaveCause::Left => proto::DisconnectReason::ClientInitiated,
                LeaveCause::Lost => proto::DisconnectReason::SignalClose,
                LeaveCause::Replaced => proto::DisconnectReason::DuplicateIdentity,
                LeaveCause::Removed => proto::DisconnectReason::ParticipantRemoved,
                LeaveCause::RoomClosed => proto::DisconnectReason::RoomDeleted,
                LeaveCause::Fault => proto::DisconnectReason::StateMismatch,
            };
            let info = proto::ParticipantInfo {
                state: proto::participant_info::State::Disconnected.into(),
                disconnect_reason: reason.into(),
                tracks: Vec::new(),
                ..gone.info()
            };
            self.tell_others(id, &signalling::update(vec![info]), shared);
        }
        if self.participants.is_empty() {
            shared.timers.set(TimerId::Room(self.id), None);
        }
    }

    /// Takes away a track: nobody receives it from here on.
    pub(super) fn withdraw(&mut self, publisher: ParticipantId, track: crate::ids::TrackId) {
        let Some(owner) = self.participants.get_mut(&publisher) else { return };
        let Some(track) = owner.tracks.remove(&track) else { return };
        owner.incoming.retain(|_, (id, _)| *id != track.id);
        for subscriber in track.subscribers.iter().copied() {
            if let Some(viewer) = self.participants.get_mut(&subscriber) {
                viewer.unsubscribe(track.id);
                self.work.push_back(Work::Negotiate { participant: subscriber });
            }
        }
        // Sids are never used again, so what was wished about this one is of no more use.
        for viewer in self.participants.values_mut() {
            viewer.wishes.remove(&track.info.sid);
        }
    }

    /// The signalling connection of somebody is gone.
    pub fn signal_closed(&mut self, id: ParticipantId, now: Instant) {
        self.connection_lost(id, now);
    }

    pub(super) fn connection_lost(&mut self, id: ParticipantId, now: Instant) {
        if let Some(participant) = self.participants.get_mut(&id) {
            participant.presence.connection = None;
            participant.presence.lost_at.get_or_insert(now);
        }
    }

    /// Ends the room: everybody is taken out.
    pub fn end(&mut self, shared: &mut Shared, now: Instant) {
        let everybody: Vec<_> = self.participants.keys().copied().collect();
        for id in everybody {
            let goodbye = signalling::leave(proto::DisconnectReason::RoomDeleted);
            self.remove(id, LeaveCause::RoomClosed, Some(goodbye), shared, now);
        }
        shared.timers.set(TimerId::Room(self.id), None);
        shared.tell(Event::Closed { room: self.config.name.clone() });
    }

    /// The room has panicked and is thrown away: the program is told who was inside.
    pub fn collapse(self, shared: &mut Shared) {
        for participant in self.participants.into_values().filter(|participant| participant.active) {
            let (room, identity) = (self.config.name.clone(), participant.identity);
            shared.tell(Event::Left { room, identity, cause: LeaveCause::Fault });
        }
    }
}
