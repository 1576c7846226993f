//! The embedded video service keeps the promises of a video provider.

use std::sync::Arc;

use jiff::Timestamp;
use ports::{
    fake::{FakeChance, FakeClock, FakeMediaEngine, rooms::FakeRooms},
    rooms::CompanyId,
};
use teleconsultation_video::{LinkSecret, VideoConfig, VideoService};

provider_contract::video_provider_promises!((service(), ()));

fn service() -> VideoService {
    let config = VideoConfig {
        company: CompanyId("default".to_owned()),
        public_url: "https://visits.example.org".to_owned(),
        region: "eu".to_owned(),
        link_secret: LinkSecret::new([7; 32]),
    };
    let rooms = Arc::new(FakeRooms::new());
    VideoService::new(
        config,
        rooms.clone(),
        Arc::new(FakeMediaEngine::new()),
        Arc::new(FakeClock::new(Timestamp::UNIX_EPOCH)),
        Arc::new(FakeChance::seeded(1)),
    )
    .with_companies(rooms)
}
