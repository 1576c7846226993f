//! Who makes rooms and carries calls: this program, or Kaleyra Video.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use kaleyra_video::{BaseUrl, Client, Trust};
use media::{MediaConfig, MediaService};
use platform::Authorities;
use ports::{Chance, Clock, media::MediaEvent, rooms::CompanyId};
use provider_kaleyra::KaleyraProvider;
use secrecy::SecretString;
use sha2::Sha256;
use tokio::sync::mpsc;
use url::Url;
use video::{Checks, Doorkeeper, LinkSecret, SessionWorker, VideoConfig, VideoService, WaitingRooms, files::Files};

use super::{Company, StartError};
use crate::{
    channel::{Hub, HubParts},
    config::MediaSettings,
    data_dir::DataDir,
};

/// The company whose users and rooms there are: one, as long as there is one tenant.
pub(super) const COMPANY: &str = "default";

/// The part of personal links after the public address (`kaleyra-video-api.md` §8.1).
const REGION: &str = "eu";

/// The video service and media engine of this program.
pub struct Embedded {
    /// Lets people in and makes rooms.
    pub video: Arc<VideoService>,
    /// What they send each other.
    pub files: Arc<Files>,
    /// Carries media.
    pub media: MediaService,
    /// Counts and ends sessions.
    pub sessions: SessionWorker,
    /// Carries what a call has besides media.
    pub channel: Hub,
    /// What the engine tells it.
    pub events: mpsc::Receiver<MediaEvent>,
}

impl Embedded {
    /// Starts the engine and puts the service before it.
    pub fn start(
        settings: MediaSettings,
        data_dir: &DataDir,
        company: &Company,
        mut files: Files,
        link_secret: [u8; 32],
        public_url: &Url,
        (clock, chance): (Arc<dyn Clock>, Arc<dyn Chance>),
    ) -> Result<Self, StartError> {
        let rooms = company.rooms();
        let waiting_rooms = settings.waiting_room.then(|| WaitingRooms::new(company.content(), rooms.clone()));
        let channel = Hub::new(HubParts {
            content: company.content(),
            rooms: rooms.clone(),
            waiting_rooms: waiting_rooms.clone(),
            clock: clock.clone(),
            chance: chance.clone(),
        });
        let checks = Arc::<Checks>::default();
        let mut doorkeeper = Doorkeeper::new(rooms.clone(), clock.clone()).with_checks(checks.clone());
        if let Some(waiting_rooms) = &waiting_rooms {
            doorkeeper = doorkeeper.with_waiting_rooms(waiting_rooms.clone());
            files = files.with_gate(Arc::new(waiting_rooms.clone()));
        }
        let files = Arc::new(files);
        files.connect(Arc::new(channel.clone()), Arc::new(channel.clone()));
        let doorkeeper = Arc::new(doorkeeper);
        let media_config = media_config(settings, data_dir, &*chance)?;
        let (media, events) = MediaService::start(media_config, clock.clone(), &*chance, doorkeeper)?;
        let config = VideoConfig {
            company: CompanyId(COMPANY.to_owned()),
            public_url: public_url.as_str().trim_end_matches('/').to_owned(),
            region: REGION.to_owned(),
            link_secret: LinkSecret::new(link_secret),
        };
        let engine = Arc::new(media.clone());
        let mut video = VideoService::new(config, rooms.clone(), engine, clock.clone(), chance.clone())
            .with_names(Arc::new(company.names()))
            .with_companies(company.settings())
            .with_observer(Arc::new(channel.clone()))
            .with_files(Arc::clone(&files))
            .with_checks(checks);
        if let Some(waiting_rooms) = waiting_rooms {
            video = video.with_waiting_rooms(waiting_rooms);
        }
        let video = Arc::new(video);
        channel.attach(&video);
        let sessions =
            SessionWorker::new(rooms, Arc::new(media.clone()), clock, chance).with_observer(Arc::new(channel.clone()));
        Ok(Self { video, files, media, sessions, channel, events })
    }
}

fn media_config(settings: MediaSettings, data_dir: &DataDir, chance: &dyn Chance) -> Result<MediaConfig, StartError> {
    let (key, secret) = match settings.livekit {
        Some(given) => given,
        None => data_dir.livekit_key(chance)?,
    };
    Ok(MediaConfig {
        udp_port: Some(settings.udp_port),
        tcp_port: Some(settings.tcp_port),
        advertised_ips: settings.advertised_ips,
        api_key: livekit_proto::ApiKey::new(key, &secret)?,
        room_auto_create: settings.room_auto_create,
        shards: None,
    })
}

/// Kaleyra Video. It is called when it is first needed.
pub fn kaleyra(
    base_url: BaseUrl,
    api_key: &SecretString,
    authorities: &Authorities,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
) -> Result<KaleyraProvider, StartError> {
    // A container image may have no certificate authorities of its own.
    let trust = Trust::BundledAndPem(authorities.pem().to_vec());
    let settings = kaleyra_video::Settings { trust, ..provider_kaleyra::settings() };
    let client = Client::new(base_url, api_key, settings, move || u64::from_ne_bytes(chance.bytes()))?;
    Ok(KaleyraProvider::new(client, clock))
}

/// The same for this deployment, whose rooms it can tell from those of others. Without a secret, nothing stays the same from one start to
/// the next, and it cannot.
pub fn owned(kaleyra: KaleyraProvider, link_secret: Option<&[u8; 32]>) -> KaleyraProvider {
    match link_secret {
        Some(secret) => kaleyra.owned_by(&deployment(secret)),
        None => kaleyra,
    }
}

/// Names this deployment among those that use one account at Kaleyra. Whoever shares the secret shares the database, and the rooms.
fn deployment(link_secret: &[u8; 32]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(link_secret).expect("HMAC takes keys of every length (RFC 2104 §2)");
    let digest = mac.chain_update(b"teleconsultation: whose rooms at Kaleyra").finalize().into_bytes();
    hex::encode(&digest[..8])
}
