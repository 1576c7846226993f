//! What the rooms of an engine have in common: the way out, timers, routes and chance.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Instant,
};

use livekit_proto::proto::signal_response::Message;

use crate::{
    ConnectionId, Counts, EngineConfig, Event, Output,
    ids::{ParticipantId, PeerId, RoomId, TimerId},
    peer::PeerConfig,
    random::Random,
    routes::Routes,
};

/// Handed down by the engine to the room that works.
#[derive(Debug)]
pub(crate) struct Shared {
    /// What the shell is to do, in order.
    pub outputs: VecDeque<Output>,
    /// Peers to which something was written that is not sent yet, each of them once. Some may have sent it since, or be gone.
    pub unsent: Vec<PeerId>,
    /// When somebody wants time to pass.
    pub timers: Timers,
    /// Whom datagrams are for.
    pub routes: Routes,
    /// Whose a signalling connection is.
    pub connections: BTreeMap<ConnectionId, (RoomId, ParticipantId)>,
    /// How peer connections are made.
    pub peers: PeerConfig,
    /// What time it is for the clients.
    pub wall_clock: WallClock,
    /// Chance for ids.
    pub random: Random,
    /// What happened since the shell asked last.
    pub counts: Counts,
    last_id: u64,
}

impl Shared {
    /// Starts empty.
    pub fn new(config: &EngineConfig, now: Instant) -> Self {
        Self {
            outputs: VecDeque::new(),
            unsent: Vec::new(),
            timers: Timers::default(),
            routes: Routes::default(),
            connections: BTreeMap::new(),
            peers: PeerConfig::new(config),
            wall_clock: WallClock { origin: now, origin_ms: config.origin_ms },
            random: Random::new(config.seed),
            counts: Counts::default(),
            last_id: 0,
        }
    }

    /// A number that was never given out.
    pub fn fresh_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Sends a message to a client, if it is connected.
    pub fn signal(&mut self, connection: Option<ConnectionId>, message: Message) {
        if let Some(connection) = connection {
            self.outputs.push_back(Output::Signal { connection, response: Box::new(message) });
        }
    }

    /// Closes a signalling connection after what was sent before.
    pub fn close(&mut self, connection: ConnectionId) {
        self.connections.remove(&connection);
        self.outputs.push_back(Output::CloseSignal { connection });
    }

    /// Forgets all that is a room's, after telling those inside.
    pub fn forget(&mut self, room: RoomId, goodbye: &Message) {
        let connections = self.connections.iter().filter(|(_, (owner, _))| *owner == room);
        let connections: Vec<_> = connections.map(|(connection, _)| *connection).collect();
        for connection in connections {
            self.signal(Some(connection), goodbye.clone());
            self.close(connection);
        }
        self.timers.forget(room);
        self.routes.forget(room);
    }

    /// Tells the program.
    pub fn tell(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }
}

/// Turns the engine's time into the wall clock's, as of the engine's start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WallClock {
    origin: Instant,
    origin_ms: i64,
}

impl WallClock {
    /// Milliseconds since 1970 (UTC).
    pub fn at_ms(&self, at: Instant) -> i64 {
        let passed = i64::try_from(at.saturating_duration_since(self.origin).as_millis()).unwrap_or(i64::MAX);
        self.origin_ms.saturating_add(passed)
    }
}

/// At most one time per owner.
///
/// Times mostly move to a later one, again and again before they come: every packet moves its peer's. So an owner keeps its
/// earlier place in the order until that comes, and only then gets its new one.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    by_time: BTreeSet<(Instant, TimerId)>,
    by_owner: BTreeMap<TimerId, Timer>,
}

#[derive(Debug)]
struct Timer {
    at: Instant,
    /// Its place in the order, which is no later.
    place: Instant,
}

impl Timers {
    /// Sets an owner's time, or clears it.
    pub fn set(&mut self, owner: TimerId, at: Option<Instant>) {
        let Some(at) = at else {
            if let Some(timer) = self.by_owner.remove(&owner) {
                self.by_time.remove(&(timer.place, owner));
            }
            return;
        };
        match self.by_owner.get_mut(&owner) {
            Some(timer) if timer.place <= at => {
                timer.at = at;
                return;
            }
            Some(timer) => {
                self.by_time.remove(&(timer.place, owner));
                *timer = Timer { at, place: at };
            }
            None => drop(self.by_owner.insert(owner, Timer { at, place: at })),
        }
        self.by_time.insert((at, owner));
    }

    /// Clears all of a room's.
    fn forget(&mut self, room: RoomId) {
        let is_kept = |owner: &TimerId| match owner {
            TimerId::Room(owner) => *owner != room,
            TimerId::Peer(owner) => owner.room != room,
        };
        self.by_time.retain(|(_, owner)| is_kept(owner));
        self.by_owner.retain(|owner, _| is_kept(owner));
    }

    /// How many owners have one.
    pub fn len(&self) -> usize {
        self.by_owner.len()
    }

    /// The earliest time, or one before it.
    pub fn first(&self) -> Option<Instant> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes out one that is due.
    pub fn take_due(&mut self, now: Instant) -> Option<TimerId> {
        loop {
            let (place, owner) = *self.by_time.first().filter(|(place, _)| *place <= now)?;
            self.by_time.remove(&(place, owner));
            match self.by_owner.get_mut(&owner) {
                Some(timer) if timer.at > now => {
                    timer.place = timer.at;
                    self.by_time.insert((timer.at, owner));
                }
                _ => {
                    self.by_owner.remove(&owner);
                    return Some(owner);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn timers_come_in_order_and_move() {
        let start = Instant::now();
        let at = |seconds| Some(start + Duration::from_secs(seconds));
        let (a, b) = (TimerId::Room(RoomId(1)), TimerId::Room(RoomId(2)));
        let mut timers = Timers::default();
        timers.set(a, at(1));
        timers.set(b, at(2));
        timers.set(a, at(4));
        timers.set(a, at(3));
        assert_eq!(timers.take_due(start), None);
        assert_eq!(timers.take_due(start + Duration::from_secs(1)), None, "it was moved");
        assert_eq!(timers.first(), at(2));
        assert_eq!(timers.take_due(start + Duration::from_secs(2)), Some(b));
        assert_eq!(timers.take_due(start + Duration::from_secs(2)), None);
        assert_eq!(timers.take_due(start + Duration::from_secs(3)), Some(a));
        assert_eq!((timers.first(), timers.len()), (None, 0));
        timers.set(a, at(9));
        timers.set(a, at(8));
        assert_eq!(timers.first(), at(8));
        timers.set(a, None);
        assert_eq!((timers.first(), timers.len()), (None, 0));
    }
}
