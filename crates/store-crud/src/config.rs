//! How the store is set up.

use domain::Privileges;
use platform::{Address, AddressError};

/// Where the collections are.
#[derive(Debug, Clone)]
pub struct CrudConfig {
    /// The CRUD Service (`CRUD_SERVICE_URL`, or `CRUD_SERVICE`).
    pub service: Address,
    /// The collection of teleconsultations (`TELECONSULTATIONS_CRUD_NAME`), with slashes around it or without.
    pub teleconsultations: String,
    /// The user-id map (`USER_ID_MAP_CRUD_NAME`), alike.
    pub user_id_map: String,
    /// The groups of each role, for participants whose role was not stored.
    pub privileges: Privileges,
}

/// A configuration that no store can be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CrudConfigError {
    /// The collection of teleconsultations has no such name.
    #[error("the collection of teleconsultations must be a name such as bk-ts-teleconsultations")]
    Teleconsultations(#[source] AddressError),
    /// The user-id map has no such name.
    #[error("the user-id map must be a name such as bk-ts-userid-maps")]
    UserIdMap(#[source] AddressError),
}
