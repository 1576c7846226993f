//! The promises of [`ports::content::MessageStore`].

use domain::RoomRef;
use futures_util::future::join_all;
use ports::{
    content::{ContentStore, Message, NewMessage},
    rooms::RoomStore,
    teleconsultations::StoreError,
};

use super::two_rooms;
use crate::rooms::{at, id};

pub(super) async fn all<S: RoomStore + ContentStore>(store: &S) {
    a_message_reads_back_as_it_was_sent(store).await;
    numbers_grow_by_one_in_each_room(store).await;
    of_those_who_write_at_once_each_has_a_number_of_its_own(store).await;
    a_message_that_is_sent_again_is_the_same_one(store).await;
    the_newest_are_read_first_and_the_older_in_pages(store).await;
    what_is_said_to_one_who_waits_is_theirs_alone(store).await;
    messages_go_with_their_room(store).await;
}

async fn a_message_reads_back_as_it_was_sent<S: RoomStore + ContentStore>(store: &S) {
    let (_, room, other) = two_rooms(store, "said").await;
    let full = NewMessage {
        waiting: Some(id("bert")),
        key: Some("k".to_owned()),
        ..message("«Dolore?»\n\u{202e}\u{1f637} '; DROP TABLE video_messages; --")
    };
    let kept = store.add_message(&room.id, &full).await.unwrap();
    assert!(kept == Message { number: 1, sent: full });
    assert!(store.messages(&room.id, Some(&id("bert")), None, 10).await.unwrap() == [kept]);
    assert!(store.messages(&other.id, Some(&id("bert")), None, 10).await.unwrap().is_empty());
}

async fn numbers_grow_by_one_in_each_room<S: RoomStore + ContentStore>(store: &S) {
    let (_, room, other) = two_rooms(store, "numbers").await;
    for number in 1..=3 {
        let waiting = (number == 2).then(|| id("bert"));
        let kept = store.add_message(&room.id, &NewMessage { waiting, ..message("a") }).await.unwrap();
        assert_eq!(kept.number, number);
    }
    assert_eq!(store.add_message(&other.id, &message("a")).await.unwrap().number, 1);
}

async fn of_those_who_write_at_once_each_has_a_number_of_its_own<S: RoomStore + ContentStore>(store: &S) {
    let (_, room, _) = two_rooms(store, "atonce").await;
    let texts: Vec<_> = (0..20).map(|number| message(&number.to_string())).collect();
    let kept = join_all(texts.iter().map(|message| store.add_message(&room.id, message))).await;
    let mut numbers: Vec<_> = kept.into_iter().map(|kept| kept.unwrap().number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
}

/// Of its sender, in its room. Without a key every message is another.
async fn a_message_that_is_sent_again_is_the_same_one<S: RoomStore + ContentStore>(store: &S) {
    let (_, room, other) = two_rooms(store, "again").await;
    let keyed = |text| NewMessage { key: Some("k".to_owned()), ..message(text) };
    let first = store.add_message(&room.id, &keyed("first")).await.unwrap();
    let again = store.add_message(&room.id, &NewMessage { at: at(9), ..keyed("again") }).await.unwrap();
    assert!(again == first, "unchanged");
    let anothers = store.add_message(&room.id, &NewMessage { from: id("bert"), ..keyed("a") }).await.unwrap();
    assert_eq!(anothers.number, 2);
    assert_eq!(store.add_message(&other.id, &keyed("elsewhere")).await.unwrap().number, 1);
    for number in 3..=4 {
        assert_eq!(store.add_message(&room.id, &message("no key")).await.unwrap().number, number);
    }
}

async fn the_newest_are_read_first_and_the_older_in_pages<S: RoomStore + ContentStore>(store: &S) {
    let (_, room, _) = two_rooms(store, "older").await;
    for number in 0..5 {
        // Two of them are not for everybody.
        let waiting = (number % 2 == 1).then(|| id("bert"));
        store.add_message(&room.id, &NewMessage { waiting, ..message("a") }).await.unwrap();
    }
    assert_eq!(numbers(store, &room.id, None, 2).await, [3, 5]);
    assert_eq!(numbers(store, &room.id, Some(3), 2).await, [1]);
    assert_eq!(numbers(store, &room.id, Some(1), 2).await, []);
    assert_eq!(numbers(store, &room.id, Some(u64::MAX), 10).await, [1, 3, 5]);
}

async fn what_is_said_to_one_who_waits_is_theirs_alone<S: RoomStore + ContentStore>(store: &S) {
    let (_, room, _) = two_rooms(store, "waiting").await;
    for (from, waiting) in [("anna", Some("bert")), ("bert", Some("bert")), ("anna", Some("carl")), ("anna", None)] {
        let sent = NewMessage { from: id(from), waiting: waiting.map(id), ..message("a") };
        store.add_message(&room.id, &sent).await.unwrap();
    }
    let of = async |user: &str| {
        let messages = store.messages(&room.id, Some(&id(user)), None, 10).await.unwrap();
        messages.iter().map(|message| message.number).collect::<Vec<_>>()
    };
    assert_eq!((of("bert").await, of("carl").await, of("anna").await), (vec![1, 2], vec![3], vec![]));
    assert_eq!(numbers(store, &room.id, None, 10).await, [4]);
}

async fn messages_go_with_their_room<S: RoomStore + ContentStore>(store: &S) {
    let (case, room, other) = two_rooms(store, "saidgone").await;
    let waiting = NewMessage { waiting: Some(id("bert")), ..message("a") };
    for room in [&room, &other] {
        store.add_message(&room.id, &message("a")).await.unwrap();
        store.add_message(&room.id, &waiting).await.unwrap();
    }
    store.delete_room(&case.company, &room.key, None).await.unwrap();
    assert_eq!(numbers(store, &room.id, None, 10).await, []);
    assert!(store.messages(&room.id, Some(&id("bert")), None, 10).await.unwrap().is_empty());
    assert!(matches!(store.add_message(&room.id, &message("late")).await, Err(StoreError::Conflict)));
    assert_eq!(numbers(store, &other.id, None, 10).await, [1]);
}

async fn numbers<S: ContentStore>(store: &S, room: &RoomRef, before: Option<u64>, limit: u32) -> Vec<u64> {
    let messages = store.messages(room, None, before, limit).await.unwrap();
    messages.iter().map(|message| message.number).collect()
}

fn message(text: &str) -> NewMessage {
    NewMessage { from: id("anna"), waiting: None, text: text.to_owned(), key: None, at: at(1) }
}
