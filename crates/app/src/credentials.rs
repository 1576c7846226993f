//! Access tokens for the applications of people (contract §6.7).

use std::{collections::BTreeMap, time::Duration};

use domain::{GroupName, ParticipantId, ProviderUserId, Role};
use ports::{
    directory::DirectoryError,
    provider::{Credentials, ProviderError, UserSpec},
    teleconsultations::StoreError,
};

use crate::Ctx;

/// Who asks for credentials, for themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialsCaller {
    /// Who.
    pub id: ParticipantId,
    /// Their groups as the gateway states them; they count where no directory knows people's groups.
    pub groups: Vec<GroupName>,
}

/// Credentials and whose they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCredentials {
    /// The user at the provider.
    pub user: ProviderUserId,
    /// The token.
    pub credentials: Credentials,
}

/// Why nobody got credentials.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// Nobody is named, or somebody who cannot be a user: in no configured group, not known, or barred at the provider.
    #[error("the caller is no user")]
    Unauthorized,
    /// The directory did not answer.
    #[error("looking the caller up failed")]
    Directory(#[source] DirectoryError),
    /// The provider did not make the user or the token.
    #[error("making a user or an access token failed")]
    Provider(#[from] ProviderError),
    /// The store did not answer.
    #[error("remembering the user failed")]
    Store(#[from] StoreError),
}

/// Makes credentials for the caller, valid for about `valid_for`. Somebody who is no user yet becomes one.
pub async fn credentials(
    ctx: &Ctx,
    caller: Option<&CredentialsCaller>,
    valid_for: Duration,
) -> Result<OwnCredentials, CredentialsError> {
    let caller = caller.ok_or(CredentialsError::Unauthorized)?;
    let known = ctx.store.provider_users(std::slice::from_ref(&caller.id)).await?.remove(&caller.id);
    if let Some(user) = &known
        && let Some(credentials) = ctx.provider.credentials(user, valid_for).await?
    {
        return Ok(OwnCredentials { user: user.clone(), credentials });
    }
    // Not known, or remembered by a request that never got to make the user.
    let role = role(ctx, caller).await?;
    let user = known.unwrap_or_else(|| ctx.user_id_key.provider_user(&caller.id));
    let user = ctx
        .store
        .remember_users(&BTreeMap::from([(caller.id.clone(), user.clone())]))
        .await?
        .remove(&caller.id)
        .unwrap_or(user);
    ctx.provider.ensure_users(&[UserSpec { id: user.clone(), role, language: None }]).await?;
    let credentials = ctx.provider.credentials(&user, valid_for).await?.ok_or(CredentialsError::Unauthorized)?;
    Ok(OwnCredentials { user, credentials })
}

/// The caller's role, by the groups that the directory knows, else by those that the gateway states.
async fn role(ctx: &Ctx, caller: &CredentialsCaller) -> Result<Role, CredentialsError> {
    let role_of = |groups: &[GroupName]| ctx.policy.privileges.role_of(groups).ok_or(CredentialsError::Unauthorized);
    let Some(directories) = &ctx.directories else { return role_of(&caller.groups) };
    // Callers are named by their id at the identity provider, whatever ids the project uses for people (contract §8.3).
    match directories.users.profiles(std::slice::from_ref(&caller.id), &ctx.caller).await {
        Ok(mut profiles) => role_of(&profiles.remove(&caller.id).ok_or(CredentialsError::Unauthorized)?.groups),
        Err(DirectoryError::Unknown { .. }) => Err(CredentialsError::Unauthorized),
        Err(
            error @ (DirectoryError::Forbidden { .. } | DirectoryError::Unavailable(_) | DirectoryError::Unexpected(_)),
        ) => Err(CredentialsError::Directory(error)),
    }
}
