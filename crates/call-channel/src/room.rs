//! The state of one room's channel, and the order in which things happen to it.

mod admissions;
mod audience;
mod boards;
mod chat;
mod files;
mod hosts;
mod own;
mod settle;
mod sharing;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;
use ports::{
    content::{BoardId, Element, File, FileId, Message, NewMessage, QualityMinute},
    presence::Whereabouts,
};

use crate::{
    board::Board,
    bucket::Turn,
    people::{Facts, Note, People, Person},
    whereabouts,
    wire::{Answer, BoardAct, Code, Command, Event, Kind, Presented, Refusal, Reply, Request, Stage, TrackKind},
};

/// Names a connection. No name is used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// What a channel begins with.
pub struct Setting {
    /// Which room.
    pub room: RoomRef,
    /// Whether there is a waiting room where somebody is an admin.
    pub waiting_room: bool,
    /// Its people.
    pub members: Vec<Facts>,
    /// Who was let in, and when; only admissions that hold.
    pub admissions: Vec<(ProviderUserId, Timestamp)>,
    /// How long an admission holds while no session is under way.
    pub admission_max: Duration,
    /// Its whole files.
    pub files: Vec<File>,
    /// Its boards with something on them.
    pub boards: Vec<BoardId>,
    /// Those whom the media engine has.
    pub present: BTreeSet<ProviderUserId>,
    /// Chance, for names.
    pub seed: u64,
}

/// What happens.
pub enum Input {
    /// Somebody has said hello, with a link that is theirs. `re` is the number of that command.
    Connected {
        /// As what.
        connection: ConnectionId,
        /// Who.
        user: ProviderUserId,
        /// To be answered.
        re: u64,
    },
    /// A connection is gone.
    Disconnected(ConnectionId),
    /// A connection was closed because its link opens nothing any more.
    LinkEnded(ConnectionId),
    /// A command came.
    Said(ConnectionId, Request),
    /// The media engine has somebody.
    Joined(ProviderUserId),
    /// It has them no more.
    Left(ProviderUserId),
    /// The session is over.
    SessionEnded,
    /// The room's people may be others, or may do other things.
    Members(Vec<Facts>),
    /// A file is whole.
    FileCompleted(Box<File>),
    /// A file was deleted by somebody who is not in the call.
    FileDeleted(FileId),
    /// Only time has passed.
    Tick,
}

/// What is to be sent.
pub enum Output {
    /// A reply to one connection.
    Reply {
        /// Whose command.
        to: ConnectionId,
        /// Which kind of command it answers.
        kind: Kind,
        /// What became of it.
        reply: Reply,
    },
    /// An event to some connections.
    Event {
        /// To these; never none.
        to: Vec<ConnectionId>,
        /// What.
        event: Box<Event>,
    },
    /// Close a connection, after what was sent to it before.
    Close(ConnectionId, Closing),
}

/// Why a connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// The same person connected elsewhere.
    Replaced,
    /// They do not slow down.
    TooFast,
    /// They are in the room no more.
    Gone,
    /// What they should be told cannot be read: come back later.
    Unavailable,
}

/// What is to be kept, read, or done at the media engine. Each is one whole thing: it is done or it is not.
#[derive(Clone, PartialEq)]
#[expect(missing_docs, reason = "the stores of `ports::content` and the commands say what each is about")]
pub enum Ask {
    AddMessage(NewMessage),
    /// The newest messages below `before` for everybody and, with `None`, of some people's wait, `limit` of each.
    Messages {
        waits: Vec<Option<ProviderUserId>>,
        before: Option<u64>,
        limit: u32,
    },
    LoadBoard(BoardId),
    SaveElements {
        board: BoardId,
        elements: Vec<Element>,
    },
    ClearBoard(BoardId),
    Admit {
        user: ProviderUserId,
        at: Timestamp,
    },
    EndAdmission(ProviderUserId),
    EndAdmissions,
    /// Who was let in, by admissions that hold.
    Admissions,
    DeleteFile(FileId),
    Link {
        file: FileId,
        user: ProviderUserId,
    },
    Rate {
        user: ProviderUserId,
        stars: u8,
        comment: Option<String>,
        at: Timestamp,
    },
    AddQuality {
        user: ProviderUserId,
        minute: QualityMinute,
    },
    Mute {
        user: ProviderUserId,
        source: TrackKind,
    },
    Remove(ProviderUserId),
}

/// What became of an [`Ask`].
#[expect(missing_docs, reason = "each belongs to the asks that have such an answer")]
pub enum Answered {
    /// It is done.
    Done,
    Message(Message),
    /// In the order of their numbers.
    Messages(Vec<Message>),
    Admissions(Vec<(ProviderUserId, Timestamp)>),
    Elements(Vec<Element>),
    Link {
        url: String,
        expires: Timestamp,
    },
    /// It is not known to be done, and may be tried again.
    Failed,
}

/// Whom to answer, and what.
#[derive(Debug, Clone, Copy)]
struct ReplyTo {
    connection: ConnectionId,
    re: u64,
    kind: Kind,
}

/// What follows once an [`Ask`] is answered.
enum Then {
    /// Nothing, whatever the answer is.
    Nothing,
    /// Welcome somebody.
    Welcome(ProviderUserId),
    /// Answer a command that this was all of.
    Answer(ReplyTo),
    Sent {
        reply: ReplyTo,
        /// Who sent it, and its key.
        sent: chat::Sent,
    },
    Older(ReplyTo, ProviderUserId),
    Loaded {
        reply: ReplyTo,
        user: ProviderUserId,
        board: BoardId,
        act: BoardAct,
    },
    Drawn {
        reply: ReplyTo,
        user: ProviderUserId,
        board: BoardId,
        decision: boards::Pending,
        elements: Vec<Element>,
    },
    Cleared {
        reply: ReplyTo,
        user: ProviderUserId,
        board: BoardId,
    },
    Admitted {
        reply: ReplyTo,
        user: ProviderUserId,
        at: Timestamp,
    },
    AdmissionEnded {
        reply: ReplyTo,
        user: ProviderUserId,
    },
    Admissions(Option<admissions::Doubt>),
    Removed {
        /// If somebody asked for it.
        reply: Option<ReplyTo>,
        user: ProviderUserId,
    },
    Muted {
        reply: ReplyTo,
        by: ProviderUserId,
        user: ProviderUserId,
        source: TrackKind,
    },
    FileDeleted {
        reply: ReplyTo,
        file: FileId,
    },
    Linked(ReplyTo),
}

/// What a command comes to: an answer, or that it is answered later.
type Outcome = Result<Option<Answer>, Refusal>;

/// The channel of one room.
pub struct Channel {
    room: RoomRef,
    waiting_room: bool,
    people: People,
    connections: BTreeMap<ConnectionId, ProviderUserId>,
    hosts_told: bool,
    presented: Option<Presented>,
    told: chat::Told,
    /// How many messages there are, as far as is known.
    messages: u64,
    files: BTreeMap<FileId, File>,
    /// Those with something on them.
    boards: BTreeSet<BoardId>,
    /// Those that are in memory, the one used last at the end.
    loaded: Vec<(BoardId, Board)>,
    snapshots: sharing::Snapshots,
    admissions: admissions::Looks,
    /// Whose stage has changed, or is to be told, and what it was.
    moved: Vec<(ProviderUserId, Stage)>,
    asks: VecDeque<(Ask, Then)>,
    out: Vec<Output>,
}

impl Channel {
    /// The channel of a room in which nobody is connected.
    pub fn new(setting: Setting, now: Timestamp) -> Self {
        let Setting { room, waiting_room, members, admissions, admission_max, files, boards, present, seed } = setting;
        let mut people: People =
            members.into_iter().map(|facts| (facts.user.clone(), Person::new(facts, now))).collect();
        for (user, at) in admissions {
            if let Some(person) = people.get_mut(&user) {
                person.admitted = Some(at);
            }
        }
        for user in present {
            if let Some(person) = people.get_mut(&user) {
                person.in_media = true;
            }
        }
        let mut channel = Self {
            room,
            waiting_room,
            people,
            connections: BTreeMap::new(),
            hosts_told: false,
            presented: None,
            told: chat::Told::default(),
            messages: 0,
            files: files.into_iter().filter(|file| file.completed.is_some()).map(|it| (it.id.clone(), it)).collect(),
            boards: boards.into_iter().collect(),
            loaded: Vec::new(),
            snapshots: sharing::Snapshots::new(seed),
            admissions: admissions::Looks::new(admission_max, now),
            moved: Vec::new(),
            asks: VecDeque::new(),
            out: Vec::new(),
        };
        channel.settle(now);
        channel
    }

    /// Takes in what happened. There must be no [`Self::ask`] left.
    pub fn handle(&mut self, input: Input, now: Timestamp) -> Vec<Output> {
        match input {
            Input::Connected { connection, user, re } => self.connected(connection, user, re),
            Input::Disconnected(connection) => self.disconnected(connection, now),
            Input::LinkEnded(connection) => self.link_ended(connection, now),
            Input::Said(connection, request) => self.said(connection, request, now),
            Input::Joined(user) => self.set_in_media(&user, true),
            Input::Left(user) => self.set_in_media(&user, false),
            Input::SessionEnded => self.session_ended(),
            Input::Members(members) => self.set_members(members, now),
            Input::FileCompleted(file) => self.file_completed(*file),
            Input::FileDeleted(file) => self.file_gone(&file),
            Input::Tick => {}
        }
        self.settle(now);
        std::mem::take(&mut self.out)
    }

    /// What is to be done before the next input, if anything.
    pub fn ask(&self) -> Option<&Ask> {
        self.asks.front().map(|(ask, _)| ask)
    }

    /// Takes in what became of [`Self::ask`].
    pub fn answered(&mut self, answered: Answered, now: Timestamp) -> Vec<Output> {
        let Some((_, then)) = self.asks.pop_front() else { return Vec::new() };
        self.follow(then, answered, now);
        self.settle(now);
        std::mem::take(&mut self.out)
    }

    /// When something is to be forgotten or kept though nothing happens: [`Input::Tick`] is due then.
    pub fn deadline(&self) -> Option<Timestamp> {
        let of_people = self
            .people
            .values()
            .flat_map(|person| [person.hand_ends(), person.knock_ends(), person.minute_ends(), person.remove_again]);
        of_people.flatten().chain(self.admissions_due()).min()
    }

    /// Whether nothing would be lost if it were made anew later.
    pub fn is_idle(&self) -> bool {
        self.connections.is_empty()
            && self.asks.is_empty()
            && self.deadline().is_none()
            && !self.people.values().any(|person| person.in_media)
    }

    /// Where its people are, as admins see them.
    pub fn whereabouts(&self) -> BTreeMap<ProviderUserId, Whereabouts> {
        self.people.iter().map(|(user, person)| (user.clone(), whereabouts::of(person))).collect()
    }

    /// How many people wait to be let in, with their page open.
    pub fn waiting(&self) -> usize {
        self.people.values().filter(|person| person.stage == Stage::Waiting && person.connection.is_some()).count()
    }

    fn connected(&mut self, connection: ConnectionId, user: ProviderUserId, re: u64) {
        let Some(person) = self.people.get_mut(&user) else {
            self.out.push(Output::Close(connection, Closing::Gone));
            return;
        };
        if let Some(before) = person.connection.replace(connection) {
            self.connections.remove(&before);
            self.out.push(Output::Close(before, Closing::Replaced));
        }
        (person.welcomed, person.was_welcomed, person.gone_since) = (false, false, None);
        self.connections.insert(connection, user);
        self.reply(ReplyTo { connection, re, kind: Kind::Hello }, Ok(Answer::Done {}));
    }

    fn disconnected(&mut self, connection: ConnectionId, now: Timestamp) {
        let Some(user) = self.connections.remove(&connection) else { return };
        self.snapshots.forget_asker(&user);
        if let Some(person) = self.people.get_mut(&user) {
            (person.connection, person.welcomed, person.gone_since) = (None, false, Some(now));
            if let Some(minute) = person.minute.take() {
                self.asks.push_back((Ask::AddQuality { user, minute }, Then::Nothing));
            }
        }
    }

    /// Who cannot come back waits for nothing.
    fn link_ended(&mut self, connection: ConnectionId, now: Timestamp) {
        if let Some(person) = self.connections.get(&connection).and_then(|user| self.people.get_mut(user)) {
            person.knocked = false;
        }
        self.disconnected(connection, now);
    }

    fn said(&mut self, connection: ConnectionId, request: Request, now: Timestamp) {
        // What a connection said that was closed meanwhile is answered by nobody.
        let Some(user) = self.connections.get(&connection).cloned() else { return };
        let Some(person) = self.people.get_mut(&user) else { return };
        let reply = ReplyTo { connection, re: request.id, kind: request.kind };
        match person.turns.take(request.kind, request.bytes, now) {
            Turn::Taken => {}
            Turn::TooFast => return self.reply(reply, Err(Refusal::new(Code::TooMany, "too fast: wait a moment"))),
            Turn::FarTooFast => {
                self.out.push(Output::Close(connection, Closing::TooFast));
                return self.disconnected(connection, now);
            }
        }
        match request.command {
            Ok(command) => self.carry_out(reply, &user, command, now),
            Err(refusal) => self.reply(reply, Err(refusal)),
        }
    }

    fn carry_out(&mut self, reply: ReplyTo, user: &ProviderUserId, command: Command, now: Timestamp) {
        let outcome = match command {
            Command::Hello { .. } => Err(Refusal::invalid("do", "hello was said already")),
            Command::Check(check) => {
                self.check(user, check, now);
                Ok(Some(Answer::Done {}))
            }
            Command::Knock => self.knock(user, true),
            Command::Unknock => self.knock(user, false),
            Command::Hand { raised } => self.hand(user, raised, now),
            Command::Quality(report) => self.quality(user, &report, now),
            Command::Rate { stars, comment } => {
                let ask = Ask::Rate { user: user.clone(), stars, comment, at: now };
                self.asks.push_back((ask, Then::Answer(reply)));
                Ok(None)
            }
            Command::Admit { user: whom } => self.admit(reply, user, &whom, now),
            Command::TurnAway { user: whom, message } => self.turn_away(user, &whom, message),
            Command::Remove { user: whom } => self.remove(reply, user, &whom),
            Command::Mute { user: whom, source } => self.mute(reply, user, &whom, source),
            Command::ChatSend { text, to, key } => self.chat_send(reply, user, (text, to, key), now),
            Command::ChatTyping { to } => self.chat_typing(user, to.as_ref()),
            Command::ChatOlder { before } => self.chat_older(reply, user, before),
            Command::Point { user: whom, source, at } => self.point(user, &whom, source, at),
            Command::Present { source } => self.present(user, source),
            Command::Board { board, act } => self.on_board(reply, user, board, act),
            Command::SnapshotRequest { user: whom } => self.snapshot_request(user, &whom, now),
            Command::SnapshotFailed { request, reason } => self.snapshot_failed(user, &request, reason, now),
            Command::FileLink { file } => self.file_link(reply, user, file),
            Command::FileDelete { file } => self.file_delete(reply, user, file),
            Command::Caption { text, is_final, language } => self.caption(user, text, is_final, language),
        };
        if let Some(result) = outcome.transpose() {
            self.reply(reply, result);
        }
    }

    fn follow(&mut self, then: Then, answered: Answered, now: Timestamp) {
        match (then, answered) {
            (Then::Nothing, _) => {}
            (Then::Welcome(user), Answered::Messages(messages)) => self.welcome(&user, &messages, now),
            (Then::Welcome(user), _) => self.cannot_welcome(&user, now),
            (Then::Answer(reply), Answered::Done) => self.reply(reply, Ok(Answer::Done {})),
            (Then::Sent { reply, sent }, Answered::Message(message)) => self.chat_sent(reply, &sent, &message),
            (Then::Sent { reply, sent }, _) => self.chat_unsent(reply, sent),
            (Then::Older(reply, user), Answered::Messages(messages)) => self.chat_found(reply, &user, &messages),
            (Then::Loaded { reply, user, board, act }, Answered::Elements(elements)) => {
                self.loaded(board.clone(), elements);
                self.carry_out(reply, &user, Command::Board { board, act }, now);
            }
            (Then::Drawn { reply, user, board, decision, elements }, Answered::Done) => {
                self.board_drawn(reply, &user, board, decision, elements);
            }
            (Then::Cleared { reply, user, board }, Answered::Done) => self.board_cleared(reply, &user, &board),
            (Then::Admitted { reply, user, at }, Answered::Done) => self.admitted(reply, &user, at),
            (Then::Admitted { reply, user, .. }, _) => self.doubt_admission(reply, user, true, now),
            (Then::AdmissionEnded { reply, user }, Answered::Done) => self.admission_ended(reply, user),
            (Then::AdmissionEnded { reply, user }, _) => self.doubt_admission(reply, user, false, now),
            (Then::Admissions(doubt), Answered::Admissions(kept)) => self.admissions_read(doubt, kept),
            (Then::Admissions(doubt), _) => self.admissions_unread(doubt.as_ref(), now),
            (Then::Removed { reply, .. }, Answered::Done) => {
                if let Some(reply) = reply {
                    self.reply(reply, Ok(Answer::Done {}));
                }
            }
            (Then::Removed { reply, user }, _) => self.not_removed(reply, &user, now),
            (Then::Muted { reply, by, user, source }, Answered::Done) => self.muted(reply, &by, &user, source),
            (Then::FileDeleted { reply, file }, Answered::Done) => {
                self.file_gone(&file);
                self.reply(reply, Ok(Answer::Done {}));
            }
            (Then::Linked(reply), Answered::Link { url, expires }) => {
                let expires_at = crate::wire::Moment(expires);
                self.reply(reply, Ok(Answer::Link { url, expires_at }));
            }
            // It could not be done. An answer of another kind is a defect of whoever drives us, and answered alike.
            (
                Then::Answer(reply)
                | Then::Older(reply, _)
                | Then::Loaded { reply, .. }
                | Then::Drawn { reply, .. }
                | Then::Cleared { reply, .. }
                | Then::Muted { reply, .. }
                | Then::FileDeleted { reply, .. }
                | Then::Linked(reply),
                _,
            ) => self.reply(reply, Err(Refusal::unavailable())),
        }
    }

    fn reply(&mut self, to: ReplyTo, result: Result<Answer, Refusal>) {
        let reply = Reply { re: to.re, result };
        self.out.push(Output::Reply { to: to.connection, kind: to.kind, reply });
    }

    fn set_in_media(&mut self, user: &ProviderUserId, in_media: bool) {
        let waiting_room = self.has_waiting_room();
        let Some(person) = self.people.get_mut(user) else { return };
        person.in_media = in_media;
        if !in_media {
            (person.quality, person.remove_again) = (crate::wire::Quality::Unknown, None);
        }
        // Somebody who came through the door in the very moment in which their admission ended.
        if waiting_room && person.is_in_unasked() {
            self.asks.push_back((Ask::Remove(user.clone()), Then::Removed { reply: None, user: user.clone() }));
        }
    }

    /// Everybody who has to wait is out again; nothing that was only of this session stays.
    fn session_ended(&mut self) {
        for person in self.people.values_mut() {
            (person.admitted, person.hand) = (None, None);
            // Who is not here any more waits for nothing.
            person.knocked &= person.connection.is_some();
        }
        // None of before holds any more, whatever is kept: it is not asked again before the end of the session is written down.
        self.admissions.settle();
        self.asks.push_back((Ask::EndAdmissions, Then::Nothing));
    }

    fn set_members(&mut self, members: Vec<Facts>, now: Timestamp) {
        let mut before = std::mem::take(&mut self.people);
        for facts in members {
            let person = match before.remove(&facts.user) {
                Some(person) => Person { facts: facts.clone(), ..person },
                None => Person::new(facts.clone(), now),
            };
            self.people.insert(facts.user, person);
        }
        self.update_stages(now);
        for (user, person) in before {
            if let Some(connection) = person.connection {
                self.connections.remove(&connection);
                self.out.push(Output::Close(connection, Closing::Gone));
            }
            if self.presented.as_ref().is_some_and(|presented| presented.user_id == user.as_str()) {
                self.end_presented();
            }
            if let Some(told) = person.told {
                self.tell_gone(&user, &told);
            }
        }
    }

    fn person(&self, user: &ProviderUserId) -> Result<&Person, Refusal> {
        self.people.get(user).ok_or_else(|| Refusal::new(Code::Unknown, "there is no such person in the room"))
    }

    fn note(&mut self, user: &ProviderUserId, note: Note) {
        if let Some(person) = self.people.get_mut(user) {
            person.note = Some(note);
        }
    }
}
