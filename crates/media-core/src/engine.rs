//! The engine: rooms by name, connections by their number, and whose turn it is.

use std::{collections::BTreeMap, time::Instant};

use livekit_proto::proto;

use crate::{
    Command, CommandError, EngineConfig, Input, Join, Output, Reply, RoomConfig,
    ids::{RoomId, TimerId},
    limits::ROOMS_MAX,
    room::Room,
    shared::Shared,
    signalling,
};

/// The rooms of one core.
///
/// A state machine: it reads no clock, opens no socket, spawns nothing and locks nothing. Give it inputs with
/// [`Self::handle`], carry out what [`Self::poll`] hands out until it has nothing more, and call again with
/// [`Input::Time`] at [`Self::deadline`].
#[derive(Debug)]
pub struct Engine {
    rooms: BTreeMap<RoomId, Room>,
    names: BTreeMap<String, RoomId>,
    shared: Shared,
    now: Instant,
}

impl Engine {
    /// Starts with no room.
    #[expect(clippy::needless_pass_by_value, reason = "whoever makes an engine has no more use for its part")]
    pub fn new(config: EngineConfig, now: Instant) -> Self {
        let shared = Shared::new(&config, now);
        Self { rooms: BTreeMap::new(), names: BTreeMap::new(), shared, now }
    }

    /// Takes one input. Outputs wait in [`Self::poll`]. What comes from the network never panics and never harms another room.
    ///
    /// Time that goes back is taken to stand still.
    pub fn handle(&mut self, input: Input<'_>, now: Instant) {
        let now = self.advance_clock(now);
        match input {
            Input::Datagram { protocol, source, destination, payload } => {
                let Some(peer) = self.shared.routes.peer_of(protocol, source, payload, now) else { return };
                if let Some(room) = self.rooms.get_mut(&peer.room) {
                    room.datagram(peer, protocol, (source, destination), payload, &mut self.shared, now);
                }
            }
            Input::Join(join) => self.join(*join, now),
            Input::Signal { connection, request } => {
                let Some((room, participant)) = self.shared.connections.get(&connection).copied() else { return };
                if let Some(room) = self.rooms.get_mut(&room) {
                    room.signal(participant, *request, &mut self.shared, now);
                }
            }
            Input::SignalClosed { connection } => {
                let Some((room, participant)) = self.shared.connections.remove(&connection) else { return };
                if let Some(room) = self.rooms.get_mut(&room) {
                    room.signal_closed(participant, now);
                }
            }
            Input::Time => {}
        }
        self.run_timers(now);
    }

    /// Carries out one command.
    pub fn command(&mut self, command: Command, now: Instant) -> Result<Reply, CommandError> {
        let now = self.advance_clock(now);
        match command {
            Command::OpenRoom(config) => self.open(config, now)?,
            Command::CloseRoom { room } => {
                let id = self.names.remove(&room).ok_or(CommandError::NoRoom)?;
                if let Some(mut room) = self.rooms.remove(&id) {
                    room.end(&mut self.shared, now);
                }
            }
            Command::RemoveParticipant { room, identity } => {
                let (room, shared) = self.room(&room)?;
                room.remove_by_identity(&identity, shared, now)?;
            }
            Command::MuteTrack { room, identity, track, muted } => {
                let (room, shared) = self.room(&room)?;
                room.mute_track(&identity, &track, muted, shared, now)?;
            }
            Command::SetPermissions { room, identity, permissions } => {
                let (room, shared) = self.room(&room)?;
                room.set_permissions(&identity, permissions, shared, now)?;
            }
            Command::SetRoomMetadata { room, metadata } => {
                let (room, shared) = self.room(&room)?;
                room.set_metadata(metadata, shared);
            }
            Command::SendData { room, topic, payload, destinations } => {
                let (room, shared) = self.room(&room)?;
                room.send_server_data(topic, payload, destinations, shared, now);
            }
            Command::Participants { room } => {
                let (room, _) = self.room(&room)?;
                return Ok(Reply::Participants(room.list()));
            }
        }
        Ok(Reply::Done)
    }

    /// The next thing to be done outside, if any.
    pub fn poll(&mut self) -> Option<Output> {
        self.shared.outputs.pop_front()
    }

    /// When [`Input::Time`] is wanted at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        self.shared.timers.first()
    }

    fn advance_clock(&mut self, now: Instant) -> Instant {
        self.now = self.now.max(now);
        self.now
    }

    fn room(&mut self, name: &str) -> Result<(&mut Room, &mut Shared), CommandError> {
        let id = self.names.get(name).ok_or(CommandError::NoRoom)?;
        let room = self.rooms.get_mut(id).ok_or(CommandError::NoRoom)?;
        Ok((room, &mut self.shared))
    }

    fn open(&mut self, config: RoomConfig, now: Instant) -> Result<(), CommandError> {
        if let Ok((room, shared)) = self.room(&config.name) {
            room.configure(config, shared);
            return Ok(());
        }
        if self.rooms.len() >= ROOMS_MAX {
            return Err(CommandError::TooManyRooms);
        }
        let id = RoomId(self.shared.fresh_id());
        self.names.insert(config.name.clone(), id);
        self.rooms.insert(id, Room::new(id, config, &mut self.shared, now));
        Ok(())
    }

    fn join(&mut self, join: Join, now: Instant) {
        let connection = join.connection;
        let name = join.room.clone();
        if let Ok((room, shared)) = self.room(&name) {
            room.join(join, shared, now);
        } else {
            self.shared.signal(Some(connection), signalling::leave(proto::DisconnectReason::RoomClosed));
            self.shared.close(connection);
        }
    }

    fn run_timers(&mut self, now: Instant) {
        // A peer that wants time again at once gets it in the next call, so one cannot hold up the others.
        let mut left = self.shared.timers.len();
        while left > 0
            && let Some(timer) = self.shared.timers.take_due(now)
        {
            left -= 1;
            let id = match timer {
                TimerId::Room(room) => room,
                TimerId::Peer(peer) => peer.room,
            };
            let Some(room) = self.rooms.get_mut(&id) else { continue };
            match timer {
                TimerId::Room(_) => room.tick(&mut self.shared, now),
                TimerId::Peer(peer) => room.advance(peer.participant, peer.target, &mut self.shared, now),
            }
        }
    }
}
