//! `GET /backgrounds/:alias`: the embedded service's backgrounds, for the pages.

use std::sync::Arc;

use axum::body::Body;
use hyper::Request;
use ports::{
    fake::{FakeChance, FakeClock, FakeMediaEngine, rooms::FakeRooms},
    provider::{BackgroundImage, VideoProvider as _},
    rooms::CompanyId,
};
use video::{LinkSecret, VideoConfig, VideoService};

use crate::support::{Api, NOW};

fn embedded() -> Arc<VideoService> {
    let config = VideoConfig {
        company: CompanyId("default".to_owned()),
        public_url: "https://visits.example.org".to_owned(),
        region: "eu".to_owned(),
        link_secret: LinkSecret::new([7; 32]),
    };
    let (rooms, engine) = (Arc::new(FakeRooms::new()), Arc::new(FakeMediaEngine::new()));
    let clock = Arc::new(FakeClock::new(NOW.parse().unwrap()));
    let service = VideoService::new(config, rooms.clone(), engine, clock, Arc::new(FakeChance::default()));
    Arc::new(service.with_companies(rooms))
}

#[tokio::test]
async fn a_background_is_shown_to_everybody_who_knows_its_alias() {
    let video = embedded();
    let image = "RIFF\u{1}\0\0\0WEBP an image";
    let added = video.add_background(BackgroundImage::new(image.into()).unwrap()).await.unwrap();
    let api = Api::with_entrance(video);
    let path = added.url.unwrap().strip_prefix("https://visits.example.org").unwrap().to_owned();
    let shown = api.call_bare("GET", &path).await;
    shown.is(200, image);
    for (name, value) in [
        ("content-type", "image/webp"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("x-content-type-options", "nosniff"),
        ("access-control-allow-origin", "*"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("content-security-policy", "default-src 'none'; sandbox"),
    ] {
        assert_eq!(shown.headers[name], value, "{name}");
    }
    let known = Request::get(&path).header("if-none-match", &shown.headers["etag"]).body(Body::empty()).unwrap();
    api.send(known).await.is(304, "");
}

#[tokio::test]
async fn an_alias_that_nobody_was_given_shows_nothing() {
    let api = Api::with_entrance(embedded());
    for alias in ["3e4d0683d78be3a884b7a60028644f57", "..%2f..%2fetc%2fpasswd", "x"] {
        let answer = api.call_bare("GET", &format!("/backgrounds/{alias}")).await;
        answer.is(404, r#"{"statusCode":404,"error":"Not Found","message":"There is no such background"}"#);
    }
    let elsewhere = Api::new().call_bare("GET", "/backgrounds/3e4d0683d78be3a884b7a60028644f57").await;
    assert!(elsewhere.body.starts_with("{\"message\":\"Route "), "{}", elsewhere.body);
}
