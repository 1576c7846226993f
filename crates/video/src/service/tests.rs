use std::{collections::BTreeSet, time::Duration};

use domain::{FullName, Language, Role};
use ports::{
    fake::{FakeChance, FakeClock, FakeMediaEngine, rooms::FakeRooms},
    media::{Admission, Identity, MediaRoom},
    provider::RoomStatus,
    rooms::{Running, Session, SessionId, SessionSave},
};

use super::*;
use crate::{
    Doorkeeper, STEP_MAX,
    testing::{at, company, id, room_spec},
};

struct World {
    service: VideoService,
    store: Arc<FakeRooms>,
    engine: Arc<FakeMediaEngine>,
    clock: Arc<FakeClock>,
    doorkeeper: Doorkeeper,
}

fn world() -> World {
    let (store, engine) = (Arc::new(FakeRooms::new()), Arc::new(FakeMediaEngine::new()));
    let clock = Arc::new(FakeClock::new(at(0)));
    let service = service(&store, &engine, &clock, 1, 7);
    let doorkeeper = Doorkeeper::new(store.clone(), clock.clone());
    World { service, store, engine, clock, doorkeeper }
}

fn service(
    store: &Arc<FakeRooms>,
    engine: &Arc<FakeMediaEngine>,
    clock: &Arc<FakeClock>,
    seed: u64,
    secret: u8,
) -> VideoService {
    let config = VideoConfig {
        company: company(),
        public_url: "https://visits.example.org".to_owned(),
        region: "eu".to_owned(),
        link_secret: LinkSecret::new([secret; 32]),
    };
    let chance = Arc::new(FakeChance::seeded(seed));
    VideoService::new(config, store.clone(), engine.clone(), clock.clone(), chance)
}

impl World {
    async fn room(&self, spec: &RoomSpec) -> RoomOpened {
        self.users().await;
        self.service.ensure_room(spec).await.unwrap()
    }

    async fn users(&self) {
        let specs = [spec("anna", Role::Plus), spec("bert", Role::Basic), spec("carl", Role::Basic)];
        self.service.ensure_users(&specs).await.unwrap();
    }

    async fn admits(&self, room: &RoomRef, name: &str) -> Option<MediaRoom> {
        self.doorkeeper.admit(&RoomName(room.as_str().to_owned()), &Identity(name.to_owned())).await
    }
}

fn spec(name: &str, role: Role) -> UserSpec {
    UserSpec { id: id(name), role, language: None }
}

fn pair() -> RoomSpec {
    room_spec(&["anna", "bert"])
}

fn token(opened: &RoomOpened, name: &str) -> String {
    opened.links[&id(name)].expose().rsplit('/').next().unwrap().to_owned()
}

fn message(error: ProviderError) -> String {
    let ProviderError::Refused { message } = error else { panic!("expected a refusal, not {error:?}") };
    message
}

#[tokio::test]
async fn a_room_gives_everyone_a_link_of_their_own() {
    let world = world();
    let opened = world.room(&pair()).await;
    assert_eq!(opened.links.len(), 2);
    let prefix = "https://visits.example.org/eu/direct-rest-call-handler/";
    for link in opened.links.values() {
        assert_eq!(link.expose().strip_prefix(prefix).map(str::len), Some(48));
    }
    assert_ne!(opened.links[&id("anna")], opened.links[&id("bert")]);
}

#[tokio::test]
async fn the_same_key_gives_the_same_room_and_links_also_after_a_restart() {
    let world = world();
    let opened = world.room(&pair()).await;
    assert_eq!(world.service.ensure_room(&pair()).await.unwrap(), opened);
    let restarted = service(&world.store, &world.engine, &world.clock, 99, 7);
    assert_eq!(restarted.ensure_room(&pair()).await.unwrap(), opened);
    let other = RoomSpec { key: RoomKey::new([2; 16]), ..pair() };
    assert_ne!(world.service.ensure_room(&other).await.unwrap().room, opened.room);
}

#[tokio::test]
async fn calls_at_once_with_one_key_make_one_room() {
    let world = Arc::new(world());
    world.users().await;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let world = world.clone();
        calls.spawn(async move { world.service.ensure_room(&pair()).await.unwrap() });
    }
    let rooms: BTreeSet<_> = calls.join_all().await.into_iter().map(|opened| opened.room).collect();
    assert_eq!(rooms.len(), 1);
}

#[tokio::test]
async fn a_key_with_other_people_is_refused() {
    let world = world();
    world.room(&pair()).await;
    let refused = world.service.ensure_room(&room_spec(&["anna", "carl"])).await.unwrap_err();
    assert_eq!(message(refused), "the key names a room of other people");
}

#[tokio::test]
async fn a_room_of_unknown_or_basic_users_is_refused_and_nothing_is_made() {
    let world = world();
    let unknown = world.service.ensure_room(&pair()).await.unwrap_err();
    assert_eq!(message(unknown), "a participant is not a user");
    world.users().await;
    let basic = world.service.ensure_room(&room_spec(&["bert", "carl"])).await.unwrap_err();
    assert_eq!(message(basic), "a room needs at least one plus user");
    assert_eq!(world.store.room_by_key(&company(), &pair().key).await.unwrap(), None);
    world.service.ensure_users(&[spec("bert", Role::Plus)]).await.unwrap();
    assert!(world.service.ensure_room(&room_spec(&["bert", "carl"])).await.is_ok());
}

#[tokio::test]
async fn more_users_at_once_than_a_room_has_are_refused() {
    let specs: Vec<_> = (0..26).map(|number| spec(&format!("user{number}"), Role::Basic)).collect();
    assert!(matches!(world().service.ensure_users(&specs).await, Err(ProviderError::Refused { .. })));
}

#[tokio::test]
async fn a_link_lets_its_owner_in_with_what_they_may_use() {
    let world = world();
    let mut spec = pair();
    spec.duration = Some(Duration::from_mins(10));
    spec.participants[0].display_name = Some(FullName::parse("Dr. Anna").unwrap());
    spec.participants[0].language = Some(Language::parse("it").unwrap());
    spec.participants[0].admin = true;
    let opened = world.room(&spec).await;
    let entry = world.service.enter(&token(&opened, "anna")).await.unwrap();
    assert_eq!(entry.participant.user, id("anna"));
    assert_eq!(entry.participant.display_name.unwrap().as_str(), "Dr. Anna");
    assert_eq!(entry.participant.language.unwrap().as_str(), "it");
    assert!(entry.participant.admin && entry.participant.camera);
    assert_eq!((entry.room.id.clone(), entry.room.status), (opened.room.clone(), RoomStatus::NotRunning));
    assert_eq!(entry.room.duration, Some(Duration::from_mins(10)));
    assert_eq!(entry.media.unwrap().expires, at(600));

    let grants = world.engine.grants();
    assert_eq!(grants.len(), 1);
    assert_eq!(grants[0].identity.0, "anna");
    assert_eq!(grants[0].room.0, opened.room.as_str());
    assert_eq!(grants[0].name.as_deref(), Some("Dr. Anna"));
    assert!(world.admits(&opened.room, "anna").await.is_some());
}

#[tokio::test]
async fn a_token_that_is_nobodys_lets_nobody_in() {
    let world = world();
    let opened = world.room(&pair()).await;
    for text in ["", "zz", &"0".repeat(40), &token(&opened, "anna")[1..], &token(&opened, "anna").to_uppercase()] {
        assert!(matches!(world.service.enter(text).await, Err(EnterError::InvalidLink)), "{text}");
    }
    let other_secret = service(&world.store, &world.engine, &world.clock, 1, 8);
    assert!(matches!(other_secret.enter(&token(&opened, "anna")).await, Err(EnterError::InvalidLink)));
    assert!(world.engine.grants().is_empty());
}

#[tokio::test]
async fn somebody_who_is_not_active_is_not_let_in() {
    let world = world();
    let opened = world.room(&pair()).await;
    world.store.set_user_active(&company(), &id("bert"), false).await.unwrap();
    assert!(matches!(world.service.enter(&token(&opened, "bert")).await, Err(EnterError::InvalidLink)));
    assert_eq!(world.admits(&opened.room, "bert").await, None);
    assert!(world.admits(&opened.room, "anna").await.is_some());
}

#[tokio::test]
async fn only_people_of_the_room_are_admitted() {
    let world = world();
    let opened = world.room(&pair()).await;
    assert_eq!(world.admits(&opened.room, "carl").await, None);
    assert_eq!(world.admits(&opened.room, "no id at all!").await, None);
    assert_eq!(world.admits(&RoomRef::new("room_of_nobody"), "anna").await, None);
    let admitted = world.admits(&opened.room, "anna").await.unwrap();
    assert_eq!((admitted.name.0.as_str(), admitted.participants_max), (opened.room.as_str(), 25));
    assert!(admitted.metadata.starts_with(r#"{"status":"NOT_RUNNING","#));
}

#[tokio::test]
async fn a_link_taken_back_is_dead_and_the_new_one_lives() {
    let world = world();
    let opened = world.room(&pair()).await;
    let old = token(&opened, "anna");
    let new = world.service.revoke_link(&opened.room, &id("anna"), Reissue::New).await.unwrap().unwrap();
    assert!(matches!(world.service.enter(&old).await, Err(EnterError::InvalidLink)));
    assert!(world.service.enter(new.expose().rsplit('/').next().unwrap()).await.is_ok());
    assert!(world.service.enter(&token(&opened, "bert")).await.is_ok());
    assert_eq!(world.service.ensure_room(&pair()).await.unwrap().links[&id("anna")], new);
}

#[tokio::test]
async fn without_a_link_a_person_is_disconnected_and_not_admitted() {
    let world = world();
    let opened = world.room(&pair()).await;
    let media = world.admits(&opened.room, "anna").await.unwrap();
    world.engine.open_room(&media).await.unwrap();
    world.engine.join(&media.name, &Identity("anna".to_owned())).unwrap();
    assert_eq!(world.service.revoke_link(&opened.room, &id("anna"), Reissue::None).await.unwrap(), None);
    assert!(world.engine.participants(&media.name).await.unwrap().is_empty());
    assert_eq!(world.admits(&opened.room, "anna").await, None);
    assert!(world.admits(&opened.room, "bert").await.is_some());
    assert_eq!(world.service.ensure_room(&pair()).await.unwrap().links.len(), 1);
    assert_eq!(world.service.revoke_link(&opened.room, &id("carl"), Reissue::New).await.unwrap(), None);
}

#[tokio::test]
async fn a_deleted_room_is_gone_with_its_links_and_its_call() {
    let world = world();
    let opened = world.room(&pair()).await;
    let media = world.admits(&opened.room, "anna").await.unwrap();
    world.engine.open_room(&media).await.unwrap();
    for _ in 0..2 {
        world.service.delete_room(&pair().key, Some(&opened.room)).await.unwrap();
    }
    assert!(world.engine.rooms().is_empty());
    assert_eq!(VideoProvider::room(&world.service, &opened.room).await.unwrap(), None);
    assert!(matches!(world.service.enter(&token(&opened, "anna")).await, Err(EnterError::InvalidLink)));
    assert_eq!(world.admits(&opened.room, "anna").await, None);
    let again = world.service.ensure_room(&pair()).await.unwrap_err();
    assert!(matches!(again, ProviderError::KeyUsedUp), "{again:?}");
}

#[tokio::test]
async fn a_room_is_deleted_by_its_key_alone_and_one_that_never_was_is_deleted_already() {
    let world = world();
    let opened = world.room(&pair()).await;
    world.service.delete_room(&pair().key, None).await.unwrap();
    assert_eq!(VideoProvider::room(&world.service, &opened.room).await.unwrap(), None);
    world.service.delete_room(&RoomKey::new([9; 16]), None).await.unwrap();
}

#[tokio::test]
async fn deletion_is_repeated_until_the_call_has_ended() {
    let world = world();
    let opened = world.room(&pair()).await;
    let media = world.admits(&opened.room, "anna").await.unwrap();
    world.engine.open_room(&media).await.unwrap();
    world.engine.fail_next(1);
    let failed = world.service.delete_room(&pair().key, None).await;
    assert!(matches!(failed, Err(ProviderError::Unavailable { .. })));
    world.service.delete_room(&pair().key, None).await.unwrap();
    assert!(world.engine.rooms().is_empty());
}

#[tokio::test]
async fn a_disabled_room_keeps_its_record_and_lets_nobody_in() {
    let world = world();
    let opened = world.room(&pair()).await;
    assert!(world.service.disable_room(&opened.room).await.unwrap());
    let details = VideoProvider::room(&world.service, &opened.room).await.unwrap().unwrap();
    assert!(details.disabled);
    assert_eq!(details.status, RoomStatus::Closed);
    assert!(matches!(world.service.enter(&token(&opened, "anna")).await, Err(EnterError::InvalidLink)));
    assert_eq!(world.admits(&opened.room, "anna").await, None);
    assert!(!world.service.disable_room(&RoomRef::new("room_of_nobody")).await.unwrap());
}

fn session(room: &RoomRef) -> Session {
    Session {
        id: SessionId("session_1".to_owned()),
        room: room.clone(),
        opened: at(0),
        ended: None,
        used: Duration::from_secs(20),
        running: Some(Running { since: at(0), used_before: Duration::ZERO }),
        counted_until: at(20),
        connected: BTreeSet::new(),
        people: BTreeSet::new(),
        connections: 0,
    }
}

fn save(session: Session, used: u64, time_up: bool) -> SessionSave {
    let time_up = time_up.then(|| at(60));
    SessionSave { session, room_used: Duration::from_secs(used), time_up, events: Vec::new(), notices: Vec::new() }
}

#[tokio::test]
async fn a_room_says_how_much_of_it_is_used_at_this_moment() {
    let world = world();
    let opened = world.room(&RoomSpec { duration: Some(Duration::from_mins(2)), ..pair() }).await;
    world.store.save_sessions(&[save(session(&opened.room), 20, false)]).await.unwrap();
    let details = async |moment| {
        world.clock.set(at(moment));
        VideoProvider::room(&world.service, &opened.room).await.unwrap().unwrap()
    };
    assert_eq!(details(25).await.duration_used, Duration::from_secs(25));
    assert_eq!(details(25).await.status, RoomStatus::Running);
    assert_eq!(details(10).await.duration_used, Duration::from_secs(20));
    assert_eq!(details(100_000).await.duration_used, Duration::from_secs(20) + STEP_MAX);
    assert_eq!(details(25).await.created, Some(at(0)));
}

#[tokio::test]
async fn a_room_whose_time_is_up_is_closed_to_everyone() {
    let world = world();
    let opened = world.room(&RoomSpec { duration: Some(Duration::from_mins(1)), ..pair() }).await;
    let ended = Session { ended: Some(at(60)), running: None, ..session(&opened.room) };
    world.store.save_sessions(&[save(ended, 60, true)]).await.unwrap();
    assert!(matches!(world.service.enter(&token(&opened, "anna")).await, Err(EnterError::RoomClosed)));
    assert_eq!(world.admits(&opened.room, "anna").await, None);
    let details = VideoProvider::room(&world.service, &opened.room).await.unwrap().unwrap();
    assert_eq!((details.status, details.disabled), (RoomStatus::Closed, false));
}

#[tokio::test]
async fn another_companys_rooms_are_none() {
    let world = world();
    let opened = world.room(&pair()).await;
    let other = VideoService {
        config: VideoConfig {
            company: CompanyId("other".to_owned()),
            public_url: "https://visits.example.org".to_owned(),
            region: "eu".to_owned(),
            link_secret: LinkSecret::new([7; 32]),
        },
        ..service(&world.store, &world.engine, &world.clock, 5, 7)
    };
    assert_eq!(VideoProvider::room(&other, &opened.room).await.unwrap(), None);
    assert!(!other.disable_room(&opened.room).await.unwrap());
    other.delete_room(&pair().key, Some(&opened.room)).await.unwrap();
    assert!(VideoProvider::room(&world.service, &opened.room).await.unwrap().is_some());
    assert!(world.service.enter(&token(&opened, "anna")).await.is_ok());
}

#[tokio::test]
async fn while_the_store_is_out_of_reach_nothing_is_promised_and_nobody_is_let_in() {
    let world = world();
    let opened = world.room(&pair()).await;
    world.store.set_out_of_reach(true);
    let unavailable = |error| matches!(error, ProviderError::Unavailable { .. });
    assert!(unavailable(world.service.ensure_users(&[spec("anna", Role::Plus)]).await.unwrap_err()));
    assert!(unavailable(world.service.ensure_room(&pair()).await.unwrap_err()));
    assert!(unavailable(world.service.delete_room(&pair().key, None).await.unwrap_err()));
    assert!(unavailable(world.service.health().await.unwrap_err()));
    assert!(matches!(world.service.enter(&token(&opened, "anna")).await, Err(EnterError::Unavailable(_))));
    assert_eq!(world.admits(&opened.room, "anna").await, None);
}

#[tokio::test]
async fn while_the_engine_gives_no_tokens_people_are_asked_to_try_again() {
    let world = world();
    let opened = world.room(&pair()).await;
    world.engine.fail_next(1);
    assert!(matches!(world.service.enter(&token(&opened, "anna")).await, Err(EnterError::Unavailable(_))));
    assert!(world.service.enter(&token(&opened, "anna")).await.is_ok());
}
