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
    /// Whether a picture is held back from the participant because it does not fit.
    pub starved: bool,
}

/// Loss in percent from which pictures and voice are visibly or audibly harmed, and from which they are bad. Repairs have
/// been made before it is counted.
const HARM_PERCENT: u64 = 2;
const BAD_PERCENT: u64 = 8;

/// The quality, and a score up to 5 as clients expect beside it.
pub(crate) fn judge(signs: &Signs) -> (ConnectionQuality, f32) {
    if !signs.connected {
        return (ConnectionQuality::Lost, 0.0);
    }
    let lost_percent = signs.expected.saturating_sub(signs.received) * 100 / signs.expected.max(1);
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

    const FINE: Signs = Signs { connected: true, expected: 1000, received: 1000, starved: false };

    #[test]
    fn loss_and_hunger_lower_the_quality() {
        assert_eq!(judge(&FINE).0, ConnectionQuality::Excellent);
        assert_eq!(judge(&Signs { received: 970, ..FINE }).0, ConnectionQuality::Good);
        assert_eq!(judge(&Signs { received: 900, ..FINE }).0, ConnectionQuality::Poor);
        assert_eq!(judge(&Signs { starved: true, ..FINE }).0, ConnectionQuality::Poor);
        assert_eq!(judge(&Signs { connected: false, ..FINE }).0, ConnectionQuality::Lost);
        assert_eq!(judge(&Signs { expected: 0, received: 0, ..FINE }).0, ConnectionQuality::Excellent);
    }
}
