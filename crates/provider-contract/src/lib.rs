//! The promises of `VideoProvider`: one function each, over a provider that knows nobody and has no room.
//!
//! [`video_provider_promises`] makes a test of each.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a promise that is not kept panics: that is the test"
)]

mod sample;

use std::{collections::BTreeSet, time::Duration};

use domain::{Role, RoomKey, RoomRef};
use ports::provider::{
    AddBackgroundError, ProviderError, Recording, RoomSpec, RoomStatus, SessionRef, TranscriptionFormat,
    UploadsDeleted, VideoProvider,
};

use crate::sample::{duo, id, image, spec, user};

/// Makes a test of each promise.
///
/// Takes an expression that gives a fresh provider, or a future's `.await` that does, together with whatever must live as long as it:
/// `video_provider_promises!((FakeVideoProvider::new(), ()));`. The tests' crate needs `tokio`.
#[macro_export]
macro_rules! video_provider_promises {
    ($provider_and_guard:expr) => {
        $crate::video_provider_promises! { @tests $provider_and_guard;
            everyone_in_a_room_has_a_link_of_their_own
            the_same_key_gives_the_same_room_and_the_same_links
            another_key_gives_another_room
            a_room_is_told_of_as_it_was_asked_for
            a_room_that_does_not_exist_is_an_answer_and_no_error
            a_deleted_room_is_gone_and_can_be_deleted_again
            a_room_whose_name_was_never_learned_is_deleted_by_its_key
            deleting_a_room_leaves_the_others_alone
            making_a_user_twice_makes_one
            a_role_is_raised_and_never_lowered
            a_room_of_strangers_is_refused
            a_room_without_a_plus_user_is_refused
            a_room_of_too_few_or_too_many_is_refused
            only_users_get_access_tokens_each_their_own
            an_added_background_can_be_made_the_default_and_an_unknown_one_cannot
            an_eleventh_background_is_refused
            a_session_that_never_took_place_has_no_transcription
            a_room_in_which_nobody_shared_anything_has_no_files_to_delete
            a_healthy_provider_says_so
        }
    };
    (@tests $provider_and_guard:expr; $($promise:ident)*) => {
        $(
            #[tokio::test]
            async fn $promise() {
                let (provider, _guard) = $provider_and_guard;
                $crate::$promise(&provider).await;
            }
        )*
    };
}

/// No two people have the same link, and nobody has none.
pub async fn everyone_in_a_room_has_a_link_of_their_own(provider: &dyn VideoProvider) {
    let names = ["doctor", "patient", "carer"];
    let users = [user("doctor", Role::Plus), user("patient", Role::Basic), user("carer", Role::Basic)];
    provider.ensure_users(&users).await.unwrap();
    let opened = provider.ensure_room(&spec(1, &names)).await.unwrap();
    assert!(opened.links.keys().eq(&names.map(id).into_iter().collect::<BTreeSet<_>>()));
    let links: BTreeSet<_> = opened.links.values().map(|link| link.expose().to_owned()).collect();
    assert_eq!(links.len(), names.len());
}

/// Asking twice makes one room.
pub async fn the_same_key_gives_the_same_room_and_the_same_links(provider: &dyn VideoProvider) {
    let spec = duo(provider, 1).await;
    let first = provider.ensure_room(&spec).await.unwrap();
    assert_eq!(provider.ensure_room(&spec).await.unwrap(), first);
}

/// Rooms of the same people are different rooms, with different links.
pub async fn another_key_gives_another_room(provider: &dyn VideoProvider) {
    let first = provider.ensure_room(&duo(provider, 1).await).await.unwrap();
    let second = provider.ensure_room(&duo(provider, 2).await).await.unwrap();
    assert_ne!(first.room, second.room);
    for (user, link) in &first.links {
        assert_ne!(second.links.get(user), Some(link));
    }
}

/// What was asked for is what is told, and no description that nobody gave.
pub async fn a_room_is_told_of_as_it_was_asked_for(provider: &dyn VideoProvider) {
    let wanted = RoomSpec {
        duration: Some(Duration::from_mins(30)),
        live: true,
        recording: Recording::Manual,
        ..duo(provider, 1).await
    };
    let opened = provider.ensure_room(&wanted).await.unwrap();
    let details = provider.room(&opened.room).await.unwrap().unwrap();
    assert_eq!((details.duration, details.duration_used), (wanted.duration, Duration::ZERO));
    assert_eq!((details.live, details.recording), (true, Recording::Manual));
    assert_eq!((details.status, details.disabled), (RoomStatus::NotRunning, false));
    assert_eq!(details.description, None);

    let endless = provider.ensure_room(&duo(provider, 2).await).await.unwrap();
    let details = provider.room(&endless.room).await.unwrap().unwrap();
    assert_eq!((details.duration, details.live, details.recording), (None, false, Recording::None));
}

/// Absence is an answer.
pub async fn a_room_that_does_not_exist_is_an_answer_and_no_error(provider: &dyn VideoProvider) {
    assert_eq!(provider.room(&RoomRef::new("room_0123456789ab")).await.unwrap(), None);
}

/// Deleting is final and can be repeated.
pub async fn a_deleted_room_is_gone_and_can_be_deleted_again(provider: &dyn VideoProvider) {
    let spec = duo(provider, 1).await;
    let opened = provider.ensure_room(&spec).await.unwrap();
    provider.delete_room(&spec.key, Some(&opened.room)).await.unwrap();
    assert_eq!(provider.room(&opened.room).await.unwrap(), None);
    provider.delete_room(&spec.key, Some(&opened.room)).await.unwrap();
    provider.delete_room(&spec.key, None).await.unwrap();
}

/// The answer to the request for a room may be lost.
pub async fn a_room_whose_name_was_never_learned_is_deleted_by_its_key(provider: &dyn VideoProvider) {
    let spec = duo(provider, 1).await;
    let opened = provider.ensure_room(&spec).await.unwrap();
    provider.delete_room(&spec.key, None).await.unwrap();
    assert_eq!(provider.room(&opened.room).await.unwrap(), None);
    provider.delete_room(&RoomKey::new([9; 16]), None).await.unwrap();
}

/// Deleting one says nothing about others.
pub async fn deleting_a_room_leaves_the_others_alone(provider: &dyn VideoProvider) {
    let (first, second) = (duo(provider, 1).await, duo(provider, 2).await);
    provider.ensure_room(&first).await.unwrap();
    let kept = provider.ensure_room(&second).await.unwrap();
    provider.delete_room(&first.key, None).await.unwrap();
    assert!(provider.room(&kept.room).await.unwrap().is_some());
    assert_eq!(provider.ensure_room(&second).await.unwrap(), kept);
}

/// Whoever exists, exists once; somebody listed in two bookings at the same moment too.
pub async fn making_a_user_twice_makes_one(provider: &dyn VideoProvider) {
    let users = [user("doctor", Role::Plus), user("patient", Role::Basic)];
    provider.ensure_users(&users).await.unwrap();
    provider.ensure_users(&users).await.unwrap();
    provider.ensure_users(&[]).await.unwrap();
    assert_eq!(provider.ensure_room(&spec(1, &["doctor", "patient"])).await.unwrap().links.len(), 2);
}

/// Somebody who became a doctor can organise, and still can when they come as a patient once.
pub async fn a_role_is_raised_and_never_lowered(provider: &dyn VideoProvider) {
    let patient = user("patient", Role::Basic);
    provider.ensure_users(&[user("doctor", Role::Basic), patient]).await.unwrap();
    provider.ensure_users(&[user("doctor", Role::Plus)]).await.unwrap();
    provider.ensure_users(&[user("doctor", Role::Basic)]).await.unwrap();
    provider.ensure_room(&spec(1, &["doctor", "patient"])).await.unwrap();
}

/// Only users can be in rooms.
pub async fn a_room_of_strangers_is_refused(provider: &dyn VideoProvider) {
    provider.ensure_users(&[user("doctor", Role::Plus)]).await.unwrap();
    refuses(provider, &spec(1, &["doctor", "stranger"])).await;
}

/// Somebody must be able to organise.
pub async fn a_room_without_a_plus_user_is_refused(provider: &dyn VideoProvider) {
    provider.ensure_users(&[user("one", Role::Basic), user("other", Role::Basic)]).await.unwrap();
    refuses(provider, &spec(1, &["one", "other"])).await;
}

/// 2 to 25 people.
pub async fn a_room_of_too_few_or_too_many_is_refused(provider: &dyn VideoProvider) {
    let names: Vec<String> = (0..26).map(|number| format!("user-{number}")).collect();
    for names in names.chunks(13) {
        let users: Vec<_> = names.iter().map(|name| user(name, Role::Plus)).collect();
        provider.ensure_users(&users).await.unwrap();
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    refuses(provider, &spec(1, &names[..1])).await;
    refuses(provider, &spec(2, &names)).await;
    let full = provider.ensure_room(&spec(3, &names[..25])).await.unwrap();
    assert_eq!(full.links.len(), 25);
}

/// And somebody who is made a user gets one from then on.
pub async fn only_users_get_access_tokens_each_their_own(provider: &dyn VideoProvider) {
    let hour = Duration::from_hours(1);
    assert_eq!(provider.credentials(&id("stranger"), hour).await.unwrap(), None);
    provider.ensure_users(&[user("doctor", Role::Plus), user("patient", Role::Basic)]).await.unwrap();
    let doctor = provider.credentials(&id("doctor"), hour).await.unwrap().unwrap();
    let patient = provider.credentials(&id("patient"), hour).await.unwrap().unwrap();
    assert!(!doctor.expose_token().is_empty());
    assert_ne!(doctor.expose_token(), patient.expose_token());
    provider.ensure_users(&[user("stranger", Role::Basic)]).await.unwrap();
    assert!(provider.credentials(&id("stranger"), hour).await.unwrap().is_some());
}

/// Whatever there was before.
pub async fn an_added_background_can_be_made_the_default_and_an_unknown_one_cannot(provider: &dyn VideoProvider) {
    assert_eq!(provider.set_default_background("3e4d0683d78be3a884b7a60028644f57").await.unwrap(), None);
    let first = provider.add_background(image()).await.unwrap();
    let second = provider.add_background(image()).await.unwrap();
    assert_ne!(first.alias, second.alias);
    for background in [second, first] {
        let company = provider.set_default_background(&background.alias).await.unwrap().unwrap();
        assert_eq!(company.default_background, Some(background));
    }
    assert_eq!(provider.set_default_background("no alias").await.unwrap(), None);
}

/// And the ten stay.
pub async fn an_eleventh_background_is_refused(provider: &dyn VideoProvider) {
    let mut last = None;
    for _ in 0..10 {
        last = Some(provider.add_background(image()).await.unwrap());
    }
    assert!(matches!(provider.add_background(image()).await, Err(AddBackgroundError::Full)));
    assert!(provider.set_default_background(&last.unwrap().alias).await.unwrap().is_some());
}

/// That is an answer, whatever the format.
pub async fn a_session_that_never_took_place_has_no_transcription(provider: &dyn VideoProvider) {
    let opened = provider.ensure_room(&duo(provider, 1).await).await.unwrap();
    let session = SessionRef::new("session_0123456789ab");
    for format in [TranscriptionFormat::Text, TranscriptionFormat::Srt] {
        assert_eq!(provider.transcription(&opened.room, &session, format, 1024).await.unwrap(), None);
    }
}

/// Nor has one that does not exist; asking twice is no error.
pub async fn a_room_in_which_nobody_shared_anything_has_no_files_to_delete(provider: &dyn VideoProvider) {
    let opened = provider.ensure_room(&duo(provider, 1).await).await.unwrap();
    for room in [&opened.room, &opened.room, &RoomRef::new("room_0123456789ab")] {
        assert_eq!(provider.delete_uploads(room).await.unwrap(), UploadsDeleted::default());
    }
}

/// Health is told.
pub async fn a_healthy_provider_says_so(provider: &dyn VideoProvider) {
    provider.health().await.unwrap();
}

async fn refuses(provider: &dyn VideoProvider, spec: &RoomSpec) {
    let refused = provider.ensure_room(spec).await;
    assert!(matches!(refused, Err(ProviderError::Refused { .. })), "{refused:?}");
    // Nothing half-made is left under the key.
    provider.delete_room(&spec.key, None).await.unwrap();
}
