//! Engine, network and clients on one virtual clock.

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    time::{Duration, Instant},
};

use livekit_proto::proto::{signal_request, signal_response};
use teleconsultation_media_core::{
    Command, CommandError, ConnectionId, Engine, EngineConfig, Event, Input, Output, Permissions, Protocol, Reply,
    RoomConfig,
};

use crate::{
    client::{Client, Connection},
    network::{Datagram, Network, Path},
};

pub const SERVER: &str = "192.0.2.1:7882";

/// The wall clock when a world begins.
pub const ORIGIN_MS: i64 = 1_800_000_000_000;

/// How long a signal is under way.
const SIGNAL_DELAY: Duration = Duration::from_millis(10);

pub struct World {
    pub engine: Engine,
    pub network: Network,
    pub now: Instant,
    pub clients: BTreeMap<String, Client>,
    pub events: Vec<Event>,
    /// Real time that the engine took.
    pub engine_spent: Duration,
    /// How many offers of clients were answered.
    pub answers: usize,
    connections: BTreeMap<ConnectionId, String>,
    owners: BTreeMap<SocketAddr, String>,
    to_engine: VecDeque<(Instant, ConnectionId, signal_request::Message)>,
    to_client: VecDeque<(Instant, ConnectionId, Option<signal_response::Message>)>,
    spoofed: Option<(String, SocketAddr)>,
    rebound: Option<(SocketAddr, SocketAddr)>,
    last_connection: u64,
    last_address: u16,
}

impl World {
    pub fn new(seed: u64) -> Self {
        fastrand::seed(seed);
        let now = Instant::now();
        let config = EngineConfig {
            ice_ufrag_prefix: "ab".to_owned(),
            udp_candidates: vec![SERVER.parse().expect("an address")],
            tcp_candidates: Vec::new(),
            origin_ms: ORIGIN_MS,
            seed,
        };
        Self {
            engine: Engine::new(config, now),
            network: Network::new(seed),
            now,
            clients: BTreeMap::new(),
            events: Vec::new(),
            engine_spent: Duration::ZERO,
            answers: 0,
            connections: BTreeMap::new(),
            owners: BTreeMap::new(),
            to_engine: VecDeque::new(),
            to_client: VecDeque::new(),
            spoofed: None,
            rebound: None,
            last_connection: 0,
            last_address: 0,
        }
    }

    /// A world with an open room called `room`.
    pub fn with_room(seed: u64) -> Self {
        let mut world = Self::new(seed);
        world.open("room", 25);
        world
    }

    pub fn open(&mut self, name: &str, participants_max: u32) {
        let config = RoomConfig { name: name.to_owned(), participants_max, metadata: String::new() };
        self.command(Command::OpenRoom(config)).expect("an open room");
    }

    pub fn command(&mut self, command: Command) -> Result<Reply, CommandError> {
        let reply = self.engine.command(command, self.now);
        self.carry_out();
        reply
    }

    /// Somebody comes into `room` with one connection for both directions.
    pub fn join(&mut self, identity: &str) -> &mut Client {
        self.join_as(identity, "room", true, Client::everything())
    }

    /// Somebody comes in who wants only the tracks that they ask for.
    pub fn join_choosy(&mut self, identity: &str, single: bool) {
        self.join_with(identity, identity, "room", single, Client::everything(), |client| {
            client.auto_subscribe = false;
        });
    }

    pub fn join_as(&mut self, identity: &str, room: &str, single: bool, permissions: Permissions) -> &mut Client {
        self.join_under(identity, identity, room, single, permissions)
    }

    /// Somebody comes in, known to the test as `key`, which may be their second self.
    pub fn join_under(
        &mut self,
        key: &str,
        identity: &str,
        room: &str,
        single: bool,
        permissions: Permissions,
    ) -> &mut Client {
        self.join_with(key, identity, room, single, permissions, |_| {})
    }

    fn join_with(
        &mut self,
        key: &str,
        identity: &str,
        room: &str,
        single: bool,
        permissions: Permissions,
        prepare: impl FnOnce(&mut Client),
    ) -> &mut Client {
        self.last_address += 1;
        let [high, low] = self.last_address.to_be_bytes();
        let address = |port: u16| SocketAddr::from(([10, 0, high, low], port));
        let addresses = [address(5000), address(5001)];
        for address in addresses {
            self.owners.insert(address, key.to_owned());
            self.network.set_path(address, Path::default());
        }
        let mut client = Client::new(identity, room, addresses, single, self.now);
        prepare(&mut client);
        let connection = self.fresh_connection(key);
        let join = client.join(connection, permissions);
        self.clients.insert(key.to_owned(), client);
        self.give(Input::Join(join));
        self.clients.get_mut(key).expect("just inserted")
    }

    fn fresh_connection(&mut self, key: &str) -> ConnectionId {
        self.last_connection += 1;
        let connection = ConnectionId(self.last_connection);
        self.connections.insert(connection, key.to_owned());
        connection
    }

    /// The signalling connection breaks without a word.
    pub fn break_signal(&mut self, key: &str) {
        let connection = self.client(key).connection.take().expect("a connection");
        self.connections.remove(&connection);
        self.give(Input::SignalClosed { connection });
    }

    /// The client goes on with a new signalling connection.
    pub fn resume(&mut self, key: &str) {
        let connection = self.fresh_connection(key);
        let join = self.client(key).resume(connection);
        self.give(Input::Join(join));
    }

    /// The client is gone from the face of the earth.
    pub fn vanish(&mut self, key: &str) {
        self.clients.remove(key);
        self.owners.retain(|_, owner| owner != key);
        let gone: Vec<_> = self.connections.iter().filter(|(_, owner)| *owner == key).map(|(c, _)| *c).collect();
        for connection in gone {
            self.connections.remove(&connection);
            self.engine.handle(Input::SignalClosed { connection }, self.now);
        }
        self.carry_out();
    }

    pub fn client(&mut self, key: &str) -> &mut Client {
        self.clients.get_mut(key).expect("a client of that name")
    }

    pub fn set_path(&mut self, key: &str, path: Path) {
        let addresses: Vec<_> = self.owners.iter().filter(|(_, owner)| *owner == key).map(|(a, _)| *a).collect();
        for address in addresses {
            self.network.set_path(address, path);
        }
    }

    /// How many datagrams were sent to a client so far.
    pub fn sent_to(&self, key: &str) -> u64 {
        let addresses = self.owners.iter().filter(|(_, owner)| *owner == key).map(|(address, _)| *address);
        addresses.map(|address| self.network.sent_to(address)).sum()
    }

    /// Gives the engine a datagram from anywhere, at once.
    pub fn throw(&mut self, source: SocketAddr, payload: &[u8]) {
        let destination = SERVER.parse().expect("an address");
        self.give(Input::Datagram { protocol: Protocol::Udp, source, destination, payload });
    }

    /// From here on a client's datagrams bear another's address.
    pub fn spoof(&mut self, key: &str, address: SocketAddr) {
        self.spoofed = Some((key.to_owned(), address));
    }

    /// From here on the engine sees a client at another address, as behind a NAT that forgot it.
    pub fn rebind(&mut self, key: &str, outside: SocketAddr) {
        let inside = self.client(key).publisher.address;
        self.rebound = Some((inside, outside));
        self.network.set_path(outside, Path::default());
    }

    /// Gives the engine a signal of a connection that it never heard of.
    pub fn say_as_stranger(&mut self, connection: u64, message: signal_request::Message) {
        self.give(Input::Signal { connection: ConnectionId(connection), request: Box::new(message) });
    }

    /// Gives the engine a signal of a client, at once.
    pub fn say(&mut self, key: &str, message: signal_request::Message) {
        let connection = self.client(key).connection.expect("a connection");
        self.give(Input::Signal { connection, request: Box::new(message) });
    }

    pub fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        loop {
            self.deliver();
            let Some(next) = self.next_at().filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            self.work();
        }
        self.now = end;
    }

    pub fn run_secs(&mut self, seconds: u64) {
        self.run(Duration::from_secs(seconds));
    }

    /// The clock of everybody goes on and nobody does anything.
    pub fn sleep(&mut self, duration: Duration) {
        self.now += duration;
    }

    fn next_at(&self) -> Option<Instant> {
        let clients = self.clients.values().flat_map(|client| {
            let sources = client.sources.iter().map(crate::media::Source::next_at);
            let peers = std::iter::once(&client.publisher).chain(&client.subscriber).map(|peer| peer.timeout);
            sources.chain(peers).chain([client.ping_at])
        });
        let signals = self.to_engine.front().map(|(at, ..)| *at).into_iter();
        let replies = self.to_client.front().map(|(at, ..)| *at).into_iter();
        clients.chain(signals).chain(replies).chain(self.network.next_at()).chain(self.engine.deadline()).min()
    }

    fn work(&mut self) {
        let now = self.now;
        if self.engine.deadline().is_some_and(|at| at <= now) {
            self.give(Input::Time);
        }
        while let Some(mut datagram) = self.network.take_due(now) {
            if let Some((inside, outside)) = self.rebound {
                // What is sent to the old place is lost, what comes from it comes from the new one.
                if datagram.destination == inside {
                    continue;
                } else if datagram.destination == outside {
                    datagram.destination = inside;
                } else if datagram.source == inside {
                    datagram.source = outside;
                }
            }
            if let Some(owner) = self.owners.get(&datagram.destination) {
                let client = self.clients.get_mut(owner).expect("an owner");
                if let Some(peer) = peer_at(client, datagram.destination) {
                    peer.receive(&datagram, now);
                }
            } else {
                let Datagram { source, destination, payload } = &datagram;
                let input =
                    Input::Datagram { protocol: Protocol::Udp, source: *source, destination: *destination, payload };
                self.handle(input);
            }
        }
        // All that has come at one time is one batch.
        self.carry_out();
        while let Some((_, connection, message)) = self.to_engine.pop_front_if(|(at, ..)| *at <= now) {
            self.give(Input::Signal { connection, request: Box::new(message) });
        }
        while let Some((_, connection, message)) = self.to_client.pop_front_if(|(at, ..)| *at <= now) {
            let Some(client) = self.connections.get(&connection).and_then(|key| self.clients.get_mut(key)) else {
                continue;
            };
            if client.connection != Some(connection) {
                continue;
            }
            match message {
                Some(message) => client.hear_signal(message),
                None => client.signal_closed = true,
            }
        }
        for client in self.clients.values_mut() {
            client.live(now);
        }
    }

    /// Takes out what clients want to send.
    fn deliver(&mut self) {
        let now = self.now;
        for (key, client) in &mut self.clients {
            client.publisher.drain(now);
            if let Some(subscriber) = &mut client.subscriber {
                subscriber.drain(now);
            }
            client.take_events(now);
            let peers = std::iter::once(&mut client.publisher).chain(&mut client.subscriber);
            for mut datagram in peers.flat_map(|peer| std::mem::take(&mut peer.sent)) {
                if let Some((_, address)) = self.spoofed.as_ref().filter(|(spoofer, _)| spoofer == key) {
                    datagram.source = *address;
                }
                self.network.send(datagram, now);
            }
            for message in std::mem::take(&mut client.signals) {
                if let Some(connection) = client.connection {
                    self.to_engine.push_back((now + SIGNAL_DELAY, connection, message));
                }
            }
        }
    }

    fn give(&mut self, input: Input<'_>) {
        self.handle(input);
        self.carry_out();
    }

    fn handle(&mut self, input: Input<'_>) {
        let start = Instant::now();
        self.engine.handle(input, self.now);
        self.engine_spent += start.elapsed();
    }

    fn poll(&mut self) -> Option<Output> {
        let start = Instant::now();
        let output = self.engine.poll();
        self.engine_spent += start.elapsed();
        output
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.poll() {
            match output {
                Output::Transmit(transmit) => self.network.send(
                    Datagram { source: transmit.source, destination: transmit.destination, payload: transmit.payload },
                    self.now,
                ),
                Output::Signal { connection, response } => {
                    self.answers += usize::from(matches!(&*response, signal_response::Message::Answer(_)));
                    self.to_client.push_back((self.now + SIGNAL_DELAY, connection, Some(*response)));
                }
                Output::CloseSignal { connection } => {
                    self.to_client.push_back((self.now + SIGNAL_DELAY, connection, None));
                }
                Output::Event(event) => self.events.push(event),
            }
        }
    }

    /// Asserts that from now on, over `duration`, each client gets exactly the tracks that it should.
    pub fn expect_heard(&mut self, duration: Duration, expected: &[(&str, &[u32])]) {
        // What is under way was meant for the time before.
        self.run(Duration::from_millis(300));
        let before: BTreeMap<_, _> = self.packet_counts();
        self.run(duration);
        let after = self.packet_counts();
        for (key, tags) in expected {
            let heard: Vec<u32> = after[*key]
                .iter()
                .filter(|(tag, count)| before[*key].get(tag).copied().unwrap_or(0) < **count)
                .map(|(tag, _)| *tag)
                .collect();
            assert_eq!(heard, *tags, "what {key} hears");
        }
    }

    fn packet_counts(&self) -> BTreeMap<String, BTreeMap<u32, u64>> {
        let count = |client: &Client| client.ear.tracks.iter().map(|(tag, r)| (*tag, r.packets)).collect();
        self.clients.iter().map(|(key, client)| (key.clone(), count(client))).collect()
    }
}

fn peer_at(client: &mut Client, address: SocketAddr) -> Option<&mut Connection> {
    std::iter::once(&mut client.publisher).chain(&mut client.subscriber).find(|peer| peer.address == address)
}
