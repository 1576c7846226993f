//! The people, the machine between them, and whoever looks at everything that is told.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use domain::{ProviderUserId, RoomRef, Tools, WhiteboardTools};
use jiff::Timestamp;
use ports::content::{BoardId, File, FileId, FileKind, Message};
use serde_json::{Value, json};
use teleconsultation_call_channel::{Answered, Ask, Channel, ConnectionId, Facts, Input, Output, Request, Setting};

use crate::{
    mirror::Mirror,
    store::{Outcome, Store},
};

/// What happens besides what people do.
pub struct Plan {
    pub failures: bool,
    pub restarts: bool,
    pub waiting_room: bool,
}

struct Page {
    connection: ConnectionId,
    mirror: Mirror,
    /// Commands that were not answered yet, in order.
    asked: Vec<(u64, Value)>,
    next: u64,
}

pub struct World {
    plan: Plan,
    random: fastrand::Rng,
    now: Timestamp,
    channel: Channel,
    store: Store,
    people: Vec<Facts>,
    pages: BTreeMap<ProviderUserId, Page>,
    present: BTreeSet<ProviderUserId>,
    files: BTreeMap<FileId, File>,
    connections: u64,
    failing: bool,
    /// Nobody knows who is let in: a change of it failed, and what is kept could not be read since.
    in_doubt: bool,
    /// Messages that are kept although that could not be said.
    untold: BTreeSet<u64>,
    /// Messages that could not be sent, to be sent again as they were.
    unsent: Vec<(ProviderUserId, Value)>,
}

fn id(name: &str) -> ProviderUserId {
    ProviderUserId::parse(name).unwrap()
}

fn tools(random: &mut fastrand::Rng) -> Tools {
    let mut flip = || random.u8(0..3) > 0;
    let board =
        WhiteboardTools { add_file: flip(), cursor: flip(), text: flip(), shape: flip(), pen: flip(), eraser: flip() };
    Tools {
        chat: flip(),
        screen_sharing: flip(),
        file_upload: flip(),
        whiteboard: flip().then_some(board),
        snapshot: flip(),
        live_edit: flip(),
        live_pointer: flip(),
        present_to_everyone: flip(),
    }
}

impl World {
    pub fn new(seed: u64, plan: Plan) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let people: Vec<_> = ["host", "second", "anna", "bert", "carla"]
            .into_iter()
            .enumerate()
            .map(|(place, name)| Facts {
                user: id(name),
                admin: place == 0 || (place == 1 && random.bool()),
                tools: tools(&mut random),
                display_name: None,
            })
            .collect();
        let now = Timestamp::UNIX_EPOCH + Duration::from_hours(500_000);
        let channel = channel(&plan, &people, &Store::default(), &BTreeMap::new(), &BTreeSet::new(), now);
        Self {
            plan,
            random,
            now,
            channel,
            store: Store::default(),
            people,
            pages: BTreeMap::new(),
            present: BTreeSet::new(),
            files: BTreeMap::new(),
            connections: 0,
            failing: true,
            in_doubt: false,
            untold: BTreeSet::new(),
            unsent: Vec::new(),
        }
    }

    pub fn step(&mut self) {
        self.now += Duration::from_millis(self.random.u64(0..1500));
        let user = self.random.choice(&self.people).unwrap().user.clone();
        if self.channel.deadline().is_some_and(|due| due <= self.now) {
            self.handle(Input::Tick);
        }
        match self.random.u8(0..100) {
            0..6 => self.connect(&user),
            6..9 => self.disconnect(&user),
            9..14 => self.join(&user),
            14..17 => self.leave(&user),
            17 => self.end_session(),
            18 if self.plan.restarts => self.restart(),
            19 => self.change_members(),
            20..23 => self.complete_file(&user),
            23..26 => self.send_again(),
            _ => {
                let command = self.random_command();
                self.say(&user, command);
            }
        }
    }

    // ---- what happens ----

    fn connect(&mut self, user: &ProviderUserId) {
        self.connections += 1;
        let connection = ConnectionId(self.connections);
        let page = Page { connection, mirror: Mirror::default(), asked: vec![(0, json!({"do": "hello"}))], next: 1 };
        self.pages.insert(user.clone(), page);
        self.handle(Input::Connected { connection, user: user.clone(), re: 0 });
    }

    fn disconnect(&mut self, user: &ProviderUserId) {
        if let Some(page) = self.pages.remove(user) {
            self.handle(Input::Disconnected(page.connection));
        }
    }

    /// The door is shut for who was not let in, but somebody may slip through it.
    fn join(&mut self, user: &ProviderUserId) {
        let may = self.may_see(user);
        if may || self.random.u8(0..10) == 0 {
            self.store.removed.retain(|removed| removed != user);
            let removed = self.store.removed.len();
            self.present.insert(user.clone());
            self.handle(Input::Joined(user.clone()));
            assert!(may || self.plan.failures || self.store.removed[removed..] == [user.clone()]);
        }
    }

    fn leave(&mut self, user: &ProviderUserId) {
        self.present.remove(user);
        self.handle(Input::Left(user.clone()));
    }

    fn end_session(&mut self) {
        // It is over, whether that can be written down or not.
        self.store.admitted.clear();
        self.handle(Input::SessionEnded);
        self.in_doubt = false;
        for user in std::mem::take(&mut self.present) {
            self.handle(Input::Left(user));
        }
    }

    /// The program ends and begins anew: what is only in memory is gone, pages and media connections too.
    fn restart(&mut self) {
        self.pages.clear();
        self.present.clear();
        self.untold.clear();
        self.in_doubt = false;
        self.channel = channel(&self.plan, &self.people, &self.store, &self.files, &self.present, self.now);
    }

    fn change_members(&mut self) {
        let place = self.random.usize(2..self.people.len());
        self.people[place].tools = tools(&mut self.random);
        if let Some(page) = self.pages.get_mut(&self.people[place].user) {
            // Their page would be loaded anew to show other tools.
            page.mirror.boards.clear();
        }
        self.handle(Input::Members(self.people.clone()));
    }

    fn complete_file(&mut self, user: &ProviderUserId) {
        if self.random.bool() || self.files.len() > 5 {
            if let Some(file) = self.files.keys().next().cloned() {
                self.files.remove(&file);
                self.handle(Input::FileDeleted(file));
            }
            return;
        }
        let file = File {
            id: FileId(format!("file_{}", self.random.u8(..))),
            room: RoomRef::new("room_1"),
            session: None,
            from: user.clone(),
            kind: if self.random.bool() { FileKind::Snapshot } else { FileKind::BoardImage },
            of: None,
            name: "a".to_owned(),
            media_type: "image/png".to_owned(),
            size: 1,
            received: 1,
            begun: self.now,
            completed: Some(self.now),
        };
        self.files.insert(file.id.clone(), file.clone());
        self.handle(Input::FileCompleted(Box::new(file)));
    }

    fn say(&mut self, user: &ProviderUserId, command: Value) {
        let Some(page) = self.pages.get_mut(user) else { return };
        let number = page.next;
        page.next += 1;
        let mut frame = command.clone();
        frame["id"] = json!(number);
        page.asked.push((number, command));
        let connection = page.connection;
        let request = Request::parse(&frame.to_string()).unwrap();
        self.handle(Input::Said(connection, request));
    }

    /// Somebody presses the button beside a message that could not be sent.
    fn send_again(&mut self) {
        if !self.unsent.is_empty() {
            let place = self.random.usize(0..self.unsent.len());
            let (user, command) = self.unsent.swap_remove(place);
            self.say(&user, command);
        }
    }

    fn random_command(&mut self) -> Value {
        let random = &mut self.random;
        let whom = random.choice(["host", "second", "anna", "bert", "carla", "nobody"]).unwrap();
        let file = random.choice(self.files.keys().map(|file| file.0.clone()).collect::<Vec<_>>());
        let file = file.unwrap_or_else(|| "file_none".to_owned());
        let board = if random.u8(0..4) > 0 { "board".to_owned() } else { format!("snapshot:{file}") };
        let source = random.choice(["camera", "screen_share"]).unwrap();
        match random.u8(0..26) {
            0 => json!({"do": "knock"}),
            1 => json!({"do": "unknock"}),
            2 | 3 => json!({"do": "admit", "user_id": whom}),
            4 => json!({"do": "turn_away", "user_id": whom, "message": "later"}),
            5 => json!({"do": "remove", "user_id": whom}),
            6 => json!({"do": "mute", "user_id": whom, "source": "microphone"}),
            7 => json!({"do": "hand", "raised": random.bool()}),
            8..11 => {
                let to = random.bool().then_some(whom);
                json!({"do": "chat.send", "text": "hello", "to": to, "key": random.u8(..).to_string()})
            }
            11 => json!({"do": "chat.typing"}),
            12 => json!({"do": "chat.older", "before": random.u64(1..100)}),
            13 => json!({"do": "point", "user_id": whom, "source": source, "x": 0.5, "y": 0.5}),
            14 => json!({"do": "present", "source": random.bool().then_some(source)}),
            15 => json!({"do": "board.open", "board": board}),
            16..20 => {
                let kinds = ["freedraw", "rectangle", "text", "image", "embeddable"];
                let elements: Vec<_> = (0..random.usize(1..4))
                    .map(|_| {
                        json!({
                            "id": random.u8(0..8).to_string(), "type": random.choice(kinds).unwrap(),
                            "version": random.u64(1..60), "versionNonce": random.u64(0..5),
                            "isDeleted": random.u8(0..4) == 0, "fileId": file,
                        })
                    })
                    .collect();
                json!({"do": "board.draw", "board": board, "elements": elements})
            }
            20 => json!({"do": "board.cursor", "board": board, "x": 1, "y": 2}),
            21 => json!({"do": "board.clear", "board": board}),
            22 => json!({"do": "snapshot.request", "user_id": whom}),
            23 => json!({"do": "caption", "text": "so", "final": false, "language": "en"}),
            24 => json!({"do": "quality", "quality": random.choice(["good", "weak", "lost"]).unwrap()}),
            _ => json!({"do": "file.delete", "file_id": file}),
        }
    }

    // ---- the machine ----

    fn handle(&mut self, input: Input) {
        let outputs = self.channel.handle(input, self.now);
        self.look_at(outputs);
        while let Some(ask) = self.channel.ask().cloned() {
            let outcome = match self.random.u8(0..10) {
                0 if self.plan.failures && self.failing => Outcome::Fails,
                1 if self.plan.failures && self.failing => Outcome::FailsAfterwards,
                _ => Outcome::Works,
            };
            let before = self.store.messages.len();
            let answered = self.store.carry_out(&ask, outcome);
            let is_kept = self.store.messages.len() > before;
            if is_kept && outcome != Outcome::Works {
                self.untold.insert(self.store.messages.len() as u64);
            }
            if let (Ask::DeleteFile(file), Outcome::Works) = (&ask, outcome) {
                self.files.remove(file);
            }
            if matches!(ask, Ask::Admit { .. } | Ask::EndAdmission(_)) {
                self.in_doubt |= outcome != Outcome::Works;
            }
            if matches!(ask, Ask::Admissions) {
                self.in_doubt &= outcome != Outcome::Works;
            }
            let sent = if let Answered::Message(message) = &answered { Some(message.clone()) } else { None };
            let outputs = self.channel.answered(answered, self.now);
            self.look_at(outputs);
            if let Some(message) = sent.filter(|message| is_kept || self.untold.remove(&message.number)) {
                self.check_delivered(&message);
            }
        }
    }

    fn look_at(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Reply { to, reply, .. } => self.replied(to, &serde_json::from_str(&reply.to_json()).unwrap()),
                Output::Event { to, event } => {
                    let event: Value = serde_json::from_str(&event.to_json()).unwrap();
                    self.check_cause(&event);
                    for to in to {
                        self.told(to, &event);
                    }
                }
                Output::Close(connection, _) => self.pages.retain(|_, page| page.connection != connection),
            }
        }
    }

    fn replied(&mut self, to: ConnectionId, reply: &Value) {
        let Some(page) = self.pages.values_mut().find(|page| page.connection == to) else { return };
        let (number, command) = page.asked.remove(0);
        assert_eq!(reply["re"], number, "commands are answered once and in order: {command}");
        let Some(answer) = reply.get("ok") else {
            if command["do"] == "chat.send" && reply["refused"]["code"] == "unavailable" {
                let user = self.pages.iter().find(|(_, page)| page.connection == to).map(|(user, _)| user.clone());
                self.unsent.extend(user.map(|user| (user, command)));
            }
            return;
        };
        match command["do"].as_str().unwrap() {
            "board.clear" => {
                page.mirror.boards.insert(command["board"].as_str().unwrap().to_owned(), BTreeMap::new());
            }
            "board.open" => page.mirror.opened(command["board"].as_str().unwrap(), &answer["elements"]),
            "board.draw" => page.mirror.drew(command["board"].as_str().unwrap(), &command["elements"], answer),
            _ => {}
        }
    }

    // ---- what must hold ----

    fn facts(&self, user: &str) -> &Facts {
        self.people.iter().find(|facts| facts.user.as_str() == user).unwrap()
    }

    /// Whether the room's content is theirs to see, by what is kept.
    fn may_see(&self, user: &ProviderUserId) -> bool {
        !self.plan.waiting_room || self.facts(user.as_str()).admin || self.store.admitted.contains_key(user)
    }

    /// Whether that it is not theirs to see can be known.
    fn may_not_see(&self, user: &ProviderUserId) -> bool {
        !self.in_doubt && !self.may_see(user)
    }

    fn told(&mut self, to: ConnectionId, event: &Value) {
        let Some((user, _)) = self.pages.iter().find(|(_, page)| page.connection == to) else { return };
        let user = user.clone();
        let facts = self.facts(user.as_str()).clone();
        let name = event["event"].as_str().unwrap();
        let sees = !self.may_not_see(&user);
        let own_wait = |message: &Value| message["waiting"] == user.as_str();
        if !sees {
            match name {
                "welcome" => {
                    let people = event["people"].as_array().unwrap();
                    assert!(people.iter().all(|person| person["user_id"] == user.as_str()), "{event}");
                    assert!(event["chat"]["messages"].as_array().unwrap().iter().all(own_wait), "{event}");
                    assert_eq!(
                        (&event["files"], &event["boards"], &event["presented"]),
                        (&json!([]), &json!([]), &Value::Null)
                    );
                }
                "stage" | "hosts" => {}
                "chat.message" => assert!(own_wait(&event["message"]), "{event}"),
                "chat.typing" => assert!(own_wait(event), "{event}"),
                _ => panic!("{} is told of the room before being admitted: {event}", user.as_str()),
            }
        }
        let may_read = |message: &Value| match message["waiting"].as_str() {
            Some(_) => facts.admin || own_wait(message),
            None => facts.tools.chat,
        };
        match name {
            "welcome" => {
                assert!(event["chat"]["messages"].as_array().unwrap().iter().all(may_read), "{event}");
                assert!(facts.tools.whiteboard.is_some() || event["boards"] == json!([]), "{event}");
                for person in event["people"].as_array().unwrap() {
                    assert!(facts.admin || person["user_id"] == user.as_str() || person["check"].is_null());
                }
            }
            "person" => assert!(
                facts.admin || (event["person"]["check"].is_null() && event["person"]["stage"] != "waiting"),
                "{event}"
            ),
            "chat.message" => assert!(may_read(&event["message"]), "{event}"),
            "chat.typing" => assert!(may_read(event), "{event}"),
            "board.drawn" | "board.cursor" | "board.cleared" => assert!(facts.tools.whiteboard.is_some(), "{event}"),
            _ => {}
        }
        let page = self.pages.get_mut(&user).unwrap();
        assert!(page.mirror.welcomed || ["welcome", "stage"].contains(&name), "{name} before the welcome");
        page.mirror.told(event);
    }

    /// Whoever causes an event may.
    fn check_cause(&self, event: &Value) {
        let may = |user: &Value, tool: &dyn Fn(&Facts) -> bool| {
            let facts = self.facts(user.as_str().unwrap());
            assert!(!self.may_not_see(&facts.user) && tool(facts), "{event}");
        };
        let board = |facts: &Facts, part: &dyn Fn(WhiteboardTools) -> bool| facts.tools.whiteboard.is_some_and(part);
        match event["event"].as_str().unwrap() {
            "chat.message" if event["message"]["waiting"].is_null() => {
                may(&event["message"]["from"], &|facts| facts.tools.chat);
            }
            "pointer" => may(&event["from"], &|facts| facts.tools.live_pointer),
            "presented" if !event["user_id"].is_null() => {
                may(&event["user_id"], &|facts| facts.tools.present_to_everyone);
            }
            "board.cursor" => may(&event["from"], &|facts| board(facts, &|tools| tools.cursor)),
            "board.cleared" => may(&event["from"], &|facts| facts.admin && board(facts, &|tools| tools.eraser)),
            "board.drawn" => {
                let on_snapshot = event["board"] != "board";
                for element in event["elements"].as_array().unwrap() {
                    may(&event["from"], &|facts| {
                        let erased = element["isDeleted"] == true;
                        let may_edit = !on_snapshot || (facts.tools.snapshot && facts.tools.live_edit);
                        may_edit
                            && board(facts, &|tools| match element["type"].as_str().unwrap() {
                                "freedraw" => tools.pen || (erased && tools.eraser),
                                "rectangle" => tools.shape || (erased && tools.eraser),
                                "text" => tools.text || (erased && tools.eraser),
                                "image" => tools.add_file || (erased && tools.eraser),
                                _ => false,
                            } || erased)
                    });
                }
            }
            "snapshot.requested" => may(&event["by"], &|facts| facts.tools.snapshot),
            "muted" => may(&event["by"], &|facts| facts.admin),
            _ => {}
        }
    }

    /// Whoever could read a message when its sender was first told that it is kept, has it.
    fn check_delivered(&self, message: &Message) {
        if self.in_doubt {
            return;
        }
        for (user, page) in self.pages.iter().filter(|(_, page)| page.mirror.welcomed) {
            let reads = match &message.sent.waiting {
                Some(waiting) => user == waiting || self.facts(user.as_str()).admin,
                None => self.may_see(user) && self.facts(user.as_str()).tools.chat,
            };
            assert!(!reads || page.mirror.messages.contains_key(&message.number), "{} misses one", user.as_str());
        }
    }

    /// Everybody who is there sees the same as when they come anew, and that is what is kept.
    pub fn settle_and_compare(&mut self) {
        self.failing = false;
        // Whatever is in doubt is looked at within a minute.
        for _ in 0..60 {
            self.now += Duration::from_secs(1);
            self.handle(Input::Tick);
        }
        assert!(!self.in_doubt, "what is kept is read again");
        for user in self.present.iter().filter(|user| !self.may_see(user)) {
            assert!(self.store.removed.contains(user), "{} stays in the call", user.as_str());
        }
        let users: Vec<_> = self.pages.keys().cloned().collect();
        for user in users {
            let page = self.pages.get_mut(&user).unwrap();
            assert!(page.asked.is_empty(), "every command was answered");
            let before = std::mem::take(&mut page.mirror);
            for (board, drawn) in &before.boards {
                let kept = self.store.boards.get(&BoardId(board.clone())).cloned().unwrap_or_default();
                let kept: BTreeMap<_, _> =
                    kept.into_values().map(|element| (element.id.0, (element.version, element.nonce))).collect();
                let has_file = board
                    .strip_prefix("snapshot:")
                    .is_none_or(|file| self.files.contains_key(&FileId(file.to_owned())));
                assert!(!has_file || *drawn == kept, "{} sees another {board}: {drawn:?} {kept:?}", user.as_str());
            }
            self.connect(&user);
            let after = &self.pages[&user].mirror;
            assert_eq!((&before.stage, &before.presented), (&after.stage, &after.presented), "{}", user.as_str());
            if self.may_see(&user) {
                assert_eq!((&before.people, &before.files), (&after.people, &after.files), "{}", user.as_str());
            }
            if self.may_see(&user) && self.facts(user.as_str()).tools.chat {
                let everybodys = self.store.messages.iter().filter(|message| message.sent.waiting.is_none());
                let kept: Vec<_> = everybodys.map(|message| message.number).collect();
                let shown = after.messages.iter().filter(|(_, message)| message["waiting"].is_null());
                let shown: Vec<_> = shown.map(|(number, _)| *number).collect();
                assert_eq!(shown, kept[kept.len().saturating_sub(50)..]);
            }
        }
    }
}

fn channel(
    plan: &Plan,
    people: &[Facts],
    store: &Store,
    files: &BTreeMap<FileId, File>,
    present: &BTreeSet<ProviderUserId>,
    now: Timestamp,
) -> Channel {
    let setting = Setting {
        room: RoomRef::new("room_1"),
        waiting_room: plan.waiting_room,
        members: people.to_vec(),
        admissions: store.admitted.iter().map(|(user, at)| (user.clone(), *at)).collect(),
        admission_max: Duration::from_hours(24),
        files: files.values().cloned().collect(),
        boards: store.boards.keys().cloned().collect(),
        present: present.clone(),
        seed: 7,
    };
    Channel::new(setting, now)
}
