//! Broadcasts, which only v1 has (contract §7.4).

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::{
    AccessLink, BroadcastId, Client, DownloadUrl, Error, LinkValidity, Malformed, Page, PageRequest, PersonalText,
    SessionId, UserId,
    answer::{FromAnswer, Object, unwrap},
    operation as op,
    session_files::Link,
};

/// A broadcast to be created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewBroadcast {
    /// Who is on air.
    pub publisher_id: UserId,
    /// Free text.
    pub description: PersonalText,
    /// Whether it is recorded.
    #[serde(serialize_with = "zero_or_one")]
    pub record: bool,
    /// Who may also be on air: at most 6.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub panelists: Vec<Panelist>,
    /// Whether there is a chat; the service's default is yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<bool>,
}

/// Someone who may also be on air.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Panelist {
    /// The user.
    pub user_id: UserId,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn zero_or_one<S: Serializer>(flag: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(if *flag { "1" } else { "0" })
}

/// A broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broadcast {
    /// The id.
    pub id: BroadcastId,
    /// What happens in it, in the service's words.
    pub status: Option<String>,
    /// Whether it is recorded.
    pub record: Option<bool>,
    /// Whether there is a chat.
    pub chat: Option<bool>,
    /// Free text.
    pub description: Option<PersonalText>,
    /// When it was created.
    pub creation_date: Option<Timestamp>,
    /// Who is on air, where the service names them by id.
    pub publisher_id: Option<UserId>,
    /// What happened so far. Lists do not say.
    pub sessions: Vec<BroadcastSession>,
}

/// One session of a broadcast. Times are in the unit of the service, which does not say which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroadcastSession {
    /// The session.
    pub session_id: SessionId,
    /// When it began.
    pub creation_date: Option<Timestamp>,
    /// How many watched.
    pub subscribers_count: Option<u64>,
    /// How long they did, together.
    pub subscribers_connection_time: Option<u64>,
    /// How long it was on air.
    pub publish_time: Option<u64>,
    /// How long it took.
    pub total_time: Option<u64>,
}

impl FromAnswer for Broadcast {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let broadcast = Object::of(unwrap(answer, "broadcast"), "broadcast")?;
        let dial_info = broadcast.find(&["dialInfo"]).map(|info| Object::of(info, "dialInfo")).transpose()?;
        Ok(Broadcast {
            id: broadcast.id(&["id", "broadcast_id"])?,
            status: broadcast.text(&["status"])?,
            record: broadcast.flag(&["record", "recording"])?,
            chat: broadcast.flag(&["chat"])?,
            description: broadcast.text(&["description"])?,
            creation_date: broadcast.moment(&["creationDate", "creation_date"])?,
            publisher_id: broadcast.text(&["publisher_id"])?,
            sessions: dial_info.map_or(Ok(Vec::new()), |info| info.list(&["sessions"]))?,
        })
    }
}

impl FromAnswer for BroadcastSession {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let session = Object::of(answer, "sessions")?;
        Ok(BroadcastSession {
            session_id: session.id(&["session_id"])?,
            creation_date: session.moment(&["creationDate", "creation_date"])?,
            subscribers_count: session.number(&["subscribersCount"])?,
            subscribers_connection_time: session.number(&["subscribersConnTime"])?,
            publish_time: session.number(&["publishTime"])?,
            total_time: session.number(&["totalTime"])?,
        })
    }
}

/// Whether a link goes to a landing page first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Landing {
    /// Straight in.
    Direct,
    /// A page first.
    Page,
}

impl Client {
    /// Creates a broadcast (contract §7.4). v1 only.
    pub async fn create_broadcast(&self, broadcast: &NewBroadcast) -> Result<Broadcast, Error> {
        self.call(op::CREATE_BROADCAST, &[])?.json(broadcast)?.answer().await
    }

    /// Returns a user's link to a broadcast (contract §7.4). v1 only.
    pub async fn broadcast_link(
        &self,
        user: &UserId,
        broadcast: &BroadcastId,
        landing: Landing,
    ) -> Result<AccessLink, Error> {
        let direct = match landing {
            Landing::Direct => "true",
            Landing::Page => "false",
        };
        self.call(op::GET_BROADCAST_LINK, &[user.as_str()])?
            .query("broadcast_id", broadcast.as_str())
            .query("direct", direct)
            .read(|answer| Object::of(answer, "answer")?.id(&["url"]))
            .await
    }

    /// Lists broadcasts (contract §7.4). v1 only.
    pub async fn broadcasts(&self, page: PageRequest) -> Result<Page<Broadcast>, Error> {
        self.call(op::LIST_BROADCASTS, &[])?.page(page).read(|answer| Page::read(answer, &["broadcasts"])).await
    }

    /// Returns a broadcast and what happened in it (contract §7.4). v1 only.
    pub async fn broadcast(&self, broadcast: &BroadcastId) -> Result<Broadcast, Error> {
        self.call(op::GET_BROADCAST, &[broadcast.as_str()])?.answer().await
    }

    /// Returns a link to the recording of a broadcast's session (contract §7.4). v1 only.
    pub async fn broadcast_recording_link(
        &self,
        session: &SessionId,
        validity: LinkValidity,
    ) -> Result<DownloadUrl, Error> {
        let call = self.call(op::GET_BROADCAST_RECORDING, &[session.as_str()])?;
        let Link(url) = call.query("expire_time", &validity.expire_time(self.version())).answer().await?;
        Ok(url)
    }
}
