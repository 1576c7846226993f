//! What the service's own REST API orders beyond what the provider's port has: rooms with all their properties, and people who come
//! into a room or leave it (`kaleyra-video-api.md` §6.2, §6.5).

use std::time::Duration;

use domain::{AccessLink, PARTICIPANTS_MAX, PARTICIPANTS_MIN, ProviderUserId, Role, RoomKey, RoomRef, Tools};
use ports::{
    provider::{CallType, ProviderError, Recording, RoomParticipant, RoomSpec, VideoProvider},
    register::{Part, RoomRegister},
    rooms::{CompanyId, Member, Room, RoomCreation, RoomState},
    teleconsultations::StoreError,
};

use super::{ATTEMPTS_MAX, VideoService, store_failed};
use crate::{
    link::{self, LinkToken},
    rules::{self, RoomRefused},
};

/// How many of a person's newest rooms they are sent away from when they may not use the service any more. Nobody is in more at once.
const ROOMS_LEFT_MAX: u32 = 100;

/// A room to be made.
#[derive(Debug, Clone)]
pub struct RoomOrder {
    /// Its people: 2 to 25, at least one of them plus.
    pub participants: Vec<RoomParticipant>,
    /// How long it can be used, in whole seconds, 60 s to 24 h; `None`: without end.
    pub duration: Option<Duration>,
    /// Whether a session ends when fewer than two remain.
    pub live: bool,
    /// Whether it is recorded.
    pub recording: Recording,
    /// What media a call starts with.
    pub call_type: CallType,
    /// Free text.
    pub description: Option<String>,
}

/// What to change about a participant; `None` keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ParticipantChange {
    /// Whether they may act on others.
    pub admin: Option<bool>,
    /// What they may use.
    pub tools: Option<Tools>,
}

/// Why an order is not carried out.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// There cannot be such a room.
    #[error(transparent)]
    Refused(#[from] RoomRefused),
    /// There is no such room.
    #[error("there is no such room")]
    NoRoom,
    /// There is no such person in the room.
    #[error("there is no such participant")]
    NoParticipant,
    /// The room was disabled or its duration is used up.
    #[error("the room is closed")]
    Closed,
    /// The store or the engine cannot do it: try again.
    #[error(transparent)]
    Failed(#[from] ProviderError),
}

impl From<StoreError> for OrderError {
    fn from(error: StoreError) -> Self {
        Self::Failed(store_failed(error, "changing a room"))
    }
}

impl VideoService {
    /// Whose users and rooms these are.
    pub fn company(&self) -> &CompanyId {
        &self.config.company
    }

    /// Makes a room of its own: asked twice, it makes two.
    pub async fn order_room(&self, order: RoomOrder) -> Result<Room, OrderError> {
        let RoomOrder { participants, duration, live, recording, call_type, description } = order;
        for _ in 0..ATTEMPTS_MAX {
            let key = RoomKey::new(self.chance.bytes());
            let spec = RoomSpec { key, participants: participants.clone(), duration, live, recording };
            rules::check_shape(&spec)?;
            let ids: Vec<_> = participants.iter().map(|participant| participant.user.clone()).collect();
            rules::check(&spec, &self.store.users(&self.config.company, &ids).await?)?;
            let room = Room { call_type, description: description.clone(), ..self.new_room(&spec) };
            match self.store.create_room(&room).await {
                Ok(RoomCreation::Created) => return Ok(room),
                // The chance of it is none; new chance mends it.
                Ok(RoomCreation::Exists(_) | RoomCreation::KeyUsedUp) | Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(OrderError::Failed(ProviderError::Busy { retry_after: None }))
    }

    /// The room with the session under way in it; `None` if there is no such room of ours.
    pub async fn known_room(&self, room: &RoomRef) -> Result<Option<RoomState>, StoreError> {
        let state = self.store.room(room).await?;
        Ok(state.filter(|state| state.room.company == self.config.company))
    }

    /// Deletes a room, its links, and ends its session. Returns whether there was such a room.
    pub async fn delete_known_room(&self, room: &RoomRef) -> Result<bool, ProviderError> {
        let state = self.known_room(room).await.map_err(|error| store_failed(error, "reading a room"))?;
        let Some(state) = state else { return Ok(false) };
        self.delete_room(&state.room.key, Some(room)).await?;
        Ok(true)
    }

    /// A member's personal link; `None` if it was taken back.
    pub fn link(&self, room: &RoomRef, member: &Member) -> Option<AccessLink> {
        Some(self.url(room, &member.user, &member.link?))
    }

    /// Whose link a token opens, and which room; `None` if it opens nothing.
    pub async fn owner_of(&self, token: &str) -> Result<Option<(RoomState, ProviderUserId)>, StoreError> {
        let Some(token) = LinkToken::parse(token) else { return Ok(None) };
        let Some((state, owner)) = self.store.room_by_link(&token.hash()).await? else { return Ok(None) };
        let link = state.room.member(&owner).and_then(|member| member.link);
        let opens = link.is_some_and(|link| token.opens(&self.config.link_secret, &state.room.id, &owner, &link.nonce));
        let ours = opens && state.room.company == self.config.company && rules::is_open(&state.room);
        Ok(ours.then_some((state, owner)))
    }

    /// Adds somebody to a room.
    pub async fn add_member(
        &self,
        register: &dyn RoomRegister,
        room: &RoomRef,
        participant: &RoomParticipant,
    ) -> Result<Room, OrderError> {
        let ids = std::slice::from_ref(&participant.user);
        let users = self.store.users(&self.config.company, ids).await?;
        let user = users.first().ok_or(RoomRefused::UnknownUser)?;
        if !user.active {
            return Err(RoomRefused::InactiveUser.into());
        }
        let add = |room: &Room| {
            if !rules::is_open(room) {
                return Err(OrderError::Closed);
            }
            if room.member(&participant.user).is_some() {
                return Err(RoomRefused::Twice.into());
            }
            if room.members.len() >= usize::from(PARTICIPANTS_MAX) {
                return Err(RoomRefused::TooMany.into());
            }
            let mut members = room.members.clone();
            members.push(self.new_member(&room.id, participant));
            Ok(members)
        };
        self.change_members(register, room, add).await
    }

    /// Changes what somebody may do in a room: from the next time they enter.
    pub async fn change_member(
        &self,
        register: &dyn RoomRegister,
        room: &RoomRef,
        user: &ProviderUserId,
        change: ParticipantChange,
    ) -> Result<Room, OrderError> {
        let change = |room: &Room| {
            let mut members = room.members.clone();
            let member = members.iter_mut().find(|member| member.user == *user).ok_or(OrderError::NoParticipant)?;
            member.admin = change.admin.unwrap_or(member.admin);
            member.tools = change.tools.unwrap_or(member.tools);
            Ok(members)
        };
        self.change_members(register, room, change).await
    }

    /// Takes somebody out of a room and disconnects them. Two have to remain, one of them plus.
    pub async fn remove_member(
        &self,
        register: &dyn RoomRegister,
        room: &RoomRef,
        user: &ProviderUserId,
    ) -> Result<Room, OrderError> {
        let state = self.known_room(room).await?.ok_or(OrderError::NoRoom)?;
        let others: Vec<_> =
            state.room.members.iter().map(|member| member.user.clone()).filter(|other| other != user).collect();
        let users = self.store.users(&self.config.company, &others).await?;
        let is_plus = |id: &ProviderUserId| users.iter().any(|user| user.id == *id && user.role == Role::Plus);
        let remove = |room: &Room| {
            let mut members = room.members.clone();
            members.retain(|member| member.user != *user);
            if members.len() == room.members.len() {
                return Err(OrderError::NoParticipant);
            }
            if members.len() < usize::from(PARTICIPANTS_MIN) {
                return Err(RoomRefused::TooFew.into());
            }
            if !members.iter().any(|member| is_plus(&member.user)) {
                return Err(RoomRefused::NoPlusUser.into());
            }
            Ok(members)
        };
        let changed = self.change_members(register, room, remove).await?;
        self.disconnect(room, user).await?;
        Ok(changed)
    }

    /// Disconnects somebody from every room that they are in.
    pub async fn send_away(&self, register: &dyn RoomRegister, user: &ProviderUserId) -> Result<(), ProviderError> {
        let part = Part { offset: 0, limit: ROOMS_LEFT_MAX };
        let rooms = register.list_rooms(&self.config.company, Some(user), part).await;
        for state in rooms.map_err(|error| store_failed(error, "listing rooms"))? {
            self.observer.changed(&state.room.id);
            self.disconnect(&state.room.id, user).await?;
        }
        Ok(())
    }

    async fn change_members(
        &self,
        register: &dyn RoomRegister,
        room: &RoomRef,
        decide: impl Fn(&Room) -> Result<Vec<Member>, OrderError>,
    ) -> Result<Room, OrderError> {
        for _ in 0..ATTEMPTS_MAX {
            let state = self.known_room(room).await?.ok_or(OrderError::NoRoom)?;
            let members = decide(&state.room)?;
            match register.replace_members(room, &state.room.members, &members).await {
                Ok(()) => {
                    self.observer.changed(room);
                    return Ok(Room { members, ..state.room });
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(OrderError::Failed(ProviderError::Busy { retry_after: None }))
    }

    fn new_member(&self, room: &RoomRef, participant: &RoomParticipant) -> Member {
        Member {
            user: participant.user.clone(),
            admin: participant.admin,
            tools: participant.tools,
            display_name: participant.display_name.clone(),
            language: participant.language.clone(),
            link: Some(link::issue(&self.config.link_secret, self.chance.as_ref(), room, &participant.user)),
            // Not 0: somebody who was taken out and comes back must not be let in by what was given for their former link. Half of the
            // numbers are left for links to come.
            links_replaced: u32::from_be_bytes(self.chance.bytes()) / 2 + 1,
        }
    }
}
