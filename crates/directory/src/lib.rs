//! The people whom callers name, as the platform's user services know them: their groups and names at the identity provider
//! ([`AuthDirectory`], mode A of the contract), and which of its users an id of the project's own means ([`ProjectIds`], mode A+).

mod auth;
mod fresh;
mod project_ids;
mod record;
mod sorted;

pub use auth::{AuthConfig, AuthDirectory};
pub use fresh::FRESH_FOR;
pub use project_ids::{ProjectIds, ProjectIdsConfig};
