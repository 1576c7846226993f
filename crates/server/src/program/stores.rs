//! The stores, and what they lie in.

use std::{fs::File, path::PathBuf, sync::Arc};

use domain::Privileges;
use platform::Outbound;
use ports::{
    Clock, company::CompanyStore, content::ContentStore, deliveries::DeliveryStore, register::RoomRegister,
    rooms::RoomStore, teleconsultations::TeleconsultationStore,
};
use store_crud::{CrudConfig, CrudTeleconsultations};
use store_document::LinkSeal;
use store_postgres::{Alone, PostgresRooms, PostgresTeleconsultations};
use store_sqlite::{SqliteRooms, SqliteTeleconsultations};

use super::{StartError, database_path};
use crate::{
    config::{Config, CrudSettings, DatabaseSettings},
    data_dir,
};

/// Where records lie, held by this process.
pub enum Database {
    /// A SQLite file.
    Sqlite {
        /// Its connections.
        database: store_sqlite::Database,
        /// The file.
        path: PathBuf,
        /// The store keeps records in memory, so nobody else may write the file.
        _lock: File,
    },
    /// A PostgreSQL database.
    Postgres(store_postgres::Database),
}

/// One store of the embedded video service, as each of the traits that it implements.
#[derive(Clone)]
pub struct RoomStores {
    /// For calls.
    pub rooms: Arc<dyn RoomStore>,
    /// For lists.
    pub register: Arc<dyn RoomRegister>,
    /// For what the company has set.
    pub companies: Arc<dyn CompanyStore>,
    /// For what webhooks are to be told.
    pub deliveries: Arc<dyn DeliveryStore>,
    /// For what people leave in rooms.
    pub content: Arc<dyn ContentStore>,
}

impl RoomStores {
    fn of<S: RoomStore + RoomRegister + CompanyStore + DeliveryStore + ContentStore + 'static>(store: Arc<S>) -> Self {
        let (rooms, register, companies) = (store.clone(), store.clone(), store.clone());
        Self { rooms, register, companies, deliveries: store.clone(), content: store }
    }
}

impl Database {
    /// Opens the database, and brings its schema to the newest version.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        match &config.database {
            DatabaseSettings::Sqlite(_) => {
                let path = database_path(config);
                // Also where it lies in the data folder: another program may be told to use it from there.
                let lock = data_dir::lock_database(&path)?;
                let opening = path.clone();
                let opened = tokio::task::spawn_blocking(move || store_sqlite::Database::open(&opening)).await;
                match opened {
                    Ok(Ok(database)) => Ok(Self::Sqlite { database, path, _lock: lock }),
                    Ok(Err(source)) => Err(StartError::Database { path, source }),
                    Err(error) => std::panic::resume_unwind(error.into_panic()),
                }
            }
            DatabaseSettings::Postgres(url) => Ok(Self::Postgres(store_postgres::Database::open(url).await?)),
        }
    }

    /// The store of teleconsultations in it.
    pub fn teleconsultations(&self, seal: LinkSeal) -> Arc<dyn TeleconsultationStore> {
        match self {
            Self::Sqlite { database, .. } => Arc::new(SqliteTeleconsultations::new(database.clone(), seal)),
            Self::Postgres(database) => Arc::new(PostgresTeleconsultations::new(database.clone(), seal)),
        }
    }

    /// The stores of the embedded video service in it.
    pub fn rooms(&self) -> RoomStores {
        match self {
            Self::Sqlite { database, .. } => RoomStores::of(Arc::new(SqliteRooms::new(database.clone()))),
            Self::Postgres(database) => RoomStores::of(Arc::new(PostgresRooms::new(database.clone()))),
        }
    }

    /// Makes sure that no other instance carries calls of the same rooms. Gives what must be watched, if that can be lost.
    pub async fn alone(&self) -> Result<Option<Alone>, StartError> {
        match self {
            // The file's lock says so already.
            Self::Sqlite { .. } => Ok(None),
            Self::Postgres(database) => match database.alone().await {
                Ok(Some(alone)) => Ok(Some(alone)),
                Ok(None) => Err(StartError::NotAlone),
                Err(error) => Err(StartError::Postgres(store_postgres::OpenError::Connect(error))),
            },
        }
    }

    /// Ends it in order.
    pub async fn close(self) {
        match self {
            Self::Sqlite { database, .. } => database.close().await,
            Self::Postgres(database) => database.close(),
        }
    }
}

/// The store of teleconsultations that the CRUD Service is. It is called when it is first needed.
pub fn crud(
    settings: &CrudSettings,
    privileges: &Privileges,
    outbound: &Outbound,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn TeleconsultationStore>, StartError> {
    let CrudSettings { service, teleconsultations, user_id_map } = settings.clone();
    let config = CrudConfig { service, teleconsultations, user_id_map, privileges: privileges.clone() };
    Ok(Arc::new(CrudTeleconsultations::new(config, outbound.clone(), clock)?))
}
