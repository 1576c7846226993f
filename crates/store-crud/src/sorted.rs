//! What a failed call means to the caller of a store.

use platform::PlatformError;
use ports::teleconsultations::StoreError;

/// Sorts a failure. What is refused, or answered oddly, will be so again: someone must look.
pub(crate) fn sorted(doing: &'static str) -> impl Fn(PlatformError) -> StoreError {
    move |error| match error {
        PlatformError::Unavailable { .. } => StoreError::Unavailable { doing, source: Box::new(error) },
        PlatformError::Refused { .. } | PlatformError::Unexpected { .. } => {
            StoreError::Corrupt { what: error.to_string() }
        }
    }
}
