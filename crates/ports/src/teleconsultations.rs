//! The store of teleconsultations, of the people in them, and of what is still to be done at the provider.

mod listing;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use domain::{ParticipantId, ProviderUserId, RoomKey, RoomRef, Teleconsultation, TeleconsultationId};
use jiff::Timestamp;

pub use listing::{LISTED_MAX, ListPlace, Listed, StartingBetween};

use crate::{Caller, Deferred};

/// Counts the changes of one record. A change names the version that it was decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u64);

/// Why a store did not do what it was asked, by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The record was changed or removed since it was read: read again and decide again.
    #[error("the record was changed by someone else")]
    Conflict,
    /// The store cannot be reached, is busy beyond its time limit, or has no space: try again later.
    #[error("the store is unavailable while {doing}")]
    Unavailable {
        /// What was being done.
        doing: &'static str,
        /// What the store said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The store holds something that cannot be read back: someone must look.
    #[error("the store holds a record that cannot be read: {what}")]
    Corrupt {
        /// Which record, without personal data.
        what: String,
    },
}

/// A room that must not outlive its use: delete it at the provider unless its teleconsultation has it.
///
/// One is written *before* a room is asked for, and goes in the same write that gives the teleconsultation that room; and one is
/// written in the same write that takes a room away. Whatever happens in between, and whatever the clock does, one room is left for
/// each complete teleconsultation and none for others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomCleanup {
    /// The room. Each room has at most one cleanup, so this is also the cleanup's name.
    pub key: RoomKey,
    /// What the provider calls it, where that is known.
    pub room: Option<RoomRef>,
    /// Whose room it is, or was to be.
    pub teleconsultation: TeleconsultationId,
    /// When to do it.
    pub due: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// Whether the room may be deleted at any moment: no teleconsultation can take it any more.
    pub begun: bool,
}

/// How far every store counts cleanups. Two hundred rooms that wait to be deleted alarm as much as any greater number.
pub const CLEANUPS_COUNTED_MIN: u32 = 200;

/// What is still to be done at the provider: all cleanups there are, due or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CleanupsWaiting {
    /// How many there are. A store may stop counting at [`CLEANUPS_COUNTED_MIN`].
    pub count: u64,
    /// When the first of them is due; `None` if there is none.
    pub first_due: Option<Timestamp>,
    /// How often the one of those counted that failed most often was tried.
    pub attempts_max: u32,
}

impl CleanupsWaiting {
    /// Counts these.
    pub fn of(cleanups: &[RoomCleanup]) -> Self {
        Self {
            count: cleanups.len() as u64,
            first_due: cleanups.iter().map(|cleanup| cleanup.due).min(),
            attempts_max: cleanups.iter().map(|cleanup| cleanup.attempts).max().unwrap_or_default(),
        }
    }
}

/// What happens to a [`RoomCleanup`] in the same write as a teleconsultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CleanupChange {
    /// Record it, or replace the one of the same key.
    Record(RoomCleanup),
    /// The cleanup goes, which has not begun: the teleconsultation of this write takes the room, or whoever writes this records it anew
    /// as begun. If there is none, or it has begun, the whole write is a `Conflict`: the room may be gone, or be somebody's.
    KeepRoom(RoomKey),
    /// It is no longer needed. Settling one that does not exist is not an error.
    Settle(RoomKey),
}

/// What not every store can promise. The contract suite of stores relaxes exactly this where one lacks it, and the use cases go on as
/// each field says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// A write and its changes to cleanups are one.
    ///
    /// Without it, a write that is refused because another one was faster, or whose outcome is not known, may leave the cleanups that it
    /// was to record, and one that is done may leave those that it was to take away. Either comes due, and does no harm: whoever finishes
    /// a cleanup looks first whether the teleconsultation has the room, and a store without this ability sees to it that no write
    /// decided before that look changes what was seen.
    pub atomic: bool,
    /// What is written is read back as it was.
    ///
    /// Without it, moments come back to the millisecond and within the years 0 to 9999, durations to the millisecond and, where they lead
    /// beyond that, as the end they lead to; an empty link or name of a room comes back as none. No caller can ask for more.
    pub exact: bool,
}

impl Abilities {
    /// What a database can promise.
    pub const ALL: Self = Self { atomic: true, exact: true };
}

/// Keeps teleconsultations. What a method answers with success is durable. `server` counts the calls in a decorator, which has to pass on
/// every method.
#[async_trait]
pub trait TeleconsultationStore: Send + Sync {
    /// What it can promise.
    fn abilities(&self) -> Abilities {
        Abilities::ALL
    }

    /// The same store on a caller's behalf: their headers travel on to whoever it asks. `None` if it asks nobody, so that it is the same
    /// for every caller.
    fn for_caller(&self, _caller: &Caller) -> Option<Arc<dyn TeleconsultationStore>> {
        None
    }

    /// An id for a teleconsultation to be, for [`Self::insert`]: the one proposed, or one of the store's own making. Nobody else is given
    /// it. It holds for an hour, or until a cleanup of a room for it begins; an insert is a `Conflict` after that.
    async fn reserve(&self, proposed: TeleconsultationId) -> Result<TeleconsultationId, StoreError> {
        Ok(proposed)
    }

    /// Returns `None` if there is no such teleconsultation or it was trashed: absence is an answer, not an error.
    async fn teleconsultation(
        &self,
        id: &TeleconsultationId,
    ) -> Result<Option<(Teleconsultation, Version)>, StoreError>;

    /// As [`Self::teleconsultation`], trashed ones included.
    async fn teleconsultation_or_trashed(
        &self,
        id: &TeleconsultationId,
    ) -> Result<Option<(Teleconsultation, Version)>, StoreError>;

    /// Returns the teleconsultation that has the room with this name of the provider's.
    async fn teleconsultation_of_room(&self, room: &RoomRef) -> Result<Option<Teleconsultation>, StoreError>;

    /// Returns those that begin in a span of time, in the order in which they begin and, of those of one millisecond, in that of their
    /// ids. Trashed ones are left out. Whoever follows [`Listed::next`] to the end sees each that was there all the time exactly once.
    async fn starting_between(&self, wanted: &StartingBetween) -> Result<Listed, StoreError>;

    /// A number for calendars, which take no larger ones (RFC 5545 §3.8.7.4): that of a later version is not smaller, and greater if it
    /// was made in a later second.
    fn sequence(&self, version: Version) -> i32 {
        i32::try_from(version.0).unwrap_or(i32::MAX)
    }

    /// Adds a teleconsultation, whose id was reserved, and makes the changes to cleanups, all or nothing. `Conflict` if the id exists.
    async fn insert(
        &self,
        teleconsultation: &Teleconsultation,
        cleanups: &[CleanupChange],
    ) -> Result<Version, StoreError>;

    /// As [`Self::insert`], with writes that must be on disk no later. `Conflict` also if one of those meets one: then the
    /// teleconsultation is not added, but what came before that one may be done.
    async fn insert_after(
        &self,
        before: Deferred,
        teleconsultation: &Teleconsultation,
        cleanups: &[CleanupChange],
    ) -> Result<Version, StoreError> {
        before.carry_out().await?;
        self.insert(teleconsultation, cleanups).await
    }

    /// Replaces the teleconsultation if it is still at version `read`, and makes the changes to cleanups, all or nothing.
    /// `Conflict` otherwise.
    async fn replace(
        &self,
        teleconsultation: &Teleconsultation,
        read: Version,
        cleanups: &[CleanupChange],
    ) -> Result<Version, StoreError>;

    /// Returns those of `ids` that have a user at the provider, and which.
    async fn provider_users(
        &self,
        ids: &[ParticipantId],
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError>;

    /// Records whose user is whose; somebody who has one already keeps it. Returns the users in force, for every id given.
    async fn remember_users(
        &self,
        users: &BTreeMap<ParticipantId, ProviderUserId>,
    ) -> Result<BTreeMap<ParticipantId, ProviderUserId>, StoreError>;

    /// Makes the changes to cleanups, all or nothing.
    async fn change_cleanups(&self, cleanups: &[CleanupChange]) -> Result<(), StoreError>;

    /// As [`Self::change_cleanups`], or leaves it to the write that is given what is returned.
    async fn defer_cleanups(&self, cleanups: &[CleanupChange]) -> Result<Deferred, StoreError> {
        self.change_cleanups(cleanups).await?;
        Ok(Deferred::none())
    }

    /// Returns at most `limit` cleanups that are due at `now`, the longest overdue first; a store may give fewer at once.
    async fn due_cleanups(&self, now: Timestamp, limit: u32) -> Result<Vec<RoomCleanup>, StoreError>;

    /// Returns the keys of all cleanups, due or not, for whoever must leave their rooms to them; `None` if there are more than `max`.
    async fn cleanup_keys(&self, max: u32) -> Result<Option<BTreeSet<RoomKey>>, StoreError> {
        let all = self.due_cleanups(Timestamp::MAX, max.saturating_add(1)).await?;
        let is_all = u32::try_from(all.len()).is_ok_and(|count| count <= max);
        Ok(is_all.then(|| all.into_iter().map(|cleanup| cleanup.key).collect()))
    }

    /// Says what is still to be done, for whoever watches over it. Changes nothing.
    async fn cleanups_waiting(&self) -> Result<CleanupsWaiting, StoreError>;

    /// Answers if the store can be read and written at this moment.
    async fn health(&self) -> Result<(), StoreError>;
}
