use std::sync::atomic::{AtomicBool, Ordering};

use ports::{
    fake::{FakeChance, FakeMediaEngine, rooms::FakeRooms},
    media::{Identity, MediaRoom},
    rooms::{ClosureReason, ConnectionKind, Member, Room},
};
use tokio::{sync::oneshot, task::JoinHandle, time::sleep};

use super::*;
use crate::testing::{self, TokioClock, company, id};

/// A worker with the fakes around it. Time is tokio's and paused, so everything due happens before the next moment comes.
struct World {
    store: Arc<FakeRooms>,
    engine: Arc<FakeMediaEngine>,
    clock: Arc<TokioClock>,
    room: Room,
    events: mpsc::Sender<MediaEvent>,
    stop: oneshot::Sender<()>,
    worker: JoinHandle<()>,
    figures: SessionFigures,
}

const ROOM: &str = "room_0123456789abcdef01234567";

async fn world(change: impl FnOnce(&mut Room)) -> World {
    let (_, mut room) = testing::room(ROOM, &["anna", "bert", "carl"]);
    change(&mut room);
    let store = Arc::new(FakeRooms::new());
    store.create_room(&room).await.unwrap();
    start(store, Arc::new(TokioClock::new()), room).await
}

/// The process starts: with a new engine, and with the store and the clock as they are.
async fn start(store: Arc<FakeRooms>, clock: Arc<TokioClock>, room: Room) -> World {
    let engine = Arc::new(FakeMediaEngine::new());
    let (events, receiver) = mpsc::channel(1024);
    let (stop, stopped) = oneshot::channel::<()>();
    let worker = SessionWorker::new(
        store.clone(),
        engine.clone(),
        clock.clone(),
        Arc::new(FakeChance::seeded(clock.now().as_millisecond().unsigned_abs())),
    );
    let figures = worker.figures();
    let worker = tokio::spawn(worker.run(receiver, async move { stopped.await.unwrap_or(()) }));
    let world = World { store, engine, clock, room, events, stop, worker, figures };
    world.settle().await;
    world
}

impl World {
    fn name(&self) -> RoomName {
        RoomName(self.room.id.as_str().to_owned())
    }

    async fn join(&self, user: &str) {
        let open = self.engine.rooms().iter().any(|room| room.name == self.name());
        if !open {
            let media = MediaRoom { name: self.name(), participants_max: 25, metadata: String::new() };
            self.engine.open_room(&media).await.unwrap();
        }
        self.engine.join(&self.name(), &Identity(user.to_owned())).unwrap();
        self.settle().await;
    }

    async fn leave(&self, user: &str) {
        self.engine.leave(&self.name(), &Identity(user.to_owned()));
        self.settle().await;
    }

    /// Hands over what the engine tells and lets everybody finish what they can do at this moment.
    async fn settle(&self) {
        for _ in 0..3 {
            for event in self.engine.take_events() {
                self.events.send(event).await.unwrap();
            }
            sleep(Duration::from_millis(1)).await;
        }
    }

    async fn wait(&self, seconds: u64) {
        sleep(Duration::from_secs(seconds)).await;
        self.settle().await;
    }

    fn metadata(&self) -> String {
        self.engine.rooms().into_iter().find(|room| room.name == self.name()).unwrap().metadata
    }

    async fn stored(&self) -> Room {
        self.store.room(&self.room.id).await.unwrap().unwrap().room
    }

    async fn sessions(&self) -> Vec<Session> {
        self.store.sessions(&self.room.id, 10).await.unwrap()
    }

    fn open_media_rooms(&self) -> usize {
        self.engine.rooms().len()
    }

    /// The process is killed at this moment.
    async fn kill(self) -> (Arc<FakeRooms>, Arc<TokioClock>, Room) {
        self.worker.abort();
        self.worker.await.unwrap_err();
        (self.store, self.clock, self.room)
    }
}

fn lasting(seconds: u64) -> impl FnOnce(&mut Room) {
    move |room| room.duration = Some(Duration::from_secs(seconds))
}

#[tokio::test(start_paused = true)]
async fn two_people_make_a_session_that_the_pages_and_the_store_know_of() {
    let world = world(lasting(600)).await;
    world.join("anna").await;
    assert!(world.sessions().await.is_empty());
    world.join("bert").await;
    assert!(world.metadata().starts_with(r#"{"status":"RUNNING","duration_seconds":600,"duration_used_seconds":0,"#));
    assert!(world.sessions().await[0].running.is_some());
    assert_eq!(world.figures.running(), 1);
    world.wait(5).await;
    world.leave("bert").await;
    assert_eq!(world.figures.running(), 0);
    assert!(
        world.metadata().starts_with(r#"{"status":"NOT_RUNNING","duration_seconds":600,"duration_used_seconds":5,"#)
    );
    assert_eq!(world.stored().await.used.as_secs(), 5);
    world.leave("anna").await;
    assert!(world.sessions().await[0].ended.is_some());
    let events = world.store.connection_events(&world.sessions().await[0].id, 0, 10).await.unwrap();
    assert_eq!(events.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn whose_link_was_taken_back_between_the_door_and_the_room_is_disconnected() {
    let world = world(lasting(600)).await;
    for name in ["anna", "bert"] {
        world.join(name).await;
    }
    world.store.replace_link(&world.room.id, &id("carl"), None, None).await.unwrap();
    let present = async || world.engine.participants(&world.name()).await.unwrap();
    let both = [Identity("anna".to_owned()), Identity("bert".to_owned())];
    world.join("carl").await;
    assert_eq!(present().await, both);
    world.join("carl:1").await;
    assert_eq!(present().await.len(), 3, "with what was given for the new link");
    world.leave("carl:1").await;
    // Also if the engine cannot be reached at first.
    world.engine.fail_next(3);
    world.join("carl").await;
    world.wait(5).await;
    assert_eq!(present().await, both);
    // Nor is anybody forgotten while the store cannot be asked.
    world.store.set_out_of_reach(true);
    world.join("carl").await;
    assert_eq!(present().await.len(), 3);
    world.store.set_out_of_reach(false);
    world.wait(2).await;
    assert_eq!(present().await, both);
}

#[tokio::test(start_paused = true)]
async fn everyone_is_warned_before_the_end_and_disconnected_at_it() {
    let world = world(lasting(60)).await;
    world.join("anna").await;
    world.join("bert").await;
    world.wait(29).await;
    assert!(!world.metadata().contains("ends_at"));
    world.wait(1).await;
    assert!(world.metadata().contains("ends_at"));
    world.wait(30).await;
    assert_eq!(world.open_media_rooms(), 0);
    let room = world.stored().await;
    assert_eq!(room.closure.map(|closure| closure.reason), Some(ClosureReason::TimeUp));
    assert_eq!(room.used, Duration::from_mins(1));
    world.join("anna").await;
    assert_eq!(world.open_media_rooms(), 0, "who is admitted in the last moment is disconnected");
}

#[tokio::test(start_paused = true)]
async fn in_a_live_room_the_one_who_remains_is_disconnected_and_both_can_come_back() {
    let world = world(|room| room.live = true).await;
    world.join("anna").await;
    world.wait(100).await;
    assert_eq!(world.open_media_rooms(), 1);
    world.join("bert").await;
    world.leave("anna").await;
    assert_eq!(world.open_media_rooms(), 0);
    world.join("anna").await;
    world.join("bert").await;
    assert_eq!(world.sessions().await.len(), 2);
    assert_eq!(world.stored().await.closure, None);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_is_killed_loses_ten_seconds_of_use_at_most_and_the_session_goes_on() {
    let before = world(lasting(600)).await;
    before.join("anna").await;
    before.join("bert").await;
    before.wait(29).await;
    let (store, clock, room) = before.kill().await;
    let used = store.room(&room.id).await.unwrap().unwrap().room.used.as_secs();
    assert!((19..=29).contains(&used), "{used}");
    sleep(Duration::from_secs(20)).await;

    let after = start(store, clock, room).await;
    assert_eq!(after.sessions().await[0].running, None);
    after.join("bert").await;
    after.join("anna").await;
    after.wait(10).await;
    assert!(after.sessions().await[0].running.is_some());
    assert_eq!(after.sessions().await.len(), 1);
    let counted = after.stored().await.used.as_secs();
    assert!((used + 9..=used + 11).contains(&counted), "{counted}");
}

#[tokio::test(start_paused = true)]
async fn a_session_to_which_nobody_comes_back_after_a_restart_ends() {
    let before = world(|_| {}).await;
    before.join("anna").await;
    before.join("bert").await;
    let (store, clock, room) = before.kill().await;
    let after = start(store, clock, room).await;
    after.wait(59).await;
    assert_eq!(after.sessions().await[0].ended, None);
    after.wait(2).await;
    assert!(after.sessions().await[0].ended.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_process_that_is_stopped_writes_everything_down() {
    let world = world(lasting(600)).await;
    world.join("anna").await;
    world.join("bert").await;
    world.wait(7).await;
    world.stop.send(()).unwrap();
    world.worker.await.unwrap();
    let state = world.store.room(&world.room.id).await.unwrap().unwrap();
    assert_eq!(state.room.used.as_secs(), 7);
    assert_eq!(state.session.unwrap().ended, None);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_room_ends_its_session_and_whoever_slips_in_is_disconnected() {
    let world = world(|_| {}).await;
    world.join("anna").await;
    world.join("bert").await;
    world.store.delete_room(&company(), &world.room.key, None).await.unwrap();
    world.wait(11).await;
    assert_eq!(world.open_media_rooms(), 0, "the next save finds out");
    assert!(world.sessions().await[0].ended.is_some());
    world.join("anna").await;
    assert_eq!(world.open_media_rooms(), 0);
    assert_eq!(world.sessions().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_for_a_while_loses_nothing() {
    let world = world(lasting(600)).await;
    world.join("anna").await;
    world.store.set_out_of_reach(true);
    world.join("bert").await;
    world.wait(25).await;
    assert!(world.metadata().contains("RUNNING"), "the call goes on");
    world.leave("bert").await;
    world.leave("anna").await;
    world.store.set_out_of_reach(false);
    world.wait(2).await;
    let sessions = world.sessions().await;
    assert_eq!((sessions.len(), sessions[0].used.as_secs()), (1, 25));
    assert!(sessions[0].ended.is_some());
    let events = world.store.connection_events(&sessions[0].id, 0, 10).await.unwrap();
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds[..2], [ConnectionKind::Connected; 2]);
    assert_eq!(kinds[2..], [ConnectionKind::Disconnected; 2]);
}

#[tokio::test(start_paused = true)]
async fn people_who_join_while_no_room_can_be_read_are_counted_as_soon_as_it_can() {
    let world = world(|_| {}).await;
    world.store.set_out_of_reach(true);
    world.join("anna").await;
    world.join("bert").await;
    world.wait(5).await;
    world.store.set_out_of_reach(false);
    world.wait(2).await;
    assert!(world.sessions().await[0].running.is_some());
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_fails_is_asked_again_until_the_call_has_ended() {
    let world = world(lasting(60)).await;
    world.join("anna").await;
    world.join("bert").await;
    world.wait(59).await;
    world.engine.fail_next(3);
    world.wait(2).await;
    assert_eq!(world.open_media_rooms(), 1);
    world.wait(5).await;
    assert_eq!(world.open_media_rooms(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_changes_use_by_a_step_at_most() {
    let world = world(lasting(600)).await;
    world.join("anna").await;
    world.join("bert").await;
    world.wait(20).await;
    world.clock.jump_ms(-3_600_000);
    world.wait(20).await;
    world.clock.jump_ms(7_200_000);
    world.wait(20).await;
    world.leave("bert").await;
    let used = world.stored().await.used.as_secs();
    assert!((45..=66).contains(&used), "{used}");
    assert_eq!(world.stored().await.closure, None);
}

#[tokio::test(start_paused = true)]
async fn somebody_of_whose_end_the_engine_did_not_tell_is_noticed() {
    let world = world(lasting(600)).await;
    world.join("anna").await;
    world.join("bert").await;
    world.engine.leave(&world.name(), &Identity("bert".to_owned()));
    world.engine.take_events();
    world.wait(11).await;
    assert_eq!(world.sessions().await[0].running, None);
    assert_eq!(world.stored().await.used.as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn media_rooms_that_are_none_of_ours_are_left_alone() {
    let world = world(|_| {}).await;
    let foreign = RoomName("a-room-of-somebody-else".to_owned());
    let media = MediaRoom { name: foreign.clone(), participants_max: 25, metadata: String::new() };
    world.engine.open_room(&media).await.unwrap();
    for user in ["anna", "not an id of ours!"] {
        world.engine.join(&foreign, &Identity(user.to_owned())).unwrap();
    }
    world.settle().await;
    assert_eq!(world.engine.participants(&foreign).await.unwrap().len(), 2);
}

/// An engine that keeps people connected while the process is away, as a cluster does, and says nothing of it.
#[tokio::test(start_paused = true)]
async fn people_who_stayed_connected_during_a_restart_are_counted_at_once() {
    let before = world(|_| {}).await;
    before.join("anna").await;
    before.join("bert").await;
    let engine = before.engine.clone();
    let (store, clock, room) = before.kill().await;
    let (_events, receiver) = mpsc::channel(16);
    let stopped = Arc::new(AtomicBool::new(false));
    let worker = SessionWorker::new(store.clone(), engine, clock, Arc::new(FakeChance::seeded(9)));
    let (stop, until) = oneshot::channel::<()>();
    let flag = stopped.clone();
    let running = tokio::spawn(async move {
        worker.run(receiver, async move { until.await.unwrap_or(()) }).await;
        flag.store(true, Ordering::Relaxed);
    });
    sleep(Duration::from_secs(5)).await;
    assert!(store.room(&room.id).await.unwrap().unwrap().session.unwrap().running.is_some());
    assert!(!stopped.load(Ordering::Relaxed));
    drop(stop);
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn many_rooms_do_not_mix() {
    let world = world(|_| {}).await;
    let rooms: Vec<_> = (0..100).map(|number| format!("room_{number:024x}")).collect();
    for (number, name) in rooms.iter().enumerate() {
        let (_, room) = testing::room(name, &["anna", "bert"]);
        let key = domain::RoomKey::from_stored(format!("key {number}"));
        let members: Vec<_> =
            ["anna", "bert"].iter().map(|name| Member { user: id(name), ..testing::member("x") }).collect();
        world.store.create_room(&Room { key, members, ..room }).await.unwrap();
        let media = MediaRoom { name: RoomName(name.clone()), participants_max: 25, metadata: String::new() };
        world.engine.open_room(&media).await.unwrap();
        world.engine.join(&media.name, &Identity("anna".to_owned())).unwrap();
        if number % 2 == 0 {
            world.engine.join(&media.name, &Identity("bert".to_owned())).unwrap();
        }
    }
    world.settle().await;
    world.wait(10).await;
    assert_eq!(world.figures.running(), 50);
    for (number, name) in rooms.iter().enumerate() {
        let state = world.store.room(&RoomRef::new(name.clone())).await.unwrap().unwrap();
        assert_eq!(state.session.is_some(), number % 2 == 0, "{name}");
        assert_eq!(state.room.used.as_secs(), if number % 2 == 0 { 10 } else { 0 }, "{name}");
    }
}
