//! Carries out at the engine what the worker wishes, apart from it: the worker never waits for an engine that may be waiting for the
//! worker to take its events.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::RoomRef;
use ports::media::{Identity, MediaEngine, MediaError, RoomName};
use tokio::{
    sync::{Notify, mpsc},
    task::JoinSet,
};

/// Rooms that are being talked about with the engine at once. An engine across a network answers in milliseconds, so a few are
/// enough, and one that hangs is not flooded.
const ROOMS_AT_ONCE_MAX: usize = 32;

/// How long the engine may take for one call.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// How long to wait before a call that failed is repeated.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What is wished for one room: the latest of each kind, so wishes never pile up.
#[derive(Debug, Default)]
struct Wish {
    metadata: Option<String>,
    end: bool,
    /// These are to be disconnected.
    remove: BTreeSet<Identity>,
    /// Ask who is there; how many arrivals there had been when that was first wished.
    look: Option<u64>,
}

impl Wish {
    /// What remains of an older wish under a newer one.
    fn merge_older(&mut self, older: Self) {
        if self.metadata.is_none() {
            self.metadata = older.metadata;
        }
        self.end |= older.end;
        self.remove.extend(older.remove);
        self.look = older.look.or(self.look);
    }
}

/// What the engine answered when it was asked who is there.
#[derive(Debug)]
pub struct Sighting {
    /// Where.
    pub room: RoomRef,
    /// Who.
    pub present: Vec<Identity>,
    /// How many arrivals there had been when it was asked.
    pub arrivals: u64,
}

/// Wishes that wait to be carried out: at most one for each room.
#[derive(Debug, Default)]
pub struct Wishes {
    rooms: Mutex<BTreeMap<RoomRef, Wish>>,
    more: Notify,
}

impl Wishes {
    /// Wishes the room's metadata to be `metadata`.
    pub fn set_metadata(&self, room: &RoomRef, metadata: String) {
        self.change(room, |wish| wish.metadata = Some(metadata));
    }

    /// Wishes everybody to be disconnected.
    pub fn end(&self, room: &RoomRef) {
        self.change(room, |wish| wish.end = true);
    }

    /// Wishes somebody to be disconnected.
    pub fn remove(&self, room: &RoomRef, identity: &Identity) {
        self.change(room, |wish| {
            wish.remove.insert(identity.clone());
        });
    }

    /// Wishes to know who is there.
    pub fn look(&self, room: &RoomRef, arrivals: u64) {
        self.change(room, |wish| wish.look = wish.look.or(Some(arrivals)));
    }

    fn change(&self, room: &RoomRef, change: impl FnOnce(&mut Wish)) {
        change(self.lock().entry(room.clone()).or_default());
        self.more.notify_one();
    }

    fn put_back(&self, room: RoomRef, older: Wish) {
        self.lock().entry(room).or_default().merge_older(older);
    }

    fn take_one(&self, busy: &BTreeSet<RoomRef>) -> Option<(RoomRef, Wish)> {
        let mut rooms = self.lock();
        let room = rooms.keys().find(|room| !busy.contains(*room))?.clone();
        rooms.remove_entry(&room)
    }

    /// Nothing is left half-done by a panic, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<RoomRef, Wish>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Carries out wishes until it is dropped. Those of one room follow each other; rooms do not wait for each other. What fails is
/// repeated, under what was wished since, until it works or the room is gone.
pub async fn carry_out(wishes: &Wishes, engine: &Arc<dyn MediaEngine>, sightings: mpsc::Sender<Sighting>) {
    let mut busy = BTreeSet::new();
    let mut running = JoinSet::new();
    loop {
        while running.len() < ROOMS_AT_ONCE_MAX {
            let Some((room, wish)) = wishes.take_one(&busy) else { break };
            busy.insert(room.clone());
            running.spawn(carry_out_one(Arc::clone(engine), room, wish, sightings.clone()));
        }
        tokio::select! {
            () = wishes.more.notified() => {}
            Some(done) = running.join_next() => match done {
                Ok((room, left_over)) => {
                    busy.remove(&room);
                    if let Some(wish) = left_over {
                        wishes.put_back(room, wish);
                    }
                }
                Err(error) => {
                    // Only a panic of the engine comes here. Its room stays busy: what made it panic is not repeated.
                    tracing::error!(error = &error as &dyn std::error::Error, "the media engine panicked");
                }
            },
        }
    }
}

async fn carry_out_one(
    engine: Arc<dyn MediaEngine>,
    room: RoomRef,
    mut wish: Wish,
    sightings: mpsc::Sender<Sighting>,
) -> (RoomRef, Option<Wish>) {
    match attempt(engine.as_ref(), &room, &mut wish, &sightings).await {
        Ok(()) | Err(MediaError::NotFound) => (room, None),
        Err(error @ MediaError::Unavailable { .. }) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the media engine will be asked again");
            tokio::time::sleep(RETRY_AFTER).await;
            (room, Some(wish))
        }
    }
}

async fn attempt(
    engine: &dyn MediaEngine,
    room: &RoomRef,
    wish: &mut Wish,
    sightings: &mpsc::Sender<Sighting>,
) -> Result<(), MediaError> {
    let name = RoomName(room.as_str().to_owned());
    if let Some(metadata) = &wish.metadata {
        within_timeout(engine.set_room_metadata(&name, metadata)).await?;
        wish.metadata = None;
    }
    if wish.end {
        within_timeout(engine.close_room(&name)).await?;
        wish.end = false;
    }
    while let Some(identity) = wish.remove.first() {
        match within_timeout(engine.remove_participant(&name, identity)).await {
            Ok(()) | Err(MediaError::NotFound) => wish.remove.pop_first(),
            Err(error @ MediaError::Unavailable { .. }) => return Err(error),
        };
    }
    if let Some(arrivals) = wish.look {
        let present = match within_timeout(engine.participants(&name)).await {
            Err(MediaError::NotFound) => Vec::new(),
            answer => answer?,
        };
        wish.look = None;
        // Without a receiver the worker has ended, and nobody wants to know.
        sightings.send(Sighting { room: room.clone(), present, arrivals }).await.ok();
    }
    Ok(())
}

/// Gives the engine [`CALL_TIMEOUT`].
pub async fn within_timeout<T>(call: impl Future<Output = Result<T, MediaError>>) -> Result<T, MediaError> {
    let late = |_| MediaError::Unavailable { reason: "it did not answer in time".to_owned() };
    tokio::time::timeout(CALL_TIMEOUT, call).await.map_err(late)?
}
