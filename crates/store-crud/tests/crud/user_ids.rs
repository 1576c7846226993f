//! The user-id map as deployments have it.

use std::collections::BTreeMap;

use crud_service_fake::{Collection, Fault, Field, FieldType, State};
use domain::{ParticipantId, ProviderUserId};
use ports::teleconsultations::{StoreError, TeleconsultationStore};
use serde_json::{Value, json};

use crate::world::{USERS, World, outbound};

fn entry(number: u32, created: &str, columns: &Value) -> Value {
    let mut entry = json!({"_id": format!("{number:024x}"), "__STATE__": "PUBLIC", "createdAt": created,
        "updatedAt": created, "creatorId": "public", "updaterId": "public"});
    for (name, value) in columns.as_object().unwrap() {
        entry[name] = value.clone();
    }
    entry
}

fn id(text: &str) -> ParticipantId {
    ParticipantId::parse(text).unwrap()
}

async fn users(world: &World, ids: &[&str]) -> BTreeMap<String, String> {
    let ids: Vec<_> = ids.iter().map(|text| id(text)).collect();
    let users = world.store.provider_users(&ids).await.unwrap();
    users.iter().map(|(id, user)| (id.as_str().to_owned(), user.as_str().to_owned())).collect()
}

fn expected<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.map(|(id, user)| (id.to_owned(), user.to_owned())).into()
}

fn old_map(names: &[&'static str]) -> Collection {
    let fields = names.iter().map(|name| Field::optional(name, FieldType::String)).collect();
    Collection::new(USERS, State::Public, fields)
}

#[tokio::test]
async fn of_several_entries_for_one_person_the_oldest_holds() {
    let world = World::start(&outbound()).await;
    let add = |number, created, user| {
        let columns = json!({"receivedUserId": "a", "bandyerId": user});
        world.fake.plant(USERS, entry(number, created, &columns));
    };
    add(1, "2024-01-01T00:00:00.002Z", "usr_late");
    add(9, "2024-01-01T00:00:00.001Z", "usr_second");
    add(8, "2024-01-01T00:00:00.001Z", "usr_first");
    assert_eq!(users(&world, &["a", "b"]).await, expected([("a", "usr_first")]));
    let offered = BTreeMap::from([(id("a"), ProviderUserId::parse("usr_new").unwrap())]);
    let in_force = world.store.remember_users(&offered).await.unwrap();
    assert_eq!(in_force[&id("a")].as_str(), "usr_first");
    assert_eq!(world.fake.documents(USERS).len(), 3);
}

#[tokio::test]
async fn somebody_with_very_many_entries_hides_nobody() {
    let world = World::start(&outbound()).await;
    for number in 0..300 {
        let columns = json!({"receivedUserId": "a", "bandyerId": format!("usr_{number}")});
        world.fake.plant(USERS, entry(number, "2024-01-01T00:00:00.000Z", &columns));
    }
    let columns = json!({"receivedUserId": "b", "bandyerId": "usr_b"});
    world.fake.plant(USERS, entry(300, "2024-01-01T00:00:01.000Z", &columns));
    assert_eq!(users(&world, &["a", "b", "c"]).await, expected([("a", "usr_0"), ("b", "usr_b")]));
}

#[tokio::test]
async fn entries_of_every_version_are_read() {
    let world = World::with(
        vec![Collection::teleconsultations(), old_map(&["bandyerId", "auth0Id", "receivedUserId"])],
        &outbound(),
    )
    .await;
    for (number, columns) in [
        json!({"auth0Id": "old", "bandyerId": "usr_1"}),
        json!({"receivedUserId": "new", "auth0Id": "not this", "bandyerId": "usr_2"}),
        json!({"receivedUserId": null, "auth0Id": "null", "bandyerId": "usr_3"}),
        // Of no use to anybody.
        json!({"receivedUserId": "a", "bandyerId": null}),
        json!({"receivedUserId": "a", "bandyerId": "not an id"}),
        json!({"receivedUserId": 7, "bandyerId": "usr_4"}),
    ]
    .iter()
    .enumerate()
    {
        let number = u32::try_from(number).unwrap();
        world.fake.plant(USERS, entry(number, "2024-01-01T00:00:00.000Z", columns));
    }
    let found = users(&world, &["old", "new", "not this", "null", "a"]).await;
    assert_eq!(found, expected([("old", "usr_1"), ("new", "usr_2"), ("null", "usr_3")]));
}

#[tokio::test]
async fn a_map_with_a_unique_index_may_refuse_what_somebody_else_added() {
    let world = World::start(&outbound()).await;
    let offered = BTreeMap::from([(id("a"), ProviderUserId::parse("usr_a").unwrap())]);
    let mut calls = world.fake.hold();
    let calling = async {
        for _ in 0..2 {
            calls.next().await.answer().await;
        }
        let columns = json!({"receivedUserId": "a", "bandyerId": "usr_other"});
        world.fake.plant(USERS, entry(1, "2024-01-01T00:00:00.000Z", &columns));
        calls.next().await.fail(Fault::Before(409)).await;
        calls.next().await.answer().await;
    };
    let (in_force, ()) = tokio::join!(world.store.remember_users(&offered), calling);
    assert_eq!(in_force.unwrap()[&id("a")].as_str(), "usr_other");
}

#[tokio::test]
async fn ids_of_any_length_and_script_fit_into_addresses() {
    let world = World::start(&outbound()).await;
    let offered: BTreeMap<_, _> = (0..25)
        .map(|number| {
            let text = format!("{number:02}{}", "漢".repeat(84));
            (id(&text), ProviderUserId::parse(&format!("usr_{number}")).unwrap())
        })
        .collect();
    assert_eq!(world.store.remember_users(&offered).await.unwrap(), offered);
    let longest = world.fake.seen().into_iter().map(|seen| seen.line.len()).max();
    assert!(longest.unwrap() < 8000, "{longest:?}");
}

#[tokio::test]
async fn a_map_that_is_not_there_is_no_empty_map() {
    let world = World::with(vec![Collection::teleconsultations()], &outbound()).await;
    let read = world.store.provider_users(&[id("a")]).await;
    assert!(matches!(read, Err(StoreError::Corrupt { .. })), "{read:?}");
    assert!(world.store.health().await.is_err());
}
