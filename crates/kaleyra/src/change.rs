//! What an update does to one setting.

use serde::{Serialize, Serializer};

/// What an update does to one setting that can be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// Leaves it as it is: it is not sent.
    #[default]
    Keep,
    /// Removes it: `null` is sent.
    Clear,
    /// Sets it.
    Set(T),
}

impl<T> Change<T> {
    pub(crate) fn is_keep(&self) -> bool {
        matches!(self, Change::Keep)
    }
}

impl<T: Serialize> Serialize for Change<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Change::Keep | Change::Clear => serializer.serialize_none(),
            Change::Set(value) => value.serialize(serializer),
        }
    }
}
