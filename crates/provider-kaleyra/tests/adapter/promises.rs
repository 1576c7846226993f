//! Kaleyra behind the adapter keeps the promises of a video provider, in both generations of its API.

mod v2 {
    provider_contract::video_provider_promises!(crate::kaleyra::start("v2").await);
}

mod v1 {
    provider_contract::video_provider_promises!(crate::kaleyra::start("rest").await);
}
