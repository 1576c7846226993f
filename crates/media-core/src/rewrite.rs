//! One outgoing RTP stream out of many incoming ones.
//!
//! A receiver binds decoder, jitter buffer and SRTP state to a media section's SSRC, so sequence numbers and timestamps must go
//! on without a break or a step back when the section is given another track, another layer, or is resumed (contract
//! `livekit-engine.md`, gotcha 2).

use std::time::{Duration, Instant};

/// What a rewritten packet carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rewritten {
    /// Extended sequence number.
    pub sequence: u64,
    /// RTP timestamp.
    pub time: u32,
}

/// The sequence numbers and timestamps of one outgoing stream.
#[derive(Debug)]
pub(crate) struct Rewriter {
    next_sequence: u64,
    last: Option<Last>,
    source: Option<Source>,
}

#[derive(Debug)]
struct Last {
    time: u32,
    at: Instant,
}

#[derive(Debug)]
struct Source {
    /// The first sequence number taken from it; earlier ones arrive late and belong to what was not forwarded.
    first: u64,
    /// Added to incoming sequence numbers, wrapping.
    sequence_offset: u64,
    /// Added to incoming timestamps, wrapping.
    time_offset: u32,
}

/// Where a stream starts. Below 2^16, since the rollover counter of SRTP starts at zero (RFC 3711, 3.3.1), and above zero, so
/// that a packet from before the first one is not taken for one from the far future.
const FIRST_SEQUENCE: u64 = 1000;

impl Rewriter {
    /// A stream on which nothing was sent.
    pub fn new() -> Self {
        Self { next_sequence: FIRST_SEQUENCE, last: None, source: None }
    }

    /// Forgets the source: the next packet is the first of a new one.
    pub fn detach(&mut self) {
        self.source = None;
    }

    /// Places a packet of the present source in the stream. `None` if it is from before the source was attached.
    ///
    /// `clock_rate` is in timestamp units per second.
    pub fn place(&mut self, sequence: u64, time: u32, clock_rate: u32, now: Instant) -> Option<Rewritten> {
        let source = match &self.source {
            Some(source) => source,
            None => self.source.insert(Source {
                first: sequence,
                sequence_offset: self.next_sequence.wrapping_sub(sequence),
                time_offset: continued_time(self.last.as_ref(), clock_rate, now).wrapping_sub(time),
            }),
        };
        if sequence < source.first {
            return None;
        }
        let placed = Rewritten {
            sequence: sequence.wrapping_add(source.sequence_offset),
            time: time.wrapping_add(source.time_offset),
        };
        if placed.sequence >= self.next_sequence {
            self.next_sequence = placed.sequence + 1;
            self.last = Some(Last { time: placed.time, at: now });
        }
        Some(placed)
    }
}

/// The timestamp that follows the last one after the time that has passed, at least one unit later.
fn continued_time(last: Option<&Last>, clock_rate: u32, now: Instant) -> u32 {
    let Some(last) = last else { return 0 };
    let passed = now.saturating_duration_since(last.at).min(Duration::from_hours(1));
    let units = passed.as_micros() * u128::from(clock_rate) / 1_000_000;
    #[expect(clippy::cast_possible_truncation, reason = "an hour of any clock fits; timestamps wrap anyway")]
    let units = (units as u32).max(1);
    last.time.wrapping_add(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_track_goes_on_where_the_first_ended() {
        let start = Instant::now();
        let mut rewriter = Rewriter::new();
        let first = rewriter.place(60_000, 5_000, 90_000, start).expect("the first packet is placed");
        let second = rewriter.place(60_001, 8_000, 90_000, start).expect("placed");
        assert_eq!(second.sequence, first.sequence + 1);
        assert_eq!(second.time.wrapping_sub(first.time), 3_000);

        rewriter.detach();
        let other = rewriter.place(12, 4_000_000_000, 90_000, start + Duration::from_millis(100)).expect("placed");
        assert_eq!(other.sequence, second.sequence + 1);
        assert_eq!(other.time.wrapping_sub(second.time), 9_000);
    }

    #[test]
    fn order_and_gaps_of_the_source_are_kept() {
        let start = Instant::now();
        let mut rewriter = Rewriter::new();
        let a = rewriter.place(10, 0, 48_000, start).expect("placed");
        let c = rewriter.place(12, 1_920, 48_000, start).expect("placed");
        let b = rewriter.place(11, 960, 48_000, start).expect("placed");
        assert_eq!((b.sequence - a.sequence, c.sequence - a.sequence), (1, 2));
        assert_eq!(rewriter.place(13, 2_880, 48_000, start).expect("placed").sequence, a.sequence + 3);
    }

    #[test]
    fn a_packet_from_before_the_switch_is_not_sent() {
        let start = Instant::now();
        let mut rewriter = Rewriter::new();
        assert!(rewriter.place(10, 0, 90_000, start).is_some());
        assert_eq!(rewriter.place(9, 0, 90_000, start), None);
    }

    #[test]
    fn time_advances_even_if_no_time_has_passed() {
        let start = Instant::now();
        let mut rewriter = Rewriter::new();
        let a = rewriter.place(1, 77, 90_000, start).expect("placed");
        rewriter.detach();
        let b = rewriter.place(1, 77, 90_000, start).expect("placed");
        assert_eq!(b.time.wrapping_sub(a.time), 1);
    }
}
