//! Kaleyra Video's REST API over the embedded video service: v2 under `/v2`, v1 under `/rest` (`kaleyra-video-api.md`).
//!
//! A program that has been calling Kaleyra points its base URL here. [`router`] needs the service, its stores and the company's key;
//! it opens no socket. Its wire types are its own: the client of this repository is tested against it, so each checks the other.
//!
//! What the embedded service lacks (recordings, transcriptions, chats, signatures, broadcasts) is answered with the documented
//! empty list, or the documented refusal: see `absent`.

mod absent;
mod auth;
mod background;
mod colour;
mod company;
mod credentials;
mod file;
mod form;
mod hook;
mod input;
mod key;
mod limits;
mod link_token;
mod new_room;
mod page;
mod participant;
mod picture;
mod recording_settings;
mod refusal;
mod room;
mod room_view;
mod routes;
mod session;
mod tag;
mod theme;
mod tools;
mod translation;
mod uploads;
mod user;
mod webhook;
pub mod webhooks;
mod wire;

use std::{
    ops::Deref,
    sync::{Arc, atomic::AtomicBool},
};

use ports::{
    Chance, Clock, company::CompanyStore, deliveries::DeliveryStore, register::RoomRegister, rooms::RoomStore,
};
use secrecy::SecretString;
use tokio::sync::Semaphore;
use video::{VideoService, files::Files};

pub use file::path as file_path;
pub use limits::{BODY_BYTES_MAX, PICTURES_AT_ONCE_MAX, REQUEST_TIMEOUT, REQUESTS_AT_ONCE_MAX};
pub use routes::router;

/// What the API is put together of.
pub struct Parts {
    /// The embedded video service. Its company is the one whose key it is.
    pub video: Arc<VideoService>,
    /// Where users, rooms and sessions are kept.
    pub rooms: Arc<dyn RoomStore>,
    /// The same, for lists.
    pub register: Arc<dyn RoomRegister>,
    /// Where what the company has set is kept.
    pub companies: Arc<dyn CompanyStore>,
    /// Where what webhooks are to be told is kept.
    pub deliveries: Arc<dyn DeliveryStore>,
    /// The files that people send in rooms.
    pub files: Arc<Files>,
    /// The company's key: whoever has it may do everything.
    pub key: SecretString,
    /// Becomes true when the company has changed its colours or logos; whoever shows pages looks at it.
    pub looks_changed: Arc<AtomicBool>,
    /// Where this program is reached: the beginning of the addresses of pictures, without a slash at the end.
    pub public_url: String,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// For ids.
    pub chance: Arc<dyn Chance>,
}

/// The generation of the API that a request speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    /// `/rest`
    V1,
    /// `/v2`
    V2,
}

/// What every handler is given.
#[derive(Clone)]
struct Api {
    parts: Arc<Parts>,
    version: Version,
    /// Places for uploads, which are held in memory: [`PICTURES_AT_ONCE_MAX`].
    uploads: Arc<Semaphore>,
}

impl Deref for Api {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl Api {
    fn company(&self) -> &ports::rooms::CompanyId {
        self.video.company()
    }

    const fn is_v1(&self) -> bool {
        matches!(self.version, Version::V1)
    }
}
