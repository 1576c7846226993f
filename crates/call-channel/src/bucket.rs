//! How fast one person may do something.

use jiff::Timestamp;

use crate::wire::Kind;

/// A bucket of turns that fills with time.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    turns: f64,
    per_s: f64,
    max: f64,
    counted: Timestamp,
}

impl Bucket {
    fn new(per_s: f64, max: f64, now: Timestamp) -> Self {
        Self { turns: max, per_s, max, counted: now }
    }

    /// Takes turns, if there are as many. A clock that is set back gives nothing.
    fn take(&mut self, turns: f64, now: Timestamp) -> bool {
        let passed_s = now.duration_since(self.counted).as_secs_f64().max(0.0);
        self.turns = passed_s.mul_add(self.per_s, self.turns).min(self.max);
        self.counted = now;
        let enough = self.turns >= turns;
        if enough {
            self.turns -= turns;
        }
        enough
    }
}

/// Commands of one pace.
#[derive(Debug, Clone, Copy)]
enum Pace {
    /// Follows a hand or a voice: pointers, cursors, what is being typed or said.
    Flow,
    /// Strokes as they grow.
    Draw,
    /// Read by people.
    Write,
    /// Answered with much.
    Read,
    /// Done now and then.
    Act,
}

const fn pace(kind: Kind) -> Pace {
    match kind {
        Kind::Point | Kind::BoardCursor | Kind::ChatTyping | Kind::Caption => Pace::Flow,
        Kind::BoardDraw => Pace::Draw,
        Kind::ChatSend | Kind::Rate | Kind::SnapshotRequest | Kind::SnapshotFailed => Pace::Write,
        Kind::ChatOlder | Kind::BoardOpen | Kind::FileLink => Pace::Read,
        Kind::Check
        | Kind::Knock
        | Kind::Unknock
        | Kind::Admit
        | Kind::TurnAway
        | Kind::Remove
        | Kind::Mute
        | Kind::Hand
        | Kind::Present
        | Kind::BoardClear
        | Kind::FileDelete
        | Kind::Quality
        | Kind::Hello
        | Kind::Unknown => Pace::Act,
    }
}

/// What one person may still do. It belongs to the person and not to the connection, so connecting anew gives nothing.
#[derive(Debug, Clone)]
pub struct Turns {
    paces: [Bucket; 5],
    bytes: Bucket,
    /// Refusals for being too fast: who does not slow down is disconnected.
    refusals: Bucket,
}

/// Whether there is a turn left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Go on.
    Taken,
    /// Not now.
    TooFast,
    /// Not now, and that was said often enough.
    FarTooFast,
}

impl Turns {
    /// All turns.
    pub fn new(now: Timestamp) -> Self {
        let bucket = |per_s, max| Bucket::new(per_s, max, now);
        Self {
            paces: [bucket(40.0, 80.0), bucket(25.0, 50.0), bucket(1.0, 15.0), bucket(4.0, 30.0), bucket(3.0, 30.0)],
            // A stroke is sent whole each time that it has grown.
            bytes: bucket(512.0 * 1024.0, 8.0 * 1024.0 * 1024.0),
            refusals: bucket(5.0, 200.0),
        }
    }

    /// Takes a turn for a command of so many bytes.
    pub fn take(&mut self, kind: Kind, bytes: usize, now: Timestamp) -> Turn {
        #[expect(clippy::cast_precision_loss, reason = "frames are short")]
        let has_bytes = self.bytes.take(bytes as f64, now);
        let has_turn = self.paces[pace(kind) as usize].take(1.0, now);
        if has_bytes && has_turn {
            Turn::Taken
        } else if self.refusals.take(1.0, now) {
            Turn::TooFast
        } else {
            Turn::FarTooFast
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn who_writes_too_fast_is_told_so_then_disconnected_and_may_go_on_later() {
        let start = Timestamp::UNIX_EPOCH;
        let mut turns = Turns::new(start);
        let mut take = |kind, at_s| turns.take(kind, 10, start + Duration::from_secs(at_s));
        assert!((0..15).all(|_| take(Kind::ChatSend, 0) == Turn::Taken));
        assert_eq!(take(Kind::ChatSend, 0), Turn::TooFast);
        assert_eq!(take(Kind::Hand, 0), Turn::Taken, "other things are not hindered");
        assert_eq!(take(Kind::ChatSend, 1), Turn::Taken);
        assert!((0..=200).any(|_| take(Kind::ChatSend, 1) == Turn::FarTooFast));
    }

    #[test]
    fn who_sends_too_many_bytes_is_told_so() {
        let start = Timestamp::UNIX_EPOCH;
        let mut turns = Turns::new(start);
        let taken = (0..50).take_while(|_| turns.take(Kind::BoardDraw, 512 * 1024, start) == Turn::Taken).count();
        assert_eq!(taken, 16);
    }
}
