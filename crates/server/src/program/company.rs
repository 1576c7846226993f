//! The company's side of the embedded video service: Kaleyra's REST API, and what it sends to others.

use std::sync::{Arc, atomic::AtomicBool};

use axum::Router;
use kaleyra_server::{
    Parts,
    webhooks::{Messenger, Post, ProvidedNames},
};
use platform::Authorities;
use ports::{
    Chance, Clock,
    company::CompanyStore,
    content::ContentStore,
    rooms::{CompanyId, RoomStore},
};
use secrecy::SecretString;
use url::Url;
use video::{VideoService, files::Files};

use super::{StartError, stores::RoomStores};
use crate::{
    courier::{Courier, Reach},
    http::{
        brand::Brand,
        live_brand::{CompanyBrand, LiveBrand},
    },
    workers::Workers,
};

/// What the company's key opens, and what is sent in its name.
pub struct Company {
    key: SecretString,
    stores: RoomStores,
    post: Arc<dyn Post>,
    clock: Arc<dyn Clock>,
    looks_changed: Arc<AtomicBool>,
}

impl Company {
    /// Puts it together; `reach` says where its letters may go.
    pub fn new(
        key: SecretString,
        stores: RoomStores,
        reach: Reach,
        authorities: &Authorities,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartError> {
        let post = Arc::new(Courier::new(reach, authorities)?);
        Ok(Self { key, stores, post, clock, looks_changed: Arc::default() })
    }

    /// Whom to ask for people's names.
    pub fn names(&self) -> ProvidedNames {
        let companies = Arc::clone(&self.stores.companies);
        ProvidedNames::new(companies, Arc::clone(&self.post), self.key.clone(), Arc::clone(&self.clock))
    }

    /// Where rooms are kept.
    pub fn rooms(&self) -> Arc<dyn RoomStore> {
        Arc::clone(&self.stores.rooms)
    }

    /// Where what people leave in rooms is kept.
    pub fn content(&self) -> Arc<dyn ContentStore> {
        Arc::clone(&self.stores.content)
    }

    /// Where everything of the video service is kept.
    pub fn stores(&self) -> &RoomStores {
        &self.stores
    }

    /// Where what it has set is kept.
    pub fn settings(&self) -> Arc<dyn CompanyStore> {
        Arc::clone(&self.stores.companies)
    }

    /// What pages look like, which this company decides on where it has.
    pub fn brand(&self, configured: Brand, company: CompanyId) -> LiveBrand {
        let key = self.key.clone();
        let source = CompanyBrand {
            companies: self.settings(),
            company,
            changed: Arc::clone(&self.looks_changed),
            logo_path: Box::new(move |item| kaleyra_server::file_path(&key, item)),
            clock: Arc::clone(&self.clock),
        };
        LiveBrand::of_company(configured, source)
    }

    /// Starts to tell webhooks what happens, and gives the API.
    pub fn start(
        self,
        (video, files): (&Arc<VideoService>, &Arc<Files>),
        public_url: &Url,
        chance: Arc<dyn Chance>,
        workers: &mut Workers,
    ) -> Router {
        let Self {
            key,
            stores: RoomStores { rooms, register, companies, deliveries, content: _ },
            post,
            clock,
            looks_changed,
        } = self;
        let messenger =
            Messenger::new(Arc::clone(video), Arc::clone(&deliveries), post, key.clone(), Arc::clone(&clock));
        workers.start("tells webhooks", |stop| messenger.run(stop.cancelled_owned()));
        kaleyra_server::router(Parts {
            video: Arc::clone(video),
            rooms,
            register,
            companies,
            deliveries,
            files: Arc::clone(files),
            key,
            looks_changed,
            public_url: public_url.as_str().trim_end_matches('/').to_owned(),
            clock,
            chance,
        })
    }
}
