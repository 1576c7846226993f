//! What the call channel counts. No label says anything about a person.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use call_channel::{Code, Kind};

/// The codes of refusals, and none.
const OUTCOMES: [Option<Code>; 7] = [
    None,
    Some(Code::Invalid),
    Some(Code::NotAllowed),
    Some(Code::WrongStage),
    Some(Code::Unknown),
    Some(Code::TooMany),
    Some(Code::Unavailable),
];

/// The codes with which connections are closed by us.
const CLOSE_CODES: [u16; 8] = [1001, 1011, 4400, 4404, 4409, 4410, 4429, 1000];

/// Counts of one program. Clones share them.
#[derive(Clone, Default)]
pub struct ChannelFigures(Arc<Counts>);

struct Counts {
    connections: AtomicI64,
    waiting: AtomicI64,
    rooms: AtomicI64,
    dropped: AtomicU64,
    closed: [AtomicU64; CLOSE_CODES.len()],
    commands: Vec<[AtomicU64; OUTCOMES.len()]>,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            connections: AtomicI64::default(),
            waiting: AtomicI64::default(),
            rooms: AtomicI64::default(),
            dropped: AtomicU64::default(),
            closed: Default::default(),
            commands: Kind::ALL.iter().map(|_| Default::default()).collect(),
        }
    }
}

/// Something that is counted as long as this is there.
pub struct Counted(ChannelFigures, fn(&Counts) -> &AtomicI64, i64);

impl Counted {
    /// Changes how many these are.
    pub fn set(&mut self, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        (self.1)(&self.0.0).fetch_add(count - self.2, Ordering::Relaxed);
        self.2 = count;
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        (self.1)(&self.0.0).fetch_sub(self.2, Ordering::Relaxed);
    }
}

impl ChannelFigures {
    /// Counts a connection.
    pub fn connection(&self) -> Counted {
        self.counted(|counts| &counts.connections, 1)
    }

    /// Counts a room.
    pub fn room(&self) -> Counted {
        self.counted(|counts| &counts.rooms, 1)
    }

    /// Counts those who wait in a room, none yet.
    pub fn waiting(&self) -> Counted {
        self.counted(|counts| &counts.waiting, 0)
    }

    fn counted(&self, of: fn(&Counts) -> &AtomicI64, count: usize) -> Counted {
        let mut counted = Counted(self.clone(), of, 0);
        counted.set(count);
        counted
    }

    /// A command was answered.
    pub fn answered(&self, kind: Kind, refused: Option<Code>) {
        let outcome = OUTCOMES.iter().position(|outcome| *outcome == refused);
        let counts = Kind::ALL.iter().position(|known| *known == kind).and_then(|place| self.0.commands.get(place));
        if let Some(count) = counts.zip(outcome).and_then(|(counts, outcome)| counts.get(outcome)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// An event was not sent to a client that reads too slowly.
    pub fn dropped(&self) {
        self.0.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// A connection was closed by us.
    pub fn closed(&self, code: u16) {
        if let Some(place) = CLOSE_CODES.iter().position(|known| *known == code) {
            self.0.closed[place].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Connections, rooms, those who wait, and events that were not sent.
    pub fn totals(&self) -> (i64, i64, i64, u64) {
        let now = |count: &AtomicI64| count.load(Ordering::Relaxed);
        let Counts { connections, rooms, waiting, dropped, .. } = &*self.0;
        (now(connections), now(rooms), now(waiting), dropped.load(Ordering::Relaxed))
    }

    /// Connections that we closed, by their code.
    pub fn closings(&self) -> impl Iterator<Item = (u16, u64)> + '_ {
        CLOSE_CODES.iter().zip(&self.0.closed).map(|(code, count)| (*code, count.load(Ordering::Relaxed)))
    }

    /// Commands by kind and outcome.
    pub fn commands(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> + '_ {
        Kind::ALL.iter().zip(&self.0.commands).flat_map(|(kind, counts)| {
            OUTCOMES
                .iter()
                .zip(counts)
                .map(|(outcome, count)| (kind.name(), outcome.map_or("ok", Code::name), count.load(Ordering::Relaxed)))
        })
    }
}
