//! Kaleyra, and providers that use it.

use std::{
    future::{Future, ready},
    ops::Deref,
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
pub use kaleyra_fake::Fault;
use kaleyra_fake::KaleyraFake;
use kaleyra_video::{BaseUrl, Client, Pause};
use ports::{Clock as _, fake::FakeClock};
use teleconsultation_provider_kaleyra::KaleyraProvider;

/// The service, and the time of those who use it.
#[derive(Clone)]
pub struct Kaleyra {
    service: Arc<KaleyraFake>,
    clock: Arc<FakeClock>,
}

/// The service of one generation, and a provider that uses it.
pub async fn start(path: &str) -> (KaleyraProvider, Kaleyra) {
    let service = Arc::new(KaleyraFake::start(path).await.unwrap());
    let kaleyra = Kaleyra { service, clock: Arc::new(FakeClock::new(Timestamp::UNIX_EPOCH)) };
    kaleyra.pass(SignedDuration::ZERO);
    (kaleyra.provider(), kaleyra)
}

impl Kaleyra {
    /// A provider that uses this service, as a process has that was just started.
    pub fn provider(&self) -> KaleyraProvider {
        let settings = teleconsultation_provider_kaleyra::settings();
        let key = "ak_live_0123456789abcdef01234567".into();
        let base = BaseUrl::parse(self.service.base_url()).unwrap();
        let client = Client::with_pause(base, &key, settings, || 7, NoPause).unwrap();
        KaleyraProvider::new(client, self.clock.clone())
    }

    /// Lets time pass.
    pub fn pass(&self, time: SignedDuration) {
        self.clock.advance(time);
        self.service.tell_date(&self.clock.now().to_string());
    }
}

impl Deref for Kaleyra {
    type Target = KaleyraFake;

    fn deref(&self) -> &KaleyraFake {
        &self.service
    }
}

/// Lets no time pass.
#[derive(Debug, Clone, Copy)]
struct NoPause;

impl Pause for NoPause {
    fn pause(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(ready(()))
    }
}
