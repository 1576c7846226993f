//! Serves the signalling routes by itself, with rooms that open for whoever comes, to try clients against.
//!
//! `cargo run -p teleconsultation-media --example dev_server -- [address:port]`, then `LIVEKIT_URL=ws://address:port`,
//! `LIVEKIT_API_KEY=devkey` and `LIVEKIT_API_SECRET=` the secret below. For trials only: the secret is no secret.

#![expect(clippy::disallowed_methods, reason = "it is a program, so it has the real clock and chance")]

use std::{collections::BTreeMap, env, error::Error, sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Router, extract::Query, routing::get};
use jiff::Timestamp;
use livekit_proto::{ApiKey, Claims, VideoGrant};
use ports::{
    Chance, Clock,
    media::{Admission, Identity, MediaRoom, RoomName},
};
use secrecy::SecretString;
use teleconsultation_media::{MediaConfig, MediaService};
use tracing_subscriber::{filter::LevelFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

const KEY: &str = "devkey";
const SECRET: &str = "a secret that everybody can read here";

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

struct SystemChance;

impl Chance for SystemChance {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the system has chance");
    }
}

struct Nobody;

#[async_trait]
impl Admission for Nobody {
    async fn admit(&self, _room: &RoomName, _identity: &Identity) -> Option<MediaRoom> {
        None
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::registry().with(fmt::layer()).with(LevelFilter::INFO).init();
    let api_key = || ApiKey::new(KEY, &SecretString::from(SECRET));
    let port = |name: &str| match env::var(name).ok().as_deref() {
        Some("off") => Ok(None),
        Some(port) => port.parse().map(Some),
        None => Ok(Some(0)),
    };
    let config = MediaConfig {
        udp_port: port("MEDIA_UDP_PORT")?,
        tcp_port: port("MEDIA_TCP_PORT")?,
        advertised_ips: match env::var("MEDIA_ADVERTISED_IPS") {
            Ok(ips) => ips.split(',').map(str::parse).collect::<Result<_, _>>()?,
            Err(_) => Vec::new(),
        },
        api_key: api_key()?,
        room_auto_create: true,
        shards: env::var("SHARDS").ok().map(|shards| shards.parse()).transpose()?,
    };
    let (service, mut events) = MediaService::start(config, Arc::new(SystemClock), &SystemChance, Arc::new(Nobody))?;
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            tracing::info!("{event:?}");
        }
    });
    let signer = Arc::new(api_key()?);
    let token = get(move |Query(query): Query<BTreeMap<String, String>>| async move {
        let value = |name: &str| query.get(name).cloned().unwrap_or_else(|| name.to_owned());
        let video = VideoGrant { room: value("room"), room_join: true, ..VideoGrant::default() };
        let expires_s = Timestamp::now().as_second() + 3600;
        let claims = Claims { identity: value("identity"), expires_s, video, ..Claims::default() };
        signer.sign(&claims).unwrap_or_else(|error| error.to_string())
    });
    let counters = {
        let service = service.clone();
        get(move || async move {
            let lines = service
                .counters()
                .named()
                .filter(|(_, value)| *value > 0)
                .map(|(name, value)| format!("{name} {value}\n"));
            lines.collect::<String>()
        })
    };
    let app: Router = service.router().route("/token", token).route("/counters", counters);
    let listener = tokio::net::TcpListener::bind(env::args().nth(1).as_deref().unwrap_or("127.0.0.1:7880")).await?;
    tracing::info!("listening on {}, media on {:?}", listener.local_addr()?, service.bound_ports());
    axum::serve(listener, app).with_graceful_shutdown(async { drop(tokio::signal::ctrl_c().await) }).await?;
    if !service.stop(Duration::from_secs(5)).await {
        tracing::warn!("not everything ended in time");
    }
    Ok(())
}
