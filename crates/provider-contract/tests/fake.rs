//! The fake keeps the promises of a video provider.

use ports::fake::FakeVideoProvider;

teleconsultation_provider_contract::video_provider_promises!((FakeVideoProvider::new(), ()));
