//! Why a command is not carried out.

use std::borrow::Cow;

use serde::Serialize;

/// What a page can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// A field is wrong.
    Invalid,
    /// A tool or the role is missing.
    NotAllowed,
    /// One of the two is not, or no longer, where this can be done.
    WrongStage,
    /// There is no such person, file, request or board.
    Unknown,
    /// A limit, or too fast.
    TooMany,
    /// Try again.
    Unavailable,
}

impl Code {
    /// Its name in figures.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::NotAllowed => "not_allowed",
            Self::WrongStage => "wrong_stage",
            Self::Unknown => "unknown",
            Self::TooMany => "too_many",
            Self::Unavailable => "unavailable",
        }
    }
}

/// A refusal as it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// What can be done about it.
    pub code: Code,
    /// The field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<Cow<'static, str>>,
    /// For developers.
    pub message: Cow<'static, str>,
}

impl Refusal {
    /// Without a field.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, field: None, message: message.into() }
    }

    /// A field is wrong.
    pub fn invalid(field: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: Code::Invalid, field: Some(field.into()), message: message.into() }
    }

    /// Because of a field.
    #[must_use]
    pub fn at(self, field: impl Into<Cow<'static, str>>) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    pub(crate) fn no_tool(tool: &'static str) -> Self {
        Self::new(Code::NotAllowed, format!("needs the tool {tool}"))
    }

    pub(crate) fn not_admitted() -> Self {
        Self::new(Code::WrongStage, "one has to be admitted first")
    }

    pub(crate) fn unavailable() -> Self {
        Self::new(Code::Unavailable, "it could not be done now: try again")
    }
}
