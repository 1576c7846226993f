//! A network between clients and engine: it delays, loses and reorders by a seed, and has bottlenecks.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

/// Chance from a seed (`SplitMix64`).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }
}

/// Loss that keeps its share at all times: of every hundred datagrams exactly so many, which ones is chance. With chance alone, an
/// interval of some hundred datagrams would now and then lose half as many as it should, and be rightly called a better connection.
#[derive(Default)]
struct EvenLoss {
    /// How many of this hundred are still to come, and how many of them are to be lost.
    left: u64,
    to_lose: u64,
    percent: u64,
}

impl EvenLoss {
    fn takes(&mut self, percent: u64, chance: &mut Chance) -> bool {
        if self.left == 0 || self.percent != percent {
            *self = Self { left: 100, to_lose: percent, percent };
        }
        let taken = chance.below(self.left) < self.to_lose;
        self.left -= 1;
        self.to_lose -= u64::from(taken);
        taken
    }
}

/// What a path does to packets, the same in both directions.
#[derive(Clone, Copy, Debug)]
pub struct Path {
    pub delay: Duration,
    /// Added to the delay by chance, so packets overtake each other.
    pub jitter: Duration,
    pub loss_percent: u64,
    /// Loss towards the client on top of that, evenly spread.
    pub downlink_loss_percent: u64,
    /// Bits per second towards the client.
    pub downlink_bps: Option<u64>,
}

impl Default for Path {
    fn default() -> Self {
        Self {
            delay: Duration::from_millis(10),
            jitter: Duration::ZERO,
            loss_percent: 0,
            downlink_loss_percent: 0,
            downlink_bps: None,
        }
    }
}

/// A datagram under way.
pub struct Datagram {
    pub source: SocketAddr,
    pub destination: SocketAddr,
    pub payload: Vec<u8>,
}

/// The longest that packets wait before a bottleneck; more are lost.
const QUEUE_MAX: Duration = Duration::from_millis(300);

pub struct Network {
    chance: Chance,
    paths: BTreeMap<SocketAddr, Path>,
    even_losses: BTreeMap<SocketAddr, EvenLoss>,
    busy_until: BTreeMap<SocketAddr, Instant>,
    flying: BTreeMap<(Instant, u64), Datagram>,
    sent: u64,
    pub lost: u64,
    /// How many datagrams were sent to each client's address.
    downlinks: BTreeMap<SocketAddr, u64>,
}

impl Network {
    pub fn new(seed: u64) -> Self {
        Self {
            chance: Chance::new(seed),
            paths: BTreeMap::new(),
            even_losses: BTreeMap::new(),
            busy_until: BTreeMap::new(),
            flying: BTreeMap::new(),
            sent: 0,
            lost: 0,
            downlinks: BTreeMap::new(),
        }
    }

    /// Sets the path of a client's address.
    pub fn set_path(&mut self, client: SocketAddr, path: Path) {
        self.paths.insert(client, path);
    }

    pub fn send(&mut self, datagram: Datagram, now: Instant) {
        let to_client = self.paths.contains_key(&datagram.destination);
        let client = if to_client { datagram.destination } else { datagram.source };
        let path = self.paths.get(&client).copied().unwrap_or_default();
        self.sent += 1;
        if to_client {
            *self.downlinks.entry(client).or_default() += 1;
        }
        let evenly_lost = to_client
            && path.downlink_loss_percent > 0
            && self.even_losses.entry(client).or_default().takes(path.downlink_loss_percent, &mut self.chance);
        if evenly_lost || self.chance.below(100) < path.loss_percent {
            self.lost += 1;
            return;
        }
        let mut leaves = now;
        if let (true, Some(bps)) = (to_client, path.downlink_bps) {
            let busy_until = self.busy_until.entry(client).or_insert(now);
            leaves = (*busy_until).max(now);
            if leaves - now > QUEUE_MAX {
                self.lost += 1;
                return;
            }
            let bits = datagram.payload.len() as u64 * 8;
            leaves += Duration::from_micros(bits * 1_000_000 / bps);
            *busy_until = leaves;
        }
        let jitter = Duration::from_micros(self.chance.below(path.jitter.as_micros() as u64 + 1));
        self.flying.insert((leaves + path.delay + jitter, self.sent), datagram);
    }

    /// How many datagrams were sent to a client's address.
    pub fn sent_to(&self, client: SocketAddr) -> u64 {
        self.downlinks.get(&client).copied().unwrap_or_default()
    }

    pub fn next_at(&self) -> Option<Instant> {
        self.flying.first_key_value().map(|((at, _), _)| *at)
    }

    pub fn take_due(&mut self, now: Instant) -> Option<Datagram> {
        let entry = self.flying.first_entry().filter(|entry| entry.key().0 <= now)?;
        Some(entry.remove())
    }
}
