//! Backgrounds of the embedded service, as the pages and their owner see them.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::sync::Arc;

use jiff::Timestamp;
use ports::{
    company::{BackgroundAlias, CompanyStore as _, ItemKey},
    fake::{FakeChance, FakeClock, FakeMediaEngine, rooms::FakeRooms},
    provider::{BackgroundImage, VideoProvider as _},
    rooms::CompanyId,
};
use teleconsultation_video::{LinkSecret, VideoConfig, VideoService};

fn service(rooms: &Arc<FakeRooms>) -> VideoService {
    let config = VideoConfig {
        company: CompanyId("default".to_owned()),
        public_url: "https://visits.example.org".to_owned(),
        region: "eu".to_owned(),
        link_secret: LinkSecret::new([7; 32]),
    };
    let clock = Arc::new(FakeClock::new("2026-01-01T10:00:00.123456Z".parse::<Timestamp>().unwrap()));
    let (engine, chance) = (Arc::new(FakeMediaEngine::new()), Arc::new(FakeChance::seeded(1)));
    VideoService::new(config, rooms.clone(), engine, clock, chance).with_companies(rooms.clone())
}

#[tokio::test]
async fn a_background_is_shown_under_its_alias_as_what_its_bytes_say_and_nothing_else_is() {
    let rooms = Arc::new(FakeRooms::new());
    let service = service(&rooms);
    let png = b"\x89PNG\r\n\x1a\n an image";
    let added = service.add_background(BackgroundImage::new(png.to_vec()).unwrap()).await.unwrap();
    let alias = BackgroundAlias::parse(&added.alias).unwrap();
    let url = format!("https://visits.example.org/backgrounds/{}", added.alias);
    assert_eq!((added.url, added.created), (Some(url), Some("2026-01-01T10:00:00.123Z".parse().unwrap())));
    let item = service.background(&alias).await.unwrap().unwrap();
    assert_eq!((item.media_type.as_str(), &*item.bytes), ("image/png", &png[..]));
    assert_eq!(service.background(&BackgroundAlias::new([9; 16])).await.unwrap(), None);
}

#[tokio::test]
async fn the_default_is_kept_and_a_background_that_was_removed_cannot_become_it() {
    let rooms = Arc::new(FakeRooms::new());
    let (service, company) = (service(&rooms), CompanyId("default".to_owned()));
    let image = || BackgroundImage::new(b"\xff\xd8\xff\xe0".to_vec()).unwrap();
    let (one, other) = (service.add_background(image()).await.unwrap(), service.add_background(image()).await.unwrap());
    let told = service.set_default_background(&one.alias).await.unwrap().unwrap();
    assert_eq!((told.default_background, told.end_call_redirect_timeout_ms), (Some(one.clone()), Some(0)));
    let alias = |text: &str| BackgroundAlias::parse(text).unwrap();
    assert_eq!(rooms.settings(&company).await.unwrap().0.default_background, Some(alias(&one.alias)));
    assert!(rooms.remove_item(&company, &ItemKey::background(&alias(&other.alias))).await.unwrap());
    assert_eq!(service.set_default_background(&other.alias).await.unwrap(), None);
}
