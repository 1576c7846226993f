//! [`RoomRegister`] in memory.

use async_trait::async_trait;
use domain::{ProviderUserId, RoomRef};

use super::rooms::FakeRooms;
use crate::{
    register::{Part, RoomRegister, SessionFilter, UserChange},
    rooms::{CompanyId, ConnectionEvent, Member, RoomState, Session, SessionId, User},
    teleconsultations::StoreError,
};

#[async_trait]
impl RoomRegister for FakeRooms {
    async fn add_user(&self, user: &User) -> Result<bool, StoreError> {
        let mut state = self.reach("adding a user")?;
        let key = (user.company.clone(), user.id.clone());
        let is_new = !state.users.contains_key(&key);
        if is_new {
            state.users.insert(key, user.clone());
        }
        Ok(is_new)
    }

    async fn change_user(
        &self,
        company: &CompanyId,
        id: &ProviderUserId,
        change: &UserChange,
    ) -> Result<Option<User>, StoreError> {
        let mut state = self.reach("changing a user")?;
        let Some(user) = state.users.get_mut(&(company.clone(), id.clone())) else { return Ok(None) };
        user.role = change.role.unwrap_or(user.role);
        user.allow_camera = change.allow_camera.unwrap_or(user.allow_camera);
        user.active = change.active.unwrap_or(user.active);
        if change.language.is_some() {
            user.language.clone_from(&change.language);
        }
        Ok(Some(user.clone()))
    }

    async fn change_all_cameras(&self, company: &CompanyId, allow: bool) -> Result<u64, StoreError> {
        let mut state = self.reach("changing users")?;
        let of_company = state.users.values_mut().filter(|user| user.company == *company);
        Ok(of_company.map(|user| user.allow_camera = allow).fold(0, |count, ()| count + 1))
    }

    async fn remove_user(&self, company: &CompanyId, id: &ProviderUserId) -> Result<bool, StoreError> {
        let mut state = self.reach("removing a user")?;
        Ok(state.users.remove(&(company.clone(), id.clone())).is_some())
    }

    async fn list_users(&self, company: &CompanyId, part: Part) -> Result<Vec<User>, StoreError> {
        let state = self.reach("listing users")?;
        Ok(cut(state.users.values().filter(|user| user.company == *company).cloned(), part))
    }

    async fn list_rooms(
        &self,
        company: &CompanyId,
        member: Option<&ProviderUserId>,
        part: Part,
    ) -> Result<Vec<RoomState>, StoreError> {
        let state = self.reach("listing rooms")?;
        let rooms = state.rooms.values().rev().flatten().filter(|room| room.company == *company);
        let wanted = rooms.filter(|room| member.is_none_or(|member| room.member(member).is_some()));
        Ok(cut(wanted.filter_map(|room| state.with_session(&room.id)), part))
    }

    async fn replace_members(&self, room: &RoomRef, read: &[Member], new: &[Member]) -> Result<(), StoreError> {
        let mut state = self.reach("changing who is in a room")?;
        let kept = |member: &Member| member.link.is_some_and(|link| read.iter().any(|was| was.link == Some(link)));
        let added: Vec<_> = new.iter().filter(|member| !kept(member)).collect();
        if added.iter().any(|member| member.link.is_some_and(|link| state.links.contains_key(&link.hash))) {
            return Err(StoreError::Conflict);
        }
        let found = state.rooms.get_mut(room).and_then(Option::as_mut).filter(|found| found.members == read);
        found.ok_or(StoreError::Conflict)?.members = new.to_vec();
        state.links.retain(|hash, (of, _)| {
            of != room || new.iter().any(|member| member.link.is_some_and(|link| link.hash == *hash))
        });
        for member in added {
            if let Some(link) = member.link {
                state.links.insert(link.hash, (room.clone(), member.user.clone()));
            }
        }
        Ok(())
    }

    async fn session(&self, company: &CompanyId, id: &SessionId) -> Result<Option<Session>, StoreError> {
        let state = self.reach("reading a session")?;
        Ok(state.sessions.get(id).filter(|session| state.owner(&session.room) == Some(company)).cloned())
    }

    async fn list_sessions(
        &self,
        company: &CompanyId,
        filter: &SessionFilter,
        part: Part,
    ) -> Result<Vec<Session>, StoreError> {
        let state = self.reach("listing sessions")?;
        let wanted = |session: &&Session| {
            state.owner(&session.room) == Some(company)
                && filter.room.as_ref().is_none_or(|room| session.room == *room)
                && filter.user.as_ref().is_none_or(|user| session.people.contains(user))
                && filter.after.is_none_or(|after| session.opened > after)
                && filter.before.is_none_or(|before| session.opened < before)
        };
        let mut found: Vec<_> = state.sessions.values().filter(wanted).cloned().collect();
        found.sort_by(|one, other| (other.opened, &other.id).cmp(&(one.opened, &one.id)));
        Ok(cut(found.into_iter(), part))
    }

    async fn list_connection_events(
        &self,
        session: &SessionId,
        part: Part,
    ) -> Result<Vec<ConnectionEvent>, StoreError> {
        let state = self.reach("listing connection events")?;
        let events = state.events.range((session.clone(), 0)..=(session.clone(), u32::MAX));
        Ok(cut(events.rev().map(|(_, event)| event.clone()), part))
    }
}

pub(super) fn cut<T>(items: impl Iterator<Item = T>, part: Part) -> Vec<T> {
    items.skip(part.offset as usize).take(part.limit as usize).collect()
}
