//! Kaleyra's adapter keeps the promises of a video provider also against this service, in both generations.

use provider_kaleyra::KaleyraProvider;

use crate::service::Service;

async fn start(path: &str) -> (KaleyraProvider, Service) {
    let service = Service::start().await;
    let client = service.client_with(path, provider_kaleyra::settings());
    (KaleyraProvider::new(client, service.clock.clone()), service)
}

mod v2 {
    provider_contract::video_provider_promises!(super::start("v2").await);
}

mod v1 {
    provider_contract::video_provider_promises!(super::start("rest").await);
}
