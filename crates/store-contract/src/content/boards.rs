//! The promises of [`ports::content::BoardStore`].

use ports::{
    content::{BoardId, ContentStore, Element, ElementId},
    rooms::RoomStore,
    teleconsultations::StoreError,
};

use super::two_rooms;
use crate::rooms::id;

pub(super) async fn all<S: RoomStore + ContentStore>(store: &S) {
    elements_read_back_in_the_order_of_their_ids(store).await;
    what_is_saved_last_holds(store).await;
    a_board_is_cleared_alone(store).await;
    boards_go_with_their_room(store).await;
}

async fn elements_read_back_in_the_order_of_their_ids<S: RoomStore + ContentStore>(store: &S) {
    let (_, room, other) = two_rooms(store, "draw").await;
    // Numbers of a browser's, and a text that could break a query.
    let odd = Element {
        version: u64::from(u32::MAX),
        nonce: (1 << 53) - 1,
        ..element("Zoë's «'; --", "{\"a\":\"\\u0000\"}")
    };
    let elements = [element("b", "{}"), odd.clone(), element("B", "{}"), element("a", "{}")];
    store.save_elements(&room.id, &board("board"), &elements).await.unwrap();
    let read = store.elements(&room.id, &board("board")).await.unwrap();
    let names: Vec<_> = read.iter().map(|element| element.id.0.as_str()).collect();
    assert_eq!(names, ["B", "Zoë's «'; --", "a", "b"]);
    assert!(read[1] == odd, "every field is kept");
    assert!(store.elements(&room.id, &board("snapshot:file_1")).await.unwrap().is_empty());
    assert!(store.elements(&other.id, &board("board")).await.unwrap().is_empty());
}

async fn what_is_saved_last_holds<S: RoomStore + ContentStore>(store: &S) {
    let (_, room, _) = two_rooms(store, "redraw").await;
    store.save_elements(&room.id, &board("board"), &[element("a", "{}"), element("b", "{}")]).await.unwrap();
    let changed = Element { version: 0, nonce: 9, author: id("bert"), ..element("a", "{\"isDeleted\":true}") };
    store.save_elements(&room.id, &board("board"), std::slice::from_ref(&changed)).await.unwrap();
    assert!(store.elements(&room.id, &board("board")).await.unwrap() == [changed, element("b", "{}")]);
    store.save_elements(&room.id, &board("nothing"), &[]).await.unwrap();
    assert_eq!(store.boards(&room.id).await.unwrap(), [board("board")]);
}

async fn a_board_is_cleared_alone<S: RoomStore + ContentStore>(store: &S) {
    let (_, room, other) = two_rooms(store, "clear").await;
    for (room, name) in [(&room, "snapshot:file_1"), (&room, "board"), (&other, "board")] {
        store.save_elements(&room.id, &board(name), &[element("a", "{}")]).await.unwrap();
    }
    assert_eq!(store.boards(&room.id).await.unwrap(), [board("board"), board("snapshot:file_1")]);
    for _ in 0..2 {
        store.clear_board(&room.id, &board("board")).await.unwrap();
        assert_eq!(store.boards(&room.id).await.unwrap(), [board("snapshot:file_1")]);
        assert!(store.elements(&room.id, &board("board")).await.unwrap().is_empty());
    }
    assert_eq!(store.boards(&other.id).await.unwrap(), [board("board")]);
}

async fn boards_go_with_their_room<S: RoomStore + ContentStore>(store: &S) {
    let (case, room, other) = two_rooms(store, "drawgone").await;
    for room in [&room, &other] {
        store.save_elements(&room.id, &board("board"), &[element("a", "{}")]).await.unwrap();
    }
    store.delete_room(&case.company, &room.key, None).await.unwrap();
    assert_eq!(store.boards(&room.id).await.unwrap(), []);
    assert!(store.elements(&room.id, &board("board")).await.unwrap().is_empty());
    let late = store.save_elements(&room.id, &board("board"), &[element("a", "{}")]).await;
    assert!(matches!(late, Err(StoreError::Conflict)));
    store.clear_board(&room.id, &board("board")).await.unwrap();
    assert_eq!(store.boards(&room.id).await.unwrap(), []);
    assert_eq!(store.boards(&other.id).await.unwrap(), [board("board")]);
}

fn board(name: &str) -> BoardId {
    BoardId(name.to_owned())
}

fn element(name: &str, body: &str) -> Element {
    Element { id: ElementId(name.to_owned()), author: id("anna"), version: 3, nonce: 4, body: body.to_owned() }
}
