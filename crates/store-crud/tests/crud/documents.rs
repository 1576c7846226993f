//! Documents that other programs wrote or changed.

use app::{Change, change, delete};
use crud_service_fake::Collection;
use domain::{Length, Role, Stage, TeleconsultationId};
use jiff::SignedDuration;
use platform::Request;
use ports::{
    provider::{UserSpec, VideoProvider},
    teleconsultations::{StoreError, TeleconsultationStore},
};
use serde_json::{Value, json};

use crate::world::{ROOMS, USERS, World, at, booking, outbound};

const ID: &str = "65f0c0ffee0123456789abcd";

fn id() -> TeleconsultationId {
    TeleconsultationId::parse(ID).unwrap()
}

/// A document of the replaced service, with what the CRUD Service adds.
fn document(columns: &Value) -> Value {
    let created = "2024-03-01T09:00:00.000Z";
    let mut document = json!({"_id": ID, "__STATE__": "PUBLIC", "creatorId": "public", "updaterId": "public",
        "createdAt": created, "updatedAt": created});
    for (name, value) in columns.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

fn known(user: &str, received: &str) -> Value {
    json!({"_id": "65f0c0ffee0123456789aaaa", "__STATE__": "PUBLIC", "createdAt": "2024-03-01T09:00:00.000Z",
        "bandyerId": user, "receivedUserId": received})
}

async fn with(columns: &Value) -> World {
    let world = World::start(&outbound()).await;
    world.fake.plant(ROOMS, document(columns));
    world
}

#[tokio::test]
async fn a_document_of_the_replaced_service_is_read_changed_and_stays_readable_for_others() {
    let world = with(&json!({"bandyerRoomId": "room_old", "participantsNumber": 2,
    "startDate": "2026-02-01T10:00:00.000Z", "endDate": "2026-02-01T10:30:00.000Z", "duration": 1800,
    "teleconsultationState": "whatever", "participants": [
        {"userBandyerId": "usr_doctor", "accessLinkURL": "https://old/1", "groups": ["doctor"], "fullName": "Ada"},
        {"userBandyerId": "usr_anna", "userExternalId": "anna", "accessLinkURL": "https://old/2", "group": "patient"},
    ]}))
    .await;
    world.fake.plant(USERS, known("usr_doctor", "doctor 1"));
    let (read, _) = world.store.teleconsultation(&id()).await.unwrap().unwrap();
    let people: Vec<_> = read.roster.known().iter().map(|one| (one.id.as_str(), one.role)).collect();
    assert_eq!(people, [("doctor 1", Role::Plus), ("anna", Role::Basic)]);
    assert_eq!(read.schedule.length(), Length::Until(at("2026-02-01T10:30:00Z")));
    let room = read.room().unwrap();
    assert_eq!((room.key.as_str(), room.room.as_str()), ("room_old", "room_old"));

    // A later start makes a shorter room.
    for person in read.roster.known() {
        let user = UserSpec { id: person.provider_user.clone(), role: person.role, language: None };
        world.provider.ensure_users(&[user]).await.unwrap();
    }
    let later = Change { start: Some(at("2026-02-01T10:10:00Z")), ..Change::default() };
    change(&world.ctx, &id(), &later).await.unwrap();
    let after = &world.documents("PUBLIC")[0];
    let (_, room) = world.provider.rooms().into_iter().next().unwrap();
    assert_eq!(after["bandyerRoomId"], room.opened.room.as_str());
    assert_eq!(after["startDate"], "2026-02-01T10:10:00.000Z");
    assert_eq!((&after["endDate"], &after["duration"]), (&json!("2026-02-01T10:30:00.000Z"), &Value::Null));
    let first = &after["participants"][0];
    assert_eq!((&first["bandyerId"], &first["userBandyerId"]), (&json!("usr_doctor"), &json!("usr_doctor")));
    assert_eq!((&first["receivedUserId"], &first["groups"]), (&json!("doctor 1"), &json!(["doctor"])));
    assert!(first["accessLinkURL"].as_str().unwrap().starts_with("https://video.example/"));
    world.mend().await;
    world.assert_tidy("changed").await;
}

#[tokio::test]
async fn the_oldest_documents_have_begun_and_have_everybody() {
    let participants = json!([{"bandyerId": "usr_1"}, {"bandyerId": "usr_2"}]);
    let world = with(&json!({"bandyerRoomId": "r", "participants": participants, "duration": 3600})).await;
    let (read, _) = world.store.teleconsultation(&id()).await.unwrap().unwrap();
    assert_eq!(read.schedule.start(), at("2024-03-01T09:00:00Z"));
    assert_eq!(read.schedule.duration(), SignedDuration::from_hours(1));
    assert!(read.roster.is_complete());
}

#[tokio::test]
async fn one_without_anything_is_read_too() {
    for columns in [
        json!({}),
        json!({"bandyerRoomId": null, "participants": null, "participantsNumber": null, "startDate": null,
            "endDate": null, "duration": null, "teleconsultationState": null, "ofALaterVersion": 1}),
        json!({"bandyerRoomId": 7, "participants": "none", "participantsNumber": "2", "startDate": "soon"}),
    ] {
        let world = with(&columns).await;
        let (read, version) = world.store.teleconsultation(&id()).await.unwrap().unwrap();
        assert_eq!((read.stage.clone(), read.roster.known().len()), (Stage::Pending, 0), "{columns}");
        // And it can be written.
        world.store.replace(&read, version, &[]).await.unwrap();
    }
}

#[tokio::test]
async fn one_whose_people_cannot_be_read_is_corrupt_and_nobody_is_named() {
    for participants in [json!(["Mario"]), json!([{"bandyerId": "Mario Rossi"}]), json!([{"userId": "Mario"}])] {
        let world = with(&json!({"participants": participants})).await;
        let read = world.store.teleconsultation(&id()).await;
        let Err(StoreError::Corrupt { what }) = read else { panic!("{read:?}") };
        assert_eq!(what, format!("teleconsultation {ID}: a participant's id at the provider"));
    }
}

#[tokio::test]
async fn what_another_program_changed_counts_and_ours_beside_it_does_not() {
    let world = World::start(&outbound()).await;
    let id = world.schedule(&booking(2, &["doctor 1", "anna"])).await;
    let (before, version) = world.store.teleconsultation(&id).await.unwrap().unwrap();
    world.clock.advance(SignedDuration::from_millis(1));
    let set = json!({"$set": {"bandyerRoomId": "room_other", "endDate": "2026-02-01T11:00:00.000Z"}});
    world.foreign(Request::patch("change it").below(id.as_str()).json(set)).await;
    let (after, _) = world.store.teleconsultation(&id).await.unwrap().unwrap();
    assert_eq!(after.room().unwrap().key.as_str(), "room_other");
    assert_eq!(after.schedule.length(), Length::Until(at("2026-02-01T11:00:00Z")));
    let replaced = world.store.replace(&before, version, &[]).await;
    assert!(matches!(replaced, Err(StoreError::Conflict)), "{replaced:?}");
}

#[tokio::test]
async fn what_somebody_hid_by_hand_keeps_its_room() {
    let world = World::start(&outbound()).await;
    let id = world.schedule(&booking(2, &["doctor 1", "anna"])).await;
    let hidden = json!({"stateTo": "DRAFT"});
    world.foreign(Request::post("hide it").below(id.as_str()).below("state").json(hidden)).await;
    assert_eq!(world.store.teleconsultation(&id).await.unwrap(), None);
    world.mend().await;
    assert_eq!((world.documents("DRAFT").len(), world.provider.rooms().len()), (1, 1));
    // Until it is deleted like any other.
    delete(&world.ctx, &id).await.unwrap();
    assert_eq!((world.documents("TRASH").len(), world.provider.rooms().len()), (1, 0));
}

#[tokio::test]
async fn drafts_of_ours_are_seen_by_nobody_and_go_if_unused() {
    let world = World::start(&outbound()).await;
    let id = world.store.reserve(id()).await.unwrap();
    assert_eq!(world.store.teleconsultation(&id).await.unwrap(), None);
    assert_eq!(world.store.teleconsultation_or_trashed(&id).await.unwrap(), None);
    world.clock.advance(SignedDuration::from_mins(59));
    world.store.due_cleanups(world.ctx.clock.now(), 1).await.unwrap();
    assert_eq!(world.documents("DRAFT").len(), 1);
    world.clock.advance(SignedDuration::from_mins(11));
    world.store.due_cleanups(world.ctx.clock.now(), 1).await.unwrap();
    assert_eq!(world.documents("DRAFT").len(), 0);
}

#[tokio::test]
async fn nobody_is_known_in_one_that_is_listed_by_others() {
    let world = World::start(&outbound()).await;
    let id = world.schedule(&booking(2, &[])).await;
    let document = &world.documents("PUBLIC")[0];
    assert_eq!((&document["_id"], &document["bandyerRoomId"]), (&json!(id.as_str()), &json!("")));
    assert_eq!((&document["participantsNumber"], &document["teleconsultationState"]), (&json!(2), &json!("PENDING")));
    assert!(world.store.teleconsultation(&id).await.unwrap().unwrap().0.roster.known().is_empty());
}

#[tokio::test]
async fn ids_may_be_uuids() {
    let collections = vec![Collection::teleconsultations().with_uuids(), Collection::user_id_map().with_uuids()];
    let world = World::with(collections, &outbound()).await;
    let id = world.schedule(&booking(2, &["doctor 1", "anna"])).await;
    assert_eq!(id.as_str().len(), 36, "{id}");
    assert_eq!(world.documents("PUBLIC")[0]["_id"], id.as_str());
    // Its room says whose it is, for whoever finds it at the provider.
    let (key, room) = world.provider.rooms().into_iter().next().unwrap();
    assert_eq!(key.origin().map(|(of, _)| of), Some(id.clone()));
    let found = world.store.teleconsultation_of_room(&room.opened.room).await.unwrap();
    assert_eq!(found.map(|found| found.id), Some(id.clone()));
    world.mend().await;
    world.assert_tidy("scheduled").await;

    delete(&world.ctx, &id).await.unwrap();
    world.mend().await;
    assert_eq!(world.provider.rooms().len(), 0);
    world.assert_tidy("deleted").await;
}
