//! Starting, stopping, and what the rest of the program asks for.

use std::{
    io,
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use async_trait::async_trait;
use axum::Router;
use livekit_proto::{ApiKey, Claims, VideoGrant, proto};
use media_core::{Command, CommandError, ConnectionId, Reply, RoomConfig};
use ports::{
    Chance, Clock,
    media::{Admission, Grant, Identity, MediaEngine, MediaError, MediaEvent, MediaRoom, RoomName, TrackSource},
};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    task::AbortHandle,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    addresses::Addresses,
    config::{BoundPorts, MediaConfig, StartError},
    counters::{Counters, CountersSnapshot},
    door::NAME_BYTES_MAX,
    events::Events,
    http,
    mailbox::{Letters, Mailbox, SignalMail, mailbox},
    rooms::Rooms,
    routes::{Prefixes, Routes, ShardIndex},
    shard::{Common, Shard},
    tcp::{self, TcpLimits},
    udp_socket::{self, UdpPort},
};

/// Signalling connections at once: as many as a machine of 16 cores can carry participants.
const CONNECTIONS_MAX: u32 = 16_384;
/// Events that wait for the program before the shards keep them.
const EVENTS_MAX: usize = 1024;
/// How long a shard may take to do what the program asks for.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(5);
/// The most shards: what a prefix can name.
const SHARDS_MAX: usize = 255;

/// Carries media. A handle: clones are the same service, which stops with [`MediaService::stop`] or with the last of them.
#[derive(Clone)]
pub struct MediaService {
    inner: Arc<Inner>,
}

/// What all of the shell's tasks share.
pub(crate) struct Inner {
    pub(crate) api_key: ApiKey,
    pub(crate) auto_create: bool,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) admission: Arc<dyn Admission>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) rooms: Rooms,
    common: Arc<Common>,
    shards: Arc<[Mailbox]>,
    bound: BoundPorts,
    connections: Arc<Semaphore>,
    connection_ids: AtomicU64,
    threads: Mutex<Vec<JoinHandle<()>>>,
    acceptors: Vec<AbortHandle>,
}

impl Inner {
    /// A name for a new signalling connection.
    pub(crate) fn next_connection(&self) -> ConnectionId {
        ConnectionId(self.connection_ids.fetch_add(1, Ordering::Relaxed))
    }

    /// Room for one more signalling connection, if there is any.
    pub(crate) fn connection_place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.connections).try_acquire_owned().ok()
    }

    /// Whether nobody is let in any more.
    pub(crate) fn stopping(&self) -> bool {
        self.common.stopping.load(Ordering::Acquire)
    }

    fn order_to_stop(&self) {
        self.common.stopping.store(true, Ordering::Release);
        for acceptor in &self.acceptors {
            acceptor.abort();
        }
        for shard in self.shards.iter() {
            shard.ring();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.order_to_stop();
    }
}

impl MediaService {
    /// Opens the ports and starts one thread for each shard. Must be called within a Tokio runtime. What happens in the rooms
    /// comes by the channel, which ends when the service has stopped.
    pub fn start(
        config: MediaConfig,
        clock: Arc<dyn Clock>,
        chance: &dyn Chance,
        admission: Arc<dyn Admission>,
    ) -> Result<(Self, mpsc::Receiver<MediaEvent>), StartError> {
        if config.udp_port.is_none() && config.tcp_port.is_none() {
            return Err(StartError::NoTransport);
        }
        let addresses = Addresses::new(&config.advertised_ips);
        let (ipv4, ipv6) = families(&addresses)?;
        let shard_count = shard_count(config.shards);
        let (udp, bound_udp) = bind_udp(config.udp_port, shard_count, ipv4, ipv6)?;
        let (listeners, bound_tcp) = bind_tcp(config.tcp_port, ipv4, ipv6)?;
        let bound = BoundPorts { udp: bound_udp, tcp: bound_tcp };

        let (mailboxes, letters): (Vec<Mailbox>, Vec<Letters>) = (0..shard_count)
            .map(|_| mailbox())
            .collect::<io::Result<Vec<_>>>()
            .map_err(StartError::System)?
            .into_iter()
            .unzip();
        let shards: Arc<[Mailbox]> = mailboxes.into();
        let counters = Arc::new(Counters::default());
        let rooms = Rooms::new(Arc::clone(&shards), Arc::clone(&counters));
        let common = Arc::new(Common {
            udp_candidates: addresses.candidates(bound.udp),
            tcp_candidates: addresses.candidates(bound.tcp),
            addresses,
            // At most `SHARDS_MAX`, which fits.
            prefixes: Prefixes::new(chance.bytes(), u8::try_from(shard_count).unwrap_or(u8::MAX)),
            routes: Routes::default(),
            rooms: rooms.clone(),
            counters: Arc::clone(&counters),
            stopping: AtomicBool::new(false),
        });

        let (events_in, events) = mpsc::channel(EVENTS_MAX);
        let mut threads = Vec::new();
        for ((index, ports), letters) in (0..).map(ShardIndex).zip(udp).zip(letters) {
            let shard = Shard {
                index,
                common: Arc::clone(&common),
                ports,
                letters,
                events: Events::new(events_in.clone(), Arc::clone(&counters)),
                clock: Arc::clone(&clock),
                seed: u64::from_be_bytes(chance.bytes()),
            };
            let thread = thread::Builder::new().name(format!("media-{}", index.0)).spawn(move || shard.run());
            threads.push(thread.map_err(StartError::System)?);
        }
        let tcp_limits = Arc::new(TcpLimits::new());
        let acceptors = listeners
            .into_iter()
            .map(|listener| {
                tokio::spawn(tcp::accept(listener, Arc::clone(&common), Arc::clone(&tcp_limits))).abort_handle()
            })
            .collect();
        let inner = Inner {
            api_key: config.api_key,
            auto_create: config.room_auto_create,
            clock,
            admission,
            counters,
            rooms,
            common,
            shards,
            bound,
            connections: Arc::new(Semaphore::new(CONNECTIONS_MAX as usize)),
            connection_ids: AtomicU64::new(1),
            threads: Mutex::new(threads),
            acceptors,
        };
        Ok((Self { inner: Arc::new(inner) }, events))
    }

    /// The signalling routes: `/rtc`, `/rtc/v1`, and `validate` below each. Their queries hold tokens and must not be logged.
    pub fn router(&self) -> Router {
        http::router(Arc::clone(&self.inner))
    }

    /// The ports in use.
    pub fn bound_ports(&self) -> BoundPorts {
        self.inner.bound
    }

    /// The addresses that clients are told to send media to, best first.
    pub fn advertised_ips(&self) -> Vec<std::net::IpAddr> {
        self.inner.common.addresses.advertised().to_vec()
    }

    /// What was counted up to this moment.
    pub fn counters(&self) -> CountersSnapshot {
        self.inner.counters.snapshot()
    }

    /// Lets nobody in, tells everybody to come back (to this program started anew, or another), and ends the threads. Whether
    /// all of that was done within `patience`. No `Left` is told for those who were inside: they have not left.
    pub async fn stop(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        self.inner.order_to_stop();
        // All places are free when all connections are closed.
        let closed = timeout_at(deadline, self.inner.connections.acquire_many(CONNECTIONS_MAX)).await.is_ok();
        let threads = std::mem::take(&mut *self.inner.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let joining = tokio::task::spawn_blocking(move || threads.into_iter().all(|thread| thread.join().is_ok()));
        let joined = matches!(timeout_at(deadline, joining).await, Ok(Ok(true)));
        closed && joined
    }

    async fn command(&self, shard: ShardIndex, command: Command) -> Result<Result<Reply, CommandError>, MediaError> {
        let (reply, answer) = oneshot::channel();
        let mailbox = self.inner.rooms.mailbox(shard);
        let asking = async {
            mailbox.signal(SignalMail::Command { command, reply }).await.ok()?;
            answer.await.ok()
        };
        match timeout(COMMAND_TIMEOUT, asking).await {
            Ok(Some(result)) => Ok(result),
            Ok(None) => Err(unavailable("it has stopped or failed")),
            Err(_) => Err(unavailable("it does not answer in time")),
        }
    }

    /// Carries out a command in a room that must be open.
    async fn command_in(&self, room: &RoomName, command: Command) -> Result<Reply, MediaError> {
        let shard = self.inner.rooms.shard_of(&room.0).ok_or(MediaError::NotFound)?;
        self.command(shard, command).await?.map_err(|error| match error {
            CommandError::NoRoom | CommandError::NoParticipant | CommandError::NoTrack => MediaError::NotFound,
            CommandError::TooManyRooms => unavailable("there are too many rooms"),
        })
    }
}

#[async_trait]
impl MediaEngine for MediaService {
    async fn open_room(&self, room: &MediaRoom) -> Result<(), MediaError> {
        if room.name.0.is_empty() || room.name.0.len() > NAME_BYTES_MAX {
            return Err(unavailable("the room's name is empty or too long"));
        }
        let opening = self.inner.rooms.opening(&room.name.0).ok_or_else(|| unavailable("there are too many rooms"))?;
        let config = RoomConfig {
            name: room.name.0.clone(),
            participants_max: room.participants_max,
            metadata: room.metadata.clone(),
        };
        let opened = self.command(opening.shard(), Command::OpenRoom(config)).await?;
        opened.map(|_| ()).map_err(|error| unavailable(&error.to_string()))
    }

    async fn close_room(&self, room: &RoomName) -> Result<(), MediaError> {
        closed_already(self.command_in(room, Command::CloseRoom { room: room.0.clone() }).await)
    }

    async fn remove_participant(&self, room: &RoomName, identity: &Identity) -> Result<(), MediaError> {
        let command = Command::RemoveParticipant { room: room.0.clone(), identity: identity.0.clone() };
        closed_already(self.command_in(room, command).await)
    }

    async fn mute(&self, room: &RoomName, identity: &Identity, source: TrackSource) -> Result<(), MediaError> {
        let present = match self.command_in(room, Command::Participants { room: room.0.clone() }).await {
            Ok(Reply::Participants(present)) => present,
            Ok(Reply::Done) => return Err(unavailable("it did not say who is there")),
            Err(MediaError::NotFound) => return Ok(()),
            Err(error @ MediaError::Unavailable { .. }) => return Err(error),
        };
        let person = present.into_iter().find(|participant| participant.identity == identity.0);
        let tracks = person.map(|person| person.tracks).unwrap_or_default();
        for track in tracks.into_iter().filter(|track| track.source() == wire_source(source)) {
            let command = Command::MuteTrack {
                room: room.0.clone(),
                identity: identity.0.clone(),
                track: track.sid,
                muted: true,
            };
            closed_already(self.command_in(room, command).await)?;
        }
        Ok(())
    }

    async fn set_room_metadata(&self, room: &RoomName, metadata: &str) -> Result<(), MediaError> {
        let command = Command::SetRoomMetadata { room: room.0.clone(), metadata: metadata.to_owned() };
        self.command_in(room, command).await.map(|_| ())
    }

    async fn participants(&self, room: &RoomName) -> Result<Vec<Identity>, MediaError> {
        match self.command_in(room, Command::Participants { room: room.0.clone() }).await? {
            Reply::Participants(participants) => {
                Ok(participants.into_iter().map(|participant| Identity(participant.identity)).collect())
            }
            Reply::Done => Err(unavailable("it did not say who is there")),
        }
    }

    fn access_token(&self, grant: &Grant) -> Result<String, MediaError> {
        let now_s = self.inner.clock.now().as_second();
        let lifetime_s = i64::try_from(grant.valid_for.as_secs()).unwrap_or(i64::MAX);
        let claims = Claims {
            identity: grant.identity.0.clone(),
            not_before_s: Some(now_s),
            expires_s: now_s.saturating_add(lifetime_s),
            name: grant.name.clone().unwrap_or_default(),
            metadata: grant.metadata.clone(),
            video: video_grant(grant),
            ..Claims::default()
        };
        self.inner.api_key.sign(&claims).map_err(|_| unavailable("the metadata are too long for a token"))
    }
}

fn video_grant(grant: &Grant) -> VideoGrant {
    let video = VideoGrant {
        room: grant.room.0.clone(),
        room_join: true,
        // Said in full: an empty list of sources would mean all of them.
        can_publish: Some(!grant.sources.is_empty()),
        can_subscribe: Some(true),
        can_publish_data: Some(grant.publish_data),
        can_update_own_metadata: Some(false),
        ..VideoGrant::default()
    };
    video.with_sources(grant.sources.iter().copied().map(wire_source))
}

const fn wire_source(source: TrackSource) -> proto::TrackSource {
    match source {
        TrackSource::Camera => proto::TrackSource::Camera,
        TrackSource::Microphone => proto::TrackSource::Microphone,
        TrackSource::ScreenShare => proto::TrackSource::ScreenShare,
        TrackSource::ScreenShareAudio => proto::TrackSource::ScreenShareAudio,
    }
}

fn closed_already(result: Result<Reply, MediaError>) -> Result<(), MediaError> {
    match result {
        Ok(_) | Err(MediaError::NotFound) => Ok(()),
        Err(error @ MediaError::Unavailable { .. }) => Err(error),
    }
}

fn unavailable(reason: &str) -> MediaError {
    MediaError::Unavailable { reason: reason.to_owned() }
}

fn families(addresses: &Addresses) -> Result<(bool, bool), StartError> {
    let advertised = addresses.advertised();
    if advertised.is_empty() {
        return Err(StartError::NoAddress);
    }
    Ok((advertised.iter().any(std::net::IpAddr::is_ipv4), advertised.iter().any(std::net::IpAddr::is_ipv6)))
}

fn shard_count(configured: Option<NonZeroUsize>) -> usize {
    let cores = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    configured.unwrap_or_else(cores).get().min(SHARDS_MAX)
}

type BoundUdp = (Vec<Vec<UdpPort>>, Option<u16>);

fn bind_udp(port: Option<u16>, shards: usize, ipv4: bool, ipv6: bool) -> Result<BoundUdp, StartError> {
    let Some(port) = port else { return Ok(((0..shards).map(|_| Vec::new()).collect(), None)) };
    let sockets = udp_socket::bind(port, shards, ipv4, ipv6).map_err(|source| StartError::Port {
        transport: "UDP",
        port,
        source,
    })?;
    let bound = sockets.iter().flatten().map(|socket| socket.port).next();
    Ok((sockets, bound))
}

fn bind_tcp(port: Option<u16>, ipv4: bool, ipv6: bool) -> Result<(Vec<TcpListener>, Option<u16>), StartError> {
    let Some(port) = port else { return Ok((Vec::new(), None)) };
    let listeners =
        tcp::bind(port, ipv4, ipv6).map_err(|source| StartError::Port { transport: "TCP", port, source })?;
    let bound = listeners.first().and_then(|listener| listener.local_addr().ok()).map(|address| address.port());
    let listeners = listeners.into_iter().map(TcpListener::from_std).collect::<io::Result<Vec<_>>>();
    Ok((listeners.map_err(StartError::System)?, bound))
}

#[cfg(test)]
mod tests;
