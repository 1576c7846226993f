//! What goes on in one room: who is connected, the session that this makes, and how much of the room's duration it uses.
//!
//! A session opens when the second person connects, pauses while fewer than two are connected, and ends when the room is empty, is
//! closed, or has used up its duration; in a `live` room also when a departure leaves fewer than two (`kaleyra-video-api.md` §4
//! and §15). Nothing here reads a clock or does anything: every method takes the moment and adds to a list of [`Action`]s.
//!
//! Time is counted in steps, from one call to the next. A step backwards counts as nothing and a step of more than [`STEP_MAX`] as
//! [`STEP_MAX`]: the caller comes back by [`Call::deadline`], so anything longer is a clock that was set or a machine that slept.

use std::{collections::BTreeMap, time::Duration};

use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;
use ports::{
    deliveries::{Happening, Notice, SessionStep},
    provider::RoomStatus,
    rooms::{ConnectionEvent, ConnectionKind, Room, Running, Session, SessionId, SessionSave},
};

use crate::{
    limits::{CHECKPOINT, CONNECTION_EVENTS_MAX, LIVE_RETURN_MAX, RETURN_MAX, STEP_MAX, WARNING},
    metadata::RoomMetadata,
    rules,
};

/// What is to be done outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Write down what has become of the session.
    Save(Box<SessionSave>),
    /// Tell the pages what happens in the room.
    SetMetadata(RoomMetadata),
    /// As [`Self::SetMetadata`], when the end comes into sight.
    Warn(RoomMetadata),
    /// Disconnect everybody. The room can be entered again.
    EndCall,
    /// Disconnect everybody. The room cannot be entered any more.
    Close,
}

/// The present state of one room.
#[derive(Debug, Clone)]
pub struct Call {
    room: RoomRef,
    duration: Option<Duration>,
    live: bool,
    used: Duration,
    closed: bool,
    counted_until: Timestamp,
    /// Those connected, each once, however often they connected.
    present: BTreeMap<ProviderUserId, Arrival>,
    /// How many arrivals there were.
    arrivals: u64,
    held: Option<Held>,
}

/// When somebody connected.
#[derive(Debug, Clone, Copy)]
struct Arrival {
    since: Timestamp,
    number: u64,
}

/// A session that has not ended.
#[derive(Debug, Clone)]
struct Held {
    session: Session,
    /// How much longer it waits for people to come back, after a restart or, in a `live` room, after a connection broke.
    awaiting: Option<Duration>,
    warned: bool,
    /// Use since the last save.
    unsaved: Duration,
    events: Vec<ConnectionEvent>,
    /// What webhooks are to be told since the last save.
    notices: Vec<Notice>,
}

impl Call {
    /// A room in which nobody is connected and no session is open.
    pub fn new(room: &Room, now: Timestamp) -> Self {
        Self {
            room: room.id.clone(),
            duration: room.duration,
            live: room.live,
            used: room.used,
            closed: !rules::is_open(room),
            counted_until: now,
            present: BTreeMap::new(),
            arrivals: 0,
            held: None,
        }
    }

    /// Takes up a session that was open when the process ended. Its people count as gone at the last moment that was written down;
    /// they have [`RETURN_MAX`] to come back. Without its room, or if that is closed, the session ends.
    pub fn recover(room: Option<&Room>, session: Session, now: Timestamp, out: &mut Vec<Action>) -> Self {
        let mut held = Held::new(session, Some(RETURN_MAX));
        let gone_at = held.session.counted_until;
        let was_running = held.session.running.take().is_some();
        held.record_all_gone(ConnectionKind::Crashed, gone_at);
        if was_running {
            let (duration, used) = (room.and_then(|room| room.duration), room.map(|room| room.used));
            held.tell(SessionStep::Paused, duration, used.unwrap_or(held.session.used), gone_at);
        }
        let mut call = match room {
            Some(room) => Self::new(room, now),
            None => Self {
                room: held.session.room.clone(),
                duration: None,
                live: false,
                used: held.session.used,
                closed: true,
                counted_until: now,
                present: BTreeMap::new(),
                arrivals: 0,
                held: None,
            },
        };
        call.held = Some(held);
        if call.closed {
            call.end(out);
            out.push(Action::Close);
        } else {
            call.save(out);
        }
        call
    }

    /// Somebody connected. Somebody who is connected already counts once.
    pub fn joined(
        &mut self,
        user: &ProviderUserId,
        now: Timestamp,
        new_id: &mut dyn FnMut() -> SessionId,
        out: &mut Vec<Action>,
    ) {
        self.advance(now, out);
        self.arrivals += 1;
        let number = self.arrivals;
        if let Some(known) = self.present.get_mut(user) {
            known.number = number;
            return;
        }
        self.present.insert(user.clone(), Arrival { since: now, number });
        if self.closed {
            out.push(Action::Close);
            return;
        }
        match &mut self.held {
            None if self.present.len() >= 2 => self.open(new_id(), out),
            None => {}
            Some(held) => {
                held.session.connected.insert(user.clone());
                held.session.people.insert(user.clone());
                held.record(user.clone(), ConnectionKind::Connected, now, held.session.connected.len());
                if self.present.len() >= 2 && held.session.running.is_none() {
                    self.run(SessionStep::Resumed, out);
                } else {
                    // Admission gave the engine what it read before; this is newer.
                    out.push(Action::SetMetadata(self.metadata()));
                }
                self.save(out);
            }
        }
    }

    /// Somebody is gone.
    pub fn left(&mut self, user: &ProviderUserId, crashed: bool, now: Timestamp, out: &mut Vec<Action>) {
        self.advance(now, out);
        if self.present.remove(user).is_none() {
            return;
        }
        let Some(held) = &mut self.held else { return };
        held.session.connected.remove(user);
        let kind = if crashed { ConnectionKind::Crashed } else { ConnectionKind::Disconnected };
        held.record(user.clone(), kind, now, held.session.connected.len());
        let left = self.present.len();
        if crashed && self.live && left == 1 && held.awaiting.is_none() {
            held.awaiting = Some(LIVE_RETURN_MAX);
        }
        let awaiting = held.awaiting.is_some();
        if !awaiting && (left == 0 || (self.live && left < 2)) {
            self.end(out);
            out.push(Action::SetMetadata(self.metadata()));
            if left > 0 {
                out.push(Action::EndCall);
            }
            return;
        }
        if left < 2 {
            self.pause(out);
        }
        self.save(out);
    }

    /// The media room is gone, and everyone in it.
    pub fn media_closed(&mut self, now: Timestamp, out: &mut Vec<Action>) {
        self.advance(now, out);
        let present = std::mem::take(&mut self.present);
        let Some(held) = &mut self.held else { return };
        for user in present.into_keys() {
            held.session.connected.remove(&user);
            held.record(user, ConnectionKind::Disconnected, now, held.session.connected.len());
        }
        if held.awaiting.is_some() {
            self.pause(out);
            self.save(out);
        } else {
            self.end(out);
        }
    }

    /// The room was deleted or disabled by somebody else.
    pub fn closed_elsewhere(&mut self, now: Timestamp, out: &mut Vec<Action>) {
        self.advance(now, out);
        if !self.closed {
            self.close(None, out);
        }
    }

    /// Those connected.
    pub fn people(&self) -> Vec<ProviderUserId> {
        self.present.keys().cloned().collect()
    }

    /// Whether somebody is connected.
    pub fn has(&self, user: &ProviderUserId) -> bool {
        self.present.contains_key(user)
    }

    /// How many arrivals there were: to be remembered when the engine is asked who is there.
    pub const fn arrivals(&self) -> u64 {
        self.arrivals
    }

    /// The engine was asked who is there when there had been `arrivals`, and answered `present`: whoever had arrived by then and is
    /// missing is gone, although we were not told.
    pub fn missing_are_gone(
        &mut self,
        present: &[ProviderUserId],
        arrivals: u64,
        now: Timestamp,
        out: &mut Vec<Action>,
    ) {
        let gone =
            |(user, arrival): &(&ProviderUserId, &Arrival)| arrival.number <= arrivals && !present.contains(user);
        let gone: Vec<_> = self.present.iter().filter(gone).map(|(user, _)| user.clone()).collect();
        for user in gone {
            self.left(&user, true, now, out);
        }
    }

    /// Only time has passed.
    pub fn tick(&mut self, now: Timestamp, out: &mut Vec<Action>) {
        self.advance(now, out);
    }

    /// Writes down what was not yet, because the process is about to end.
    pub fn suspend(&mut self, now: Timestamp, out: &mut Vec<Action>) {
        self.advance(now, out);
        self.save(out);
    }

    /// How long until [`Self::tick`] is wanted at the latest, if at all.
    pub fn deadline(&self) -> Option<Duration> {
        let held = self.held.as_ref()?;
        if held.session.running.is_none() {
            // More than a step at once would not be counted.
            return held.awaiting.map(|awaiting| awaiting.min(CHECKPOINT));
        }
        let mut next = CHECKPOINT.saturating_sub(held.unsaved);
        if let Some(left) = self.left_over() {
            next = next.min(left);
            if !held.warned {
                next = next.min(left.saturating_sub(WARNING));
            }
        }
        Some(next)
    }

    /// Whether nobody is connected and no session is open, so that nothing is lost by forgetting the room.
    pub fn is_idle(&self) -> bool {
        self.present.is_empty() && self.held.is_none()
    }

    /// Whether use is being counted.
    pub fn is_running(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.session.running.is_some())
    }

    /// What the pages are told.
    pub fn metadata(&self) -> RoomMetadata {
        let running = self.held.as_ref().and_then(|held| held.session.running);
        let status = match running {
            _ if self.closed => RoomStatus::Closed,
            Some(_) => RoomStatus::Running,
            None => RoomStatus::NotRunning,
        };
        RoomMetadata::new(status, self.duration, self.used, running, self.counted_until)
    }

    fn left_over(&self) -> Option<Duration> {
        self.duration.map(|duration| duration.saturating_sub(self.used))
    }

    /// Counts the time since the last call, and does what that makes due.
    fn advance(&mut self, now: Timestamp, out: &mut Vec<Action>) {
        let passed = now.duration_since(self.counted_until);
        let step = Duration::try_from(passed).unwrap_or_default().min(STEP_MAX);
        let jumped = passed.is_negative() || Duration::try_from(passed).is_ok_and(|passed| passed > STEP_MAX);
        self.counted_until = now;
        let left_over = self.left_over();
        let Some(held) = &mut self.held else { return };
        held.session.counted_until = now;
        let step_used = left_over.map_or(step, |left| step.min(left));
        let mut announce = false;
        if let Some(running) = &mut held.session.running {
            self.used += step_used;
            held.session.used += step_used;
            held.unsaved += step_used;
            if jumped {
                // Pages count from here on: what they counted before is not what was used.
                *running = Running { since: now, used_before: self.used };
                announce = true;
            }
        }
        if let Some(awaiting) = &mut held.awaiting {
            *awaiting = awaiting.saturating_sub(step);
        }
        self.do_what_is_due(announce, out);
    }

    fn do_what_is_due(&mut self, announce: bool, out: &mut Vec<Action>) {
        let left_over = self.left_over();
        let Some(held) = &mut self.held else { return };
        let running = held.session.running.is_some();
        if running && left_over == Some(Duration::ZERO) {
            self.close(Some(self.counted_until), out);
            return;
        }
        if held.awaiting == Some(Duration::ZERO) {
            held.awaiting = None;
            let present = self.present.len();
            if present == 0 || (self.live && present < 2) {
                self.end(out);
                out.push(Action::SetMetadata(self.metadata()));
                if present > 0 {
                    out.push(Action::EndCall);
                }
                return;
            }
        }
        if running && !held.warned && left_over.is_some_and(|left| left <= WARNING) {
            held.warned = true;
            out.push(Action::Warn(self.metadata()));
        } else if announce {
            out.push(Action::SetMetadata(self.metadata()));
        }
        if announce || self.held.as_ref().is_some_and(|held| held.unsaved >= CHECKPOINT) {
            self.save(out);
        }
    }

    /// Opens a session: the second person has connected.
    fn open(&mut self, id: SessionId, out: &mut Vec<Action>) {
        let now = self.counted_until;
        let session = Session {
            id,
            room: self.room.clone(),
            opened: now,
            ended: None,
            used: Duration::ZERO,
            running: None,
            counted_until: now,
            connected: self.present.keys().cloned().collect(),
            people: self.present.keys().cloned().collect(),
            connections: 0,
        };
        let mut held = Held::new(session, None);
        let mut arrivals: Vec<_> = self.present.iter().collect();
        arrivals.sort_by_key(|(_, arrival)| arrival.number);
        for (before, (user, arrival)) in arrivals.into_iter().enumerate() {
            held.record(user.clone(), ConnectionKind::Connected, arrival.since, before + 1);
        }
        self.held = Some(held);
        self.run(SessionStep::Started, out);
        self.save(out);
    }

    fn run(&mut self, step: SessionStep, out: &mut Vec<Action>) {
        let left_over = self.left_over();
        let Some(held) = &mut self.held else { return };
        held.tell(step, self.duration, self.used, self.counted_until);
        held.session.running = Some(Running { since: self.counted_until, used_before: self.used });
        held.awaiting = None;
        held.warned = left_over.is_some_and(|left| left <= WARNING);
        let warned = held.warned;
        let metadata = self.metadata();
        out.push(if warned { Action::Warn(metadata) } else { Action::SetMetadata(metadata) });
    }

    fn pause(&mut self, out: &mut Vec<Action>) {
        let Some(held) = &mut self.held else { return };
        if held.session.running.take().is_some() {
            held.tell(SessionStep::Paused, self.duration, self.used, self.counted_until);
            out.push(Action::SetMetadata(self.metadata()));
        }
    }

    /// Closes the room for good; `time_up` says when its duration was used up, if that is why.
    fn close(&mut self, time_up: Option<Timestamp>, out: &mut Vec<Action>) {
        self.closed = true;
        self.end_session(time_up, out);
        out.push(Action::SetMetadata(self.metadata()));
        out.push(Action::Close);
    }

    fn end(&mut self, out: &mut Vec<Action>) {
        self.end_session(None, out);
    }

    fn end_session(&mut self, time_up: Option<Timestamp>, out: &mut Vec<Action>) {
        let now = self.counted_until;
        let Some(mut held) = self.held.take() else { return };
        held.record_all_gone(ConnectionKind::Disconnected, now);
        held.session.running = None;
        held.session.ended = Some(now);
        held.tell(SessionStep::Ended, self.duration, self.used, now);
        held.notices.push(Notice { room: self.room.clone(), at: Some(now), what: Happening::CallEnded });
        out.push(Action::Save(Box::new(held.saved(self.used, time_up))));
    }

    fn save(&mut self, out: &mut Vec<Action>) {
        if let Some(held) = &mut self.held {
            out.push(Action::Save(Box::new(held.saved(self.used, None))));
        }
    }
}

impl Held {
    fn new(session: Session, awaiting: Option<Duration>) -> Self {
        let (events, notices) = (Vec::new(), Vec::new());
        Self { session, awaiting, warned: false, unsaved: Duration::ZERO, events, notices }
    }

    fn record_all_gone(&mut self, kind: ConnectionKind, at: Timestamp) {
        let gone = std::mem::take(&mut self.session.connected);
        let count = gone.len();
        for (before, user) in gone.into_iter().enumerate() {
            self.record(user, kind, at, count - before - 1);
        }
    }

    /// `connected` are those connected after it.
    fn record(&mut self, user: ProviderUserId, kind: ConnectionKind, at: Timestamp, connected: usize) {
        if self.session.connections >= CONNECTION_EVENTS_MAX {
            return;
        }
        let number = self.session.connections;
        let what = Happening::Connection {
            session: self.session.id.clone(),
            user: user.clone(),
            came: kind == ConnectionKind::Connected,
            connected: u32::try_from(connected).unwrap_or(u32::MAX),
        };
        self.notices.push(Notice { room: self.session.room.clone(), at: Some(at), what });
        self.events.push(ConnectionEvent { session: self.session.id.clone(), number, user, kind, at });
        self.session.connections += 1;
    }

    fn tell(&mut self, step: SessionStep, duration: Option<Duration>, used: Duration, at: Timestamp) {
        let what = Happening::Session {
            session: self.session.id.clone(),
            step,
            connected: self.session.connected.iter().cloned().collect(),
            duration,
            used,
        };
        self.notices.push(Notice { room: self.session.room.clone(), at: Some(at), what });
    }

    fn saved(&mut self, room_used: Duration, time_up: Option<Timestamp>) -> SessionSave {
        self.unsaved = Duration::ZERO;
        SessionSave {
            session: self.session.clone(),
            room_used,
            time_up,
            events: std::mem::take(&mut self.events),
            notices: std::mem::take(&mut self.notices),
        }
    }
}

#[cfg(test)]
mod property;
#[cfg(test)]
mod tests;
