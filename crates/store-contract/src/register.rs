//! The promises of [`RoomRegister`]: one function each, over any store of rooms that is empty of what it makes.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a promise that is not kept panics: that is the test"
)]

use std::collections::BTreeSet;

use domain::{Role, RoomRef};
use ports::{
    register::{Part, RoomRegister, SessionFilter, UserChange},
    rooms::{ConnectionEvent, ConnectionKind, Room, RoomState, RoomStore, Session, SessionSave, User},
    teleconsultations::StoreError,
};

use crate::rooms::{Case, at, hash_of, id, language, save};

const ALL: Part = Part { offset: 0, limit: 100 };

/// Calls every promise.
pub async fn all<S: RoomStore + RoomRegister>(store: &S) {
    a_user_is_added_once(store).await;
    a_user_is_changed_where_the_change_says_so(store).await;
    cameras_are_changed_for_a_whole_company(store).await;
    a_removed_user_is_gone(store).await;
    users_are_listed_by_id_and_in_parts(store).await;
    rooms_are_listed_newest_first_by_member_and_in_parts(store).await;
    members_are_replaced_with_their_links_only_by_whoever_read_them(store).await;
    sessions_are_listed_latest_first_by_what_is_asked_for(store).await;
    connection_events_are_listed_latest_first(store).await;
}

/// Somebody who exists stays as they are.
pub async fn a_user_is_added_once<S: RoomStore + RoomRegister>(store: &S) {
    let case = Case::new("addonce");
    let user = User { language: Some(language("it")), active: false, ..case.user("u", Role::Plus) };
    assert!(store.add_user(&user).await.unwrap());
    assert!(!store.add_user(&case.user("u", Role::Basic)).await.unwrap());
    assert_eq!(store.users(&case.company, &[id("u")]).await.unwrap(), [user]);
    assert!(store.add_user(&Case::new("addtwice").user("u", Role::Basic)).await.unwrap());
}

/// Also where the user was read before.
pub async fn a_user_is_changed_where_the_change_says_so<S: RoomStore + RoomRegister>(store: &S) {
    let case = Case::new("changed");
    let missing = store.change_user(&case.company, &id("u"), &UserChange::default()).await.unwrap();
    assert_eq!(missing, None);
    let mut expected = case.user("u", Role::Plus);
    store.add_user(&expected).await.unwrap();
    assert_eq!(store.users(&case.company, &[id("u")]).await.unwrap(), std::slice::from_ref(&expected));
    let changes = [
        UserChange { role: Some(Role::Basic), ..UserChange::default() },
        UserChange { allow_camera: Some(false), language: Some(language("it")), ..UserChange::default() },
        UserChange { active: Some(false), ..UserChange::default() },
        UserChange::default(),
    ];
    for change in changes {
        expected.role = change.role.unwrap_or(expected.role);
        expected.allow_camera = change.allow_camera.unwrap_or(expected.allow_camera);
        expected.active = change.active.unwrap_or(expected.active);
        expected.language = change.language.clone().or(expected.language);
        let answered = store.change_user(&case.company, &id("u"), &change).await.unwrap();
        assert_eq!(answered.as_ref(), Some(&expected));
        assert_eq!(store.users(&case.company, &[id("u")]).await.unwrap(), std::slice::from_ref(&expected));
    }
}

/// Not for another one.
pub async fn cameras_are_changed_for_a_whole_company<S: RoomStore + RoomRegister>(store: &S) {
    let (case, other) = (Case::new("cameras"), Case::new("othercams"));
    for user in [case.user("a", Role::Basic), case.user("b", Role::Plus), other.user("a", Role::Basic)] {
        store.add_user(&user).await.unwrap();
    }
    store.users(&case.company, &[id("a"), id("b")]).await.unwrap();
    assert_eq!(store.change_all_cameras(&case.company, false).await.unwrap(), 2);
    let users = store.users(&case.company, &[id("a"), id("b")]).await.unwrap();
    assert!(users.iter().all(|user| !user.allow_camera));
    assert!(store.users(&other.company, &[id("a")]).await.unwrap()[0].allow_camera);
    assert_eq!(store.change_all_cameras(&Case::new("nocameras").company, true).await.unwrap(), 0);
}

/// Also where the user was read before.
pub async fn a_removed_user_is_gone<S: RoomStore + RoomRegister>(store: &S) {
    let (case, other) = (Case::new("removed"), Case::new("notremoved"));
    store.add_user(&case.user("u", Role::Basic)).await.unwrap();
    store.add_user(&other.user("u", Role::Basic)).await.unwrap();
    store.users(&case.company, &[id("u")]).await.unwrap();
    assert!(store.remove_user(&case.company, &id("u")).await.unwrap());
    assert!(!store.remove_user(&case.company, &id("u")).await.unwrap());
    assert_eq!(store.users(&case.company, &[id("u")]).await.unwrap(), []);
    assert_eq!(store.users(&other.company, &[id("u")]).await.unwrap().len(), 1);
}

/// Parts follow each other without gap or overlap.
pub async fn users_are_listed_by_id_and_in_parts<S: RoomStore + RoomRegister>(store: &S) {
    let case = Case::new("listusers");
    for name in ["c", "a", "B", "d"] {
        store.add_user(&case.user(name, Role::Basic)).await.unwrap();
    }
    let list = async |offset, limit| {
        let users = store.list_users(&case.company, Part { offset, limit }).await.unwrap();
        users.into_iter().map(|user| user.id.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(list(0, 10).await, ["B", "a", "c", "d"]);
    assert_eq!(list(1, 2).await, ["a", "c"]);
    assert_eq!(list(4, 2).await, Vec::<String>::new());
}

/// With the session under way in each; deleted rooms are not listed, and a description is no member.
pub async fn rooms_are_listed_newest_first_by_member_and_in_parts<S: RoomStore + RoomRegister>(store: &S) {
    let (case, other) = (Case::new("listrooms"), Case::new("listothers"));
    let mut rooms = [case.room(1), case.room(2), case.room(3), case.room(4)];
    rooms[1].members[1] = case.member("carl", 60);
    rooms[2].description = Some("\"user\":\"carl\"".to_owned());
    for room in rooms.iter().chain([&other.room(5)]) {
        store.create_room(room).await.unwrap();
    }
    store.delete_room(&case.company, &rooms[3].key, None).await.unwrap();
    let session = case.session(1, &rooms[0]);
    store.save_sessions(&[save(&session, 0)]).await.unwrap();
    let state = |room: &Room, session: Option<&Session>| RoomState { room: room.clone(), session: session.cloned() };
    let newest_first = [state(&rooms[2], None), state(&rooms[1], None), state(&rooms[0], Some(&session))];
    assert_eq!(store.list_rooms(&case.company, None, ALL).await.unwrap(), newest_first);
    let part = store.list_rooms(&case.company, None, Part { offset: 1, limit: 1 }).await.unwrap();
    assert_eq!(part, newest_first[1..2]);
    let carls = store.list_rooms(&case.company, Some(&id("carl")), ALL).await.unwrap();
    assert_eq!(carls, newest_first[1..2]);
    assert_eq!(store.list_rooms(&case.company, Some(&id("car")), ALL).await.unwrap(), []);
}

/// The rest of the room stays as it is.
pub async fn members_are_replaced_with_their_links_only_by_whoever_read_them<S: RoomStore + RoomRegister>(store: &S) {
    let case = Case::new("members");
    let room = case.room(1);
    store.create_room(&room).await.unwrap();
    store.room(&room.id).await.unwrap();
    let mut new = room.members.clone();
    new.remove(0);
    new[0].admin = true;
    new.push(case.member("carl", 50));
    store.replace_members(&room.id, &room.members, &new).await.unwrap();
    let changed = Room { members: new.clone(), ..room.clone() };
    assert_eq!(store.room(&room.id).await.unwrap().unwrap().room, changed);
    assert_eq!(store.room_by_link(&hash_of(&room, 0)).await.unwrap(), None);
    for (member, name) in ["bert", "carl"].into_iter().enumerate() {
        let (_, owner) = store.room_by_link(&hash_of(&changed, member)).await.unwrap().unwrap();
        assert_eq!(owner, id(name));
    }
    let late = store.replace_members(&room.id, &room.members, &room.members).await;
    assert!(matches!(late, Err(StoreError::Conflict)));
    assert_eq!(store.room_by_link(&hash_of(&room, 0)).await.unwrap(), None);

    let second = case.room(2);
    store.create_room(&second).await.unwrap();
    let mut stolen = new.clone();
    stolen.push(ports::rooms::Member { link: second.members[0].link, ..case.member("dora", 0) });
    let taken = store.replace_members(&room.id, &new, &stolen).await;
    assert!(matches!(taken, Err(StoreError::Conflict)));
    assert_eq!(store.room(&room.id).await.unwrap().unwrap().room, changed);
    let nowhere = store.replace_members(&RoomRef::new("room_members_9"), &[], &[]).await;
    assert!(matches!(nowhere, Err(StoreError::Conflict)));
}

/// Those of deleted rooms are listed; those of another company are not, nor can they be read.
pub async fn sessions_are_listed_latest_first_by_what_is_asked_for<S: RoomStore + RoomRegister>(store: &S) {
    let (case, other) = (Case::new("listsess"), Case::new("othersess"));
    let (one, two, foreign) = (case.room(1), case.room(2), other.room(3));
    for room in [&one, &two, &foreign] {
        store.create_room(room).await.unwrap();
    }
    let session =
        |number, room: &Room, opened| Session { opened: at(opened), ended: Some(at(90)), ..case.session(number, room) };
    let first = session(1, &one, 10);
    let second = Session {
        connected: BTreeSet::from([id("bert")]),
        people: BTreeSet::from([id("bert"), id("carl")]),
        ..session(2, &two, 20)
    };
    let third = session(3, &one, 20);
    let saves: Vec<_> =
        [&first, &second, &third, &session(4, &foreign, 30)].into_iter().map(|session| save(session, 0)).collect();
    store.save_sessions(&saves).await.unwrap();
    store.delete_room(&case.company, &two.key, None).await.unwrap();

    let list = async |filter: SessionFilter, part| store.list_sessions(&case.company, &filter, part).await.unwrap();
    let everything = SessionFilter::default();
    assert_eq!(list(everything.clone(), ALL).await, [third.clone(), second.clone(), first.clone()]);
    assert_eq!(list(everything.clone(), Part { offset: 1, limit: 1 }).await, std::slice::from_ref(&second));
    let of_room = SessionFilter { room: Some(one.id.clone()), ..everything.clone() };
    assert_eq!(list(of_room, ALL).await, [third.clone(), first.clone()]);
    for (name, expected) in
        [("carl", vec![second.clone()]), ("anna", vec![third.clone(), first.clone()]), ("people", vec![])]
    {
        let of_user = SessionFilter { user: Some(id(name)), ..everything.clone() };
        assert_eq!(list(of_user, ALL).await, expected, "{name}");
    }
    let after = SessionFilter { after: Some(at(10)), ..everything.clone() };
    assert_eq!(list(after, ALL).await, [third.clone(), second.clone()]);
    let before = SessionFilter { before: Some(at(20)), after: Some(at(9)), ..everything };
    assert_eq!(list(before, ALL).await, std::slice::from_ref(&first));

    assert_eq!(store.session(&case.company, &second.id).await.unwrap(), Some(second));
    assert_eq!(store.session(&other.company, &first.id).await.unwrap(), None);
    assert_eq!(store.session(&case.company, &case.session(9, &one).id).await.unwrap(), None);
}

/// Parts follow each other without gap or overlap.
pub async fn connection_events_are_listed_latest_first<S: RoomStore + RoomRegister>(store: &S) {
    let case = Case::new("latest");
    let room = case.room(1);
    store.create_room(&room).await.unwrap();
    let session = case.session(1, &room);
    let event = |number| ConnectionEvent {
        session: session.id.clone(),
        number,
        user: id("anna"),
        kind: ConnectionKind::Connected,
        at: at(number.into()),
    };
    let events = (0..4).map(event).collect();
    store.save_sessions(&[SessionSave { events, ..save(&session, 0) }]).await.unwrap();
    let list = async |offset, limit| store.list_connection_events(&session.id, Part { offset, limit }).await.unwrap();
    assert_eq!(list(0, 10).await, [3, 2, 1, 0].map(event));
    assert_eq!(list(1, 2).await, [2, 1].map(event));
}
