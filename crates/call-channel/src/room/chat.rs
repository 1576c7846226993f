//! The chat, and what is written between the hosts and somebody who waits.

use std::collections::VecDeque;

use domain::ProviderUserId;
use jiff::Timestamp;
use ports::content::{Message, NewMessage};

use super::{Ask, Channel, Outcome, ReplyTo, Then, audience::may_read_message};
use crate::{
    limits::{MESSAGES_MAX, MESSAGES_PAGE, UNTOLD_MAX},
    wire::{Answer, Code, Event, MessageView, Moment, Refusal, Stage},
};

/// Who sent a message, and the key that it came with.
pub type Sent = (ProviderUserId, Option<String>);

/// Which messages everybody has been told of who may read them.
#[derive(Default)]
pub struct Told {
    /// The greatest number of one that was told.
    greatest: u64,
    /// Those of which it is not known whether they were kept, the oldest first. One that was kept has a number that may have been
    /// passed by when it is sent again.
    untold: VecDeque<(ProviderUserId, String)>,
}

impl Told {
    /// Whether this message is still to be told; it is from now on.
    fn take(&mut self, (from, key): &Sent, number: u64) -> bool {
        let place = self.untold.iter().position(|untold| untold.0 == *from && Some(&untold.1) == key.as_ref());
        let was_untold = place.and_then(|place| self.untold.remove(place)).is_some();
        let is_new = number > self.greatest;
        self.greatest = self.greatest.max(number);
        is_new || was_untold
    }

    /// It is not known whether this message is kept. One without a key would be another message if it were sent again.
    fn doubt(&mut self, (from, key): Sent) {
        let Some(key) = key else { return };
        let untold = (from, key);
        if self.untold.contains(&untold) {
            return;
        }
        if self.untold.len() >= UNTOLD_MAX {
            self.untold.pop_front();
        }
        self.untold.push_back(untold);
    }
}

impl Channel {
    /// Whose wait somebody writes in; `None`: to everybody.
    fn addressed(&self, user: &ProviderUserId, to: Option<&ProviderUserId>) -> Result<Option<ProviderUserId>, Refusal> {
        let person = self.person(user)?;
        match (to, person.stage) {
            (Some(_), _) if !person.is_host() => {
                Err(Refusal::new(Code::NotAllowed, "only an admin writes to one person").at("to"))
            }
            (Some(to), _) => match self.person(to).map_err(|refusal| refusal.at("to"))?.stage {
                Stage::Lobby | Stage::Waiting => Ok(Some(to.clone())),
                Stage::Away | Stage::Admitted | Stage::In => {
                    Err(Refusal::new(Code::WrongStage, "they do not wait").at("to"))
                }
            },
            (None, Stage::Waiting) => Ok(Some(user.clone())),
            (None, Stage::Away | Stage::Lobby) => Err(Refusal::not_admitted()),
            (None, Stage::Admitted | Stage::In) if person.facts.tools.chat => Ok(None),
            (None, Stage::Admitted | Stage::In) => Err(Refusal::no_tool("chat")),
        }
    }

    pub(super) fn chat_send(
        &mut self,
        reply: ReplyTo,
        user: &ProviderUserId,
        (text, to, key): (String, Option<ProviderUserId>, Option<String>),
        at: Timestamp,
    ) -> Outcome {
        let waiting = self.addressed(user, to.as_ref())?;
        if self.messages >= MESSAGES_MAX {
            return Err(Refusal::new(Code::TooMany, "the room has as many messages as it can have"));
        }
        let message = NewMessage { from: user.clone(), waiting, text, key, at };
        let sent = (message.from.clone(), message.key.clone());
        self.asks.push_back((Ask::AddMessage(message), Then::Sent { reply, sent }));
        Ok(None)
    }

    pub(super) fn chat_sent(&mut self, reply: ReplyTo, sent: &Sent, message: &Message) {
        let number = message.number;
        self.messages = self.messages.max(number);
        self.reply(reply, Ok(Answer::Sent { number, at: Moment(message.sent.at) }));
        // Of one that was told and is sent again everybody knows.
        if self.told.take(sent, number) {
            let event = Event::Message { message: MessageView::from(message) };
            self.tell_readers(message.sent.waiting.as_ref(), event, None);
        }
    }

    pub(super) fn chat_unsent(&mut self, reply: ReplyTo, sent: Sent) {
        self.told.doubt(sent);
        self.reply(reply, Err(Refusal::unavailable()));
    }

    pub(super) fn chat_typing(&mut self, user: &ProviderUserId, to: Option<&ProviderUserId>) -> Outcome {
        let waiting = self.addressed(user, to)?;
        let event = Event::Typing { user_id: user.to_string(), waiting: waiting.as_ref().map(ToString::to_string) };
        self.tell_readers(waiting.as_ref(), event, Some(user));
        Ok(Some(Answer::Done {}))
    }

    pub(super) fn chat_older(&mut self, reply: ReplyTo, user: &ProviderUserId, before: u64) -> Outcome {
        let person = self.person(user)?;
        if !person.is_admitted() {
            return Err(Refusal::not_admitted());
        }
        if !person.facts.tools.chat {
            return Err(Refusal::no_tool("chat"));
        }
        let ask = Ask::Messages { waits: vec![None], before: Some(before), limit: MESSAGES_PAGE + 1 };
        self.asks.push_back((ask, Then::Older(reply, user.clone())));
        Ok(None)
    }

    pub(super) fn chat_found(&mut self, reply: ReplyTo, user: &ProviderUserId, messages: &[Message]) {
        let Some(person) = self.people.get(user) else { return };
        let page = usize::try_from(MESSAGES_PAGE).unwrap_or(usize::MAX);
        let excess = messages.len().saturating_sub(page);
        let readable = messages.iter().skip(excess).filter(|message| may_read_message(person, message));
        let messages = readable.map(MessageView::from).collect();
        self.reply(reply, Ok(Answer::Messages { messages, more: excess > 0 }));
    }
}
