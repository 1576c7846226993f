//! All rooms with a call channel: finds a room's task, starts it, and passes on to it what other parts of the program tell.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use call_channel::ConnectionId;
use domain::{ProviderUserId, RoomRef};
use ports::{
    Chance, Clock,
    content::{ContentStore, File, FileId, Rating},
    rooms::RoomStore,
    teleconsultations::StoreError,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use video::{CallObserver, VideoService, WaitingRooms};

use crate::desk::Places;

use super::{
    figures::ChannelFigures,
    keeping,
    notices::{News, Notices},
    room::{self, Mail},
};

/// Connections at once: one for each participant that the media engine can carry.
const CONNECTIONS_MAX: usize = 16_384;

/// Mail of a room that waits. A full room of 25 that all draw fits.
const MAIL_MAX: usize = 128;

/// What the hub is made of.
pub struct HubParts {
    /// Keeps what people leave in rooms.
    pub content: Arc<dyn ContentStore>,
    /// Keeps rooms.
    pub rooms: Arc<dyn RoomStore>,
    /// `None`: nobody has to wait.
    pub waiting_rooms: Option<WaitingRooms>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
}

/// All call channels. Clones are the same.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

/// What the hub's tasks share.
pub struct Inner {
    /// What it is made of.
    pub parts: HubParts,
    /// Counts.
    pub figures: ChannelFigures,
    /// Tells all tasks to end.
    pub stop: CancellationToken,
    /// Set once the video service is made, which is given the hub as its observer.
    video: OnceLock<Weak<VideoService>>,
    /// Who wants to know where people are.
    whereabouts: OnceLock<Arc<Places>>,
    rooms: Mutex<BTreeMap<RoomRef, Entry>>,
    places: Arc<Semaphore>,
    connections: AtomicU64,
    tasks: TaskTracker,
}

/// A room with somebody connected to its channel or to the media engine.
#[derive(Default)]
struct Entry {
    notices: Arc<Notices>,
    mail: Option<mpsc::Sender<Mail>>,
}

impl Hub {
    /// A hub without rooms.
    pub fn new(parts: HubParts) -> Self {
        Self(Arc::new(Inner {
            parts,
            figures: ChannelFigures::default(),
            stop: CancellationToken::new(),
            video: OnceLock::new(),
            whereabouts: OnceLock::new(),
            rooms: Mutex::default(),
            places: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
            connections: AtomicU64::new(1),
            tasks: TaskTracker::new(),
        }))
    }

    /// Says whose links people come with. Before, nobody can connect.
    pub fn attach(&self, video: &Arc<VideoService>) {
        // Attached twice, the first one counts; there is one in a program.
        let _ = self.0.video.set(Arc::downgrade(video));
    }

    /// Says who wants to know where people are. Before, nobody is told.
    pub fn tell_whereabouts(&self, places: Arc<Places>) {
        // Asked twice, the first one counts; there is one in a program.
        let _ = self.0.whereabouts.set(places);
    }

    /// Who wants to know where people are.
    pub(super) fn whereabouts(&self) -> Option<&Places> {
        self.0.whereabouts.get().map(Arc::as_ref)
    }

    /// What is counted.
    pub fn figures(&self) -> &ChannelFigures {
        &self.0.figures
    }

    /// Told when all tasks have to end.
    pub(super) fn stop_token(&self) -> &CancellationToken {
        &self.0.stop
    }

    /// The video service, as long as there is one.
    pub(super) fn video(&self) -> Option<Arc<VideoService>> {
        self.0.video.get()?.upgrade()
    }

    /// A place for a connection, if there is one.
    pub fn place(&self) -> Option<OwnedSemaphorePermit> {
        if self.0.stop.is_cancelled() {
            return None;
        }
        Arc::clone(&self.0.places).try_acquire_owned().ok()
    }

    /// Runs a connection's task, which is waited for at the end.
    pub fn track<F: Future<Output = ()> + Send + 'static>(
        &self,
        connection: F,
    ) -> impl Future<Output = ()> + Send + 'static + use<F> {
        self.0.tasks.track_future(connection)
    }

    /// A name for a new connection.
    pub(super) fn next_connection(&self) -> ConnectionId {
        ConnectionId(self.0.connections.fetch_add(1, Ordering::Relaxed))
    }

    /// The mail of a room's task, which is started if need be. It may end before it reads what is sent to it; then this is asked again.
    pub(super) fn mail(&self, room: &RoomRef) -> mpsc::Sender<Mail> {
        let mut rooms = self.rooms();
        let entry = rooms.entry(room.clone()).or_default();
        if let Some(mail) = entry.mail.as_ref().filter(|mail| !mail.is_closed()) {
            return mail.clone();
        }
        let (sender, mail) = mpsc::channel(MAIL_MAX);
        entry.mail = Some(sender.clone());
        let task = room::run(Arc::clone(&self.0), self.clone(), room.clone(), Arc::clone(&entry.notices), mail);
        self.0.tasks.spawn(task);
        sender
    }

    /// Forgets a room's task that has nothing more to do, if no mail has come meanwhile.
    pub(super) fn end(&self, room: &RoomRef, mail: &mut mpsc::Receiver<Mail>) -> bool {
        let mut rooms = self.rooms();
        if !mail.is_empty() {
            return false;
        }
        mail.close();
        if let Some(entry) = rooms.get_mut(room) {
            entry.mail = None;
            if entry.notices.is_empty() {
                rooms.remove(room);
            }
        }
        true
    }

    /// Closes all connections with 1001, writes down what is to be written, and waits for both. Whether that was done within `patience`.
    pub async fn stop(&self, patience: Duration) -> bool {
        self.0.stop.cancel();
        self.0.tasks.close();
        tokio::time::timeout(patience, self.0.tasks.wait()).await.is_ok()
    }

    /// Whether `request` is a wish for a snapshot that was put to this person and can be fulfilled.
    pub fn is_snapshot_wished(&self, room: &RoomRef, of: &ProviderUserId, request: &str) -> bool {
        let notices = self.rooms().get(room).map(|entry| Arc::clone(&entry.notices));
        notices.is_some_and(|notices| notices.is_wished(request, of, self.0.parts.clock.now()))
    }

    /// Keeps what somebody thinks of the call; a second rating replaces their first one. `Conflict`: the room is gone.
    pub async fn rate(
        &self,
        room: &RoomRef,
        user: ProviderUserId,
        stars: u8,
        comment: Option<String>,
    ) -> Result<(), StoreError> {
        let at = self.0.parts.clock.now();
        keeping::rate(&self.0, room, Rating { session: None, user, stars, comment, at }).await
    }

    /// A file is whole.
    pub fn file_completed(&self, file: File) {
        let room = file.room.clone();
        self.tell(&room, |news| news.completed.push(file));
    }

    /// A file was deleted.
    pub fn file_deleted(&self, room: &RoomRef, file: &FileId) {
        self.tell(room, |news| news.deleted.push(file.clone()));
    }

    /// Tells a room that somebody is connected to; nobody else wants to know.
    fn tell(&self, room: &RoomRef, add: impl FnOnce(&mut News)) {
        if let Some(entry) = self.rooms().get(room).filter(|entry| entry.mail.is_some()) {
            entry.notices.add(add);
        }
    }

    /// Nothing is left half-done by a panic, so a poisoned lock is as good as any.
    fn rooms(&self) -> MutexGuard<'_, BTreeMap<RoomRef, Entry>> {
        self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_present(&self, room: &RoomRef, change: impl FnOnce(&mut News)) {
        let mut rooms = self.rooms();
        let entry = rooms.entry(room.clone()).or_default();
        entry.notices.add(change);
        if entry.mail.is_none() && entry.notices.is_empty() {
            rooms.remove(room);
        }
    }
}

impl CallObserver for Hub {
    fn joined(&self, room: &RoomRef, user: &ProviderUserId) {
        self.set_present(room, |news| {
            news.present.insert(user.clone());
        });
    }

    fn left(&self, room: &RoomRef, user: &ProviderUserId) {
        self.set_present(room, |news| {
            news.present.remove(user);
        });
    }

    fn emptied(&self, room: &RoomRef) {
        self.set_present(room, |news| news.present.clear());
    }

    fn session_ended(&self, room: &RoomRef) {
        self.tell(room, |news| news.session_ended = true);
    }

    fn changed(&self, room: &RoomRef) {
        self.tell(room, |news| news.changed = true);
    }
}
