//! What becomes of rooms when Kaleyra fails.

use std::time::Duration;

use domain::{ProviderUserId, Role, RoomKey, TeleconsultationId, Tools};
use jiff::{SignedDuration, Timestamp};
use ports::provider::{MarkedRooms, ProviderError, Recording, RoomParticipant, RoomSpec, UserSpec, VideoProvider as _};
use teleconsultation_provider_kaleyra::KaleyraProvider;

use crate::kaleyra::{Fault, Kaleyra, start};

async fn duo(provider: &KaleyraProvider, kaleyra: &Kaleyra) -> RoomSpec {
    let id = |name| ProviderUserId::parse(name).unwrap();
    let user = |name, role| UserSpec { id: id(name), role, language: None };
    provider.ensure_users(&[user("doctor", Role::Plus), user("patient", Role::Basic)]).await.unwrap();
    kaleyra.seen();
    let participant =
        |name, admin, tools| RoomParticipant { user: id(name), admin, tools, display_name: None, language: None };
    RoomSpec {
        key: RoomKey::new([1; 16]),
        participants: vec![
            participant("doctor", true, Tools::all()),
            participant("patient", false, Tools { chat: true, ..Tools::none() }),
        ],
        duration: Some(Duration::from_mins(30)),
        live: true,
        recording: Recording::None,
    }
}

#[tokio::test]
async fn a_room_is_asked_for_in_kaleyras_terms() {
    let (provider, kaleyra) = start("v2").await;
    let spec = duo(&provider, &kaleyra).await;
    provider.ensure_room(&spec).await.unwrap();
    let room = &kaleyra.rooms()[0];
    assert_eq!(room["participants"][0]["is_admin"], true);
    assert_eq!(room["participants"][0]["tools"]["whiteboard"], true);
    assert_eq!(room["participants"][1]["tools"], serde_json::json!({"chat": true}));
    assert_eq!((&room["duration"], &room["live"], &room["recording"]), (&1800.into(), &true.into(), &"none".into()));
    assert_eq!(room["description"], "teleconsultation 01010101010101010101010101010101");
}

#[tokio::test]
async fn an_answer_that_was_lost_makes_no_second_room() {
    for path in ["v2", "rest"] {
        for fault in [Fault::After(500), Fault::After(503), Fault::Cut, Fault::Garbage] {
            let (provider, kaleyra) = start(path).await;
            let spec = duo(&provider, &kaleyra).await;
            kaleyra.fail("POST rooms", fault);
            let opened = provider.ensure_room(&spec).await.unwrap();
            assert_eq!(opened.links.len(), 2);
            assert_eq!(kaleyra.rooms().len(), 1, "{path} {fault:?}");
            assert_eq!(kaleyra.seen(), ["POST rooms", "LIST rooms", "GET rooms"], "{path} {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_room_that_was_made_and_could_not_be_found_is_deleted_by_its_key() {
    let (provider, kaleyra) = start("v2").await;
    let spec = duo(&provider, &kaleyra).await;
    kaleyra.fail("POST rooms", Fault::After(500));
    for _ in 0..3 {
        kaleyra.fail("LIST rooms", Fault::Before(500));
    }
    let failed = provider.ensure_room(&spec).await;
    assert!(matches!(failed, Err(ProviderError::Unavailable { doing: "create room", .. })), "{failed:?}");
    assert_eq!(kaleyra.rooms().len(), 1);
    provider.delete_room(&spec.key, None).await.unwrap();
    assert!(kaleyra.rooms().is_empty());
}

#[tokio::test]
async fn a_room_that_was_not_made_is_an_error_of_its_kind() {
    let cases = [(Fault::Before(429), "Busy"), (Fault::Before(500), "Unavailable"), (Fault::Before(422), "Refused")];
    for (fault, kind) in cases {
        let (provider, kaleyra) = start("v2").await;
        let spec = duo(&provider, &kaleyra).await;
        kaleyra.fail("POST rooms", fault);
        let error = format!("{:?}", provider.ensure_room(&spec).await.unwrap_err());
        assert!(error.starts_with(kind), "{fault:?}: {error}");
        assert!(kaleyra.rooms().is_empty());
    }
}

#[tokio::test]
async fn a_key_that_is_refused_is_for_someone_to_look_at() {
    let (provider, kaleyra) = start("v2").await;
    let spec = duo(&provider, &kaleyra).await;
    kaleyra.fail("POST rooms", Fault::Before(401));
    let error = provider.ensure_room(&spec).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the video provider gave an unexpected answer: create room: the provider refused the api key"
    );
}

#[tokio::test]
async fn a_room_among_many_is_found() {
    let (provider, kaleyra) = start("v2").await;
    let spec = duo(&provider, &kaleyra).await;
    for key in 1..=250_u8 {
        provider.ensure_room(&RoomSpec { key: RoomKey::new([key; 16]), ..spec.clone() }).await.unwrap();
    }
    kaleyra.seen();
    provider.delete_room(&spec.key, None).await.unwrap();
    assert_eq!(kaleyra.seen(), ["LIST rooms", "LIST rooms", "LIST rooms", "DELETE rooms"]);
    assert_eq!(kaleyra.rooms().len(), 249);
}

/// A key as use cases make them.
fn key_of(number: u8, made: Timestamp) -> RoomKey {
    RoomKey::of(&TeleconsultationId::new(made, [number; 8]), made, [0; 4])
}

#[tokio::test]
async fn rooms_older_than_the_key_are_not_looked_through() {
    for path in ["v2", "rest"] {
        let (provider, kaleyra) = start(path).await;
        let spec = duo(&provider, &kaleyra).await;
        for number in 1..=250_u8 {
            provider.ensure_room(&RoomSpec { key: RoomKey::new([number; 16]), ..spec.clone() }).await.unwrap();
        }
        let later = SignedDuration::from_hours(2);
        kaleyra.pass(later);
        kaleyra.seen();
        provider.delete_room(&key_of(1, Timestamp::UNIX_EPOCH + later), None).await.unwrap();
        assert_eq!(kaleyra.seen(), ["LIST rooms"], "{path}");
        provider.delete_room(&key_of(1, Timestamp::UNIX_EPOCH), None).await.unwrap();
        assert_eq!(kaleyra.seen(), ["LIST rooms"; 3], "{path}");
    }
}

#[tokio::test]
async fn somebody_who_was_deleted_at_kaleyra_is_made_again_for_a_room() {
    for path in ["v2", "rest"] {
        let (provider, kaleyra) = start(path).await;
        let spec = duo(&provider, &kaleyra).await;
        kaleyra.lose_users();
        provider.ensure_room(&spec).await.unwrap();
        assert_eq!(kaleyra.seen(), ["POST rooms", "POST users", "POST users", "POST rooms"], "{path}");
        assert_eq!((kaleyra.users().len(), kaleyra.rooms().len()), (2, 1), "{path}");
    }
}

#[tokio::test]
async fn a_request_that_was_carried_out_twice_leaves_one_room() {
    let (provider, kaleyra) = start("v2").await;
    let spec = duo(&provider, &kaleyra).await;
    // Another process with the same key, whose room nobody has seen either.
    kaleyra.provider().ensure_room(&spec).await.unwrap();
    kaleyra.fail("POST rooms", Fault::After(500));
    let opened = provider.ensure_room(&spec).await.unwrap();
    let rooms = kaleyra.rooms();
    assert_eq!((rooms.len(), &rooms[0]["id"]), (1, &opened.room.as_str().into()));
}

#[tokio::test]
async fn a_deployment_is_told_of_its_own_rooms_page_by_page() {
    let (nameless, kaleyra) = start("v2").await;
    let spec = duo(&nameless, &kaleyra).await;
    let (ours, theirs) = (kaleyra.provider().owned_by("ours"), kaleyra.provider().owned_by("theirs"));
    let with = |number| RoomSpec { key: key_of(number, Timestamp::UNIX_EPOCH), ..spec.clone() };
    nameless.ensure_room(&with(0)).await.unwrap();
    for number in 1..=75 {
        ours.ensure_room(&with(number)).await.unwrap();
        theirs.ensure_room(&with(100 + number)).await.unwrap();
    }
    kaleyra.seen();
    let first = ours.marked_rooms(0).await.unwrap();
    assert_eq!((first.rooms.len(), first.next), (50, Some(100)));
    let second = ours.marked_rooms(100).await.unwrap();
    assert_eq!((second.rooms.len(), second.next), (25, None));
    let keys = first.rooms.iter().chain(&second.rooms).map(|room| room.key.clone()).rev();
    assert!(keys.eq((1..=75).map(|number| with(number).key)));
    assert_eq!(kaleyra.seen(), ["LIST rooms", "LIST rooms"]);
    assert_eq!(nameless.marked_rooms(0).await.unwrap(), MarkedRooms::default());
    assert_eq!(kaleyra.seen(), [""; 0]);

    ours.delete_marked(&first.rooms[0]).await.unwrap();
    assert_eq!(kaleyra.rooms().len(), 150);
}

#[tokio::test]
async fn a_service_that_fails_again_and_again_is_spared_and_then_tried() {
    let (provider, kaleyra) = start("v2").await;
    // Each call tries three times.
    for _ in 0..15 {
        kaleyra.fail("GET company", Fault::Before(503));
    }
    for _ in 0..5 {
        assert!(provider.health().await.is_err());
    }
    assert_eq!(kaleyra.seen().len(), 15);
    let error = provider.health().await.unwrap_err();
    let wait = Some(Duration::from_secs(6));
    assert!(matches!(error, ProviderError::Busy { retry_after } if retry_after == wait), "{error:?}");
    assert_eq!(kaleyra.seen(), [""; 0]);
    kaleyra.pass(SignedDuration::from_secs(5));
    provider.health().await.unwrap();
    provider.health().await.unwrap();
    assert_eq!(kaleyra.seen(), ["GET company", "GET company"]);
}

#[tokio::test]
async fn a_service_that_asks_for_patience_is_left_alone() {
    let (provider, kaleyra) = start("v2").await;
    kaleyra.fail("GET company", Fault::Before(429));
    assert!(matches!(provider.health().await, Err(ProviderError::Busy { .. })));
    assert!(provider.health().await.is_err());
    assert_eq!(kaleyra.seen(), ["GET company"]);
    kaleyra.pass(SignedDuration::from_mins(1));
    provider.health().await.unwrap();
}
