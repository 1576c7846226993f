//! The people of a room (contract §6.2, §6.5).

use serde::Serialize;
use serde_json::Value;

use crate::{
    AccessLink, Client, Error, Malformed, Page, PageRequest, RoomId, Tools, UserId,
    answer::{FromAnswer, Object, unwrap},
    operation as op,
};

/// A person to be in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewParticipant {
    /// An existing user.
    pub user_id: UserId,
    /// Whether they may act on others and start a manual recording.
    pub is_admin: bool,
    /// What they may use; `None`: everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Tools>,
}

/// A person in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// The user.
    pub user_id: UserId,
    /// Whether they may act on others.
    pub is_admin: Option<bool>,
    /// What they may use, if the service says.
    pub tools: Option<Tools>,
    /// Their personal link to the room.
    pub link: Option<AccessLink>,
}

impl FromAnswer for Participant {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let participant = Object::of(unwrap(answer, "participant"), "participant")?;
        Ok(Participant {
            user_id: participant.id(&["user_id", "user", "id"])?,
            is_admin: participant.flag(&["is_admin"])?,
            tools: participant.value(&["tools"])?,
            link: participant.text(&["url", "access_link", "link"])?,
        })
    }
}

/// What to change about a participant; `None` keeps.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ParticipantUpdate {
    /// Whether they may act on others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_admin: Option<bool>,
    /// What they may use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Tools>,
}

/// Which of a room's people to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ParticipantFilter {
    /// All.
    #[default]
    Everyone,
    /// Administrators.
    Admins,
    /// The others.
    NotAdmins,
}

impl Client {
    /// Lists a room's people (contract §6.5). v2 only.
    pub async fn participants(
        &self,
        room: &RoomId,
        filter: ParticipantFilter,
        page: PageRequest,
    ) -> Result<Page<Participant>, Error> {
        let is_admin = match filter {
            ParticipantFilter::Everyone => None,
            ParticipantFilter::Admins => Some("true"),
            ParticipantFilter::NotAdmins => Some("false"),
        };
        self.call(op::LIST_PARTICIPANTS, &[room.as_str()])?
            .maybe("is_admin", is_admin)
            .page(page)
            .read(|answer| Page::read(answer, &["participants", "partecipants"]))
            .await
    }

    /// Adds a person to a room (contract §6.5). v2 only.
    pub async fn add_participant(&self, room: &RoomId, participant: &NewParticipant) -> Result<Participant, Error> {
        self.call(op::ADD_PARTICIPANT, &[room.as_str()])?.json(participant)?.answer().await
    }

    /// Returns one of a room's people (contract §6.5). v2 only.
    pub async fn participant(&self, room: &RoomId, user: &UserId) -> Result<Participant, Error> {
        self.call(op::GET_PARTICIPANT, &[room.as_str(), user.as_str()])?.answer().await
    }

    /// Changes what one of a room's people may do (contract §6.5). v2 only. Returns them as they are then, if the service says.
    pub async fn update_participant(
        &self,
        room: &RoomId,
        user: &UserId,
        update: &ParticipantUpdate,
    ) -> Result<Option<Participant>, Error> {
        self.call(op::UPDATE_PARTICIPANT, &[room.as_str(), user.as_str()])?.json(update)?.maybe_answer().await
    }

    /// Removes a person from a room (contract §6.5). v2 only.
    pub async fn remove_participant(&self, room: &RoomId, user: &UserId) -> Result<(), Error> {
        self.call(op::REMOVE_PARTICIPANT, &[room.as_str(), user.as_str()])?.done().await
    }
}
