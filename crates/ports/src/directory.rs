//! The directories that know the people whom callers name.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::{FullName, GroupName, ParticipantId};

use crate::Caller;

/// Why a directory did not answer, by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// Some of these people are not in it.
    #[error("{} people are not known to the directory", ids.len())]
    Unknown {
        /// Who, for the caller's answer only.
        ids: Vec<ParticipantId>,
    },
    /// It does not answer to this caller.
    #[error("the directory does not answer to this caller (status {status})")]
    Forbidden {
        /// 401 or 403.
        status: u16,
    },
    /// Not reachable, or failing.
    #[error("the directory is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An answer that makes no sense: someone must look.
    #[error("the directory gave an unexpected answer")]
    Unexpected(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What the identity provider knows of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The groups that decide their role.
    pub groups: Vec<GroupName>,
    /// Shown to the others.
    pub full_name: Option<FullName>,
}

/// The identity provider's users (`teleconsultation-service.md` §3, mode A).
#[async_trait]
pub trait UserDirectory: Send + Sync {
    /// Returns everyone's profile, or who is not known.
    async fn profiles(
        &self,
        ids: &[ParticipantId],
        caller: &Caller,
    ) -> Result<BTreeMap<ParticipantId, Profile>, DirectoryError>;
}

/// Who is whom: from the ids that callers use to those of the identity provider (`teleconsultation-service.md` §3, mode A+).
#[async_trait]
pub trait CustomIds: Send + Sync {
    /// Returns everyone's id at the identity provider, or who is not known.
    async fn identities(
        &self,
        ids: &[ParticipantId],
        caller: &Caller,
    ) -> Result<BTreeMap<ParticipantId, ParticipantId>, DirectoryError>;
}
