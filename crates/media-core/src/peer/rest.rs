//! The estimate of what can be sent to one peer, and its rest while no picture is to be sent.
//!
//! To whoever could receive a picture, str0m (0.25) fills up what it sends with padding to 50 kbit/s (`PADDING_TARGET`), also if
//! there is no picture: 100 to 200 packets a second at a patient's cost, and each to be encrypted here. It cannot be told not to, but
//! where nothing can be sent there is no room for padding, so it is told that. As a voice is acknowledged it estimates anew, half a
//! second later at the earliest, and has to be told again before that. A voice does not wait for its pacer, so it flows all the same.

use std::time::Instant;

use str0m::bwe::Bitrate;

use super::{Drained, Fault, Peer, contained};
use crate::limits::{BANDWIDTH_INITIAL_BPS, REST_AFTER};

/// Whether the estimator rests.
#[derive(Debug, Default)]
pub(super) struct Rest {
    /// Since when no picture is to be sent.
    idle_since: Option<Instant>,
    rests: bool,
}

impl Peer {
    /// What can be sent at present in bits per second, as far as it was measured.
    pub fn bandwidth_bps(&self) -> Option<u64> {
        self.bandwidth
    }

    /// Remembers a measurement of what can be sent. Answers whether it is less than the one before.
    pub fn set_bandwidth(&mut self, bandwidth_bps: Option<u64>) -> bool {
        if self.rest.rests {
            // Of nothing, as it was told.
            return false;
        }
        let before = std::mem::replace(&mut self.bandwidth, bandwidth_bps);
        before.zip(bandwidth_bps).is_some_and(|(before, after)| after < before)
    }

    /// Tells the estimator what would be sent with the next better picture, which it makes up for with padding as far as there
    /// is room, and what would be sent at best, for which it probes.
    pub fn want_bandwidth(
        &mut self,
        next_bps: u64,
        wanted_bps: u64,
        now: Instant,
        drained: &mut Drained<'_>,
    ) -> Result<(), Fault> {
        contained(|| {
            self.wake();
            self.rtc.bwe().set_bitrate(Bitrate::bps(next_bps), Bitrate::bps(wanted_bps));
            self.drain(now, drained)
        })
    }

    /// There is no picture to be sent. To be said again from time to time: after a while the estimator rests for as long.
    pub fn want_no_bandwidth(&mut self, now: Instant, drained: &mut Drained<'_>) -> Result<(), Fault> {
        contained(|| {
            let idle_since = *self.rest.idle_since.get_or_insert(now);
            self.rest.rests |= now.saturating_duration_since(idle_since) >= REST_AFTER;
            self.rtc.bwe().set_bitrate(Bitrate::ZERO, Bitrate::ZERO);
            if self.rest.rests {
                self.rtc.bwe().reset(Bitrate::ZERO);
            }
            self.drain(now, drained)
        })
    }

    /// There is a picture to be sent. What could be sent may be long ago, so that no more than at first is taken for granted.
    pub(super) fn wake(&mut self) {
        self.rest.idle_since = None;
        if std::mem::take(&mut self.rest.rests) {
            let bandwidth =
                self.bandwidth.map_or(BANDWIDTH_INITIAL_BPS, |bandwidth| bandwidth.min(BANDWIDTH_INITIAL_BPS));
            self.bandwidth = Some(bandwidth);
            self.rtc.bwe().reset(Bitrate::bps(bandwidth));
        }
    }
}
