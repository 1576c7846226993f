//! Whatever two people send over the call channel, in whatever order things happen and however stores fail: each command is answered
//! once, and whoever was not let in is told nothing of the room.
#![no_main]

use std::{collections::BTreeSet, time::Duration};

use arbitrary::{Arbitrary, Unstructured};
use call_channel::{Answered, Ask, Channel, ConnectionId, Event, Facts, Input, Output, Request, Setting};
use domain::{ProviderUserId, RoomRef, Tools};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use ports::content::Message;

#[derive(Arbitrary, Debug)]
enum Step {
    Connect(bool),
    Disconnect(bool),
    Say(bool, String),
    Do(bool, u8),
    Join(bool),
    Leave(bool),
    EndSession,
    Fail(bool),
    Wait(u16),
}

/// What would take long to be found by chance.
const COMMANDS: [&str; 12] = [
    r#"{"id":1,"do":"knock"}"#,
    r#"{"id":1,"do":"admit","user_id":"anna"}"#,
    r#"{"id":1,"do":"remove","user_id":"anna"}"#,
    r#"{"id":1,"do":"hand","raised":true}"#,
    r#"{"id":1,"do":"chat.send","text":"a","to":"anna"}"#,
    r#"{"id":1,"do":"chat.send","text":"a","key":"k"}"#,
    r#"{"id":1,"do":"board.open","board":"board"}"#,
    r#"{"id":1,"do":"board.draw","board":"board","elements":[{"id":"a","type":"text","version":1,"versionNonce":1}]}"#,
    r#"{"id":1,"do":"board.clear","board":"board"}"#,
    r#"{"id":1,"do":"present","source":"camera"}"#,
    r#"{"id":1,"do":"snapshot.request","user_id":"anna"}"#,
    r#"{"id":1,"do":"quality","quality":"good"}"#,
];

struct World {
    channel: Channel,
    now: Timestamp,
    /// Anna's, who has to be let in, and the host's.
    connections: [Option<ConnectionId>; 2],
    next: u64,
    fails: bool,
    let_in: bool,
    messages: u64,
    unanswered: Option<ConnectionId>,
}

fn user(host: bool) -> ProviderUserId {
    ProviderUserId::parse(if host { "host" } else { "anna" }).expect("an id")
}

impl World {
    fn handle(&mut self, input: Input) {
        if matches!(input, Input::SessionEnded) {
            self.let_in = false;
        }
        let outputs = self.channel.handle(input, self.now);
        self.look_at(outputs);
        while let Some(ask) = self.channel.ask().cloned() {
            let answered = self.carry_out(ask);
            let outputs = self.channel.answered(answered, self.now);
            self.look_at(outputs);
        }
    }

    fn carry_out(&mut self, ask: Ask) -> Answered {
        if self.fails {
            return Answered::Failed;
        }
        match ask {
            Ask::AddMessage(sent) => {
                self.messages += 1;
                return Answered::Message(Message { number: self.messages, sent });
            }
            Ask::Messages { .. } => return Answered::Messages(Vec::new()),
            Ask::LoadBoard(_) => return Answered::Elements(Vec::new()),
            Ask::Admissions => {
                return Answered::Admissions(self.let_in.then(|| (user(false), self.now)).into_iter().collect());
            }
            Ask::Admit { .. } => self.let_in = true,
            Ask::EndAdmission(_) | Ask::EndAdmissions => self.let_in = false,
            _ => {}
        }
        Answered::Done
    }

    fn look_at(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Reply { to, reply, .. } => {
                    reply.to_json();
                    assert_eq!(self.unanswered.take(), Some(to), "a command is answered once");
                }
                Output::Event { to, event } => {
                    event.to_json();
                    let anna = self.connections[0].is_some_and(|anna| to.contains(&anna));
                    assert!(!anna || self.let_in || is_harmless(&event), "{event:?}");
                }
                Output::Close(connection, _) => {
                    self.unanswered.take_if(|unanswered| *unanswered == connection);
                    for known in &mut self.connections {
                        known.take_if(|known| *known == connection);
                    }
                }
            }
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Connect(host) => {
                self.next += 1;
                let connection = ConnectionId(self.next);
                self.connections[usize::from(host)] = Some(connection);
                self.unanswered = Some(connection);
                self.handle(Input::Connected { connection, user: user(host), re: 0 });
            }
            Step::Disconnect(host) => {
                if let Some(connection) = self.connections[usize::from(host)].take() {
                    self.handle(Input::Disconnected(connection));
                }
            }
            Step::Say(host, frame) => self.say(host, &frame),
            Step::Do(host, command) => self.say(host, COMMANDS[usize::from(command) % COMMANDS.len()]),
            Step::Join(host) => self.handle(Input::Joined(user(host))),
            Step::Leave(host) => self.handle(Input::Left(user(host))),
            Step::EndSession => self.handle(Input::SessionEnded),
            Step::Fail(fails) => self.fails = fails,
            Step::Wait(seconds) => {
                self.now += Duration::from_secs(seconds.into());
                self.handle(Input::Tick);
            }
        }
    }

    fn say(&mut self, host: bool, frame: &str) {
        let Some(connection) = self.connections[usize::from(host)] else { return };
        if let Ok(request) = Request::parse(frame) {
            self.unanswered = Some(connection);
            self.handle(Input::Said(connection, request));
            assert_eq!(self.unanswered, None, "every command is answered");
        }
    }
}

/// Whether somebody may be told this who waits.
fn is_harmless(event: &Event) -> bool {
    match event {
        Event::Welcome(welcome) => welcome.people.len() == 1 && welcome.boards.is_empty() && welcome.files.is_empty(),
        Event::Message { message } => message.waiting.as_deref() == Some("anna"),
        Event::Typing { waiting, .. } => waiting.as_deref() == Some("anna"),
        Event::Stage { .. } | Event::Hosts { .. } => true,
        _ => false,
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(steps) = Vec::<Step>::arbitrary(&mut Unstructured::new(data)) else { return };
    let facts = |host| Facts { user: user(host), admin: host, tools: Tools::all(), display_name: None };
    let setting = Setting {
        room: RoomRef::new("room_1"),
        waiting_room: true,
        members: vec![facts(true), facts(false)],
        admissions: Vec::new(),
        admission_max: Duration::from_hours(24),
        files: Vec::new(),
        boards: Vec::new(),
        present: BTreeSet::new(),
        seed: 1,
    };
    let now = Timestamp::UNIX_EPOCH;
    let mut world = World {
        channel: Channel::new(setting, now),
        now,
        connections: [None, None],
        next: 0,
        fails: false,
        let_in: false,
        messages: 0,
        unanswered: None,
    };
    for step in steps {
        world.step(step);
    }
});
