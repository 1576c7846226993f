//! How good a participant's connection is, in the four words that the clients show.

use livekit_proto::proto::ConnectionQuality;

/// What a connection is judged by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signs {
    /// Whether media can flow.
    pub connected: bool,
    /// Packets that should have come from the participant, what was repaired included.
    pub expected: u64,
    /// Packets that came.
    pub received: u64,
    /// How much of what was sent to the participant did not arrive at once, in percent.
    pub downlink_lost_percent: u64,
    /// Whether a picture is held back from the participant because it does not fit.
    pub starved: bool,
}

/// What did not arrive of what was sent to somebody, by their feedback (TWCC), since it was asked last.
#[derive(Debug, Default)]
pub(crate) struct Downlink {
    bytes_sent_before: u64,
    bytes: f64,
    bytes_lost: f64,
}

impl Downlink {
    /// Takes one report: all bytes of media sent up to now, and the share of the last ones that was lost.
    pub fn add(&mut self, bytes_sent: u64, lost_share: Option<f32>) {
        #[expect(clippy::cast_precision_loss, reason = "bytes of a second")]
        let bytes = bytes_sent.saturating_sub(self.bytes_sent_before) as f64;
        self.bytes_sent_before = bytes_sent;
        if let Some(lost_share) = lost_share {
            self.bytes += bytes;
            self.bytes_lost += bytes * f64::from(lost_share.clamp(0.0, 1.0));
        }
    }

    /// The loss since the last call, in percent. 0 if nothing was sent or nothing is known.
    pub fn take_lost_percent(&mut self) -> u64 {
        let (bytes, lost) = (std::mem::take(&mut self.bytes), std::mem::take(&mut self.bytes_lost));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 100")]
        let percent = if bytes > 0.0 { (lost * 100.0 / bytes) as u64 } else { 0 };
        percent
    }
}

/// Loss in percent from which pictures and voice are visibly or audibly harmed, and from which they are bad. On the way from
/// the participant it is what repairs left; on the way to them repairs are not seen, and voice is not repaired anyway.
const HARM_PERCENT: u64 = 2;
const BAD_PERCENT: u64 = 8;

/// The quality, and a score up to 5 as clients expect beside it.
pub(crate) fn judge(signs: &Signs) -> (ConnectionQuality, f32) {
    if !signs.connected {
        return (ConnectionQuality::Lost, 0.0);
    }
    let uplink_lost_percent = signs.expected.saturating_sub(signs.received) * 100 / signs.expected.max(1);
    let lost_percent = uplink_lost_percent.max(signs.downlink_lost_percent);
    if lost_percent >= BAD_PERCENT || signs.starved {
        (ConnectionQuality::Poor, 2.0)
    } else if lost_percent >= HARM_PERCENT {
        (ConnectionQuality::Good, 3.5)
    } else {
        (ConnectionQuality::Excellent, 4.5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: Signs =
        Signs { connected: true, expected: 1000, received: 1000, downlink_lost_percent: 0, starved: false };

    #[test]
    fn loss_on_the_way_to_somebody_is_weighed_by_what_was_sent() {
        let mut downlink = Downlink::default();
        downlink.add(90_000, Some(0.0));
        downlink.add(100_000, Some(0.5));
        downlink.add(200_000, None);
        assert_eq!(downlink.take_lost_percent(), 5);
        assert_eq!(downlink.take_lost_percent(), 0);
    }

    #[test]
    fn loss_and_hunger_lower_the_quality() {
        assert_eq!(judge(&FINE).0, ConnectionQuality::Excellent);
        assert_eq!(judge(&Signs { received: 970, ..FINE }).0, ConnectionQuality::Good);
        assert_eq!(judge(&Signs { received: 900, ..FINE }).0, ConnectionQuality::Poor);
        assert_eq!(judge(&Signs { downlink_lost_percent: 3, ..FINE }).0, ConnectionQuality::Good);
        assert_eq!(judge(&Signs { downlink_lost_percent: 9, ..FINE }).0, ConnectionQuality::Poor);
        assert_eq!(judge(&Signs { starved: true, ..FINE }).0, ConnectionQuality::Poor);
        assert_eq!(judge(&Signs { connected: false, ..FINE }).0, ConnectionQuality::Lost);
        assert_eq!(judge(&Signs { expected: 0, received: 0, ..FINE }).0, ConnectionQuality::Excellent);
    }
}
