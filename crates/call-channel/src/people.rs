//! The people of a room.

use std::{collections::BTreeMap, time::Duration};

use domain::{FullName, ProviderUserId, Tools};
use jiff::Timestamp;
use ports::{content::QualityMinute, rooms::Member};

use crate::{
    bucket::Turns,
    limits::{AWAY_MAX, KNOCK_MAX},
    room::ConnectionId,
    wire::{CheckView, Moment, PersonView, Quality, QualityReport, Stage},
};

/// What a room says of one of its people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Who.
    pub user: ProviderUserId,
    /// Whether they may act on others.
    pub admin: bool,
    /// What they may use.
    pub tools: Tools,
    /// Shown to the others.
    pub display_name: Option<FullName>,
}

impl From<&Member> for Facts {
    fn from(member: &Member) -> Self {
        let Member { user, admin, tools, display_name, .. } = member.clone();
        Self { user, admin, tools, display_name }
    }
}

/// Somebody in the room, here or not.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and what they come to is `stage`")]
pub struct Person {
    pub facts: Facts,
    /// Their page, if it is open.
    pub connection: Option<ConnectionId>,
    /// Whether it was told what there is; before, it is told nothing.
    pub welcomed: bool,
    /// Whether it was ever told what there is.
    pub was_welcomed: bool,
    /// Whether a welcome is on its way.
    pub welcome_asked: bool,
    /// Whether the media engine has them.
    pub in_media: bool,
    /// When a host let them in.
    pub admitted: Option<Timestamp>,
    pub knocked: bool,
    /// Since when no page is open.
    pub gone_since: Option<Timestamp>,
    pub stage: Stage,
    pub since: Option<Timestamp>,
    pub hand: Option<Timestamp>,
    pub check: Option<CheckView>,
    pub quality: Quality,
    /// What was measured in the minute under way.
    pub minute: Option<QualityMinute>,
    pub turns: Turns,
    /// When the media engine is asked again to disconnect them.
    pub remove_again: Option<Timestamp>,
    /// To be told with the next change of stage, or as soon as they are here.
    pub note: Option<Note>,
    /// What admins were told of them.
    pub told: Option<PersonView>,
}

/// Why somebody's stage changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub message: Option<String>,
    pub removed: bool,
}

pub type People = BTreeMap<ProviderUserId, Person>;

impl Person {
    pub fn new(facts: Facts, now: Timestamp) -> Self {
        Self {
            facts,
            connection: None,
            welcomed: false,
            was_welcomed: false,
            welcome_asked: false,
            in_media: false,
            admitted: None,
            knocked: false,
            gone_since: None,
            stage: Stage::Away,
            since: None,
            hand: None,
            check: None,
            quality: Quality::Unknown,
            minute: None,
            turns: Turns::new(now),
            remove_again: None,
            note: None,
            told: None,
        }
    }

    /// How far they are, in a room in which they have to be let in or not.
    pub fn stage_now(&self, waits: bool) -> Stage {
        let may_enter = !waits || self.admitted.is_some();
        match (self.in_media, self.connection) {
            (true, _) if may_enter => Stage::In,
            (_, Some(_)) if may_enter => Stage::Admitted,
            // Also without a page: a phone is locked, and whoever opens the door should know.
            (_, _) if self.knocked && !may_enter => Stage::Waiting,
            (_, None) => Stage::Away,
            (_, Some(_)) => Stage::Lobby,
        }
    }

    /// Whether the room's content is theirs to see at this moment.
    pub fn is_admitted(&self) -> bool {
        self.stage.is_admitted()
    }

    /// Whether they act on others at this moment.
    pub fn is_host(&self) -> bool {
        self.facts.admin && self.is_admitted()
    }

    /// Whether the media engine has them although they would have to be let in first, where there is a waiting room.
    pub fn is_in_unasked(&self) -> bool {
        self.in_media && !self.facts.admin && self.admitted.is_none()
    }

    /// Their page, if it was told what there is.
    pub fn listens(&self) -> Option<ConnectionId> {
        self.connection.filter(|_| self.welcomed)
    }

    /// As admins see them.
    pub fn view(&self) -> PersonView {
        PersonView {
            user_id: self.facts.user.to_string(),
            display_name: self.facts.display_name.as_ref().map(|name| name.as_str().to_owned()),
            is_admin: self.facts.admin,
            stage: self.stage,
            since: self.since.map(Moment),
            away_since: self.gone_since.filter(|_| self.stage == Stage::Waiting).map(Moment),
            hand_raised_at: self.hand.map(Moment),
            check: self.check.clone(),
            quality: self.quality,
        }
    }

    /// When their raised hand is to be forgotten.
    pub fn hand_ends(&self) -> Option<Timestamp> {
        self.gone_since.filter(|_| self.hand.is_some() && !self.in_media).map(|since| since + AWAY_MAX)
    }

    /// When their knock is to be forgotten.
    pub fn knock_ends(&self) -> Option<Timestamp> {
        self.gone_since.filter(|_| self.knocked && !self.in_media).map(|since| since + KNOCK_MAX)
    }

    /// When the minute is over in which something was measured.
    pub fn minute_ends(&self) -> Option<Timestamp> {
        self.minute.map(|minute| minute.minute + Duration::from_mins(1))
    }

    /// Takes a measurement in. Returns the minute before, if this one begins another.
    pub fn measured(&mut self, report: &QualityReport, now: Timestamp) -> Option<QualityMinute> {
        let minute = minute_of(now);
        let worst = match report.quality {
            Quality::Lost => 0,
            Quality::Weak => 1,
            Quality::Good | Quality::Unknown => 2,
        };
        let QualityReport { round_trip_ms, loss, uplink_kbps, downlink_kbps, .. } = *report;
        let new = QualityMinute { minute, worst, round_trip_ms, loss, uplink_kbps, downlink_kbps };
        let before = match self.minute.take() {
            Some(same) if same.minute == minute => {
                self.minute = Some(worse(same, new));
                return None;
            }
            before => before,
        };
        self.minute = Some(new);
        before
    }
}

/// As others see them who are no admins.
pub fn for_others(view: &PersonView) -> PersonView {
    PersonView { check: None, ..view.clone() }
}

fn worse(one: QualityMinute, other: QualityMinute) -> QualityMinute {
    let least = |a: Option<u32>, b: Option<u32>| a.into_iter().chain(b).min();
    QualityMinute {
        minute: one.minute,
        worst: one.worst.min(other.worst),
        round_trip_ms: one.round_trip_ms.max(other.round_trip_ms),
        loss: one.loss.max(other.loss),
        uplink_kbps: least(one.uplink_kbps, other.uplink_kbps),
        downlink_kbps: least(one.downlink_kbps, other.downlink_kbps),
    }
}

/// The beginning of a moment's minute.
pub fn minute_of(now: Timestamp) -> Timestamp {
    let second = now.as_second();
    // Rounding down towards the past stays within what a timestamp can say, but for its very first minute.
    Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_minute_keeps_the_worst_of_it() {
        let mut person = Person::new(
            Facts {
                user: ProviderUserId::parse("anna").unwrap(),
                admin: false,
                tools: Tools::all(),
                display_name: None,
            },
            at(0),
        );
        let report = |quality, round_trip_ms, uplink_kbps| QualityReport {
            quality,
            round_trip_ms,
            loss: None,
            uplink_kbps,
            downlink_kbps: None,
        };
        assert_eq!(person.measured(&report(Quality::Good, Some(10), None), at(61)), None);
        assert_eq!(person.measured(&report(Quality::Lost, None, Some(300)), at(62)), None);
        assert_eq!(person.measured(&report(Quality::Weak, Some(90), Some(500)), at(119)), None);
        let kept = person.measured(&report(Quality::Good, None, None), at(120)).unwrap();
        assert_eq!((kept.minute, kept.worst, kept.round_trip_ms, kept.uplink_kbps), (at(60), 0, Some(90), Some(300)));
    }
}
