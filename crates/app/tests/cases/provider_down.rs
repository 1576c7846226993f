//! What goes on while the provider is down, and how keys that are used up are replaced.

use std::sync::Arc;

use app::{
    Change, ChangeError, Expected, People, ScheduleTeleconsultationError, add_participant, change, delete,
    finish_due_cleanups, schedule,
};
use domain::Stage;
use jiff::SignedDuration;
use ports::{
    fake::{FakeClock, FakeTeleconsultationStore},
    provider::ProviderError,
    teleconsultations::TeleconsultationStore as _,
};

use crate::{begin, booking, ctx, ctx_by, moody::MoodyProvider, person};

fn people(names: &[&str]) -> Change {
    let known: Vec<_> = names.iter().map(|name| person(name)).collect();
    let people = People { expected: Expected::AllListed, known };
    Change { people: Some(people), ..Change::default() }
}

#[tokio::test]
async fn scheduling_goes_on_where_it_needs_no_provider() {
    let (store, provider) = (Arc::new(FakeTeleconsultationStore::new()), Arc::new(MoodyProvider::default()));
    let ctx = ctx(store.clone(), provider.clone(), begin());
    let whole = schedule(&ctx, &booking(&["doctor", "patient"], 2)).await.unwrap();

    provider.set_down(true);
    let half = schedule(&ctx, &booking(&["doctor"], 2)).await.unwrap();
    let later = Change { start: Some(begin() + SignedDuration::from_hours(5)), ..Change::default() };
    change(&ctx, &whole, &later).await.unwrap();
    change(&ctx, &whole, &people(&["patient", "doctor"])).await.unwrap();
    let waiting = schedule(&ctx, &booking(&[], 3)).await.unwrap();
    add_participant(&ctx, &waiting, &person("patient")).await.unwrap();

    // A stranger has no user yet, and somebody new in a room needs another room.
    let unknown = schedule(&ctx, &booking(&["stranger"], 2)).await;
    assert!(matches!(unknown, Err(ScheduleTeleconsultationError::Provider(ProviderError::Unavailable { .. }))));
    let complete = schedule(&ctx, &booking(&["doctor", "patient"], 2)).await;
    assert!(matches!(complete, Err(ScheduleTeleconsultationError::Provider(ProviderError::Unavailable { .. }))));
    let completing = add_participant(&ctx, &half, &person("patient")).await;
    assert!(matches!(completing, Err(ChangeError::Provider(ProviderError::Unavailable { .. }))));
    assert_eq!(store.teleconsultations().len(), 3);

    delete(&ctx, &whole).await.unwrap();
    assert_eq!(provider.inner.rooms().len(), 1, "the room is still to be deleted");
    provider.set_down(false);
    add_participant(&ctx, &half, &person("patient")).await.unwrap();
    finish_due_cleanups(&ctx).await.unwrap();
    let (half, _) = store.teleconsultation(&half).await.unwrap().unwrap();
    let Stage::Ready(room) = half.stage else { panic!("it is complete") };
    assert!(provider.inner.rooms().keys().eq([&room.key]));
}

#[tokio::test]
async fn users_that_the_provider_lost_are_made_again_before_a_room() {
    let store = Arc::new(FakeTeleconsultationStore::new());
    let before = ctx(store.clone(), Arc::new(MoodyProvider::default()), begin());
    let id = schedule(&before, &booking(&["doctor"], 2)).await.unwrap();
    let provider = Arc::new(MoodyProvider::default());
    add_participant(&ctx(store, provider.clone(), begin()), &id, &person("patient")).await.unwrap();
    assert_eq!((provider.inner.users().len(), provider.inner.rooms().len()), (2, 1));
}

#[tokio::test]
async fn a_key_that_is_used_up_is_replaced_by_another() {
    let (store, provider) = (Arc::new(FakeTeleconsultationStore::new()), Arc::new(MoodyProvider::default()));
    let ctx = ctx(store.clone(), provider.clone(), begin());
    provider.fail_room(ProviderError::KeyUsedUp);
    let id = schedule(&ctx, &booking(&["doctor", "patient"], 2)).await.unwrap();
    provider.fail_room(ProviderError::KeyUsedUp);
    provider.fail_room(ProviderError::KeyUsedUp);
    change(&ctx, &id, &people(&["doctor", "relative"])).await.unwrap();
    assert_eq!((provider.inner.rooms().len(), provider.inner.rooms_made()), (1, 2));
    assert_eq!(store.cleanups(), []);
}

#[tokio::test]
async fn a_room_that_was_certainly_not_made_leaves_no_guard_and_one_that_may_have_been_does() {
    let (store, provider) = (Arc::new(FakeTeleconsultationStore::new()), Arc::new(MoodyProvider::default()));
    let clock = Arc::new(FakeClock::new(begin()));
    let ctx = ctx_by(store.clone(), provider.clone(), clock.clone());
    for certain in [ProviderError::Busy { retry_after: None }, ProviderError::Refused { message: "no".to_owned() }] {
        provider.fail_room(certain);
        schedule(&ctx, &booking(&["doctor", "patient"], 2)).await.unwrap_err();
        assert_eq!(store.cleanups(), []);
    }
    provider.fail_room(ProviderError::Unexpected { message: "garbage".to_owned() });
    schedule(&ctx, &booking(&["doctor", "patient"], 2)).await.unwrap_err();
    assert_eq!(store.cleanups().len(), 1);
    clock.advance(app::ROOM_GUARD);
    finish_due_cleanups(&ctx).await.unwrap();
    assert_eq!(store.cleanups(), []);
}
