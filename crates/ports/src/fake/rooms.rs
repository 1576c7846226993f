//! A [`RoomStore`] in memory.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use domain::{ProviderUserId, RoomKey, RoomRef};
use jiff::Timestamp;

use super::{company::CompanyRecord, content::RoomContent, deliveries::DeliveryRecord, files::FileRecord};
use crate::{
    content::FileId,
    deliveries::{Happening, Notice},
    rooms::{
        Closure, ClosureReason, CompanyId, ConnectionEvent, Link, LinkHash, Room, RoomCreation, RoomState, RoomStore,
        Session, SessionId, SessionSave, User,
    },
    teleconsultations::StoreError,
};

/// Keeps rooms for the length of a test. Can be told to fail.
#[derive(Debug, Default)]
pub struct FakeRooms {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) users: BTreeMap<(CompanyId, ProviderUserId), User>,
    /// What each key was used for; `None`: it was deleted before it had a room.
    keys: BTreeMap<(CompanyId, RoomKey), Option<RoomRef>>,
    /// Every room that was made; `None`: it was deleted.
    pub(super) rooms: BTreeMap<RoomRef, Option<Room>>,
    pub(super) links: BTreeMap<LinkHash, (RoomRef, ProviderUserId)>,
    pub(super) sessions: BTreeMap<SessionId, Session>,
    pub(super) events: BTreeMap<(SessionId, u32), ConnectionEvent>,
    pub(super) companies: BTreeMap<CompanyId, CompanyRecord>,
    pub(super) deliveries: BTreeMap<u64, DeliveryRecord>,
    /// What people left in rooms, but for files.
    pub(super) content: BTreeMap<RoomRef, RoomContent>,
    pub(super) files: BTreeMap<FileId, FileRecord>,
    out_of_reach: bool,
}

impl FakeRooms {
    /// Starts with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes every call fail with [`StoreError::Unavailable`] from this moment on, or work again.
    pub fn set_out_of_reach(&self, out_of_reach: bool) {
        self.lock().out_of_reach = out_of_reach;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn reach(&self, doing: &'static str) -> Result<MutexGuard<'_, State>, StoreError> {
        let state = self.lock();
        if state.out_of_reach {
            return Err(StoreError::Unavailable { doing, source: "the fake was told to fail".into() });
        }
        Ok(state)
    }
}

impl State {
    pub(super) fn with_session(&self, id: &RoomRef) -> Option<RoomState> {
        let room = self.rooms.get(id)?.clone()?;
        let session = self.sessions.values().find(|session| session.room == *id && session.ended.is_none()).cloned();
        Some(RoomState { room, session })
    }

    /// Whose room it is, or was.
    pub(super) fn owner(&self, id: &RoomRef) -> Option<&CompanyId> {
        self.keys.iter().find(|(_, room)| room.as_ref() == Some(id)).map(|((company, _), _)| company)
    }

    fn delete(&mut self, id: &RoomRef) {
        if let Some(room) = self.rooms.insert(id.clone(), None).flatten() {
            let company = room.company.clone();
            let what = Happening::RoomDeleted(Box::new(room));
            self.announce(&company, &Notice { room: id.clone(), at: None, what });
        }
        self.links.retain(|_, (room, _)| room != id);
        self.content.remove(id);
        self.files.values_mut().filter(|record| record.file.room == *id).for_each(FileRecord::delete);
    }
}

fn to_the_millisecond(duration: Duration) -> Duration {
    Duration::from_nanos(u64::try_from(duration.as_nanos() / 1_000_000 * 1_000_000).unwrap_or(u64::MAX))
}

#[async_trait]
impl RoomStore for FakeRooms {
    async fn ensure_users(&self, users: &[User]) -> Result<(), StoreError> {
        let mut state = self.reach("making users exist")?;
        for user in users {
            let key = (user.company.clone(), user.id.clone());
            match state.users.get_mut(&key) {
                Some(known) => {
                    known.role = known.role.max(user.role);
                    if user.language.is_some() {
                        known.language.clone_from(&user.language);
                    }
                }
                None => {
                    state.users.insert(key, user.clone());
                }
            }
        }
        Ok(())
    }

    async fn users(&self, company: &CompanyId, ids: &[ProviderUserId]) -> Result<Vec<User>, StoreError> {
        let state = self.reach("reading users")?;
        let of_company = state.users.values().filter(|user| user.company == *company);
        Ok(of_company.filter(|user| ids.contains(&user.id)).cloned().collect())
    }

    async fn set_user_active(
        &self,
        company: &CompanyId,
        id: &ProviderUserId,
        active: bool,
    ) -> Result<bool, StoreError> {
        let mut state = self.reach("changing a user")?;
        let user = state.users.get_mut(&(company.clone(), id.clone()));
        Ok(user.map(|user| user.active = active).is_some())
    }

    async fn create_room(&self, room: &Room) -> Result<RoomCreation, StoreError> {
        let mut state = self.reach("making a room")?;
        let key = (room.company.clone(), room.key.clone());
        if let Some(used_for) = state.keys.get(&key) {
            let exists = used_for.as_ref().and_then(|id| state.rooms.get(id).cloned().flatten());
            return Ok(exists.map_or(RoomCreation::KeyUsedUp, |room| RoomCreation::Exists(Box::new(room))));
        }
        let links: Vec<_> = room.members.iter().filter_map(|member| Some((member.link?.hash, &member.user))).collect();
        if state.rooms.contains_key(&room.id) || links.iter().any(|(hash, _)| state.links.contains_key(hash)) {
            return Err(StoreError::Conflict);
        }
        for (hash, user) in links {
            state.links.insert(hash, (room.id.clone(), user.clone()));
        }
        state.keys.insert(key, Some(room.id.clone()));
        state.rooms.insert(room.id.clone(), Some(room.clone()));
        let what = Happening::RoomCreated(Box::new(room.clone()));
        state.announce(&room.company, &Notice { room: room.id.clone(), at: Some(room.created), what });
        Ok(RoomCreation::Created)
    }

    async fn room(&self, id: &RoomRef) -> Result<Option<RoomState>, StoreError> {
        Ok(self.reach("reading a room")?.with_session(id))
    }

    async fn room_by_key(&self, company: &CompanyId, key: &RoomKey) -> Result<Option<RoomState>, StoreError> {
        let state = self.reach("reading a room")?;
        let id = state.keys.get(&(company.clone(), key.clone())).and_then(Option::as_ref);
        Ok(id.and_then(|id| state.with_session(id)))
    }

    async fn room_by_link(&self, hash: &LinkHash) -> Result<Option<(RoomState, ProviderUserId)>, StoreError> {
        let state = self.reach("reading the room of a link")?;
        let Some((id, user)) = state.links.get(hash) else { return Ok(None) };
        Ok(state.with_session(id).map(|room| (room, user.clone())))
    }

    async fn replace_link(
        &self,
        room: &RoomRef,
        user: &ProviderUserId,
        read: Option<&Link>,
        new: Option<&Link>,
    ) -> Result<(), StoreError> {
        let mut state = self.reach("replacing a link")?;
        if new.is_some_and(|new| state.links.contains_key(&new.hash)) {
            return Err(StoreError::Conflict);
        }
        let members = state.rooms.get_mut(room).and_then(Option::as_mut).map(|room| &mut room.members);
        let member = members.and_then(|members| members.iter_mut().find(|member| member.user == *user));
        let member = member.filter(|member| member.link.as_ref() == read).ok_or(StoreError::Conflict)?;
        (member.link, member.links_replaced) = (new.copied(), member.links_replaced.saturating_add(1));
        if let Some(read) = read {
            state.links.remove(&read.hash);
        }
        if let Some(new) = new {
            state.links.insert(new.hash, (room.clone(), user.clone()));
        }
        Ok(())
    }

    async fn delete_room(
        &self,
        company: &CompanyId,
        key: &RoomKey,
        room: Option<&RoomRef>,
    ) -> Result<Vec<RoomRef>, StoreError> {
        let mut state = self.reach("deleting a room")?;
        let mut deleted = Vec::new();
        let of_key = state.keys.entry((company.clone(), key.clone())).or_insert(None).clone();
        deleted.extend(of_key);
        if let Some(room) = room.filter(|room| !deleted.contains(room)) {
            let of_company = state.keys.iter().any(|((owner, _), id)| owner == company && id.as_ref() == Some(room));
            if of_company {
                deleted.push(room.clone());
            }
        }
        for id in &deleted {
            state.delete(id);
        }
        Ok(deleted)
    }

    async fn disable_room(&self, id: &RoomRef, at: Timestamp) -> Result<bool, StoreError> {
        let mut state = self.reach("disabling a room")?;
        let Some(room) = state.rooms.get_mut(id).and_then(Option::as_mut) else { return Ok(false) };
        let before = room.clone();
        room.closure.get_or_insert(Closure { reason: ClosureReason::Disabled, at });
        for member in &mut room.members {
            member.link = None;
        }
        state.links.retain(|_, (room, _)| room != id);
        if before.closure.is_none() {
            let company = before.company.clone();
            let what = Happening::RoomDisabled(Box::new(before));
            state.announce(&company, &Notice { room: id.clone(), at: Some(at), what });
        }
        Ok(true)
    }

    async fn save_sessions(&self, saves: &[SessionSave]) -> Result<Vec<RoomRef>, StoreError> {
        let mut state = self.reach("saving sessions")?;
        let mut closed = Vec::new();
        for save in saves {
            let id = &save.session.room;
            let used = to_the_millisecond(save.session.used);
            state.sessions.insert(save.session.id.clone(), Session { used, ..save.session.clone() });
            for event in &save.events {
                state.events.entry((event.session.clone(), event.number)).or_insert_with(|| event.clone());
            }
            let room = state.rooms.get_mut(id).and_then(Option::as_mut);
            let is_closed = room.is_none_or(|room| {
                room.used = room.used.max(to_the_millisecond(save.room_used));
                if let Some(at) = save.time_up {
                    room.closure.get_or_insert(Closure { reason: ClosureReason::TimeUp, at });
                }
                room.closure.is_some()
            });
            if is_closed && !closed.contains(id) {
                closed.push(id.clone());
            }
            if let Some(company) = state.owner(id).cloned() {
                save.notices.iter().for_each(|notice| state.announce(&company, notice));
            }
        }
        Ok(closed)
    }

    async fn open_sessions(&self, after: Option<&SessionId>, limit: u32) -> Result<Vec<Session>, StoreError> {
        let state = self.reach("reading open sessions")?;
        let open = state.sessions.values().filter(|session| session.ended.is_none());
        let following = open.filter(|session| after.is_none_or(|after| session.id > *after));
        Ok(following.take(limit as usize).cloned().collect())
    }

    async fn sessions(&self, room: &RoomRef, limit: u32) -> Result<Vec<Session>, StoreError> {
        let state = self.reach("reading sessions")?;
        let mut sessions: Vec<_> = state.sessions.values().filter(|session| session.room == *room).cloned().collect();
        sessions.sort_by(|one, other| (other.opened, &other.id).cmp(&(one.opened, &one.id)));
        sessions.truncate(limit as usize);
        Ok(sessions)
    }

    async fn connection_events(
        &self,
        session: &SessionId,
        from: u32,
        limit: u32,
    ) -> Result<Vec<ConnectionEvent>, StoreError> {
        let state = self.reach("reading connection events")?;
        let events = state.events.range((session.clone(), from)..=(session.clone(), u32::MAX));
        Ok(events.take(limit as usize).map(|(_, event)| event.clone()).collect())
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.reach("checking the store").map(drop)
    }
}
