//! Where every call passes: it spares a failing service, and sorts failures by what the caller can do.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use kaleyra_video::Error;
use ports::{Clock, provider::ProviderError};

use crate::{breaker::Breaker, failure};

/// How long a service is left alone that answers 429 and does not say (`kaleyra-video-api.md` §3.5).
const RATE_LIMIT_WAIT: SignedDuration = SignedDuration::from_mins(1);

pub(crate) struct Gate {
    breaker: Mutex<Breaker>,
    clock: Arc<dyn Clock>,
}

impl Gate {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { breaker: Mutex::default(), clock }
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Makes the call, unless the service is being spared.
    pub(crate) async fn pass<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, ProviderError> {
        self.pass_raw(call).await?.map_err(failure::sorted)
    }

    /// As [`Self::pass`], with the client's own error for whoever knows a remedy for some.
    pub(crate) async fn pass_raw<T>(
        &self,
        call: impl Future<Output = Result<T, Error>>,
    ) -> Result<Result<T, Error>, ProviderError> {
        // Nobody was asked, so nothing was done.
        let admitted = self.breaker().admit(self.clock.now());
        admitted.map_err(|wait| ProviderError::Busy { retry_after: Some(whole_seconds(wait)) })?;
        let result = call.await;
        let now = self.clock.now();
        match &result {
            Err(Error::Unavailable { .. }) => {
                if let Some(spared) = self.breaker().failed(now) {
                    tracing::warn!(
                        for_s = spared.as_secs(),
                        "Kaleyra fails again and again and is not asked for a while"
                    );
                }
            }
            Err(Error::RateLimited { retry_after, .. }) => {
                let asked = retry_after.and_then(|wait| SignedDuration::try_from(wait).ok());
                self.breaker().asked_to_wait(now, asked.unwrap_or(RATE_LIMIT_WAIT));
            }
            // Any other answer is one, and the service is there.
            Ok(_) | Err(_) => self.breaker().succeeded(),
        }
        Ok(result)
    }

    /// Whether the service is being spared.
    pub(crate) fn is_sparing(&self) -> bool {
        self.breaker().is_sparing(self.clock.now())
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        // Nothing panics while it is held.
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The wait in whole seconds, rounded up: whoever comes back a moment too early would wait anew.
fn whole_seconds(wait: SignedDuration) -> Duration {
    Duration::from_secs(wait.unsigned_abs().as_secs() + 1)
}
