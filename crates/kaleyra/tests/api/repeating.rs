//! Refusals, failures and 429s, and what is tried again (contract §3.4, §14.4, §14.5).

use std::time::Duration;

use kaleyra_video::{Effect, Error, Failure, NewUser, PageRequest, Retry, Role, Settings, UserUpdate};

use crate::service::{API_KEY, Answer, Service};

const USER: &str = r#"{"id":"u1"}"#;

fn new_user() -> NewUser {
    NewUser::new("u1".into(), Role::Basic)
}

fn failing() -> Answer {
    Answer::new(503, "<html>down</html>")
}

#[tokio::test]
async fn a_refusal_has_the_providers_words_and_is_final() {
    let body =
        r#"{"status":400,"name":"invalid_request_error","code":"user_id_already_exists","message":"u1 is taken"}"#;
    let service = Service::start(vec![Answer::new(400, body)]).await;
    let error = service.client("v2").create_user(&new_user()).await.unwrap_err();
    assert_eq!(error.code(), Some("user_id_already_exists"));
    assert!(!error.may_have_taken_effect());
    assert_eq!(error.to_string(), "create user: refused (status 400, code user_id_already_exists)");
    let Error::Refused { refusal, .. } = error else { panic!("{error:?}") };
    assert_eq!(refusal.message.as_deref(), Some("u1 is taken"));
    assert_eq!(refusal.raw, body);
    assert_eq!(service.seen().len(), 1);
}

#[tokio::test]
async fn not_found_is_404_or_one_of_the_codes_of_v1() {
    for answer in [Answer::new(404, ""), Answer::new(400, r#"{"error":{"code":"invalid_user_id"}}"#)] {
        let service = Service::start(vec![answer]).await;
        assert!(matches!(service.client("rest").user(&"u1".into()).await, Err(Error::NotFound { .. })));
    }
}

#[tokio::test]
async fn a_refused_key_is_said_without_the_key() {
    for answer in [Answer::new(401, ""), Answer::new(400, r#"{"code":"invalid_api_key"}"#)] {
        let service = Service::start(vec![answer]).await;
        let client = service.client("v2");
        let error = client.company().await.unwrap_err();
        assert!(matches!(error, Error::KeyRefused { .. }));
        let shown = format!("{error} {error:?} {client:?}");
        assert!(!shown.contains(API_KEY), "{shown}");
    }
}

#[tokio::test]
async fn what_is_safe_is_tried_three_times() {
    let service = Service::start(vec![failing(), failing(), Answer::new(200, USER)]).await;
    let client = service.client("v2");
    assert!(client.user(&"u1".into()).await.is_ok());
    assert_eq!(service.seen().len(), 3);
    // Half of 250 ms and of 500 ms, and next to nothing by chance.
    assert_eq!(service.pauses(), [Duration::from_millis(125), Duration::from_millis(250)]);

    let service = Service::start(vec![failing()]).await;
    let error = service.client("v2").user(&"u1".into()).await.unwrap_err();
    let Error::Unavailable { effect, source: Failure::Status(status), .. } = error else { panic!("{error:?}") };
    assert_eq!((effect, status), (Effect::None, 503));
    assert_eq!(service.seen().len(), 3);

    let service = Service::start(vec![failing()]).await;
    let error = service.client("v2").update_user(&"u1".into(), &UserUpdate::default()).await.unwrap_err();
    assert!(error.may_have_taken_effect());
    assert_eq!(service.seen().len(), 3);
}

#[tokio::test]
async fn what_could_be_done_twice_is_tried_once() {
    let service = Service::start(vec![failing()]).await;
    let error = service.client("v2").create_user(&new_user()).await.unwrap_err();
    assert!(error.may_have_taken_effect());
    assert_eq!(error.to_string(), "create user: the provider is unavailable; the request may have taken effect");
    assert_eq!(service.seen().len(), 1);
    assert!(service.pauses().is_empty());
}

#[tokio::test]
async fn a_deletion_whose_answer_was_lost_is_done() {
    let service = Service::start(vec![failing(), Answer::new(404, "")]).await;
    assert!(service.client("v2").delete_room(&"r1".into()).await.is_ok());
    let service = Service::start(vec![Answer::new(404, "")]).await;
    let outcome = service.client("v2").delete_room(&"r1".into()).await;
    assert!(matches!(outcome, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn a_429_is_obeyed_even_for_what_is_tried_once() {
    let limited = Answer::new(429, "").header("retry-after", "7");
    let service = Service::start(vec![limited, Answer::new(200, USER)]).await;
    assert!(service.client("v2").create_user(&new_user()).await.is_ok());
    assert_eq!(service.seen().len(), 2);
    assert_eq!(service.pauses(), [Duration::from_secs(7)]);
}

#[tokio::test]
async fn a_429_that_does_not_say_means_a_minute() {
    let service = Service::start(vec![Answer::new(429, ""), Answer::new(200, r#"{"rooms":[]}"#)]).await;
    assert!(service.client("v2").rooms(PageRequest::FIRST).await.is_ok());
    assert_eq!(service.pauses(), [Duration::from_mins(1)]);
}

#[tokio::test]
async fn a_429_that_asks_for_too_much_ends_the_call() {
    let service = Service::start(vec![Answer::new(429, "").header("retry-after", "61")]).await;
    let error = service.client("v2").user(&"u1".into()).await.unwrap_err();
    let Error::RateLimited { retry_after, .. } = error else { panic!("{error:?}") };
    assert_eq!(retry_after, Some(Duration::from_secs(61)));
    assert!(service.pauses().is_empty());
}

#[tokio::test]
async fn a_failure_that_says_how_long_is_obeyed_too() {
    let service = Service::start(vec![failing().header("retry-after", "3"), Answer::new(200, USER)]).await;
    assert!(service.client("v2").user(&"u1".into()).await.is_ok());
    assert_eq!(service.pauses(), [Duration::from_secs(3)]);
}

#[tokio::test]
async fn trying_again_can_be_turned_off() {
    for attempts_max in [0, 1] {
        let retry = Retry { attempts_max, ..Retry::default() };
        let service = Service::start(vec![failing()]).await;
        let client = service.client_with("v2", Settings { retry, ..Settings::default() });
        assert!(client.user(&"u1".into()).await.is_err());
        assert_eq!(service.seen().len(), 1);
    }
}

#[tokio::test]
async fn redirections_are_not_followed() {
    let elsewhere = Service::start(vec![Answer::new(200, USER)]).await;
    for status in [301, 302, 307, 308] {
        let service = Service::start(vec![Answer::new(status, "").header("location", "/v2/company")]).await;
        let error = service.client("v2").user(&"u1".into()).await.unwrap_err();
        assert!(matches!(error, Error::Unexpected { .. }));
        assert_eq!(service.seen().len(), 1);
    }
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn garbage_is_unexpected_and_not_asked_for_again() {
    for body in
        ["<html>", "", "null", "[]", "{}", "7", r#"{"id":7}"#, r#"{"id":""}"#, r#"{"id":"u1","role":{}}"#, "\u{0}"]
    {
        let service = Service::start(vec![Answer::new(200, body)]).await;
        let client = service.client("v2");
        let error = client.user(&"u1".into()).await.unwrap_err();
        assert!(matches!(error, Error::Unexpected { effect: Effect::None, .. }), "{body}: {error:?}");
        assert_eq!(service.seen().len(), 1);
        let error = client.create_user(&new_user()).await.unwrap_err();
        assert!(error.may_have_taken_effect(), "{body}: {error:?}");
    }
}

#[tokio::test]
async fn deeply_nested_garbage_is_unexpected() {
    let service = Service::start(vec![Answer::new(200, &"[".repeat(100_000))]).await;
    assert!(matches!(service.client("v2").company().await, Err(Error::Unexpected { .. })));
}

#[tokio::test]
async fn errors_show_nothing_of_what_came() {
    let service = Service::start(vec![Answer::new(200, r#"{"id":"u1","role":"Ann Lee""#)]).await;
    let error = service.client("v2").user(&"ann.lee".into()).await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("Ann") && !shown.contains("ann.lee"), "{shown}");
}
