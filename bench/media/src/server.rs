//! The server that is measured: the media shell and nothing else, in a process of its own.

use std::{error::Error, io::Write as _, num::NonZeroUsize, sync::Arc};

use async_trait::async_trait;
use jiff::Timestamp;
use livekit_proto::ApiKey;
use media::{MediaConfig, MediaService};
use ports::{
    Chance, Clock,
    media::{Admission, Identity, MediaRoom, RoomName},
};
use secrecy::SecretString;
use tokio::{io::AsyncReadExt as _, net::TcpListener};

const KEY: &str = "bench";
const SECRET: &str = "a secret that is only used on this machine";

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

/// The key that the generator signs its tokens with.
pub fn api_key() -> ApiKey {
    ApiKey::new(KEY, &SecretString::from(SECRET)).expect("a fit key")
}

/// Serves with one media thread until the standard input ends, which it does when the generator does. Prints its address.
pub async fn serve() -> Result<(), Box<dyn Error>> {
    let config = MediaConfig {
        udp_port: Some(0),
        tcp_port: None,
        advertised_ips: vec![[127, 0, 0, 1].into()],
        api_key: api_key(),
        room_auto_create: true,
        shards: Some(NonZeroUsize::MIN),
    };
    let (service, mut events) = MediaService::start(config, Arc::new(SystemClock), &SystemChance, Arc::new(Nobody))?;
    tokio::spawn(async move { while events.recv().await.is_some() {} });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", listener.local_addr()?)?;
    out.flush()?;
    let served = tokio::spawn(async move { axum::serve(listener, service.router()).await });
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    served.abort();
    Ok(())
}
