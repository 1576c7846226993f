//! A track that a participant receives.

use crate::{ids::ParticipantId, limits::PAUSE_AFTER};
use std::time::Instant;

use str0m::media::MediaKind;

/// One participant's receipt of one track.
#[derive(Debug)]
pub(crate) struct Subscription {
    /// Whose track it is.
    pub publisher: ParticipantId,
    /// Audio or video.
    pub kind: MediaKind,
    /// Which of the receiver's lines carries it, if one does already.
    pub line: Option<usize>,
    /// What the receiver wants.
    pub settings: Settings,
    /// The layer chosen for it. `None` pauses it.
    pub target: Option<usize>,
    /// The layer that is being forwarded.
    pub present: Option<usize>,
    /// Since when nothing of it fits.
    pub squeezed_since: Option<Instant>,
    /// Whether the receiver was told that it is paused.
    pub told_paused: bool,
    /// Whether pausing is for lack of bandwidth and not by the receiver's wish.
    pub starved: bool,
}

impl Subscription {
    /// A subscription that waits for its line.
    pub fn new(publisher: ParticipantId, kind: MediaKind) -> Self {
        Self {
            publisher,
            kind,
            line: None,
            settings: Settings::default(),
            target: Some(0),
            present: None,
            squeezed_since: None,
            told_paused: false,
            starved: false,
        }
    }

    /// Takes what was chosen: a layer, or none because nothing fits. It is paused only if that lasts: estimates fall on a
    /// few lost packets while little is sent, and a pause would keep them low.
    pub fn choose(&mut self, chosen: Option<usize>, lowest: Option<usize>, now: Instant) {
        if chosen.is_some() {
            self.squeezed_since = None;
            self.starved = false;
            self.target = chosen;
            return;
        }
        let since = *self.squeezed_since.get_or_insert(now);
        self.starved |= now.saturating_duration_since(since) >= PAUSE_AFTER;
        self.target = if self.starved { None } else { lowest };
    }

    /// It is not wanted at present.
    pub fn rest(&mut self) {
        self.squeezed_since = None;
        self.starved = false;
        self.target = None;
    }

    /// Whether a packet is to be forwarded, which may be what switches to its layer.
    pub fn takes(&mut self, layer: usize, starts_keyframe: bool) -> Take {
        let Some(target) = self.target else { return Take::Drop };
        if self.present == Some(layer) {
            return Take::Forward;
        }
        let switches = starts_keyframe
            && match self.present {
                // Any picture is better than none; the right layer follows with its own keyframe.
                None => true,
                Some(_) => layer == target,
            };
        if switches {
            self.present = Some(layer);
            Take::Switch
        } else {
            Take::Drop
        }
    }
}

/// What happens to a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Take {
    /// It is of no use to this receiver.
    Drop,
    /// It goes on.
    Forward,
    /// It goes on as the first of its layer.
    Switch,
}

/// What a receiver wants of a track (`UpdateTrackSettings`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// It is not shown at all.
    pub disabled: bool,
    /// The best quality wanted, by its rank, if one was named.
    pub quality: Option<usize>,
    /// The size it is shown in, if one was named.
    pub size: Option<(u32, u32)>,
    /// Served before those with a lower one.
    pub priority: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_is_entered_with_a_keyframe_only() {
        let mut subscription = Subscription::new(ParticipantId(1), MediaKind::Video);
        subscription.target = Some(2);
        assert_eq!(subscription.takes(0, false), Take::Drop);
        assert_eq!(subscription.takes(0, true), Take::Switch);
        assert_eq!(subscription.takes(0, false), Take::Forward);
        assert_eq!(subscription.takes(1, true), Take::Drop);
        assert_eq!(subscription.takes(2, false), Take::Drop);
        assert_eq!(subscription.takes(2, true), Take::Switch);
        assert_eq!(subscription.takes(0, true), Take::Drop);
    }

    #[test]
    fn it_is_paused_only_after_a_while() {
        let now = Instant::now();
        let mut subscription = Subscription::new(ParticipantId(1), MediaKind::Video);
        subscription.choose(None, Some(0), now);
        assert_eq!((subscription.target, subscription.starved), (Some(0), false));
        subscription.choose(None, Some(0), now + PAUSE_AFTER);
        assert_eq!((subscription.target, subscription.starved), (None, true));
        subscription.choose(Some(1), Some(0), now + PAUSE_AFTER);
        assert_eq!((subscription.target, subscription.starved), (Some(1), false));
    }

    #[test]
    fn nothing_passes_while_paused() {
        let mut subscription = Subscription::new(ParticipantId(1), MediaKind::Video);
        subscription.target = None;
        assert_eq!(subscription.takes(0, true), Take::Drop);
    }
}
