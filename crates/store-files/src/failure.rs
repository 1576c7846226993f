//! What a failure of the object store means to the caller.

use std::{error::Error as _, io};

use object_store::Error;
use ports::content::FileBytesError;

/// Says it to somebody who was `doing` something.
pub(crate) fn sorted(error: Error, doing: &'static str) -> FileBytesError {
    if matches!(error, Error::NotFound { .. }) {
        return FileBytesError::NotFound;
    }
    if is_full(&error) { FileBytesError::Full } else { FileBytesError::Unavailable { doing, source: Box::new(error) } }
}

/// Whether a disk has no space left, or none for us.
fn is_full(error: &Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
        if matches!(kind, Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)) {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_one_that_fails() {
        let failed = |kind: io::ErrorKind| Error::Generic { store: "disk", source: Box::new(io::Error::from(kind)) };
        assert!(matches!(sorted(failed(io::ErrorKind::StorageFull), "x"), FileBytesError::Full));
        assert!(matches!(sorted(failed(io::ErrorKind::QuotaExceeded), "x"), FileBytesError::Full));
        let other = sorted(failed(io::ErrorKind::PermissionDenied), "x");
        assert!(matches!(other, FileBytesError::Unavailable { doing: "x", .. }));
    }
}
