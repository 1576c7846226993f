//! Our name for a room, in the one text that Kaleyra keeps for us.

use domain::RoomKey;

/// What every mark begins with, so that nobody's own description is taken for one.
const PREFIX: &str = "teleconsultation ";

/// Marks the rooms of one deployment. Several may use one account, and none must take another's rooms for its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    owner: Option<String>,
}

impl Mark {
    /// The mark of the deployment with this name: letters, digits and hyphens.
    pub(crate) fn of(owner: &str) -> Self {
        Self { owner: Some(owner.to_owned()) }
    }

    /// The description of the room with this key. Descriptions count as personal data at Kaleyra; a key is none.
    pub(crate) fn description(&self, key: &RoomKey) -> String {
        match &self.owner {
            Some(owner) => format!("{PREFIX}{owner} {}", key.as_str()),
            None => format!("{PREFIX}{}", key.as_str()),
        }
    }

    /// The key of the room with this description, if it is one of this deployment's. Without a name, no room is known to be.
    pub(crate) fn key(&self, description: &str) -> Option<RoomKey> {
        let (owner, key) = description.strip_prefix(PREFIX)?.split_once(' ')?;
        (self.owner.as_deref() == Some(owner)).then(|| RoomKey::from_stored(key))
    }

    /// Whether anybody's room can be told to be ours.
    pub(crate) fn has_owner(&self) -> bool {
        self.owner.is_some()
    }
}

/// Whether a room's description is a mark rather than a text.
pub(crate) fn is_mark(description: &str) -> bool {
    description.starts_with(PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_told_from_a_text() {
        let (key, mark) = (RoomKey::new([7; 16]), Mark::of("ward-3"));
        assert!(is_mark(&mark.description(&key)));
        assert_ne!(mark.description(&key), mark.description(&RoomKey::new([8; 16])));
        assert!(!is_mark("Follow-up after surgery"));
    }

    #[test]
    fn a_deployment_knows_its_own_rooms_only() {
        let (key, mark) = (RoomKey::new([7; 16]), Mark::of("ward-3"));
        assert_eq!(mark.key(&mark.description(&key)), Some(key.clone()));
        for foreign in [Mark::of("ward-4"), Mark::default()] {
            assert_eq!(mark.key(&foreign.description(&key)), None);
            assert_eq!(foreign.key(&mark.description(&key)), None);
        }
        assert_eq!(Mark::default().key(&Mark::default().description(&key)), None);
    }
}
