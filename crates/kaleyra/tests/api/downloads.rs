//! Fetching files from where the service says they are.

use kaleyra_video::{Error, Failure, Oddity};

use crate::service::{Answer, Service};

#[tokio::test]
async fn a_file_at_the_service_is_fetched_without_the_key() {
    let service = Service::start(vec![Answer::new(200, "the whole text")]).await;
    let file = service.client("v2").download(&service.link("/files/1?signature=abc"), 14).await.unwrap();
    assert_eq!(file, "the whole text");
    let seen = service.seen();
    assert_eq!((seen.len(), seen[0].target.as_str()), (1, "/files/1?signature=abc"));
    assert!(!seen[0].headers.contains_key("apikey"));
}

#[tokio::test]
async fn a_file_that_is_too_long_is_not_read() {
    let service = Service::start(vec![Answer::new(200, "the whole text")]).await;
    let error = service.client("v2").download(&service.link("/files/1"), 13).await.unwrap_err();
    assert!(matches!(error, Error::Unexpected { source: Oddity::TooLong(13), .. }), "{error:?}");
}

#[tokio::test]
async fn no_redirection_is_followed() {
    let elsewhere = Service::start(vec![Answer::new(200, "secret")]).await;
    let to = elsewhere.link("/").as_str().to_owned();
    let service = Service::start(vec![Answer::new(302, "").header("location", &to)]).await;
    let error = service.client("v2").download(&service.link("/files/1"), 100).await.unwrap_err();
    assert!(matches!(error, Error::Unexpected { source: Oddity::Status(302), .. }), "{error:?}");
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn a_link_into_a_private_network_is_not_followed() {
    let private = Service::start(vec![Answer::new(200, "secret")]).await;
    let service = Service::start(vec![Answer::new(200, "")]).await;
    let error = service.client("v2").download(&private.link("/"), 100).await.unwrap_err();
    assert!(matches!(error, Error::Unexpected { source: Oddity::Address, .. }), "{error:?}");
    let port = private.link("/").as_str().rsplit(':').next().unwrap().trim_end_matches('/').to_owned();
    let by_name = format!("https://localhost:{port}/").into();
    let error = service.client("v2").download(&by_name, 100).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { source: Failure::Connect(_), .. }), "{error:?}");
    assert!(private.seen().is_empty() && service.seen().is_empty());
}

#[tokio::test]
async fn a_link_that_is_over_is_an_absence_and_a_service_that_fails_is_a_failure() {
    for status in [403, 404, 410] {
        let service = Service::start(vec![Answer::new(status, "<Error/>")]).await;
        let error = service.client("v2").download(&service.link("/files/1"), 100).await.unwrap_err();
        assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
    }
    let service = Service::start(vec![Answer::new(503, "")]).await;
    let error = service.client("v2").download(&service.link("/files/1"), 100).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { source: Failure::Status(503), .. }), "{error:?}");
    assert_eq!(service.seen().len(), 1, "not repeated");
}
