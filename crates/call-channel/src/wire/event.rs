//! What a client is told: replies to its commands, and events.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{Code, FileView, MessageView, Moment, PersonView, Refusal, Stage, Welcome};

/// The reply to one command.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The command's number.
    pub re: u64,
    /// What became of it.
    pub result: Result<Answer, Refusal>,
}

impl Reply {
    /// As a frame.
    #[expect(clippy::missing_panics_doc, reason = "it never does")]
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Frame<'a> {
            re: u64,
            #[serde(skip_serializing_if = "Option::is_none")]
            ok: Option<&'a Answer>,
            #[serde(skip_serializing_if = "Option::is_none")]
            refused: Option<&'a Refusal>,
        }
        let frame = Frame { re: self.re, ok: self.result.as_ref().ok(), refused: self.result.as_ref().err() };
        serde_json::to_string(&frame).expect("texts, numbers and JSON can always be written as JSON")
    }
}

/// What a command is answered with.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the table of commands in `docs/call-channel.md` explains each member")]
pub enum Answer {
    Done {},
    Sent { number: u64, at: Moment },
    Messages { messages: Vec<MessageView>, more: bool },
    Elements { elements: Vec<Box<RawValue>> },
    Drawn { kept: Vec<String>, refused: Vec<RefusedElement>, elements: Vec<Box<RawValue>> },
    Requested { request: String },
    Link { url: String, expires_at: Moment },
}

/// An element that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedElement {
    /// Which.
    pub id: String,
    /// Why.
    pub code: Code,
    /// The field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// What is told without being asked for.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event")]
#[expect(missing_docs, reason = "`docs/call-channel.md` explains each member")]
pub enum Event {
    #[serde(rename = "welcome")]
    Welcome(Box<Welcome>),
    #[serde(rename = "person")]
    Person { person: PersonView },
    #[serde(rename = "people.gone")]
    PersonGone { user_id: String },
    #[serde(rename = "stage")]
    Stage { stage: Stage, message: Option<String>, removed: bool },
    #[serde(rename = "hosts")]
    Hosts { present: bool },
    #[serde(rename = "chat.message")]
    Message { message: MessageView },
    #[serde(rename = "chat.typing")]
    Typing { user_id: String, waiting: Option<String> },
    #[serde(rename = "pointer")]
    Pointer { from: String, user_id: String, source: &'static str, x: Option<f64>, y: Option<f64> },
    #[serde(rename = "presented")]
    Presented {
        user_id: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        source: Option<&'static str>,
    },
    #[serde(rename = "board.drawn")]
    BoardDrawn { board: String, from: String, elements: Vec<Box<RawValue>> },
    #[serde(rename = "board.cursor")]
    BoardCursor { board: String, from: String, x: Option<f64>, y: Option<f64> },
    #[serde(rename = "board.cleared")]
    BoardCleared { board: String, from: String },
    #[serde(rename = "snapshot.requested")]
    SnapshotRequested { request: String, by: String },
    #[serde(rename = "snapshot.failed")]
    SnapshotFailed { request: String, reason: &'static str },
    #[serde(rename = "file")]
    File { file: FileView },
    #[serde(rename = "file.deleted")]
    FileDeleted { file_id: String },
    #[serde(rename = "caption")]
    Caption {
        from: String,
        text: String,
        #[serde(rename = "final")]
        is_final: bool,
        language: String,
    },
    #[serde(rename = "muted")]
    Muted { by: String, source: &'static str },
}

impl Event {
    /// Whether nothing is lost for good if a client that is slow does not get it, because a newer one says more.
    pub const fn is_ephemeral(&self) -> bool {
        matches!(
            self,
            Self::Typing { .. }
                | Self::Pointer { .. }
                | Self::BoardCursor { .. }
                | Self::Caption { is_final: false, .. }
        )
    }

    /// As a frame.
    #[expect(clippy::missing_panics_doc, reason = "it never does")]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts, numbers and JSON can always be written as JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_and_events_are_as_the_document_says() {
        let done = Reply { re: 7, result: Ok(Answer::Done {}) };
        assert_eq!(done.to_json(), r#"{"re":7,"ok":{}}"#);
        let refused = Reply { re: 8, result: Err(Refusal::invalid("text", "must be a text")) };
        assert_eq!(
            refused.to_json(),
            r#"{"re":8,"refused":{"code":"invalid","field":"text","message":"must be a text"}}"#
        );
        let raw = RawValue::from_string(r#"{"x":1.50}"#.to_owned()).unwrap();
        let drawn = Event::BoardDrawn { board: "board".to_owned(), from: "user_1".to_owned(), elements: vec![raw] };
        assert_eq!(
            drawn.to_json(),
            r#"{"event":"board.drawn","board":"board","from":"user_1","elements":[{"x":1.50}]}"#
        );
        let gone = Event::Presented { user_id: None, source: None };
        assert_eq!(gone.to_json(), r#"{"event":"presented","user_id":null}"#);
    }
}
