//! What an admin does to others.

use domain::ProviderUserId;
use jiff::Timestamp;

use super::{Ask, Channel, Outcome, ReplyTo, Then};
use crate::{
    people::Note,
    wire::{Answer, Code, Event, Refusal, Stage, TrackKind},
};

impl Channel {
    fn check_host(&self, user: &ProviderUserId) -> Result<(), Refusal> {
        let is_host = self.people.get(user).is_some_and(crate::people::Person::is_host);
        if is_host { Ok(()) } else { Err(Refusal::new(Code::NotAllowed, "only an admin may do this")) }
    }

    /// Also somebody who is not here yet can be let in: they need not wait then.
    pub(super) fn admit(
        &mut self,
        reply: ReplyTo,
        by: &ProviderUserId,
        user: &ProviderUserId,
        at: Timestamp,
    ) -> Outcome {
        self.check_host(by)?;
        let person = self.person(user).map_err(|refusal| refusal.at("user_id"))?;
        let waits = self.has_waiting_room() && !person.facts.admin;
        if !waits {
            return Ok(Some(Answer::Done {}));
        }
        // Also who is let in by what is known here: what counts at the door is what is kept.
        let user = user.clone();
        self.asks.push_back((Ask::Admit { user: user.clone(), at }, Then::Admitted { reply, user, at }));
        Ok(None)
    }

    pub(super) fn admitted(&mut self, reply: ReplyTo, user: &ProviderUserId, at: Timestamp) {
        if let Some(person) = self.people.get_mut(user) {
            (person.admitted, person.knocked) = (person.admitted.or(Some(at)), false);
        }
        self.reply(reply, Ok(Answer::Done {}));
    }

    pub(super) fn turn_away(&mut self, by: &ProviderUserId, user: &ProviderUserId, message: Option<String>) -> Outcome {
        self.check_host(by)?;
        let person = self.person(user).map_err(|refusal| refusal.at("user_id"))?;
        if person.stage != Stage::Waiting {
            return Err(Refusal::new(Code::WrongStage, "they do not wait").at("user_id"));
        }
        if let Some(person) = self.people.get_mut(user) {
            person.knocked = false;
        }
        self.note(user, Note { message, removed: false });
        Ok(Some(Answer::Done {}))
    }

    pub(super) fn remove(&mut self, reply: ReplyTo, by: &ProviderUserId, user: &ProviderUserId) -> Outcome {
        self.check_host(by)?;
        let person = self.person(user).map_err(|refusal| refusal.at("user_id"))?;
        if !person.is_admitted() && !person.in_media && person.admitted.is_none() {
            return Err(Refusal::new(Code::WrongStage, "they are not let in").at("user_id"));
        }
        let user = user.clone();
        // The admission first: who is disconnected comes back at once.
        self.asks.push_back((Ask::EndAdmission(user.clone()), Then::AdmissionEnded { reply, user }));
        Ok(None)
    }

    pub(super) fn admission_ended(&mut self, reply: ReplyTo, user: ProviderUserId) {
        if let Some(person) = self.people.get_mut(&user) {
            (person.admitted, person.knocked, person.hand) = (None, false, None);
        }
        self.note(&user, Note { message: None, removed: true });
        self.asks.push_back((Ask::Remove(user.clone()), Then::Removed { reply: Some(reply), user }));
    }

    pub(super) fn mute(
        &mut self,
        reply: ReplyTo,
        by: &ProviderUserId,
        user: &ProviderUserId,
        source: TrackKind,
    ) -> Outcome {
        self.check_host(by)?;
        if self.person(user).map_err(|refusal| refusal.at("user_id"))?.stage != Stage::In {
            return Err(Refusal::new(Code::WrongStage, "they are not in the call").at("user_id"));
        }
        let (by, user) = (by.clone(), user.clone());
        self.asks.push_back((Ask::Mute { user: user.clone(), source }, Then::Muted { reply, by, user, source }));
        Ok(None)
    }

    pub(super) fn muted(&mut self, reply: ReplyTo, by: &ProviderUserId, user: &ProviderUserId, source: TrackKind) {
        self.tell_one(user, Event::Muted { by: by.to_string(), source: source.name() });
        self.reply(reply, Ok(Answer::Done {}));
    }
}
