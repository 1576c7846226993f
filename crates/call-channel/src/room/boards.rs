//! Whiteboards: who may do what on which, and what is told of it.

use domain::{ProviderUserId, WhiteboardTools};
use ports::content::{BoardId, Element, ElementId, FileId, FileKind};

use super::{Ask, Channel, Outcome, ReplyTo, Then};
use crate::{
    board::{self, Board, Drawer},
    limits::{BOARDS_IN_MEMORY_MAX, BOARDS_MAX},
    wire::{Answer, BoardAct, Code, Drawn, Event, Refusal, RefusedElement},
};

/// What is answered once what was drawn is kept.
pub struct Pending {
    kept: Vec<ElementId>,
    refused: Vec<RefusedElement>,
    differing: Vec<ElementId>,
}

/// The snapshot that a board is on; `None`: it is the room's own board.
fn snapshot_of(board: &BoardId) -> Option<FileId> {
    board.0.strip_prefix("snapshot:").map(|file| FileId(file.to_owned()))
}

impl Channel {
    /// Whether the room has this board, empty or not.
    pub(super) fn is_board(&self, board: &BoardId) -> bool {
        let is_snapshot = |file: &FileId| self.files.get(file).is_some_and(|file| file.kind == FileKind::Snapshot);
        snapshot_of(board).is_none_or(|file| is_snapshot(&file))
    }

    /// What somebody may do on a board.
    fn board_tools(&self, user: &ProviderUserId, board: &BoardId) -> Result<WhiteboardTools, Refusal> {
        let person = self.person(user)?;
        if !person.is_admitted() {
            return Err(Refusal::not_admitted());
        }
        let tools = person.facts.tools.whiteboard.ok_or_else(|| Refusal::no_tool("whiteboard"))?;
        if !self.is_board(board) {
            return Err(Refusal::new(Code::Unknown, "the room has no such board").at("board"));
        }
        Ok(tools)
    }

    /// Drawing on a snapshot needs what live editing needs.
    fn check_live_edit(&self, user: &ProviderUserId, board: &BoardId) -> Result<(), Refusal> {
        let tools = self.person(user)?.facts.tools;
        if snapshot_of(board).is_none() {
            return Ok(());
        }
        match (tools.snapshot, tools.live_edit) {
            (true, true) => Ok(()),
            (false, _) => Err(Refusal::no_tool("snapshot")),
            (true, false) => Err(Refusal::no_tool("live_edit")),
        }
    }

    pub(super) fn on_board(&mut self, reply: ReplyTo, user: &ProviderUserId, board: BoardId, act: BoardAct) -> Outcome {
        let tools = self.board_tools(user, &board)?;
        match act {
            BoardAct::Point(_) if !tools.cursor => Err(Refusal::no_tool("wb_cursor")),
            BoardAct::Point(at) => {
                let (x, y) = at.map(|at| (at.x, at.y)).unzip();
                self.tell_drawers(Event::BoardCursor { board: board.0, from: user.to_string(), x, y }, user);
                Ok(Some(Answer::Done {}))
            }
            BoardAct::Clear => {
                self.check_live_edit(user, &board)?;
                if !self.person(user)?.facts.admin {
                    return Err(Refusal::new(Code::NotAllowed, "only an admin may do this"));
                }
                if !tools.eraser {
                    return Err(Refusal::no_tool("wb_eraser"));
                }
                let then = Then::Cleared { reply, user: user.clone(), board: board.clone() };
                self.asks.push_back((Ask::ClearBoard(board), then));
                Ok(None)
            }
            BoardAct::Open | BoardAct::Draw(_) if !self.is_loaded(&board) => {
                let then = Then::Loaded { reply, user: user.clone(), board: board.clone(), act };
                self.asks.push_back((Ask::LoadBoard(board), then));
                Ok(None)
            }
            BoardAct::Open => Ok(Some(Answer::Elements { elements: self.in_memory(&board).bodies() })),
            BoardAct::Draw(elements) => {
                self.check_live_edit(user, &board)?;
                self.draw(reply, user, tools, board, elements)
            }
        }
    }

    fn draw(
        &mut self,
        reply: ReplyTo,
        user: &ProviderUserId,
        tools: WhiteboardTools,
        board: BoardId,
        drawn: Vec<Drawn>,
    ) -> Outcome {
        if !self.boards.contains(&board) && self.boards.len() >= BOARDS_MAX {
            return Err(Refusal::new(Code::TooMany, "the room has as many boards as it can have"));
        }
        let files = std::mem::take(&mut self.files);
        let has_file = |file: &FileId| files.contains_key(file);
        let decision = self.in_memory(&board).decide(drawn, &Drawer { user, tools, has_file: &has_file });
        self.files = files;
        let board::Decision { kept, refused, differing, save } = decision;
        let pending = Pending { kept, refused, differing };
        if save.is_empty() {
            self.board_drawn(reply, user, board, pending, save);
        } else {
            let user = user.clone();
            let then = Then::Drawn { reply, user, board: board.clone(), decision: pending, elements: save.clone() };
            self.asks.push_back((Ask::SaveElements { board, elements: save }, then));
        }
        Ok(None)
    }

    pub(super) fn board_drawn(
        &mut self,
        reply: ReplyTo,
        user: &ProviderUserId,
        board: BoardId,
        pending: Pending,
        elements: Vec<Element>,
    ) {
        let bodies: Vec<_> = elements.iter().filter_map(board::body).collect();
        let in_memory = self.in_memory(&board);
        in_memory.apply(elements);
        let Pending { kept, refused, differing } = pending;
        let elements = in_memory.bodies_of(&differing);
        let kept = kept.into_iter().map(|id| id.0).collect();
        self.reply(reply, Ok(Answer::Drawn { kept, refused, elements }));
        if !bodies.is_empty() {
            self.boards.insert(board.clone());
            let event = Event::BoardDrawn { board: board.0, from: user.to_string(), elements: bodies };
            self.tell_drawers(event, user);
        }
    }

    pub(super) fn board_cleared(&mut self, reply: ReplyTo, user: &ProviderUserId, board: &BoardId) {
        self.boards.remove(board);
        self.loaded.retain(|(loaded, _)| loaded != board);
        self.reply(reply, Ok(Answer::Done {}));
        self.tell_drawers(Event::BoardCleared { board: board.0.clone(), from: user.to_string() }, user);
    }

    fn tell_drawers(&mut self, event: Event, but: &ProviderUserId) {
        self.tell_admitted(event, |user, person| user != but && person.facts.tools.whiteboard.is_some());
    }

    fn is_loaded(&self, board: &BoardId) -> bool {
        self.loaded.iter().any(|(loaded, _)| loaded == board)
    }

    pub(super) fn loaded(&mut self, board: BoardId, elements: Vec<Element>) {
        self.loaded.retain(|(loaded, _)| *loaded != board);
        if self.loaded.len() >= BOARDS_IN_MEMORY_MAX {
            self.loaded.remove(0);
        }
        self.loaded.push((board, Board::new(elements)));
    }

    /// A board that is loaded, from now on the one used last.
    fn in_memory(&mut self, board: &BoardId) -> &mut Board {
        let place = self.loaded.iter().position(|(loaded, _)| loaded == board);
        let entry = place.map_or_else(|| (board.clone(), Board::default()), |place| self.loaded.remove(place));
        self.loaded.push(entry);
        let last = self.loaded.len() - 1;
        &mut self.loaded[last].1
    }
}
