//! The promises of [`DeliveryStore`]: one function each, over any store of rooms that is empty of what it makes.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a promise that is not kept panics: that is the test"
)]

use std::time::Duration;

use domain::RoomRef;
use jiff::Timestamp;
use ports::{
    company::{CompanyStore, PayloadVersion, Webhook, WebhookId},
    deliveries::{Delivery, DeliveryStore, Happening, Notice, SessionStep},
    rooms::{Room, RoomStore, SessionSave},
};

use crate::rooms::{Case, at, id, save};

/// Calls every promise.
pub async fn all<S: RoomStore + CompanyStore + DeliveryStore>(store: &S) {
    what_nobody_wants_to_know_is_not_written(store).await;
    what_happens_to_a_room_is_written_with_it(store).await;
    what_happens_in_a_session_is_written_with_it(store).await;
    deliveries_of_one_room_come_one_after_the_other(store).await;
    a_delivery_that_was_taken_comes_back_unless_it_is_settled(store).await;
    deliveries_go_with_their_webhook(store).await;
}

/// Without a webhook for it, or with another company's only.
pub async fn what_nobody_wants_to_know_is_not_written<S: RoomStore + CompanyStore + DeliveryStore>(store: &S) {
    let (case, other) = (Case::new("unwanted"), Case::new("curious"));
    listen(store, &case, &["on_call_ended"]).await;
    listen(store, &other, &["on_room_created"]).await;
    store.create_room(&case.room(1)).await.unwrap();
    assert_eq!(store.take_deliveries(at(1_000), at(1_001), 10).await.unwrap(), []);
}

/// With the room as it was, also after it is gone; and once, however often it is asked for.
pub async fn what_happens_to_a_room_is_written_with_it<S: RoomStore + CompanyStore + DeliveryStore>(store: &S) {
    let case = Case::new("roomtold");
    let webhooks = listen(store, &case, &["on_room_created", "on_room_disabled", "on_room_deleted"]).await;
    let (one, two) = (case.room(1), Room { description: Some("«prova»".to_owned()), ..case.room(2) });
    for room in [&one, &two] {
        store.create_room(room).await.unwrap();
    }
    for _ in 0..2 {
        store.create_room(&one).await.unwrap();
        store.disable_room(&one.id, at(5)).await.unwrap();
        store.delete_room(&case.company, &two.key, None).await.unwrap();
    }
    let taken = settled(store, at(9)).await;
    let told: Vec<_> = taken.into_iter().map(|delivery| (delivery.webhook, delivery.notice)).collect();
    let notice = |room: &Room, at, what| Notice { room: room.id.clone(), at: Some(at), what };
    let expected = [
        (webhooks[0].clone(), notice(&one, one.created, Happening::RoomCreated(Box::new(one.clone())))),
        (webhooks[0].clone(), notice(&two, two.created, Happening::RoomCreated(Box::new(two.clone())))),
        (webhooks[1].clone(), notice(&one, at(5), Happening::RoomDisabled(Box::new(one.clone())))),
        (webhooks[2].clone(), notice(&two, at(9), Happening::RoomDeleted(Box::new(two.clone())))),
    ];
    assert_eq!(told, expected);
}

/// Every kind of notice reads back; also those of a deleted room's session.
pub async fn what_happens_in_a_session_is_written_with_it<S: RoomStore + CompanyStore + DeliveryStore>(store: &S) {
    let case = Case::new("sesstold");
    let room = case.room(1);
    store.create_room(&room).await.unwrap();
    store.delete_room(&case.company, &room.key, None).await.unwrap();
    let session = case.session(1, &room);
    let step = |step, duration| Happening::Session {
        session: session.id.clone(),
        step,
        connected: vec![id("anna"), id("bert")],
        duration,
        used: Duration::from_millis(1_500),
    };
    let connection = |came| Happening::Connection { session: session.id.clone(), user: id("anna"), came, connected: 1 };
    let happened = [
        connection(true),
        step(SessionStep::Started, None),
        step(SessionStep::Paused, Some(Duration::from_mins(1))),
        step(SessionStep::Resumed, None),
        connection(false),
        step(SessionStep::Ended, None),
        Happening::CallEnded,
    ];
    let events: Vec<_> = happened.iter().map(Happening::event).collect();
    listen(store, &case, &events).await;
    let notices: Vec<_> =
        happened.into_iter().map(|what| Notice { room: room.id.clone(), at: Some(at(3)), what }).collect();
    store.save_sessions(&[SessionSave { notices: notices.clone(), ..save(&session, 0) }]).await.unwrap();
    let told: Vec<_> = settled(store, at(9)).await.into_iter().map(|delivery| delivery.notice).collect();
    assert_eq!(told, notices);
}

/// Those of other rooms and to other webhooks do not wait for them.
pub async fn deliveries_of_one_room_come_one_after_the_other<S: RoomStore + CompanyStore + DeliveryStore>(store: &S) {
    let case = Case::new("inorder");
    listen(store, &case, &["on_call_ended", "on_call_incoming"]).await;
    let ended = |room: &str| Notice { room: RoomRef::new(room), at: Some(at(1)), what: Happening::CallEnded };
    let room = case.room(1);
    let called = Notice {
        room: room.id.clone(),
        at: None,
        what: Happening::CallIncoming {
            room: Box::new(room.clone()),
            initiator: Some(id("anna")),
            users: vec![id("bert")],
        },
    };
    for notice in [&ended("a"), &ended("a"), &ended("b"), &called] {
        store.announce(&case.company, notice).await.unwrap();
    }
    let first = store.take_deliveries(at(2), at(100), 10).await.unwrap();
    let notices: Vec<_> = first.iter().map(|delivery| delivery.notice.clone()).collect();
    assert_eq!(notices, [ended("a"), ended("b"), Notice { at: Some(at(2)), ..called }]);
    assert_eq!(store.take_deliveries(at(3), at(100), 10).await.unwrap(), []);
    store.settle_delivery(first[0].number).await.unwrap();
    let second = store.take_deliveries(at(4), at(100), 10).await.unwrap();
    assert_eq!(second.iter().map(|delivery| delivery.notice.clone()).collect::<Vec<_>>(), [ended("a")]);
    assert!(second[0].number > first[0].number);
    for delivery in first.iter().chain(&second) {
        store.settle_delivery(delivery.number).await.unwrap();
    }
    assert_eq!(settled(store, at(1_000)).await, []);
}

/// It says how often it was tried, and always the same moment.
pub async fn a_delivery_that_was_taken_comes_back_unless_it_is_settled<S>(store: &S)
where
    S: RoomStore + CompanyStore + DeliveryStore,
{
    let case = Case::new("comesback");
    listen(store, &case, &["on_call_ended"]).await;
    let notice = Notice { room: RoomRef::new("a"), at: None, what: Happening::CallEnded };
    store.announce(&case.company, &notice).await.unwrap();
    let take = async |now, until| store.take_deliveries(at(now), at(until), 10).await.unwrap();
    let first = take(1, 10).await;
    assert_eq!((first.len(), first[0].attempts, first[0].notice.at), (1, 0, Some(at(1))));
    assert_eq!(take(9, 19).await, []);
    assert_eq!(take(10, 20).await, first, "whoever took it did not come to an end");
    store.postpone_delivery(first[0].number, at(15)).await.unwrap();
    assert_eq!(take(14, 24).await, []);
    assert_eq!(take(15, 25).await, [Delivery { attempts: 1, ..first[0].clone() }]);
    store.settle_delivery(first[0].number).await.unwrap();
    store.settle_delivery(first[0].number).await.unwrap();
    store.postpone_delivery(first[0].number, at(0)).await.unwrap();
    assert_eq!(take(1_000, 1_001).await, []);
}

/// And are sent where the webhook is at that moment.
pub async fn deliveries_go_with_their_webhook<S: RoomStore + CompanyStore + DeliveryStore>(store: &S) {
    let case = Case::new("gone");
    let webhook = listen(store, &case, &["on_call_ended"]).await.remove(0);
    let notice = Notice { room: RoomRef::new("a"), at: Some(at(1)), what: Happening::CallEnded };
    store.announce(&case.company, &notice).await.unwrap();
    let moved = Webhook { url: "https://elsewhere.example/".to_owned(), ..webhook.clone() };
    store.replace_webhook(&case.company, &moved).await.unwrap();
    assert_eq!(store.take_deliveries(at(2), at(3), 10).await.unwrap()[0].webhook, moved);
    store.remove_webhook(&case.company, &webhook.id).await.unwrap();
    assert_eq!(settled(store, at(1_000)).await, []);

    listen(store, &case, &["on_call_ended"]).await;
    store.announce(&case.company, &notice).await.unwrap();
    store.set_webhooks(&case.company, PayloadVersion::V1, &[]).await.unwrap();
    assert_eq!(settled(store, at(1_000)).await, []);
}

/// Takes and settles everything that is due.
async fn settled<S: DeliveryStore>(store: &S, now: Timestamp) -> Vec<Delivery> {
    let mut all = Vec::new();
    loop {
        let taken = store.take_deliveries(now, now + Duration::from_mins(1), 10).await.unwrap();
        if taken.is_empty() {
            all.sort_by_key(|delivery: &Delivery| delivery.number);
            return all;
        }
        for delivery in &taken {
            store.settle_delivery(delivery.number).await.unwrap();
        }
        all.extend(taken);
    }
}

async fn listen<S: CompanyStore>(store: &S, case: &Case, events: &[&str]) -> Vec<Webhook> {
    let webhook = |(number, event): (usize, &&str)| Webhook {
        id: WebhookId(format!("wh_{number}")),
        event: (*event).to_owned(),
        url: format!("https://hooks.example/{event}"),
        version: PayloadVersion::V1,
        created: at(0),
    };
    let webhooks: Vec<_> = events.iter().enumerate().map(webhook).collect();
    assert!(store.add_webhooks(&case.company, &webhooks).await.unwrap());
    webhooks
}
