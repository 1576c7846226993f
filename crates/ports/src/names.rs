//! What people are called, where the room does not say.

use async_trait::async_trait;
use domain::{FullName, ProviderUserId};

use crate::rooms::CompanyId;

/// Knows people's names, or somebody who does.
#[async_trait]
pub trait Names: Send + Sync {
    /// Returns `None` if nobody can tell in the time that somebody at the door waits: the call goes on with the user's id.
    async fn name(&self, company: &CompanyId, user: &ProviderUserId) -> Option<FullName>;
}
