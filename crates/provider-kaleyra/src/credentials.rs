//! Access tokens for people's applications (`kaleyra-video-api.md` §9).

use std::time::Duration;

use domain::ProviderUserId;
use jiff::Timestamp;
use kaleyra_video::{Error, TOKEN_VALIDITY_S};
use ports::provider::{Credentials, ProviderError};

use crate::{KaleyraProvider, failure};

impl KaleyraProvider {
    /// `None` if there is no such user. Kaleyra makes no token for less than six minutes or more than a day.
    pub(crate) async fn access_token(
        &self,
        user: &ProviderUserId,
        valid_for: Duration,
    ) -> Result<Option<Credentials>, ProviderError> {
        let (shortest, longest) = (*TOKEN_VALIDITY_S.start(), *TOKEN_VALIDITY_S.end());
        let seconds = u32::try_from(valid_for.as_secs()).unwrap_or(longest).clamp(shortest, longest);
        let asked = self.gate.now();
        match self.gate.pass_raw(self.client.create_access_token(&user.as_str().into(), seconds)).await? {
            Ok(made) => {
                let expected = asked.checked_add(Duration::from_secs(seconds.into())).unwrap_or(Timestamp::MAX);
                Ok(Some(Credentials::new(made.access_token.as_str(), made.expires_at.unwrap_or(expected))))
            }
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failure::sorted(error)),
        }
    }
}
