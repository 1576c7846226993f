//! Chat channels of v2 (contract §6.8). Paths and fields are inferred from v1.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{
    ChannelId, Client, Error, Malformed, Page, PageRequest, PersonalText, UserId,
    answer::{FromAnswer, Object, unwrap},
    operation as op,
};

/// A chat between users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// The id.
    pub id: ChannelId,
    /// Its people.
    pub users: Vec<UserId>,
}

impl FromAnswer for Channel {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let channel = Object::of(unwrap(answer, "channel"), "channel")?;
        Ok(Channel { id: channel.id(&["id", "channel_id"])?, users: channel.texts(&["users", "participants"])? })
    }
}

/// A message in a chat (contract §7.12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its place in the chat.
    pub index: Option<u64>,
    /// What was written.
    pub body: Option<PersonalText>,
    /// By whom.
    pub from: Option<UserId>,
    /// When.
    pub date: Option<Timestamp>,
    /// Its kind: `text` is known.
    pub message_type: Option<String>,
}

impl FromAnswer for Message {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let message = Object::of(answer, "message")?;
        Ok(Message {
            index: message.number(&["index"])?,
            body: message.text(&["body", "message"])?,
            from: message.text(&["from", "sender"])?,
            date: message.moment(&["date", "timestamp", "creation_date"])?,
            message_type: message.text(&["type"])?,
        })
    }
}

#[derive(Serialize)]
struct NewChannel<'a> {
    users: &'a [UserId],
}

#[derive(Serialize)]
struct NewMessage<'a> {
    sender: &'a UserId,
    message: &'a PersonalText,
}

impl Client {
    /// Lists chat channels (contract §6.8). v2 only.
    pub async fn channels(&self, page: PageRequest) -> Result<Page<Channel>, Error> {
        self.call(op::LIST_CHANNELS, &[])?.page(page).read(|answer| Page::read(answer, &["channels"])).await
    }

    /// Creates a chat channel between two users (contract §6.8). v2 only.
    pub async fn create_channel(&self, users: &[UserId]) -> Result<Channel, Error> {
        self.call(op::CREATE_CHANNEL, &[])?.json(&NewChannel { users })?.answer().await
    }

    /// Returns a chat channel (contract §6.8). v2 only.
    pub async fn channel(&self, channel: &ChannelId) -> Result<Channel, Error> {
        self.call(op::GET_CHANNEL, &[channel.as_str()])?.answer().await
    }

    /// Deletes a chat channel (contract §6.8). v2 only.
    pub async fn delete_channel(&self, channel: &ChannelId) -> Result<(), Error> {
        self.call(op::DELETE_CHANNEL, &[channel.as_str()])?.done().await
    }

    /// Lists the messages of a channel (contract §6.8). v2 only.
    pub async fn channel_messages(&self, channel: &ChannelId, page: PageRequest) -> Result<Page<Message>, Error> {
        self.call(op::LIST_CHANNEL_MESSAGES, &[channel.as_str()])?
            .page(page)
            .read(|answer| Page::read(answer, &["messages"]))
            .await
    }

    /// Sends a message into a channel (contract §6.8). v2 only.
    pub async fn send_channel_message(
        &self,
        channel: &ChannelId,
        sender: &UserId,
        message: &PersonalText,
    ) -> Result<Message, Error> {
        let body = NewMessage { sender, message };
        self.call(op::SEND_CHANNEL_MESSAGE, &[channel.as_str()])?.json(&body)?.answer().await
    }
}
