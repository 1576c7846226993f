//! Random comings and goings, beside a model that knows nothing of steps, checkpoints and deadlines.

use std::collections::BTreeSet;

use proptest::{prelude::*, test_runner::RngSeed};

use super::*;
use crate::testing::{at, id, room};

const NAMES: [&str; 4] = ["anna", "bert", "carl", "dora"];

/// The model's clock starts here, so that it can be set back.
const START: u64 = 1_000_000;

#[derive(Debug, Clone)]
enum Step {
    Join(usize),
    Leave(usize, bool),
    Wait(u64),
    SetClock(i64),
    MediaClosed,
    /// The process is killed, and starts again so many seconds later.
    Kill(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..NAMES.len()).prop_map(Step::Join),
        4 => (0..NAMES.len(), any::<bool>()).prop_map(|(who, crashed)| Step::Leave(who, crashed)),
        6 => (1_u64..90).prop_map(Step::Wait),
        1 => (-5_000_i64..5_000).prop_map(Step::SetClock),
        1 => Just(Step::MediaClosed),
        1 => (0_u64..200).prop_map(Step::Kill),
    ]
}

/// What must be true, reckoned second by second.
struct Model {
    live: bool,
    duration: Option<u64>,
    present: BTreeSet<usize>,
    session: bool,
    /// Seconds left in which a session waits after a restart.
    awaiting: Option<u64>,
    /// Use is at least and at most this; they differ by what clock changes and kills leave open.
    used: (u64, u64),
    closed: bool,
}

impl Model {
    fn count(&mut self) {
        if self.closed || self.duration.is_some_and(|duration| self.used.0 >= duration) {
            self.end();
            self.closed = true;
        }
    }

    fn changed(&mut self, departure: bool) {
        let present = self.present.len();
        if self.closed {
            return;
        }
        if present >= 2 {
            (self.session, self.awaiting) = (true, None);
        } else if self.session && self.awaiting.is_none() && departure && (self.live || present == 0) {
            self.end();
        }
    }

    fn end(&mut self) {
        (self.session, self.awaiting) = (false, None);
    }

    fn second(&mut self) {
        if self.session && self.present.len() >= 2 {
            self.used = (self.used.0 + 1, self.used.1 + 1);
            self.count();
        }
        if let Some(left) = self.awaiting {
            self.awaiting = (left > 1).then(|| left - 1);
            if left <= 1 && (self.present.is_empty() || (self.live && self.present.len() < 2)) {
                self.end();
            }
        }
    }
}

/// The call as its worker drives it, and what the store has of it.
struct Real {
    room: Room,
    call: Call,
    now: u64,
    sessions: u32,
    stored: Option<Session>,
    events: Vec<ConnectionEvent>,
}

impl Real {
    fn act(&mut self, act: impl FnOnce(&mut Call, &mut u32, Timestamp, &mut Vec<Action>)) -> Vec<Action> {
        let mut out = Vec::new();
        act(&mut self.call, &mut self.sessions, at(self.now), &mut out);
        for action in &out {
            if let Action::Save(save) = action {
                assert!(save.room_used >= self.room.used, "use never shrinks");
                self.room.used = save.room_used;
                self.stored = Some(save.session.clone()).filter(|session| session.ended.is_none());
                self.events.extend(save.events.clone());
            }
        }
        out
    }

    fn tick(&mut self) {
        self.act(|call, _, now, out| call.tick(now, out));
    }
}

fn run(live: bool, duration: Option<u64>, steps: &[Step]) {
    let (_, mut room) = room("room_1", &NAMES);
    (room.live, room.duration) = (live, duration.map(Duration::from_secs));
    let call = Call::new(&room, at(START));
    let mut real = Real { room, call, now: START, sessions: 0, stored: None, events: Vec::new() };
    let mut model =
        Model { live, duration, present: BTreeSet::new(), session: false, awaiting: None, used: (0, 0), closed: false };
    for step in steps {
        take(step, &mut real, &mut model);
        check(&real, &mut model);
    }
    check_events(&real);
}

fn take(step: &Step, real: &mut Real, model: &mut Model) {
    match *step {
        Step::Join(who) => {
            model.present.insert(who);
            model.changed(false);
            real.act(|call, sessions, now, out| {
                let mut new_id = || {
                    *sessions += 1;
                    SessionId(format!("session_{sessions}"))
                };
                call.joined(&id(NAMES[who]), now, &mut new_id, out);
            });
        }
        Step::Leave(who, crashed) => {
            if model.present.remove(&who) {
                if crashed && model.live && model.present.len() == 1 && model.session {
                    model.awaiting = model.awaiting.or(Some(LIVE_RETURN_MAX.as_secs()));
                }
                model.changed(true);
            }
            real.act(|call, _, now, out| call.left(&id(NAMES[who]), crashed, now, out));
        }
        Step::Wait(seconds) => {
            for _ in 0..seconds {
                model.second();
            }
            let end = real.now + seconds;
            while real.now < end {
                let wanted = real.call.deadline().map_or(u64::MAX, |wait| wait.as_secs().max(1));
                real.now = end.min(real.now.saturating_add(wanted));
                real.tick();
            }
        }
        Step::SetClock(by) => {
            // What was counted up to here is right; the change itself adds a step at most.
            let counting = real.call.is_running();
            real.tick();
            real.now = real.now.checked_add_signed(by).expect("the clock starts far enough from 0");
            real.tick();
            let most = u64::try_from(by).unwrap_or(0).min(STEP_MAX.as_secs());
            if counting {
                model.used.1 += most;
            }
            model.awaiting = model.awaiting.map(|left| left.saturating_sub(most));
            if model.awaiting == Some(0) {
                model.awaiting = None;
                if model.present.is_empty() || (model.live && model.present.len() < 2) {
                    model.end();
                }
            }
        }
        Step::MediaClosed => {
            model.present.clear();
            if model.awaiting.is_none() {
                model.end();
            }
            real.act(|call, _, now, out| call.media_closed(now, out));
        }
        Step::Kill(seconds) => {
            model.present.clear();
            if model.session {
                model.awaiting = Some(RETURN_MAX.as_secs());
            }
            model.used.0 = model.used.0.saturating_sub(CHECKPOINT.as_secs());
            real.now += seconds;
            let (room, stored) = (real.room.clone(), real.stored.take());
            real.act(|call, _, now, out| {
                *call = match stored {
                    Some(session) => Call::recover(Some(&room), session, now, out),
                    None => Call::new(&room, now),
                };
            });
        }
    }
}

fn check(real: &Real, model: &mut Model) {
    let used = real.call.used.as_secs();
    let capped = |used: u64| model.duration.map_or(used, |duration| used.min(duration));
    let (least, most) = (capped(model.used.0), capped(model.used.1));
    assert!((least..=most).contains(&used), "{used} is not in {least}..={most}");
    // Where the model left it open, what was counted is what counts from here on.
    model.used = (used, used);
    if real.call.closed && !model.closed {
        assert_eq!(Some(used), model.duration, "a room is closed by itself only when its duration is used up");
        model.closed = true;
        model.end();
    }
    model.count();
    assert_eq!(real.call.closed, model.closed);
    assert_eq!(real.call.held.is_some(), model.session, "a session is open or not");
    assert_eq!(real.call.is_running(), model.session && model.present.len() >= 2);
    if let Some(held) = &real.call.held {
        assert!(held.session.connected.iter().eq(real.call.present.keys()));
        assert!(held.session.used <= real.call.used);
        assert_eq!(
            Some(&held.session.id),
            real.stored.as_ref().map(|session| &session.id),
            "an open session is stored"
        );
    }
    assert_eq!(real.stored.is_some(), model.session, "an ended session is stored as ended");
}

/// In each session everybody comes before they go, and all are gone at its end.
fn check_events(real: &Real) {
    let mut connected: BTreeSet<(SessionId, ProviderUserId)> = BTreeSet::new();
    for event in &real.events {
        let who = (event.session.clone(), event.user.clone());
        match event.kind {
            ConnectionKind::Connected => assert!(connected.insert(who), "nobody comes twice"),
            ConnectionKind::Disconnected | ConnectionKind::Crashed => {
                assert!(connected.remove(&who), "who goes had come");
            }
        }
    }
    let open = real.stored.as_ref().map(|session| &session.id);
    assert!(connected.iter().all(|(session, _)| Some(session) == open), "nobody is left in a session that has ended");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, rng_seed: RngSeed::Fixed(2026), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_call_agrees_with_the_model_whatever_happens(
        live in any::<bool>(),
        duration in prop_oneof![Just(None), (60_u64..600).prop_map(Some)],
        steps in prop::collection::vec(step(), 1..60),
    ) {
        run(live, duration, &steps);
    }
}
