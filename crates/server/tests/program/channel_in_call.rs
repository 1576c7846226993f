//! Everybody's side of the call channel while they are in the call: over real sockets, with a media engine that a test directs.

use std::sync::Arc;

use domain::{ProviderUserId, Role, RoomKey, RoomRef, Tools, WhiteboardTools};
use ports::{
    Clock,
    content::{File, FileId, FileKind, FileLimits, FileStore, RatingStore},
    fake::{FakeChance, FakeClock, FakeFileBytes, FakeMediaEngine, rooms::FakeRooms},
    media::{Admission, Identity, MediaEngine, MediaEvent, RoomName, TrackSource},
    provider::{Recording, RoomParticipant, RoomSpec, UserSpec, VideoProvider},
    rooms::CompanyId,
};
use serde_json::{Value, json};
use teleconsultation_server::channel::{Hub, HubParts, serve};
use tokio::sync::mpsc;
use video::{
    Doorkeeper, LinkSecret, Reissue, SessionWorker, VideoConfig, VideoService, WaitingRooms,
    files::{FileStores, Files},
};

use crate::web_socket::Page;

struct House {
    port: u16,
    store: Arc<FakeRooms>,
    engine: Arc<FakeMediaEngine>,
    video: Arc<VideoService>,
    hub: Hub,
    doorkeeper: Doorkeeper,
    clock: Arc<FakeClock>,
    events: mpsc::Sender<MediaEvent>,
    room: RoomRef,
    tokens: std::collections::BTreeMap<String, String>,
}

fn id(name: &str) -> ProviderUserId {
    ProviderUserId::parse(name).unwrap()
}

impl House {
    /// A room whose first person is an admin.
    async fn with(people: &[(&str, Tools)]) -> Self {
        let store = Arc::new(FakeRooms::new());
        let engine = Arc::new(FakeMediaEngine::new());
        let clock = Arc::new(FakeClock::new("2026-01-01T10:00:00Z".parse().unwrap()));
        let chance = Arc::new(FakeChance::seeded(3));
        let waiting_rooms = WaitingRooms::new(store.clone(), store.clone());
        let hub = Hub::new(HubParts {
            content: store.clone(),
            rooms: store.clone(),
            waiting_rooms: Some(waiting_rooms.clone()),
            clock: clock.clone(),
            chance: chance.clone(),
        });
        let config = VideoConfig {
            company: CompanyId("default".to_owned()),
            public_url: "https://visits.example.org".to_owned(),
            region: "eu".to_owned(),
            link_secret: LinkSecret::new([7; 32]),
        };
        let stores = FileStores { content: store.clone(), bytes: Arc::new(FakeFileBytes::new()) };
        let outside = (clock.clone() as _, chance.clone() as _);
        let files = Files::new(config.company.clone(), stores, outside, &config.link_secret, 1_000_000);
        files.connect(Arc::new(hub.clone()), Arc::new(hub.clone()));
        let video = VideoService::new(config, store.clone(), engine.clone(), clock.clone(), chance.clone())
            .with_files(Arc::new(files))
            .with_waiting_rooms(waiting_rooms.clone())
            .with_observer(Arc::new(hub.clone()));
        let video = Arc::new(video);
        hub.attach(&video);
        let (events, receiver) = mpsc::channel(16);
        let worker = SessionWorker::new(store.clone(), engine.clone(), clock.clone(), chance)
            .with_observer(Arc::new(hub.clone()));
        tokio::spawn(worker.run(receiver, std::future::pending()));

        let role = |place| if place == 0 { Role::Plus } else { Role::Basic };
        let users = people.iter().enumerate();
        let users = users.map(|(place, (name, _))| UserSpec { id: id(name), role: role(place), language: None });
        video.ensure_users(&users.collect::<Vec<_>>()).await.unwrap();
        let participants = people.iter().enumerate().map(|(place, (name, tools))| RoomParticipant {
            user: id(name),
            admin: place == 0,
            tools: *tools,
            display_name: None,
            language: None,
        });
        let spec = RoomSpec {
            key: RoomKey::new([1; 16]),
            participants: participants.collect(),
            duration: None,
            live: false,
            recording: Recording::None,
        };
        let opened = video.ensure_room(&spec).await.unwrap();
        let token = |link: &domain::AccessLink| link.expose().rsplit('/').next().unwrap().to_owned();
        let tokens = opened.links.iter().map(|(user, link)| (user.to_string(), token(link))).collect();

        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let of_sockets = hub.clone();
        let open = move |upgrade: axum::extract::WebSocketUpgrade| {
            let hub = of_sockets.clone();
            async move { upgrade.on_upgrade(move |socket| serve(socket, hub)) }
        };
        let router = axum::Router::new().route("/call/channel", axum::routing::get(open));
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        let doorkeeper = Doorkeeper::new(store.clone(), clock.clone()).with_waiting_rooms(waiting_rooms);
        Self { port, store, engine, video, hub, doorkeeper, clock, events, room: opened.room, tokens }
    }

    async fn page(&self, name: &str) -> Page {
        Page::open(self.port, &self.tokens[name]).await.0
    }

    fn media_room(&self) -> RoomName {
        RoomName(self.room.as_str().to_owned())
    }

    /// Lets somebody through the engine's door, if the doorkeeper does.
    async fn join(&self, name: &str) -> bool {
        let identity = Identity(name.to_owned());
        let Some(room) = self.doorkeeper.admit(&self.media_room(), &identity).await else { return false };
        self.engine.open_room(&room).await.unwrap();
        self.engine.join(&self.media_room(), &identity).unwrap();
        self.tell_events().await;
        true
    }

    async fn leave(&self, name: &str) {
        self.engine.leave(&self.media_room(), &Identity(name.to_owned()));
        self.tell_events().await;
    }

    async fn tell_events(&self) {
        for event in self.engine.take_events() {
            self.events.send(event).await.unwrap();
        }
    }
}

/// Everybody admitted and in the call.
async fn in_call(house: &House, names: &[&str]) -> Vec<Page> {
    let mut pages = vec![house.page(names[0]).await];
    assert!(house.join(names[0]).await);
    for name in &names[1..] {
        assert!(!house.join(name).await, "nobody gets in who was not let in");
        let mut page = house.page(name).await;
        page.ok(json!({"do": "knock"})).await;
        pages[0].ok(json!({"do": "admit", "user_id": name})).await;
        assert!(house.join(name).await);
        pages.push(page);
    }
    for (page, name) in pages.iter_mut().zip(names) {
        // Everybody is told of everybody who comes in, themselves too.
        loop {
            let person = page.event("person").await["person"].clone();
            if person["user_id"] == names[names.len() - 1] && person["stage"] == "in" {
                break;
            }
        }
        assert!(page.told().await.iter().all(|event| event["event"] != "chat.message"), "{name}");
    }
    pages
}

fn names(told: &[Value]) -> Vec<&str> {
    told.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_tool_works_for_who_has_it_and_not_for_who_has_not() {
    let board = WhiteboardTools { eraser: false, ..WhiteboardTools::ALL };
    let most = Tools { whiteboard: Some(board), ..Tools::all() };
    let house = House::with(&[("host", Tools::all()), ("anna", most), ("bert", Tools::none())]).await;
    let snapshot = FileId("file_0123456789abcdef01234567".to_owned());
    let file = File {
        id: snapshot.clone(),
        room: house.room.clone(),
        session: None,
        from: id("anna"),
        kind: FileKind::Snapshot,
        of: Some(id("bert")),
        name: "still.png".to_owned(),
        media_type: "image/png".to_owned(),
        size: 3,
        received: 0,
        begun: house.clock.now(),
        completed: None,
    };
    let limits = FileLimits { files: 1, bytes: 3, incomplete_of_one: 1 };
    house.store.add_file(&file, &limits).await.unwrap();
    house.store.advance_file(&snapshot, 0, 3).await.unwrap();
    house.store.complete_file(&snapshot, "image/png", house.clock.now()).await.unwrap();
    let mut pages = in_call(&house, &["host", "anna", "bert"]).await;
    let whole = house.store.file(&snapshot).await.unwrap().unwrap();
    house.hub.file_completed(whole);

    let element = json!({"id": "a", "type": "freedraw", "version": 1, "versionNonce": 1});
    let on_snapshot = format!("snapshot:{}", snapshot.0);
    // A command of whoever has the tool, the event that it causes, and who is told of it: host, the sender, the one without tools.
    let by_anna = [
        (json!({"do": "chat.send", "text": "hello"}), "chat.message", [true, true, false]),
        (json!({"do": "chat.typing"}), "chat.typing", [true, false, false]),
        (
            json!({"do": "point", "user_id": "bert", "source": "camera", "x": 0.1, "y": 0.9}),
            "pointer",
            [true, false, true],
        ),
        (json!({"do": "present", "source": "camera"}), "presented", [true, true, true]),
        (json!({"do": "board.draw", "board": "board", "elements": [element]}), "board.drawn", [true, false, false]),
        (json!({"do": "board.draw", "board": on_snapshot, "elements": [element]}), "board.drawn", [true, false, false]),
        (json!({"do": "board.cursor", "board": "board", "x": 1, "y": -2}), "board.cursor", [true, false, false]),
        (json!({"do": "snapshot.request", "user_id": "bert"}), "snapshot.requested", [false, false, true]),
    ];
    for (command, event, told_of_it) in by_anna {
        pages[1].ok(command.clone()).await;
        for (page, expected) in pages.iter_mut().zip(told_of_it) {
            let told = page.told().await;
            assert_eq!(names(&told).contains(&event), expected, "{command} {told:?}");
        }
        assert_eq!(pages[2].refused(command.clone()).await, "not_allowed", "{command}");
        for page in &mut pages {
            let told = page.told().await;
            assert!(!names(&told).contains(&event), "{command}: {told:?}");
        }
    }
    for command in [
        json!({"do": "chat.older", "before": 9}),
        json!({"do": "board.open", "board": "board"}),
        json!({"do": "file.delete", "file_id": snapshot.0}),
    ] {
        assert_eq!(pages[2].refused(command.clone()).await, "not_allowed", "{command}");
    }
    // Everybody may do these.
    for (command, event) in [
        (json!({"do": "hand", "raised": true}), "person"),
        (json!({"do": "caption", "text": "so", "final": true, "language": "it"}), "caption"),
        (json!({"do": "quality", "quality": "weak", "loss_percent": 1.5}), "person"),
    ] {
        pages[2].ok(command.clone()).await;
        assert!(names(&pages[0].told().await).contains(&event), "{command}");
    }
    // Only admins may do these.
    for command in [
        json!({"do": "mute", "user_id": "anna", "source": "microphone"}),
        json!({"do": "board.clear", "board": "board"}),
        json!({"do": "remove", "user_id": "anna"}),
        json!({"do": "admit", "user_id": "anna"}),
        json!({"do": "turn_away", "user_id": "anna"}),
    ] {
        assert_eq!(pages[1].refused(command.clone()).await, "not_allowed", "{command}");
    }
    pages[1].ok(json!({"do": "file.delete", "file_id": snapshot.0})).await;
    assert!(names(&pages[2].told().await).contains(&"file.deleted"));
    assert_eq!(pages[1].refused(json!({"do": "board.open", "board": on_snapshot})).await, "unknown");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_mutes_and_removes_and_the_engine_does_both() {
    let house = House::with(&[("host", Tools::all()), ("anna", Tools::all())]).await;
    let mut pages = in_call(&house, &["host", "anna"]).await;
    pages[0].ok(json!({"do": "mute", "user_id": "anna", "source": "microphone"})).await;
    assert_eq!(pages[1].event("muted").await, json!({"event": "muted", "by": "host", "source": "microphone"}));
    let muted = (house.media_room(), Identity("anna".to_owned()), TrackSource::Microphone);
    assert_eq!(house.engine.mutes(), [muted]);

    house.engine.fail_next(u32::MAX);
    assert_eq!(pages[0].refused(json!({"do": "mute", "user_id": "anna", "source": "camera"})).await, "unavailable");
    house.engine.fail_next(0);
    assert!(!names(&pages[1].told().await).contains(&"muted"), "what was not done is told to nobody");

    pages[0].ok(json!({"do": "remove", "user_id": "anna"})).await;
    let stage = pages[1].event("stage").await;
    assert_eq!((&stage["stage"], &stage["removed"]), (&json!("lobby"), &json!(true)));
    assert_eq!(house.engine.participants(&house.media_room()).await.unwrap(), [Identity("host".to_owned())]);
    assert!(!house.join("anna").await, "the token from before lets nobody in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn admissions_end_with_the_session_and_everybody_waits_anew() {
    let house = House::with(&[("host", Tools::all()), ("anna", Tools::all())]).await;
    let mut pages = in_call(&house, &["host", "anna"]).await;
    house.clock.advance(jiff::SignedDuration::from_secs(5));
    house.leave("anna").await;
    house.leave("host").await;
    loop {
        let stage = pages[1].event("stage").await;
        if stage["stage"] == "lobby" {
            break;
        }
    }
    pages[1].told().await;
    assert!(!house.join("anna").await);
    assert!(house.join("host").await);
    pages[1].ok(json!({"do": "rate", "stars": 2})).await;
    let ratings = house.store.ratings(&house.room, 9).await.unwrap();
    assert!(ratings[0].session.is_some(), "it is of the session that is over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_was_taken_back_and_a_room_that_was_disabled_end_the_connections_at_once() {
    let house = House::with(&[("host", Tools::all()), ("anna", Tools::all())]).await;
    let mut pages = in_call(&house, &["host", "anna"]).await;
    house.video.revoke_link(&house.room, &id("anna"), Reissue::New).await.unwrap();
    assert_eq!(pages.pop().unwrap().closed().await, 4404);
    pages[0].ok(json!({"do": "hand", "raised": true})).await;
    assert!(house.video.disable_room(&house.room).await.unwrap());
    assert_eq!(pages.pop().unwrap().closed().await, 4404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_kept_is_refused_and_told_to_nobody() {
    let house = House::with(&[("host", Tools::all()), ("anna", Tools::all())]).await;
    let mut pages = in_call(&house, &["host", "anna"]).await;
    house.store.set_out_of_reach(true);
    let message = json!({"do": "chat.send", "text": "hello", "key": "k1"});
    assert_eq!(pages[1].refused(message.clone()).await, "unavailable");
    house.store.set_out_of_reach(false);
    assert!(!names(&pages[0].told().await).contains(&"chat.message"));
    let sent = pages[1].ok(message.clone()).await;
    assert_eq!(pages[0].event("chat.message").await["message"]["number"], sent["number"]);
    assert_eq!(pages[1].ok(message).await["number"], sent["number"], "sent again, it is the same message");
    assert!(!names(&pages[0].told().await).contains(&"chat.message"));
}
