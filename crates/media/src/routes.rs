//! Which shard a datagram is for.
//!
//! There is one UDP port for all shards. Each has a socket on it (`SO_REUSEPORT`), and the kernel chooses the socket by a hash
//! of both addresses. It knows nothing of rooms, so with *n* shards it chooses the wrong one *n − 1* times out of *n*; that
//! shard then hands the datagram over. What else could be done: a BPF program to choose the socket needs privileges that a
//! container does not have; a connected socket for each peer costs a file descriptor each, loses receiving in batches, and
//! makes the kernel walk a list of all of them; one receiving thread for all would be the first thing to be saturated. A
//! hand-over costs one copy into a batch that is passed on whole, and nothing with one shard.
//!
//! A new address is known by the ICE user name in its STUN checks, which begins with the shard's prefix. Everything else goes
//! where STUN checks from that address were last *answered with success*: an address enters the table only if its sender proved
//! to know a participant's ICE password, so nobody else can fill the table or divert what another sends.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use media_core::stun;

/// How long an address is remembered after its last answered check. Consent checks come every 5 s and a peer that missed them
/// for 30 s is gone (RFC 7675, section 5.1).
const ROUTE_LIFETIME: Duration = Duration::from_mins(1);

/// How much of a route's lifetime may pass before it is written again. Less would only take the lock more often.
const ROUTE_REFRESH: Duration = Duration::from_secs(20);

/// The most addresses remembered: some for each of the participants that one machine can carry.
const ROUTES_MAX: usize = 65_536;

/// Hex digits in a prefix that differ from process to process, so that a check meant for a process before this one, or for
/// another one, is not taken for ours.
const PREFIX_CHANCE_DIGITS: usize = 6;
/// Hex digits of a prefix that say which shard.
const PREFIX_SHARD_DIGITS: usize = 2;

/// Names a shard of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ShardIndex(pub(crate) u8);

impl ShardIndex {
    /// Its place in a list of all shards.
    pub(crate) fn place(self) -> usize {
        usize::from(self.0)
    }
}

/// The prefixes of all ICE user name fragments of this process.
#[derive(Debug, Clone)]
pub(crate) struct Prefixes {
    process: String,
    shards: u8,
}

impl Prefixes {
    pub(crate) fn new(chance: [u8; PREFIX_CHANCE_DIGITS / 2], shards: u8) -> Self {
        Self { process: hex::encode(chance), shards }
    }

    /// All shards.
    pub(crate) fn shards(&self) -> impl Iterator<Item = ShardIndex> + use<> {
        (0..self.shards).map(ShardIndex)
    }

    /// What every fragment of this shard begins with.
    pub(crate) fn of(&self, shard: ShardIndex) -> String {
        format!("{}{:02x}", self.process, shard.0)
    }

    /// The shard that a STUN check is for.
    pub(crate) fn shard_of(&self, datagram: &[u8]) -> Option<ShardIndex> {
        let rest = stun::username(datagram)?.strip_prefix(self.process.as_bytes())?;
        let digits = std::str::from_utf8(rest.get(..PREFIX_SHARD_DIGITS)?).ok()?;
        let shard = u8::from_str_radix(digits, 16).ok()?;
        (shard < self.shards).then_some(ShardIndex(shard))
    }
}

/// The shards of known addresses, shared by all shards.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    table: RwLock<HashMap<SocketAddr, Route>>,
    /// Changes whenever an entry gets another shard or goes away, so that copies can be told to be old.
    version: AtomicU64,
}

#[derive(Debug, Clone, Copy)]
struct Route {
    shard: ShardIndex,
    expires: Instant,
}

impl Routes {
    fn read(&self) -> RwLockReadGuard<'_, HashMap<SocketAddr, Route>> {
        // Nothing that is done under the lock can leave the table half changed.
        self.table.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<SocketAddr, Route>> {
        self.table.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Takes note that `shard` answered a check from `address` with success.
    fn confirm(&self, address: SocketAddr, shard: ShardIndex, now: Instant) {
        let mut table = self.write();
        if table.len() >= ROUTES_MAX && !table.contains_key(&address) {
            table.retain(|_, route| route.expires > now);
            if table.len() >= ROUTES_MAX {
                return;
            }
        }
        let before = table.insert(address, Route { shard, expires: now + ROUTE_LIFETIME });
        if before.is_some_and(|before| before.shard != shard) {
            self.version.fetch_add(1, Ordering::Release);
        }
    }
}

/// One shard's view of the routes: its copy of what it looked up, and when it confirmed what.
#[derive(Debug)]
pub(crate) struct Router<'a> {
    shard: ShardIndex,
    prefixes: &'a Prefixes,
    routes: &'a Routes,
    seen: HashMap<SocketAddr, ShardIndex>,
    seen_version: u64,
    confirmed: HashMap<SocketAddr, Instant>,
}

impl<'a> Router<'a> {
    pub(crate) fn new(shard: ShardIndex, prefixes: &'a Prefixes, routes: &'a Routes) -> Self {
        Self { shard, prefixes, routes, seen: HashMap::new(), seen_version: 0, confirmed: HashMap::new() }
    }

    /// The shard that a datagram from `source` is for; `None`: nobody knows.
    pub(crate) fn shard_of(&mut self, source: SocketAddr, datagram: &[u8]) -> Option<ShardIndex> {
        if self.prefixes.shards == 1 {
            return Some(self.shard);
        }
        if stun::is_stun(datagram)
            && let Some(shard) = self.prefixes.shard_of(datagram)
        {
            return Some(shard);
        }
        let version = self.routes.version.load(Ordering::Acquire);
        if version != self.seen_version || self.seen.len() >= ROUTES_MAX {
            self.seen.clear();
            self.seen_version = version;
        }
        if let Some(shard) = self.seen.get(&source) {
            return Some(*shard);
        }
        let shard = self.routes.read().get(&source).map(|route| route.shard)?;
        self.seen.insert(source, shard);
        Some(shard)
    }

    /// Takes note of a datagram that this shard sends.
    pub(crate) fn sent(&mut self, destination: SocketAddr, datagram: &[u8], now: Instant) {
        if self.prefixes.shards == 1 || !stun::is_binding_success(datagram) {
            return;
        }
        if self.confirmed.get(&destination).is_some_and(|confirmed| now.duration_since(*confirmed) < ROUTE_REFRESH) {
            return;
        }
        if self.confirmed.len() >= ROUTES_MAX {
            self.confirmed.retain(|_, confirmed| now.duration_since(*confirmed) < ROUTE_REFRESH);
        }
        self.confirmed.insert(destination, now);
        self.routes.confirm(destination, self.shard, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> SocketAddr {
        "192.0.2.1:5000".parse().expect("an address")
    }

    /// A binding request with nothing but a name (RFC 8489, sections 5 and 14.3).
    fn binding_request(name: &[u8]) -> Vec<u8> {
        let mut datagram = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
        datagram.extend([7; 12]);
        datagram.extend([0, 6, 0, u8::try_from(name.len()).expect("short")]);
        datagram.extend(name);
        datagram
    }

    fn check(prefixes: &Prefixes, shard: u8) -> Vec<u8> {
        binding_request(format!("{}abcd:efgh", prefixes.of(ShardIndex(shard))).as_bytes())
    }

    fn success() -> Vec<u8> {
        let mut answer = binding_request(b"");
        answer[..2].copy_from_slice(&[1, 1]);
        answer
    }

    #[test]
    fn a_check_goes_to_the_shard_it_names() {
        let prefixes = Prefixes::new([1, 2, 3], 4);
        let routes = Routes::default();
        let mut view = Router::new(ShardIndex(0), &prefixes, &routes);
        assert_eq!(view.shard_of(source(), &check(&prefixes, 3)), Some(ShardIndex(3)));
        assert_eq!(view.shard_of(source(), &check(&prefixes, 4)), None);
        assert_eq!(view.shard_of(source(), &check(&Prefixes::new([9, 9, 9], 4), 1)), None);
    }

    #[test]
    fn media_follow_the_answered_checks() {
        let prefixes = Prefixes::new([1, 2, 3], 4);
        let routes = Routes::default();
        let now = Instant::now();
        let (mut receiver, mut owner) =
            (Router::new(ShardIndex(0), &prefixes, &routes), Router::new(ShardIndex(2), &prefixes, &routes));
        assert_eq!(receiver.shard_of(source(), &check(&prefixes, 2)), Some(ShardIndex(2)));
        assert_eq!(receiver.shard_of(source(), &[0x80; 50]), None, "a check alone proves nothing");
        owner.sent(source(), &success(), now);
        assert_eq!(receiver.shard_of(source(), &[0x80; 50]), Some(ShardIndex(2)));
    }

    #[test]
    fn an_address_can_move_to_another_shard() {
        let prefixes = Prefixes::new([1, 2, 3], 4);
        let routes = Routes::default();
        let now = Instant::now();
        let mut receiver = Router::new(ShardIndex(0), &prefixes, &routes);
        for shard in [1, 3] {
            Router::new(ShardIndex(shard), &prefixes, &routes).sent(source(), &success(), now);
            assert_eq!(receiver.shard_of(source(), &[0x80; 50]), Some(ShardIndex(shard)));
        }
    }

    #[test]
    fn one_shard_has_everything() {
        let prefixes = Prefixes::new([1, 2, 3], 1);
        let routes = Routes::default();
        assert_eq!(Router::new(ShardIndex(0), &prefixes, &routes).shard_of(source(), &[0x80; 50]), Some(ShardIndex(0)));
    }
}
