//! The rooms and broadcasts of one user, in v1's own lists (contract §7.2).

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    BroadcastId, Client, Error, Malformed, RoomId, UserId,
    answer::{FromAnswer, Object},
    operation as op,
};

/// A part of a user's list. Unlike other lists, this one has no limit unless one is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UserListRange {
    /// How many to return at most; `0`: all.
    pub limit: u32,
    /// How many to leave out first.
    pub skip: u32,
}

/// A room in a user's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomOfUser {
    /// The room.
    pub room_id: RoomId,
    /// When it was created.
    pub creation_date: Option<Timestamp>,
    /// Whether its links were withdrawn.
    pub disabled: bool,
}

impl FromAnswer for RoomOfUser {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let room = Object::of(answer, "room_list")?;
        Ok(RoomOfUser {
            room_id: room.id(&["room_id", "id"])?,
            creation_date: room.moment(&["creation_date", "creationDate"])?,
            disabled: room.flag(&["disabled"])?.unwrap_or(false),
        })
    }
}

/// A broadcast in a user's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroadcastOfUser {
    /// The broadcast.
    pub broadcast_id: BroadcastId,
    /// When it was created.
    pub creation_date: Option<Timestamp>,
}

impl FromAnswer for BroadcastOfUser {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let broadcast = Object::of(answer, "broadcast_list")?;
        Ok(BroadcastOfUser {
            broadcast_id: broadcast.id(&["broadcast_id", "id"])?,
            creation_date: broadcast.moment(&["creation_date", "creationDate"])?,
        })
    }
}

impl Client {
    /// Lists the rooms of a user; none if there is no such user (contract §7.2). v1 only.
    pub async fn rooms_of_user(&self, user: &UserId, range: UserListRange) -> Result<Vec<RoomOfUser>, Error> {
        self.call(op::LIST_ROOMS_OF_USER, &[user.as_str()])?
            .query("filter[limit]", &range.limit.to_string())
            .query("filter[skip]", &range.skip.to_string())
            .read(|answer| Object::of(answer, "answer")?.required_list(&["room_list"]))
            .await
    }

    /// Lists the broadcasts of a user (contract §7.2). v1 only.
    pub async fn broadcasts_of_user(&self, user: &UserId, range: UserListRange) -> Result<Vec<BroadcastOfUser>, Error> {
        self.call(op::LIST_BROADCASTS_OF_USER, &[user.as_str()])?
            .query("filter[limit]", &range.limit.to_string())
            .query("filter[skip]", &range.skip.to_string())
            .read(|answer| Object::of(answer, "answer")?.required_list(&["broadcast_list"]))
            .await
    }
}
