//! The activity log, which only v1 has (contract §7.11).

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    CallType, Client, Error, Malformed, Recording, RoomId, UserId,
    answer::{FromAnswer, Object},
    open_enum::open_enum,
    operation as op,
    session::date,
};

open_enum!(
    /// What happened.
    ActivityType {
        /// A user came online.
        Connection = "user_connection",
        /// A user went offline.
        Disconnection = "user_disconnection",
        /// A user started a call.
        StartCall = "user_start_call",
        /// A user was called.
        DialIncoming = "user_dial_incoming",
        /// A user did not answer in time.
        DialTimeout = "user_dial_timeout",
        /// A user answered.
        Answer = "user_answer",
        /// A user hung up.
        Hangup = "user_hangup",
        /// A user entered a call.
        CallIn = "user_call_in",
        /// A user left a call.
        CallOut = "user_call_out",
        /// A user's room ended.
        RoomEnded = "user_room_ended",
    }
);

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// What.
    pub activity_type: ActivityType,
    /// When.
    pub creation_date: Option<Timestamp>,
    /// To whom.
    pub user_id: Option<UserId>,
    /// In which room.
    pub room: Option<ActivityRoom>,
}

/// The room of an activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityRoom {
    /// The room.
    pub room_id: Option<RoomId>,
    /// Whether it is recorded.
    pub recording: Option<Recording>,
    /// Its people.
    pub users: Vec<UserId>,
    /// Who called.
    pub initiator: Option<UserId>,
    /// What media the call starts with.
    pub call_type: Option<CallType>,
}

impl FromAnswer for Activity {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let activity = Object::of(answer, "activities")?;
        Ok(Activity {
            activity_type: activity.id(&["activity_type"])?,
            creation_date: activity.moment(&["creation_date"])?,
            user_id: activity.text(&["user_alias", "user_id"])?,
            room: activity.value(&["room"])?,
        })
    }
}

impl FromAnswer for ActivityRoom {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let room = Object::of(answer, "room")?;
        Ok(ActivityRoom {
            room_id: room.text(&["room_alias", "room_id"])?,
            recording: Recording::read(room)?,
            users: room.texts(&["users"])?,
            initiator: room.text(&["initiator"])?,
            call_type: room.text(&["call_type"])?,
        })
    }
}

/// Which activities to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActivityFilter {
    /// How many to return at most; the service's default if `None`.
    pub limit: Option<u32>,
    /// How many to leave out first.
    pub skip: Option<u32>,
    /// Those from this moment on.
    pub from: Option<Timestamp>,
    /// Those until this moment.
    pub to: Option<Timestamp>,
    /// Those of this kind.
    pub activity_type: Option<ActivityType>,
    /// Those of this user.
    pub user_id: Option<UserId>,
    /// Those in this room.
    pub room_id: Option<RoomId>,
}

impl Client {
    /// Lists what happened (contract §7.11). v1 only.
    pub async fn activities(&self, filter: &ActivityFilter) -> Result<Vec<Activity>, Error> {
        let number = |number: Option<u32>| number.map(|number| number.to_string());
        self.call(op::LIST_ACTIVITIES, &[])?
            .maybe("filter[limit]", number(filter.limit).as_deref())
            .maybe("filter[skip]", number(filter.skip).as_deref())
            .maybe("filter[date_from]", date(filter.from).as_deref())
            .maybe("filter[date_to]", date(filter.to).as_deref())
            .maybe("filter[activity_type]", filter.activity_type.as_ref().map(ActivityType::as_str))
            .maybe("filter[user_alias]", filter.user_id.as_ref().map(UserId::as_str))
            .maybe("filter[room_alias]", filter.room_id.as_ref().map(RoomId::as_str))
            .read(|answer| Object::of(answer, "answer")?.required_list(&["activities"]))
            .await
    }
}
