//! People as they become known to Kaleyra.

use std::time::Duration;

use domain::{Language, ProviderUserId, Role};
use ports::provider::{ProviderError, UserSpec, VideoProvider as _};

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

#[tokio::test]
async fn an_id_that_is_taken_is_understood_without_kaleyras_word_for_it() {
    for status in [400, 409] {
        let (before, kaleyra) = start("v2").await;
        before.ensure_users(&[user("doctor", Role::Plus, None)]).await.unwrap();
        kaleyra.fail("POST users", Fault::Before(status));
        kaleyra.provider().ensure_users(&[user("doctor", Role::Plus, None)]).await.unwrap();
        assert_eq!(kaleyra.users().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_refusal_that_cannot_be_looked_into_is_to_be_repeated() {
    let (provider, kaleyra) = start("v2").await;
    kaleyra.fail("POST users", Fault::Before(409));
    for _ in 0..3 {
        kaleyra.fail("GET users", Fault::Before(503));
    }
    let error = provider.ensure_users(&[user("doctor", Role::Plus, None)]).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_known_user_who_was_deleted_at_kaleyra_is_made_again() {
    let (provider, kaleyra) = start("v2").await;
    provider.ensure_users(&[user("doctor", Role::Basic, None)]).await.unwrap();
    kaleyra.lose_users();
    provider.ensure_users(&[user("doctor", Role::Plus, None)]).await.unwrap();
    assert_eq!(kaleyra.users()[0]["role"], "plus");
}
