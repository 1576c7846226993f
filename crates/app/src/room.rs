//! Asking the provider for a room without ever leaving one behind.
//!
//! 1. A [`RoomCleanup`] for the room, the guard, is written with a due time in the future.
//! 2. The provider is asked for the room.
//! 3. One write gives the teleconsultation the room and ends the guard. It is refused if the guard came due and its work has begun.
//!
//! Killed between any two of these, or losing the race in 3, the guard comes due and [`crate::finish_due_cleanups`] deletes the
//! room, unless the teleconsultation has it after all.

use std::time::Duration;

use domain::{DURATION_FINITE_MAX, OpenRoom, Role, RoomKey, Teleconsultation, TeleconsultationId};
use jiff::{SignedDuration, Timestamp};
use ports::{
    Deferred,
    provider::{ProviderError, Recording, RoomOpened, RoomParticipant, RoomSpec, UserSpec},
    teleconsultations::{CleanupChange, RoomCleanup, StoreError},
};

use crate::{Ctx, Policy, cleanup::lift, moment::later};

/// How long after its guard was written a room that nobody took is deleted: longer than any request lives, so that hardly one has to
/// ask for a second room.
pub const ROOM_GUARD: SignedDuration = SignedDuration::from_secs(60);

/// The room that a teleconsultation needs, all but its key. Two teleconsultations that need the same can keep one room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedRoom {
    participants: Vec<RoomParticipant>,
    duration: Option<Duration>,
    live: bool,
    recording: Recording,
}

impl WantedRoom {
    /// `None` while somebody is not known: then there is no room.
    pub(crate) fn of(teleconsultation: &Teleconsultation, policy: &Policy) -> Option<Self> {
        if !teleconsultation.roster.is_complete() {
            return None;
        }
        let mut participants: Vec<_> = teleconsultation
            .roster
            .known()
            .iter()
            .map(|participant| RoomParticipant {
                user: participant.provider_user.clone(),
                admin: participant.role == Role::Plus,
                tools: *policy.privileges.tools_of(participant.role),
                display_name: participant.full_name.clone(),
                language: participant.language.clone(),
            })
            .collect();
        // The order in which people were listed makes no other room.
        participants.sort_by(|a, b| a.user.cmp(&b.user));
        // One from before lengths were enforced may be longer than the provider makes rooms for.
        let length = teleconsultation.schedule.duration().min(DURATION_FINITE_MAX);
        // A checked schedule lasts at least five minutes, so its seconds are positive.
        let seconds = u64::try_from(length.as_secs()).unwrap_or(0);
        Some(Self {
            participants,
            duration: (!policy.unlimited).then(|| Duration::from_secs(seconds)),
            live: policy.live,
            recording: policy.recording,
        })
    }

    /// Its people as the provider must know them.
    pub(crate) fn users(&self) -> Vec<UserSpec> {
        let user = |participant: &RoomParticipant| UserSpec {
            id: participant.user.clone(),
            role: if participant.admin { Role::Plus } else { Role::Basic },
            language: participant.language.clone(),
        };
        self.participants.iter().map(user).collect()
    }

    fn spec(&self, key: RoomKey) -> RoomSpec {
        RoomSpec {
            key,
            participants: self.participants.clone(),
            duration: self.duration,
            live: self.live,
            recording: self.recording,
        }
    }
}

/// A room that exists at the provider and belongs to nobody yet; its guard is on disk.
pub(crate) struct PreparedRoom {
    wanted: WantedRoom,
    key: RoomKey,
    opened: RoomOpened,
}

impl PreparedRoom {
    /// Whether it is what a teleconsultation needs.
    pub(crate) fn fits(&self, wanted: &WantedRoom) -> bool {
        self.wanted == *wanted
    }

    /// The teleconsultation with this room, and the change that ends the room's guard in the same write.
    pub(crate) fn given_to(&self, teleconsultation: Teleconsultation) -> (Teleconsultation, CleanupChange) {
        let room = OpenRoom { key: self.key.clone(), room: self.opened.room.clone() };
        (teleconsultation.with_room(room, self.opened.links.clone()), CleanupChange::KeepRoom(self.key.clone()))
    }

    /// The cleanup to do if nobody takes it.
    pub(crate) fn cleanup(&self, teleconsultation: &TeleconsultationId, due: Timestamp) -> RoomCleanup {
        RoomCleanup {
            key: self.key.clone(),
            room: Some(self.opened.room.clone()),
            teleconsultation: teleconsultation.clone(),
            due,
            attempts: 0,
            begun: true,
        }
    }
}

/// That the room of a key is deleted unless it is taken into use in time; it is on disk.
pub(crate) struct Guard {
    key: RoomKey,
}

impl Guard {
    /// Writes the guard of a new room.
    pub(crate) async fn write(ctx: &Ctx, id: &TeleconsultationId) -> Result<Self, StoreError> {
        let (guard, cleanup) = Self::new(ctx, id);
        ctx.store.change_cleanups(&[CleanupChange::Record(cleanup)]).await?;
        Ok(guard)
    }

    /// As [`Self::write`], where the store may leave it to a later write.
    pub(crate) async fn defer(ctx: &Ctx, id: &TeleconsultationId) -> Result<(Self, Deferred), StoreError> {
        let (guard, cleanup) = Self::new(ctx, id);
        let deferred = ctx.store.defer_cleanups(&[CleanupChange::Record(cleanup)]).await?;
        Ok((guard, deferred))
    }

    fn new(ctx: &Ctx, id: &TeleconsultationId) -> (Self, RoomCleanup) {
        let now = ctx.clock.now();
        let key = RoomKey::of(id, now, ctx.chance.bytes());
        let cleanup = RoomCleanup {
            key: key.clone(),
            room: None,
            teleconsultation: id.clone(),
            due: later(now, ROOM_GUARD),
            attempts: 0,
            begun: false,
        };
        (Self { key }, cleanup)
    }

    /// Asks for the room, for which everyone must be a user. If the provider fails, the guard stays: a request that seemed to fail may
    /// have had its effect.
    pub(crate) async fn open_room(self, ctx: &Ctx, wanted: WantedRoom) -> Result<PreparedRoom, ProviderError> {
        let Self { key } = self;
        match ctx.provider.ensure_room(&wanted.spec(key.clone())).await {
            Ok(opened) => Ok(PreparedRoom { wanted, key, opened }),
            Err(error) => Err(Self { key }.failed(ctx, error).await),
        }
    }

    /// As [`Self::open_room`], for a guard that was deferred. The room is there with the write that is given the rest.
    pub(crate) async fn open_room_after(
        self,
        before: Deferred,
        ctx: &Ctx,
        wanted: WantedRoom,
    ) -> Result<(PreparedRoom, Deferred), ProviderError> {
        let Self { key } = self;
        match ctx.provider.ensure_room_after(before, &wanted.spec(key.clone())).await {
            Ok((opened, deferred)) => Ok((PreparedRoom { wanted, key, opened }, deferred)),
            Err(error) => Err(Self { key }.failed(ctx, error).await),
        }
    }

    /// A guard is of no use where there can be no room. With a provider that is down, each would cost a search once it is back.
    async fn failed(self, ctx: &Ctx, error: ProviderError) -> ProviderError {
        if error.nothing_was_done() {
            lift(ctx, &self.key).await;
        }
        error
    }
}
