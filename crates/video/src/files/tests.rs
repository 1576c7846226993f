use std::sync::Mutex;

use domain::{ProviderUserId, Tools};
use futures_util::TryStreamExt as _;
use ports::{
    content::{BoardStore, Element, ElementId, FileStore},
    fake::{FakeChance, FakeClock, FakeFileBytes, rooms::FakeRooms},
    rooms::{Room, RoomStore, SessionId},
};

use super::*;
use crate::testing::{at, company, id, member, room};

const MB: u64 = 1024 * 1024;

struct Case {
    files: Files,
    store: Arc<FakeRooms>,
    bytes: Arc<FakeFileBytes>,
    clock: Arc<FakeClock>,
    hub: Arc<Hub>,
    state: RoomState,
}

#[derive(Default)]
struct Hub {
    told: Mutex<Vec<String>>,
}

impl Hub {
    fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.told.lock().unwrap())
    }
}

impl FileEvents for Hub {
    fn completed(&self, file: &File) {
        self.told.lock().unwrap().push(format!("completed {} {}", file.name, file.media_type));
    }

    fn deleted(&self, _: &RoomRef, _: &FileId) {
        self.told.lock().unwrap().push("deleted".to_owned());
    }
}

impl UploadTickets for Hub {
    fn take(&self, _: &RoomRef, user: &ProviderUserId, request: &str) -> bool {
        *user == id("bert") && request == "snap_1"
    }
}

/// Lets in everybody but carl.
struct Waiting;

#[async_trait::async_trait]
impl Gate for Waiting {
    async fn lets_in(&self, _: &RoomState, member: &Member, _: Timestamp) -> Result<bool, StoreError> {
        Ok(member.user != id("carl"))
    }
}

impl Case {
    async fn new() -> Self {
        let (store, bytes) = (Arc::new(FakeRooms::new()), Arc::new(FakeFileBytes::new()));
        let clock = Arc::new(FakeClock::new(at(0)));
        let hub = Arc::new(Hub::default());
        let stores = FileStores { content: store.clone(), bytes: bytes.clone() };
        let outside = (clock.clone() as _, Arc::new(FakeChance::seeded(1)) as _);
        let files = Files::new(company(), stores, outside, &LinkSecret::new([7; 32]), 10 * MB);
        let files = files.with_gate(Arc::new(Waiting));
        files.connect(hub.clone(), hub.clone());
        let (session, room) = room("room_1", &["anna", "bert", "carl"]);
        let room = Room { members: vec![admin("anna"), member("bert"), member("carl")], ..room };
        store.create_room(&room).await.unwrap();
        Self { files, store, bytes, clock, hub, state: RoomState { room, session: Some(session) } }
    }

    fn guest(&self, name: &str) -> Guest<'_> {
        Guest { state: &self.state, member: self.state.room.member(&id(name)).unwrap() }
    }

    async fn begin(&self, size: u64) -> FileId {
        self.files.begin(self.guest("bert"), new("a.pdf", size)).await.unwrap().id
    }

    async fn add(&self, id: &FileId, offset: u64, part: Bytes) -> Result<(), FileError> {
        self.files.resume(self.guest("bert"), id, offset).await?.add(part).await
    }

    async fn complete(&self, name: &str, bytes: &'static [u8]) -> FileId {
        let file = self.files.begin(self.guest("bert"), new(name, bytes.len() as u64)).await.unwrap();
        self.add(&file.id, 0, Bytes::from_static(bytes)).await.unwrap();
        self.hub.told();
        file.id
    }
}

fn admin(name: &str) -> Member {
    Member { admin: true, ..member(name) }
}

fn new(name: &str, size: u64) -> NewFile {
    NewFile { name: name.to_owned(), kind: FileKind::File, size, request: None, of: None }
}

fn pdf(len: u64) -> Bytes {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.resize(usize::try_from(len).unwrap(), b' ');
    bytes.into()
}

#[tokio::test]
async fn a_file_grows_by_parts_and_is_told_of_when_it_is_whole() {
    let case = Case::new().await;
    let (whole, half) = (pdf(2 * MB + 5), 1_100_000);
    let id = case.begin(2 * MB + 5).await;
    case.add(&id, 0, whole.slice(..half)).await.unwrap();
    assert!(case.files.complete_file(&id).await.unwrap().is_none());
    assert!(case.files.link(&id).await.unwrap().is_none());
    assert_eq!(case.hub.told(), Vec::<String>::new());
    let seen = case.files.look(case.guest("bert"), &id).await.unwrap();
    assert_eq!(seen.received, half as u64);
    case.add(&id, half as u64, whole.slice(half..)).await.unwrap();
    assert_eq!(case.hub.told(), ["completed a.pdf application/pdf"]);
    let file = case.files.complete_file(&id).await.unwrap().unwrap();
    assert_eq!((file.session, file.completed), (case.state.session.as_ref().map(|s| s.id.clone()), Some(at(0))));
    let read: Vec<Bytes> =
        case.files.read(&file_of(&case, &id).await, 3, 4).await.unwrap().try_collect().await.unwrap();
    assert_eq!(read.concat(), b"F-1.");
}

#[tokio::test]
async fn a_part_that_is_out_of_place_or_of_the_wrong_length_is_refused() {
    let case = Case::new().await;
    let id = case.begin(MB).await;
    assert!(matches!(case.add(&id, 5, pdf(MB)).await, Err(FileError::WrongOffset { received: 0 })));
    assert!(matches!(case.add(&id, 0, pdf(1000)).await, Err(FileError::TooShort)));
    assert!(matches!(case.add(&id, 0, pdf(MB + 1)).await, Err(FileError::TooLarge(MB))));
    case.add(&id, 0, pdf(MB - 1)).await.unwrap();
    case.add(&id, MB - 1, pdf(1)).await.unwrap();
    assert!(matches!(case.add(&id, MB, pdf(1)).await, Err(FileError::TooLarge(MB))));
    let huge = case.files.begin(case.guest("bert"), new("a.pdf", 10 * MB + 1)).await;
    assert!(matches!(huge, Err(FileError::TooLarge(limit)) if limit == 10 * MB));
}

#[tokio::test]
async fn a_file_of_a_kind_that_is_not_taken_goes_at_once() {
    let case = Case::new().await;
    let id = case.begin(100).await;
    let mut program = b"MZ\x90\x00".to_vec();
    program.resize(100, 0);
    assert!(matches!(case.add(&id, 0, program.into()).await, Err(FileError::UnsupportedType)));
    assert!(matches!(case.files.look(case.guest("bert"), &id).await, Err(FileError::Unknown)));
    assert_eq!(case.hub.told(), Vec::<String>::new());

    let image = NewFile { kind: FileKind::BoardImage, ..new("a.png", 100) };
    let id = case.files.begin(case.guest("bert"), image).await.unwrap().id;
    assert!(matches!(case.add(&id, 0, pdf(100)).await, Err(FileError::UnsupportedType)), "no picture");
}

#[tokio::test]
async fn only_its_sender_goes_on_with_a_file_and_only_who_was_let_in_begins_one() {
    let case = Case::new().await;
    let id = case.begin(MB).await;
    assert!(matches!(case.files.look(case.guest("anna"), &id).await, Err(FileError::Unknown)));
    assert!(matches!(case.files.resume(case.guest("anna"), &id, 0).await.map(drop), Err(FileError::Unknown)));
    let waiting = case.files.begin(case.guest("carl"), new("a.pdf", 1)).await;
    assert!(matches!(waiting, Err(FileError::Denied(Denied::WrongStage))));
    let (_, elsewhere) = room("room_2", &["bert", "anna"]);
    let elsewhere = RoomState { room: elsewhere, session: None };
    let guest = Guest { state: &elsewhere, member: &elsewhere.room.members[0] };
    assert!(matches!(case.files.look(guest, &id).await, Err(FileError::Unknown)));
    let without = Member { tools: Tools::none(), ..member("bert") };
    let guest = Guest { state: &case.state, member: &without };
    let denied = case.files.begin(guest, new("a.pdf", 1)).await;
    assert!(matches!(denied, Err(FileError::Denied(Denied::NotAllowed(_)))));
    let asked = NewFile { kind: FileKind::Snapshot, request: Some("snap_1".to_owned()), ..new("a.png", 1) };
    let snapshot = case.files.begin(guest, asked.clone()).await.unwrap();
    assert_eq!(snapshot.of, Some(self::id("bert")));
    let stale = NewFile { request: Some("snap_2".to_owned()), ..asked };
    assert!(case.files.begin(guest, stale).await.is_err());
}

#[tokio::test]
async fn what_was_whole_when_the_process_ended_is_completed_when_it_is_looked_at() {
    let case = Case::new().await;
    let id = case.begin(100).await;
    case.bytes.put_part(&id, 0, pdf(100)).await.unwrap();
    case.store.advance_file(&id, 0, 100).await.unwrap();
    let seen = case.files.look(case.guest("bert"), &id).await.unwrap();
    assert!(seen.completed.is_some());
    assert_eq!(case.hub.told(), ["completed a.pdf application/pdf"]);
    case.files.look(case.guest("bert"), &id).await.unwrap();
    assert_eq!(case.hub.told(), Vec::<String>::new());
}

#[tokio::test]
async fn a_part_whose_count_was_lost_is_sent_again() {
    let case = Case::new().await;
    let id = case.begin(200_000).await;
    // Longer than what is sent again, and not counted, as after a crash in between.
    case.bytes.put_part(&id, 0, Bytes::from(vec![b'x'; 150_000])).await.unwrap();
    case.add(&id, 0, pdf(70_000)).await.unwrap();
    case.add(&id, 70_000, pdf(130_000)).await.unwrap();
    let file = file_of(&case, &id).await;
    let read: Vec<Bytes> = case.files.read(&file, 0, u64::MAX).await.unwrap().try_collect().await.unwrap();
    assert!(read.concat() == [pdf(70_000), pdf(130_000)].concat());
}

#[tokio::test]
async fn a_file_that_a_full_disk_does_not_take_goes_with_all_that_had_arrived() {
    let case = Case::new().await;
    let id = case.begin(2 * MB).await;
    case.add(&id, 0, pdf(MB)).await.unwrap();
    case.bytes.set_space(Some(1_500_000));
    assert!(matches!(case.add(&id, MB, pdf(MB)).await, Err(FileError::NoSpace)));
    assert!(matches!(case.files.look(case.guest("bert"), &id).await, Err(FileError::Unknown)));
    assert_eq!(case.files.sweep().await.unwrap(), Swept { removed: 1, failed: 0 });
    assert!(case.bytes.files().is_empty() && case.hub.told().is_empty());
    let counted: Vec<_> = case.files.figures().uploads().filter(|(_, count)| *count > 0).collect();
    assert_eq!(counted, [(Outcome::Begun, 1), (Outcome::NoSpace, 1)]);
    assert_eq!(case.files.figures().bytes_stored(), MB);
}

#[tokio::test]
async fn what_cannot_be_reached_is_tried_again_and_loses_nothing() {
    let case = Case::new().await;
    let id = case.begin(2 * MB).await;
    case.add(&id, 0, pdf(MB)).await.unwrap();
    case.bytes.set_out_of_reach(true);
    assert!(matches!(case.add(&id, MB, pdf(MB)).await, Err(FileError::Unavailable(_))));
    case.bytes.set_out_of_reach(false);
    case.store.set_out_of_reach(true);
    assert!(matches!(case.add(&id, MB, pdf(MB)).await, Err(FileError::Unavailable(_))));
    case.store.set_out_of_reach(false);
    case.add(&id, MB, pdf(MB)).await.unwrap();
    assert_eq!(case.hub.told().len(), 1);
}

#[tokio::test]
async fn an_upload_that_is_not_finished_in_time_expires_and_goes() {
    let case = Case::new().await;
    let (unfinished, finished) = (case.begin(MB).await, case.complete("b.pdf", b"%PDF-1.7").await);
    case.add(&unfinished, 0, pdf(MB / 2)).await.unwrap();
    case.clock.set(at(24 * 3600 - 1));
    assert!(case.files.look(case.guest("bert"), &unfinished).await.is_ok());
    case.clock.set(at(24 * 3600));
    assert!(matches!(case.files.look(case.guest("bert"), &unfinished).await, Err(FileError::Expired)));
    assert!(case.files.look(case.guest("bert"), &finished).await.is_ok());
    case.clock.set(at(24 * 3600 + 1));
    assert_eq!(case.files.sweep().await.unwrap(), Swept { removed: 1, failed: 0 });
    assert_eq!(case.bytes.files(), [finished]);
    assert!(matches!(case.files.look(case.guest("bert"), &unfinished).await, Err(FileError::Unknown)));
}

#[tokio::test]
async fn its_sender_and_admins_delete_a_file_and_nobody_else() {
    let case = Case::new().await;
    let sent = case.complete("a.pdf", b"%PDF-1.7").await;
    assert!(case.files.delete_for(case.guest("carl"), &sent).await.is_err());
    let (_, mut other) = room("room_1", &["anna", "dora"]);
    other.members[1].tools = Tools::all();
    let other = RoomState { room: other, session: None };
    let dora = Guest { state: &other, member: &other.room.members[1] };
    let refused = case.files.delete_for(dora, &sent).await;
    assert!(matches!(refused, Err(FileError::Denied(Denied::NotAllowed(_)))));
    case.files.delete_for(case.guest("anna"), &sent).await.unwrap();
    assert_eq!(case.hub.told(), ["deleted"]);
    assert!(case.files.link(&sent).await.unwrap().is_none());

    let begun = case.begin(MB).await;
    assert!(matches!(case.files.delete_for(case.guest("anna"), &begun).await, Err(FileError::Unknown)));
    case.files.delete_for(case.guest("bert"), &begun).await.unwrap();
    assert_eq!(case.hub.told(), Vec::<String>::new(), "nobody knew of it");
    assert_eq!(case.files.sweep().await.unwrap().removed, 2);
    assert_eq!(case.bytes.files(), []);
}

#[tokio::test]
async fn what_was_drawn_on_a_snapshot_goes_with_it() {
    let case = Case::new().await;
    let snapshot = NewFile { kind: FileKind::Snapshot, ..new("a.png", 8) };
    let id = case.files.begin(case.guest("bert"), snapshot).await.unwrap().id;
    case.add(&id, 0, Bytes::from_static(b"\x89PNG\r\n\x1a\n")).await.unwrap();
    let body = "{}".to_owned();
    let element = Element { id: ElementId("e".to_owned()), author: self::id("anna"), version: 1, nonce: 1, body };
    for board in ["board".to_owned(), format!("snapshot:{}", id.0)] {
        case.store.save_elements(&case.state.room.id, &BoardId(board), std::slice::from_ref(&element)).await.unwrap();
    }
    case.files.delete(&id).await.unwrap();
    assert_eq!(case.store.boards(&case.state.room.id).await.unwrap(), [BoardId("board".to_owned())]);
}

#[tokio::test]
async fn a_file_is_on_the_list_until_all_of_it_is_gone() {
    let case = Case::new().await;
    let ids = [case.complete("a.pdf", b"%PDF-1.7").await, case.complete("b.pdf", b"%PDF-1.7").await];
    let deleted = case.files.delete_all(&case.state.room.id).await.unwrap();
    assert_eq!(deleted, UploadsDeleted { total: 2, deleted: 2 });
    assert_eq!(case.files.delete_all(&case.state.room.id).await.unwrap(), UploadsDeleted::default());
    case.files.deleted().await;
    case.bytes.set_out_of_reach(true);
    for _ in 0..2 {
        assert_eq!(case.files.sweep().await.unwrap(), Swept { removed: 0, failed: 2 });
    }
    case.bytes.set_out_of_reach(false);
    case.store.set_out_of_reach(true);
    assert!(case.files.sweep().await.is_err());
    case.store.set_out_of_reach(false);
    assert_eq!(case.bytes.files().len(), ids.len());
    // Killed after the bytes had gone.
    case.bytes.remove(&ids[0]).await.unwrap();
    assert_eq!(case.files.sweep().await.unwrap(), Swept { removed: 2, failed: 0 });
    assert_eq!(case.bytes.files(), []);
    assert_eq!(case.files.sweep().await.unwrap(), Swept::default());
}

#[tokio::test]
async fn a_file_that_becomes_whole_while_it_is_about_to_be_removed_stays() {
    let case = Case::new().await;
    let id = case.begin(MB).await;
    let mut upload = case.files.resume(case.guest("bert"), &id, 0).await.unwrap();
    case.clock.set(at(24 * 3600 + 1));
    let last_part = async {
        upload.wanted().await;
        upload.add(pdf(MB)).await.unwrap();
        drop(upload);
    };
    let (swept, ()) = tokio::join!(case.files.sweep(), last_part);
    assert_eq!(swept.unwrap(), Swept::default());
    assert_eq!(case.bytes.files(), std::slice::from_ref(&id));
    assert!(case.files.link(&id).await.unwrap().is_some());
}

#[tokio::test]
async fn files_go_with_their_room() {
    let case = Case::new().await;
    case.complete("a.pdf", b"%PDF-1.7").await;
    case.begin(MB).await;
    case.store.delete_room(&company(), &case.state.room.key, None).await.unwrap();
    assert_eq!(case.files.sweep().await.unwrap(), Swept { removed: 2, failed: 0 });
    assert_eq!(case.bytes.files(), []);
    let late = case.files.begin(case.guest("bert"), new("a.pdf", 1)).await;
    assert!(matches!(late, Err(FileError::Unknown)));
}

#[tokio::test]
async fn a_link_opens_its_file_for_some_minutes_and_nothing_else() {
    let case = Case::new().await;
    let (id, other) = (case.complete("a.pdf", b"%PDF-1.7").await, case.complete("b.pdf", b"%PDF-1.7").await);
    let link = case.files.link(&id).await.unwrap().unwrap();
    let (path, query) = link.path.split_once('?').unwrap();
    assert_eq!(path, format!("/call/files/{}", id.0));
    let (expires, signature) = query.split_once('&').unwrap();
    let expires: i64 = expires.strip_prefix("expires=").unwrap().parse().unwrap();
    let signature = signature.strip_prefix("signature=").unwrap();
    assert_eq!(expires, link.expires.as_second());
    assert!(case.files.open(&id, expires, signature).await.is_ok());
    for (id, expires, signature) in [
        (&other, expires, signature),
        (&id, expires + 1, signature),
        (&id, expires, &signature[..62]),
        (&id, expires, ""),
        (&id, expires, &signature.replace(|digit: char| digit.is_ascii_digit(), "0")),
    ] {
        assert!(matches!(case.files.open(id, expires, signature).await, Err(LinkRefused::Invalid)));
    }
    case.clock.set(link.expires);
    assert!(matches!(case.files.open(&id, expires, signature).await, Err(LinkRefused::Expired)));
    case.clock.set(at(0));
    case.files.delete(&id).await.unwrap();
    assert!(matches!(case.files.open(&id, expires, signature).await, Err(LinkRefused::Gone)));
}

#[tokio::test]
async fn files_are_listed_for_the_company() {
    let case = Case::new().await;
    let (id, _) = (case.complete("a.pdf", b"%PDF-1.7").await, case.begin(MB).await);
    let part = Part { offset: 0, limit: 10 };
    let listed = case.files.list(&FileFilter::default(), part).await.unwrap();
    assert_eq!(listed.iter().map(|file| file.id.clone()).collect::<Vec<_>>(), [id]);
    let other = FileFilter { session: Some(SessionId("session_bbbbbbbbbbbb".to_owned())), ..FileFilter::default() };
    assert!(case.files.list(&other, part).await.unwrap().is_empty());
}

async fn file_of(case: &Case, id: &FileId) -> File {
    case.store.file(id).await.unwrap().unwrap()
}
