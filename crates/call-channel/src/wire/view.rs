//! What clients see of people, messages and files.

use domain::ProviderUserId;
use jiff::Timestamp;
use ports::content::{File, FileKind, Message};
use serde::{Serialize, Serializer};

use super::Check;

/// A moment as it is written: RFC 3339 in UTC with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.3}", self.0))
    }
}

/// How far somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Not here.
    Away,
    /// Their page is open.
    Lobby,
    /// They have knocked.
    Waiting,
    /// They may enter.
    Admitted,
    /// The media engine has them.
    In,
}

impl Stage {
    /// Whether the room's content is theirs to see.
    pub const fn is_admitted(self) -> bool {
        matches!(self, Self::Admitted | Self::In)
    }
}

/// How somebody's connection is, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// Nearly nothing gets through.
    Lost,
    /// It can be noticed.
    Weak,
    /// As it should be.
    Good,
    /// Nobody has said yet.
    Unknown,
}

/// Somebody's check with its moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckView {
    #[serde(flatten)]
    check: Check,
    at: Moment,
}

impl CheckView {
    pub(crate) fn new(check: Check, at: Timestamp) -> Self {
        Self { check, at: Moment(at) }
    }

    pub(crate) fn parts(&self) -> (&Check, Moment) {
        (&self.check, self.at)
    }
}

/// Somebody in the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "PERSON in `docs/call-channel.md`")]
pub struct PersonView {
    pub user_id: String,
    pub display_name: Option<String>,
    pub is_admin: bool,
    pub stage: Stage,
    pub since: Option<Moment>,
    pub away_since: Option<Moment>,
    pub hand_raised_at: Option<Moment>,
    pub check: Option<CheckView>,
    pub quality: Quality,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "MESSAGE in `docs/call-channel.md`")]
pub struct MessageView {
    pub number: u64,
    pub from: String,
    pub to: Option<String>,
    pub waiting: Option<String>,
    pub text: String,
    pub at: Moment,
    pub key: Option<String>,
}

impl From<&Message> for MessageView {
    fn from(message: &Message) -> Self {
        let sent = &message.sent;
        let to = sent.waiting.as_ref().filter(|waiting| **waiting != sent.from);
        Self {
            number: message.number,
            from: sent.from.to_string(),
            to: to.map(ToString::to_string),
            waiting: sent.waiting.as_ref().map(ToString::to_string),
            text: sent.text.clone(),
            at: Moment(sent.at),
            key: sent.key.clone(),
        }
    }
}

/// A whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "FILE in `docs/call-channel.md`")]
pub struct FileView {
    pub file_id: String,
    pub from: String,
    pub kind: &'static str,
    pub name: String,
    pub media_type: String,
    pub size: u64,
    pub at: Moment,
    pub of: Option<String>,
}

impl From<&File> for FileView {
    fn from(file: &File) -> Self {
        Self {
            file_id: file.id.0.clone(),
            from: file.from.to_string(),
            kind: match file.kind {
                FileKind::File => "file",
                FileKind::Snapshot => "snapshot",
                FileKind::BoardImage => "board_image",
            },
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            size: file.size,
            at: Moment(file.completed.unwrap_or(file.begun)),
            of: file.of.as_ref().map(ToString::to_string),
        }
    }
}

/// What is put in front of everyone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Presented {
    /// Whose picture.
    pub user_id: String,
    /// Which.
    pub source: &'static str,
}

impl Presented {
    pub(crate) fn new(user: &ProviderUserId, source: &'static str) -> Self {
        Self { user_id: user.to_string(), source }
    }
}

/// What somebody sees who comes in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "`welcome` in `docs/call-channel.md`")]
pub struct Welcome {
    pub you: String,
    pub stage: Stage,
    pub server_time: Moment,
    pub room: String,
    pub waiting_room: bool,
    pub hosts_present: bool,
    pub people: Vec<PersonView>,
    pub names: Vec<NameView>,
    pub chat: WelcomeChat,
    pub presented: Option<Presented>,
    pub files: Vec<FileView>,
    pub boards: Vec<String>,
}

/// What one of the room's people is called, whether they are here or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "`welcome` in `docs/call-channel.md`")]
pub struct NameView {
    pub user_id: String,
    pub display_name: String,
}

/// The newest messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WelcomeChat {
    /// In their order.
    pub messages: Vec<MessageView>,
    /// Whether there are older ones.
    pub more: bool,
}
