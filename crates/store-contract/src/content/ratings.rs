//! The promises of [`ports::content::RatingStore`].

use ports::{
    content::{ContentStore, QualityMinute, Rating},
    rooms::{RoomStore, SessionId},
    teleconsultations::StoreError,
};

use super::two_rooms;
use crate::rooms::{at, id};

pub(super) async fn all<S: RoomStore + ContentStore>(store: &S) {
    one_person_rates_one_session_once(store).await;
    measurements_read_back_by_minute_and_person(store).await;
    ratings_and_measurements_go_with_their_room(store).await;
}

async fn one_person_rates_one_session_once<S: RoomStore + ContentStore>(store: &S) {
    let (_, room, other) = two_rooms(store, "rated").await;
    let session = Some(SessionId("session_rated_1".to_owned()));
    let first = Rating { session: session.clone(), ..rating("anna", 2, 1) };
    let kept = [
        rating("anna", 1, 6),
        rating("bert", 3, 6),
        Rating { comment: Some("Si vedeva «male»".to_owned()), session, ..rating("anna", 5, 4) },
    ];
    for rating in [&first, &kept[1], &kept[0], &kept[2]] {
        store.rate(&room.id, rating).await.unwrap();
    }
    assert!(store.ratings(&room.id, 9).await.unwrap() == kept, "the newest first, each once, every field kept");
    assert!(store.ratings(&room.id, 2).await.unwrap() == kept[..2], "no more than are asked for");
    assert!(store.ratings(&other.id, 9).await.unwrap().is_empty());
}

async fn measurements_read_back_by_minute_and_person<S: RoomStore + ContentStore>(store: &S) {
    let (_, room, other) = two_rooms(store, "measured").await;
    let full = QualityMinute {
        round_trip_ms: Some(u32::MAX),
        loss: Some(0),
        uplink_kbps: Some(1),
        downlink_kbps: Some(2),
        ..minute(60, 2)
    };
    store.add_quality(&room.id, &id("bert"), &[minute(0, 2), minute(60, 1)]).await.unwrap();
    store.add_quality(&room.id, &id("anna"), &[full]).await.unwrap();
    store.add_quality(&room.id, &id("bert"), &[minute(60, 0), minute(120, 2)]).await.unwrap();
    store.add_quality(&room.id, &id("bert"), &[]).await.unwrap();
    let expected =
        [(id("bert"), minute(0, 2)), (id("anna"), full), (id("bert"), minute(60, 0)), (id("bert"), minute(120, 2))];
    assert_eq!(store.quality(&room.id, at(0)).await.unwrap(), expected);
    assert_eq!(store.quality(&room.id, at(60)).await.unwrap(), expected[1..]);
    assert_eq!(store.quality(&room.id, at(121)).await.unwrap(), []);
    assert_eq!(store.quality(&other.id, at(0)).await.unwrap(), []);
}

async fn ratings_and_measurements_go_with_their_room<S: RoomStore + ContentStore>(store: &S) {
    let (case, room, other) = two_rooms(store, "ratedgone").await;
    for room in [&room, &other] {
        store.rate(&room.id, &rating("anna", 5, 1)).await.unwrap();
        store.add_quality(&room.id, &id("anna"), &[minute(0, 2)]).await.unwrap();
    }
    store.delete_room(&case.company, &room.key, None).await.unwrap();
    assert!(store.ratings(&room.id, 9).await.unwrap().is_empty());
    assert_eq!(store.quality(&room.id, at(0)).await.unwrap(), []);
    assert!(matches!(store.rate(&room.id, &rating("anna", 5, 1)).await, Err(StoreError::Conflict)));
    let late = store.add_quality(&room.id, &id("anna"), &[minute(0, 2)]).await;
    assert!(matches!(late, Err(StoreError::Conflict)));
    assert_eq!(
        (store.ratings(&other.id, 9).await.unwrap().len(), store.quality(&other.id, at(0)).await.unwrap().len()),
        (1, 1)
    );
}

fn rating(user: &str, stars: u8, seconds: i64) -> Rating {
    Rating { session: None, user: id(user), stars, comment: None, at: at(seconds) }
}

fn minute(seconds: i64, worst: u8) -> QualityMinute {
    QualityMinute {
        minute: at(seconds),
        worst,
        round_trip_ms: None,
        loss: None,
        uplink_kbps: None,
        downlink_kbps: None,
    }
}
