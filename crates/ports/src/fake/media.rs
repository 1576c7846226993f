//! A media engine in memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use async_trait::async_trait;

use super::locked;
use crate::media::{Grant, Identity, MediaEngine, MediaError, MediaEvent, MediaRoom, RoomName, TrackSource};

#[derive(Debug, Default)]
struct State {
    rooms: BTreeMap<RoomName, (MediaRoom, BTreeSet<Identity>)>,
    grants: Vec<Grant>,
    events: Vec<MediaEvent>,
    mutes: Vec<(RoomName, Identity, TrackSource)>,
    unavailable: u32,
}

/// Carries calls without media: a test says who comes and goes.
#[derive(Debug, Default)]
pub struct FakeMediaEngine(Mutex<State>);

impl FakeMediaEngine {
    /// An engine without rooms.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the next `calls` calls fail without doing anything.
    pub fn fail_next(&self, calls: u32) {
        locked(&self.0).unavailable = calls;
    }

    /// Lets somebody enter an open room. Fails if the room is not open or full; coming twice is coming once.
    pub fn join(&self, room: &RoomName, identity: &Identity) -> Result<(), MediaError> {
        let mut state = locked(&self.0);
        let Some((open, people)) = state.rooms.get_mut(room) else { return Err(MediaError::NotFound) };
        let full = people.len() >= usize::try_from(open.participants_max).unwrap_or(usize::MAX);
        if full && !people.contains(identity) {
            return Err(MediaError::Unavailable { reason: "the room is full".to_owned() });
        }
        if people.insert(identity.clone()) {
            state.events.push(MediaEvent::Joined { room: room.clone(), identity: identity.clone() });
        }
        Ok(())
    }

    /// Lets somebody leave in order. Does nothing if they are not there.
    pub fn leave(&self, room: &RoomName, identity: &Identity) {
        locked(&self.0).leave(room, identity, false);
    }

    /// Lets somebody's connection break for good. Does nothing if they are not there.
    pub fn crash(&self, room: &RoomName, identity: &Identity) {
        locked(&self.0).leave(room, identity, true);
    }

    /// Takes what happened since this was last asked, in order.
    pub fn take_events(&self) -> Vec<MediaEvent> {
        std::mem::take(&mut locked(&self.0).events)
    }

    /// The open rooms.
    pub fn rooms(&self) -> Vec<MediaRoom> {
        locked(&self.0).rooms.values().map(|(room, _)| room.clone()).collect()
    }

    /// Every grant that a token was made for, in order.
    pub fn grants(&self) -> Vec<Grant> {
        locked(&self.0).grants.clone()
    }

    /// What was muted of people who were there, in order.
    pub fn mutes(&self) -> Vec<(RoomName, Identity, TrackSource)> {
        locked(&self.0).mutes.clone()
    }

    fn call<T>(&self, effect: impl FnOnce(&mut State) -> Result<T, MediaError>) -> Result<T, MediaError> {
        let mut state = locked(&self.0);
        if state.unavailable > 0 {
            state.unavailable -= 1;
            return Err(MediaError::Unavailable { reason: "the fake was told to fail".to_owned() });
        }
        effect(&mut state)
    }
}

impl State {
    fn leave(&mut self, room: &RoomName, identity: &Identity, crashed: bool) {
        let was_there = self.rooms.get_mut(room).is_some_and(|(_, people)| people.remove(identity));
        if was_there {
            self.events.push(MediaEvent::Left { room: room.clone(), identity: identity.clone(), crashed });
        }
    }
}

#[async_trait]
impl MediaEngine for FakeMediaEngine {
    async fn open_room(&self, room: &MediaRoom) -> Result<(), MediaError> {
        self.call(|state| {
            let entry = state.rooms.entry(room.name.clone());
            entry.or_insert_with(|| (room.clone(), BTreeSet::new())).0 = room.clone();
            Ok(())
        })
    }

    async fn close_room(&self, room: &RoomName) -> Result<(), MediaError> {
        self.call(|state| {
            for identity in state.rooms.get(room).map(|(_, people)| people.clone()).unwrap_or_default() {
                state.leave(room, &identity, false);
            }
            if state.rooms.remove(room).is_some() {
                state.events.push(MediaEvent::Closed { room: room.clone() });
            }
            Ok(())
        })
    }

    async fn remove_participant(&self, room: &RoomName, identity: &Identity) -> Result<(), MediaError> {
        self.call(|state| {
            state.leave(room, identity, false);
            Ok(())
        })
    }

    async fn mute(&self, room: &RoomName, identity: &Identity, source: TrackSource) -> Result<(), MediaError> {
        self.call(|state| {
            if state.rooms.get(room).is_some_and(|(_, people)| people.contains(identity)) {
                state.mutes.push((room.clone(), identity.clone(), source));
            }
            Ok(())
        })
    }

    async fn set_room_metadata(&self, room: &RoomName, metadata: &str) -> Result<(), MediaError> {
        self.call(|state| {
            let (room, _) = state.rooms.get_mut(room).ok_or(MediaError::NotFound)?;
            metadata.clone_into(&mut room.metadata);
            Ok(())
        })
    }

    async fn participants(&self, room: &RoomName) -> Result<Vec<Identity>, MediaError> {
        self.call(|state| {
            let (_, people) = state.rooms.get(room).ok_or(MediaError::NotFound)?;
            Ok(people.iter().cloned().collect())
        })
    }

    fn access_token(&self, grant: &Grant) -> Result<String, MediaError> {
        self.call(|state| {
            state.grants.push(grant.clone());
            Ok(format!("token-{}-{}-{}", state.grants.len(), grant.room.0, grant.identity.0))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room() -> MediaRoom {
        MediaRoom { name: RoomName("room_1".to_owned()), participants_max: 2, metadata: String::new() }
    }

    fn identity(name: &str) -> Identity {
        Identity(name.to_owned())
    }

    #[tokio::test]
    async fn closing_a_room_sends_everyone_away_and_says_so_in_order() {
        let (engine, name) = (FakeMediaEngine::new(), room().name);
        engine.open_room(&room()).await.unwrap();
        engine.join(&name, &identity("a")).unwrap();
        engine.join(&name, &identity("a")).unwrap();
        engine.close_room(&name).await.unwrap();
        engine.close_room(&name).await.unwrap();
        let left = MediaEvent::Left { room: name.clone(), identity: identity("a"), crashed: false };
        let joined = MediaEvent::Joined { room: name.clone(), identity: identity("a") };
        assert_eq!(engine.take_events(), [joined, left, MediaEvent::Closed { room: name.clone() }]);
        assert!(matches!(engine.participants(&name).await, Err(MediaError::NotFound)));
    }

    #[tokio::test]
    async fn opening_a_room_again_keeps_its_people() {
        let (engine, name) = (FakeMediaEngine::new(), room().name);
        engine.open_room(&room()).await.unwrap();
        engine.join(&name, &identity("a")).unwrap();
        engine.open_room(&MediaRoom { metadata: "later".to_owned(), ..room() }).await.unwrap();
        assert_eq!(engine.participants(&name).await.unwrap(), [identity("a")]);
        assert_eq!(engine.rooms()[0].metadata, "later");
        engine.join(&name, &identity("b")).unwrap();
        assert!(engine.join(&name, &identity("c")).is_err(), "the room is full");
    }
}
