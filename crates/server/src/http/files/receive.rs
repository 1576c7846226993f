//! The body of a part, as it arrives: kept in pieces, so that a file takes little memory, and as far as it has come if it breaks off.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream, Bytes},
    http::StatusCode,
};
use futures_util::StreamExt as _;
use http_body::Body as _;
use ports::content::File;
use tokio::time::{Instant, timeout_at};
use video::files::{FileError, PART, PART_MIN, Upload};

use super::refusal::Refusal;
use crate::http::error::ApiError;

/// How long it may take until the least that is kept has arrived, [`PART_MIN`]: a tenth of what the slowest mobile networks carry. A phone
/// between two cells is silent for some seconds. Who is slower holds a place that others need.
const PACE: Duration = Duration::from_secs(30);

/// What comes next of a body.
enum Next {
    Some(Bytes),
    End,
    /// It broke off.
    Broken,
    /// Too little came for too long.
    Slow,
    /// The same person sends the file over another connection.
    Wanted,
}

/// Adds a body to a file, as far as it comes. Returns the file as it is then.
pub async fn receive(mut upload: Upload<'_>, body: Body) -> Result<File, Refusal> {
    if body.size_hint().lower() > upload.missing() {
        return Err(FileError::TooLarge(upload.file().size).into());
    }
    let mut body = body.into_data_stream();
    // What has arrived and is not kept yet.
    let mut waiting: Vec<u8> = Vec::new();
    let mut pace = Pace::begun();
    loop {
        match next(&mut body, &mut upload, &pace).await {
            Next::Some(bytes) => {
                pace.came(bytes.len());
                if (waiting.len() + bytes.len()) as u64 > upload.missing() {
                    return Err(FileError::TooLarge(upload.file().size).into());
                }
                waiting.extend_from_slice(&bytes);
                while waiting.len() >= PART {
                    let rest = waiting.split_off(PART);
                    upload.add(std::mem::replace(&mut waiting, rest).into()).await?;
                    // Nothing was read meanwhile.
                    pace = Pace::begun();
                }
            }
            Next::End => {
                if !waiting.is_empty() {
                    upload.add(waiting.into()).await?;
                }
                return Ok(upload.into_file());
            }
            ended @ (Next::Broken | Next::Slow | Next::Wanted) => {
                if waiting.len() >= PART_MIN || (waiting.len() as u64 == upload.missing() && !waiting.is_empty()) {
                    upload.add(waiting.into()).await?;
                }
                if matches!(ended, Next::Wanted) {
                    return Err(FileError::Busy.into());
                }
                // Of a connection that broke, nobody hears it.
                return Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "Request body did not arrive in time").into());
            }
        }
    }
}

/// How much has come since when.
struct Pace {
    came: usize,
    until: Instant,
}

impl Pace {
    fn begun() -> Self {
        Self { came: 0, until: Instant::now() + PACE }
    }

    fn came(&mut self, bytes: usize) {
        self.came += bytes;
        if self.came >= PART_MIN {
            *self = Self::begun();
        }
    }
}

async fn next(body: &mut BodyDataStream, upload: &mut Upload<'_>, pace: &Pace) -> Next {
    tokio::select! {
        biased;
        () = upload.wanted() => Next::Wanted,
        came = timeout_at(pace.until, body.next()) => match came {
            Ok(Some(Ok(bytes))) => Next::Some(bytes),
            Ok(Some(Err(_))) => Next::Broken,
            Ok(None) => Next::End,
            Err(_) => Next::Slow,
        },
    }
}
