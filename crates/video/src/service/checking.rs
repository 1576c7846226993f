//! Trying the way to the engine before the call.

use ports::provider::ProviderError;

use super::{EnterError, VideoService, ignore_absence, unavailable};
use crate::checks;

/// A check that has begun.
#[derive(Clone, PartialEq, Eq)]
pub struct Check {
    /// Names the check. Whoever has it may download for it, so it has no `Debug`.
    pub key: String,
    /// Signed access token for the check's room, in which nobody else is.
    pub media_token: String,
}

impl VideoService {
    /// Begins a check for the bearer of a link. `None`: there are too many at once, or this service has none.
    ///
    /// It says nothing of the room that the link is for, and does nothing to it.
    ///
    /// # Errors
    ///
    /// As [`Self::enter`].
    pub async fn begin_check(&self, token: &str) -> Result<Option<Check>, EnterError> {
        let Some(checks) = &self.checks else { return Ok(None) };
        self.enter(token).await?;
        let Some(key) = checks.begin(&*self.chance, self.clock.now()) else { return Ok(None) };
        match self.engine.access_token(&checks::grant(&key)) {
            Ok(media_token) => Ok(Some(Check { key, media_token })),
            Err(error) => {
                checks.end(&key);
                Err(unavailable(error))
            }
        }
    }

    /// Whether a check with this key may download now; it counts as a download if so.
    pub fn take_check_download(&self, key: &str) -> bool {
        self.checks.as_ref().is_some_and(|checks| checks.take_download(key, self.clock.now()))
    }

    /// Ends a check and closes its room, if it is still there.
    ///
    /// # Errors
    ///
    /// `Unavailable`: the engine did not close the room.
    pub async fn end_check(&self, key: &str) -> Result<(), ProviderError> {
        if let Some(checks) = &self.checks {
            checks.end(key);
        }
        ignore_absence(self.engine.close_room(&checks::room(key)).await)
    }
}
