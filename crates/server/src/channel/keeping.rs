//! Carries out what a room's state machine asks for: at the stores, at the media engine.

use std::{sync::Arc, time::Duration};

use call_channel::{Answered, Ask, TrackKind};
use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;
use ports::{
    content::{ContentStore, Message, Rating},
    provider::ProviderError,
    teleconsultations::StoreError,
};
use tokio::time::timeout;
use video::files::{FileError, Files};

use super::hub::{Hub, Inner};

/// How long one thing may take. Who asked for it waits, and everybody in the room behind them.
const ASK_TIMEOUT: Duration = Duration::from_secs(10);

/// Why something is not done.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error("there is no video service")]
    NoVideo,
    #[error("there are no files")]
    NoFiles,
    #[error(transparent)]
    File(#[from] FileError),
    #[error("it took too long")]
    Late,
}

/// Carries it out, or says that it is not done.
pub async fn carry_out(inner: &Arc<Inner>, hub: &Hub, room: &RoomRef, ask: Ask) -> Answered {
    let name = name(&ask);
    let done = timeout(ASK_TIMEOUT, attempt(inner, hub, room, ask)).await.unwrap_or(Err(Failure::Late));
    done.unwrap_or_else(|failure| {
        tracing::error!(
            error = &failure as &dyn std::error::Error,
            ask = name,
            room.id = room.as_str(),
            "what the call channel asks for is not done"
        );
        Answered::Failed
    })
}

async fn attempt(inner: &Arc<Inner>, hub: &Hub, room: &RoomRef, ask: Ask) -> Result<Answered, Failure> {
    let content = &inner.parts.content;
    match ask {
        Ask::AddMessage(message) => return Ok(Answered::Message(content.add_message(room, &message).await?)),
        Ask::Messages { waits, before, limit } => {
            return Ok(Answered::Messages(messages(content.as_ref(), room, &waits, before, limit).await?));
        }
        Ask::LoadBoard(board) => return Ok(Answered::Elements(content.elements(room, &board).await?)),
        Ask::SaveElements { board, elements } => content.save_elements(room, &board, &elements).await?,
        Ask::ClearBoard(board) => content.clear_board(room, &board).await?,
        Ask::Admit { user, at } => {
            // One that holds stays as it is: nobody is put out for a moment by being let in again.
            if !admissions(inner, room).await?.iter().any(|(admitted, _)| *admitted == user) {
                // One that does not hold any more keeps its moment, and would not hold again.
                content.end_admission(room, &user).await?;
                content.admit(room, &user, at).await?;
            }
        }
        Ask::Admissions => return Ok(Answered::Admissions(admissions(inner, room).await?)),
        Ask::EndAdmission(user) => content.end_admission(room, &user).await?,
        Ask::EndAdmissions => content.end_admissions(room).await?,
        Ask::DeleteFile(file) => {
            // One that is gone is deleted.
            files(hub)?.delete(&file).await?;
        }
        Ask::Link { file, .. } => {
            let link = files(hub)?.link(&file).await?.ok_or(FileError::Unknown)?;
            return Ok(Answered::Link { url: link.path, expires: link.expires });
        }
        Ask::Rate { user, stars, comment, at } => {
            rate(inner, room, Rating { session: None, user, stars, comment, at }).await?;
        }
        Ask::AddQuality { user, minute } => match content.add_quality(room, &user, &[minute]).await {
            // A room that was deleted around people takes with it what was measured there.
            Ok(()) | Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        },
        Ask::Mute { user, source } => mute(hub, room, &user, source).await?,
        Ask::Remove(user) => hub.video().ok_or(Failure::NoVideo)?.disconnect(room, &user).await?,
    }
    Ok(Answered::Done)
}

/// Keeps a rating, with the session that is under way, else the latest one.
pub async fn rate(inner: &Inner, room: &RoomRef, rating: Rating) -> Result<(), StoreError> {
    let rooms = &inner.parts.rooms;
    let session = match rooms.room(room).await?.and_then(|state| state.session) {
        Some(under_way) => Some(under_way),
        None => rooms.sessions(room, 1).await?.into_iter().next(),
    };
    let rating = Rating { session: session.map(|session| session.id), ..rating };
    inner.parts.content.rate(room, &rating).await
}

/// Those whom the door lets in because somebody has let them in.
async fn admissions(inner: &Inner, room: &RoomRef) -> Result<Vec<(ProviderUserId, Timestamp)>, StoreError> {
    let Some(waiting_rooms) = &inner.parts.waiting_rooms else { return Ok(Vec::new()) };
    let Some(state) = inner.parts.rooms.room(room).await? else { return Ok(Vec::new()) };
    waiting_rooms.holding(&state, inner.parts.clock.now()).await
}

fn files(hub: &Hub) -> Result<Arc<Files>, Failure> {
    hub.video().and_then(|video| video.files().cloned()).ok_or(Failure::NoFiles)
}

async fn mute(hub: &Hub, room: &RoomRef, user: &ProviderUserId, source: TrackKind) -> Result<(), Failure> {
    let video = hub.video().ok_or(Failure::NoVideo)?;
    for source in source.sources() {
        video.mute(room, user, *source).await?;
    }
    Ok(())
}

async fn messages(
    content: &dyn ContentStore,
    room: &RoomRef,
    waits: &[Option<ProviderUserId>],
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    let mut messages = Vec::new();
    for waiting in waits {
        messages.extend(content.messages(room, waiting.as_ref(), before, limit).await?);
    }
    messages.sort_by_key(|message| message.number);
    Ok(messages)
}

/// What is asked for, without whom it is about.
fn name(ask: &Ask) -> &'static str {
    match ask {
        Ask::AddMessage(_) => "add_message",
        Ask::Messages { .. } => "messages",
        Ask::LoadBoard(_) => "load_board",
        Ask::SaveElements { .. } => "save_elements",
        Ask::ClearBoard(_) => "clear_board",
        Ask::Admit { .. } => "admit",
        Ask::EndAdmission(_) => "end_admission",
        Ask::EndAdmissions => "end_admissions",
        Ask::Admissions => "admissions",
        Ask::DeleteFile(_) => "delete_file",
        Ask::Link { .. } => "link",
        Ask::Rate { .. } => "rate",
        Ask::AddQuality { .. } => "add_quality",
        Ask::Mute { .. } => "mute",
        Ask::Remove(_) => "remove",
    }
}
