//! Drives the sessions: takes the engine's events, keeps the time, writes down what is used, and ends what is over.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;
use ports::{
    Chance, Clock,
    media::{Identity, MediaEngine, MediaError, MediaEvent, RoomName},
    rooms::{RoomStore, Session, SessionId, SessionSave},
    teleconsultations::StoreError,
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use crate::{
    call::{Action, Call},
    doorkeeper,
    due::Due,
    figures::SessionFigures,
    hands::{self, Sighting, Wishes},
    id, identity,
    observer::{CallObserver, Unobserved},
};

/// Events taken at once: a burst is one write to the store instead of one for each.
const BATCH_MAX: usize = 256;

/// Events kept while the store cannot be read: some minutes of a busy service. Beyond that the oldest are lost, and sessions are
/// counted from what comes after.
const WAITING_MAX: usize = 16_384;

/// Answers of the engine that wait to be looked at.
const SIGHTINGS_MAX: usize = 256;

/// How long to wait before a store that failed is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Sessions read at once after a restart.
const PAGE: u32 = 256;

/// Drives the sessions in all rooms. There is one of them.
pub struct SessionWorker {
    store: Arc<dyn RoomStore>,
    engine: Arc<dyn MediaEngine>,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    figures: SessionFigures,
    observer: Arc<dyn CallObserver>,
}

impl SessionWorker {
    /// Puts the worker together.
    pub fn new(
        store: Arc<dyn RoomStore>,
        engine: Arc<dyn MediaEngine>,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
    ) -> Self {
        Self { store, engine, clock, chance, figures: SessionFigures::default(), observer: Arc::new(Unobserved) }
    }

    /// Tells `observer` who comes and goes, and when a session or a room is over.
    #[must_use]
    pub fn with_observer(self, observer: Arc<dyn CallObserver>) -> Self {
        Self { observer, ..self }
    }

    /// What it counts, as long as it runs.
    pub fn figures(&self) -> SessionFigures {
        self.figures.clone()
    }

    /// Takes up the sessions that were open when the process ended, then drives sessions until `shutdown` completes or nobody can
    /// send events any more. Before it returns it writes down what is used.
    ///
    /// It has to keep running while people are in calls, and the engine must never wait for room in the channel of `events`.
    pub async fn run(self, events: mpsc::Receiver<MediaEvent>, shutdown: impl Future<Output = ()>) {
        let wishes = Wishes::default();
        let (sender, sightings) = mpsc::channel(SIGHTINGS_MAX);
        let engine = Arc::clone(&self.engine);
        let desk = Desk::new(self, &wishes);
        tokio::select! {
            () = desk.work(events, sightings, shutdown) => {}
            () = hands::carry_out(&wishes, &engine, sender) => {}
        }
    }
}

/// What the worker has on its desk.
struct Desk<'a> {
    parts: SessionWorker,
    wishes: &'a Wishes,
    calls: BTreeMap<RoomRef, Call>,
    /// Those of them in which a session is running.
    running: BTreeSet<RoomRef>,
    due: Due,
    /// What is to be written down, the latest of each session.
    unsaved: BTreeMap<SessionId, SessionSave>,
    /// Events whose room could not be read yet, in order.
    waiting: Vec<MediaEvent>,
    /// Those who joined and whose links are to be looked at again. Nobody can join while the store cannot be asked, so they are few.
    arrived: BTreeMap<RoomRef, BTreeSet<Identity>>,
    retry_at: Option<Instant>,
}

impl<'a> Desk<'a> {
    fn new(parts: SessionWorker, wishes: &'a Wishes) -> Self {
        Self {
            parts,
            wishes,
            calls: BTreeMap::new(),
            running: BTreeSet::new(),
            due: Due::default(),
            unsaved: BTreeMap::new(),
            waiting: Vec::new(),
            arrived: BTreeMap::new(),
            retry_at: None,
        }
    }

    async fn work(
        mut self,
        mut events: mpsc::Receiver<MediaEvent>,
        mut sightings: mpsc::Receiver<Sighting>,
        shutdown: impl Future<Output = ()>,
    ) {
        let mut shutdown = pin!(shutdown);
        tokio::select! {
            biased;
            () = &mut shutdown => return,
            () = self.take_up() => {}
        }
        loop {
            let wake = self.due.next().into_iter().chain(self.retry_at).min();
            let mut batch = Vec::new();
            let mut sighting = None;
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                count = events.recv_many(&mut batch, BATCH_MAX) => if count == 0 { break },
                seen = sightings.recv() => sighting = seen,
                () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
            }
            self.step(batch, sighting).await;
        }
        self.suspend().await;
    }

    /// One round: events, then what the engine saw, then the time, then the store.
    async fn step(&mut self, batch: Vec<MediaEvent>, sighting: Option<Sighting>) {
        self.retry_at = None;
        let mut touched = BTreeSet::new();
        for event in &batch {
            if let MediaEvent::Joined { room, identity } = event {
                self.arrived.entry(RoomRef::new(room.0.clone())).or_default().insert(identity.clone());
            }
        }
        self.waiting.extend(batch);
        match self.load_rooms().await {
            Ok(()) => {
                for event in std::mem::take(&mut self.waiting) {
                    touched.extend(self.happened(&event));
                }
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "events wait: no room can be read");
                self.forget_oldest_events();
                self.retry_later();
            }
        }
        self.look_at_links().await;
        if let Some(sighting) = sighting {
            touched.extend(self.saw(&sighting));
        }
        for room in self.due.take(Instant::now()) {
            self.tick(&room);
            touched.insert(room);
        }
        touched.extend(self.save().await);
        self.rearm(touched);
    }

    /// Reads the rooms of people who joined and that are not known yet.
    async fn load_rooms(&mut self) -> Result<(), StoreError> {
        let joined = self.waiting.iter().filter_map(|event| match event {
            MediaEvent::Joined { room, .. } => Some(RoomRef::new(room.0.clone())),
            MediaEvent::Left { .. } | MediaEvent::Closed { .. } => None,
        });
        let unknown: BTreeSet<_> = joined.filter(|room| !self.calls.contains_key(room)).collect();
        for room in unknown {
            let now = self.parts.clock.now();
            let mut actions = Vec::new();
            let state = match self.parts.store.room(&room).await {
                Err(StoreError::Corrupt { what }) => {
                    tracing::error!(what, "a call is left alone: its room cannot be read");
                    continue;
                }
                state => state?,
            };
            let call = match state {
                None if id::is_room(&room) => {
                    // It was deleted after they had been admitted.
                    self.wishes.end(&room);
                    continue;
                }
                // A media room that is none of ours.
                None => continue,
                Some(state) => match state.session {
                    Some(session) => Call::recover(Some(&state.room), session, now, &mut actions),
                    None => Call::new(&state.room, now),
                },
            };
            self.calls.insert(room.clone(), call);
            self.take_actions(&room, actions);
        }
        Ok(())
    }

    /// Has those disconnected whose link was taken back after they had been let in at the door: whoever took it back did not find them in
    /// the room yet. Where that cannot be known the call goes on, and they are looked at later.
    async fn look_at_links(&mut self) {
        while let Some((room, identities)) = self.arrived.pop_first() {
            // A media room that is none of ours.
            if !id::is_room(&room) {
                continue;
            }
            match self.parts.store.room(&room).await {
                Ok(state) => {
                    let has_link = |identity| state.as_ref().is_some_and(|state| doorkeeper::has_link(state, identity));
                    for identity in identities.iter().filter(|identity| !has_link(identity)) {
                        self.wishes.remove(&room, identity);
                    }
                }
                Err(StoreError::Corrupt { what }) => {
                    tracing::error!(what, "links are not looked at again: their room cannot be read");
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "links wait to be looked at again");
                    self.arrived.insert(room, identities);
                    self.retry_later();
                    return;
                }
            }
        }
    }

    fn happened(&mut self, event: &MediaEvent) -> Option<RoomRef> {
        let (MediaEvent::Joined { room, .. } | MediaEvent::Left { room, .. } | MediaEvent::Closed { room }) = event;
        let room = RoomRef::new(room.0.clone());
        let call = self.calls.get_mut(&room)?;
        let (now, mut actions) = (self.parts.clock.now(), Vec::new());
        match event {
            MediaEvent::Joined { identity, .. } => {
                let user = identity::user(identity)?;
                self.parts.observer.joined(&room, &user);
                let chance = &self.parts.chance;
                call.joined(&user, now, &mut || id::session(chance.as_ref()), &mut actions);
            }
            MediaEvent::Left { identity, crashed, .. } => {
                let user = identity::user(identity)?;
                call.left(&user, *crashed, now, &mut actions);
                if !call.has(&user) {
                    self.parts.observer.left(&room, &user);
                }
            }
            MediaEvent::Closed { .. } => {
                call.media_closed(now, &mut actions);
                self.parts.observer.emptied(&room);
            }
        }
        self.take_actions(&room, actions);
        Some(room)
    }

    fn saw(&mut self, sighting: &Sighting) -> Option<RoomRef> {
        let call = self.calls.get_mut(&sighting.room)?;
        let present: Vec<_> = sighting.present.iter().filter_map(identity::user).collect();
        let mut actions = Vec::new();
        let before = call.people();
        call.missing_are_gone(&present, sighting.arrivals, self.parts.clock.now(), &mut actions);
        for user in before.iter().filter(|user| !call.has(user)) {
            self.parts.observer.left(&sighting.room, user);
        }
        self.take_actions(&sighting.room, actions);
        Some(sighting.room.clone())
    }

    fn tick(&mut self, room: &RoomRef) {
        let Some(call) = self.calls.get_mut(room) else { return };
        let mut actions = Vec::new();
        call.tick(self.parts.clock.now(), &mut actions);
        let written_down = actions.iter().any(|action| matches!(action, Action::Save(_)));
        if written_down && call.is_running() {
            // As good a moment as any to notice that somebody is gone of whom the engine did not tell.
            self.wishes.look(room, call.arrivals());
        }
        self.take_actions(room, actions);
    }

    fn take_actions(&mut self, room: &RoomRef, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Save(save) => {
                    if save.session.ended.is_some() {
                        self.parts.observer.session_ended(room);
                    }
                    self.remember_to_save(*save);
                }
                Action::SetMetadata(metadata) | Action::Warn(metadata) => {
                    self.wishes.set_metadata(room, metadata.to_json());
                }
                Action::EndCall | Action::Close => self.wishes.end(room),
            }
        }
    }

    /// Of two saves of one session the later counts, with the events and notices of both.
    fn remember_to_save(&mut self, mut save: SessionSave) {
        if let Some(older) = self.unsaved.remove(&save.session.id) {
            save.events.splice(0..0, older.events);
            save.notices.splice(0..0, older.notices);
            save.time_up = older.time_up.or(save.time_up);
        }
        self.unsaved.insert(save.session.id.clone(), save);
    }

    /// Writes down what is to be written. Returns the rooms in which something changed by that.
    async fn save(&mut self) -> Vec<RoomRef> {
        let mut touched = Vec::new();
        // A room that turns out to be closed ends its session, and that is the last of it to be saved.
        for _ in 0..2 {
            if self.unsaved.is_empty() {
                break;
            }
            let saves: Vec<_> = self.unsaved.values().cloned().collect();
            match self.parts.store.save_sessions(&saves).await {
                Ok(closed) => {
                    self.unsaved.clear();
                    for save in saves.iter().filter(|save| save.time_up.is_some()) {
                        self.parts.observer.changed(&save.session.room);
                    }
                    touched.extend(saves.into_iter().map(|save| save.session.room));
                    for room in closed {
                        self.closed_elsewhere(&room);
                    }
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the use of rooms waits to be saved");
                    self.retry_later();
                    break;
                }
            }
        }
        touched
    }

    fn closed_elsewhere(&mut self, room: &RoomRef) {
        let Some(call) = self.calls.get_mut(room) else { return };
        let mut actions = Vec::new();
        call.closed_elsewhere(self.parts.clock.now(), &mut actions);
        self.take_actions(room, actions);
    }

    /// Sets the alarm of rooms in which something happened, counts those with a session, and forgets those in which nothing is left to
    /// happen.
    fn rearm(&mut self, touched: BTreeSet<RoomRef>) {
        let now = Instant::now();
        for room in touched {
            let Some(call) = self.calls.get(&room) else { continue };
            self.due.set(&room, call.deadline().map(|wait| now + wait));
            let unsaved = self.unsaved.values().any(|save| save.session.room == room);
            if call.is_running() {
                self.running.insert(room.clone());
            } else {
                self.running.remove(&room);
            }
            if call.is_idle() && !unsaved {
                self.calls.remove(&room);
            }
        }
        self.parts.figures.set_running(self.running.len());
    }

    /// Takes up the sessions that were open when the process ended, as soon as the store lets it.
    async fn take_up(&mut self) {
        let mut after = None;
        loop {
            let page = match self.parts.store.open_sessions(after.as_ref(), PAGE).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "open sessions wait to be read");
                    tokio::time::sleep(RETRY_AFTER).await;
                    continue;
                }
            };
            let Some(last) = page.last() else { break };
            let last = last.id.clone();
            for session in page {
                self.take_up_session(session).await;
            }
            after = Some(last);
        }
        self.save().await;
        self.rearm(self.calls.keys().cloned().collect());
    }

    async fn take_up_session(&mut self, session: Session) {
        let id = session.room.clone();
        let state = loop {
            match self.parts.store.room(&id).await {
                Ok(state) => break state,
                Err(StoreError::Corrupt { what }) => {
                    tracing::error!(what, "a session is left alone: its room cannot be read");
                    return;
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "open sessions wait for their rooms");
                    tokio::time::sleep(RETRY_AFTER).await;
                }
            }
        };
        let (now, mut actions) = (self.parts.clock.now(), Vec::new());
        let mut call = Call::recover(state.as_ref().map(|state| &state.room), session, now, &mut actions);
        for user in self.already_there(&id).await {
            self.parts.observer.joined(&id, &user);
            let chance = &self.parts.chance;
            call.joined(&user, now, &mut || id::session(chance.as_ref()), &mut actions);
        }
        self.calls.insert(id.clone(), call);
        self.take_actions(&id, actions);
    }

    /// Those whom an engine of its own, such as a cluster, has kept connected while this process was away.
    async fn already_there(&self, room: &RoomRef) -> Vec<ProviderUserId> {
        match hands::within_timeout(self.parts.engine.participants(&RoomName(room.as_str().to_owned()))).await {
            Ok(present) => present.iter().filter_map(identity::user).collect(),
            Err(MediaError::NotFound) => Vec::new(),
            Err(error @ MediaError::Unavailable { .. }) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "nobody is known to be in a session");
                Vec::new()
            }
        }
    }

    /// Writes down what is used up to this moment. The sessions stay open: they are taken up after the restart.
    async fn suspend(&mut self) {
        let now: Timestamp = self.parts.clock.now();
        for room in self.calls.keys().cloned().collect::<Vec<_>>() {
            let mut actions = Vec::new();
            if let Some(call) = self.calls.get_mut(&room) {
                call.suspend(now, &mut actions);
            }
            self.take_actions(&room, actions);
        }
        self.save().await;
    }

    fn forget_oldest_events(&mut self) {
        let excess = self.waiting.len().saturating_sub(WAITING_MAX);
        if excess > 0 {
            tracing::error!(events = excess, "events of calls are lost: no room could be read for too long");
            self.waiting.drain(..excess);
        }
    }

    fn retry_later(&mut self) {
        self.retry_at = Some(Instant::now() + RETRY_AFTER);
    }
}

#[cfg(test)]
mod tests;
