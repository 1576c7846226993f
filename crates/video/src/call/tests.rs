use super::*;
use crate::testing::{at, id, room};

/// A call, the moment, and what came out of the last step.
struct Scene {
    call: Call,
    now: u64,
    sessions: u8,
    out: Vec<Action>,
}

impl Scene {
    fn new(change: impl FnOnce(&mut Room)) -> Self {
        let (_, mut room) = room("room_1", &["anna", "bert", "carl"]);
        change(&mut room);
        Self { call: Call::new(&room, at(0)), now: 0, sessions: 0, out: Vec::new() }
    }

    fn lasting(seconds: u64) -> Self {
        Self::new(|room| room.duration = Some(Duration::from_secs(seconds)))
    }

    fn join(&mut self, name: &str) -> &mut Self {
        self.out.clear();
        let sessions = &mut self.sessions;
        let mut new_id = || {
            *sessions += 1;
            SessionId(format!("session_{sessions}"))
        };
        self.call.joined(&id(name), at(self.now), &mut new_id, &mut self.out);
        self
    }

    fn leave(&mut self, name: &str) -> &mut Self {
        self.out.clear();
        self.call.left(&id(name), false, at(self.now), &mut self.out);
        self
    }

    fn crash(&mut self, name: &str) -> &mut Self {
        self.out.clear();
        self.call.left(&id(name), true, at(self.now), &mut self.out);
        self
    }

    /// Lets so many seconds pass, looking at the call whenever it wants to be looked at.
    fn wait(&mut self, seconds: u64) -> &mut Self {
        self.out.clear();
        let end = self.now + seconds;
        while self.now < end {
            let next = self.call.deadline().map_or(seconds, |wait| wait.as_secs().max(1));
            self.now = end.min(self.now + next);
            self.call.tick(at(self.now), &mut self.out);
        }
        self
    }

    fn saved(&self) -> Option<&SessionSave> {
        let save = |action: &'_ Action| matches!(action, Action::Save(_));
        match self.out.iter().rfind(|action| save(action)) {
            Some(Action::Save(save)) => Some(save),
            Some(Action::SetMetadata(_) | Action::Warn(_) | Action::EndCall | Action::Close) | None => None,
        }
    }

    fn session(&self) -> &Session {
        &self.saved().expect("a session was saved").session
    }

    fn used(&self) -> u64 {
        self.call.used.as_secs()
    }

    fn has(&self, action: &Action) -> bool {
        self.out.contains(action)
    }

    fn warned(&self) -> usize {
        self.out.iter().filter(|action| matches!(action, Action::Warn(_))).count()
    }

    fn announced(&self) -> Option<&RoomMetadata> {
        self.out.iter().rev().find_map(|action| match action {
            Action::SetMetadata(metadata) | Action::Warn(metadata) => Some(metadata),
            Action::Save(_) | Action::EndCall | Action::Close => None,
        })
    }
}

#[test]
fn one_person_alone_is_no_session_and_uses_nothing() {
    let mut scene = Scene::lasting(60);
    scene.join("anna");
    assert_eq!(scene.out, []);
    assert_eq!(scene.call.deadline(), None);
    scene.wait(1000);
    assert_eq!((scene.used(), scene.call.is_idle()), (0, false));
    scene.leave("anna");
    assert_eq!(scene.out, []);
    assert!(scene.call.is_idle());
}

#[test]
fn a_session_opens_with_the_second_person() {
    let mut scene = Scene::lasting(600);
    scene.join("anna").wait(7);
    scene.join("bert");
    let saved = scene.saved().unwrap();
    assert_eq!((saved.session.opened, saved.session.ended), (at(7), None));
    assert_eq!(saved.session.people.len(), 2);
    let events: Vec<_> = saved.events.iter().map(|event| (event.number, event.user.as_str(), event.at)).collect();
    assert_eq!(events, [(0, "anna", at(0)), (1, "bert", at(7))]);
    let expected = RoomMetadata::new(
        RoomStatus::Running,
        Some(Duration::from_mins(10)),
        Duration::ZERO,
        Some(Running { since: at(7), used_before: Duration::ZERO }),
        at(7),
    );
    assert_eq!(scene.announced(), Some(&expected));
}

#[test]
fn the_same_person_twice_is_one_person() {
    let mut scene = Scene::lasting(600);
    scene.join("anna").join("anna");
    assert_eq!(scene.out, []);
    scene.join("bert").join("bert");
    assert_eq!(scene.out, []);
    scene.leave("bert");
    assert!(!scene.call.is_running());
    scene.leave("bert");
    assert_eq!(scene.out, []);
}

#[test]
fn use_counts_only_while_two_are_connected() {
    let mut scene = Scene::lasting(600);
    scene.join("anna").wait(100).join("bert").wait(20);
    scene.leave("bert");
    assert_eq!((scene.used(), scene.session().running), (20, None));
    assert_eq!(scene.call.deadline(), None);
    scene.wait(100).join("carl").wait(5);
    scene.join("bert").wait(5).leave("bert").wait(5);
    assert_eq!(scene.used(), 35);
    assert_eq!(scene.sessions, 1);
}

#[test]
fn use_is_written_down_every_ten_seconds() {
    let mut scene = Scene::new(|_| {});
    scene.join("anna").join("bert");
    assert_eq!(scene.call.deadline(), Some(CHECKPOINT));
    scene.wait(9);
    assert!(scene.saved().is_none());
    scene.wait(1);
    assert_eq!(scene.saved().unwrap().room_used, Duration::from_secs(10));
    scene.wait(60);
    assert_eq!(scene.out.len(), 6);
    assert_eq!(scene.saved().unwrap().session.used, Duration::from_secs(70));
}

#[test]
fn a_session_ends_when_the_room_is_empty_and_the_next_meeting_is_another() {
    let mut scene = Scene::lasting(600);
    scene.join("anna").join("bert").wait(30).leave("anna").wait(100);
    scene.leave("bert");
    assert_eq!(scene.session().ended, Some(at(130)));
    assert_eq!(scene.session().used, Duration::from_secs(30));
    assert!(scene.call.is_idle());
    scene.join("bert").join("anna");
    assert_eq!(scene.sessions, 2);
    assert_eq!(scene.session().used, Duration::ZERO);
    assert_eq!(scene.used(), 30);
}

#[test]
fn in_a_room_that_is_not_live_a_lone_participant_stays() {
    let mut scene = Scene::new(|_| {});
    scene.join("anna").join("bert").leave("anna");
    assert_eq!(scene.session().ended, None);
    assert!(!scene.has(&Action::EndCall));
}

#[test]
fn in_a_live_room_a_departure_that_leaves_one_ends_the_call_and_the_room_can_be_entered_again() {
    let mut scene = Scene::new(|room| room.live = true);
    scene.join("anna").wait(5);
    assert_eq!(scene.out, []);
    scene.join("bert").join("carl").wait(5).leave("carl");
    assert_eq!(scene.session().ended, None);
    scene.leave("anna");
    assert_eq!(scene.session().ended, Some(at(10)));
    assert!(scene.has(&Action::EndCall));
    assert!(!scene.has(&Action::Close));
    let kinds: Vec<_> = scene.saved().unwrap().events.iter().map(|event| (event.user.as_str(), event.kind)).collect();
    assert_eq!(kinds, [("anna", ConnectionKind::Disconnected), ("bert", ConnectionKind::Disconnected)]);
    scene.leave("bert");
    assert_eq!(scene.out, []);
    scene.join("anna").join("bert");
    assert_eq!(scene.sessions, 2);
}

#[test]
fn a_live_room_waits_a_little_for_somebody_whose_connection_broke() {
    let mut scene = Scene::new(|room| room.live = true);
    scene.join("anna").join("bert").wait(5).crash("anna");
    assert_eq!((scene.session().ended, scene.session().running), (None, None));
    scene.wait(9).join("anna").wait(20);
    assert_eq!((scene.sessions, scene.used(), scene.call.is_running()), (1, 25, true));
    scene.crash("anna").wait(9);
    assert!(!scene.has(&Action::EndCall));
    scene.wait(1);
    assert!(scene.has(&Action::EndCall));
    assert!(scene.session().ended.is_some());
}

#[test]
fn everyone_is_warned_once_thirty_seconds_before_the_end() {
    let mut scene = Scene::lasting(60);
    scene.join("anna").join("bert").wait(29);
    assert_eq!(scene.warned(), 0);
    scene.wait(1);
    assert_eq!(scene.warned(), 1);
    assert!(scene.announced().unwrap().to_json().contains(r#""ends_at":"2026-01-01T00:01:00.000Z""#));
    scene.wait(29);
    assert_eq!(scene.warned(), 0);
    assert_eq!(scene.call.deadline(), Some(Duration::from_secs(1)));
}

#[test]
fn who_comes_back_within_the_last_thirty_seconds_is_warned_at_once() {
    let mut scene = Scene::lasting(60);
    scene.join("anna").join("bert").wait(40).leave("bert").wait(100).join("bert");
    assert_eq!(scene.warned(), 1);
    assert!(scene.announced().unwrap().to_json().contains(r#""ends_at":"2026-01-01T00:02:40.000Z""#));
}

#[test]
fn at_the_end_of_the_duration_the_room_is_closed_for_ever() {
    let mut scene = Scene::lasting(60);
    scene.join("anna").join("bert").wait(60);
    let saved = scene.saved().unwrap();
    assert_eq!((saved.time_up, saved.session.ended), (Some(at(60)), Some(at(60))));
    assert_eq!(saved.room_used, Duration::from_mins(1));
    assert!(scene.has(&Action::Close));
    assert!(scene.announced().unwrap().to_json().contains(r#""status":"CLOSED""#));
    scene.leave("anna").leave("bert");
    assert_eq!(scene.out, []);
    scene.join("anna");
    assert_eq!(scene.out, [Action::Close]);
    scene.join("bert").wait(100);
    assert_eq!((scene.used(), scene.sessions), (60, 1));
}

#[test]
fn a_room_without_duration_never_ends_by_itself() {
    let mut scene = Scene::new(|_| {});
    scene.join("anna").join("bert").wait(200_000);
    assert_eq!(scene.used(), 200_000);
    assert_eq!(scene.warned(), 0);
    assert!(scene.call.is_running());
}

#[test]
fn a_clock_set_back_counts_nothing_and_one_set_forth_one_step() {
    let mut scene = Scene::lasting(600);
    scene.now = 10_000;
    scene.join("anna").join("bert").wait(20);
    assert_eq!(scene.used(), 20);

    scene.now = 5_000;
    scene.wait(10);
    assert_eq!(scene.used(), 20, "the step that shows the jump counts nothing");
    scene.wait(10);
    assert_eq!(scene.used(), 30);
    scene.now = 1_000_000;
    scene.wait(1);
    assert_eq!(scene.used(), 30 + STEP_MAX.as_secs());
    assert!(scene.announced().unwrap().to_json().contains(r#""duration_used_seconds":45"#));
    assert!(scene.call.is_running());
}

#[test]
fn a_session_ends_with_its_media_room() {
    let mut scene = Scene::new(|_| {});
    scene.join("anna").join("bert").wait(5);
    scene.out.clear();
    scene.call.media_closed(at(5), &mut scene.out);
    assert_eq!(scene.session().ended, Some(at(5)));
    assert!(scene.session().connected.is_empty());
    assert_eq!(scene.saved().unwrap().events.len(), 2);
    assert!(scene.call.is_idle());
}

#[test]
fn a_room_closed_elsewhere_ends_its_session_and_everybodys_call_once() {
    let mut scene = Scene::new(|_| {});
    scene.join("anna").join("bert").wait(5);
    scene.out.clear();
    scene.call.closed_elsewhere(at(5), &mut scene.out);
    assert_eq!((scene.session().ended, scene.saved().unwrap().time_up), (Some(at(5)), None));
    assert!(scene.has(&Action::Close));
    scene.out.clear();
    scene.call.closed_elsewhere(at(6), &mut scene.out);
    assert_eq!(scene.out, []);
}

#[test]
fn whoever_the_engine_does_not_see_any_more_is_gone_but_not_who_came_since() {
    let mut scene = Scene::new(|_| {});
    scene.join("anna").join("bert");
    let arrivals = scene.call.arrivals();
    scene.join("carl");
    scene.out.clear();
    scene.call.missing_are_gone(&[id("anna")], arrivals, at(0), &mut scene.out);
    assert_eq!(scene.session().connected.iter().map(ProviderUserId::as_str).collect::<Vec<_>>(), ["anna", "carl"]);
    assert!(scene.call.is_running());
}

/// The call after a restart, `down` seconds after the last save.
fn recovered(scene: &Scene, down: u64, change: impl FnOnce(&mut Room)) -> Scene {
    let saved = scene.saved().unwrap();
    let (_, mut room) = room("room_1", &["anna", "bert", "carl"]);
    room.used = saved.room_used;
    change(&mut room);
    let (now, mut out) = (scene.now + down, Vec::new());
    let call = Call::recover(Some(&room), saved.session.clone(), at(now), &mut out);
    Scene { call, now, sessions: scene.sessions, out }
}

#[test]
fn after_a_restart_the_session_goes_on_when_people_come_back_and_the_time_between_is_not_used() {
    let mut before = Scene::new(|_| {});
    before.join("anna").join("bert").wait(10);
    let mut scene = recovered(&before, 30, |_| {});
    let gone: Vec<_> = scene.saved().unwrap().events.iter().map(|event| (event.kind, event.at)).collect();
    assert_eq!(gone, [(ConnectionKind::Crashed, at(10)), (ConnectionKind::Crashed, at(10))]);
    assert_eq!((scene.session().running, scene.used()), (None, 10));
    scene.join("bert").wait(20).join("anna").wait(10);
    assert_eq!((scene.used(), scene.sessions), (20, 1));
    assert_eq!(scene.session().id, before.session().id);
}

#[test]
fn after_a_restart_a_session_to_which_nobody_comes_back_ends() {
    let mut before = Scene::new(|_| {});
    before.join("anna").join("bert").wait(10);
    let mut scene = recovered(&before, 1, |_| {});
    scene.wait(59);
    assert!(scene.saved().is_none());
    scene.wait(1);
    assert_eq!(scene.session().ended, Some(at(71)));
    assert!(scene.call.is_idle());
}

#[test]
fn while_a_session_waits_for_its_people_they_may_come_and_go() {
    let mut before = Scene::new(|_| {});
    before.join("anna").join("bert").wait(10);
    let mut scene = recovered(&before, 1, |_| {});
    scene.join("anna").wait(5).leave("anna").wait(5);
    assert!(!scene.call.is_idle());
    scene.join("anna").wait(100);
    assert!(!scene.call.is_idle(), "anna waits for bert in a room that is not live");
    scene.leave("anna");
    assert!(scene.call.is_idle());
}

#[test]
fn after_a_restart_a_live_room_with_one_person_back_ends() {
    let mut before = Scene::new(|room| room.live = true);
    before.join("anna").join("bert").wait(10);
    let mut scene = recovered(&before, 1, |room| room.live = true);
    scene.join("anna").wait(60);
    assert!(scene.session().ended.is_some());
    assert!(scene.has(&Action::EndCall));
}

#[test]
fn after_a_restart_a_session_whose_room_is_gone_or_closed_ends_at_once() {
    let mut before = Scene::new(|_| {});
    before.join("anna").join("bert").wait(10);
    let closed = recovered(&before, 1, |room| {
        (room.duration, room.used) = (Some(Duration::from_mins(1)), Duration::from_mins(1));
    });
    assert_eq!((closed.session().ended, closed.has(&Action::Close)), (Some(at(11)), true));
    let mut out = Vec::new();
    let gone = Call::recover(None, before.session().clone(), at(11), &mut out);
    assert!(gone.is_idle());
    assert!(matches!(&out[0], Action::Save(save) if save.session.ended == Some(at(11))));
}

#[test]
fn connection_events_have_an_end() {
    let mut scene = Scene::new(|_| {});
    scene.join("anna").join("bert");
    for _ in 0..CONNECTION_EVENTS_MAX {
        scene.join("carl").leave("carl");
    }
    assert_eq!(scene.session().connections, CONNECTION_EVENTS_MAX);
    assert!(scene.saved().unwrap().events.is_empty());
}

#[test]
fn webhooks_are_told_in_the_order_in_which_things_happen() {
    let mut scene = Scene::lasting(600);
    scene.join("anna");
    assert!(scene.out.is_empty(), "nobody is told of somebody who waits alone");
    let mut told = Vec::new();
    let mut note = |scene: &Scene| {
        for action in &scene.out {
            if let Action::Save(save) = action {
                told.extend(save.notices.iter().map(|notice| notice.what.event()));
            }
        }
    };
    note(scene.join("bert"));
    note(scene.leave("bert"));
    note(scene.join("bert"));
    note(scene.leave("anna"));
    note(scene.leave("bert"));
    let expected = [
        "on_user_connected",
        "on_user_connected",
        "on_session_started",
        "on_user_disconnected",
        "on_session_paused",
        "on_user_connected",
        "on_session_resumed",
        "on_user_disconnected",
        "on_session_paused",
        "on_user_disconnected",
        "on_session_ended",
        "on_call_ended",
    ];
    assert_eq!(told, expected);
}
