//! What a failed call means for whoever asked for people.

use platform::PlatformError;
use ports::directory::DirectoryError;

/// Sorts a failure that no other way of asking could mend.
pub(crate) fn sorted(error: PlatformError) -> DirectoryError {
    match error {
        PlatformError::Refused { status: status @ (401 | 403), .. } => DirectoryError::Forbidden { status },
        PlatformError::Unavailable { .. } => DirectoryError::Unavailable(Box::new(error)),
        PlatformError::Refused { .. } | PlatformError::Unexpected { .. } => DirectoryError::Unexpected(Box::new(error)),
    }
}

/// Whether another way of asking may be understood: this one was refused for another reason than who asked.
pub(crate) fn is_not_understood(error: &PlatformError) -> bool {
    error.status().is_some_and(|status| !matches!(status, 401 | 403))
}
