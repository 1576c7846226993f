//! The chat, and what is written between the hosts and somebody who waits.

use domain::ProviderUserId;
use jiff::Timestamp;
use ports::content::{Message, NewMessage};

use super::{Ask, Channel, Outcome, ReplyTo, Then, audience::may_read_message};
use crate::{
    limits::{MESSAGES_MAX, MESSAGES_PAGE},
    wire::{Answer, Code, Event, MessageView, Moment, Refusal, Stage},
};

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
        self.asks.push_back((Ask::AddMessage(message), Then::Sent(reply)));
        Ok(None)
    }

    pub(super) fn chat_sent(&mut self, reply: ReplyTo, message: &Message) {
        let number = message.number;
        self.messages = self.messages.max(number);
        self.reply(reply, Ok(Answer::Sent { number, at: Moment(message.sent.at) }));
        // Sent again: everybody has it.
        if number > self.message_told {
            self.message_told = number;
            let event = Event::Message { message: MessageView::from(message) };
            self.tell_readers(message.sent.waiting.as_ref(), event, None);
        }
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
