//! The promises of [`ports::content::AdmissionStore`].

use ports::{content::ContentStore, rooms::RoomStore, teleconsultations::StoreError};

use super::two_rooms;
use crate::rooms::{at, id};

pub(super) async fn all<S: RoomStore + ContentStore>(store: &S) {
    an_admission_is_of_one_person_in_one_room(store).await;
    who_is_admitted_twice_keeps_the_first_moment(store).await;
    an_admission_ends_alone_or_with_all(store).await;
    admissions_go_with_their_room(store).await;
}

async fn an_admission_is_of_one_person_in_one_room<S: RoomStore + ContentStore>(store: &S) {
    let (_, room, other) = two_rooms(store, "admit").await;
    store.admit(&room.id, &id("bert"), at(2)).await.unwrap();
    store.admit(&room.id, &id("anna"), at(3)).await.unwrap();
    let mut admitted = store.admissions(&room.id).await.unwrap();
    admitted.sort();
    assert_eq!(admitted, [(id("anna"), at(3)), (id("bert"), at(2))]);
    assert_eq!(store.admissions(&other.id).await.unwrap(), []);
}

async fn who_is_admitted_twice_keeps_the_first_moment<S: RoomStore + ContentStore>(store: &S) {
    let (_, room, _) = two_rooms(store, "admittwice").await;
    for moment in [at(5), at(4), at(6)] {
        store.admit(&room.id, &id("bert"), moment).await.unwrap();
    }
    assert_eq!(store.admissions(&room.id).await.unwrap(), [(id("bert"), at(5))]);
}

async fn an_admission_ends_alone_or_with_all<S: RoomStore + ContentStore>(store: &S) {
    let (_, room, other) = two_rooms(store, "unadmit").await;
    for user in ["anna", "bert", "carl"] {
        store.admit(&room.id, &id(user), at(1)).await.unwrap();
    }
    store.admit(&other.id, &id("bert"), at(1)).await.unwrap();
    for _ in 0..2 {
        store.end_admission(&room.id, &id("bert")).await.unwrap();
        assert_eq!(store.admissions(&room.id).await.unwrap().len(), 2);
    }
    store.admit(&room.id, &id("bert"), at(9)).await.unwrap();
    assert!(store.admissions(&room.id).await.unwrap().contains(&(id("bert"), at(9))), "this is a new one");
    store.end_admissions(&room.id).await.unwrap();
    assert_eq!(store.admissions(&room.id).await.unwrap(), []);
    assert_eq!(store.admissions(&other.id).await.unwrap(), [(id("bert"), at(1))]);
}

async fn admissions_go_with_their_room<S: RoomStore + ContentStore>(store: &S) {
    let (case, room, other) = two_rooms(store, "admitgone").await;
    for room in [&room, &other] {
        store.admit(&room.id, &id("anna"), at(1)).await.unwrap();
    }
    store.delete_room(&case.company, &room.key, None).await.unwrap();
    assert_eq!(store.admissions(&room.id).await.unwrap(), []);
    assert!(matches!(store.admit(&room.id, &id("anna"), at(1)).await, Err(StoreError::Conflict)));
    store.end_admission(&room.id, &id("anna")).await.unwrap();
    store.end_admissions(&room.id).await.unwrap();
    assert_eq!(store.admissions(&room.id).await.unwrap(), []);
    assert_eq!(store.admissions(&other.id).await.unwrap(), [(id("anna"), at(1))]);
    let nowhere = case.room(9).id;
    assert!(matches!(store.admit(&nowhere, &id("anna"), at(1)).await, Err(StoreError::Conflict)));
}
