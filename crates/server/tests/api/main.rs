//! The API over its router, in process, on fakes and a clock that stands still: statuses and bodies byte for byte.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod backgrounds;
mod brand;
mod credentials;
mod desk;
mod directory;
mod documentation;
mod errors;
mod files;
mod limits;
#[path = "../program/logs.rs"]
mod logs;
mod metrics;
mod participants;
mod reading;
mod scheduling;
mod settings;
mod status;
mod support;
mod transcription;
mod uploads;
