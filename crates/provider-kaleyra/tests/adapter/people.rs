//! People as they become known to Kaleyra.

use std::time::Duration;

use domain::{Language, ProviderUserId, Role};
use ports::provider::{UserSpec, VideoProvider as _};

use crate::kaleyra::{Fault, start};

fn user(name: &str, role: Role, language: Option<&str>) -> UserSpec {
    let language = language.map(|tag| Language::parse(tag).unwrap());
    UserSpec { id: ProviderUserId::parse(name).unwrap(), role, language }
}

#[tokio::test]
async fn people_who_come_again_cost_no_request() {
    let (provider, kaleyra) = start("v2").await;
    provider.ensure_users(&[user("doctor", Role::Plus, Some("it-IT"))]).await.unwrap();
    assert_eq!(kaleyra.seen(), ["POST users"]);
    provider.ensure_users(&[user("doctor", Role::Basic, None)]).await.unwrap();
    assert_eq!(kaleyra.seen(), [""; 0]);
    assert_eq!(kaleyra.users()[0]["language"], "it");
    provider.ensure_users(&[user("doctor", Role::Basic, Some("en"))]).await.unwrap();
    assert_eq!(kaleyra.seen(), ["GET users", "PUT users"]);
    let doctor = &kaleyra.users()[0];
    assert_eq!((&doctor["role"], &doctor["language"]), (&"plus".into(), &"en".into()));
}

#[tokio::test]
async fn a_user_made_before_is_taken_as_they_are_and_raised() {
    let (before, kaleyra) = start("v2").await;
    before.ensure_users(&[user("doctor", Role::Basic, Some("fr"))]).await.unwrap();
    kaleyra.seen();
    kaleyra.provider().ensure_users(&[user("doctor", Role::Plus, None)]).await.unwrap();
    assert_eq!(kaleyra.seen(), ["POST users", "GET users", "PUT users"]);
    let doctor = &kaleyra.users()[0];
    assert_eq!((&doctor["role"], &doctor["language"]), (&"plus".into(), &"fr".into()));
}

#[tokio::test]
async fn an_answer_that_was_lost_makes_no_second_user() {
    for fault in [Fault::After(500), Fault::Cut, Fault::Garbage] {
        let (provider, kaleyra) = start("v2").await;
        kaleyra.fail("POST users", fault);
        provider.ensure_users(&[user("doctor", Role::Plus, None)]).await.unwrap();
        assert_eq!(kaleyra.users().len(), 1, "{fault:?}");
        assert_eq!(kaleyra.seen(), ["POST users", "GET users"], "{fault:?}");
    }
}

#[tokio::test]
async fn access_tokens_are_valid_as_long_as_kaleyra_makes_them() {
    let (provider, kaleyra) = start("v2").await;
    provider.ensure_users(&[user("doctor", Role::Plus, None)]).await.unwrap();
    let doctor = ProviderUserId::parse("doctor").unwrap();
    for (wanted_s, made_s) in [(1, 360), (3600, 3600), (100_000, 86_400)] {
        let made = provider.credentials(&doctor, Duration::from_secs(wanted_s)).await.unwrap().unwrap();
        assert_eq!(made.expose_token(), format!("jwt-doctor-{made_s}"));
        assert_eq!(made.expires, "2022-01-10T11:41:19Z".parse().unwrap());
    }
    kaleyra.fail("POST credentials", Fault::Before(422));
    assert!(provider.credentials(&doctor, Duration::from_hours(1)).await.is_err());
}

#[tokio::test]
async fn a_user_who_could_not_be_made_is_an_error() {
    for status in [422, 500, 503] {
        let (provider, kaleyra) = start("v2").await;
        kaleyra.fail("POST users", Fault::Before(status));
        assert!(provider.ensure_users(&[user("doctor", Role::Plus, None)]).await.is_err(), "{status}");
        assert!(kaleyra.users().is_empty());
    }
}
