//! Our name for a room, in the one text that Kaleyra keeps for us.

use domain::RoomKey;

/// What comes before the key, so that nobody's own description is taken for one.
const PREFIX: &str = "teleconsultation ";

/// The description of the room with this key. Descriptions count as personal data at Kaleyra; a key is none.
pub(crate) fn description(key: &RoomKey) -> String {
    format!("{PREFIX}{}", key.as_str())
}

/// Whether a room's description is a mark of ours rather than a text.
pub(crate) fn is_mark(description: &str) -> bool {
    description.starts_with(PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_told_from_a_text() {
        let key = RoomKey::new([7; 16]);
        assert!(is_mark(&description(&key)));
        assert_ne!(description(&key), description(&RoomKey::new([8; 16])));
        assert!(!is_mark("Follow-up after surgery"));
    }
}
