//! What a client asks for.

use std::collections::BTreeSet;

use domain::ProviderUserId;
use ports::{
    content::{BoardId, FileId},
    media::TrackSource,
};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Drawn, Quality, Refusal, members::Members};
use crate::limits::{
    BROWSER_CHARS_MAX, CAPTION_CHARS_MAX, COMMENT_CHARS_MAX, ELEMENTS_AT_ONCE_MAX, INTEGER_MAX, KEY_CHARS_MAX,
    LANGUAGE_CHARS_MAX, MESSAGE_CHARS_MAX, TOKEN_CHARS_MAX, TURN_AWAY_CHARS_MAX,
};

/// A frame that cannot be answered, because nobody can tell what it is an answer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadFrame;

/// One command with its number.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Given by the client, and back with the reply.
    pub id: u64,
    /// What kind of command it is, also if a field is wrong.
    pub kind: Kind,
    /// How long the frame was.
    pub bytes: usize,
    /// What is asked for.
    pub command: Result<Command, Refusal>,
}

macro_rules! kinds {
    ($($kind:ident $name:literal,)*) => {
        /// The kinds of commands.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            $(#[doc = concat!("`", $name, "`")] $kind,)*
            /// None that we know.
            Unknown,
        }

        impl Kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$kind,)* Self::Unknown];

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                    Self::Unknown => "unknown",
                }
            }

            fn parse(name: &str) -> Self {
                match name {
                    $($name => Self::$kind,)*
                    _ => Self::Unknown,
                }
            }
        }
    };
}

kinds! {
    Hello "hello",
    Check "check",
    Knock "knock",
    Unknock "unknock",
    Admit "admit",
    TurnAway "turn_away",
    Remove "remove",
    Mute "mute",
    Hand "hand",
    ChatSend "chat.send",
    ChatTyping "chat.typing",
    ChatOlder "chat.older",
    Point "point",
    Present "present",
    BoardOpen "board.open",
    BoardDraw "board.draw",
    BoardCursor "board.cursor",
    BoardClear "board.clear",
    SnapshotRequest "snapshot.request",
    SnapshotFailed "snapshot.failed",
    FileLink "file.link",
    FileDelete "file.delete",
    Caption "caption",
    Quality "quality",
    Rate "rate",
}

/// A command.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the table of commands in `docs/call-channel.md` explains each member")]
pub enum Command {
    Hello { access_token: String },
    Check(Check),
    Knock,
    Unknock,
    Admit { user: ProviderUserId },
    TurnAway { user: ProviderUserId, message: Option<String> },
    Remove { user: ProviderUserId },
    Mute { user: ProviderUserId, source: TrackKind },
    Hand { raised: bool },
    ChatSend { text: String, to: Option<ProviderUserId>, key: Option<String> },
    ChatTyping { to: Option<ProviderUserId> },
    ChatOlder { before: u64 },
    Point { user: ProviderUserId, source: PictureSource, at: Option<Spot> },
    Present { source: Option<PictureSource> },
    Board { board: BoardId, act: BoardAct },
    SnapshotRequest { user: ProviderUserId },
    SnapshotFailed { request: String, reason: &'static str },
    FileLink { file: FileId },
    FileDelete { file: FileId },
    Caption { text: String, is_final: bool, language: String },
    Quality(QualityReport),
    Rate { stars: u8, comment: Option<String> },
}

/// What somebody does on a board.
#[derive(Debug, Clone, PartialEq)]
pub enum BoardAct {
    /// `board.open`
    Open,
    /// `board.draw`
    Draw(Vec<Drawn>),
    /// `board.cursor`
    Point(Option<Spot>),
    /// `board.clear`
    Clear,
}

/// What a client may be told to stop sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrackKind {
    /// `microphone`
    Microphone,
    /// `camera`
    Camera,
    /// `screen_share`, with its sound
    ScreenShare,
}

impl TrackKind {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Microphone => "microphone",
            Self::Camera => "camera",
            Self::ScreenShare => "screen_share",
        }
    }

    /// The tracks that it has.
    pub const fn sources(self) -> &'static [TrackSource] {
        match self {
            Self::Microphone => &[TrackSource::Microphone],
            Self::Camera => &[TrackSource::Camera],
            Self::ScreenShare => &[TrackSource::ScreenShare, TrackSource::ScreenShareAudio],
        }
    }
}

/// A picture that somebody sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureSource {
    /// `camera`
    Camera,
    /// `screen_share`
    ScreenShare,
}

impl PictureSource {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Camera => "camera",
            Self::ScreenShare => "screen_share",
        }
    }
}

/// A place on a picture or a board.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// How a device fared in the check.
pub type CheckResult = &'static str;

/// How the network fared in the check.
pub type Network = &'static str;

/// What the page found out about somebody's devices and network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The microphone.
    pub microphone: CheckResult,
    /// The camera.
    pub camera: CheckResult,
    /// The speaker.
    pub speaker: CheckResult,
    /// The network.
    pub network: Network,
    /// Sent, in kbit/s.
    pub uplink_kbps: Option<u32>,
    /// Received, in kbit/s.
    pub downlink_kbps: Option<u32>,
    /// The browser.
    pub browser: Option<String>,
}

/// How somebody's connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QualityReport {
    /// In a word.
    pub quality: Quality,
    /// Round trip.
    pub round_trip_ms: Option<u32>,
    /// Loss in hundredths of a percent.
    pub loss: Option<u32>,
    /// Sent, in kbit/s.
    pub uplink_kbps: Option<u32>,
    /// Received, in kbit/s.
    pub downlink_kbps: Option<u32>,
}

const SOURCES: &[(&str, PictureSource)] =
    &[("camera", PictureSource::Camera), ("screen_share", PictureSource::ScreenShare)];

/// The greatest bit rate that is believed: 100 Gbit/s.
const KBPS_MAX: u32 = 100_000_000;

impl Request {
    /// Reads a frame. Only what has a number can be answered.
    pub fn parse(frame: &str) -> Result<Self, BadFrame> {
        let members = Members::parse(frame).ok_or(BadFrame)?;
        let id: u64 = members.required("id", "").ok().filter(|id| *id <= INTEGER_MAX).ok_or(BadFrame)?;
        let name: Option<String> = members.optional("do", "").unwrap_or_default();
        let kind = name.as_deref().map_or(Kind::Unknown, Kind::parse);
        Ok(Self { id, kind, bytes: frame.len(), command: Command::parse(kind, &members) })
    }
}

impl Command {
    fn parse(kind: Kind, members: &Members) -> Result<Self, Refusal> {
        Ok(match kind {
            Kind::Unknown => return Err(Refusal::invalid("do", "must be a command")),
            Kind::Hello => Self::Hello { access_token: members.text("access_token", 1, TOKEN_CHARS_MAX)? },
            Kind::Check => Self::Check(check(members)?),
            Kind::Knock => Self::Knock,
            Kind::Unknock => Self::Unknock,
            Kind::Admit => Self::Admit { user: user(members, "user_id")? },
            Kind::TurnAway => Self::TurnAway {
                user: user(members, "user_id")?,
                message: members.optional_text("message", 0, TURN_AWAY_CHARS_MAX)?.filter(|text| !text.is_empty()),
            },
            Kind::Remove => Self::Remove { user: user(members, "user_id")? },
            Kind::Mute => {
                let sources = [TrackKind::Microphone, TrackKind::Camera, TrackKind::ScreenShare];
                let source = members.choice("source", &sources.map(|source| (source.name(), source)))?;
                Self::Mute { user: user(members, "user_id")?, source }
            }
            Kind::Hand => Self::Hand { raised: members.required("raised", "must be true or false")? },
            Kind::ChatSend => Self::ChatSend {
                text: members.text("text", 1, MESSAGE_CHARS_MAX)?,
                to: optional_user(members, "to")?,
                key: members.optional_text("key", 1, KEY_CHARS_MAX)?,
            },
            Kind::ChatTyping => Self::ChatTyping { to: optional_user(members, "to")? },
            Kind::ChatOlder => Self::ChatOlder { before: whole(members, "before")? },
            Kind::Point => Self::Point {
                user: user(members, "user_id")?,
                source: members.choice("source", SOURCES)?,
                at: spot(members, 0.0, 1.0)?,
            },
            Kind::Present => Self::Present { source: members.optional_choice("source", SOURCES)? },
            Kind::BoardOpen => Self::Board { board: board(members)?, act: BoardAct::Open },
            Kind::BoardDraw => Self::Board { board: board(members)?, act: BoardAct::Draw(elements(members)?) },
            Kind::BoardCursor => {
                // A scene has no end, but a number that is none of a scene is a mistake.
                Self::Board { board: board(members)?, act: BoardAct::Point(spot(members, -1e9, 1e9)?) }
            }
            Kind::BoardClear => Self::Board { board: board(members)?, act: BoardAct::Clear },
            Kind::SnapshotRequest => Self::SnapshotRequest { user: user(members, "user_id")? },
            Kind::SnapshotFailed => {
                let reasons = ["no_camera", "refused", "failed"].map(|reason| (reason, reason));
                Self::SnapshotFailed { request: members.id("request")?, reason: members.choice("reason", &reasons)? }
            }
            Kind::FileLink => Self::FileLink { file: FileId(members.id("file_id")?) },
            Kind::FileDelete => Self::FileDelete { file: FileId(members.id("file_id")?) },
            Kind::Caption => Self::Caption {
                text: members.text("text", 0, CAPTION_CHARS_MAX)?,
                is_final: members.required("final", "must be true or false")?,
                language: members.text("language", 1, LANGUAGE_CHARS_MAX)?,
            },
            Kind::Quality => Self::Quality(quality(members)?),
            Kind::Rate => {
                let must = "must be a whole number from 1 to 5";
                let stars: u8 = members.required("stars", must)?;
                if !(1..=5).contains(&stars) {
                    return Err(Refusal::invalid("stars", must));
                }
                let comment = members.optional_text("comment", 0, COMMENT_CHARS_MAX)?;
                Self::Rate { stars, comment: comment.filter(|text| !text.is_empty()) }
            }
        })
    }
}

fn user(members: &Members, name: &'static str) -> Result<ProviderUserId, Refusal> {
    optional_user(members, name)?.ok_or_else(|| Refusal::invalid(name, "must be the id of somebody in the room"))
}

fn optional_user(members: &Members, name: &'static str) -> Result<Option<ProviderUserId>, Refusal> {
    let text: Option<String> = members.optional(name, "must be the id of somebody in the room")?;
    let read = |text: String| ProviderUserId::parse(&text);
    text.map(read).transpose().map_err(|_| Refusal::invalid(name, "must be the id of somebody in the room"))
}

fn whole(members: &Members, name: &'static str) -> Result<u64, Refusal> {
    let must = "must be a whole number from 1 on";
    let number: u64 = members.required(name, must)?;
    if (1..=INTEGER_MAX).contains(&number) { Ok(number) } else { Err(Refusal::invalid(name, must)) }
}

/// `x` null: none.
fn spot(members: &Members, min: f64, max: f64) -> Result<Option<Spot>, Refusal> {
    let Some(x) = members.optional_number("x", min, max)? else { return Ok(None) };
    let y = members.optional_number("y", min, max)?;
    let y = y.ok_or_else(|| Refusal::invalid("y", format!("must be a number from {min} to {max}")))?;
    Ok(Some(Spot { x, y }))
}

fn board(members: &Members) -> Result<BoardId, Refusal> {
    let id = members.id("board")?;
    let is_one = id == "board" || id.strip_prefix("snapshot:").is_some_and(|file| !file.is_empty());
    if is_one { Ok(BoardId(id)) } else { Err(Refusal::invalid("board", "must be board or snapshot:<file_id>")) }
}

fn elements(members: &Members) -> Result<Vec<Drawn>, Refusal> {
    let must = "must be 1 to 200 elements";
    let elements: Vec<Box<RawValue>> = members.required("elements", must)?;
    if !(1..=ELEMENTS_AT_ONCE_MAX).contains(&elements.len()) {
        return Err(Refusal::invalid("elements", must));
    }
    let mut seen = BTreeSet::new();
    let read = |(place, raw): (usize, &RawValue)| {
        let drawn = Drawn::parse(place, raw.get())?;
        // Else the answer would say two things of one element.
        if seen.insert(drawn.id.clone()) {
            Ok(drawn)
        } else {
            Err(Refusal::invalid(format!("elements/{place}/id"), "must not be there twice"))
        }
    };
    elements.iter().map(|raw| &**raw).enumerate().map(read).collect()
}

fn check(members: &Members) -> Result<Check, Refusal> {
    const DEVICE: &[(&str, CheckResult)] = &[
        ("ok", "ok"),
        ("blocked", "blocked"),
        ("missing", "missing"),
        ("busy", "busy"),
        ("insecure", "insecure"),
        ("unsupported", "unsupported"),
        ("failed", "failed"),
        ("skipped", "skipped"),
    ];
    const NETWORK: &[(&str, Network)] =
        &[("good", "good"), ("weak", "weak"), ("tcp_only", "tcp_only"), ("failed", "failed"), ("skipped", "skipped")];
    Ok(Check {
        microphone: members.choice("microphone", DEVICE)?,
        camera: members.choice("camera", DEVICE)?,
        speaker: members.choice("speaker", DEVICE)?,
        network: members.choice("network", NETWORK)?,
        uplink_kbps: members.optional_whole("uplink_kbps", KBPS_MAX)?,
        downlink_kbps: members.optional_whole("downlink_kbps", KBPS_MAX)?,
        browser: members.optional_text("browser", 0, BROWSER_CHARS_MAX)?,
    })
}

fn quality(members: &Members) -> Result<QualityReport, Refusal> {
    let words = [("good", Quality::Good), ("weak", Quality::Weak), ("lost", Quality::Lost)];
    let percent = members.optional_number("loss_percent", 0.0, 100.0)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 10000")]
    let loss = percent.map(|percent| (percent * 100.0).round() as u32);
    Ok(QualityReport {
        quality: members.choice("quality", &words)?,
        round_trip_ms: members.optional_whole("round_trip_ms", 3_600_000)?,
        loss,
        uplink_kbps: members.optional_whole("uplink_kbps", KBPS_MAX)?,
        downlink_kbps: members.optional_whole("downlink_kbps", KBPS_MAX)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_at(frame: &str) -> String {
        let request = Request::parse(frame).unwrap();
        request.command.unwrap_err().field.unwrap().into_owned()
    }

    #[test]
    fn what_has_no_number_is_no_request() {
        for frame in ["", "7", "[]", "{}", r#"{"id":-1}"#, r#"{"id":"7","do":"knock"}"#, r#"{"id":1e3}"#, "{"] {
            assert_eq!(Request::parse(frame), Err(BadFrame), "{frame}");
        }
        assert_eq!(Request::parse(r#"{"id":7,"do":"knock"}"#).unwrap().command, Ok(Command::Knock));
    }

    #[test]
    fn the_field_that_is_wrong_is_named() {
        let long = "x".repeat(4001);
        for (frame, field) in [
            (r#"{"id":1}"#.to_owned(), "do"),
            (r#"{"id":1,"do":7}"#.to_owned(), "do"),
            (r#"{"id":1,"do":"dance"}"#.to_owned(), "do"),
            (r#"{"id":1,"do":"admit"}"#.to_owned(), "user_id"),
            (r#"{"id":1,"do":"admit","user_id":"no id"}"#.to_owned(), "user_id"),
            (r#"{"id":1,"do":"mute","user_id":"user_1","source":"nose"}"#.to_owned(), "source"),
            (r#"{"id":1,"do":"hand","raised":"yes"}"#.to_owned(), "raised"),
            (r#"{"id":1,"do":"chat.send","text":""}"#.to_owned(), "text"),
            (format!(r#"{{"id":1,"do":"chat.send","text":"{long}"}}"#), "text"),
            (r#"{"id":1,"do":"chat.send","text":"a","key":""}"#.to_owned(), "key"),
            (r#"{"id":1,"do":"chat.older","before":0}"#.to_owned(), "before"),
            (r#"{"id":1,"do":"point","user_id":"a","source":"camera","x":1.1,"y":0}"#.to_owned(), "x"),
            (r#"{"id":1,"do":"point","user_id":"a","source":"camera","x":1}"#.to_owned(), "y"),
            (r#"{"id":1,"do":"board.open","board":"other"}"#.to_owned(), "board"),
            (r#"{"id":1,"do":"board.draw","board":"board","elements":[]}"#.to_owned(), "elements"),
            (r#"{"id":1,"do":"board.draw","board":"board","elements":[{"id":"a"},{}]}"#.to_owned(), "elements/1/id"),
            (
                r#"{"id":1,"do":"board.draw","board":"board","elements":[{"id":"a"},{"id":"a"}]}"#.to_owned(),
                "elements/1/id",
            ),
            (r#"{"id":1,"do":"rate","stars":6}"#.to_owned(), "stars"),
            (r#"{"id":1,"do":"rate","stars":4.5}"#.to_owned(), "stars"),
            (r#"{"id":1,"do":"quality","quality":"good","loss_percent":101}"#.to_owned(), "loss_percent"),
            (r#"{"id":1,"do":"check","microphone":"ok","camera":"ok","speaker":"ok"}"#.to_owned(), "network"),
        ] {
            assert_eq!(refused_at(&frame), field, "{frame}");
        }
    }

    #[test]
    fn every_kind_is_read_by_its_own_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.name()), *kind);
        }
    }
}
