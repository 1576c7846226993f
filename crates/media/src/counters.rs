//! What the shell counts.

use std::sync::atomic::{AtomicU64, Ordering};

use media_core::Counts;

/// Declares the counters once: as atomics, and as the plain values of a snapshot.
macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// Counts since the start, but for the gauges, which say how many there are. Any thread may add at any time.
        #[derive(Debug, Default)]
        pub struct Counters {
            $($(#[doc = $doc])+ pub(crate) $name: AtomicU64,)+
        }

        /// The counters at one moment.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct CountersSnapshot {
            $($(#[doc = $doc])+ pub $name: u64,)+
        }

        impl Counters {
            /// Reads all counters, one after the other.
            pub fn snapshot(&self) -> CountersSnapshot {
                CountersSnapshot { $($name: self.$name.load(Ordering::Relaxed),)+ }
            }
        }

        impl CountersSnapshot {
            /// Each counter with its name, in a fixed order.
            pub fn named(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
                [$((stringify!($name), self.$name),)+].into_iter()
            }
        }
    };
}

counters! {
    /// Gauge: rooms that are open.
    rooms,
    /// Gauge: participants whose media can flow.
    participants,
    /// Gauge: signalling connections.
    signal_connections,
    /// Gauge: ICE-TCP connections.
    tcp_connections,
    /// Datagrams received.
    datagrams_received,
    /// Datagrams sent, each segment of a coalesced one counted.
    datagrams_sent,
    /// System calls that sent datagrams.
    datagram_sends,
    /// Datagrams that the system did not take.
    datagrams_unsent,
    /// Datagrams from nobody who is known.
    datagrams_unroutable,
    /// Datagrams that the system gave to one shard and that belong to another.
    datagrams_handed_over,
    /// Datagrams lost between two shards because the queue was full.
    datagrams_handover_dropped,
    /// Errors of the system on reading datagrams.
    datagram_receive_errors,
    /// ICE-TCP frames received.
    tcp_frames_received,
    /// ICE-TCP frames sent.
    tcp_frames_sent,
    /// ICE-TCP connections turned away because there were too many.
    tcp_refused,
    /// ICE-TCP connections closed for what they said, or for saying nothing.
    tcp_faults,
    /// ICE-TCP connections closed because the peer did not read.
    tcp_slow,
    /// Joins that got as far as the engine.
    joins,
    /// Joins turned away for a bad token.
    joins_unauthorized,
    /// Joins turned away because the room is not open to them.
    joins_not_admitted,
    /// Joins turned away for a bad request.
    joins_malformed,
    /// Joins turned away because there was no capacity.
    joins_overloaded,
    /// Signals received from clients.
    signals_received,
    /// Signals sent to clients.
    signals_sent,
    /// Signalling connections closed for a frame that is no signal.
    signal_faults,
    /// Signalling connections closed for too many signals.
    signal_floods,
    /// Signalling connections closed because the client did not read.
    signal_slow,
    /// Signalling connections closed because the client said nothing for too long.
    signal_silent,
    /// Times that the program did not take an event at once.
    events_delayed,
    /// Datagrams dropped because their sender sent too many.
    datagrams_excess,
    /// Datagrams at a known address that were none of its peer's.
    datagrams_foreign,
    /// Joins turned away by the engine: the room is full, or they came too often.
    joins_refused,
    /// Participants ended because they broke the protocol or a limit.
    participant_faults,
    /// Participants ended because their peer connection failed.
    peer_failures,
    /// Rooms ended because they failed.
    room_failures,
    /// Data packets that were not allowed, too large, too many, or none at all.
    data_refused,
    /// Data packets dropped because their receiver took them too slowly.
    data_dropped,
    /// Shards that failed and were started anew.
    shard_failures,
}

impl Counters {
    /// Adds what an engine counted.
    pub(crate) fn add_engine(&self, counts: Counts) {
        if counts == Counts::default() {
            return;
        }
        let Counts {
            datagrams_unknown,
            datagrams_excess,
            datagrams_foreign,
            joins_refused,
            participant_faults,
            peer_failures,
            room_failures,
            data_refused,
            data_dropped,
        } = counts;
        add(&self.datagrams_unroutable, datagrams_unknown);
        add(&self.datagrams_excess, datagrams_excess);
        add(&self.datagrams_foreign, datagrams_foreign);
        add(&self.joins_refused, joins_refused);
        add(&self.participant_faults, participant_faults);
        add(&self.peer_failures, peer_failures);
        add(&self.room_failures, room_failures);
        add(&self.data_refused, data_refused);
        add(&self.data_dropped, data_dropped);
    }
}

/// Adds one.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Adds several, if there are any.
pub(crate) fn add(counter: &AtomicU64, number: u64) {
    if number > 0 {
        counter.fetch_add(number, Ordering::Relaxed);
    }
}

/// Adds one to a gauge for as long as it lives.
#[derive(Debug)]
pub(crate) struct Gauged<F: Fn(&Counters) -> &AtomicU64> {
    counters: std::sync::Arc<Counters>,
    gauge: F,
}

impl<F: Fn(&Counters) -> &AtomicU64> Gauged<F> {
    pub(crate) fn new(counters: std::sync::Arc<Counters>, gauge: F) -> Self {
        gauge(&counters).fetch_add(1, Ordering::Relaxed);
        Self { counters, gauge }
    }
}

impl<F: Fn(&Counters) -> &AtomicU64> Drop for Gauged<F> {
    fn drop(&mut self) {
        (self.gauge)(&self.counters).fetch_sub(1, Ordering::Relaxed);
    }
}
