//! Chats of v1, which are named by their people (contract §7.2, §7.12).

use serde::Serialize;
use serde_json::Value;

use crate::{
    Client, Error, Malformed, Message, PAGE_ITEMS_MAX, PersonalText, UserId,
    answer::{FromAnswer, Object},
    operation as op,
};

/// A chat of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    /// Its people.
    pub users: Vec<UserId>,
    /// How many messages the user has not read.
    pub unread_messages_count: Option<u64>,
    /// The latest message.
    pub last_message: Option<Message>,
}

impl FromAnswer for Chat {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let chat = Object::of(answer, "chat_list")?;
        Ok(Chat {
            users: chat.texts(&["users"])?,
            unread_messages_count: chat.number(&["unread_messages_count"])?,
            last_message: chat.value(&["last_message"])?,
        })
    }
}

/// Whose messages to list, and which of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatQuery {
    /// The people of the chat: at least two.
    pub users: Vec<UserId>,
    /// Whether the newest come first.
    pub newest_first: bool,
    /// How many to return at most: 1 to [`PAGE_ITEMS_MAX`], the service's default is 50.
    pub page_size: u32,
    /// Where to go on, as an earlier answer said.
    pub page: Option<ChatPageRef>,
}

/// Where a page of messages begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatPageRef {
    /// Its number.
    pub number: u64,
    /// Its token.
    pub token: Option<String>,
}

impl FromAnswer for ChatPageRef {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let page = Object::of(answer, "meta")?;
        Ok(ChatPageRef { number: page.number(&["page_number"])?.unwrap_or(0), token: page.text(&["page_token"])? })
    }
}

/// A page of messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatPage {
    /// The messages, in the order asked for.
    pub messages: Vec<Message>,
    /// Where the next page begins.
    pub next: Option<ChatPageRef>,
    /// Where the page before begins.
    pub previous: Option<ChatPageRef>,
}

impl FromAnswer for ChatPage {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let object = Object::of(answer, "answer")?;
        let meta = object.find(&["meta"]).map(|meta| Object::of(meta, "meta")).transpose()?;
        let part = |name| meta.map_or(Ok(None), |meta| meta.value(&[name]));
        Ok(ChatPage {
            messages: object.required_list(&["messages"])?,
            next: part("next")?,
            previous: part("previous")?,
        })
    }
}

#[derive(Serialize)]
struct Users<'a> {
    users: &'a [UserId],
}

#[derive(Serialize)]
struct NewChatMessage<'a> {
    users: &'a [UserId],
    sender: &'a UserId,
    message: &'a PersonalText,
}

impl Client {
    /// Lists the chats of a user (contract §7.2). v1 only.
    pub async fn chats_of_user(&self, user: &UserId) -> Result<Vec<Chat>, Error> {
        self.call(op::LIST_CHATS_OF_USER, &[user.as_str()])?
            .read(|answer| Object::of(answer, "answer")?.required_list(&["chat_list"]))
            .await
    }

    /// Lists the messages of a chat (contract §7.12). v1 only.
    pub async fn chat_messages(&self, query: &ChatQuery) -> Result<ChatPage, Error> {
        let mut call = self.call(op::LIST_CHAT_MESSAGES, &[])?;
        for user in &query.users {
            call = call.query("users[]", user.as_str());
        }
        call = call.query("order", if query.newest_first { "desc" } else { "asc" });
        if let Some(page) = &query.page {
            call = call.query("page_number", &page.number.to_string()).maybe("page_token", page.token.as_deref());
        }
        call.query("page_size", &query.page_size.clamp(1, PAGE_ITEMS_MAX).to_string()).answer().await
    }

    /// Adds a chat between users (contract §7.12). v1 only.
    pub async fn add_chat(&self, users: &[UserId]) -> Result<(), Error> {
        self.call(op::ADD_CHAT, &[])?.json(&Users { users })?.done().await
    }

    /// Removes the chat between users (contract §7.12). v1 only.
    pub async fn remove_chat(&self, users: &[UserId]) -> Result<(), Error> {
        self.call(op::REMOVE_CHAT, &[])?.json(&Users { users })?.done().await
    }

    /// Sends a message into the chat between users, of whom `sender` is one (contract §7.12). v1 only.
    pub async fn send_chat_message(
        &self,
        users: &[UserId],
        sender: &UserId,
        message: &PersonalText,
    ) -> Result<Message, Error> {
        self.call(op::SEND_CHAT_MESSAGE, &[])?.json(&NewChatMessage { users, sender, message })?.answer().await
    }
}
