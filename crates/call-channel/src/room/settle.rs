//! What follows from what happened: who is how far, who is told so, and who is welcomed.

use domain::ProviderUserId;
use jiff::Timestamp;
use ports::content::Message;

use super::{Ask, Channel, Closing, Output, Then, audience::may_read_message};
use crate::{
    limits::MESSAGES_PAGE,
    people::Person,
    wire::{Event, FileView, MessageView, Moment, Stage, Welcome, WelcomeChat},
};

impl Channel {
    /// Whether those who are no admins have to be let in.
    pub(super) fn has_waiting_room(&self) -> bool {
        self.waiting_room && self.people.values().any(|person| person.facts.admin)
    }

    pub(super) fn settle(&mut self, now: Timestamp) {
        self.forget(now);
        self.look_at_admissions(now);
        self.update_stages(now);
        for (user, before) in std::mem::take(&mut self.moved) {
            self.settle_stage(&user, before);
        }
        let users: Vec<ProviderUserId> = self.people.keys().cloned().collect();
        self.settle_hosts();
        for user in &users {
            self.settle_view(user);
        }
        for user in users {
            self.ask_for_welcome(user);
        }
    }

    /// Forgets what was only kept for a while, and keeps what was measured in minutes that are over.
    fn forget(&mut self, now: Timestamp) {
        let waiting_room = self.has_waiting_room();
        for (user, person) in &mut self.people {
            if person.hand_ends().is_some_and(|at| at <= now) {
                person.hand = None;
            }
            if person.knock_ends().is_some_and(|at| at <= now) {
                person.knocked = false;
            }
            if person.remove_again.take_if(|at| *at <= now).is_some() && waiting_room && person.is_in_unasked() {
                self.asks.push_back((Ask::Remove(user.clone()), Then::Removed { reply: None, user: user.clone() }));
            }
            if person.minute_ends().is_some_and(|at| at <= now)
                && let Some(minute) = person.minute.take()
            {
                self.asks.push_back((Ask::AddQuality { user: user.clone(), minute }, Then::Nothing));
            }
        }
    }

    /// Finds out how far everybody is, before anybody is told anything: who may see something is decided by that.
    pub(super) fn update_stages(&mut self, now: Timestamp) {
        let waiting_room = self.has_waiting_room();
        for (user, person) in &mut self.people {
            let stage = person.stage_now(waiting_room && !person.facts.admin);
            let before = std::mem::replace(&mut person.stage, stage);
            if stage != before {
                person.since = (stage != Stage::Away).then_some(now);
                if stage.is_admitted() != before.is_admitted() {
                    person.welcomed = false;
                }
                if before.is_admitted() && matches!(stage, Stage::Lobby | Stage::Waiting) {
                    person.hand = None;
                }
            }
            if stage != before || person.note.is_some() {
                self.moved.push((user.clone(), before));
            }
        }
    }

    fn settle_stage(&mut self, user: &ProviderUserId, before: Stage) {
        let Some(person) = self.people.get_mut(user) else { return };
        let stage = person.stage;
        // Also to a page that is about to be welcomed, which learns by this why. Who is not here is told on coming back.
        let to: Vec<_> =
            person.connection.filter(|_| person.was_welcomed || person.note.is_some()).into_iter().collect();
        if !to.is_empty() {
            let (message, removed) = person.note.take().map_or((None, false), |note| (note.message, note.removed));
            self.push(to, Event::Stage { stage, message, removed });
        }
        let Some(person) = self.people.get_mut(user) else { return };
        // It is of a wait that is over.
        person.note.take_if(|_| stage.is_admitted());
        let leaves = !stage.is_admitted() || (before == Stage::In && stage != Stage::In);
        if leaves && self.presented.as_ref().is_some_and(|presented| presented.user_id == user.as_str()) {
            self.end_presented();
        }
    }

    fn settle_hosts(&mut self) {
        let present = self.people.values().any(Person::is_host);
        if present != self.hosts_told {
            self.hosts_told = present;
            self.tell_waiting(Event::Hosts { present });
        }
    }

    fn settle_view(&mut self, user: &ProviderUserId) {
        let Some(person) = self.people.get_mut(user) else { return };
        let view = person.view();
        if person.told.as_ref() == Some(&view) {
            return;
        }
        let before = person.told.replace(view.clone());
        self.tell_person(user, before.as_ref(), &view);
    }

    /// Asks for what somebody is to be told who is not welcomed yet.
    fn ask_for_welcome(&mut self, user: ProviderUserId) {
        let Some(person) = self.people.get(&user) else { return };
        if person.connection.is_none() || person.welcomed || person.welcome_asked {
            return;
        }
        let everybodys = (person.is_admitted() && person.facts.tools.chat).then_some(None);
        let waits: Vec<_> = if person.is_host() {
            let lets_in = |other: &&Person| matches!(other.stage, Stage::Lobby | Stage::Waiting);
            self.people.values().filter(lets_in).map(|other| Some(other.facts.user.clone())).collect()
        } else {
            vec![Some(user.clone())]
        };
        let waits = everybodys.into_iter().chain(waits).collect();
        if let Some(person) = self.people.get_mut(&user) {
            person.welcome_asked = true;
        }
        let ask = Ask::Messages { waits, before: None, limit: MESSAGES_PAGE + 1 };
        self.asks.push_back((ask, Then::Welcome(user)));
    }

    pub(super) fn welcome(&mut self, user: &ProviderUserId, messages: &[Message], now: Timestamp) {
        if let Some(last) = messages.last() {
            self.messages = self.messages.max(last.number);
        }
        let Some(person) = self.people.get_mut(user) else { return };
        person.welcome_asked = false;
        if person.connection.is_none() {
            return;
        }
        (person.welcomed, person.was_welcomed) = (true, true);
        let Some(person) = self.people.get(user) else { return };
        let admitted = person.is_admitted();
        let chat = chat_of(person, messages);
        let files = self.files.values().filter(|_| admitted).map(FileView::from).collect();
        let sees_boards = admitted && person.facts.tools.whiteboard.is_some();
        let boards = self.boards.iter().filter(|board| sees_boards && self.is_board(board));
        let welcome = Welcome {
            you: user.to_string(),
            stage: person.stage,
            server_time: Moment(now),
            room: self.room.as_str().to_owned(),
            waiting_room: self.has_waiting_room(),
            hosts_present: self.people.values().any(Person::is_host),
            people: self.people_seen_by(person),
            names: if admitted { self.names() } else { Vec::new() },
            chat,
            presented: self.presented.clone().filter(|_| admitted),
            files,
            boards: boards.map(|board| board.0.clone()).collect(),
        };
        self.tell_one(user, Event::Welcome(Box::new(welcome)));
    }

    /// They come back later.
    pub(super) fn cannot_welcome(&mut self, user: &ProviderUserId, now: Timestamp) {
        let Some(person) = self.people.get_mut(user) else { return };
        person.welcome_asked = false;
        if let Some(connection) = person.connection {
            self.disconnected(connection, now);
            self.out.push(Output::Close(connection, Closing::Unavailable));
        }
    }
}

/// The newest of the messages that somebody may read.
fn chat_of(person: &Person, messages: &[Message]) -> WelcomeChat {
    let page = usize::try_from(MESSAGES_PAGE).unwrap_or(usize::MAX);
    let readable: Vec<_> = messages.iter().filter(|message| may_read_message(person, message)).collect();
    let (own, everybodys): (Vec<_>, Vec<_>) = readable.into_iter().partition(|message| message.sent.waiting.is_some());
    // What is left out of a wait is not missed; of everybody's, older ones can be asked for.
    let newest = |messages: Vec<&Message>| -> Vec<MessageView> {
        messages.iter().skip(messages.len().saturating_sub(page)).map(|message| MessageView::from(*message)).collect()
    };
    let more = everybodys.len() > page;
    let mut messages = newest(own);
    messages.extend(newest(everybodys));
    messages.sort_by_key(|message| message.number);
    WelcomeChat { messages, more }
}
