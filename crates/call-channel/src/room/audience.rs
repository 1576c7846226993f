//! Who is told what. Nobody is who was not welcomed yet: the welcome says all of it.

use domain::ProviderUserId;
use ports::content::Message;

use super::{Channel, ConnectionId, Output};
use crate::{
    people::{Person, for_others},
    wire::{Event, NameView, PersonView, Stage},
};

impl Channel {
    /// Tells those of the admitted who are `meant`. Everything of the room's content goes through here.
    pub(super) fn tell_admitted(&mut self, event: Event, meant: impl Fn(&ProviderUserId, &Person) -> bool) {
        self.tell(event, |user, person| person.is_admitted() && meant(user, person));
    }

    /// Tells those who have not been let in.
    pub(super) fn tell_waiting(&mut self, event: Event) {
        self.tell(event, |_, person| matches!(person.stage, Stage::Lobby | Stage::Waiting));
    }

    /// Tells one person.
    pub(super) fn tell_one(&mut self, whom: &ProviderUserId, event: Event) {
        self.tell(event, |user, _| user == whom);
    }

    /// Tells those who may read the message.
    pub(super) fn tell_readers(
        &mut self,
        waiting: Option<&ProviderUserId>,
        event: Event,
        but: Option<&ProviderUserId>,
    ) {
        let to: Vec<_> = self.listening(|user, person| but != Some(user) && may_read(user, person, waiting));
        self.push(to, event);
    }

    /// Tells of a change of somebody: admins always, others as far as they see them.
    pub(super) fn tell_person(&mut self, user: &ProviderUserId, before: Option<&PersonView>, now: &PersonView) {
        self.tell_admitted(Event::Person { person: now.clone() }, |_, to| to.facts.admin);
        let seen = |view: &PersonView| view.stage.is_admitted().then(|| for_others(view));
        match (before.and_then(seen), seen(now)) {
            (before, Some(now)) if before.as_ref() != Some(&now) => {
                self.tell_admitted(Event::Person { person: now }, |_, to| !to.facts.admin);
            }
            (Some(_), None) => {
                let event = Event::PersonGone { user_id: user.to_string() };
                self.tell_admitted(event, |who, to| !to.facts.admin && who != user);
            }
            _ => {}
        }
    }

    /// Tells that somebody is no longer of the room.
    pub(super) fn tell_gone(&mut self, user: &ProviderUserId, told: &PersonView) {
        let was_seen = told.stage.is_admitted();
        let event = Event::PersonGone { user_id: user.to_string() };
        self.tell_admitted(event, |_, to| to.facts.admin || was_seen);
    }

    /// What somebody sees of the room's people.
    pub(super) fn people_seen_by(&self, viewer: &Person) -> Vec<PersonView> {
        let sees = |person: &Person| {
            let view = person.view();
            if viewer.is_host() || person.facts.user == viewer.facts.user {
                Some(view)
            } else {
                (viewer.is_admitted() && person.is_admitted()).then(|| for_others(&view))
            }
        };
        self.people.values().filter_map(sees).collect()
    }

    /// What everybody of the room is called: those who are not here have written messages and sent files too. For the admitted only.
    pub(super) fn names(&self) -> Vec<NameView> {
        let named = |person: &Person| {
            let display_name = person.facts.display_name.as_ref()?.as_str().to_owned();
            Some(NameView { user_id: person.facts.user.to_string(), display_name })
        };
        self.people.values().filter_map(named).collect()
    }

    fn tell(&mut self, event: Event, meant: impl Fn(&ProviderUserId, &Person) -> bool) {
        let to = self.listening(meant);
        self.push(to, event);
    }

    fn listening(&self, meant: impl Fn(&ProviderUserId, &Person) -> bool) -> Vec<ConnectionId> {
        let listening = self.people.iter().filter(|(user, person)| meant(user, person));
        listening.filter_map(|(_, person)| person.listens()).collect()
    }

    pub(super) fn push(&mut self, to: Vec<ConnectionId>, event: Event) {
        if !to.is_empty() {
            self.out.push(Output::Event { to, event: Box::new(event) });
        }
    }
}

/// Whether somebody may read a message: of a person's wait, that person and the hosts; else whoever has the chat and is admitted.
pub(super) fn may_read(user: &ProviderUserId, person: &Person, waiting: Option<&ProviderUserId>) -> bool {
    match waiting {
        Some(waiting) => user == waiting || person.is_host(),
        None => person.is_admitted() && person.facts.tools.chat,
    }
}

/// The same of a message that is kept.
pub(super) fn may_read_message(person: &Person, message: &Message) -> bool {
    may_read(&person.facts.user, person, message.sent.waiting.as_ref())
}
