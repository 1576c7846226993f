//! One core's loop: carry out what the engine wants done, wait, give it what came.

use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, SocketAddr},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use livekit_proto::proto::{DisconnectReason, LeaveRequest, leave_request, signal_response};
use media_core::{Command, CommandError, ConnectionId, Engine, EngineConfig, Input, Output, Protocol, Reply};
use ports::Clock;
use tokio::sync::{mpsc, mpsc::error::TrySendError};

use crate::{
    addresses::Addresses,
    counters::{self, Counters},
    events::Events,
    interest,
    mailbox::{FrameMail, Handover, JoinMail, Letters, SignalMail, ToClient},
    rooms::Rooms,
    routes::{Prefixes, Router, Routes, ShardIndex},
    udp_receive::ReceiveBuffers,
    udp_send::Outbox,
    udp_socket::UdpPort,
};

/// Batches read from one socket before the outputs are carried out again. More would save little and delay what waits.
const BATCHES_PER_TURN: usize = 2;
/// Mail of each kind taken before the sockets are looked at again.
const MAIL_PER_TURN: usize = 64;
/// How long mail may keep a shard from its sockets. Nearly all mail is done in microseconds; an offer of very many sections takes
/// some 40 ms, and there may be several.
const MAIL_TIME_PER_TURN: Duration = Duration::from_millis(5);
/// Datagrams taken over from other shards before the sockets are looked at again: about what those give in a turn.
const HANDOVERS_PER_TURN: usize = 128;
/// How often the program is asked again to take the events that it did not take.
const EVENTS_RETRY: Duration = Duration::from_millis(20);
/// How often a shard may fail in [`FAILURES_WINDOW`] before it is given up: a cause that comes back at once would otherwise keep
/// a core busy with failing.
const FAILURES_MAX: usize = 10;
/// See [`FAILURES_MAX`].
const FAILURES_WINDOW: Duration = Duration::from_mins(1);

/// How long a room that was opened by whoever joined stays open with nobody inside, `LiveKit`'s own default. Rooms that were
/// opened by the program are closed by it.
const EMPTY_ROOM_LIFETIME: Duration = Duration::from_mins(5);
/// How often empty rooms are looked for.
const HOUSEKEEPING_INTERVAL: Duration = Duration::from_secs(5);

/// What all shards share.
pub(crate) struct Common {
    pub(crate) addresses: Addresses,
    pub(crate) udp_candidates: Vec<SocketAddr>,
    pub(crate) tcp_candidates: Vec<SocketAddr>,
    pub(crate) prefixes: Prefixes,
    pub(crate) routes: Routes,
    pub(crate) rooms: Rooms,
    pub(crate) counters: Arc<Counters>,
    pub(crate) stopping: AtomicBool,
}

/// What one shard owns. All of it outlives a failure of the engine.
pub(crate) struct Shard {
    pub(crate) index: ShardIndex,
    pub(crate) common: Arc<Common>,
    pub(crate) ports: Vec<UdpPort>,
    pub(crate) letters: Letters,
    pub(crate) events: Events,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) seed: u64,
}

impl Shard {
    /// Runs until it is told to stop. An engine that fails is replaced by a new one: everyone who was in its rooms is told to
    /// come back, and nobody else notices.
    pub(crate) fn run(mut self) {
        let mut buffers = ReceiveBuffers::new();
        let mut failures: Vec<Instant> = Vec::new();
        loop {
            let mut clients = HashMap::new();
            // What could be left half changed is thrown away: the engine, the outbox and the router are made in the turn, and
            // the queues, the sockets and the events change by whole steps only.
            let ended = catch_unwind(AssertUnwindSafe(|| Turn::new(&mut self, &mut clients, &mut buffers).run()));
            let Err(_panic) = ended else { return };
            counters::count(&self.common.counters.shard_failures);
            tracing::error!(
                shard = self.index.0,
                "a media shard has failed; its rooms are closed and can be entered again"
            );
            for (_, client) in clients {
                // Who cannot be told finds out by the closed connection.
                let _told = client.try_send(Box::new(come_back()));
            }
            self.events.fail(self.common.rooms.fail(self.index));
            let now = Instant::now();
            failures.retain(|failure| now.duration_since(*failure) < FAILURES_WINDOW);
            failures.push(now);
            if failures.len() > FAILURES_MAX {
                tracing::error!(shard = self.index.0, "a media shard has failed too often and is given up");
                return;
            }
        }
    }
}

/// Tells a client to join anew.
fn come_back() -> signal_response::Message {
    signal_response::Message::Leave(LeaveRequest {
        can_reconnect: true,
        reason: DisconnectReason::ServerShutdown.into(),
        action: leave_request::Action::Reconnect.into(),
        regions: None,
    })
}

/// An engine at work.
struct Turn<'a> {
    common: &'a Common,
    index: ShardIndex,
    ports: &'a [UdpPort],
    letters: &'a mut Letters,
    events: &'a mut Events,
    clients: &'a mut HashMap<ConnectionId, ToClient>,
    buffers: &'a mut ReceiveBuffers,
    engine: Engine,
    outbox: Outbox,
    router: Router<'a>,
    tcp_peers: HashMap<SocketAddr, mpsc::Sender<Vec<u8>>>,
    handovers: Vec<Vec<Handover>>,
    segments_max: usize,
    /// The rooms that nobody will close, and since when each is empty.
    auto_created: BTreeMap<String, Option<Instant>>,
    housekeeping: Instant,
}

impl<'a> Turn<'a> {
    fn new(
        shard: &'a mut Shard,
        clients: &'a mut HashMap<ConnectionId, ToClient>,
        buffers: &'a mut ReceiveBuffers,
    ) -> Self {
        let common = &*shard.common;
        let config = EngineConfig {
            ice_ufrag_prefix: common.prefixes.of(shard.index),
            udp_candidates: common.udp_candidates.clone(),
            tcp_candidates: common.tcp_candidates.clone(),
            origin_ms: shard.clock.now().as_millisecond(),
            seed: shard.seed,
        };
        Self {
            common,
            index: shard.index,
            ports: &shard.ports,
            letters: &mut shard.letters,
            events: &mut shard.events,
            clients,
            buffers,
            engine: Engine::new(config, Instant::now()),
            outbox: Outbox::default(),
            router: Router::new(shard.index, &common.prefixes, &common.routes),
            tcp_peers: HashMap::new(),
            handovers: common.prefixes.shards().map(|_| Vec::new()).collect(),
            segments_max: shard.ports.iter().map(|port| port.state.max_gso_segments()).min().unwrap_or(1),
            auto_created: BTreeMap::new(),
            housekeeping: Instant::now(),
        }
    }

    fn run(mut self) {
        let mut readable = Vec::new();
        let mut more = false;
        loop {
            self.carry_out();
            let events_wait = self.events.flush();
            if self.common.stopping.load(Ordering::Acquire) {
                return self.stop();
            }
            let timeout = if more { Duration::ZERO } else { self.timeout(events_wait) };
            if let Err(error) = interest::wait(self.ports, &self.letters.bell, timeout, &mut readable) {
                // The file descriptors are ours and open, so only a lack of memory is left.
                panic!("cannot wait for sockets: {error}");
            }
            self.letters.bell.still();
            more = self.read_mail(!events_wait);
            more |= self.read_sockets(&readable);
            let now = Instant::now();
            if self.engine.deadline().is_some_and(|deadline| deadline <= now) {
                self.engine.handle(Input::Time, now);
            }
            if now.duration_since(self.housekeeping) >= HOUSEKEEPING_INTERVAL {
                self.housekeeping = now;
                self.close_empty_rooms(now);
            }
        }
    }

    fn timeout(&self, events_wait: bool) -> Duration {
        let until_deadline = self
            .engine
            .deadline()
            .map_or(interest::WAIT_MAX, |deadline| deadline.saturating_duration_since(Instant::now()));
        if events_wait { until_deadline.min(EVENTS_RETRY) } else { until_deadline }
    }

    // ---- outputs ----

    fn carry_out(&mut self) {
        let now = Instant::now();
        while let Some(output) = self.engine.poll() {
            match output {
                Output::Transmit(transmit) => match transmit.protocol {
                    Protocol::Udp => {
                        self.router.sent(transmit.destination, &transmit.payload, now);
                        self.outbox.push(transmit, self.segments_max);
                    }
                    Protocol::Tcp => self.send_frame(transmit.destination, transmit.payload),
                },
                Output::Signal { connection, response } => self.send_signal(connection, response),
                // The client's task ends when it has sent what is in its queue.
                Output::CloseSignal { connection } => drop(self.clients.remove(&connection)),
                Output::Event(event) => {
                    if let media_core::Event::Closed { room } = &event {
                        self.common.rooms.closed(room);
                        self.auto_created.remove(room);
                    }
                    self.events.tell(event);
                }
            }
        }
        let sent = self.outbox.flush(self.ports, |ip| self.common.addresses.source_for(ip));
        let counters = &self.common.counters;
        counters::add(&counters.datagram_sends, sent.sends);
        counters::add(&counters.datagrams_sent, sent.datagrams);
        counters::add(&counters.datagram_bytes_sent, sent.bytes);
        counters::add(&counters.datagrams_unsent, sent.unsent);
        counters.add_engine(self.engine.take_counts());
    }

    fn send_signal(&mut self, connection: ConnectionId, response: Box<signal_response::Message>) {
        let Some(client) = self.clients.get(&connection) else { return };
        match client.try_send(response) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                counters::count(&self.common.counters.signal_slow);
                // Its task closes the connection and tells the engine so.
                self.clients.remove(&connection);
            }
            Err(TrySendError::Closed(_)) => drop(self.clients.remove(&connection)),
        }
    }

    fn send_frame(&mut self, peer: SocketAddr, frame: Vec<u8>) {
        let Some(frames) = self.tcp_peers.get(&peer) else { return };
        match frames.try_send(frame) {
            Ok(()) => counters::count(&self.common.counters.tcp_frames_sent),
            Err(TrySendError::Full(_)) => {
                counters::count(&self.common.counters.tcp_slow);
                self.tcp_peers.remove(&peer);
            }
            Err(TrySendError::Closed(_)) => drop(self.tcp_peers.remove(&peer)),
        }
    }

    // ---- inputs ----

    /// Takes mail, joins only if `let_in`. Whether there may be more.
    fn read_mail(&mut self, let_in: bool) -> bool {
        let mut more = false;
        let started = Instant::now();
        for taken in 1..=MAIL_PER_TURN {
            let Ok(mail) = self.letters.signals.try_recv() else { break };
            self.read_signal(mail);
            more = taken == MAIL_PER_TURN || started.elapsed() >= MAIL_TIME_PER_TURN;
            if more {
                break;
            }
        }
        if let_in {
            for taken in 1..=MAIL_PER_TURN {
                let Ok(mail) = self.letters.joins.try_recv() else { break };
                self.let_in(mail);
                let is_enough = taken == MAIL_PER_TURN || started.elapsed() >= MAIL_TIME_PER_TURN;
                more |= is_enough;
                if is_enough {
                    break;
                }
            }
        }
        for taken in 1..=MAIL_PER_TURN {
            let Ok(mail) = self.letters.frames.try_recv() else { break };
            self.read_frame(mail);
            more |= taken == MAIL_PER_TURN;
        }
        let mut taken = 0;
        while taken < HANDOVERS_PER_TURN
            && let Some(batch) = self.letters.take_over()
        {
            taken += batch.len();
            let now = Instant::now();
            for Handover { source, local, datagram } in batch {
                let input = Input::Datagram {
                    protocol: Protocol::Udp,
                    source,
                    destination: advertised(self.common, local),
                    payload: &datagram,
                };
                self.engine.handle(input, now);
            }
        }
        more || taken >= HANDOVERS_PER_TURN
    }

    fn let_in(&mut self, mail: JoinMail) {
        let JoinMail { room, auto_created, join, client, taken } = mail;
        if taken.is_closed() {
            // Whoever it was has given up.
            return;
        }
        let now = Instant::now();
        self.clients.insert(join.connection, client);
        if self.command(Command::OpenRoom(room), now).is_err() {
            self.clients.remove(&join.connection);
            return;
        }
        if auto_created {
            self.auto_created.insert(join.room.clone(), None);
        }
        self.engine.handle(Input::Join(Box::new(join)), now);
        // Whoever it was may have given up this moment; then the end of its connection is on its way.
        let _gone = taken.send(());
        counters::count(&self.common.counters.joins);
        // One datagram in, all its outputs carried out; a join makes as many messages as there are people.
        self.carry_out();
    }

    fn read_signal(&mut self, mail: SignalMail) {
        let now = Instant::now();
        match mail {
            SignalMail::Signal { connection, request } => {
                self.engine.handle(Input::Signal { connection, request }, now);
            }
            SignalMail::Closed { connection } => {
                self.clients.remove(&connection);
                self.engine.handle(Input::SignalClosed { connection }, now);
            }
            SignalMail::Command { command, reply } => {
                let result = self.command(command, now);
                // Whoever gets the answer finds everything done, the events told.
                self.carry_out();
                // Whoever asked may have given up.
                let _gone = reply.send(result);
            }
            #[cfg(test)]
            SignalMail::Panic => panic!("on purpose"),
        }
    }

    fn command(&mut self, command: Command, now: Instant) -> Result<Reply, CommandError> {
        let opens = if let Command::OpenRoom(room) = &command { Some(room.name.clone()) } else { None };
        // A room that closed in an earlier step must be told as closed before it is opened again.
        self.carry_out();
        let result = self.engine.command(command, now);
        if let (Some(room), Ok(_)) = (opens, &result) {
            self.common.rooms.opened(&room);
        }
        result
    }

    fn close_empty_rooms(&mut self, now: Instant) {
        let mut empty_too_long = Vec::new();
        for (room, empty_since) in &mut self.auto_created {
            let people = self.engine.command(Command::Participants { room: room.clone() }, now);
            let is_empty = !matches!(people, Ok(Reply::Participants(people)) if !people.is_empty());
            let since = if is_empty { Some(empty_since.unwrap_or(now)) } else { None };
            *empty_since = since;
            if since.is_some_and(|since| now.duration_since(since) >= EMPTY_ROOM_LIFETIME) {
                empty_too_long.push(room.clone());
            }
        }
        for room in empty_too_long {
            self.auto_created.remove(&room);
            // A room that is not there any more is as closed as it should be.
            let _closed = self.engine.command(Command::CloseRoom { room }, now);
        }
    }

    fn read_frame(&mut self, mail: FrameMail) {
        match mail {
            FrameMail::Opened { peer, frames } => drop(self.tcp_peers.insert(peer, frames)),
            FrameMail::Frame { peer, local, frame } => {
                counters::count(&self.common.counters.tcp_frames_received);
                let destination = advertised(self.common, local);
                let input = Input::Datagram { protocol: Protocol::Tcp, source: peer, destination, payload: &frame };
                self.engine.handle(input, Instant::now());
            }
            // A new connection from the same address may have come first.
            FrameMail::Closed { peer } => {
                if self.tcp_peers.get(&peer).is_some_and(mpsc::Sender::is_closed) {
                    self.tcp_peers.remove(&peer);
                }
            }
        }
    }

    /// Reads the sockets that have something. Whether there may be more.
    fn read_sockets(&mut self, readable: &[bool]) -> bool {
        let mut more = false;
        for (port, _) in self.ports.iter().zip(readable).filter(|(_, readable)| **readable) {
            for batch in 1..=BATCHES_PER_TURN {
                let Some(received) = self.read_batch(port) else { break };
                counters::add(&self.common.counters.datagrams_received, received);
                if received == 0 {
                    break;
                }
                if batch == BATCHES_PER_TURN {
                    more = true;
                } else {
                    self.carry_out();
                }
            }
        }
        more
    }

    fn read_batch(&mut self, port: &UdpPort) -> Option<u64> {
        let now = Instant::now();
        let Self { common, index, buffers, engine, router, handovers, .. } = self;
        let mut bytes = 0;
        let result = buffers.receive(port, |source, local_ip, datagram| {
            bytes += datagram.len() as u64;
            let local = SocketAddr::new(local_ip.unwrap_or_else(|| unknown_ip(port)), port.port);
            match router.shard_of(source, datagram) {
                Some(shard) if shard == *index => {
                    let destination = advertised(common, local);
                    engine.handle(
                        Input::Datagram { protocol: Protocol::Udp, source, destination, payload: datagram },
                        now,
                    );
                }
                Some(shard) => handovers[shard.place()].push(Handover { source, local, datagram: datagram.to_vec() }),
                None => counters::count(&common.counters.datagrams_unroutable),
            }
        });
        counters::add(&self.common.counters.datagram_bytes_received, bytes);
        self.hand_over();
        result
            .inspect_err(|error| {
                counters::count(&self.common.counters.datagram_receive_errors);
                tracing::debug!(kind = ?error.kind(), "cannot receive datagrams");
            })
            .ok()
    }

    fn hand_over(&mut self) {
        for (shard, batch) in (0..).map(ShardIndex).zip(&mut self.handovers) {
            if batch.is_empty() {
                continue;
            }
            let datagrams = batch.len() as u64;
            match self.common.rooms.mailbox(shard).hand_over(std::mem::take(batch)) {
                Ok(()) => counters::add(&self.common.counters.datagrams_handed_over, datagrams),
                Err(_) => counters::add(&self.common.counters.datagrams_handover_dropped, datagrams),
            }
        }
    }

    /// Tells every client to come back, which it does when the program runs again, and lets the tasks send that.
    fn stop(mut self) {
        for (_, client) in self.clients.drain() {
            // Who cannot be told finds out by the closed connection.
            let _told = client.try_send(Box::new(come_back()));
        }
        self.carry_out();
    }
}

/// The candidate by which something that arrived at `local` was sent.
fn advertised(common: &Common, local: SocketAddr) -> SocketAddr {
    SocketAddr::new(common.addresses.advertised_for(local.ip()), local.port())
}

/// The local address where the system does not tell it: as if at the best advertised one.
fn unknown_ip(port: &UdpPort) -> IpAddr {
    if port.is_ipv4 { IpAddr::from([0, 0, 0, 0]) } else { IpAddr::from([0_u16; 8]) }
}
