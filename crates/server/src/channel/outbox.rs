//! What waits to be sent to one client.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::extract::ws::Utf8Bytes;
use call_channel::ConnectionId;
use tokio::sync::{mpsc, watch};

use super::figures::ChannelFigures;

/// Frames that may wait: some seconds of a busy room.
const FRAMES_MAX: usize = 256;

/// Frames beyond which nothing waits that is outdated soon.
const FRAMES_EPHEMERAL_MAX: usize = FRAMES_MAX / 2;

/// Bytes that may wait: a full board, and as much again.
const BYTES_MAX: usize = 20 * 1024 * 1024;

/// How a connection is closed by us: the code, and a word for developers.
pub type CloseCode = (u16, &'static str);

/// The service stops.
pub const STOPPING: CloseCode = (1001, "stopping");
/// What is needed cannot be read.
pub const UNAVAILABLE: CloseCode = (1011, "unavailable");
/// No JSON, or no hello.
pub const BAD_FRAME: CloseCode = (4400, "bad_frame");
/// Nobody's link.
pub const INVALID_LINK: CloseCode = (4404, "invalid_access_link");
/// The same person connected elsewhere.
pub const REPLACED: CloseCode = (4409, "replaced");
/// The room is closed.
pub const ROOM_CLOSED: CloseCode = (4410, "room_closed");
/// It does not read.
pub const TOO_SLOW: CloseCode = (4429, "too_slow");
/// It sends too much.
pub const TOO_FAST: CloseCode = (4429, "too_fast");

/// The room's end.
#[derive(Clone)]
pub struct Outbox {
    /// Whose.
    pub connection: ConnectionId,
    frames: mpsc::Sender<Utf8Bytes>,
    waiting: Arc<AtomicUsize>,
    closing: Arc<watch::Sender<Option<CloseCode>>>,
    figures: ChannelFigures,
}

/// The connection's end.
pub struct Outgoing {
    frames: mpsc::Receiver<Utf8Bytes>,
    waiting: Arc<AtomicUsize>,
    closing: watch::Receiver<Option<CloseCode>>,
}

/// What is to be sent next.
pub enum Next {
    /// A frame.
    Frame(Utf8Bytes),
    /// The end.
    Close(CloseCode),
}

/// An outbox with its two ends.
pub fn outbox(connection: ConnectionId, figures: ChannelFigures) -> (Outbox, Outgoing) {
    let (sender, frames) = mpsc::channel(FRAMES_MAX);
    let (closing_sender, closing) = watch::channel(None);
    let waiting = Arc::<AtomicUsize>::default();
    let outbox = Outbox {
        connection,
        frames: sender,
        waiting: Arc::clone(&waiting),
        closing: Arc::new(closing_sender),
        figures,
    };
    (outbox, Outgoing { frames, waiting, closing })
}

impl Outbox {
    /// Sends a frame. One that is `ephemeral` is left out where the client is slow; for any other, a client that is too slow is cut off.
    pub fn send(&self, frame: Utf8Bytes, ephemeral: bool) {
        if ephemeral && self.frames.max_capacity() - self.frames.capacity() >= FRAMES_EPHEMERAL_MAX {
            self.figures.dropped();
            return;
        }
        let bytes = frame.len();
        let waiting = self.waiting.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if waiting > BYTES_MAX {
            self.close(TOO_SLOW);
            return;
        }
        match self.frames.try_send(frame) {
            Err(mpsc::error::TrySendError::Full(_)) => self.close(TOO_SLOW),
            // A connection that is gone: the room is told so by itself.
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => {}
        }
    }

    /// Closes the connection; the first reason counts.
    pub fn close(&self, code: CloseCode) {
        self.closing.send_if_modified(|closing| {
            let first = closing.is_none();
            closing.get_or_insert(code);
            first
        });
    }
}

impl Outgoing {
    /// Waits for what is to be sent next. What was sent before a connection is closed goes out first, unless the client is too slow.
    pub async fn next(&mut self) -> Next {
        tokio::select! {
            biased;
            code = closing(&mut self.closing) => match self.frames.try_recv() {
                Ok(frame) if code != TOO_SLOW => Next::Frame(self.taken(frame)),
                _ => Next::Close(code),
            },
            Some(frame) = self.frames.recv() => Next::Frame(self.taken(frame)),
        }
    }

    fn taken(&self, frame: Utf8Bytes) -> Utf8Bytes {
        self.waiting.fetch_sub(frame.len(), Ordering::Relaxed);
        frame
    }
}

/// Waits until the connection is to be closed. Whose room has forgotten it comes back later.
async fn closing(closing: &mut watch::Receiver<Option<CloseCode>>) -> CloseCode {
    match closing.wait_for(Option::is_some).await {
        Ok(code) => code.unwrap_or(UNAVAILABLE),
        Err(_) => UNAVAILABLE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sent(outgoing: &mut Outgoing) -> Result<String, CloseCode> {
        match outgoing.next().await {
            Next::Frame(frame) => Ok(frame.to_string()),
            Next::Close(code) => Err(code),
        }
    }

    #[tokio::test]
    async fn what_is_outdated_soon_is_left_out_for_a_slow_client_and_nothing_else_is() {
        let figures = ChannelFigures::default();
        let (outbox, mut outgoing) = outbox(ConnectionId(1), figures.clone());
        for n in 0..FRAMES_EPHEMERAL_MAX {
            outbox.send(n.to_string().into(), true);
        }
        outbox.send("pointer".into(), true);
        outbox.send("message".into(), false);
        for n in 0..FRAMES_EPHEMERAL_MAX {
            assert_eq!(sent(&mut outgoing).await, Ok(n.to_string()));
        }
        assert_eq!(sent(&mut outgoing).await.as_deref(), Ok("message"));
        assert_eq!(figures.totals().3, 1);
    }

    #[tokio::test]
    async fn a_client_that_does_not_read_is_cut_off_by_frames_and_by_bytes() {
        for (frames, bytes) in [(FRAMES_MAX + 1, 1), (3, BYTES_MAX / 2)] {
            let (outbox, mut outgoing) = outbox(ConnectionId(1), ChannelFigures::default());
            for _ in 0..frames {
                outbox.send("x".repeat(bytes).into(), false);
            }
            assert_eq!(sent(&mut outgoing).await, Err(TOO_SLOW));
        }
    }

    #[tokio::test]
    async fn what_was_sent_before_the_end_is_sent_and_the_first_reason_counts() {
        let (outbox, mut outgoing) = outbox(ConnectionId(1), ChannelFigures::default());
        outbox.send("last".into(), false);
        outbox.close(REPLACED);
        outbox.close(STOPPING);
        assert_eq!(sent(&mut outgoing).await.as_deref(), Ok("last"));
        assert_eq!(sent(&mut outgoing).await, Err(REPLACED));
    }
}
