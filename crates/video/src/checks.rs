//! Rooms in which one person alone tries the way to the engine before the call: the same ports, the same transports, the same estimate of
//! bandwidth, and nobody else.
//!
//! They live in memory only and for half a minute. Their names are chance, and stand in no token but the one that was given for them.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use ports::{
    Chance,
    media::{Grant, Identity, MediaRoom, RoomName, TrackSource},
};

/// How long a check may last: the page needs less than 20 s, on a slow line too.
pub const CHECK_VALID_FOR: Duration = Duration::from_secs(30);

/// The most checks at once. Each is one sender whom nobody receives; a page that finds no place goes without.
pub const CHECKS_MAX: usize = 256;

/// How often one check may download what is there to measure with: once, and once more after a line that broke.
const DOWNLOADS_MAX: u8 = 2;

/// How the names of check rooms begin. No room of the store is called so (`id::room`).
const PREFIX: &str = "check:";

/// The one person in a check room. Who they are is of no interest there.
const IDENTITY: &str = "check";

/// The checks that are under way.
#[derive(Debug, Default)]
pub struct Checks(Mutex<BTreeMap<String, Open>>);

#[derive(Debug)]
struct Open {
    until: Timestamp,
    downloads: u8,
}

impl Checks {
    /// Begins a check and returns its key: 32 hexadecimal digits of chance. `None`: there are too many.
    pub fn begin(&self, chance: &dyn Chance, now: Timestamp) -> Option<String> {
        let mut open = self.open();
        open.retain(|_, check| check.until > now);
        if open.len() >= CHECKS_MAX {
            return None;
        }
        let key = hex::encode(chance.bytes::<16>());
        open.insert(key.clone(), Open { until: now + CHECK_VALID_FOR, downloads: 0 });
        Some(key)
    }

    /// Whether a check with this key may download now. Counts as a download if so.
    pub fn take_download(&self, key: &str, now: Timestamp) -> bool {
        match self.open().get_mut(key).filter(|check| check.until > now && check.downloads < DOWNLOADS_MAX) {
            Some(check) => {
                check.downloads += 1;
                true
            }
            None => false,
        }
    }

    /// Ends a check: nobody is let into its room any more.
    pub fn end(&self, key: &str) {
        self.open().remove(key);
    }

    /// The room, if this is the one person who may check there at this moment.
    pub fn admit(&self, room: &RoomName, identity: &Identity, now: Timestamp) -> Option<MediaRoom> {
        let key = room.0.strip_prefix(PREFIX).filter(|_| identity.0 == IDENTITY)?;
        self.open().get(key).filter(|check| check.until > now)?;
        Some(MediaRoom { name: room.clone(), participants_max: 1, metadata: String::new() })
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<String, Open>> {
        // Nothing that is done under the lock can leave the table half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether this is the name of a check room.
pub fn is_check(room: &RoomName) -> bool {
    room.0.starts_with(PREFIX)
}

/// The room of a check.
pub fn room(key: &str) -> RoomName {
    RoomName(format!("{PREFIX}{key}"))
}

/// What the token for a check lets its bearer do: send one picture.
pub fn grant(key: &str) -> Grant {
    Grant {
        room: room(key),
        identity: Identity(IDENTITY.to_owned()),
        name: None,
        metadata: String::new(),
        sources: vec![TrackSource::Camera],
        publish_data: false,
        valid_for: CHECK_VALID_FOR,
    }
}

#[cfg(test)]
mod tests {
    use ports::fake::FakeChance;

    use super::*;
    use crate::testing::at;

    fn checker() -> Identity {
        grant("").identity
    }

    #[test]
    fn a_check_room_admits_its_one_person_for_half_a_minute_and_nobody_else() {
        let (checks, chance) = (Checks::default(), FakeChance::seeded(1));
        let key = checks.begin(&chance, at(0)).unwrap();
        let admitted = checks.admit(&room(&key), &checker(), at(29)).unwrap();
        assert_eq!((admitted.name, admitted.participants_max), (room(&key), 1));

        assert!(checks.admit(&room(&key), &Identity("anna".to_owned()), at(29)).is_none());
        assert!(checks.admit(&RoomName(key.clone()), &checker(), at(29)).is_none(), "a room of another kind");
        assert!(checks.admit(&room("0"), &checker(), at(29)).is_none(), "never begun");
        assert!(checks.admit(&room(&key), &checker(), at(30)).is_none(), "over");
        checks.end(&key);
        assert!(checks.admit(&room(&key), &checker(), at(1)).is_none(), "ended");
    }

    #[test]
    fn there_are_only_so_many_checks_at_once_and_old_ones_make_room() {
        let (checks, chance) = (Checks::default(), FakeChance::seeded(1));
        assert!((0..CHECKS_MAX).all(|_| checks.begin(&chance, at(0)).is_some()));
        assert!(checks.begin(&chance, at(29)).is_none());
        assert!(checks.begin(&chance, at(30)).is_some());
    }

    #[test]
    fn a_check_downloads_twice_at_most_and_only_while_it_lasts() {
        let (checks, chance) = (Checks::default(), FakeChance::seeded(1));
        let key = checks.begin(&chance, at(0)).unwrap();
        assert!(checks.take_download(&key, at(1)) && checks.take_download(&key, at(2)));
        assert!(!checks.take_download(&key, at(3)));
        let late = checks.begin(&chance, at(0)).unwrap();
        assert!(!checks.take_download(&late, at(30)));
        assert!(!checks.take_download("no-such-check", at(1)));
    }
}
