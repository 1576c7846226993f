//! How loud a track is, from the levels that its packets carry (RFC 6464), and who counts as speaking.

/// Gathers the levels of a track between two decisions.
#[derive(Debug, Default)]
pub(crate) struct Loudness {
    loudest: Option<u8>,
    loud_packets: u32,
    smoothed: f32,
}

/// Packets at least this loud count as speech, in decibels below the loudest possible. LiveKit's own default.
const SPEECH_LEVEL: u8 = 35;

/// As many packets have to be that loud in an interval of 400 ms: a third of the twenty that come.
const SPEECH_PACKETS: u32 = 7;

/// The share of the latest interval in the smoothed level. Higher follows speech faster and flickers more.
const SMOOTHING: f32 = 0.5;

/// Below this smoothed level a speaker has stopped.
const STOPPED_BELOW: f32 = 0.02;

impl Loudness {
    /// Counts a packet: its level in decibels below the loudest possible, 127 for silence.
    pub fn add(&mut self, level: u8) {
        self.loudest = Some(self.loudest.map_or(level, |loudest| loudest.min(level)));
        if level <= SPEECH_LEVEL {
            self.loud_packets += 1;
        }
    }

    /// Ends an interval: how loud the speaker is from 0 to 1, in steps of an eighth so that small changes tell nobody.
    /// 0 is silence.
    pub fn take(&mut self) -> f32 {
        let loudest = self.loudest.take();
        let spoke = std::mem::take(&mut self.loud_packets) >= SPEECH_PACKETS;
        let level = loudest.filter(|_| spoke).map_or(0.0, |level| 10_f32.powf(-f32::from(level) / 20.0));
        self.smoothed += (level - self.smoothed) * SMOOTHING;
        if level == 0.0 && self.smoothed < STOPPED_BELOW {
            self.smoothed = 0.0;
        }
        (self.smoothed * 8.0).ceil() / 8.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(loudness: &mut Loudness, level: u8) -> f32 {
        for _ in 0..20 {
            loudness.add(level);
        }
        loudness.take()
    }

    #[test]
    fn speech_is_heard_and_silence_ends_it() {
        let mut loudness = Loudness::default();
        assert!(interval(&mut loudness, 10) > 0.0);
        for _ in 0..6 {
            interval(&mut loudness, 127);
        }
        assert!(interval(&mut loudness, 127).abs() < f32::EPSILON);
    }

    #[test]
    fn noise_and_a_single_click_are_not_speech() {
        let mut loudness = Loudness::default();
        assert!(interval(&mut loudness, 60).abs() < f32::EPSILON);
        loudness.add(0);
        assert!(loudness.take().abs() < f32::EPSILON);
    }

    #[test]
    fn louder_speech_ranks_higher() {
        let (mut quiet, mut loud) = (Loudness::default(), Loudness::default());
        assert!(interval(&mut loud, 5) > interval(&mut quiet, 30));
    }
}
