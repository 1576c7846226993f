//! The body of a part, as it arrives: kept in pieces, so that a file takes little memory, and as far as it has come if it breaks off.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream, Bytes},
    http::StatusCode,
};
use futures_util::StreamExt as _;
use http_body::Body as _;
use ports::content::File;
use tokio::time::timeout;
use video::files::{FileError, PART, PART_MIN, Upload};

use super::refusal::Refusal;
use crate::http::error::ApiError;

/// How long nothing may arrive. A phone between two cells is silent for some seconds.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// What comes next of a body.
enum Next {
    Some(Bytes),
    End,
    /// It broke off.
    Broken,
    /// Nothing came for too long.
    Silent,
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
    loop {
        match next(&mut body, &mut upload).await {
            Next::Some(bytes) => {
                if (waiting.len() + bytes.len()) as u64 > upload.missing() {
                    return Err(FileError::TooLarge(upload.file().size).into());
                }
                waiting.extend_from_slice(&bytes);
                while waiting.len() >= PART {
                    let rest = waiting.split_off(PART);
                    upload.add(std::mem::replace(&mut waiting, rest).into()).await?;
                }
            }
            Next::End => {
                if !waiting.is_empty() {
                    upload.add(waiting.into()).await?;
                }
                return Ok(upload.into_file());
            }
            ended @ (Next::Broken | Next::Silent | Next::Wanted) => {
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

async fn next(body: &mut BodyDataStream, upload: &mut Upload<'_>) -> Next {
    tokio::select! {
        biased;
        () = upload.wanted() => Next::Wanted,
        came = timeout(SILENCE_MAX, body.next()) => match came {
            Ok(Some(Ok(bytes))) => Next::Some(bytes),
            Ok(Some(Err(_))) => Next::Broken,
            Ok(None) => Next::End,
            Err(_) => Next::Silent,
        },
    }
}
