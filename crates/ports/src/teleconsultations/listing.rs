//! Lists of teleconsultations, in the order in which they begin.

use domain::{Teleconsultation, TeleconsultationId};
use jiff::Timestamp;

use super::Version;

/// The most teleconsultations of one page: the most that the CRUD Service gives (`mia-platform.md` §9.2).
pub const LISTED_MAX: u32 = 200;

/// Where a list is at: a teleconsultation, and when it began as it was listed. It need not exist any more, nor begin then.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListPlace {
    /// When it began, to the millisecond.
    pub start: Timestamp,
    /// Which.
    pub id: TeleconsultationId,
}

impl ListPlace {
    /// Where this one is listed.
    pub fn of(teleconsultation: &Teleconsultation) -> Self {
        Self { start: whole_ms(teleconsultation.schedule.start()), id: teleconsultation.id.clone() }
    }
}

/// The millisecond in which a moment is: what the order of lists goes by.
fn whole_ms(moment: Timestamp) -> Timestamp {
    // No millisecond of a moment that there is, is beyond those that there are.
    Timestamp::from_millisecond(moment.as_millisecond()).unwrap_or(moment)
}

/// Which teleconsultations are asked for: those that begin in a span of time and are not in the trash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartingBetween {
    /// From this moment on, to the millisecond.
    pub from: Timestamp,
    /// Before this moment, to the millisecond.
    pub to: Timestamp,
    /// Only those that come after this place.
    pub after: Option<ListPlace>,
    /// At most so many; a store gives no more than [`LISTED_MAX`] at once.
    pub limit: u32,
}

impl StartingBetween {
    /// Whether this one is among them, but for the limit and the trash.
    pub fn has(&self, teleconsultation: &Teleconsultation) -> bool {
        let place = ListPlace::of(teleconsultation);
        let is_after = self.after.as_ref().is_none_or(|after| place > *after);
        (whole_ms(self.from)..whole_ms(self.to)).contains(&place.start) && is_after
    }

    /// How many are given at once.
    pub fn page(&self) -> u32 {
        self.limit.clamp(1, LISTED_MAX)
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// In the order of their places.
    pub teleconsultations: Vec<(Teleconsultation, Version)>,
    /// Where the next page begins after; `None`: there is none. The next page may turn out to be empty.
    pub next: Option<ListPlace>,
    /// How many of this page cannot be read and are left out; the store's log says which. One damaged record does not hide all others.
    pub unreadable: u32,
}
