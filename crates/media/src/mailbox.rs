//! How async tasks and other shards speak with a shard.

use std::{
    io,
    net::SocketAddr,
    os::fd::{AsFd, BorrowedFd},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
};

use livekit_proto::proto::{signal_request, signal_response};
use media_core::{Command, CommandError, ConnectionId, Join, Reply, RoomConfig};
use nix::sys::eventfd::{EfdFlags, EventFd};
use tokio::sync::{mpsc, oneshot};

/// Joins that wait. A full room of 25 that returns after a network failure fits several times.
const JOINS_MAX: usize = 128;
/// Signals that wait, of all of a shard's clients.
const SIGNALS_MAX: usize = 1024;
/// ICE-TCP frames that wait: some 50 ms of the load that saturates a core.
const FRAMES_MAX: usize = 4096;
/// Datagrams that wait to be taken over: some 50 ms of the load that saturates a core, 6 MB at most. They are counted one by
/// one, since a shard that keeps up with its sockets reads, and hands over, few at once.
const HANDOVER_DATAGRAMS_MAX: usize = 4096;

/// Where a client's messages go.
pub(crate) type ToClient = mpsc::Sender<Box<signal_response::Message>>;

/// Somebody at the door.
pub(crate) struct JoinMail {
    /// The room, to be opened if it is not open.
    pub(crate) room: RoomConfig,
    /// Whether nobody asked for the room but whoever joins, so that nobody will close it either.
    pub(crate) auto_created: bool,
    pub(crate) join: Join,
    pub(crate) client: ToClient,
    /// Told when the engine has taken it.
    pub(crate) taken: oneshot::Sender<()>,
}

/// What a client or the program says.
pub(crate) enum SignalMail {
    Signal {
        connection: ConnectionId,
        request: Box<signal_request::Message>,
    },
    Closed {
        connection: ConnectionId,
    },
    Command {
        command: Command,
        reply: oneshot::Sender<Result<Reply, CommandError>>,
    },
    /// Makes the shard fail.
    #[cfg(test)]
    Panic,
}

/// What happens to an ICE-TCP connection.
pub(crate) enum FrameMail {
    Opened { peer: SocketAddr, frames: mpsc::Sender<Vec<u8>> },
    Frame { peer: SocketAddr, local: SocketAddr, frame: Vec<u8> },
    Closed { peer: SocketAddr },
}

/// A datagram that another shard read.
#[derive(Debug)]
pub(crate) struct Handover {
    pub(crate) source: SocketAddr,
    pub(crate) local: SocketAddr,
    pub(crate) datagram: Vec<u8>,
}

/// The end of a shard's mailbox that others hold.
#[derive(Clone)]
pub(crate) struct Mailbox {
    joins: mpsc::Sender<JoinMail>,
    signals: mpsc::Sender<SignalMail>,
    frames: mpsc::Sender<FrameMail>,
    handovers: SyncSender<Vec<Handover>>,
    handed_over: Arc<AtomicUsize>,
    bell: Arc<Bell>,
    /// Rooms in this shard, to give new ones to the least loaded.
    pub(crate) rooms: Arc<AtomicUsize>,
}

/// The shard is gone for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone;

impl Mailbox {
    pub(crate) async fn join(&self, mail: JoinMail) -> Result<(), Gone> {
        self.joins.send(mail).await.map_err(|_| Gone)?;
        self.bell.ring();
        Ok(())
    }

    pub(crate) async fn signal(&self, mail: SignalMail) -> Result<(), Gone> {
        self.signals.send(mail).await.map_err(|_| Gone)?;
        self.bell.ring();
        Ok(())
    }

    pub(crate) async fn frame(&self, mail: FrameMail) -> Result<(), Gone> {
        self.frames.send(mail).await.map_err(|_| Gone)?;
        self.bell.ring();
        Ok(())
    }

    /// Gives the shard a batch, or gives it back if the shard has too many.
    pub(crate) fn hand_over(&self, batch: Vec<Handover>) -> Result<(), Vec<Handover>> {
        let datagrams = batch.len();
        // Two shards that come at once may both fit in and be a batch too many together, which is bounded too.
        if self.handed_over.load(Ordering::Relaxed) + datagrams > HANDOVER_DATAGRAMS_MAX {
            return Err(batch);
        }
        // Counted before it can be taken.
        self.handed_over.fetch_add(datagrams, Ordering::Relaxed);
        self.handovers.try_send(batch).map_err(|error| {
            self.handed_over.fetch_sub(datagrams, Ordering::Relaxed);
            match error {
                std::sync::mpsc::TrySendError::Full(batch) | std::sync::mpsc::TrySendError::Disconnected(batch) => {
                    batch
                }
            }
        })?;
        self.bell.ring();
        Ok(())
    }

    /// Whether the shard has stopped or was given up.
    pub(crate) fn is_gone(&self) -> bool {
        self.joins.is_closed()
    }

    /// Makes the shard look at what is not in the mailbox, such as the order to stop.
    pub(crate) fn ring(&self) {
        self.bell.ring();
    }
}

/// The end that the shard holds. It outlives a failure of the shard.
pub(crate) struct Letters {
    pub(crate) joins: mpsc::Receiver<JoinMail>,
    pub(crate) signals: mpsc::Receiver<SignalMail>,
    pub(crate) frames: mpsc::Receiver<FrameMail>,
    handovers: Receiver<Vec<Handover>>,
    handed_over: Arc<AtomicUsize>,
    pub(crate) bell: Arc<Bell>,
}

impl Letters {
    /// A batch that another shard handed over.
    pub(crate) fn take_over(&self) -> Option<Vec<Handover>> {
        let batch = self.handovers.try_recv().ok()?;
        self.handed_over.fetch_sub(batch.len(), Ordering::Relaxed);
        Some(batch)
    }
}

/// Makes a mailbox.
pub(crate) fn mailbox() -> io::Result<(Mailbox, Letters)> {
    let bell = Arc::new(Bell::new()?);
    let (joins_in, joins) = mpsc::channel(JOINS_MAX);
    let (signals_in, signals) = mpsc::channel(SIGNALS_MAX);
    let (frames_in, frames) = mpsc::channel(FRAMES_MAX);
    let (handovers_in, handovers) = sync_channel(HANDOVER_DATAGRAMS_MAX);
    let handed_over = Arc::<AtomicUsize>::default();
    let mailbox = Mailbox {
        joins: joins_in,
        signals: signals_in,
        frames: frames_in,
        handovers: handovers_in,
        handed_over: Arc::clone(&handed_over),
        bell: Arc::clone(&bell),
        rooms: Arc::default(),
    };
    Ok((mailbox, Letters { joins, signals, frames, handovers, handed_over, bell }))
}

/// Wakes a shard that waits for its sockets.
pub(crate) struct Bell {
    event: EventFd,
    rung: AtomicBool,
}

impl Bell {
    fn new() -> io::Result<Self> {
        let event = EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?;
        Ok(Self { event, rung: AtomicBool::new(false) })
    }

    /// Wakes the shard. Mail must be in the box before. A bell that rings already is not rung again, which saves the system
    /// call.
    pub(crate) fn ring(&self) {
        if !self.rung.swap(true, Ordering::SeqCst) {
            // Fails only if the counter is full, and then the shard is awake.
            let _full = self.event.write(1);
        }
    }

    /// Makes the bell still. Mail must be looked at after.
    pub(crate) fn still(&self) {
        if self.rung.swap(false, Ordering::SeqCst) {
            // Fails if whoever rings has not got to writing; then the next wait ends at once for nothing.
            let _empty = self.event.read();
        }
    }
}

impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(datagrams: usize) -> Vec<Handover> {
        let address = SocketAddr::from(([192, 0, 2, 1], 1));
        (0..datagrams).map(|_| Handover { source: address, local: address, datagram: Vec::new() }).collect()
    }

    #[test]
    fn single_datagrams_are_kept_as_well_as_large_batches_up_to_the_same_number() {
        for size in [1, 64] {
            let (mailbox, letters) = mailbox().expect("a bell");
            for _ in 0..HANDOVER_DATAGRAMS_MAX / size {
                assert!(mailbox.hand_over(batch(size)).is_ok());
            }
            assert_eq!(mailbox.hand_over(batch(size)).map_err(|back| back.len()), Err(size));
            assert_eq!(letters.take_over().map(|batch| batch.len()), Some(size));
            assert!(mailbox.hand_over(batch(size)).is_ok());
        }
    }
}
