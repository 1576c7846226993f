//! The promises of [`ports::content::FileStore`].

use domain::RoomRef;
use futures_util::future::join_all;
use ports::{
    content::{ContentStore, File, FileAdded, FileFilter, FileId, FileKind, FileLimits},
    register::Part,
    rooms::{Room, RoomStore, SessionId},
    teleconsultations::StoreError,
};

use super::two_rooms;
use crate::rooms::{at, id};

const ANY: FileLimits = FileLimits { files: 100, bytes: u64::MAX, incomplete_of_one: 100 };

const ALL: Part = Part { offset: 0, limit: 100 };

pub(super) async fn all<S: RoomStore + ContentStore>(store: &S) {
    a_file_reads_back_as_it_was_begun(store).await;
    a_file_grows_from_where_it_is_until_it_is_complete(store).await;
    of_those_who_count_at_once_one_does(store).await;
    a_room_holds_no_more_than_it_may(store).await;
    a_deleted_file_is_seen_by_nobody_until_it_is_forgotten(store).await;
    incomplete_files_are_to_go_after_their_time(store).await;
    complete_files_are_listed_the_latest_first(store).await;
    files_are_deleted_with_their_room_and_not_forgotten(store).await;
}

async fn a_file_reads_back_as_it_was_begun<S: RoomStore + ContentStore>(store: &S) {
    let (case, room, other) = two_rooms(store, "filed").await;
    let full = File {
        session: Some(SessionId("session_filed_1".to_owned())),
        kind: FileKind::Snapshot,
        of: Some(id("bert")),
        name: "«Referto» \u{202e}fdp.exe'; --".to_owned(),
        size: 1 << 40,
        ..file(&room, "a")
    };
    let image = File { kind: FileKind::BoardImage, begun: at(2), ..file(&room, "b") };
    for file in [&image, &full] {
        assert_eq!(store.add_file(file, &ANY).await.unwrap(), FileAdded::Added);
        assert!(store.file(&file.id).await.unwrap().as_ref() == Some(file));
        assert!(matches!(store.add_file(file, &ANY).await, Err(StoreError::Conflict)));
    }
    assert!(store.files(&room.id).await.unwrap() == [full, image], "the oldest first");
    assert!(store.files(&other.id).await.unwrap().is_empty());
    assert!(store.file(&FileId("file_filed_9".to_owned())).await.unwrap().is_none());
    let nowhere = store.add_file(&file(&case.room(9), "c"), &ANY).await;
    assert!(matches!(nowhere, Err(StoreError::Conflict)));
}

async fn a_file_grows_from_where_it_is_until_it_is_complete<S: RoomStore + ContentStore>(store: &S) {
    let (_, room, _) = two_rooms(store, "grows").await;
    let begun = file(&room, "a");
    store.add_file(&begun, &ANY).await.unwrap();
    assert_conflict(&store.complete_file(&begun.id, "image/png", at(9)).await);
    assert_conflict(&store.advance_file(&begun.id, 1, 2).await);
    store.advance_file(&begun.id, 0, 4).await.unwrap();
    assert_conflict(&store.advance_file(&begun.id, 0, 4).await);
    assert_conflict(&store.advance_file(&begun.id, 4, 3).await);
    assert_conflict(&store.advance_file(&begun.id, 4, 11).await);
    assert_conflict(&store.complete_file(&begun.id, "image/png", at(9)).await);
    assert!(store.file(&begun.id).await.unwrap() == Some(File { received: 4, ..begun.clone() }));
    store.advance_file(&begun.id, 4, 10).await.unwrap();
    store.complete_file(&begun.id, "image/png", at(9)).await.unwrap();
    assert_conflict(&store.complete_file(&begun.id, "image/gif", at(10)).await);
    assert_conflict(&store.advance_file(&begun.id, 10, 10).await);
    let complete = File { received: 10, media_type: "image/png".to_owned(), completed: Some(at(9)), ..begun.clone() };
    assert!(store.file(&begun.id).await.unwrap() == Some(complete));
}

async fn of_those_who_count_at_once_one_does<S: RoomStore + ContentStore>(store: &S) {
    let (_, room, _) = two_rooms(store, "race").await;
    let begun = file(&room, "a");
    store.add_file(&begun, &ANY).await.unwrap();
    let counted = join_all((1..=8).map(|received| store.advance_file(&begun.id, 0, received))).await;
    assert_eq!(counted.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let winner = counted.iter().position(Result::is_ok).unwrap() as u64 + 1;
    assert_eq!(store.file(&begun.id).await.unwrap().map(|file| file.received), Some(winner));
}

async fn a_room_holds_no_more_than_it_may<S: RoomStore + ContentStore>(store: &S) {
    let (_, room, other) = two_rooms(store, "full").await;
    let limits = FileLimits { files: 3, bytes: 35, incomplete_of_one: 2 };
    let add = async |room: &Room, name: &str, from: &str, size: u64| {
        store.add_file(&File { from: id(from), size, ..file(room, name) }, &limits).await.unwrap()
    };
    assert_eq!(add(&room, "a", "anna", 36).await, FileAdded::RoomFull);
    assert_eq!(add(&room, "a", "anna", 10).await, FileAdded::Added);
    assert_eq!(add(&room, "b", "anna", 10).await, FileAdded::Added);
    assert_eq!(add(&room, "c", "anna", 10).await, FileAdded::TooManyIncomplete);
    assert_eq!(add(&room, "c", "bert", 16).await, FileAdded::RoomFull, "bytes are of all senders");
    assert_eq!(add(&room, "c", "bert", 15).await, FileAdded::Added);
    assert_eq!(add(&room, "d", "bert", 0).await, FileAdded::RoomFull);
    assert_eq!(add(&other, "d", "anna", 10).await, FileAdded::Added);
    store.delete_file(&file(&room, "a").id).await.unwrap();
    complete(store, &room, "b").await;
    assert_eq!(add(&room, "e", "anna", 10).await, FileAdded::Added, "what is deleted or complete does not count");

    // Of many at once, no more are added than fit.
    let (_, crowded, _) = two_rooms(store, "crowd").await;
    let files: Vec<_> = (0..10).map(|number| file(&crowded, &number.to_string())).collect();
    let limits = FileLimits { incomplete_of_one: 100, ..limits };
    let added = join_all(files.iter().map(|file| store.add_file(file, &limits))).await;
    assert_eq!(added.into_iter().filter(|added| *added.as_ref().unwrap() == FileAdded::Added).count(), 3);
    assert_eq!(store.files(&crowded.id).await.unwrap().len(), 3);
}

async fn a_deleted_file_is_seen_by_nobody_until_it_is_forgotten<S: RoomStore + ContentStore>(store: &S) {
    let (case, room, _) = two_rooms(store, "unfile").await;
    let (kept, deleted) = (file(&room, "a"), file(&room, "b"));
    for file in [&kept, &deleted] {
        store.add_file(file, &ANY).await.unwrap();
    }
    complete(store, &room, "a").await;
    assert!(store.delete_file(&deleted.id).await.unwrap());
    assert!(!store.delete_file(&deleted.id).await.unwrap());
    assert!(store.file(&deleted.id).await.unwrap().is_none());
    assert_eq!(names(&store.files(&room.id).await.unwrap()), ["a"]);
    assert_eq!(names(&store.list_files(&case.company, &FileFilter::default(), ALL).await.unwrap()), ["a"]);
    assert_conflict(&store.advance_file(&deleted.id, 0, 1).await);
    assert_conflict(&store.complete_file(&deleted.id, "image/png", at(9)).await);
    assert!(matches!(store.add_file(&deleted, &ANY).await, Err(StoreError::Conflict)), "its id stays taken");
    assert_eq!(to_remove(store, &room.id, 0).await, ["b"]);
    for _ in 0..2 {
        store.forget_file(&deleted.id).await.unwrap();
        store.forget_file(&kept.id).await.unwrap();
        assert_eq!(to_remove(store, &room.id, 0).await, Vec::<String>::new());
    }
    assert!(!store.delete_file(&deleted.id).await.unwrap());
    assert!(store.file(&kept.id).await.unwrap().is_some(), "what is not deleted is not forgotten");
}

async fn incomplete_files_are_to_go_after_their_time<S: RoomStore + ContentStore>(store: &S) {
    let (_, room, _) = two_rooms(store, "expire").await;
    for (name, begun) in [("a", 1), ("b", 2), ("c", 3), ("d", 1)] {
        store.add_file(&File { begun: at(begun), ..file(&room, name) }, &ANY).await.unwrap();
    }
    complete(store, &room, "d").await;
    assert_eq!(to_remove(store, &room.id, 3).await, ["a", "b"]);
    store.forget_file(&file(&room, "a").id).await.unwrap();
    assert_eq!(to_remove(store, &room.id, 3).await, ["a", "b"], "it goes only once it is deleted");
    store.delete_file(&file(&room, "a").id).await.unwrap();
    store.forget_file(&file(&room, "a").id).await.unwrap();
    assert_eq!(to_remove(store, &room.id, 4).await, ["b", "c"]);
}

async fn complete_files_are_listed_the_latest_first<S: RoomStore + ContentStore>(store: &S) {
    let (case, room, other) = two_rooms(store, "listed").await;
    let session = SessionId("session_listed_1".to_owned());
    let files = [
        file(&room, "a"),
        File { session: Some(session.clone()), ..file(&room, "b") },
        File { kind: FileKind::Snapshot, from: id("bert"), ..file(&room, "c") },
        file(&other, "d"),
    ];
    for (file, at_seconds) in files.iter().zip([3, 4, 4, 1]) {
        store.add_file(file, &ANY).await.unwrap();
        store.advance_file(&file.id, 0, file.size).await.unwrap();
        store.complete_file(&file.id, "image/png", at(at_seconds)).await.unwrap();
    }
    store.add_file(&file(&room, "e"), &ANY).await.unwrap();
    let any = FileFilter::default();
    let list = async |filter: &FileFilter, offset, limit| {
        names(&store.list_files(&case.company, filter, Part { offset, limit }).await.unwrap())
    };
    assert_eq!(list(&any, 0, 10).await, ["c", "b", "a", "d"]);
    assert_eq!(list(&any, 1, 2).await, ["b", "a"]);
    assert_eq!(list(&FileFilter { room: Some(room.id.clone()), ..any.clone() }, 0, 10).await, ["c", "b", "a"]);
    assert_eq!(list(&FileFilter { session: Some(session), ..any.clone() }, 0, 10).await, ["b"]);
    assert_eq!(list(&FileFilter { from: Some(id("bert")), ..any.clone() }, 0, 10).await, ["c"]);
    assert_eq!(list(&FileFilter { kind: Some(FileKind::Snapshot), ..any.clone() }, 0, 10).await, ["c"]);
    let both = FileFilter { kind: Some(FileKind::File), from: Some(id("bert")), ..any.clone() };
    assert_eq!(list(&both, 0, 10).await, Vec::<String>::new());
    let (foreign, ..) = two_rooms(store, "unlisted").await;
    assert!(store.list_files(&foreign.company, &any, ALL).await.unwrap().is_empty());
}

async fn files_are_deleted_with_their_room_and_not_forgotten<S: RoomStore + ContentStore>(store: &S) {
    let (case, room, other) = two_rooms(store, "filesgone").await;
    for (room, name) in [(&room, "a"), (&room, "b"), (&other, "c")] {
        store.add_file(&file(room, name), &ANY).await.unwrap();
    }
    complete(store, &room, "a").await;
    for _ in 0..2 {
        store.delete_room(&case.company, &room.key, None).await.unwrap();
        assert!(store.files(&room.id).await.unwrap().is_empty());
        assert!(store.file(&file(&room, "a").id).await.unwrap().is_none());
        assert_eq!(to_remove(store, &room.id, 0).await, ["a", "b"]);
    }
    assert_conflict(&store.advance_file(&file(&room, "b").id, 0, 1).await);
    let late = store.add_file(&file(&room, "d"), &ANY).await;
    assert!(matches!(late, Err(StoreError::Conflict)));
    assert!(store.list_files(&case.company, &FileFilter::default(), ALL).await.unwrap().is_empty());
    assert!(store.file(&file(&other, "c").id).await.unwrap().is_some());
}

/// What is to go of one room, asked for in pages of one.
async fn to_remove<S: ContentStore>(store: &S, room: &RoomRef, begun_before: i64) -> Vec<String> {
    let prefix = format!("file_{}_", room.as_str());
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = store.files_to_remove(at(begun_before), after.as_ref(), 1).await.unwrap();
        assert!(page.len() <= 1);
        let Some(last) = page.into_iter().next() else { return found };
        found.extend(last.0.strip_prefix(&prefix).map(ToOwned::to_owned));
        after = Some(last);
    }
}

async fn complete<S: ContentStore>(store: &S, room: &Room, name: &str) {
    let id = file(room, name).id;
    let size = store.file(&id).await.unwrap().unwrap().size;
    store.advance_file(&id, 0, size).await.unwrap();
    store.complete_file(&id, "image/png", at(9)).await.unwrap();
}

fn names(files: &[File]) -> Vec<String> {
    files.iter().filter_map(|file| Some(file.id.0.rsplit_once('_')?.1.to_owned())).collect()
}

fn assert_conflict(outcome: &Result<(), StoreError>) {
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
}

fn file(room: &Room, name: &str) -> File {
    File {
        id: FileId(format!("file_{}_{name}", room.id.as_str())),
        room: room.id.clone(),
        session: None,
        from: id("anna"),
        kind: FileKind::File,
        of: None,
        name: "a.png".to_owned(),
        media_type: "image/x".to_owned(),
        size: 10,
        received: 0,
        begun: at(1),
        completed: None,
    }
}
