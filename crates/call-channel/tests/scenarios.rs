//! What happens in a room step by step, where what it comes to is not a matter of chance.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use domain::{ProviderUserId, RoomRef, Tools};
use jiff::Timestamp;
use ports::content::{File, FileId, FileKind, Message};
use serde_json::{Value, json};
use teleconsultation_call_channel::{Answered, Ask, Channel, ConnectionId, Facts, Input, Output, Request, Setting};

const DAY: Duration = Duration::from_hours(24);

/// A room with a host and two guests.
struct Room {
    channel: Channel,
    now: Timestamp,
    admitted: BTreeMap<ProviderUserId, Timestamp>,
    messages: Vec<Message>,
    removed: Vec<ProviderUserId>,
    /// What becomes of the next asks, of which nobody hears whether they worked: whether they did.
    lost: Vec<bool>,
    asked: Vec<Ask>,
    connections: BTreeMap<ProviderUserId, ConnectionId>,
    next: u64,
    heard: BTreeMap<ConnectionId, Vec<Value>>,
}

fn id(name: &str) -> ProviderUserId {
    ProviderUserId::parse(name).unwrap()
}

impl Room {
    fn new() -> Self {
        let now = Timestamp::UNIX_EPOCH + Duration::from_hours(500_000);
        let facts = |name, admin| Facts { user: id(name), admin, tools: Tools::all(), display_name: None };
        let setting = Setting {
            room: RoomRef::new("room_1"),
            waiting_room: true,
            members: vec![facts("host", true), facts("anna", false), facts("bert", false)],
            admissions: Vec::new(),
            admission_max: DAY,
            files: Vec::new(),
            boards: Vec::new(),
            present: BTreeSet::new(),
            seed: 7,
        };
        Self {
            channel: Channel::new(setting, now),
            now,
            admitted: BTreeMap::new(),
            messages: Vec::new(),
            removed: Vec::new(),
            lost: Vec::new(),
            asked: Vec::new(),
            connections: BTreeMap::new(),
            next: 1,
            heard: BTreeMap::new(),
        }
    }

    /// With the host and the guests there, who have been let in.
    fn with_everybody_in() -> Self {
        let mut room = Self::new();
        for name in ["host", "anna", "bert"] {
            room.connect(name);
        }
        for name in ["anna", "bert"] {
            assert_eq!(room.say("host", &json!({"do": "admit", "user_id": name}))["ok"], json!({}));
        }
        room
    }

    fn connect(&mut self, name: &str) {
        let connection = ConnectionId(self.number());
        self.connections.insert(id(name), connection);
        self.handle(Input::Connected { connection, user: id(name), re: 0 });
    }

    fn disconnect(&mut self, name: &str) {
        let connection = self.connections.remove(&id(name)).unwrap();
        self.handle(Input::Disconnected(connection));
    }

    fn say(&mut self, name: &str, command: &Value) -> Value {
        let (number, connection) = (self.number(), self.connections[&id(name)]);
        let mut frame = command.clone();
        frame["id"] = json!(number);
        self.handle(Input::Said(connection, Request::parse(&frame.to_string()).unwrap()));
        self.heard[&connection].iter().find(|heard| heard["re"] == number).unwrap().clone()
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        assert!(self.channel.deadline().is_some_and(|due| due <= self.now), "it wants to be told of the time");
        self.handle(Input::Tick);
    }

    fn handle(&mut self, input: Input) {
        let outputs = self.channel.handle(input, self.now);
        self.hear(outputs);
        while let Some(ask) = self.channel.ask().cloned() {
            self.asked.push(ask.clone());
            let works = self.lost.pop();
            let answered = if works == Some(false) { Answered::Failed } else { self.carry_out(ask) };
            let answered = if works.is_some() { Answered::Failed } else { answered };
            let outputs = self.channel.answered(answered, self.now);
            self.hear(outputs);
        }
    }

    fn carry_out(&mut self, ask: Ask) -> Answered {
        match ask {
            Ask::AddMessage(sent) => {
                let known = self.messages.iter().find(|it| sent.key.is_some() && it.sent.key == sent.key).cloned();
                let message = known.unwrap_or(Message { number: self.messages.len() as u64 + 1, sent });
                if message.number > self.messages.len() as u64 {
                    self.messages.push(message.clone());
                }
                return Answered::Message(message);
            }
            Ask::Messages { waits, .. } => {
                let asked = self.messages.iter().filter(|message| waits.contains(&message.sent.waiting));
                return Answered::Messages(asked.cloned().collect());
            }
            Ask::Admissions => return Answered::Admissions(self.admitted.clone().into_iter().collect()),
            Ask::Admit { user, at } => drop(self.admitted.insert(user, at)),
            Ask::EndAdmission(user) => drop(self.admitted.remove(&user)),
            Ask::EndAdmissions => self.admitted.clear(),
            Ask::Remove(user) => self.removed.push(user),
            Ask::LoadBoard(_)
            | Ask::SaveElements { .. }
            | Ask::ClearBoard(_)
            | Ask::DeleteFile(_)
            | Ask::Link { .. }
            | Ask::Rate { .. }
            | Ask::AddQuality { .. }
            | Ask::Mute { .. } => {}
        }
        Answered::Done
    }

    fn hear(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            let (to, frame) = match output {
                Output::Reply { to, reply, .. } => (vec![to], reply.to_json()),
                Output::Event { to, event } => (to, event.to_json()),
                Output::Close(..) => continue,
            };
            for to in to {
                self.heard.entry(to).or_default().push(serde_json::from_str(&frame).unwrap());
            }
        }
    }

    /// What somebody was told under this name since they came, the latest last.
    fn told(&self, name: &str, event: &str) -> Vec<Value> {
        let heard = self.heard[&self.connections[&id(name)]].iter();
        heard.filter(|heard| heard["event"] == event).cloned().collect()
    }

    /// How far the page of somebody is, by what it was told.
    fn stage(&self, name: &str) -> String {
        let heard = self.heard[&self.connections[&id(name)]].iter();
        heard.filter_map(|heard| heard["stage"].as_str()).next_back().unwrap().to_owned()
    }

    /// Somebody as the host sees them.
    fn seen(&self, name: &str) -> Value {
        let known = self.told("host", "welcome").into_iter().flat_map(|it| it["people"].as_array().unwrap().clone());
        let changes = self.told("host", "person").into_iter().map(|event| event["person"].clone());
        known.chain(changes).rfind(|person| person["user_id"] == name).unwrap()
    }
}

#[test]
fn a_removal_that_took_effect_though_it_failed_is_carried_through() {
    let mut room = Room::with_everybody_in();
    room.handle(Input::Joined(id("anna")));
    room.lost = vec![true];
    assert_eq!(room.say("host", &json!({"do": "remove", "user_id": "anna"}))["ok"], json!({}));
    assert_eq!((room.stage("anna").as_str(), room.removed.as_slice()), ("lobby", [id("anna")].as_slice()));
    assert_eq!(room.told("anna", "stage").last().unwrap()["removed"], true);
    assert_eq!(room.say("anna", &json!({"do": "knock"}))["ok"], json!({}));
    assert_eq!(room.say("host", &json!({"do": "admit", "user_id": "anna"}))["ok"], json!({}));
    assert!(room.admitted.contains_key(&id("anna")));
    assert_eq!(room.stage("bert"), "admitted");
}

#[test]
fn a_change_of_an_admission_that_took_effect_later_is_noticed() {
    let mut room = Room::with_everybody_in();
    room.lost = vec![false];
    let refused = room.say("host", &json!({"do": "remove", "user_id": "anna"}));
    assert_eq!((&refused["refused"]["code"], room.stage("anna").as_str()), (&json!("unavailable"), "admitted"));
    room.admitted.remove(&id("anna"));
    room.wait(Duration::from_secs(30));
    assert_eq!(room.stage("anna"), "lobby");

    // Nor does it stay unknown where what is kept cannot be read.
    room.lost = vec![false, false, true];
    let refused = room.say("host", &json!({"do": "admit", "user_id": "anna"}));
    assert_eq!((&refused["refused"]["code"], room.stage("anna").as_str()), (&json!("unavailable"), "lobby"));
    room.wait(Duration::from_secs(30));
    room.wait(Duration::from_secs(30));
    assert_eq!(room.stage("anna"), "admitted");
}

#[test]
fn to_let_somebody_in_is_always_written_down() {
    let mut room = Room::with_everybody_in();
    room.admitted.clear();
    assert_eq!(room.say("host", &json!({"do": "admit", "user_id": "anna"}))["ok"], json!({}));
    assert!(room.admitted.contains_key(&id("anna")));
}

#[test]
fn an_admission_that_ends_at_the_door_by_its_age_ends_in_the_channel_too() {
    let mut room = Room::with_everybody_in();
    room.now += Duration::from_secs(DAY.as_secs() - 1);
    room.handle(Input::Tick);
    assert_eq!(room.stage("anna"), "admitted");
    // A session under way lets it last.
    room.wait(Duration::from_secs(1));
    assert_eq!(room.stage("anna"), "admitted");
    room.admitted.clear();
    room.wait(Duration::from_mins(10));
    assert_eq!((room.stage("anna").as_str(), room.stage("host").as_str()), ("lobby", "admitted"));
    assert_eq!(room.say("anna", &json!({"do": "knock"}))["ok"], json!({}));
}

#[test]
fn a_message_that_was_kept_though_it_failed_is_told_once_it_is_sent_again() {
    let mut room = Room::with_everybody_in();
    let first = json!({"do": "chat.send", "text": "first", "key": "a"});
    room.lost = vec![true];
    assert_eq!(room.say("anna", &first)["refused"]["code"], "unavailable");
    let second = json!({"do": "chat.send", "text": "second", "key": "b"});
    assert_eq!(room.say("bert", &second)["ok"]["number"], 2);
    for _ in 0..2 {
        assert_eq!(room.say("anna", &first)["ok"]["number"], 1);
        assert_eq!(room.say("bert", &second)["ok"]["number"], 2);
    }
    for name in ["host", "anna", "bert"] {
        let numbers: Vec<_> =
            room.told(name, "chat.message").into_iter().map(|event| event["message"]["number"].clone()).collect();
        assert_eq!(numbers, [2, 1], "{name}");
    }
}

#[test]
fn who_is_in_the_call_without_being_let_in_is_removed_however_often_that_fails() {
    let mut room = Room::new();
    room.connect("host");
    room.lost = vec![false, false];
    room.handle(Input::Joined(id("anna")));
    room.wait(Duration::from_secs(5));
    assert_eq!(room.removed, []);
    room.wait(Duration::from_secs(5));
    assert_eq!(room.removed, [id("anna")]);
    room.lost = vec![false];
    room.handle(Input::Joined(id("bert")));
    room.say("host", &json!({"do": "admit", "user_id": "bert"}));
    room.wait(Duration::from_secs(5));
    assert_eq!(room.removed, [id("anna")], "who is let in meanwhile stays");
}

#[test]
fn a_picture_fulfils_one_wish_for_one() {
    let mut room = Room::with_everybody_in();
    for name in ["anna", "bert"] {
        room.handle(Input::Joined(id(name)));
    }
    let wish = |room: &mut Room, of: &str| {
        let reply = room.say("host", &json!({"do": "snapshot.request", "user_id": of}));
        reply["ok"]["request"].as_str().unwrap().to_owned()
    };
    let wishes = [wish(&mut room, "anna"), wish(&mut room, "bert"), wish(&mut room, "anna")];
    let open =
        |room: &Room| -> Vec<_> { room.channel.open_wishes(room.now).map(|(name, ..)| name.to_owned()).collect() };
    let picture = |name: &str, from: &str, of: &str| {
        Input::FileCompleted(Box::new(File {
            id: FileId(name.to_owned()),
            room: RoomRef::new("room_1"),
            session: None,
            from: id(from),
            kind: FileKind::Snapshot,
            of: Some(id(of)),
            name: "a".to_owned(),
            media_type: "image/png".to_owned(),
            size: 1,
            received: 1,
            begun: Timestamp::UNIX_EPOCH,
            completed: Some(Timestamp::UNIX_EPOCH),
        }))
    };
    room.handle(picture("file_1", "host", "anna"));
    assert_eq!(open(&room), wishes, "a still that the host took is no answer");
    for _ in 0..2 {
        room.handle(picture("file_2", "anna", "anna"));
        assert_eq!(open(&room), wishes[1..]);
    }
    room.handle(picture("file_3", "anna", "anna"));
    assert_eq!(open(&room), wishes[1..2]);
}

#[test]
fn a_knock_outlasts_the_page_until_it_is_answered() {
    let mut room = Room::new();
    for name in ["host", "anna", "bert"] {
        room.connect(name);
    }
    let knocked_at = room.now;
    room.say("anna", &json!({"do": "knock"}));
    room.now += Duration::from_mins(2);
    room.disconnect("anna");
    room.disconnect("bert");
    let left_at = room.now;
    room.now += Duration::from_hours(3);
    room.handle(Input::Tick);
    let moment = |at: Timestamp| json!(format!("{at:.3}"));
    let anna = room.seen("anna");
    assert_eq!(
        (&anna["stage"], &anna["since"], &anna["away_since"]),
        (&json!("waiting"), &moment(knocked_at), &moment(left_at))
    );
    let bert = room.seen("bert");
    assert_eq!((&bert["stage"], &bert["away_since"]), (&json!("away"), &Value::Null), "who has not knocked is gone");
    assert_eq!(room.channel.waiting(), 0, "nobody looks at the page of a waiting room");

    // Also when nobody at all was there meanwhile.
    room.disconnect("host");
    assert!(!room.channel.is_idle());
    room.connect("host");
    assert_eq!(room.seen("anna")["stage"], "waiting");

    // What is written to her is there when she comes back, and so is she.
    let to = |name: &str| json!({"do": "chat.send", "text": "a moment", "to": name});
    assert_eq!(room.say("host", &to("anna"))["ok"]["number"], 1);
    assert_eq!(room.say("host", &to("bert"))["refused"]["code"], "wrong_stage");
    room.connect("anna");
    let welcome = room.told("anna", "welcome").pop().unwrap();
    assert_eq!((&welcome["stage"], &welcome["chat"]["messages"][0]["text"]), (&json!("waiting"), &json!("a moment")));
    assert_eq!((&room.seen("anna")["stage"], &room.seen("anna")["away_since"]), (&json!("waiting"), &Value::Null));
    room.say("anna", &json!({"do": "unknock"}));
    room.disconnect("anna");
    assert_eq!(room.seen("anna")["stage"], "away", "who does not want to come in any more is not waited for");
}

#[test]
fn who_is_turned_away_while_the_phone_is_locked_learns_it_first() {
    let mut room = Room::new();
    room.connect("host");
    room.connect("anna");
    room.say("anna", &json!({"do": "knock"}));
    room.disconnect("anna");
    let turned_away = room.say("host", &json!({"do": "turn_away", "user_id": "anna", "message": "at four"}));
    assert_eq!((&turned_away["ok"], &room.seen("anna")["stage"]), (&json!({}), &json!("away")));
    room.connect("anna");
    let events: Vec<_> =
        room.heard[&room.connections[&id("anna")]].iter().filter_map(|heard| heard["event"].as_str()).collect();
    assert_eq!(events, ["stage", "welcome"]);
    let stage = room.told("anna", "stage").pop().unwrap();
    assert_eq!((&stage["stage"], &stage["message"]), (&json!("lobby"), &json!("at four")));
    room.disconnect("anna");
    room.connect("anna");
    assert_eq!(room.told("anna", "stage"), [] as [Value; 0], "once");
}

#[test]
fn whose_link_was_taken_back_is_not_waited_for() {
    let mut room = Room::new();
    room.connect("host");
    room.connect("anna");
    room.say("anna", &json!({"do": "knock"}));
    let connection = room.connections.remove(&id("anna")).unwrap();
    room.handle(Input::LinkEnded(connection));
    assert_eq!(room.seen("anna")["stage"], "away");
    room.connect("anna");
    assert_eq!(room.stage("anna"), "lobby");
}

#[test]
fn a_knock_ends_with_the_session_or_after_a_day_without_its_page() {
    for session in [true, false] {
        let mut room = Room::new();
        for name in ["host", "anna", "bert"] {
            room.connect(name);
        }
        room.say("anna", &json!({"do": "knock"}));
        room.say("bert", &json!({"do": "knock"}));
        room.disconnect("anna");
        if session {
            room.handle(Input::SessionEnded);
        } else {
            room.wait(DAY);
        }
        assert_eq!((&room.seen("anna")["stage"], &room.seen("bert")["stage"]), (&json!("away"), &json!("waiting")));
        room.disconnect("host");
        room.say("bert", &json!({"do": "unknock"}));
        room.disconnect("bert");
        assert!(room.channel.is_idle());
    }
}
