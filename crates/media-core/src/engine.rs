//! The engine: rooms by name, connections by their number, and whose turn it is.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

use livekit_proto::proto;

use crate::{
    Command, CommandError, Counts, EngineConfig, Event, Input, Join, Output, Reply, RoomConfig,
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
                let Some(peer) = self.shared.routes.peer_of(protocol, source, payload, now) else {
                    self.shared.counts.datagrams_unknown += 1;
                    return;
                };
                self.in_room(peer.room, |room, shared| {
                    room.datagram(peer, protocol, (source, destination), payload, shared, now);
                });
            }
            Input::Join(join) => self.join(*join, now),
            Input::Signal { connection, request } => {
                let Some((room, participant)) = self.shared.connections.get(&connection).copied() else { return };
                self.in_room(room, |room, shared| room.signal(participant, *request, shared, now));
            }
            Input::SignalClosed { connection } => {
                let Some((room, participant)) = self.shared.connections.remove(&connection) else { return };
                self.in_room(room, |room, _| room.signal_closed(participant, now));
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
                let id = self.id_of(&room)?;
                self.in_room(id, |room, shared| room.end(shared, now));
                self.names.remove(&room);
                self.rooms.remove(&id);
            }
            Command::RemoveParticipant { room, identity } => {
                self.in_named(&room, |room, shared| room.remove_by_identity(&identity, shared, now))??;
            }
            Command::MuteTrack { room, identity, track, muted } => {
                self.in_named(&room, |room, shared| room.mute_track(&identity, &track, muted, shared, now))??;
            }
            Command::SetPermissions { room, identity, permissions } => {
                self.in_named(&room, |room, shared| room.set_permissions(&identity, permissions, shared, now))??;
            }
            Command::SetRoomMetadata { room, metadata } => {
                self.in_named(&room, |room, shared| room.set_metadata(metadata, shared))?;
            }
            Command::SendData { room, topic, payload, destinations } => {
                self.in_named(&room, |room, shared| {
                    room.send_server_data(topic, payload, destinations, shared, now);
                })?;
            }
            Command::Participants { room } => {
                return self.in_named(&room, |room, _| room.list()).map(Reply::Participants);
            }
        }
        Ok(Reply::Done)
    }

    /// What was counted since the last call.
    pub fn take_counts(&mut self) -> Counts {
        std::mem::take(&mut self.shared.counts)
    }

    /// The next thing to be done outside, if any.
    ///
    /// What one batch of inputs has to be sent to one receiver is put together here, so give it all that has come before
    /// asking.
    pub fn poll(&mut self) -> Option<Output> {
        loop {
            if let Some(output) = self.shared.outputs.pop_front() {
                return Some(output);
            }
            if self.shared.unsent.is_empty() {
                return None;
            }
            self.flush();
        }
    }

    /// Sends what was forwarded. What comes of that may be forwarded, too.
    fn flush(&mut self) {
        let now = self.now;
        let mut unsent = std::mem::take(&mut self.shared.unsent);
        for peer in unsent.drain(..) {
            self.in_room(peer.room, |room, shared| room.send_written(peer, shared, now));
        }
        // Kept for its memory, unless there is more.
        if self.shared.unsent.is_empty() {
            self.shared.unsent = unsent;
        }
    }

    /// When [`Input::Time`] is wanted at the latest, as of the last [`Self::poll`] that answered `None`.
    pub fn deadline(&self) -> Option<Instant> {
        self.shared.timers.first()
    }

    fn advance_clock(&mut self, now: Instant) -> Instant {
        self.now = self.now.max(now);
        self.now
    }

    fn id_of(&self, name: &str) -> Result<RoomId, CommandError> {
        self.names.get(name).copied().ok_or(CommandError::NoRoom)
    }

    fn in_named<T>(&mut self, name: &str, act: impl FnOnce(&mut Room, &mut Shared) -> T) -> Result<T, CommandError> {
        let id = self.id_of(name)?;
        self.in_room(id, act).ok_or(CommandError::NoRoom)
    }

    /// Lets a room do something. `None` if there is none. A room that panics is closed, and no other one notices.
    fn in_room<T>(&mut self, id: RoomId, act: impl FnOnce(&mut Room, &mut Shared) -> T) -> Option<T> {
        let Self { rooms, shared, .. } = self;
        let room = rooms.get_mut(&id)?;
        // What could be left half done is the room's, which is thrown away. What rooms share changes by whole steps only.
        let result = catch_unwind(AssertUnwindSafe(|| act(room, shared)));
        if result.is_err() {
            self.fail(id);
        }
        result.ok()
    }

    fn fail(&mut self, id: RoomId) {
        tracing::error!("a media room has failed; it is closed and can be entered again");
        self.shared.counts.room_failures += 1;
        self.names.retain(|_, room| *room != id);
        let Some(room) = self.rooms.remove(&id) else { return };
        self.shared.forget(id, &signalling::leave_for_rejoin());
        let name = room.name().to_owned();
        // A room in such a state may not even be put away in peace.
        if catch_unwind(AssertUnwindSafe(|| room.collapse(&mut self.shared))).is_err() {
            tracing::error!("a media room that has failed could not be put away either");
        }
        self.shared.tell(Event::Closed { room: name });
    }

    fn open(&mut self, config: RoomConfig, now: Instant) -> Result<(), CommandError> {
        if let Ok(id) = self.id_of(&config.name) {
            return self.in_room(id, |room, shared| room.configure(config, shared)).ok_or(CommandError::NoRoom);
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
        let refusal = match self.id_of(&name) {
            // Whoever came as the room failed may not have been known to it yet.
            Ok(id) => match self.in_room(id, |room, shared| room.join(join, shared, now)) {
                Some(()) => return,
                None => signalling::leave_for_rejoin(),
            },
            Err(_) => signalling::leave(proto::DisconnectReason::RoomClosed),
        };
        self.shared.signal(Some(connection), refusal);
        self.shared.close(connection);
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
            self.in_room(id, |room, shared| match timer {
                TimerId::Room(_) => room.tick(shared, now),
                TimerId::Peer(peer) => room.advance(peer.participant, peer.target, shared, now),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConnectionId, LeaveCause, Permissions};

    fn engine(now: Instant) -> Engine {
        let config = EngineConfig {
            ice_ufrag_prefix: String::new(),
            udp_candidates: vec![([192, 0, 2, 1], 7882).into()],
            tcp_candidates: Vec::new(),
            origin_ms: 0,
            seed: 1,
        };
        Engine::new(config, now)
    }

    fn enter(engine: &mut Engine, room: &str, connection: u64, now: Instant) {
        let config = RoomConfig { name: room.to_owned(), participants_max: 2, metadata: String::new() };
        engine.command(Command::OpenRoom(config), now).expect("opens");
        let join = Join {
            connection: ConnectionId(connection),
            room: room.to_owned(),
            identity: format!("person {connection}"),
            name: String::new(),
            metadata: String::new(),
            attributes: Vec::new(),
            permissions: Permissions {
                can_publish: true,
                can_publish_sources: Vec::new(),
                can_subscribe: true,
                can_publish_data: true,
                can_update_metadata: false,
                hidden: false,
            },
            request: proto::JoinRequest::default(),
            single_peer_connection: false,
        };
        engine.handle(Input::Join(Box::new(join)), now);
    }

    fn drain(engine: &mut Engine) -> Vec<Output> {
        std::iter::from_fn(|| engine.poll()).collect()
    }

    fn leaves(outputs: &[Output]) -> Vec<(u64, proto::leave_request::Action)> {
        let leave = |output: &Output| {
            if let Output::Signal { connection, response } = output
                && let proto::signal_response::Message::Leave(leave) = &**response
            {
                Some((connection.0, leave.action()))
            } else {
                None
            }
        };
        outputs.iter().filter_map(leave).collect()
    }

    #[test]
    fn a_room_that_panics_ends_and_no_other_one_does() {
        let now = Instant::now();
        let mut engine = engine(now);
        enter(&mut engine, "a", 1, now);
        enter(&mut engine, "b", 2, now);
        drain(&mut engine);
        let id = engine.id_of("a").expect("open");
        engine.in_room(id, |room, _| {
            room.everybody_mut().for_each(|participant| participant.active = true);
            panic!("on purpose")
        });

        let outputs = drain(&mut engine);
        assert_eq!(leaves(&outputs), [(1, proto::leave_request::Action::Reconnect)]);
        let events: Vec<_> =
            outputs.into_iter().filter_map(|o| if let Output::Event(e) = o { Some(e) } else { None }).collect();
        let (room, identity) = ("a".to_owned(), "person 1".to_owned());
        assert_eq!(
            events,
            [Event::Left { room: room.clone(), identity, cause: LeaveCause::Fault }, Event::Closed { room }]
        );
        assert_eq!(engine.take_counts(), Counts { room_failures: 1, ..Counts::default() });
        assert!(engine.shared.timers.len() > 0, "the other room's");
        let present =
            |engine: &mut Engine, room: &str| engine.command(Command::Participants { room: room.to_owned() }, now);
        assert_eq!(present(&mut engine, "a"), Err(CommandError::NoRoom));
        assert!(matches!(present(&mut engine, "b"), Ok(Reply::Participants(people)) if people.len() == 1));

        enter(&mut engine, "a", 3, now);
        assert!(matches!(present(&mut engine, "a"), Ok(Reply::Participants(people)) if people.len() == 1));
        engine.command(Command::CloseRoom { room: "a".to_owned() }, now).expect("closes");
        engine.command(Command::CloseRoom { room: "b".to_owned() }, now).expect("closes");
        assert_eq!(engine.shared.timers.len(), 0, "nothing of a room that has failed is left");
        assert!(engine.shared.routes.is_empty() && engine.shared.connections.is_empty());
    }
}
