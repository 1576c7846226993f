//! What people leave in rooms, in memory: messages, drawings, admissions, ratings. Files are in `files`.

use std::{collections::BTreeMap, fmt};

use async_trait::async_trait;
use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;

use super::rooms::{FakeRooms, State};
use crate::{
    content::{
        AdmissionStore, BoardId, BoardStore, Element, ElementId, Message, MessageStore, NewMessage, QualityMinute,
        Rating, RatingStore,
    },
    rooms::SessionId,
    teleconsultations::StoreError,
};

/// What people left in one room.
#[derive(Default)]
pub(super) struct RoomContent {
    admissions: BTreeMap<ProviderUserId, Timestamp>,
    boards: BTreeMap<BoardId, BTreeMap<ElementId, Element>>,
    messages: Vec<Message>,
    ratings: BTreeMap<(Option<SessionId>, ProviderUserId), Rating>,
    quality: BTreeMap<(Timestamp, ProviderUserId), QualityMinute>,
}

impl fmt::Debug for RoomContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoomContent(..)")
    }
}

impl State {
    /// Whether there is such a room.
    pub(super) fn has_room(&self, room: &RoomRef) -> bool {
        self.rooms.get(room).is_some_and(Option::is_some)
    }

    /// What is in a room, to add to it.
    fn content_of(&mut self, room: &RoomRef) -> Result<&mut RoomContent, StoreError> {
        if !self.has_room(room) {
            return Err(StoreError::Conflict);
        }
        Ok(self.content.entry(room.clone()).or_default())
    }
}

#[async_trait]
impl AdmissionStore for FakeRooms {
    async fn admit(&self, room: &RoomRef, user: &ProviderUserId, at: Timestamp) -> Result<(), StoreError> {
        self.reach("admitting")?.content_of(room)?.admissions.entry(user.clone()).or_insert(at);
        Ok(())
    }

    async fn end_admission(&self, room: &RoomRef, user: &ProviderUserId) -> Result<(), StoreError> {
        let mut state = self.reach("ending an admission")?;
        state.content.get_mut(room).and_then(|content| content.admissions.remove(user));
        Ok(())
    }

    async fn end_admissions(&self, room: &RoomRef) -> Result<(), StoreError> {
        let mut state = self.reach("ending admissions")?;
        if let Some(content) = state.content.get_mut(room) {
            content.admissions.clear();
        }
        Ok(())
    }

    async fn admissions(&self, room: &RoomRef) -> Result<Vec<(ProviderUserId, Timestamp)>, StoreError> {
        let state = self.reach("reading admissions")?;
        let content = state.content.get(room).into_iter();
        Ok(content.flat_map(|content| content.admissions.clone()).collect())
    }
}

#[async_trait]
impl BoardStore for FakeRooms {
    async fn save_elements(&self, room: &RoomRef, board: &BoardId, elements: &[Element]) -> Result<(), StoreError> {
        let mut state = self.reach("drawing")?;
        let boards = &mut state.content_of(room)?.boards;
        if elements.is_empty() {
            return Ok(());
        }
        let named = elements.iter().map(|element| (element.id.clone(), element.clone()));
        boards.entry(board.clone()).or_default().extend(named);
        Ok(())
    }

    async fn elements(&self, room: &RoomRef, board: &BoardId) -> Result<Vec<Element>, StoreError> {
        let state = self.reach("reading a board")?;
        let elements = state.content.get(room).and_then(|content| content.boards.get(board));
        Ok(elements.into_iter().flat_map(|elements| elements.values().cloned()).collect())
    }

    async fn boards(&self, room: &RoomRef) -> Result<Vec<BoardId>, StoreError> {
        let state = self.reach("listing boards")?;
        Ok(state.content.get(room).into_iter().flat_map(|content| content.boards.keys().cloned()).collect())
    }

    async fn clear_board(&self, room: &RoomRef, board: &BoardId) -> Result<(), StoreError> {
        let mut state = self.reach("clearing a board")?;
        state.content.get_mut(room).and_then(|content| content.boards.remove(board));
        Ok(())
    }
}

#[async_trait]
impl MessageStore for FakeRooms {
    async fn add_message(&self, room: &RoomRef, message: &NewMessage) -> Result<Message, StoreError> {
        let mut state = self.reach("adding a message")?;
        let messages = &mut state.content_of(room)?.messages;
        let is_same = |known: &&Message| known.sent.from == message.from && known.sent.key == message.key;
        if let Some(known) = messages.iter().filter(|_| message.key.is_some()).find(is_same) {
            return Ok(known.clone());
        }
        let number = messages.last().map_or(0, |last| last.number) + 1;
        messages.push(Message { number, sent: message.clone() });
        Ok(Message { number, sent: message.clone() })
    }

    async fn messages(
        &self,
        room: &RoomRef,
        waiting: Option<&ProviderUserId>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        let state = self.reach("reading messages")?;
        let all = state.content.get(room).into_iter().flat_map(|content| content.messages.iter().rev());
        let wanted = all.filter(|message| {
            message.sent.waiting.as_ref() == waiting && before.is_none_or(|before| message.number < before)
        });
        let mut newest: Vec<_> = wanted.take(limit as usize).cloned().collect();
        newest.reverse();
        Ok(newest)
    }
}

#[async_trait]
impl RatingStore for FakeRooms {
    async fn rate(&self, room: &RoomRef, rating: &Rating) -> Result<(), StoreError> {
        let mut state = self.reach("keeping a rating")?;
        state.content_of(room)?.ratings.insert((rating.session.clone(), rating.user.clone()), rating.clone());
        Ok(())
    }

    async fn ratings(&self, room: &RoomRef, limit: u32) -> Result<Vec<Rating>, StoreError> {
        let state = self.reach("reading ratings")?;
        let mut ratings: Vec<_> =
            state.content.get(room).into_iter().flat_map(|content| content.ratings.values().cloned()).collect();
        ratings.sort_by(|one, other| (other.at, &one.user).cmp(&(one.at, &other.user)));
        ratings.truncate(limit as usize);
        Ok(ratings)
    }

    async fn add_quality(
        &self,
        room: &RoomRef,
        user: &ProviderUserId,
        minutes: &[QualityMinute],
    ) -> Result<(), StoreError> {
        let mut state = self.reach("keeping measurements")?;
        let named = minutes.iter().map(|minute| ((minute.minute, user.clone()), *minute));
        state.content_of(room)?.quality.extend(named);
        Ok(())
    }

    async fn quality(
        &self,
        room: &RoomRef,
        from: Timestamp,
    ) -> Result<Vec<(ProviderUserId, QualityMinute)>, StoreError> {
        let state = self.reach("reading measurements")?;
        let all = state.content.get(room).into_iter().flat_map(|content| content.quality.iter());
        let wanted = all.filter(|((minute, _), _)| *minute >= from);
        Ok(wanted.map(|((_, user), minute)| (user.clone(), *minute)).collect())
    }
}
