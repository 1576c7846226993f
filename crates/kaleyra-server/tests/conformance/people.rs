//! Users, rooms, participants, sessions, links, access tokens.

use std::{collections::BTreeSet, time::Duration};

use domain::{ProviderUserId, RoomRef};
use kaleyra_video::{
    AccessLink, CallType, Client, ConnectionEventKind, LinkTokenState, NewParticipant, NewRoom, NewUser, PageRequest,
    ParticipantFilter, ParticipantUpdate, PersonalText, Recording, Ring, Role, Room, RoomStatus, SessionFilter, Tools,
    UserId, UserListRange, UserUpdate, Version, Whiteboard,
};
use ports::media::{Identity, MediaEngine, MediaRoom, RoomName};
use ports::rooms::{ConnectionEvent, ConnectionKind, RoomStore, Running, Session, SessionId, SessionSave};

use crate::{
    company::jpeg,
    service::Service,
    table::{Table, refused},
};

pub async fn both(service: &Service, client: &Client, table: &mut Table) {
    users(client, table).await;
    access_tokens(service, client, table).await;
    rooms(service, client, table).await;
    sessions(service, client, table).await;
}

fn anna() -> UserId {
    "anna".into()
}

fn bert() -> UserId {
    "bert.2".into()
}

async fn users(client: &Client, table: &mut Table) {
    table.empty("list users", client.users(PageRequest::FIRST).await);
    let user = table.whole("create user", client.create_user(&NewUser::new(anna(), Role::Plus)).await);
    assert_eq!((&user.id, &user.role), (&anna(), &Some(Role::Plus)));
    assert_eq!((user.allow_camera, user.active), (Some(true), Some(true)));
    assert_eq!(user.language, Some("it".into()), "the company's");
    client.create_user(&NewUser::new(bert(), Role::Basic)).await.unwrap();
    let by_chance = client.create_user(&NewUser { id: None, ..NewUser::new(anna(), Role::Basic) }).await.unwrap();
    assert!(by_chance.id.as_str().starts_with("usr_"));
    assert_eq!(table.whole("get user", client.user(&anna()).await), user);
    let update = UserUpdate { allow_camera: Some(false), language: Some("de".into()), ..UserUpdate::default() };
    let updated = table.whole("update user", client.update_user(&anna(), &update).await).unwrap();
    assert_eq!((updated.allow_camera, &updated.role), (Some(false), &Some(Role::Plus)));
    assert_eq!(updated, client.user(&anna()).await.unwrap());
    let listed = table.whole("list users", client.users(PageRequest::FIRST).await);
    let ids: Vec<_> = listed.items.iter().map(|user| user.id.clone()).collect();
    assert_eq!(ids, [anna(), bert(), by_chance.id.clone()]);
    table.whole("delete user", client.delete_user(&by_chance.id).await);
    refused("user", "invalid_user_id", client.user(&by_chance.id).await);
    refused("user", "user_id_already_exists", client.create_user(&NewUser::new(anna(), Role::Basic)).await);
    refused("user", "invalid_user_id", client.create_user(&NewUser::new("a b".into(), Role::Basic)).await);
    let none = Role::Other("chief".to_owned());
    refused("user", "role_validation_error", client.create_user(&NewUser::new("carl".into(), none)).await);
    refused("user", "invalid_user_id", client.update_user(&"nobody".into(), &update).await);

    let url = table.whole("update avatar", client.update_avatar(&anna(), jpeg(300)).await).unwrap();
    assert_eq!(client.user(&anna()).await.unwrap().avatar_url, Some(url));
    refused("avatar", "invalid_user_id", client.update_avatar(&"nobody".into(), jpeg(300)).await);
}

async fn access_tokens(service: &Service, client: &Client, table: &mut Table) {
    let token = table.whole("create access token", client.create_access_token(&anna(), 600).await);
    assert_eq!(token.user_id, Some(anna()));
    let expires = token.expires_at.unwrap().duration_since(service.now()).as_secs();
    assert!((599..=600).contains(&expires), "whole seconds: {expires}");
    refused("token", "invalid_user_id", client.create_access_token(&"nobody".into(), 600).await);
    let active = |active| UserUpdate { active: Some(active), ..UserUpdate::default() };
    client.update_user(&anna(), &active(false)).await.unwrap();
    refused("token", "invalid_user_id", client.create_access_token(&anna(), 600).await);
    client.update_user(&anna(), &active(true)).await.unwrap();
}

fn participant(user: UserId) -> NewParticipant {
    NewParticipant { user_id: user, is_admin: false, tools: None }
}

fn duo() -> NewRoom {
    NewRoom::new(vec![participant(anna()), participant(bert())])
}

async fn rooms(service: &Service, client: &Client, table: &mut Table) {
    table.empty("list rooms", client.rooms(PageRequest::FIRST).await);
    let tools = Tools { chat: true, whiteboard: Whiteboard::Whole, ..Tools::default() };
    let order = NewRoom {
        participants: vec![
            NewParticipant { is_admin: true, ..participant(anna()) },
            NewParticipant { tools: Some(tools), ..participant(bert()) },
        ],
        recording: Recording::Manual,
        duration_s: Some(600),
        call_type: Some(CallType::AudioUpgradable),
        live: true,
        description: Some("«prova»".into()),
        ..duo()
    };
    let room = table.whole("create room", client.create_room(&order).await);
    is_as_ordered(&room);
    let links: BTreeSet<_> =
        room.participants.iter().map(|one| one.link.clone().unwrap().as_str().to_owned()).collect();
    assert_eq!(links.len(), 2, "everyone has a link of their own");
    for link in &links {
        let token = link.rsplit('/').next().unwrap();
        assert!(service.video.enter(token).await.is_ok(), "the link leads into the room");
    }
    let read = table.whole("get room", client.room(&room.id).await);
    is_as_ordered(&read);
    assert_eq!(read.status, Some(RoomStatus::NotRunning));
    let plain = client.create_room(&duo()).await.unwrap();
    assert_eq!(plain.duration_s, None);
    assert!(plain.participants.iter().all(|one| one.tools.is_some_and(|tools| tools.chat && tools.live_pointer)));
    let listed = table.whole("list rooms", client.rooms(PageRequest::FIRST).await);
    let ids: BTreeSet<_> = listed.items.iter().map(|room| room.id.clone()).collect();
    assert_eq!(ids, BTreeSet::from([room.id.clone(), plain.id.clone()]));
    let first = client.rooms(PageRequest::new(0, 1)).await.unwrap();
    assert!(first.has_more && first.items.len() == 1);

    table.whole("disable room", client.disable_room(&room.id).await);
    let disabled = client.room(&room.id).await.unwrap();
    assert!(disabled.disabled && disabled.status == Some(RoomStatus::Closed));
    assert!(disabled.participants.iter().all(|one| one.link.is_none()));
    table.whole("delete room", client.delete_room(&plain.id).await);
    for token in plain.participants.iter().map(|one| one.link.clone().unwrap()) {
        assert!(service.video.enter(token.as_str().rsplit('/').next().unwrap()).await.is_err());
    }
    refused("room", "room_not_found", client.room(&plain.id).await);
    refused("room", "room_not_found", client.delete_room(&plain.id).await);
    refused("room", "room_not_found", client.disable_room(&plain.id).await);
    refused_rooms(client).await;
}

fn is_as_ordered(room: &Room) {
    assert_eq!((room.duration_s, room.live), (Some(600), Some(true)));
    assert_eq!(room.recording, Some(Recording::Manual));
    assert_eq!(room.call_type, Some(CallType::AudioUpgradable));
    assert_eq!(room.description.as_ref().map(PersonalText::as_str), Some("«prova»"));
    let [one, other] = &room.participants[..] else { panic!("two people") };
    assert_eq!((&one.user_id, one.is_admin), (&anna(), Some(true)));
    assert_eq!((&other.user_id, other.is_admin), (&bert(), Some(false)));
    let tools = other.tools.unwrap();
    assert!(tools.chat && !tools.snapshot && !tools.sign);
    assert!(matches!(tools.whiteboard, Whiteboard::Parts(parts) if parts.pen && parts.eraser));
}

async fn refused_rooms(client: &Client) {
    let of = |participants| NewRoom { participants, ..duo() };
    for (order, code) in [
        (of(vec![participant(anna())]), "invalid_participants_length"),
        (of(vec![]), "invalid_participants_length"),
        (of(vec![participant(anna()), participant(anna())]), "duplicated_participant"),
        (of(vec![participant(anna()), participant("nobody".into())]), "invalid_user_id"),
        (NewRoom { duration_s: Some(86_401), ..duo() }, "invalid_duration"),
        (NewRoom { call_type: Some(CallType::Other("smoke".to_owned())), ..duo() }, "invalid_call_type"),
        (NewRoom { recording: Recording::Other("some".to_owned()), ..duo() }, "invalid_recording"),
        (NewRoom { description: Some("x".repeat(1_025).into()), ..duo() }, "invalid_description"),
    ] {
        refused(code, code, client.create_room(&order).await);
    }
    client.create_user(&NewUser::new("basic".into(), Role::Basic)).await.unwrap();
    let basic = of(vec![participant(bert()), participant("basic".into())]);
    refused("room", "no_plus_user", client.create_room(&basic).await);
    let inactive = UserUpdate { active: Some(false), ..UserUpdate::default() };
    client.update_user(&"basic".into(), &inactive).await.unwrap();
    let order = of(vec![participant(anna()), participant("basic".into())]);
    refused("room", "invalid_user_id", client.create_room(&order).await);
    client.delete_user(&"basic".into()).await.unwrap();
}

/// A session of ten seconds that has ended, with its connections.
pub async fn meet(service: &Service, room: &Room, name: &str) -> kaleyra_video::SessionId {
    let people = [anna(), bert()].map(|user| ProviderUserId::parse(user.as_str()).unwrap());
    let opened = service.now();
    let id = SessionId(name.to_owned());
    let session = Session {
        id: id.clone(),
        room: RoomRef::new(room.id.as_str()),
        opened,
        ended: Some(opened + Duration::from_secs(20)),
        used: Duration::from_secs(10),
        running: None,
        counted_until: opened + Duration::from_secs(20),
        connected: BTreeSet::new(),
        people: people.iter().cloned().collect(),
        connections: 4,
    };
    let kinds =
        [ConnectionKind::Connected, ConnectionKind::Connected, ConnectionKind::Crashed, ConnectionKind::Disconnected];
    let events = (0..).zip(kinds).map(|(number, kind)| ConnectionEvent {
        session: id.clone(),
        number,
        user: people[number as usize % 2].clone(),
        kind,
        at: opened + Duration::from_secs(5 * u64::from(number)),
    });
    let room_used = session.used;
    let save = SessionSave { events: events.collect(), session, room_used, time_up: None, notices: vec![] };
    service.store.save_sessions(&[save]).await.unwrap();
    name.into()
}

async fn sessions(service: &Service, client: &Client, table: &mut Table) {
    let nothing = SessionFilter::default();
    table.empty("list sessions", client.sessions(&nothing, PageRequest::FIRST).await);
    let room = client.create_room(&NewRoom { duration_s: Some(600), ..duo() }).await.unwrap();
    let id = meet(service, &room, "session_aaaaaaaaaaaa").await;
    let session = table.whole("get session", client.session(&id).await);
    assert_eq!((session.room_id.as_ref(), session.duration_s), (Some(&room.id), Some(10)));
    assert_eq!(session.connected_participants, [anna(), bert()]);
    let listed = table.whole("list sessions", client.sessions(&nothing, PageRequest::FIRST).await);
    assert_eq!(listed.items, std::slice::from_ref(&session));
    let of_bert = SessionFilter { user_id: Some(bert()), ..nothing.clone() };
    let listed = table.whole("list sessions of user", client.sessions(&of_bert, PageRequest::FIRST).await);
    assert_eq!(listed.items, [session]);
    let later = SessionFilter { after: Some(service.now()), ..nothing };
    assert!(client.sessions(&later, PageRequest::FIRST).await.unwrap().items.is_empty());

    let events = table.whole("list connections", client.connections(&id, PageRequest::FIRST).await).items;
    let kinds: Vec<_> = events.iter().map(|event| (event.user_id.clone(), event.event.clone())).collect();
    let newest_first = [
        (bert(), ConnectionEventKind::Disconnect),
        (anna(), ConnectionEventKind::Crash),
        (bert(), ConnectionEventKind::Connect),
        (anna(), ConnectionEventKind::Connect),
    ];
    assert_eq!(kinds, newest_first);
    refused("session", "session_not_found", client.session(&"session_none".into()).await);
    let none = client.connections(&"session_none".into(), PageRequest::FIRST).await;
    refused("session", "session_not_found", none);
    assert_eq!(client.room(&room.id).await.unwrap().duration_used_s, Some(10));

    let service_session = Session {
        running: Some(Running { since: service.now(), used_before: Duration::ZERO }),
        ended: None,
        ..service.store.sessions(&RoomRef::new(room.id.as_str()), 1).await.unwrap().remove(0)
    };
    let under_way = Session { id: SessionId("session_bbbbbbbbbbbb".to_owned()), ..service_session };
    let save = SessionSave {
        room_used: Duration::from_secs(10),
        session: under_way,
        time_up: None,
        events: vec![],
        notices: vec![],
    };
    service.store.save_sessions(&[save]).await.unwrap();
    assert_eq!(client.room(&room.id).await.unwrap().status, Some(RoomStatus::Running));
}

pub async fn v2(service: &Service, client: &Client, table: &mut Table) {
    assert_eq!(client.version(), Version::V2);
    table.whole("delete avatar", client.delete_avatar(&anna()).await);
    assert_eq!(client.user(&anna()).await.unwrap().avatar_url, None);

    let room = client.create_room(&duo()).await.unwrap();
    let carl: UserId = "carl".into();
    client.create_user(&NewUser::new(carl.clone(), Role::Basic)).await.unwrap();
    let added = NewParticipant { is_admin: true, ..participant(carl.clone()) };
    let added = table.whole("add participant", client.add_participant(&room.id, &added).await);
    let link = added.link.clone().unwrap();
    let enters = async |link: &AccessLink| service.video.enter(link.as_str().rsplit('/').next().unwrap()).await.is_ok();
    assert!(enters(&link).await);
    assert_eq!(table.whole("get participant", client.participant(&room.id, &carl).await), added);
    let everyone = client.participants(&room.id, ParticipantFilter::Everyone, PageRequest::FIRST).await;
    assert_eq!(table.whole("list participants", everyone).items.len(), 3);
    let admins = client.participants(&room.id, ParticipantFilter::Admins, PageRequest::FIRST).await.unwrap();
    assert_eq!(admins.items, [added]);
    let update = ParticipantUpdate { is_admin: Some(false), tools: Some(Tools::default()) };
    let updated = table.whole("update participant", client.update_participant(&room.id, &carl, &update).await).unwrap();
    assert_eq!((updated.is_admin, updated.tools), (Some(false), Some(Tools::default())));
    table.whole("remove participant", client.remove_participant(&room.id, &carl).await);
    assert!(!enters(&link).await);
    refused("participant", "participant_not_found", client.participant(&room.id, &carl).await);
    let twice = client.add_participant(&room.id, &participant(anna())).await;
    refused("participant", "duplicated_participant", twice);
    let too_few = client.remove_participant(&room.id, &anna()).await;
    refused("participant", "invalid_participants_length", too_few);
    let nobody = client.add_participant(&room.id, &participant("nobody".into())).await;
    refused("participant", "invalid_user_id", nobody);
    client.add_participant(&room.id, &participant(carl.clone())).await.unwrap();
    refused("participant", "no_plus_user", client.remove_participant(&room.id, &anna()).await);

    let ring = Ring { initiator: Some(anna()), participants: vec![carl] };
    table.whole("ring room", client.ring_room(&room.id, &ring).await);
    let stranger = Ring { participants: vec!["stranger".into()], ..Ring::default() };
    refused("ring", "invalid_user_id", client.ring_room(&room.id, &stranger).await);

    let of_room = SessionFilter { room_id: Some(room.id.clone()), ..SessionFilter::default() };
    assert!(client.sessions(&of_room, PageRequest::FIRST).await.unwrap().items.is_empty());
}

pub async fn v1(service: &Service, client: &Client, table: &mut Table) {
    assert_eq!(client.version(), Version::V1);
    assert_eq!(table.whole("update all permissions", client.update_all_permissions(true).await), 2);
    assert_eq!(client.user(&anna()).await.unwrap().allow_camera, Some(true));

    let rooms = client.rooms_of_user(&bert(), UserListRange::default()).await;
    let rooms = table.whole("list rooms of user", rooms);
    assert_eq!(rooms.iter().filter(|room| room.disabled).count(), 1);
    let part = client.rooms_of_user(&bert(), UserListRange { limit: 1, skip: 1 }).await.unwrap();
    assert_eq!(part, rooms[1..2]);
    assert!(client.rooms_of_user(&"nobody".into(), UserListRange::default()).await.unwrap().is_empty());

    let listed = client.sessions(&SessionFilter::default(), PageRequest::FIRST).await.unwrap();
    let room = client.room(listed.items.last().unwrap().room_id.as_ref().unwrap()).await.unwrap();
    let dial = room.dial_info.unwrap();
    let session = dial.sessions.iter().find(|session| !session.events.is_empty()).unwrap();
    assert_eq!((session.duration_s, session.events.len(), session.activities.len()), (10, 4, 2));
    assert_eq!(session.activities[0].seconds, Some(10));

    let room = client.create_room(&duo()).await.unwrap();
    let link = room.participants[0].link.clone().unwrap();
    let token = link.as_str().rsplit('/').next().unwrap();
    let state = table.whole("check link token", client.check_link_token(&token.into()).await);
    assert_eq!(state, LinkTokenState::Active);
    table.whole("delete link token", client.delete_link_token(&token.into()).await);
    assert!(service.video.enter(token).await.is_err());
    for token in [token, "nobody's"] {
        let state = client.check_link_token(&token.into()).await.unwrap();
        assert_eq!(state, LinkTokenState::NotActive);
    }
}

#[tokio::test]
async fn somebody_who_may_not_use_the_service_any_more_is_sent_away() {
    let service = Service::start().await;
    let client = service.client("v2");
    for (user, role) in [(anna(), Role::Plus), (bert(), Role::Basic)] {
        client.create_user(&NewUser::new(user, role)).await.unwrap();
    }
    let room = client.create_room(&duo()).await.unwrap();
    let name = RoomName(room.id.as_str().to_owned());
    let media = MediaRoom { name: name.clone(), participants_max: 25, metadata: String::new() };
    service.engine.open_room(&media).await.unwrap();
    let present = [anna(), bert()].map(|user| Identity(user.as_str().to_owned()));
    for identity in &present {
        service.engine.join(&name, identity).unwrap();
    }
    let inactive = UserUpdate { active: Some(false), ..UserUpdate::default() };
    client.update_user(&bert(), &inactive).await.unwrap();
    assert_eq!(service.engine.participants(&name).await.unwrap(), present[..1]);
    client.delete_user(&anna()).await.unwrap();
    assert_eq!(service.engine.participants(&name).await.unwrap(), []);
}
