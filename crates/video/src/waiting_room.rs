//! Who has to be let in by a host, and who was.

use std::{sync::Arc, time::Duration};

use domain::ProviderUserId;
use jiff::Timestamp;
use ports::{
    content::AdmissionStore,
    rooms::{Member, RoomState, RoomStore, Session},
    teleconsultations::StoreError,
};

/// How long an admission lasts if no session begins.
pub const ADMISSION_MAX: Duration = Duration::from_hours(24);

/// The waiting rooms of all rooms. Clones are the same.
#[derive(Clone)]
pub struct WaitingRooms {
    admissions: Arc<dyn AdmissionStore>,
    rooms: Arc<dyn RoomStore>,
}

impl WaitingRooms {
    /// Looks up who was admitted, and whether that still holds.
    pub fn new(admissions: Arc<dyn AdmissionStore>, rooms: Arc<dyn RoomStore>) -> Self {
        Self { admissions, rooms }
    }

    /// Whether this member may enter at this moment.
    pub async fn lets_in(&self, state: &RoomState, member: &Member, now: Timestamp) -> Result<bool, StoreError> {
        if !waits(member, &state.room.members) {
            return Ok(true);
        }
        let holding = self.holding(state, now).await?;
        Ok(holding.iter().any(|(user, _)| *user == member.user))
    }

    /// Those whose admission holds, and when it was given.
    pub async fn holding(
        &self,
        state: &RoomState,
        now: Timestamp,
    ) -> Result<Vec<(ProviderUserId, Timestamp)>, StoreError> {
        let mut admissions = self.admissions.admissions(&state.room.id).await?;
        if admissions.is_empty() {
            return Ok(admissions);
        }
        let last = match &state.session {
            Some(session) => Some(session.clone()),
            None => self.rooms.sessions(&state.room.id, 1).await?.into_iter().next(),
        };
        admissions.retain(|(_, given)| holds(*given, last.as_ref(), now));
        Ok(admissions)
    }
}

/// Whether somebody has to be let in where there are waiting rooms: admins have not, and where nobody is an admin, nobody could let
/// anybody in.
pub fn waits(member: &Member, members: &[Member]) -> bool {
    !member.admin && members.iter().any(|other| other.admin)
}

/// Whether an admission still holds: it ends with the session, or after [`ADMISSION_MAX`] if none began since. `last` is the room's
/// latest session, be it under way or over. Nothing has to be written for an admission to end, so none outlives a crash.
fn holds(given: Timestamp, last: Option<&Session>, now: Timestamp) -> bool {
    match last.map(|session| session.ended) {
        // Under way.
        Some(None) => true,
        Some(Some(ended)) if ended >= given => false,
        Some(Some(_)) | None => {
            let age = now.duration_since(given);
            age.is_negative() || Duration::try_from(age).is_ok_and(|age| age < ADMISSION_MAX)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, member, room};

    fn session(opened: u64, ended: Option<u64>) -> Session {
        let (session, _) = room("room", &["anna", "bert"]);
        Session { opened: at(opened), ended: ended.map(at), running: None, ..session }
    }

    #[test]
    fn an_admission_ends_with_the_session_or_after_a_day() {
        let day = 24 * 3600;
        assert!(holds(at(100), None, at(100 + day - 1)));
        assert!(!holds(at(100), None, at(100 + day)));
        assert!(holds(at(100), None, at(50)), "a clock that is set back ends none");
        let before = session(10, Some(50));
        assert!(holds(at(100), Some(&before), at(100 + day - 1)));
        assert!(!holds(at(100), Some(&before), at(100 + day)));
        assert!(holds(at(100), Some(&session(110, None)), at(100 + 2 * day)), "while it is under way");
        assert!(!holds(at(100), Some(&session(110, Some(120))), at(121)));
    }

    #[test]
    fn admins_wait_never_and_where_nobody_is_one_nobody_waits() {
        let host = Member { admin: true, ..member("anna") };
        let guest = member("bert");
        assert!(waits(&guest, &[host.clone(), guest.clone()]));
        assert!(!waits(&host, &[host.clone(), guest.clone()]));
        assert!(!waits(&guest, &[member("anna"), guest.clone()]));
    }
}
