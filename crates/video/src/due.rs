//! When which room wants to be looked at.

use std::collections::{BTreeMap, BTreeSet};

use domain::RoomRef;
use tokio::time::Instant;

/// At most one moment for each room, the earliest first.
#[derive(Debug, Default)]
pub struct Due {
    by_time: BTreeSet<(Instant, RoomRef)>,
    by_room: BTreeMap<RoomRef, Instant>,
}

impl Due {
    /// Sets or takes away a room's moment.
    pub fn set(&mut self, room: &RoomRef, moment: Option<Instant>) {
        let before = match moment {
            Some(moment) => self.by_room.insert(room.clone(), moment),
            None => self.by_room.remove(room),
        };
        if let Some(before) = before {
            self.by_time.remove(&(before, room.clone()));
        }
        if let Some(moment) = moment {
            self.by_time.insert((moment, room.clone()));
        }
    }

    /// The earliest moment.
    pub fn next(&self) -> Option<Instant> {
        self.by_time.first().map(|(moment, _)| *moment)
    }

    /// Takes out the rooms whose moment has come.
    pub fn take(&mut self, now: Instant) -> Vec<RoomRef> {
        let mut due = Vec::new();
        while let Some((moment, _)) = self.by_time.first() {
            if *moment > now {
                break;
            }
            if let Some((_, room)) = self.by_time.pop_first() {
                self.by_room.remove(&room);
                due.push(room);
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn rooms_are_due_in_order_and_once() {
        let start = Instant::now();
        let after = |seconds| Some(start + Duration::from_secs(seconds));
        let (one, two, three) = (RoomRef::new("1"), RoomRef::new("2"), RoomRef::new("3"));
        let mut due = Due::default();
        due.set(&one, after(3));
        due.set(&two, after(1));
        due.set(&three, after(2));
        due.set(&one, after(1));
        due.set(&three, None);
        assert_eq!(due.next(), after(1));
        assert!(due.take(start).is_empty());
        assert_eq!(due.take(start + Duration::from_secs(1)), [one, two]);
        assert_eq!(due.next(), None);
    }
}
