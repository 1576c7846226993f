//! What the program wants of a room.

use std::time::Instant;

use livekit_proto::proto::{self, signal_response::Message};

use super::{Room, Work};
use crate::{
    CommandError, LeaveCause, Permissions, RoomConfig, data::Delivery, ids::ParticipantId, participant::Participant,
    shared::Shared, signalling,
};

impl Room {
    fn by_identity(&self, identity: &str) -> Result<ParticipantId, CommandError> {
        self.identities.get(identity).copied().ok_or(CommandError::NoParticipant)
    }

    /// Takes the settings of a room that was opened again. Nobody is put out if there are too many now.
    pub fn configure(&mut self, config: RoomConfig, shared: &mut Shared) {
        self.config.participants_max = config.participants_max;
        if self.config.metadata != config.metadata {
            self.set_metadata(config.metadata, shared);
        }
    }

    /// Disconnects somebody.
    pub fn remove_by_identity(
        &mut self,
        identity: &str,
        shared: &mut Shared,
        now: Instant,
    ) -> Result<(), CommandError> {
        let id = self.by_identity(identity)?;
        let goodbye = signalling::leave(proto::DisconnectReason::ParticipantRemoved);
        self.remove(id, LeaveCause::Removed, Some(goodbye), shared, now);
        self.settle(shared, now);
        Ok(())
    }

    /// Mutes somebody's track, or lets it be heard again.
    pub fn mute_track(
        &mut self,
        identity: &str,
        sid: &str,
        muted: bool,
        shared: &mut Shared,
        now: Instant,
    ) -> Result<(), CommandError> {
        let id = self.by_identity(identity)?;
        let participant = self.participants.get_mut(&id).ok_or(CommandError::NoParticipant)?;
        let track = participant.track_by_sid(sid).ok_or(CommandError::NoTrack)?;
        track.info.muted = muted;
        track.silenced = muted;
        let message = proto::MuteTrackRequest { sid: sid.to_owned(), muted };
        shared.signal(participant.presence.connection, Message::Mute(message));
        self.announce(id, shared);
        self.settle(shared, now);
        Ok(())
    }

    /// Changes what somebody may do, at once.
    pub fn set_permissions(
        &mut self,
        identity: &str,
        permissions: Permissions,
        shared: &mut Shared,
        now: Instant,
    ) -> Result<(), CommandError> {
        let id = self.by_identity(identity)?;
        let participant = self.participants.get_mut(&id).ok_or(CommandError::NoParticipant)?;
        let was_hidden = participant.permissions.hidden;
        let hides = permissions.hidden && !was_hidden;
        participant.permissions = permissions;
        self.revoke_publishing(id, shared);
        self.announce(id, shared);
        if hides && let Some(participant) = self.participants.get(&id) {
            let info = proto::ParticipantInfo {
                state: proto::participant_info::State::Disconnected.into(),
                ..participant.info()
            };
            self.tell_others(id, &signalling::update(vec![info]), shared);
        }
        self.work.push_back(Work::Reconcile { participant: id });
        self.settle(shared, now);
        Ok(())
    }

    /// Changes the room's free text.
    pub fn set_metadata(&mut self, metadata: String, shared: &mut Shared) {
        self.config.metadata = metadata;
        let message = Message::RoomUpdate(proto::RoomUpdate { room: Some(self.info()) });
        for participant in self.participants.values() {
            shared.signal(participant.presence.connection, message.clone());
        }
    }

    /// Sends a data packet that comes from no participant.
    pub fn send_server_data(
        &mut self,
        topic: String,
        payload: Vec<u8>,
        destinations: Vec<String>,
        shared: &mut Shared,
        now: Instant,
    ) {
        let user = proto::UserPacket { payload, topic: Some(topic), ..proto::UserPacket::default() };
        let packet = proto::DataPacket {
            destination_identities: destinations,
            value: Some(proto::data_packet::Value::User(user)),
            ..proto::DataPacket::default()
        };
        self.deliver(None, Delivery::Reliable, &packet, shared, now);
        self.settle(shared, now);
    }

    /// Those in the room, hidden ones too.
    pub fn list(&self) -> Vec<proto::ParticipantInfo> {
        self.participants.values().map(Participant::info).collect()
    }
}
