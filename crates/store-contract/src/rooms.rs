//! The promises of [`RoomStore`]: one function each, over any store that is empty of what it makes.
//!
//! Everything is made in a company of its own, so that all of them can run on one store, one after the other.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a promise that is not kept panics: that is the test"
)]

use std::{collections::BTreeSet, time::Duration};

use domain::{FullName, Language, ProviderUserId, Role, RoomKey, RoomRef, Tools, WhiteboardTools};
use jiff::Timestamp;
use ports::{
    provider::{CallType, Recording},
    rooms::{
        Closure, ClosureReason, CompanyId, ConnectionEvent, ConnectionKind, Link, LinkHash, LinkNonce, Member, Room,
        RoomCreation, RoomState, RoomStore, Running, Session, SessionId, SessionSave, User,
    },
    teleconsultations::StoreError,
};

/// Calls every promise.
pub async fn all(store: &dyn RoomStore) {
    users_who_exist_are_raised_and_never_lowered(store).await;
    a_company_sees_its_own_users_only(store).await;
    a_user_can_be_deactivated_and_activated(store).await;
    a_room_reads_back_as_it_was_made(store).await;
    one_key_makes_one_room(store).await;
    an_id_or_a_link_that_exists_is_a_conflict(store).await;
    a_deferred_room_is_there_once_it_is_carried_out(store).await;
    a_link_finds_its_room_and_its_owner(store).await;
    a_link_is_replaced_only_by_whoever_read_it(store).await;
    a_deleted_room_is_gone_and_its_key_used_up(store).await;
    a_key_deleted_before_it_had_a_room_stays_without(store).await;
    a_room_is_deleted_by_its_name_too_but_only_by_its_company(store).await;
    a_disabled_room_stays_without_links(store).await;
    a_session_is_saved_with_the_use_of_its_room(store).await;
    time_that_is_up_closes_the_room_once(store).await;
    connection_events_are_kept_once_and_in_order(store).await;
    sessions_of_closed_and_deleted_rooms_are_saved_and_reported(store).await;
    open_sessions_are_read_in_pages(store).await;
    store.health().await.expect("the store is healthy");
}

/// Roles only rise; the language given last counts; nothing else about somebody who exists changes.
pub async fn users_who_exist_are_raised_and_never_lowered(store: &dyn RoomStore) {
    let case = Case::new("raised");
    let basic = User { language: Some(language("it")), ..case.user("u", Role::Basic) };
    store.ensure_users(std::slice::from_ref(&basic)).await.unwrap();
    store.ensure_users(&[User { created: at(99), ..case.user("u", Role::Plus) }]).await.unwrap();
    store.ensure_users(&[User { language: Some(language("en")), ..case.user("u", Role::Basic) }]).await.unwrap();

    let expected = User { role: Role::Plus, language: Some(language("en")), ..basic };
    assert_eq!(store.users(&case.company, &[id("u")]).await.unwrap(), vec![expected]);
}

/// Ids are unique in a company, not beyond it; ids that nobody has are not answered.
pub async fn a_company_sees_its_own_users_only(store: &dyn RoomStore) {
    let (case, other) = (Case::new("own"), Case::new("foreign"));
    store.ensure_users(&[case.user("u", Role::Basic), other.user("u", Role::Plus)]).await.unwrap();
    let found = store.users(&case.company, &[id("u"), id("nobody")]).await.unwrap();
    assert_eq!(found, vec![case.user("u", Role::Basic)]);
    assert_eq!(store.users(&case.company, &[]).await.unwrap(), vec![]);
}

/// Making a user exist does not activate them.
pub async fn a_user_can_be_deactivated_and_activated(store: &dyn RoomStore) {
    let case = Case::new("active");
    assert!(!store.set_user_active(&case.company, &id("u"), false).await.unwrap());
    store.ensure_users(&[case.user("u", Role::Basic)]).await.unwrap();
    assert!(store.set_user_active(&case.company, &id("u"), false).await.unwrap());
    store.ensure_users(&[case.user("u", Role::Plus)]).await.unwrap();
    let found = store.users(&case.company, &[id("u")]).await.unwrap();
    assert_eq!(found, vec![User { active: false, ..case.user("u", Role::Plus) }]);
    assert!(store.set_user_active(&case.company, &id("u"), true).await.unwrap());
    assert!(store.users(&case.company, &[id("u")]).await.unwrap()[0].active);
}

/// Every field is kept.
pub async fn a_room_reads_back_as_it_was_made(store: &dyn RoomStore) {
    let case = Case::new("readback");
    let mut full = case.room(1);
    full.duration = Some(Duration::from_hours(1));
    full.live = true;
    full.recording = Recording::Manual;
    full.call_type = CallType::AudioUpgradable;
    full.description = Some("Descrizione «prova»".to_owned());
    full.members[0].display_name = Some(FullName::parse("Zoë \"Z\" Ñandú").expect("is a name"));
    full.members[0].language = Some(language("it"));
    full.members[0].links_replaced = 7;
    full.members[1].tools =
        Tools { whiteboard: Some(WhiteboardTools { pen: false, ..WhiteboardTools::ALL }), chat: true, ..Tools::none() };
    for room in [full, Room { recording: Recording::Automatic, call_type: CallType::AudioOnly, ..case.room(2) }] {
        assert_eq!(store.create_room(&room).await.unwrap(), RoomCreation::Created);
        let state = RoomState { room, session: None };
        assert_eq!(store.room(&state.room.id).await.unwrap().as_ref(), Some(&state));
        assert_eq!(store.room_by_key(&case.company, &state.room.key).await.unwrap(), Some(state));
    }
    assert_eq!(store.room(&RoomRef::new("room_readback_9")).await.unwrap(), None);
    assert_eq!(store.room_by_key(&Case::new("else").company, &case.room(1).key).await.unwrap(), None);
}

/// Whoever asks second gets the room of whoever asked first, and none of their own.
pub async fn one_key_makes_one_room(store: &dyn RoomStore) {
    let case = Case::new("onekey");
    let first = case.room(1);
    let second = Room { key: first.key.clone(), ..case.room(2) };
    assert_eq!(store.create_room(&first).await.unwrap(), RoomCreation::Created);
    assert_eq!(store.create_room(&second).await.unwrap(), RoomCreation::Exists(Box::new(first.clone())));
    assert_eq!(store.create_room(&first).await.unwrap(), RoomCreation::Exists(Box::new(first)));
    assert_eq!(store.room(&second.id).await.unwrap(), None);
    assert_eq!(store.room_by_link(&hash_of(&second, 0)).await.unwrap(), None);
}

/// Nothing is made of a room whose id or link is another's.
pub async fn an_id_or_a_link_that_exists_is_a_conflict(store: &dyn RoomStore) {
    let case = Case::new("conflict");
    let room = case.room(1);
    store.create_room(&room).await.unwrap();
    let same_id = Room { id: room.id.clone(), ..case.room(2) };
    assert!(matches!(store.create_room(&same_id).await, Err(StoreError::Conflict)));
    let mut same_link = case.room(3);
    same_link.members[1].link = room.members[1].link;
    assert!(matches!(store.create_room(&same_link).await, Err(StoreError::Conflict)));
    assert_eq!(store.room(&same_link.id).await.unwrap(), None);
    assert_eq!(store.room_by_key(&case.company, &same_link.key).await.unwrap(), None);
    assert_eq!(store.room_by_link(&hash_of(&same_link, 0)).await.unwrap(), None);
    assert_eq!(store.create_room(&case.room(3)).await.unwrap(), RoomCreation::Created);
}

/// Not before; and not at all if its key has a room. A store that cannot defer a room says so.
pub async fn a_deferred_room_is_there_once_it_is_carried_out(store: &dyn RoomStore) {
    let case = Case::new("deferred");
    let room = case.room(1);
    let Some(deferred) = store.defer_room(&room).await.unwrap() else { return };
    assert_eq!(store.room(&room.id).await.unwrap(), None);
    deferred.carry_out().await.unwrap();
    assert_eq!(store.room(&room.id).await.unwrap(), Some(RoomState { room: room.clone(), session: None }));
    let second = Room { key: room.key.clone(), ..case.room(2) };
    let deferred = store.defer_room(&second).await.unwrap().unwrap();
    assert!(matches!(deferred.carry_out().await, Err(StoreError::Conflict)));
    assert_eq!(store.room_by_key(&case.company, &room.key).await.unwrap().map(|state| state.room), Some(room));
    assert_eq!(store.room_by_link(&hash_of(&second, 0)).await.unwrap(), None);
}

/// A link leads to one person in one room.
pub async fn a_link_finds_its_room_and_its_owner(store: &dyn RoomStore) {
    let case = Case::new("links");
    let room = case.room(1);
    store.create_room(&room).await.unwrap();
    for (index, member) in room.members.iter().enumerate() {
        let (state, owner) = store.room_by_link(&hash_of(&room, index)).await.unwrap().expect("the link is known");
        assert_eq!((state.room, owner), (room.clone(), member.user.clone()));
    }
    assert_eq!(store.room_by_link(&LinkHash([0xee; 32])).await.unwrap(), None);
}

/// Of two who replace a link that both have read, one does; each replacement is counted.
pub async fn a_link_is_replaced_only_by_whoever_read_it(store: &dyn RoomStore) {
    let case = Case::new("relink");
    let room = case.room(1);
    store.create_room(&room).await.unwrap();
    let (user, read) = (&room.members[0].user, room.members[0].link.as_ref());
    let new = case.link(77);
    store.replace_link(&room.id, user, read, Some(&new)).await.unwrap();
    assert_eq!(store.room_by_link(&hash_of(&room, 0)).await.unwrap(), None);
    let (state, owner) = store.room_by_link(&new.hash).await.unwrap().expect("the new link is known");
    assert_eq!((state.room.members[0].link, state.room.members[0].links_replaced, &owner), (Some(new), 1, user));
    assert_eq!(state.room.members[1], room.members[1]);

    let late = store.replace_link(&room.id, user, read, Some(&case.link(78))).await;
    assert!(matches!(late, Err(StoreError::Conflict)));
    assert_eq!(store.room_by_link(&case.link(78).hash).await.unwrap(), None);

    store.replace_link(&room.id, user, Some(&new), None).await.unwrap();
    assert_eq!(store.room_by_link(&new.hash).await.unwrap(), None);
    let without = store.room(&room.id).await.unwrap().expect("the room is there").room.members.remove(0);
    assert_eq!((without.link, without.links_replaced), (None, 2));
    store.replace_link(&room.id, user, None, Some(&case.link(79))).await.unwrap();
    assert!(store.room_by_link(&case.link(79).hash).await.unwrap().is_some());

    let anothers = room.members[1].link.as_ref();
    let taken = store.replace_link(&room.id, user, Some(&case.link(79)), anothers).await;
    assert!(matches!(taken, Err(StoreError::Conflict)));
    assert!(store.room_by_link(&case.link(79).hash).await.unwrap().is_some());
    let stranger = store.replace_link(&room.id, &id("stranger"), None, Some(&case.link(80))).await;
    assert!(matches!(stranger, Err(StoreError::Conflict)));
}

/// After deletion there is neither room nor link, and no late call brings them back; deleting again answers the same.
pub async fn a_deleted_room_is_gone_and_its_key_used_up(store: &dyn RoomStore) {
    let case = Case::new("deleted");
    let room = case.room(1);
    store.create_room(&room).await.unwrap();
    for _ in 0..2 {
        let deleted = store.delete_room(&case.company, &room.key, Some(&room.id)).await.unwrap();
        assert_eq!(deleted, vec![room.id.clone()]);
        assert_eq!(store.room(&room.id).await.unwrap(), None);
        assert_eq!(store.room_by_key(&case.company, &room.key).await.unwrap(), None);
        assert_eq!(store.room_by_link(&hash_of(&room, 0)).await.unwrap(), None);
    }
    assert_eq!(store.create_room(&room).await.unwrap(), RoomCreation::KeyUsedUp);
    assert_eq!(store.room(&room.id).await.unwrap(), None);
    let relinked = store.replace_link(&room.id, &room.members[0].user, None, Some(&case.link(70))).await;
    assert!(matches!(relinked, Err(StoreError::Conflict)));
    assert!(!store.disable_room(&room.id, at(1)).await.unwrap());
}

/// A call that makes the room and is overtaken by its deletion makes nothing.
pub async fn a_key_deleted_before_it_had_a_room_stays_without(store: &dyn RoomStore) {
    let case = Case::new("overtaken");
    let room = case.room(1);
    for _ in 0..2 {
        assert_eq!(store.delete_room(&case.company, &room.key, None).await.unwrap(), vec![]);
    }
    assert_eq!(store.create_room(&room).await.unwrap(), RoomCreation::KeyUsedUp);
    assert_eq!(store.room(&room.id).await.unwrap(), None);
}

/// The name leads to the room where the key does not; not for another company.
pub async fn a_room_is_deleted_by_its_name_too_but_only_by_its_company(store: &dyn RoomStore) {
    let (case, other) = (Case::new("byname"), Case::new("othername"));
    let room = case.room(1);
    store.create_room(&room).await.unwrap();
    let key = RoomKey::from_stored("a key without a room");
    assert_eq!(store.delete_room(&other.company, &key, Some(&room.id)).await.unwrap(), vec![]);
    assert!(store.room(&room.id).await.unwrap().is_some());
    assert_eq!(store.delete_room(&case.company, &key, Some(&room.id)).await.unwrap(), vec![room.id.clone()]);
    assert_eq!(store.room(&room.id).await.unwrap(), None);
    assert_eq!(store.create_room(&room).await.unwrap(), RoomCreation::KeyUsedUp);
}

/// Disabling takes the links and keeps the rest, for ever; the first closure counts.
pub async fn a_disabled_room_stays_without_links(store: &dyn RoomStore) {
    let case = Case::new("disabled");
    let room = case.room(1);
    store.create_room(&room).await.unwrap();
    assert!(store.disable_room(&room.id, at(5)).await.unwrap());
    assert!(store.disable_room(&room.id, at(6)).await.unwrap());
    let kept = store.room(&room.id).await.unwrap().expect("the room is there").room;
    assert_eq!(kept.closure, Some(Closure { reason: ClosureReason::Disabled, at: at(5) }));
    assert!(kept.members.iter().all(|member| member.link.is_none()));
    assert_eq!(kept.members.len(), room.members.len());
    assert_eq!(store.room_by_link(&hash_of(&room, 0)).await.unwrap(), None);
    assert!(!store.disable_room(&RoomRef::new("room_disabled_9"), at(5)).await.unwrap());
}

/// The session can be read with its room and by itself; the room's use never shrinks.
pub async fn a_session_is_saved_with_the_use_of_its_room(store: &dyn RoomStore) {
    let case = Case::new("session");
    let room = case.room(1);
    store.create_room(&room).await.unwrap();
    let mut session = case.session(1, &room);
    session.running = Some(Running { since: at(10), used_before: Duration::from_millis(1_500) });
    session.used = Duration::from_millis(2_250);
    assert_eq!(store.save_sessions(&[save(&session, 2_250)]).await.unwrap(), vec![]);
    let state = store.room(&room.id).await.unwrap().expect("the room is there");
    assert_eq!(state.session.as_ref(), Some(&session));
    assert_eq!(state.room.used, Duration::from_millis(2_250));

    session.running = None;
    session.ended = Some(at(20));
    store.save_sessions(&[save(&session, 1_000)]).await.unwrap();
    let state = store.room(&room.id).await.unwrap().expect("the room is there");
    assert_eq!((state.session, state.room.used), (None, Duration::from_millis(2_250)));

    let later = Session { opened: at(30), ..case.session(2, &room) };
    store.save_sessions(&[save(&later, 0)]).await.unwrap();
    assert_eq!(store.sessions(&room.id, 10).await.unwrap(), vec![later.clone(), session]);
    assert_eq!(store.sessions(&room.id, 1).await.unwrap(), vec![later]);
}

/// The closure comes with the save that says so, and stays.
pub async fn time_that_is_up_closes_the_room_once(store: &dyn RoomStore) {
    let case = Case::new("timeup");
    let room = Room { duration: Some(Duration::from_mins(1)), ..case.room(1) };
    store.create_room(&room).await.unwrap();
    let session = Session { ended: Some(at(60)), ..case.session(1, &room) };
    for moment in [60, 61] {
        let saved = SessionSave { time_up: Some(at(moment)), ..save(&session, 60_000) };
        assert_eq!(store.save_sessions(&[saved]).await.unwrap(), vec![room.id.clone()]);
    }
    let kept = store.room(&room.id).await.unwrap().expect("the room is there").room;
    assert_eq!(kept.closure, Some(Closure { reason: ClosureReason::TimeUp, at: at(60) }));
    assert_eq!(kept.used, Duration::from_mins(1));
    assert!(store.room_by_link(&hash_of(&room, 0)).await.unwrap().is_some());
}

/// An event that is sent again, because nobody knew whether it had arrived, is there once.
pub async fn connection_events_are_kept_once_and_in_order(store: &dyn RoomStore) {
    let case = Case::new("events");
    let room = case.room(1);
    store.create_room(&room).await.unwrap();
    let session = case.session(1, &room);
    let event = |number, kind| ConnectionEvent {
        session: session.id.clone(),
        number,
        user: room.members[0].user.clone(),
        kind,
        at: at(number.into()),
    };
    let events = vec![
        event(0, ConnectionKind::Connected),
        event(1, ConnectionKind::Disconnected),
        event(2, ConnectionKind::Crashed),
    ];
    store.save_sessions(&[SessionSave { events: events[..2].to_vec(), ..save(&session, 0) }]).await.unwrap();
    store.save_sessions(&[SessionSave { events: events.clone(), ..save(&session, 0) }]).await.unwrap();
    assert_eq!(store.connection_events(&session.id, 0, 10).await.unwrap(), events);
    assert_eq!(store.connection_events(&session.id, 1, 1).await.unwrap(), events[1..2]);
    assert_eq!(store.connection_events(&case.session(2, &room).id, 0, 10).await.unwrap(), vec![]);
}

/// A session outlives its room, and whoever saves it learns that the room is closed.
pub async fn sessions_of_closed_and_deleted_rooms_are_saved_and_reported(store: &dyn RoomStore) {
    let case = Case::new("outlive");
    let (deleted, disabled, open) = (case.room(1), case.room(2), case.room(3));
    for room in [&deleted, &disabled, &open] {
        store.create_room(room).await.unwrap();
    }
    store.delete_room(&case.company, &deleted.key, None).await.unwrap();
    store.disable_room(&disabled.id, at(1)).await.unwrap();
    let rooms = [&deleted, &disabled, &open];
    let sessions: Vec<_> = (0..).zip(rooms).map(|(n, room)| case.session(n, room)).collect();
    let saves: Vec<_> = sessions.iter().map(|session| save(session, 100)).collect();
    let mut closed = store.save_sessions(&saves).await.unwrap();
    closed.sort();
    assert_eq!(closed, vec![deleted.id.clone(), disabled.id.clone()]);
    assert_eq!(store.sessions(&deleted.id, 10).await.unwrap(), sessions[..1]);
    assert_eq!(store.room(&deleted.id).await.unwrap(), None);
}

/// Pages follow each other without gap or overlap, and ended sessions are in none.
pub async fn open_sessions_are_read_in_pages(store: &dyn RoomStore) {
    let case = Case::new("pages");
    let room = case.room(1);
    store.create_room(&room).await.unwrap();
    let mut saves: Vec<_> = (0..5).map(|n| save(&case.session(n, &room), 0)).collect();
    saves[2].session.ended = Some(at(9));
    store.save_sessions(&saves).await.unwrap();
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = store.open_sessions(after.as_ref(), 2).await.unwrap();
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        found.extend(page);
    }
    // Other promises leave open sessions behind on the same store.
    found.retain(|session| session.room == room.id);
    let expected: Vec<_> = [0, 1, 3, 4].into_iter().map(|n| case.session(n, &room)).collect();
    assert_eq!(found, expected);
}

/// What one promise makes, apart from all others.
pub(crate) struct Case {
    name: &'static str,
    pub(crate) company: CompanyId,
}

impl Case {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, company: CompanyId(format!("company of {name}")) }
    }

    pub(crate) fn user(&self, name: &str, role: Role) -> User {
        let company = self.company.clone();
        User { company, id: id(name), role, allow_camera: true, active: true, language: None, created: at(0) }
    }

    pub(crate) fn link(&self, number: u8) -> Link {
        let mut hash = [number; 32];
        let name = self.name.as_bytes();
        hash[..name.len()].copy_from_slice(name);
        Link { nonce: LinkNonce([number; 16]), hash: LinkHash(hash) }
    }

    pub(crate) fn member(&self, name: &str, link: u8) -> Member {
        let (admin, link) = (name == "anna", Some(self.link(link)));
        Member {
            user: id(name),
            admin,
            tools: Tools::all(),
            display_name: None,
            language: None,
            link,
            links_replaced: 0,
        }
    }

    pub(crate) fn room(&self, number: u8) -> Room {
        Room {
            id: RoomRef::new(format!("room_{}_{number}", self.name)),
            company: self.company.clone(),
            key: RoomKey::from_stored(format!("key of {} {number}", self.name)),
            members: vec![self.member("anna", number * 2), self.member("bert", number * 2 + 1)],
            duration: None,
            live: false,
            recording: Recording::None,
            call_type: CallType::AudioVideo,
            description: None,
            created: at(0),
            used: Duration::ZERO,
            closure: None,
        }
    }

    pub(crate) fn session(&self, number: u8, room: &Room) -> Session {
        Session {
            id: SessionId(format!("session_{}_{number}", self.name)),
            room: room.id.clone(),
            opened: at(10),
            ended: None,
            used: Duration::ZERO,
            running: None,
            counted_until: at(12),
            connected: BTreeSet::from([id("anna")]),
            people: BTreeSet::from([id("anna"), id("bert")]),
            connections: 3,
        }
    }
}

pub(crate) fn save(session: &Session, room_used_ms: u64) -> SessionSave {
    let room_used = Duration::from_millis(room_used_ms);
    SessionSave { session: session.clone(), room_used, time_up: None, events: Vec::new(), notices: Vec::new() }
}

pub(crate) fn hash_of(room: &Room, member: usize) -> LinkHash {
    room.members[member].link.expect("every member was made with a link").hash
}

pub(crate) fn id(text: &str) -> ProviderUserId {
    ProviderUserId::parse(text).expect("is an id")
}

pub(crate) fn language(tag: &str) -> Language {
    Language::parse(tag).expect("is a language")
}

/// A moment with milliseconds.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millisecond(1_767_225_600_123 + seconds * 1_000).expect("is a moment")
}
