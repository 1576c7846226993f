//! What the rooms of an engine have in common: the way out, timers, routes and chance.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Instant,
};

use livekit_proto::proto::signal_response::Message;

use crate::{
    ConnectionId, EngineConfig, Event, Output,
    ids::{ParticipantId, RoomId, TimerId},
    peer::PeerConfig,
    random::Random,
    routes::Routes,
};

/// Handed down by the engine to the room that works.
#[derive(Debug)]
pub(crate) struct Shared {
    /// What the shell is to do, in order.
    pub outputs: VecDeque<Output>,
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
    last_id: u64,
}

impl Shared {
    /// Starts empty.
    pub fn new(config: &EngineConfig, now: Instant) -> Self {
        Self {
            outputs: VecDeque::new(),
            timers: Timers::default(),
            routes: Routes::default(),
            connections: BTreeMap::new(),
            peers: PeerConfig::new(config),
            wall_clock: WallClock { origin: now, origin_ms: config.origin_ms },
            random: Random::new(config.seed),
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
#[derive(Debug, Default)]
pub(crate) struct Timers {
    by_time: BTreeSet<(Instant, TimerId)>,
    by_owner: BTreeMap<TimerId, Instant>,
}

impl Timers {
    /// Sets an owner's time, or clears it.
    pub fn set(&mut self, owner: TimerId, at: Option<Instant>) {
        let before = match at {
            Some(at) => self.by_owner.insert(owner, at),
            None => self.by_owner.remove(&owner),
        };
        if before == at {
            return;
        }
        if let Some(before) = before {
            self.by_time.remove(&(before, owner));
        }
        if let Some(at) = at {
            self.by_time.insert((at, owner));
        }
    }

    /// How many owners have one.
    pub fn len(&self) -> usize {
        self.by_owner.len()
    }

    /// The earliest time.
    pub fn first(&self) -> Option<Instant> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes out the earliest one that is due.
    pub fn take_due(&mut self, now: Instant) -> Option<TimerId> {
        let (at, owner) = *self.by_time.first().filter(|(at, _)| *at <= now)?;
        self.by_time.remove(&(at, owner));
        self.by_owner.remove(&owner);
        Some(owner)
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
        timers.set(a, at(3));
        assert_eq!(timers.first(), at(2));
        assert_eq!(timers.take_due(start), None);
        assert_eq!(timers.take_due(start + Duration::from_secs(5)), Some(b));
        timers.set(a, None);
        assert_eq!(timers.first(), None);
    }
}
