//! What the client's errors mean for whoever asked.

use kaleyra_video::Error;
use ports::provider::ProviderError;

/// Sorts a failure by what the caller can do about it. The client's texts name the operation and Kaleyra's code, and no person.
pub(crate) fn sorted(error: Error) -> ProviderError {
    match error {
        Error::RateLimited { retry_after, .. } => ProviderError::Busy { retry_after },
        Error::Unavailable { operation, .. } => {
            ProviderError::Unavailable { doing: operation, source: Box::new(error) }
        }
        Error::Refused { .. } | Error::NotFound { .. } => ProviderError::Refused { message: error.to_string() },
        // Nothing that a caller could mend: the key, the address, or one of us is wrong.
        Error::Invalid { .. } | Error::Unsupported { .. } | Error::KeyRefused { .. } | Error::Unexpected { .. } | _ => {
            ProviderError::Unexpected { message: chain(&error) }
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text = format!("{text}: {error}");
        next = error.source();
    }
    text
}
