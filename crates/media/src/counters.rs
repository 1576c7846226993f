//! What the shell counts.

use std::sync::atomic::{AtomicU64, Ordering};

use media_core::Counts;

/// Whether a figure only grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureKind {
    /// Counted since the start.
    Counter,
    /// How many there are.
    Gauge,
}

/// One figure of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    /// Its name in snake case, without a prefix or suffix.
    pub name: &'static str,
    /// Whether it only grows.
    pub kind: FigureKind,
    /// What it counts, as one or more sentences.
    pub help: &'static str,
    /// The count.
    pub value: u64,
}

/// Declares the counters once: as atomics, as the plain values of a snapshot, and as figures that tell what they are.
macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $kind:ident $name:ident,)+) => {
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
            /// Each counter with what it is, in a fixed order.
            pub fn figures(&self) -> impl Iterator<Item = Figure> + use<> {
                [$(Figure {
                    name: stringify!($name),
                    kind: FigureKind::$kind,
                    help: concat!($($doc),+).trim_ascii(),
                    value: self.$name,
                },)+].into_iter()
            }
        }
    };
}

counters! {
    /// Rooms that are open.
    Gauge rooms,
    /// Participants whose media can flow.
    Gauge participants,
    /// Signalling connections.
    Gauge signal_connections,
    /// ICE-TCP connections.
    Gauge tcp_connections,
    /// Datagrams received.
    Counter datagrams_received,
    /// Datagrams sent, each segment of a coalesced one counted.
    Counter datagrams_sent,
    /// Bytes of datagrams received, without the headers of IP and UDP.
    Counter datagram_bytes_received,
    /// Bytes of datagrams sent, without the headers of IP and UDP.
    Counter datagram_bytes_sent,
    /// System calls that sent datagrams.
    Counter datagram_sends,
    /// Datagrams that the system did not take.
    Counter datagrams_unsent,
    /// Datagrams from nobody who is known.
    Counter datagrams_unroutable,
    /// Datagrams that the system gave to one shard and that belong to another.
    Counter datagrams_handed_over,
    /// Datagrams lost between two shards because the queue was full.
    Counter datagrams_handover_dropped,
    /// Errors of the system on reading datagrams.
    Counter datagram_receive_errors,
    /// ICE-TCP frames received.
    Counter tcp_frames_received,
    /// ICE-TCP frames sent.
    Counter tcp_frames_sent,
    /// ICE-TCP connections turned away because there were too many.
    Counter tcp_refused,
    /// ICE-TCP connections closed for what they said, or for saying nothing.
    Counter tcp_faults,
    /// ICE-TCP connections closed because the peer did not read.
    Counter tcp_slow,
    /// Joins that got as far as the engine.
    Counter joins,
    /// Joins turned away for a bad token.
    Counter joins_unauthorized,
    /// Joins turned away because the room is not open to them.
    Counter joins_not_admitted,
    /// Joins turned away for a bad request.
    Counter joins_malformed,
    /// Joins turned away because there was no capacity.
    Counter joins_overloaded,
    /// Signals received from clients.
    Counter signals_received,
    /// Signals sent to clients.
    Counter signals_sent,
    /// Signalling connections closed for a frame that is no signal.
    Counter signal_faults,
    /// Signalling connections closed for too many signals.
    Counter signal_floods,
    /// Signalling connections closed because the client did not read.
    Counter signal_slow,
    /// Signalling connections closed because the client said nothing for too long.
    Counter signal_silent,
    /// Times that the program did not take an event at once.
    Counter events_delayed,
    /// Datagrams dropped because their sender sent too many.
    Counter datagrams_excess,
    /// Datagrams at a known address that were none of its peer's.
    Counter datagrams_foreign,
    /// Joins turned away by the engine: the room is full, or they came too often.
    Counter joins_refused,
    /// Participants ended because they broke the protocol or a limit.
    Counter participant_faults,
    /// Participants ended because their peer connection failed.
    Counter peer_failures,
    /// Rooms ended because they failed.
    Counter room_failures,
    /// Data packets that were not allowed, too large, too many, or none at all.
    Counter data_refused,
    /// Data packets dropped because their receiver took them too slowly.
    Counter data_dropped,
    /// Shards that failed and were started anew.
    Counter shard_failures,
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
