//! All clients, on one thread.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    error::Error,
    sync::mpsc,
    time::{Duration, Instant},
};

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use tokio::runtime::Handle;

use crate::{
    client::Client,
    signalling::{self, Heard},
};

/// Packets that libwebrtc's pacer lets out at once.
const BURST_PACKETS: usize = 6;
/// How long it waits between bursts.
const BURST_INTERVAL: Duration = Duration::from_millis(5);
/// Pictures in a second.
pub const PICTURES_PER_SECOND: u32 = 30;

/// All clients and their connections to one server.
pub struct Crowd {
    runtime: Handle,
    address: String,
    epoll: Epoll,
    pub clients: Vec<Client>,
    timers: BinaryHeap<Reverse<(Instant, usize)>>,
    armed: Vec<Instant>,
    heard: mpsc::Receiver<Heard>,
    heard_in: mpsc::Sender<Heard>,
    cameras: Vec<Camera>,
    filmed: u64,
    buffer: Vec<u8>,
    events: Vec<EpollEvent>,
}

/// When a publisher sends what.
struct Camera {
    client: usize,
    packets_per_picture: usize,
    left: usize,
    next: Instant,
    picture: Instant,
}

impl Crowd {
    pub fn new(runtime: Handle, address: &str) -> Result<Self, Box<dyn Error>> {
        let (heard_in, heard) = mpsc::channel();
        Ok(Self {
            runtime,
            address: address.to_owned(),
            epoll: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?,
            clients: Vec::new(),
            timers: BinaryHeap::new(),
            armed: Vec::new(),
            heard,
            heard_in,
            cameras: Vec::new(),
            filmed: 0,
            buffer: vec![0; 65_536],
            events: vec![EpollEvent::empty(); 256],
        })
    }

    /// Lets one more client join; its number.
    pub fn join(&mut self, room: &str, publishes: bool) -> Result<usize, Box<dyn Error>> {
        let now = Instant::now();
        let number = self.clients.len();
        let (mut client, request) = Client::new(publishes, now)?;
        self.epoll.add(&client, EpollEvent::new(EpollFlags::EPOLLIN, number as u64))?;
        let names = (room, &*format!("client-{number}"));
        let heard = self.heard_in.clone();
        client.say = Some(signalling::connect(&self.runtime, &self.address, names, &request, number, heard)?);
        self.timers.push(Reverse((client.timeout, number)));
        self.armed.push(client.timeout);
        self.clients.push(client);
        Ok(number)
    }

    /// Makes the first `publishers` of all publishers send so many packets a second each, and the others nothing.
    pub fn film(&mut self, packets_per_second: u32, publishers: usize) {
        let now = Instant::now();
        let all = (0..self.clients.len()).filter(|number| self.clients[*number].publishing.is_some());
        let publishers = all.take(publishers);
        let count = u32::try_from(publishers.clone().count()).unwrap_or(1).max(1);
        let packets_per_picture = (packets_per_second / PICTURES_PER_SECOND).max(1) as usize;
        self.cameras = publishers
            .zip(0_u32..)
            .map(|(client, index)| {
                // Cameras of different people do not take their pictures at the same moment.
                let next = now + Duration::from_secs(1) / PICTURES_PER_SECOND * index / count;
                Camera { client, packets_per_picture, left: 0, next, picture: next }
            })
            .collect();
    }

    /// Runs for a while, or until `done`.
    pub fn run(&mut self, time: Duration, mut done: impl FnMut(&Self) -> bool) -> Result<(), Box<dyn Error>> {
        let end = Instant::now() + time;
        while Instant::now() < end && !done(self) {
            self.turn()?;
        }
        Ok(())
    }

    fn turn(&mut self) -> Result<(), Box<dyn Error>> {
        let now = Instant::now();
        while let Ok((number, message)) = self.heard.try_recv() {
            self.clients[number].hear(message, now)?;
            self.clients[number].advance(now)?;
            self.rearm(number);
        }
        while let Some(Reverse((at, number))) = self.timers.peek().copied()
            && at <= now
        {
            self.timers.pop();
            // An older entry of a client whose timer was set anew since.
            if self.armed[number] == at {
                self.clients[number].advance(now)?;
                self.rearm(number);
            }
        }
        for index in 0..self.cameras.len() {
            self.film_now(index, now)?;
        }
        let mut events = std::mem::take(&mut self.events);
        let ready = self.epoll.wait(&mut events, EpollTimeout::from(1_u8))?;
        let now = Instant::now();
        for event in &events[..ready] {
            let number = usize::try_from(event.data())?;
            self.clients[number].receive(&mut self.buffer, now)?;
            self.rearm(number);
        }
        self.events = events;
        Ok(())
    }

    fn film_now(&mut self, index: usize, now: Instant) -> Result<(), Box<dyn Error>> {
        let camera = &mut self.cameras[index];
        if camera.next > now {
            return Ok(());
        }
        if camera.left == 0 {
            camera.left = camera.packets_per_picture;
        }
        let packets = camera.left.min(BURST_PACKETS);
        camera.left -= packets;
        if camera.left == 0 {
            camera.picture += Duration::from_secs(1) / PICTURES_PER_SECOND;
            camera.next = camera.picture;
        } else {
            // Bursts of a large picture come faster, or it would not be out before the next one.
            let bursts = u32::try_from(camera.packets_per_picture.div_ceil(BURST_PACKETS))?;
            camera.next += BURST_INTERVAL.min(Duration::from_secs(1) / PICTURES_PER_SECOND / (bursts + 1));
        }
        let (number, ends_picture) = (camera.client, camera.left == 0);
        self.filmed += self.clients[number].film(packets, ends_picture, now)? as u64;
        self.rearm(number);
        Ok(())
    }

    fn rearm(&mut self, number: usize) {
        let timeout = self.clients[number].timeout;
        if self.armed[number] != timeout {
            self.armed[number] = timeout;
            self.timers.push(Reverse((timeout, number)));
        }
    }

    /// Takes the counters of all together and sets them to zero: packets sent by publishers, packets that came to receivers, and
    /// their delays.
    pub fn take_counts(&mut self) -> (u64, u64, Vec<u64>) {
        let mut packets = 0;
        let mut delays_ns = Vec::new();
        for client in &mut self.clients {
            let counts = std::mem::take(&mut client.counts);
            packets += counts.packets;
            delays_ns.extend(counts.delays_ns);
        }
        (std::mem::take(&mut self.filmed), packets, delays_ns)
    }
}
