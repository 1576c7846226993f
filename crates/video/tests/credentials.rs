//! Access tokens of the embedded service, as whoever checks them sees them.

use std::{sync::Arc, time::Duration};

use domain::{ProviderUserId, Role};
use jiff::{SignedDuration, Timestamp};
use ports::{
    fake::{FakeChance, FakeClock, FakeMediaEngine, rooms::FakeRooms},
    provider::{UserSpec, VideoProvider as _},
    rooms::{CompanyId, RoomStore as _},
};
use teleconsultation_video::{
    LinkSecret, VideoConfig, VideoService,
    credentials::{Bearer, InvalidCredentials, verify},
};

#[tokio::test]
async fn a_token_names_its_user_for_as_long_as_was_asked_for_and_a_barred_user_gets_none() {
    let company = CompanyId("default".to_owned());
    let secret = || LinkSecret::new([7; 32]);
    let config = VideoConfig {
        company: company.clone(),
        public_url: "https://visits.example.org".to_owned(),
        region: "eu".to_owned(),
        link_secret: secret(),
    };
    let (rooms, clock) = (Arc::new(FakeRooms::new()), Arc::new(FakeClock::new(Timestamp::UNIX_EPOCH)));
    let engine = Arc::new(FakeMediaEngine::new());
    let chance = Arc::new(FakeChance::seeded(1));
    let service = VideoService::new(config, rooms.clone(), engine, clock.clone(), chance);
    let anna = ProviderUserId::parse("anna").unwrap();
    let spec = UserSpec { id: anna.clone(), role: Role::Basic, language: None };
    service.ensure_users(&[spec]).await.unwrap();

    let made = service.credentials(&anna, Duration::from_mins(1)).await.unwrap().unwrap();
    let end = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(1);
    assert_eq!(made.expires, end);
    let bearer = Bearer { company: company.clone(), user: anna.clone() };
    assert_eq!(verify(&secret(), made.expose_token(), Timestamp::UNIX_EPOCH), Ok(bearer));
    assert_eq!(verify(&secret(), made.expose_token(), end), Err(InvalidCredentials::Expired));

    rooms.set_user_active(&company, &anna, false).await.unwrap();
    assert_eq!(service.credentials(&anna, Duration::from_mins(1)).await.unwrap(), None);
}
