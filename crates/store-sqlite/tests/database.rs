//! How the file is made, opened and closed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{
    collections::BTreeSet,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use common::{database, id, key, link_seal, pending, record};
use domain::{
    AccessLink, OpenRoom, Participant, ParticipantId, ProviderUserId, Role, RoomRef, Roster, Teleconsultation, Tools,
};
use jiff::Timestamp;
use ports::{
    provider::{CallType, Recording},
    rooms::{
        CompanyId, Link, LinkHash, LinkNonce, Member, Room, RoomCreation, RoomStore, Session, SessionId, SessionSave,
    },
    teleconsultations::{StoreError, TeleconsultationStore},
};
use rusqlite::Connection;
use store_document::LinkSeal;
use teleconsultation_store_sqlite::{Database, OpenError, SqliteRooms, SqliteTeleconsultations};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn nobody_but_the_owner_can_read_any_of_its_files() {
    let (database, path, _directory) = database();
    // It stays open: closed, it would have but one file.
    SqliteTeleconsultations::new(database.clone(), link_seal()).insert(&pending(1), &[]).await.unwrap();
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let files: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 3, "the file, its log and its index: {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn a_file_that_others_could_read_is_closed_to_them() {
    let (database, path, _directory) = database();
    database.close().await;
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    Database::open(&path).unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[tokio::test]
async fn closing_writes_what_waits_leaves_one_file_and_refuses_the_rest() {
    let (database, path, _directory) = database();
    let store = SqliteTeleconsultations::new(database.clone(), link_seal());
    let waiting = futures_util::future::join_all((0..100).map(async |number| {
        let teleconsultation = pending(number);
        store.insert(&teleconsultation, &[]).await
    }));
    store.insert(&pending(300), &[]).await.unwrap();
    assert!(store.teleconsultation(&id(300)).await.unwrap().is_some());
    let (inserted, ()) = tokio::join!(waiting, database.close());
    assert!(inserted.iter().all(Result::is_ok));
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);

    assert!(matches!(store.insert(&pending(200), &[]).await, Err(StoreError::Unavailable { .. })));
    assert!(matches!(store.teleconsultation(&id(1)).await, Err(StoreError::Unavailable { .. })));
    let read_before = store.teleconsultation(&id(300)).await;
    assert!(matches!(read_before, Err(StoreError::Unavailable { .. })), "not from memory either");
    assert!(matches!(store.health().await, Err(StoreError::Unavailable { .. })));
    database.close().await;

    let again = SqliteTeleconsultations::new(Database::open(&path).unwrap(), link_seal());
    for number in 0..100 {
        assert!(again.teleconsultation(&id(number)).await.unwrap().is_some());
    }
    assert_eq!(again.teleconsultation(&id(200)).await.unwrap(), None);
}

#[tokio::test]
async fn a_commit_waits_for_the_disk() {
    let (database, _path, _directory) = database();
    let settings = database.write("asking", |connection| {
        let journal: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        let synchronous: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
        Ok((journal, synchronous))
    });
    assert_eq!(settings.await.unwrap(), ("wal".to_owned(), 2));
}

#[tokio::test]
async fn a_reader_cannot_write() {
    let (database, _path, _directory) = database();
    let written = database.read("trying", |connection| Ok(connection.execute("UPDATE heartbeat SET beats = 9", [])?));
    assert!(written.await.is_err());
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused() {
    let (database, path, _directory) = database();
    database.close().await;
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Database::open(&path), Err(OpenError::Newer { found: 99, .. })));
}

#[test]
fn what_is_no_database_of_ours_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let (notes, theirs) = (directory.path().join("notes.txt"), directory.path().join("theirs.db"));
    fs::write(&notes, "not a database ".repeat(1000)).unwrap();
    Connection::open(&theirs).unwrap().execute_batch("CREATE TABLE theirs (a INTEGER)").unwrap();
    for path in [&notes, &theirs] {
        fs::set_permissions(path, Permissions::from_mode(0o644)).unwrap();
        let before = fs::read(path).unwrap();
        assert!(matches!(Database::open(path), Err(OpenError::Sqlite(_) | OpenError::Foreign)));
        assert!(matches!(Database::examine(path), Err(OpenError::Sqlite(_) | OpenError::Foreign)));
        assert_eq!((mode(path), fs::read(path).unwrap()), (0o644, before), "{}", path.display());
    }
    assert!(matches!(Database::open(&notes.join("below.db")), Err(OpenError::File { .. })));
}

#[tokio::test]
async fn a_look_at_a_database_says_what_opening_it_would() {
    let (database, path, directory) = database();
    Database::examine(&path).unwrap();
    database.close().await;
    Database::examine(&path).unwrap();
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Database::examine(&path), Err(OpenError::Newer { found: 99, .. })));
    let absent = directory.path().join("absent.db");
    assert!(matches!(Database::examine(&absent), Err(OpenError::Sqlite(_))));
    assert!(!absent.exists());
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_corrupt_and_the_others_are_not() {
    let (database, _path, _directory) = database();
    let store = SqliteTeleconsultations::new(database.clone(), link_seal());
    store.insert(&pending(1), &[]).await.unwrap();
    store.insert(&pending(2), &[]).await.unwrap();
    let damage = |connection: &Connection| {
        Ok(connection.execute("UPDATE teleconsultations SET document = '{' WHERE id = ?1", [id(1).as_str()])?)
    };
    assert_eq!(database.write("damaging", damage).await.unwrap(), 1);
    assert!(matches!(store.teleconsultation(&id(1)).await, Err(StoreError::Corrupt { .. })));
    assert!(store.teleconsultation(&id(2)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_room_that_cannot_be_read_can_be_deleted_with_its_links() {
    let (database, _path, _directory) = database();
    let rooms = SqliteRooms::new(database.clone());
    let room = |number: u8| {
        let link = Link { nonce: LinkNonce([number; 16]), hash: LinkHash([number; 32]) };
        let anna = Member {
            user: ProviderUserId::parse("anna").unwrap(),
            admin: true,
            tools: Tools::all(),
            display_name: None,
            language: None,
            link: Some(link),
            links_replaced: 0,
        };
        Room {
            id: RoomRef::new(format!("room_{number}")),
            company: CompanyId("company".to_owned()),
            key: key(number.into(), "room"),
            members: vec![anna],
            duration: None,
            live: false,
            recording: Recording::None,
            call_type: CallType::AudioVideo,
            description: None,
            created: Timestamp::UNIX_EPOCH,
            used: std::time::Duration::ZERO,
            closure: None,
        }
    };
    let (damaged, other) = (room(1), room(2));
    for room in [&damaged, &other] {
        assert_eq!(rooms.create_room(room).await.unwrap(), RoomCreation::Created);
    }
    let damage = |c: &Connection| Ok(c.execute("UPDATE video_rooms SET document = '{' WHERE id = 'room_1'", [])?);
    assert_eq!(database.write("damaging", damage).await.unwrap(), 1);
    assert!(matches!(rooms.room_by_link(&LinkHash([1; 32])).await, Err(StoreError::Corrupt { .. })));

    let deleted = rooms.delete_room(&damaged.company, &damaged.key, None).await.unwrap();
    assert_eq!(deleted, [damaged.id]);
    assert_eq!(rooms.room_by_link(&LinkHash([1; 32])).await.unwrap(), None);
    assert!(rooms.room_by_link(&LinkHash([2; 32])).await.unwrap().is_some());
}

#[tokio::test]
async fn work_that_waits_is_found_past_what_cannot_be_read() {
    let (database, _path, _directory) = database();
    let (visits, rooms) =
        (SqliteTeleconsultations::new(database.clone(), link_seal()), SqliteRooms::new(database.clone()));
    visits.change_cleanups(&[record(1, "a"), record(2, "a")]).await.unwrap();
    let saves: Vec<_> = ["session_1", "session_2"]
        .map(|id| SessionSave {
            session: session(id),
            room_used: std::time::Duration::ZERO,
            time_up: None,
            events: vec![],
            notices: vec![],
        })
        .into();
    rooms.save_sessions(&saves).await.unwrap();
    let damage = |connection: &Connection| {
        connection
            .execute("UPDATE room_cleanups SET teleconsultation = '?' WHERE room_key = ?1", [key(1, "a").as_str()])?;
        Ok(connection.execute("UPDATE video_sessions SET document = '{' WHERE id = 'session_1'", [])?)
    };
    assert_eq!(database.write("damaging", damage).await.unwrap(), 1);

    let due = visits.due_cleanups(Timestamp::UNIX_EPOCH, 9).await.unwrap();
    assert_eq!(due.into_iter().map(|cleanup| cleanup.key).collect::<Vec<_>>(), [key(2, "a")]);
    let open = rooms.open_sessions(None, 9).await.unwrap();
    assert_eq!(open.into_iter().map(|session| session.id.0).collect::<Vec<_>>(), ["session_2"]);
}

fn session(id: &str) -> Session {
    Session {
        id: SessionId(id.to_owned()),
        room: RoomRef::new("room"),
        opened: Timestamp::UNIX_EPOCH,
        ended: None,
        used: std::time::Duration::ZERO,
        running: None,
        counted_until: Timestamp::UNIX_EPOCH,
        connected: BTreeSet::new(),
        people: BTreeSet::new(),
        connections: 0,
    }
}

#[tokio::test]
async fn whoever_has_a_copy_of_the_file_and_not_the_key_has_no_link() {
    const URL: &str = "https://video.example/eu/direct-rest-call-handler/0123456789";
    let (database, path, _directory) = database();
    let store = SqliteTeleconsultations::new(database.clone(), link_seal());
    let user = ProviderUserId::parse("usr_1").unwrap();
    let doctor = Participant {
        id: ParticipantId::parse("doctor").unwrap(),
        provider_user: user.clone(),
        role: Role::Plus,
        groups: vec![],
        full_name: None,
        language: None,
        access_link: None,
    };
    let room = OpenRoom { key: key(1, "b"), room: RoomRef::new("room") };
    let visit = Teleconsultation { roster: Roster::from_stored(2, vec![doctor]), ..pending(1) }
        .with_room(room, [(user, AccessLink::new(URL))].into());
    store.insert(&visit, &[]).await.unwrap();
    database.close().await;

    let bytes = fs::read(&path).unwrap();
    let token = URL.rsplit('/').next().unwrap().as_bytes();
    assert!(!bytes.windows(token.len()).any(|window| window == token));
    let open = |seal| SqliteTeleconsultations::new(Database::open(&path).unwrap(), seal);
    let (stranger, _) = open(LinkSeal::new(&[8; 32])).teleconsultation(&id(1)).await.unwrap().unwrap();
    assert!(stranger.roster.known()[0].access_link.is_none());
    assert_eq!(open(link_seal()).teleconsultation(&id(1)).await.unwrap().unwrap().0, visit);
}
