//! The task of one room.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::extract::ws::Utf8Bytes;
use call_channel::{Channel, Closing, ConnectionId, Facts, Input, Output, Request, Setting};
use domain::{FullName, ProviderUserId, RoomRef};
use jiff::Timestamp;
use ports::{rooms::RoomState, teleconsultations::StoreError};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use video::{EnterError, Visitor};

use super::{
    figures::Counted,
    hub::{Hub, Inner},
    keeping,
    notices::Notices,
    outbox::{self, CloseCode, Outbox},
};

/// How long to wait before links are looked at again that could not be.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The longest wait for a moment on the clock, which may be set.
const WAIT_MAX: Duration = Duration::from_mins(1);

/// What a room's task is sent.
pub enum Mail {
    /// Somebody said hello with a token of a link to this room.
    Hello {
        /// Where to answer.
        outbox: Outbox,
        /// Their link's token.
        token: String,
        /// The number of their command.
        re: u64,
    },
    /// A command.
    Said(ConnectionId, Request),
    /// A connection is gone.
    Gone(ConnectionId),
}

/// Runs a room's task until nothing would be lost by ending it.
pub async fn run(inner: Arc<Inner>, hub: Hub, id: RoomRef, notices: Arc<Notices>, mut mail: mpsc::Receiver<Mail>) {
    let mut room = match Room::open(&inner, &hub, &id, &notices).await {
        Ok(Some(room)) => room,
        Ok(None) => return refuse(&hub, &id, &mut mail, outbox::INVALID_LINK).await,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the call channel of a room cannot be opened");
            return refuse(&hub, &id, &mut mail, outbox::UNAVAILABLE).await;
        }
    };
    loop {
        if room.channel.is_idle() && hub.end(&id, &mut mail) {
            return;
        }
        let wake = room.wake_at();
        tokio::select! {
            biased;
            () = hub.stop_token().cancelled() => break,
            () = notices.wait() => room.read_notices().await,
            letter = mail.recv() => match letter {
                Some(letter) => room.read(letter).await,
                None => break,
            },
            () = sleep_until(wake) => room.tick().await,
        }
    }
    room.suspend().await;
}

/// Tells all who come that they cannot.
async fn refuse(hub: &Hub, id: &RoomRef, mail: &mut mpsc::Receiver<Mail>, code: CloseCode) {
    while !hub.end(id, mail) {
        if let Some(Mail::Hello { outbox, .. }) = mail.recv().await {
            outbox.close(code);
        }
    }
}

struct Room<'a> {
    inner: &'a Arc<Inner>,
    hub: &'a Hub,
    id: RoomRef,
    notices: &'a Notices,
    channel: Channel,
    facts: Vec<Facts>,
    /// What those are called who have no name in the room.
    names: BTreeMap<ProviderUserId, FullName>,
    connections: BTreeMap<ConnectionId, (Outbox, String)>,
    present: std::collections::BTreeSet<ProviderUserId>,
    waiting: Counted,
    _counted: Counted,
    /// When links that could not be looked at are looked at again.
    look_again: Option<Instant>,
}

impl<'a> Room<'a> {
    /// Reads what is kept of the room; `None`: there is none.
    async fn open(
        inner: &'a Arc<Inner>,
        hub: &'a Hub,
        id: &RoomRef,
        notices: &'a Notices,
    ) -> Result<Option<Self>, StoreError> {
        let parts = &inner.parts;
        // First, so that whatever changes after it is read is told.
        let present = notices.take().present;
        let Some(state) = parts.rooms.room(id).await? else { return Ok(None) };
        let now = parts.clock.now();
        let admissions = match &parts.waiting_rooms {
            Some(waiting_rooms) => waiting_rooms.holding(&state, now).await?,
            None => Vec::new(),
        };
        let facts: Vec<_> = state.room.members.iter().map(Facts::from).collect();
        let setting = Setting {
            room: id.clone(),
            waiting_room: parts.waiting_rooms.is_some(),
            members: facts.clone(),
            admissions,
            admission_max: video::ADMISSION_MAX,
            files: parts.content.files(id).await?,
            boards: parts.content.boards(id).await?,
            present: present.clone(),
            seed: u64::from_be_bytes(parts.chance.bytes()),
        };
        Ok(Some(Self {
            inner,
            hub,
            id: id.clone(),
            notices,
            channel: Channel::new(setting, now),
            facts,
            names: BTreeMap::new(),
            connections: BTreeMap::new(),
            present,
            waiting: inner.figures.waiting(),
            _counted: inner.figures.room(),
            look_again: None,
        }))
    }

    async fn read(&mut self, letter: Mail) {
        match letter {
            Mail::Hello { outbox, token, re } => self.hello(outbox, token, re).await,
            Mail::Said(connection, request) => self.step(Input::Said(connection, request)).await,
            Mail::Gone(connection) => {
                self.connections.remove(&connection);
                self.step(Input::Disconnected(connection)).await;
            }
        }
    }

    /// The link is looked at once more: had it been taken back since the connection did, nobody would tell.
    async fn hello(&mut self, outbox: Outbox, token: String, re: u64) {
        let visitor = match self.visitor(&token).await {
            Ok(visitor) => visitor,
            Err(code) => return outbox.close(code.unwrap_or(outbox::UNAVAILABLE)),
        };
        let user = visitor.member.user.clone();
        if let Some(name) = visitor.member.display_name.clone() {
            self.names.insert(user.clone(), name);
        }
        self.set_members(&visitor.state).await;
        let connection = outbox.connection;
        self.connections.insert(connection, (outbox, token));
        self.step(Input::Connected { connection, user, re }).await;
    }

    /// Whose link it is; else with which code to close, or `None` if that cannot be said now.
    async fn visitor(&self, token: &str) -> Result<Visitor, Option<CloseCode>> {
        let video = self.hub.video().ok_or(None)?;
        match video.visitor(token).await {
            Ok(visitor) if visitor.state.room.id == self.id => Ok(visitor),
            Ok(_) | Err(EnterError::InvalidLink) => Err(Some(outbox::INVALID_LINK)),
            Err(EnterError::RoomClosed) => Err(Some(outbox::ROOM_CLOSED)),
            Err(error @ EnterError::Unavailable(_)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "no link of a call channel can be looked at");
                Err(None)
            }
        }
    }

    async fn set_members(&mut self, state: &RoomState) {
        let mut facts: Vec<_> = state.room.members.iter().map(Facts::from).collect();
        for facts in facts.iter_mut().filter(|facts| facts.display_name.is_none()) {
            facts.display_name = self.names.get(&facts.user).cloned();
        }
        if facts != self.facts {
            self.facts.clone_from(&facts);
            self.step(Input::Members(facts)).await;
        }
    }

    async fn read_notices(&mut self) {
        let news = self.notices.take();
        // Whoever came after the session was over is let in by nobody of before.
        if news.session_ended {
            self.step(Input::SessionEnded).await;
        }
        let left: Vec<_> = self.present.difference(&news.present).cloned().collect();
        let joined: Vec<_> = news.present.difference(&self.present).cloned().collect();
        self.present = news.present;
        for user in left {
            self.step(Input::Left(user)).await;
        }
        for user in joined {
            self.step(Input::Joined(user)).await;
        }
        for file in news.completed {
            self.step(Input::FileCompleted(Box::new(file))).await;
        }
        for file in news.deleted {
            self.step(Input::FileDeleted(file)).await;
        }
        if news.changed {
            self.look_at_links().await;
        }
    }

    /// Closes the connections of links that are no more, and takes in who the room's people are.
    async fn look_at_links(&mut self) {
        self.look_again = None;
        let tokens: Vec<_> = self.connections.iter().map(|(id, (_, token))| (*id, token.clone())).collect();
        let mut state = None;
        for (connection, token) in tokens {
            match self.visitor(&token).await {
                Ok(visitor) => state = Some(visitor.state),
                Err(Some(code)) => self.link_ended(connection, code).await,
                Err(None) => self.look_again = Some(Instant::now() + RETRY_AFTER),
            }
        }
        if let Some(state) = state {
            self.set_members(&state).await;
        }
    }

    async fn link_ended(&mut self, connection: ConnectionId, code: CloseCode) {
        if let Some((outbox, _)) = self.connections.remove(&connection) {
            outbox.close(code);
        }
        self.step(Input::LinkEnded(connection)).await;
    }

    async fn tick(&mut self) {
        if self.look_again.is_some_and(|at| at <= Instant::now()) {
            self.look_at_links().await;
        }
        self.step(Input::Tick).await;
    }

    /// Gives the machine what happened, and does all that it asks for.
    async fn step(&mut self, input: Input) {
        let outputs = self.channel.handle(input, self.now());
        self.send(outputs);
        while let Some(ask) = self.channel.ask().cloned() {
            let answered = keeping::carry_out(self.inner, self.hub, &self.id, ask).await;
            let outputs = self.channel.answered(answered, self.now());
            self.send(outputs);
        }
        self.waiting.set(self.channel.waiting());
        self.notices.set_wishes(self.channel.open_wishes(self.now()));
        if let Some(places) = self.hub.whereabouts() {
            places.set(&self.id, self.channel.whereabouts());
        }
    }

    fn send(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Reply { to, kind, reply } => {
                    self.inner.figures.answered(kind, reply.result.as_ref().err().map(|refusal| refusal.code));
                    if let Some((outbox, _)) = self.connections.get(&to) {
                        outbox.send(reply.to_json().into(), false);
                    }
                }
                Output::Event { to, event } => {
                    let frame = Utf8Bytes::from(event.to_json());
                    for (outbox, _) in to.iter().filter_map(|to| self.connections.get(to)) {
                        outbox.send(frame.clone(), event.is_ephemeral());
                    }
                }
                Output::Close(connection, closing) => {
                    if let Some((outbox, _)) = self.connections.remove(&connection) {
                        outbox.close(match closing {
                            Closing::Replaced => outbox::REPLACED,
                            Closing::TooFast => outbox::TOO_FAST,
                            Closing::Gone => outbox::INVALID_LINK,
                            Closing::Unavailable => outbox::UNAVAILABLE,
                        });
                    }
                }
            }
        }
    }

    /// Writes down what is only in memory: the program ends.
    async fn suspend(&mut self) {
        for (connection, (outbox, _)) in std::mem::take(&mut self.connections) {
            outbox.close(outbox::STOPPING);
            self.step(Input::Disconnected(connection)).await;
        }
    }

    fn wake_at(&self) -> Instant {
        let wait = self
            .channel
            .deadline()
            .map_or(WAIT_MAX, |at| Duration::try_from(at.duration_since(self.now())).unwrap_or_default().min(WAIT_MAX));
        let wake = Instant::now() + wait;
        self.look_again.map_or(wake, |again| again.min(wake))
    }

    fn now(&self) -> Timestamp {
        self.inner.parts.clock.now()
    }
}
