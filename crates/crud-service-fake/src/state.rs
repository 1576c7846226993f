//! The states of a document (`mia-platform.md` §9.5).

/// What a document is to those who read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Seen by default.
    Public,
    /// Not seen by default.
    Draft,
    /// Deleted, and there.
    Trash,
    /// Deleted for good, and there.
    Deleted,
}

impl State {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "PUBLIC" => Some(Self::Public),
            "DRAFT" => Some(Self::Draft),
            "TRASH" => Some(Self::Trash),
            "DELETED" => Some(Self::Deleted),
            _ => None,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Public => "PUBLIC",
            Self::Draft => "DRAFT",
            Self::Trash => "TRASH",
            Self::Deleted => "DELETED",
        }
    }

    /// Whether a document may go from this state to that one, by its id.
    pub(crate) fn may_become(self, to: Self) -> bool {
        match self {
            Self::Public | Self::Draft => matches!(to, Self::Public | Self::Draft | Self::Trash),
            Self::Trash => matches!(to, Self::Draft | Self::Trash | Self::Deleted),
            Self::Deleted => matches!(to, Self::Trash | Self::Deleted),
        }
    }
}
