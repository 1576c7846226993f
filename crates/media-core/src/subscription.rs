//! A track that a participant receives.

use crate::ids::ParticipantId;
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
            told_paused: false,
            starved: false,
        }
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
    fn nothing_passes_while_paused() {
        let mut subscription = Subscription::new(ParticipantId(1), MediaKind::Video);
        subscription.target = None;
        assert_eq!(subscription.takes(0, true), Take::Drop);
    }
}
